"""Runs a self-test from its beginning to the removal of all that it has made."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from s3_crosscopy.core.error_codes import not_found
from s3_crosscopy.errors import CrossCopyError, InvalidInput, PermanentFailure, S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.selftest.awkward_keys import NOT_IN_XML
from s3_crosscopy.selftest.bench import OBJECTS, Bench
from s3_crosscopy.selftest.bucket_checks import find_writer, look_at_bucket
from s3_crosscopy.selftest.copy_checks import check_data_paths, check_single_requests
from s3_crosscopy.selftest.listing_checks import check_listings
from s3_crosscopy.selftest.new_places import Places
from s3_crosscopy.selftest.object_checks import write_objects
from s3_crosscopy.selftest.object_specs import ObjectSpec, object_specs
from s3_crosscopy.selftest.own_prefix import OwnPrefix
from s3_crosscopy.selftest.refusal_checks import REQUEST_CHECKS, check_requests
from s3_crosscopy.selftest.removal import remove_all
from s3_crosscopy.selftest.resume_checks import check_resume
from s3_crosscopy.selftest.run_checks import (
    check_change,
    check_kms,
    check_mirror,
    check_owner,
    check_version,
    leave_out_large,
    put_early,
)
from s3_crosscopy.selftest.upload_checks import KILLED_UPLOADS, check_killed_uploads
from s3_crosscopy.selftest.verdicts import Check, CheckRow, SelftestVerdict

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients

STOPPED = "stopped by request"
FEW = 4
"""Connections of a client that sends one request after the other."""
CHECKS: Mapping[str, tuple[Callable[[Bench], None], ...]] = {
    "writing objects": (put_early, write_objects),
    "listings and single requests": (check_listings, check_requests),
    "copies on both data paths": (check_data_paths, check_single_requests),
    "runs": (check_owner, check_change, check_mirror, check_version, check_kms, leave_out_large),
    "runs that are killed and resumed": (check_resume, check_killed_uploads),
}
"""The checks in their order, by the line that is shown meanwhile."""


class Selftest(NamedTuple):
    """The arguments of a self-test. `access`: the arguments of `copy()` that name principals and servers."""

    places: Places
    copier: S3Clients
    reader: S3Clients | None
    access: Mapping[str, Any]
    kms_key_id: str | None = None
    skip: frozenset[str] = frozenset()

    @property
    def lister(self) -> S3Clients:
        """The principal that reads the source."""
        return self.reader or self.copier


class SelftestResult(NamedTuple):
    """The rows, and what could not be removed.

    requests: the number of own requests by API name, without those of the copies. source, dest: Region and versioning.
    stopped: why it ended early, or "".
    """

    rows: tuple[CheckRow, ...]
    left: tuple[str, ...]
    requests: Mapping[str, int]
    source: Mapping[str, str]
    dest: Mapping[str, str]
    seconds: float
    stopped: str = ""

    @property
    def ok(self) -> bool:
        """True if everything was tried that can be, nothing differs, and nothing is left."""
        differs = any(row.verdict is SelftestVerdict.DIFFERS for row in self.rows)
        return not (differs or self.left or self.stopped)


def run_selftest(selftest: Selftest, note: Callable[[str], None]) -> SelftestResult:
    """Run all checks and remove everything. Raises a CrossCopyError if nothing was written.

    Ctrl-C ends the checks, not the removal. `note` receives a line at each step.
    """
    began = time.monotonic()
    bench = open_bench(selftest)
    note(f"writing below {bench.source.url} and {bench.dest.url}")
    stopped = ""
    failure: CrossCopyError | None = None
    left: list[str] = []
    try:
        find_writers(bench, selftest)
        run_checks(bench, note)
    except KeyboardInterrupt:
        stopped = STOPPED
    except CrossCopyError as error:
        stopped, failure = str(error).partition("\n")[0], error
    finally:
        note("removing what was written")
        left = remove_everything(bench)
    if failure is not None and not (bench.rows or left):
        raise failure
    sent = sum((place.sent for place in {bench.source, bench.writer, bench.dest}), Counter[str]())
    return SelftestResult(
        tuple(bench.rows), tuple(left), sent, bench.source_state._asdict(), bench.dest_state._asdict(),
        time.monotonic() - began, stopped,
    )  # fmt: skip


def run_checks(bench: Bench, note: Callable[[str], None]) -> None:
    """Run all checks. A refused request that a check cannot do without ends this check only, and is a row."""
    for title, checks in CHECKS.items():
        note(title)
        for check in checks:
            try:
                check(bench)
            except S3Error as error:
                name = check.__name__.replace("_", "-")
                complete = Check(f"{name}.complete", f"all of: {title}", "allowed", "complete")
                bench.judge(complete, f"{error.call}: {error.status} {error.code}")


def remove_everything(bench: Bench) -> list[str]:
    """Remove what is below both prefixes; returns a line for each thing that remains."""
    keys = [spec.key for spec in bench.specs if spec.name in NOT_IN_XML]
    copies = [folder + key for folder in ("boto3/", "fast/") for key in keys]
    written = [OBJECTS + key for key in keys]
    sides = (bench.dest, bench.dest_state, copies), (bench.writer, bench.source_state, written)
    return [
        line
        for place, state, unlisted in sides
        if place.sent["PutObject"]  # the first write of each side
        for line in remove_all(place, versioned=state.versioned, unlisted=unlisted)
    ]


def specs_of(selftest: Selftest) -> tuple[ObjectSpec, ...]:
    """Return the objects of a self-test, whose longest keys are as long as S3 allows on both sides."""
    places = selftest.places
    longest = max(places.source_prefix + OBJECTS, f"{places.dest_prefix}boto3/", key=lambda text: len(text.encode()))
    return object_specs(longest, selftest.kms_key_id)


def unknown_names(selftest: Selftest) -> list[str]:
    """Return what is to be left out and is the name of nothing."""
    objects = {spec.name for spec in specs_of(selftest)}
    requests = {f"request.{row.id}" for row in REQUEST_CHECKS}
    return sorted(selftest.skip - objects - requests - {killed.name for killed in KILLED_UPLOADS})


def open_bench(selftest: Selftest) -> Bench:
    """Look at both buckets. Raises a CrossCopyError; nothing was written then."""
    places = selftest.places
    dest = _place(selftest.copier, places.dest_bucket, places.dest_prefix, "dest")
    source = _place(selftest.lister, places.source_bucket, places.source_prefix, "source")
    source_state, dest_state = look_at_bucket(source, "source"), look_at_bucket(dest, "dest")
    specs = specs_of(selftest)
    return Bench(
        source, source, dest, source_state, dest_state, selftest.access, specs, selftest.kms_key_id, selftest.skip
    )


def find_writers(bench: Bench, selftest: Selftest) -> None:
    """Find who may write and remove at the destination and at the source. Raises PermanentFailure."""
    find_writer([bench.dest], bench.dest_state, "dest")
    writers = [bench.source]
    if selftest.reader is not None:
        places = selftest.places
        writers.append(_place(selftest.copier, places.source_bucket, places.source_prefix, "source"))
    bench.writer = find_writer(writers, bench.source_state, "source")


def _place(clients: S3Clients, bucket: str, prefix: str, argument: str) -> OwnPrefix:
    try:
        return OwnPrefix(clients.s3(Bucket(bucket), FEW), bucket, prefix)
    except S3Error as error:
        if not_found(error.reason):
            raise InvalidInput(f"{argument}: there is no bucket {bucket!r}") from error
        raise PermanentFailure(f"{argument}: {error}") from error
