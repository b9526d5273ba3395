"""The ambiguous faults once more, on a server that checks signatures and answers in its own way.

RGW's answer to a Complete has no ETag, and it takes the same Complete twice for as long as it remembers the upload.
"""

from __future__ import annotations

import pytest

from s3_crosscopy import PermanentFailure, Reason
from tests.faults.fault_scripts import of_key
from tests.faults.harness import IN_PARTS, KEYS, LARGE, World
from tests.servers.http_messages import DROP
from tests.servers.s3_responses import error, late
from tests.servers.stub_rules import always, forward_then_drop, in_turn


@pytest.mark.parametrize("attempts", [1, 2])
def test_everything_whose_answer_is_lost_is_found_to_have_arrived(rgw_world: World, attempts: int) -> None:
    world = rgw_world
    world.seed()
    world.seed_large()
    world.script(
        of_key("/a", forward_then_drop(world.stub, "CopyObject", times=attempts)),
        forward_then_drop(world.stub, "UploadPartCopy"),
        forward_then_drop(world.stub, "CompleteMultipartUpload"),
    )

    ended = world.run(attempts=attempts, **IN_PARTS)

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS) + 1
    assert world.sent("CopyObject", "a") == attempts
    world.check(ended.report)
    world.finish(**IN_PARTS)


def test_one_fault_of_every_kind_at_once_is_survived(rgw_world: World) -> None:
    world = rgw_world
    world.seed()
    world.seed_large()
    world.script(
        in_turn("ListObjectsV2", error("SlowDown", 503)),
        in_turn("HeadObject", error("InternalError", 500)),
        in_turn("CopyObject", error("SlowDown", 503), late(error("InternalError", 500)), DROP, error("SlowDown", 503)),
        in_turn("UploadPartCopy", late(error("SlowDown", 503)), DROP),
        in_turn("CompleteMultipartUpload", late(error("InternalError", 500))),
    )

    ended = world.run(**IN_PARTS)

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS) + 1
    world.check(ended.report)
    world.finish(**IN_PARTS)


def test_a_refused_part_leaves_no_upload_although_the_first_abort_was_not_heard(rgw_world: World) -> None:
    world = rgw_world
    world.seed_large()
    world.script(
        always("UploadPartCopy", error("AccessDenied", 403)), forward_then_drop(world.stub, "AbortMultipartUpload")
    )

    ended = world.run(**IN_PARTS)

    assert isinstance(ended.error, PermanentFailure)
    world.check(ended.report, failed={LARGE: Reason.DENIED})
    world.finish(**IN_PARTS)
