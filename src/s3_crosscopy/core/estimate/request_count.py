"""Counts the requests of a copy, for an object and for a whole run, without making them.

It follows `engine.transfer.single` (small objects), `engine.transfer.upload_calls` (large ones), `engine.listing` and
`engine.listing_check`; `tests/engine/test_dry_run_plans.py` compares it with the requests of a real copy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from s3_crosscopy.core.decide.comparison import needs_destination
from s3_crosscopy.core.spec import CopySpec, too_long
from s3_crosscopy.core.transfer.copy_params import PROPERTIES, Subject
from s3_crosscopy.core.transfer.etag_preservation import make_in_parts, needs_first_part
from s3_crosscopy.core.transfer.header_choice import may_need_facts
from s3_crosscopy.core.transfer.multipart_layout import choose_part_bytes, may_be_uniform, parts_in_etag
from s3_crosscopy.model.dry_run import DryRunStats, SizeClass
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.operations import Side
from s3_crosscopy.model.options import CopyOptions
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
    """Return the storage class of a copy."""
    return str(_STORAGE_CLASS.copy(Subject(options, source_class)).get("StorageClass", STANDARD))


def parts_of(options: CopyOptions, source: Listed) -> tuple[int, bool]:
    """Return the number of parts in which an object is copied, and True if that is exact; otherwise it is a maximum.

    The source's own part size is kept if it is uniform, which only the HEAD of the copy shows. The number of the
    source's parts is in its ETag.
    """
    part_bytes = choose_part_bytes(source.size, options.part_size, options.concurrency)
    chosen = -(-source.size // part_bytes)
    own = _own_parts(options, source)
    if own is None or not may_be_uniform(source.size, own):
        return chosen, True
    if own == 1:
        return 1, True
    if source.size < options.multipart_threshold:
        return own, False
    return max(own, chosen), own == chosen


def of_object(options: CopyOptions, source: Listed, *, asked: bool) -> Iterator[tuple[SizeClass, int]]:
    """Yield the requests for one object to be copied. `asked`: its HEAD is known already, or nothing needs it."""
    wanted = dest_class(options, source.storage_class)
    head = SizeClass(HEAD, Side.SOURCE, source.storage_class)
    if not make_in_parts(options)(source):
        if may_need_facts(options) and not asked:
            yield head, 1
        yield SizeClass(COPY, Side.DEST, wanted), 1
        return
    own = _own_parts(options, source)
    yield head, 1 if own is None or not needs_first_part(source) else 2
    if source.size < options.multipart_threshold and own != 1:
        yield SizeClass(COPY, Side.DEST, wanted), 1  # If the parts turn out uneven, this instead of the upload.
    if options.tags == "keep":
        yield SizeClass(TAGS, Side.SOURCE, source.storage_class), 1
    staged = STANDARD if wanted in _STAGED else wanted
    yield SizeClass(CREATE, Side.DEST, staged), 1
    yield SizeClass(PART, Side.DEST, staged), parts_of(options, source)[0]
    yield SizeClass(COMPLETE, Side.DEST, wanted), 1


def of_comparing(options: CopyOptions, source: Listed) -> Iterator[tuple[SizeClass, int]]:
    """Yield a HEAD of each side, if the listings do not show whether an object changed."""
    yield SizeClass(HEAD, Side.SOURCE, source.storage_class), 1
    yield SizeClass(HEAD, Side.DEST, dest_class(options, source.storage_class)), 1


def of_asking(spec: CopySpec, source: Listed) -> Iterator[tuple[SizeClass, int]]:
    """Yield the HEADs of source and destination that replace listings for one object, or the keys of a manifest.

    The listing check repeats both. There is no HEAD of the destination for a key that is missing at the source or is
    too long.
    """
    options = spec.options
    checks = int(options.verification == "listing")
    yield SizeClass(HEAD, Side.SOURCE, source.storage_class or STANDARD), 1 + checks
    dest_heads = needs_destination(options.overwrite) + checks
    if dest_heads and source.modified and not too_long(spec.dest_key(source.key)):
        yield SizeClass(HEAD, Side.DEST, dest_class(options, source.storage_class)), dest_heads


def of_run(spec: CopySpec, dry_run_stats: DryRunStats, pages: tuple[int, int]) -> tuple[Requests, ...]:
    """Return all requests of a run; `pages` are the numbers listed by the dry run, of source and destination."""
    counted = Counter(dry_run_stats.requests)
    lists: list[Requests] = []
    if not dry_run_stats.by_key:
        lists = [
            Requests(LIST, Side.SOURCE, STANDARD, pages[0] * (1 + _checks_listing(spec))),
            _dest_lists(spec, dry_run_stats, pages[1]),
        ]
    elif spec.single and not counted:
        counted[SizeClass(HEAD, Side.SOURCE, STANDARD)] = 1 + _checks_listing(spec)  # the single object does not exist
    unsure = WRITES if spec.options.preserve_etag else (PART,)
    bounds = dict.fromkeys(unsure, AT_MOST if dry_run_stats.parts_unsure else "")
    others = [Requests(*kind, number, bounds.get(kind.call, "")) for kind, number in counted.items()]
    others.sort(key=lambda row: (_IN_ORDER.index(row.call), row.side is Side.DEST, row.storage_class))
    return tuple(row for row in (*lists, *others) if row.number)


def _dest_lists(spec: CopySpec, dry_run_stats: DryRunStats, pages: int) -> Requests:
    """Return the pages of the destination. The listing check also lists the new copies there."""
    if not _checks_listing(spec):
        return Requests(LIST, Side.DEST, STANDARD, pages)
    if not needs_destination(spec.options.overwrite):
        return Requests(LIST, Side.DEST, STANDARD, _pages(dry_run_stats.to_copy.objects), AT_LEAST)
    new = dry_run_stats.decisions.get("would_copy", {}).get("new")
    more = -(-new.objects // PAGE_KEYS) if new is not None else 0
    return Requests(LIST, Side.DEST, STANDARD, 2 * pages + more, AT_MOST if more else "")


def _pages(keys: int) -> int:
    """Return the number of pages; an empty listing is one page."""
    return max(1, -(-keys // PAGE_KEYS))


def _checks_listing(spec: CopySpec) -> bool:
    return spec.options.verification == "listing"


def _own_parts(options: CopyOptions, source: Listed) -> int | None:
    return parts_in_etag(source.etag) if options.part_size is None else None
