"""A copy that is killed within its upload, and what its resume does with that upload."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from s3_crosscopy.selftest import killed_process, selftest_run
from s3_crosscopy.selftest.killed_process import CopyToKill, Sent, kill_copy
from s3_crosscopy.selftest.upload_checks import check_killed_uploads, numbers_text, requests_text
from tests.selftest.conftest import Lab
from tests.servers.http_messages import Answer, Request

if TYPE_CHECKING:
    from tests.servers.stub_server import StubServer

BEGAN = re.compile(rb"(<Initiated>)[^<]*")


@pytest.mark.usefixtures("few")
def test_an_upload_that_no_checkpoint_has_is_found_and_aborted_and_the_object_copied_by_another_one(
    fronted: Lab, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one takes the ten seconds between two saves: test_on_rgw has it."""

    def rule(request: Request) -> Answer | None:
        # moto says of every upload that it began in 2010.
        if request.operation != "ListMultipartUploads":
            return None
        answer, now = stub.forward(request), datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return replace(answer, body=BEGAN.sub(rb"\g<1>" + now.encode(), answer.body))

    stub.rules.insert(0, rule)
    (last,) = (title for title in selftest_run.CHECKS if "killed" in title)
    writing = "writing objects"
    checks = {writing: selftest_run.CHECKS[writing], last: (check_killed_uploads,)}
    monkeypatch.setattr(selftest_run, "CHECKS", checks)
    fronted.version_on()
    before = fronted.content()

    fronted.run("--yes", "--skip", "recorded-upload")

    assert fronted.content() == before
    result = json.loads((fronted.path / "selftest.json").read_text())
    rows = {row["id"]: (row["verdict"], row["seen"]) for row in result["rows"] if "recorded" in row["id"]}
    assert rows == {
        "unrecorded-upload.killed": ("ok", "killed, 1 upload with part 1"),
        "unrecorded-upload.resumed": ("ok", "1 copied"),
        "unrecorded-upload.requests": ("ok", "the old upload aborted, a new one with parts 1, 2, 3"),
        "unrecorded-upload.whole": ("ok", "the same"),
        "unrecorded-upload.left": ("ok", "none"),
        **{f"recorded-upload.{word}": ("not tried", "") for word in ("killed", "resumed", "requests", "whole", "left")},
    }
    assert (result["left"], result["stopped"]) == ([], "")


def sent(*requests: tuple[str, str, int]) -> list[Sent]:
    return [Sent(call, {"UploadId": upload, "PartNumber": number}) for call, upload, number in requests]


PART, ABORT, COMPLETE = "UploadPartCopy", "AbortMultipartUpload", "CompleteMultipartUpload"


@pytest.mark.parametrize(
    ("requests", "text"),
    [
        ([], "nothing"),
        ([(PART, "old", 3), (PART, "old", 2), (COMPLETE, "old", 0)], "the same upload with parts 2, 3"),
        ([(PART, "old", 2), (PART, "old", 2)], "the same upload with part 2"),
        ([(PART, "new", 1), (PART, "new", 2)], "a new one with parts 1, 2"),
        ([(ABORT, "old", 0), (PART, "new", 1)], "the old upload aborted, a new one with part 1"),
        ([(ABORT, "other", 0), (PART, "new", 1)], "a new one with part 1"),
        ([(PART, "new", 1), (PART, "old", 2)], "the same upload with part 2, a new one with part 1"),
    ],
)
def test_a_row_says_which_uploads_and_parts_a_resume_used(requests: list[tuple[str, str, int]], text: str) -> None:
    assert requests_text(sent(*requests), ["old"]) == text


def test_an_upload_without_a_part_says_so() -> None:
    assert numbers_text([]) == "no part"


class BenchOfUrls:
    """What `kill_copy` needs of a bench."""

    class Place:
        url = "s3://bucket/prefix/"

    source = dest = Place
    access: ClassVar[dict[str, Any]] = {}


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("TIMEOUT_S", 0, "not killed within 0 s"),
        ("sys.executable", "/no/such/python", "not started (No such file or directory)"),
    ],
)
def test_a_process_that_does_not_die_or_start_is_a_text(
    name: str, value: object, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{killed_process.__name__}.{name}", value)

    assert kill_copy(BenchOfUrls(), CopyToKill("a/", "b/", "checkpoint", {}), "part") == text  # type: ignore[arg-type]
