"""What a run makes of the state that it finds: what it goes on from, and whose uploads it aborts."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from tests.unit.state_strategies import STATE

from s3_crosscopy.api import resuming as persistence
from s3_crosscopy.api.resuming import MOST_REPORTED, incomplete_uploads_of, load, resumed_from
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.engine.interruptible import Stop
from s3_crosscopy.errors import Interrupted, StoreAway
from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
from s3_crosscopy.model.events import Resumed, Warned
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import KeyRange

SPEC = resolve_spec("s3://src/p/", "s3://dst/q/", {"extraneous": "delete", "report": "folder"})
OURS = OpenUpload("q/large", "ours", "e", 5)
THEIRS = OpenUpload("elsewhere/theirs", "theirs", "e", 5)


@pytest.fixture
def told() -> list[Any]:
    return []


@pytest.fixture
def sink(told: list[Any]) -> Any:
    return SimpleNamespace(emit=told.append)


def go_on(state: CheckpointState, sink: Any) -> CheckpointState | None:
    return resumed_from((state, time.time()), STATE.fingerprint, SPEC, [KeyRange()], sink)


def test_a_state_of_this_copy_is_gone_on_from(sink: Any, told: list[Any]) -> None:
    assert go_on(STATE, sink) == STATE
    assert isinstance(told[0], Resumed)
    assert resumed_from(None, STATE.fingerprint, SPEC, [KeyRange()], sink) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"fingerprint": "other"}, "other arguments"),
        ({"counts": {}}, "damaged: its counts are not those of a copy"),
        ({"uploads": (THEIRS,)}, "damaged: an upload is outside the destination"),
    ],
)
def test_any_other_is_told_and_the_run_begins_afresh(
    sink: Any, told: list[Any], change: dict[str, Any], why: str
) -> None:
    assert go_on(STATE._replace(**change), sink) is None
    assert told == [Warned(f"checkpoint not used ({why}): starting over")]


def test_only_uploads_below_the_destination_are_aborted_and_the_others_are_told(sink: Any, told: list[Any]) -> None:
    before = STATE._replace(dest_bucket=Bucket("dst"), uploads=(OURS, THEIRS))
    assert incomplete_uploads_of(before, SPEC, sink) == (OURS,)
    assert [one.text for one in told] == [
        "the upload theirs of 's3://dst/elsewhere/theirs', which an earlier run began, is left open"
    ]


def test_none_in_another_bucket_is_aborted_and_only_some_are_told_one_by_one(sink: Any, told: list[Any]) -> None:
    before = STATE._replace(dest_bucket=Bucket("other"), uploads=(OURS,) * (MOST_REPORTED + 3))
    assert incomplete_uploads_of(before, SPEC, sink) == ()
    assert len(told) == MOST_REPORTED + 1
    assert told[-1].text.startswith("3 more uploads of that run are left open")


class Away:
    """A store that cannot be read so many times."""

    def __init__(self, times: int) -> None:
        self.left = times

    def load(self) -> tuple[CheckpointState, float] | None:
        self.left -= 1
        if self.left >= 0:
            raise StoreAway("HTTP 503")
        return STATE, 3.0

    room = 0

    def save(self, state: CheckpointState) -> None:
        raise AssertionError("nothing is saved before the run")


def test_a_store_that_cannot_be_read_now_is_asked_again_and_told_once(
    sink: Any, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persistence, "LOAD_AGAIN_S", 0.0)

    assert load(Away(3), Stop(), sink) == (STATE, 3.0)
    assert told == [Warned("the checkpoint cannot be read now and is tried again: HTTP 503")]


def test_a_store_that_stays_away_ends_the_try_and_a_stop_ends_the_waiting(
    sink: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Stop()
    sink.emit = lambda event: stop.set()
    with pytest.raises(Interrupted):
        load(Away(3), stop, sink)

    monkeypatch.setattr(persistence, "LOAD_S", 0.0)
    with pytest.raises(StoreAway, match="HTTP 503"):
        load(Away(3), Stop(), sink)
