from __future__ import annotations

import pytest

from s3_crosscopy.core.renewal_rules import (
    BARE_AGAIN_S,
    LONGEST_PAUSE_S,
    PATIENCE_S,
    QUIET_S,
    Met,
    Then,
    after_expiry,
    goes_on,
    next_pause_s,
)

NAMED = Met(named=True)
BARE = Met(named=False)
WAIT, AGAIN, REPORT = Then.WAIT, Then.SEND_AGAIN, Then.REPORT


@pytest.mark.parametrize(
    ("met", "then"),
    [
        (NAMED, WAIT),
        (NAMED._replace(older=True), AGAIN),
        (NAMED._replace(older=True, sent_again=True, refused=True), AGAIN),
        (NAMED._replace(renewing=True, proven=False), WAIT),
        (NAMED._replace(renewing=True, sent_again=True), WAIT),
        (NAMED._replace(refused=True), REPORT),
        (NAMED._replace(sent_again=True), REPORT),
        # New ones that have let nothing through are as bad as the old ones: nobody asks once more at once.
        (NAMED._replace(proven=False), REPORT),
        (NAMED._replace(proven=False, age_s=QUIET_S), WAIT),
        (NAMED._replace(proven=False, age_s=QUIET_S, sent_again=True), REPORT),
        # It may have been sent again an hour ago.
        (NAMED._replace(sent_again=True, age_s=QUIET_S), WAIT),
        (BARE, WAIT),
        (BARE._replace(older=True), AGAIN),
        (BARE._replace(renewing=True, bare_age_s=0.5), WAIT),
        (BARE._replace(renewing=True, sent_again=True), REPORT),
        (BARE._replace(sent_again=True), REPORT),
        (BARE._replace(bare_age_s=1.0), REPORT),
        (BARE._replace(bare_age_s=BARE_AGAIN_S), WAIT),
        (BARE._replace(refused=True), REPORT),
    ],
)
def test_what_follows_for_a_request_that_comes_back_with_expired_credentials(met: Met, then: Then) -> None:
    assert after_expiry(met) is then


def test_the_pauses_grow_up_to_half_a_minute() -> None:
    pauses = [1.0]
    while pauses[-1] < LONGEST_PAUSE_S:
        pauses.append(next_pause_s(pauses[-1]))
    assert pauses == [1, 2, 4, 8, 16, 30]
    assert next_pause_s(LONGEST_PAUSE_S) == LONGEST_PAUSE_S


def test_a_trouble_that_passes_is_waited_for_for_some_minutes() -> None:
    assert goes_on(0.0)
    assert goes_on(PATIENCE_S - 1)
    assert not goes_on(PATIENCE_S)
