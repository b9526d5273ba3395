"""Checks of a copy in parts that is killed within its multipart upload, and of what its resume does with that upload.

A checkpoint is saved every ten seconds. An upload that one has recorded is continued. One that none has recorded is
found by its key and its age, and aborted, and the object is copied by a new one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from s3_crosscopy.core.body_checksums import md5_etag
from s3_crosscopy.selftest.bench import OBJECTS, Bench, outcome_of
from s3_crosscopy.selftest.killed_copy import AT_PART, AT_SAVE
from s3_crosscopy.selftest.killed_process import KILLED, CopyToKill, Sent, kill_copy, resume_copy
from s3_crosscopy.selftest.object_checks import SAME, compared
from s3_crosscopy.selftest.object_specs import PARTS, ObjectSpec
from s3_crosscopy.selftest.seen_object import seen_or_error, sha256_of
from s3_crosscopy.selftest.verdicts import Check

COPIED = "parts-uniform"
"""The object that is copied: of three parts, the last of them small."""
_FILE = "uniform"
OPTIONS: Final[dict[str, Any]] = {
    "include": [_FILE], "multipart_threshold": "5MiB", "part_size": "5MiB", "max_concurrency": 1, "transport": "boto3",
}  # fmt: skip
"""One request at a time, so that the first part is answered before the second one begins. The transport is the one
whose requests can be held and recorded, whichever data path the other copies take."""


class KilledUpload(NamedTuple):
    """A kill within an upload. requests: what the resume is to do with the upload."""

    name: str
    moment: str
    subject: str
    requests: str

    def checks(self) -> tuple[Check, ...]:
        """Return its checks in their order."""
        rows = (
            ("killed", self.subject, "open-uploads", f"{KILLED}, 1 upload with part 1"),
            ("resumed", "the same copy again, with its checkpoint", "own-copies", "1 copied"),
            ("requests", "the uploads and parts of that", "own-copies", self.requests),
            ("whole", "the object, read back", "layout", SAME),
            ("left", "incomplete uploads then", "open-uploads", "none"),
        )
        return tuple(Check(f"{self.name}.{word}", *row) for word, *row in rows)


KILLED_UPLOADS: Final = (
    KilledUpload("unrecorded-upload", AT_PART, "a copy in three parts, killed after the first",
                 "the old upload aborted, a new one with parts 1, 2, 3"),
    KilledUpload("recorded-upload", AT_SAVE, "the same, killed after a checkpoint has the upload",
                 "the same upload with parts 2, 3"),
)  # fmt: skip


def check_killed_uploads(bench: Bench) -> None:
    """Kill and resume at both moments."""
    written = [spec for spec in bench.specs if spec.name == COPIED and spec.name in bench.written]
    for killed in KILLED_UPLOADS:
        if killed.name in bench.skip:
            bench.leave_out(killed.checks(), "left out by --skip")
        elif not written:
            bench.leave_out(killed.checks(), f"{COPIED} is not there")
        else:
            _check(bench, killed, written[0])


def _check(bench: Bench, killed: KilledUpload, spec: ObjectSpec) -> None:
    folder = f"{killed.name}/"
    died, resumed, requests, whole, left = killed.checks()
    with tempfile.TemporaryDirectory(prefix="s3-crosscopy-selftest-") as place:
        copy = CopyToKill(OBJECTS + PARTS, folder, str(Path(place) / "checkpoint"), OPTIONS)
        end = kill_copy(bench, copy, killed.moment)
        uploads = _uploads(bench, folder)
        bench.judge(died, f"{end}, {_uploads_text(bench, uploads)}")
        result, sent = resume_copy(bench, copy)
    bench.judge(resumed, outcome_of(result))
    bench.judge(requests, requests_text(sent, [upload for _, upload in uploads]))
    content = {"sha256": sha256_of(spec), "size": spec.size, "etag": md5_etag(spec.bodies(), in_parts=True)}
    bench.judge(whole, compared(content, seen_or_error(bench.dest, folder + _FILE)))
    bench.judge(left, _uploads_text(bench, _uploads(bench, folder)))


def _uploads(bench: Bench, folder: str) -> list[tuple[str, str]]:
    """Return keys and ids of the incomplete uploads in a folder."""
    page = bench.dest.must("ListMultipartUploads", Prefix=bench.dest.key(folder))
    return [(row["Key"], row["UploadId"]) for row in page.get("Uploads", ())]


def _uploads_text(bench: Bench, uploads: Sequence[tuple[str, str]]) -> str:
    if not uploads:
        return "none"
    parts = " and ".join(_parts_text(bench, *upload) for upload in uploads)
    return f"{len(uploads)} upload{'s' if len(uploads) > 1 else ''} with {parts}"


def _parts_text(bench: Bench, key: str, upload_id: str) -> str:
    response = bench.dest.send("ListParts", Key=key, UploadId=upload_id)
    if response.payload is None:
        return f"ListParts: {response.outcome}"
    return numbers_text(row["PartNumber"] for row in response.payload.get("Parts", ()))


def requests_text(sent: Iterable[Sent], before: Sequence[str]) -> str:
    """Return which uploads a copy aborted and used, and which parts it copied. `before`: ids of those it found."""
    return ", ".join(_used(list(sent), before)) or "nothing"


def _used(sent: Sequence[Sent], before: Sequence[str]) -> Iterator[str]:
    if any(request.call == "AbortMultipartUpload" and request.params["UploadId"] in before for request in sent):
        yield "the old upload aborted"
    parts = [request.params for request in sent if request.call == "UploadPartCopy"]
    uploads = {params["UploadId"] for params in parts}
    for upload in sorted(uploads, key=before.__contains__, reverse=True):
        numbers = numbers_text(params["PartNumber"] for params in parts if params["UploadId"] == upload)
        yield f"{'the same upload' if upload in before else 'a new one'} with {numbers}"


def numbers_text(numbers: Iterable[int]) -> str:
    """Return the parts of an upload, each once: a request may have been repeated."""
    different = sorted(set(numbers))
    if not different:
        return "no part"
    return f"part{'s' if len(different) > 1 else ''} {', '.join(map(str, different))}"
