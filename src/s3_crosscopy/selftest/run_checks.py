"""Checks of runs: an owner that is another one, a source that changes, a mirror and its undelete, a version, KMS."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from s3_crosscopy.api.undeleting import undelete
from s3_crosscopy.errors import CrossCopyError
from s3_crosscopy.selftest.bench import OBJECTS, Bench, outcome_of
from s3_crosscopy.selftest.refusal_checks import NOBODY
from s3_crosscopy.selftest.seen_object import seen_or_error
from s3_crosscopy.selftest.verdicts import Check


def put_early(bench: Bench) -> None:
    """Write the objects of a mirror and of a change, seconds before their checks: S3's times have no fractions."""
    for key in ("mirror/a", "mirror/b", "changed/a", "changed/b"):
        bench.writer.must("PutObject", Key=bench.writer.key(key), Body=key.encode())
    for key in ("mirror/extraneous", "mirror-beside"):
        bench.dest.must("PutObject", Key=bench.dest.key(key), Body=key.encode())


def check_owner(bench: Bench) -> None:
    """Copy with wrong expected owners: nothing may be written."""
    for name in ("expected_bucket_owner", "expected_source_bucket_owner"):
        result = bench.copy("mirror/", "owner/", **{name: NOBODY})
        refused = isinstance(result, CrossCopyError) or not result.counts["copied"]
        check = Check(f"run.{name}", f"a copy with a wrong {name}", "own-copies", "nothing copied")
        bench.judge(check, "nothing copied" if refused else outcome_of(result))


def check_change(bench: Bench) -> None:
    """Copy, change one source object, and copy again: only that one is copied."""
    first = bench.copy("changed/", "changed/")
    bench.judge(Check("run.first", "a copy of two objects", "own-copies", "2 copied"), outcome_of(first))
    bench.writer.must("PutObject", Key=bench.writer.key("changed/b"), Body=b"changed, and longer")
    check = Check("run.changed", "the same after one of them changed", "own-copies", "1 copied 1 skipped")
    bench.judge(check, outcome_of(bench.copy("changed/", "changed/")))


def check_mirror(bench: Bench) -> None:
    """Delete an extraneous key below the own prefix and nothing else, and take that back where there are versions."""
    with tempfile.TemporaryDirectory(prefix="s3-crosscopy-selftest-") as folder:
        report = str(Path(folder) / "report")
        versions = bench.dest_state.versioning == "Enabled"
        options: dict[str, Any] = {"report": report, "max_delete": "50%", "permanent_delete": not versions}
        result = bench.copy("mirror/", "mirror/", extraneous="delete", **options)
        bench.judge(Check("run.mirror", "a mirror of two objects", "own-copies", "2 copied"), outcome_of(result))
        _judge_there(bench, "mirror.extraneous", "the extraneous key", "mirror/extraneous", "404")
        _judge_there(bench, "mirror.beside", "a key beside the mirror", "mirror-beside", "there")
        back = Check("mirror.undelete", "undelete of the extraneous key", "delete-marker", "1 back")
        if not versions:
            bench.leave_out([back], "the destination's bucket has no versioning")
            return
        bench.judge(back, _undelete(bench, report))
        _judge_there(bench, "mirror.back", "the extraneous key after undelete", "mirror/extraneous", "there")


def _judge_there(bench: Bench, name: str, subject: str, key: str, expected: str) -> None:
    response = bench.dest.send("HeadObject", Key=bench.dest.key(key))
    seen = "there" if response.error is None else response.outcome
    bench.judge(Check(name, subject, "own-copies", expected), seen)


def _undelete(bench: Bench, report: str) -> str:
    access = {name: value for name, value in bench.access.items() if name not in ("source_profile", "source_session")}
    try:
        undeleted = undelete(report, **access)
    except CrossCopyError as error:
        return str(error)
    return f"{undeleted.back} back"


def check_version(bench: Bench) -> None:
    """Copy the first of two versions of a source object."""
    check = Check("run.version", "a copy of an older version", "versions", "the older version")
    if bench.source_state.versioning != "Enabled":
        bench.leave_out([check], "the source's bucket has no versioning")
        return
    key = bench.writer.key("versions/a")
    older = bench.writer.must("PutObject", Key=key, Body=b"older version")["VersionId"]
    bench.writer.must("PutObject", Key=key, Body=b"newer")
    result = bench.copy("versions/a", "versions/a", source_version_id=older)
    seen = seen_or_error(bench.dest, "versions/a")
    if isinstance(seen, str):
        bench.judge(check, f"{outcome_of(result)}, {seen}")
    else:
        bench.judge(check, "the older version" if seen.size == len(b"older version") else f"{seen.size} bytes")


def leave_out_large(bench: Bench) -> None:
    """Say what is not tried because it would cost more than cents."""
    check = Check("request.copy.large", "a copy of more than 5 GiB", "large-copy", "400 InvalidRequest")
    bench.leave_out([check], "it needs an object of more than 5 GiB")


def check_kms(bench: Bench) -> None:
    """Copy one small object and one in parts with a KMS key of the user."""
    checks = {
        "properties/headers": Check("run.kms", "a copy with SSE-KMS", "etag-kms", "aws:kms, same bytes"),
        "parts/everything": Check("run.kms-parts", "a copy in parts with SSE-KMS", "etag-kms", "aws:kms, same bytes"),
    }
    if bench.kms_key_id is None:
        bench.leave_out(checks.values(), "no KMS key was given")
        return
    kms = {"kms_encryption_type": "aws:kms", "kms_key_id": bench.kms_key_id}
    large = {"multipart_threshold": "5MiB"}
    names = {spec.key: spec.name for spec in bench.specs}
    result = bench.copy(OBJECTS, "kms/", include=list(checks), **kms, **large)
    for key, check in checks.items():
        seen = seen_or_error(bench.dest, f"kms/{key}")
        source = bench.written.get(names[key])
        if isinstance(seen, str) or source is None:
            bench.judge(check, f"{outcome_of(result)}, {seen if isinstance(seen, str) else 'no source'}")
        else:
            bytes_as = "same bytes" if seen.sha256 == source.sha256 else "other bytes"
            bench.judge(check, f"{seen.encryption or 'no encryption'}, {bytes_as}")
