"""`undelete()` takes the deletes of a run back: it removes the delete markers that its report names, no others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from s3_crosscopy.api.inputs import errors_naming, expected_at
from s3_crosscopy.api.signers import make_signer
from s3_crosscopy.engine.mirror.marker_remover import BACK, remove_marker
from s3_crosscopy.engine.threads import ThreadPool
from s3_crosscopy.errors import InvalidInput, S3Error
from s3_crosscopy.model.extraneous import DestOutcome
from s3_crosscopy.model.location import Bucket, Location, parse_location
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.report.files import Files, files_at
from s3_crosscopy.report.report_reader import read_dest, read_rows

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.ports import S3

WHAT = "place"
THREADS = 16
ROWS = 1000
"""Rows that are read ahead of the requests."""
FIRST = 20
WAIT_S = 1.0


class Undeleted(NamedTuple):
    """The result of `undelete`.

    back: number of keys whose delete was taken back. left: number of the others, `first_left` the first of them with
    the reason. refused: number of those for which a request failed, `first_refused` the first errors.
    """

    bucket: str
    back: int
    left: int
    first_left: tuple[tuple[str, str], ...]
    refused: int
    first_refused: tuple[S3Error, ...]


def undelete(
    place: str | os.PathLike[str],
    *,
    session: Any = None,
    profile: str | None = None,
    endpoint_url: str | None = None,
    region_name: str | None = None,
    verify: bool | str | None = None,
    botocore_config: Mapping[str, Any] | None = None,
    expected_bucket_owner: str | None = None,
) -> Undeleted:
    """Take back what a run with `extraneous="delete"` deleted, by its report.

    A version is removed only if it is the newest of its key, a delete marker, the one that the report names, and below
    the destination that the report names. A key that was written or deleted again since then stays as it is. May be
    repeated.

    Args:
        place: the folder or `s3://` URL of a finished report.
        session: `boto3.Session` that signs the requests. None: one made from `profile`.
        profile: name of an AWS profile, in place of `session`. None: boto3's own credential chain.
        endpoint_url: URL of an S3-compatible server. None: AWS.
        region_name: Region in which to ask for the bucket's own Region. None: that of the session.
        verify: False: TLS certificates are not verified; a path: the CA bundle to verify them with. None: boto3's
            default, which verifies them.
        botocore_config: settings of `botocore.config.Config` by name. None: no settings.
        expected_bucket_owner: account id that must own the report's bucket. None: any account.

    Returns:
        How many keys are back, and which are not.

    Raises:
        InvalidInput: there is no finished report, or it names keys outside its own destination.
        S3Error: the report cannot be read.
    """
    signer = make_signer(
        session,
        profile,
        endpoint_url=endpoint_url,
        region_name=region_name,
        verify=verify,
        botocore_config=botocore_config,
    )
    name = os.fspath(place)
    report_bucket = expected_at(name, expected_bucket_owner)
    files = files_at(name, lambda bucket: signer().client(bucket), WHAT, bucket=report_bucket)
    files.check()
    with errors_naming(WHAT):
        dest = _dest(files)
        _check(_deleted(files), dest)
        return take_back(_s3(signer, dest), Bucket(dest.bucket), _deleted(files))


def take_back(s3: S3, bucket: Bucket, rows: Iterable[ReportRow]) -> Undeleted:
    """Take back the deletes of these rows, several at a time."""
    result = _Result()
    pool, waiting = ThreadPool(THREADS, "s3-undelete"), iter(rows)
    try:
        while batch := list(islice(waiting, ROWS)):
            for row in batch:
                pool.submit(partial(remove_marker, s3, bucket, row), row)
            while pool.in_flight():
                for ended in pool.reap(WAIT_S):
                    result.add(ended.token, ended.value, ended.error)
    finally:
        pool.close(0)
    return result.of(bucket)


class _Result:
    """Counts the results, and keeps the first of those that are not back."""

    def __init__(self) -> None:
        self._back = self._left = self._refused = 0
        self._first_left: list[tuple[str, str]] = []
        self._first_refused: list[S3Error] = []

    def add(self, row: Any, why: object, error: S3Error | None) -> None:
        if error is not None:
            self._refused += 1
            self._first_refused += [error] if len(self._first_refused) < FIRST else []
        elif why == BACK:
            self._back += 1
        else:
            self._left += 1
            self._first_left += [(row.dest_key, str(why))] if len(self._first_left) < FIRST else []

    def of(self, bucket: Bucket) -> Undeleted:
        first_left, first_refused = tuple(self._first_left), tuple(self._first_refused)
        return Undeleted(bucket.name, self._back, self._left, first_left, self._refused, first_refused)


def _s3(signer: Callable[[], S3Clients], dest: Location) -> S3:
    return signer().s3(Bucket(dest.bucket), THREADS)


def _dest(files: Files) -> Location:
    dest = read_dest(files, WHAT)
    if dest.endswith(" more"):
        raise InvalidInput(f"{WHAT}: is the report of several pairs; name the report of one, such as pair-0001 in it")
    return parse_location(dest, WHAT)


def _deleted(files: Files) -> Iterator[ReportRow]:
    """The rows of deleted keys that have a delete marker."""
    return (row for row in read_rows(files, WHAT) if row.outcome == DestOutcome.DELETED.value and row.marker)


def _check(rows: Iterable[ReportRow], dest: Location) -> None:
    """Read the whole report first: one that is damaged, or names keys elsewhere, takes nothing back."""
    for row in rows:
        if not row.dest_key.startswith(dest.key):
            raise InvalidInput(
                f"{WHAT}: the report is of a copy to {dest}, and names {row.dest_key!r}; nothing was taken back"
            )
