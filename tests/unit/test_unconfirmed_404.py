from __future__ import annotations

from itertools import product

import pytest

from s3_crosscopy.core.unconfirmed_404 import STILL_THERE, WHOSE, After404, after_404, unconfirmed
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason


def error(message: str) -> S3Error:
    return S3Error(
        call="CopyObject", bucket="src", key="p/a", code="NoSuchKey", status=404,
        message=message, reason=Reason.MISSING, request_id="REQ",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("own", "at_source", "second", "asked", "room", "then"),
    [
        # S3 says that an upload or the copy is gone.
        (True, False, False, False, True, After404.ANEW),
        (True, False, True, True, False, After404.ANEW),
        # About the source, in whatever form: the source is asked, in the second round and after it.
        (True, True, False, False, True, After404.ASK),
        (False, True, False, False, True, After404.ASK),
        (True, True, True, False, True, After404.ASK),
        (False, True, True, False, True, After404.ASK),
        (True, True, True, True, True, After404.UNCONFIRMED),
        (False, True, True, True, True, After404.UNCONFIRMED),
        (False, True, False, False, False, After404.TOO_MANY),
        # About the destination, and not S3's: one more try, and no more.
        (False, False, False, False, True, After404.ASK),
        (False, False, False, False, False, After404.TOO_MANY),
        (False, False, True, False, True, After404.NOT_THE_SOURCE),
    ],
)
def test_a_404_is_asked_about_before_it_is_anything(
    own: bool, at_source: bool, second: bool, asked: bool, room: bool, then: After404
) -> None:
    assert after_404(own=own, at_source=at_source, second=second, asked=asked, room=room) is then


def test_nothing_waits_once_more_after_it_was_asked_about() -> None:
    for own, at_source, room in product((True, False), repeat=3):
        assert after_404(own=own, at_source=at_source, second=True, asked=True, room=room) is not After404.ASK


@pytest.mark.parametrize(
    ("message", "says"), [("no such key.", f"no such key; {STILL_THERE}: {WHOSE}"), ("", f"{STILL_THERE}: {WHOSE}")]
)
def test_the_failure_says_what_was_answered_what_is_known_and_whose_answer_it_may_be(message: str, says: str) -> None:
    told = unconfirmed(error(message), STILL_THERE)
    assert (told.reason, told.message) == (Reason.UNCONFIRMED, says)
    assert (told.call, told.bucket, told.key, told.code, told.status, told.request_id) == (
        "CopyObject", "src", "p/a", "NoSuchKey", 404, "REQ",
    )  # fmt: skip
