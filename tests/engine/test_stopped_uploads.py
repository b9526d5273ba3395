"""A stopped run and its uploads: aborted within the grace, and never left behind without a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from s3_crosscopy.engine.shutdown import STOP_GRACE_S
from s3_crosscopy.errors import Interrupted
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.operations import CopyPart, Done, Throttled, TransportOp
from s3_crosscopy.testing import Fault, sparse
from tests.engine.harness import RecordingCheckpoint, Rig
from tests.engine.steady_transport import SteadyTransport

MIB = 2**20
PARTS: dict[str, Any] = {"multipart_threshold": "5MiB", "part_size": "5MiB", "max_concurrency": 4}


def slow_parts(rig: Rig, monkeypatch: pytest.MonkeyPatch, take_s: float) -> None:
    """The run is stopped at its first part; parts take so long from then on, by the virtual clock."""

    class SlowParts(SteadyTransport):
        until: float | None = None

        def submit(self, op: TransportOp, token: object) -> None:
            if isinstance(op, CopyPart) and self.until is None:
                rig.cancel.set()
                self.until = rig.clock.now() + take_s
            super().submit(op, token)

        def reap(self, timeout_s: float) -> Sequence[Done | Throttled]:
            slow = [one for one in self._waiting if isinstance(one[0], CopyPart)]
            if self.until is None or rig.clock.now() >= self.until:
                slow = []
            self._waiting = [one for one in self._waiting if one not in slow]
            told = super().reap(timeout_s)
            self._waiting += slow
            return told

    monkeypatch.setattr("tests.engine.harness.SteadyTransport", SlowParts)


def large(*faults: Fault) -> Rig:
    rig = Rig(faults)
    rig.store.put("src", "p/big", sparse(50 * MIB, "x"))
    rig.clock.advance(2)
    return rig


def test_an_upload_whose_parts_never_end_is_aborted_within_the_grace_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = large()
    slow_parts(rig, monkeypatch, 1e9)
    began = rig.clock.now()
    with pytest.raises(Interrupted):
        rig.copy(**PARTS)
    assert rig.store.open_uploads("dst") == {}
    assert rig.requests("AbortMultipartUpload") == 1
    (warned,) = rig.sink.of(Warned)
    assert "'q/big' may stay at the destination: the run had to stop before" in warned.text
    assert STOP_GRACE_S <= rig.clock.now() - began < STOP_GRACE_S + 2


def test_an_upload_that_may_stay_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = large()
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    slow_parts(rig, monkeypatch, 1e9)
    with pytest.raises(Interrupted):
        rig.copy(**PARTS)
    assert [upload.dest_key for upload in checkpoint.saved[-1].uploads] == ["q/big"]


def test_parts_that_end_after_the_abort_have_it_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = large()
    slow_parts(rig, monkeypatch, STOP_GRACE_S - 0.5)
    with pytest.raises(Interrupted):
        rig.copy(**PARTS)
    assert rig.requests("AbortMultipartUpload") == 2
    assert rig.store.open_uploads("dst") == {}
    assert rig.sink.of(Warned) == []


def test_parts_that_end_in_time_are_aborted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = large()
    slow_parts(rig, monkeypatch, 1.0)
    with pytest.raises(Interrupted):
        rig.copy(**PARTS)
    assert rig.requests("AbortMultipartUpload") == 1
    assert rig.store.open_uploads("dst") == {}
    assert rig.sink.of(Warned) == []


def test_a_kept_upload_is_not_aborted_because_its_parts_do_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = large()
    slow_parts(rig, monkeypatch, 1e9)
    with pytest.raises(Interrupted):
        rig.copy(**PARTS, keep_uploads=True)
    assert rig.requests("AbortMultipartUpload") == 0
    assert len(rig.store.open_uploads("dst")) == 1
    assert rig.sink.of(Warned) == []


def test_an_abort_that_fails_while_the_run_stops_is_told() -> None:
    rig = large(Fault("AbortMultipartUpload", "AccessDenied", 403, times=None))
    copy_part = rig.dest.copy_part

    def stops(op: CopyPart) -> Any:
        rig.cancel.set()
        return copy_part(op)

    rig.dest.copy_part = stops  # type: ignore[method-assign]
    with pytest.raises(Interrupted):
        rig.copy(**PARTS)
    (warned,) = rig.sink.of(Warned)
    assert "'q/big' may stay at the destination: AbortMultipartUpload" in warned.text
