"""Which requests a copy makes, of an object and of a whole run: what the engine would do, counted instead of done.

It follows `engine.copying` (small objects), `engine.uploads` (large ones), `engine.walks` and `engine.audit`, with the
same decisions; `tests/engine/test_dry_run_plans.py` holds what a copy then asks for against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from s3_crosscopy.core.decide.comparison import needs_destination
from s3_crosscopy.core.spec import CopySpec, too_long
from s3_crosscopy.core.transfer.copy_params import PROPERTIES, Subject, needs_facts
from s3_crosscopy.core.transfer.multipart_layout import choose_part_bytes, parts_in_etag, uniform_part_bytes
from s3_crosscopy.model.dry_run import DryRunStats, SizeClass
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.operations import Side
from s3_crosscopy.model.options import MIN_PART_BYTES, CopyOptions
from s3_crosscopy.model.plan import AT_LEAST, AT_MOST, LIST, Requests
from s3_crosscopy.model.s3_limits import ARCHIVE_CLASSES, PAGE_KEYS, STANDARD

HEAD, TAGS = "HeadObject", "GetObjectTagging"
COPY, CREATE, PART, COMPLETE = "CopyObject", "CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload"
WRITES = (COPY, CREATE, PART, COMPLETE)
_IN_ORDER = (LIST, HEAD, TAGS, *WRITES)

_STAGED = ARCHIVE_CLASSES
"""Until they are completed, uploads to these classes are staged and billed as STANDARD, as are the requests for them
(User Guide, "Multipart upload and pricing")."""

_STORAGE_CLASS = next(row for row in PROPERTIES if row.name == "storage class")


def dest_class(options: CopyOptions, source_class: str) -> str:
    """The storage class of a copy."""
    return str(_STORAGE_CLASS.copy(Subject(options, source_class)).get("StorageClass", STANDARD))


def parts_of(options: CopyOptions, source: Listed) -> tuple[int, bool]:
    """How many parts an object is copied in, and whether that is certain; if not, no more than these.

    The source's own layout is kept where it is uniform, which takes the copy a HEAD to know. Its number is in the ETag.
    """
    part_bytes = choose_part_bytes(source.size, options.part_size, options.concurrency)
    chosen = -(-source.size // part_bytes)
    own = _own_parts(options, source)
    if own is None or uniform_part_bytes(source.size, own, _least_uniform(source.size, own)) is None:
        return chosen, True
    return max(own, chosen), own == chosen


def of_object(options: CopyOptions, source: Listed, *, asked: bool) -> Iterator[tuple[SizeClass, int]]:
    """The requests for one object that is copied; `asked`: its facts are known by then."""
    wanted = dest_class(options, source.storage_class)
    head = SizeClass(HEAD, Side.SOURCE, source.storage_class)
    if source.size < options.multipart_threshold:
        if needs_facts(options) and not asked:
            yield head, 1
        yield SizeClass(COPY, Side.DEST, wanted), 1
        return
    yield head, 1 if _own_parts(options, source) is None else 2
    if options.tags == "keep":
        yield SizeClass(TAGS, Side.SOURCE, source.storage_class), 1
    staged = STANDARD if wanted in _STAGED else wanted
    yield SizeClass(CREATE, Side.DEST, staged), 1
    yield SizeClass(PART, Side.DEST, staged), parts_of(options, source)[0]
    yield SizeClass(COMPLETE, Side.DEST, wanted), 1


def of_comparing(options: CopyOptions, source: Listed) -> Iterator[tuple[SizeClass, int]]:
    """A HEAD a side, where the listings do not tell whether an object changed."""
    yield SizeClass(HEAD, Side.SOURCE, source.storage_class), 1
    yield SizeClass(HEAD, Side.DEST, dest_class(options, source.storage_class)), 1


def of_asking(spec: CopySpec, source: Listed) -> Iterator[tuple[SizeClass, int]]:
    """What stands for the listings of one object and of a manifest: a HEAD of the source, and of the destination too.

    The listing that proves the copies asks for both once more. What is not at the source is not looked for elsewhere,
    nor is a key that is too long.
    """
    options = spec.options
    proofs = int(options.verification == "listing")
    yield SizeClass(HEAD, Side.SOURCE, source.storage_class or STANDARD), 1 + proofs
    looks = needs_destination(options.overwrite) + proofs
    if looks and source.modified and not too_long(spec.dest_key(source.key)):
        yield SizeClass(HEAD, Side.DEST, dest_class(options, source.storage_class)), looks


def of_run(spec: CopySpec, dry_run_stats: DryRunStats, pages: tuple[int, int]) -> tuple[Requests, ...]:
    """All requests of a run; `pages` are those that the dry run listed of the source and of the destination."""
    counted = Counter(dry_run_stats.requests)
    lists: list[Requests] = []
    if not dry_run_stats.by_key:
        lists = [
            Requests(LIST, Side.SOURCE, STANDARD, pages[0] * (1 + _proves(spec))),
            _dest_lists(spec, dry_run_stats, pages[1]),
        ]
    elif spec.single and not counted:
        counted[SizeClass(HEAD, Side.SOURCE, STANDARD)] = 1 + _proves(spec)  # for the one object, which is not there
    unsure = {PART: AT_MOST if dry_run_stats.parts_unsure else ""}
    rest = [Requests(*kind, number, unsure.get(kind.call, "")) for kind, number in counted.items()]
    rest.sort(key=lambda one: (_IN_ORDER.index(one.call), one.side is Side.DEST, one.storage_class))
    return tuple(one for one in (*lists, *rest) if one.number)


def _dest_lists(spec: CopySpec, dry_run_stats: DryRunStats, pages: int) -> Requests:
    """The pages of the destination. The listing that proves the copies meets them there too."""
    if not _proves(spec):
        return Requests(LIST, Side.DEST, STANDARD, pages)
    if not needs_destination(spec.options.overwrite):
        return Requests(LIST, Side.DEST, STANDARD, _pages(dry_run_stats.to_copy.objects), AT_LEAST)
    new = dry_run_stats.decisions.get("would_copy", {}).get("new")
    more = -(-new.objects // PAGE_KEYS) if new is not None else 0
    return Requests(LIST, Side.DEST, STANDARD, 2 * pages + more, AT_MOST if more else "")


def _pages(keys: int) -> int:
    """A listing of nothing is a page too."""
    return max(1, -(-keys // PAGE_KEYS))


def _proves(spec: CopySpec) -> bool:
    return spec.options.verification == "listing"


def _own_parts(options: CopyOptions, source: Listed) -> int | None:
    return parts_in_etag(source.etag) if options.part_size is None else None


def _least_uniform(size: int, parts: int) -> int:
    """The least part size with which so many parts can be uniform: if they are not with this one, they never are."""
    return max(-(-size // parts), MIN_PART_BYTES if parts > 1 else 1)
