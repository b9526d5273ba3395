"""Checks of whole copies: both data paths, a second run, objects in parts by one request, KMS, a version."""

from __future__ import annotations

from s3_crosscopy.core.body_checksums import md5_etag
from s3_crosscopy.errors import CrossCopyError, InvalidInput
from s3_crosscopy.selftest.bench import OBJECTS, Bench, outcome_of
from s3_crosscopy.selftest.object_checks import SAME, check_copies, checks_of_copies, compared
from s3_crosscopy.selftest.object_specs import PARTS
from s3_crosscopy.selftest.seen_object import seen_or_error
from s3_crosscopy.selftest.verdicts import Check

DATA_PATHS = ("boto3", "fast")
_LARGE = {"multipart_threshold": "5MiB", "part_size": None, "preserve_etag": True}


def check_data_paths(bench: Bench) -> None:
    """Copy all objects on each data path, and compare the copies."""
    for path in DATA_PATHS:
        number = len(bench.written)
        check = Check(f"run.{path}", f"all objects, copied by {path}", "own-copies", f"{number} copied")
        result = bench.copy(OBJECTS, f"{path}/", transport=path, **_LARGE)
        if isinstance(result, InvalidInput):
            bench.leave_out([check], str(result))
            continue
        bench.judge(check, outcome_of(result))
        if isinstance(result, CrossCopyError) or not result.counts["copied"]:
            bench.leave_out((copied for _, copied in checks_of_copies(bench, path)), "nothing was copied")
        else:
            check_copies(bench, f"{path}/", path)
    number = len(bench.written)
    again = Check("run.again", "the same copy a second time", "own-copies", f"{number} skipped")
    bench.judge(again, outcome_of(bench.copy(OBJECTS, "boto3/", **_LARGE)))


def check_single_requests(bench: Bench) -> None:
    """Copy the objects in parts once more, each by one CopyObject."""
    bench.copy(OBJECTS + PARTS, "whole/", multipart_threshold="1GiB")
    for spec in bench.specs:
        if not spec.key.startswith(PARTS) or spec.name not in bench.written:
            continue
        check = Check(f"{spec.name}.whole", f"{spec.subject}, copied by one CopyObject", "copy-single", SAME)
        seen = seen_or_error(bench.dest, "whole/" + spec.key[len(PARTS) :], body=False)
        bench.judge(check, compared({"etag": md5_etag([b"".join(spec.bodies())], in_parts=False)}, seen))
