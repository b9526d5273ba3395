from __future__ import annotations

import pytest

from s3_crosscopy.core.error_codes import classify
from s3_crosscopy.core.outage_rules import (
    FEW,
    FEW_PAGES,
    IN_A_ROW,
    LONGEST_LIST_PAUSE_S,
    Seen,
    Sign,
    Then,
    after_unanswered,
    ended,
    in_words,
    list_pause_s,
    pause_s,
    sign_of,
)
from s3_crosscopy.model.outcomes import Reason

DEADLINE_S = 900


@pytest.mark.parametrize(
    ("code", "status", "sign"),
    [
        ("InternalError", 500, Sign.UNANSWERED),
        ("InternalError", 200, Sign.UNANSWERED),  # inside the answer to a copy
        ("ServiceUnavailable", 503, Sign.UNANSWERED),
        ("BadGateway", 502, Sign.UNANSWERED),
        ("ReadTimeout", 0, Sign.UNANSWERED),
        ("ConnectionError", 0, Sign.UNANSWERED),
        ("RequestTimeout", 400, Sign.UNANSWERED),
        ("UnreadableAnswer", 200, Sign.ANSWERED),
        ("TruncatedWithoutToken", 200, Sign.ANSWERED),
        ("UnreadableAnswer", 502, Sign.UNANSWERED),
        ("SlowDown", 503, Sign.THROTTLED),
        ("503", 503, Sign.THROTTLED),
        ("NoCredentials", 0, Sign.NEITHER),
        ("ExpiredToken", 400, Sign.ANSWERED),
        ("AccessDenied", 403, Sign.ANSWERED),
        ("NoSuchKey", 404, Sign.ANSWERED),
        ("PreconditionFailed", 412, Sign.ANSWERED),
        ("OperationAborted", 409, Sign.ANSWERED),
        ("TemporaryRedirect", 307, Sign.ANSWERED),
        ("NotImplemented", 501, Sign.ANSWERED),
    ],
)
def test_only_what_is_about_no_object_is_a_sign_of_an_outage(code: str, status: int, sign: Sign) -> None:
    assert sign_of(classify(code, status), code, status) is sign


def test_a_success_is_an_answer() -> None:
    assert sign_of(None, "", 200) is Sign.ANSWERED


@pytest.mark.parametrize(
    ("seen", "then"),
    [
        (Seen(1), Then.HOLD),
        (Seen(IN_A_ROW - 1), Then.HOLD),
        (Seen(IN_A_ROW), Then.PAUSE),
        (Seen(IN_A_ROW, known_to_fail=True), Then.ASK),
        (Seen(IN_A_ROW - 1, known_to_fail=True), Then.HOLD),
        (Seen(1, idle=True), Then.REPORT),
        (Seen(FEW - 1, idle=True), Then.REPORT),
        (Seen(FEW, idle=True), Then.ASK),
        (Seen(FEW, idle=True, known_to_fail=True), Then.ASK),
        (Seen(FEW_PAGES - 1, pages=True, idle=True), Then.HOLD),
        (Seen(FEW_PAGES, pages=True, idle=True), Then.PAUSE),
        (Seen(FEW_PAGES, pages=True), Then.HOLD),
        (Seen(IN_A_ROW, pages=True), Then.PAUSE),
        (Seen(IN_A_ROW, pages=True, known_to_fail=True), Then.HOLD),
    ],
)
def test_what_follows_requests_that_were_not_answered(seen: Seen, then: Then) -> None:
    assert after_unanswered(seen) is then


def test_pauses_grow_and_the_last_request_is_made_at_the_deadline() -> None:
    lasted = 0.0
    pauses: list[float] = []
    while (pause := pause_s(len(pauses), lasted, DEADLINE_S)) is not None:
        pauses.append(pause)
        lasted += pause
    assert pauses == [30, *[60] * 14, 30]
    assert lasted == DEADLINE_S


@pytest.mark.parametrize(("number", "deadline_s", "pause"), [(0, 10, 10), (0, 86_400, 30), (10_000, 86_400, 60)])
def test_a_pause_is_no_longer_than_the_deadline_and_a_minute(number: int, deadline_s: int, pause: float) -> None:
    assert pause_s(number, 0, deadline_s) == pause


def test_a_page_is_asked_for_again_sooner_at_first() -> None:
    assert [list_pause_s(each) for each in (1, 2, 3, 6, 7, 10_000)] == [1, 2, 4, LONGEST_LIST_PAUSE_S, 30, 30]


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("SlowDown", 503, "S3 answers 503"),
        ("InternalError", 500, "S3 answers 500"),
        ("ReadTimeout", 0, "S3 does not answer (ReadTimeout)"),
        ("InternalError", 200, "S3 does not answer (InternalError)"),
    ],
)
def test_a_pause_says_what_s3_does(code: str, status: int, words: str) -> None:
    assert in_words(code, status) == words


def test_the_end_says_how_long_the_run_waited_and_what_to_do() -> None:
    assert ended("S3 answers 503", 900) == (
        "S3 answers 503: paused for 15 min without success; a retry resumes with the remaining keys"
    )


def test_reasons_of_the_server_are_told_apart_by_the_status_alone() -> None:
    assert {sign_of(Reason.SERVER, "AnyError", status) for status in (0, 200, 500, 599)} == {Sign.UNANSWERED}
    assert {sign_of(Reason.SERVER, "AnyError", status) for status in (307, 404, 409)} == {Sign.ANSWERED}
