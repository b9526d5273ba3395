"""Runs a self-test from its beginning to the removal of all that it has made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from s3_crosscopy.core.error_codes import not_found
from s3_crosscopy.errors import CrossCopyError, InvalidInput, PermanentFailure, S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.selftest.bench import OBJECTS, Bench
from s3_crosscopy.selftest.bucket_checks import look_at_bucket
from s3_crosscopy.selftest.copy_checks import check_data_paths, check_single_requests
from s3_crosscopy.selftest.new_places import Places
from s3_crosscopy.selftest.object_checks import write_objects
from s3_crosscopy.selftest.object_specs import object_specs
from s3_crosscopy.selftest.own_prefix import OwnPrefix
from s3_crosscopy.selftest.removal import remove_all
from s3_crosscopy.selftest.verdicts import CheckRow, SelftestVerdict

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients

FEW = 4
"""Connections of a client that sends one request after the other."""
CHECKS: tuple[Callable[[Bench], None], ...] = (write_objects, check_data_paths, check_single_requests)


class Selftest(NamedTuple):
    """The arguments of a self-test. `access`: the arguments of `copy()` that name principals and servers."""

    places: Places
    copier: S3Clients
    reader: S3Clients | None
    access: Mapping[str, Any]
    kms_key_id: str | None = None
    skip: frozenset[str] = frozenset()


class SelftestResult(NamedTuple):
    """The rows, what could not be removed, the number of own requests by API name, and why it ended early or ""."""

    rows: tuple[CheckRow, ...]
    left: tuple[str, ...]
    requests: Mapping[str, int]
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
    bench = open_bench(selftest)
    note(f"writing below {bench.source.url} and {bench.dest.url}")
    stopped = ""
    left: list[str] = []
    try:
        for check in CHECKS:
            note(check.__name__.replace("_", " "))
            check(bench)
    except KeyboardInterrupt:
        stopped = "stopped by request"
    except CrossCopyError as error:
        stopped = str(error).partition("\n")[0]
    finally:
        note("removing what was written")
        left = remove_everything(bench)
    sent = bench.source.sent + bench.writer.sent + bench.dest.sent
    return SelftestResult(tuple(bench.rows), tuple(left), Counter(sent), stopped)


def remove_everything(bench: Bench) -> list[str]:
    """Remove what is below both prefixes; returns a line for each thing that remains."""
    left = remove_all(bench.dest, versioned=bench.dest_state.versioned)
    return left + remove_all(bench.writer, versioned=bench.source_state.versioned)


def open_bench(selftest: Selftest) -> Bench:
    """Look at both buckets and find who may write at the source. Raises a CrossCopyError; nothing was written then."""
    places = selftest.places
    dest = OwnPrefix(_client(selftest.copier, places.dest_bucket, "dest"), places.dest_bucket, places.dest_prefix)
    dest_state = look_at_bucket(dest, "dest")
    lister = selftest.reader or selftest.copier
    source = OwnPrefix(_client(lister, places.source_bucket, "source"), places.source_bucket, places.source_prefix)
    source_state, writer = look_at_bucket(source, "source"), source
    longest = max(source.key(OBJECTS), dest.key("boto3/"), key=lambda text: len(text.encode()))
    specs = object_specs(longest, selftest.kms_key_id)
    return Bench(
        source, writer, dest, source_state, dest_state, selftest.access, specs, selftest.kms_key_id, selftest.skip
    )


def _client(clients: S3Clients, bucket: str, argument: str):  # type: ignore[no-untyped-def]
    try:
        return clients.s3(Bucket(bucket), FEW)
    except S3Error as error:
        if not_found(error.reason):
            raise InvalidInput(f"{argument}: there is no bucket {bucket!r}") from error
        raise PermanentFailure(f"{argument}: {error}") from error
