"""Random runs with markers: killed, with failures, in small windows and little memory; what a marker promises holds."""

from __future__ import annotations

import random
from typing import Any

import pytest

from s3_crosscopy.engine import decider as placing
from s3_crosscopy.testing import Fault
from tests.engine.harness import Rig
from tests.engine.test_copy_last import add_up
from tests.engine.test_resume import Death, Killed, dying_rig, revive

GLOBS = ["*/_SUCCESS", "log/*"]


def glob_of(key: str) -> int:
    """0 for data, else the number of its glob from 1."""
    return 1 if key.endswith("/_SUCCESS") else 2 if key.startswith("p/log/") else 0


@pytest.mark.parametrize("seed", range(25))
def test_no_marker_is_there_before_what_it_vouches_for_and_nothing_is_lost(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(seed)
    monkeypatch.setattr(placing, "MOST_HELD", dice.choice([0, 1, 5, 1000]))
    names = [f"p/d={day}/{name}" for day in range(dice.randrange(1, 12)) for name in ("_SUCCESS", "a", "b")]
    names += [f"p/log/{number}" for number in range(dice.randrange(6))]
    data = [name for name in names if not glob_of(name)]
    faults = [
        Fault("CopyObject", "InternalError", 500, key=dice.choice(names), times=dice.choice([1, 2])),
        Fault("CopyObject", "SlowDown", 503, key=dice.choice(names)),
    ][: dice.randrange(3)]
    options: dict[str, Any] = {
        "copy_last": GLOBS, "batch_size": dice.choice([1, 3, 100]), "max_concurrency": dice.choice([1, 2, 7]),
        "overwrite": dice.choice(["always", "if_changed"]), "verification": dice.choice(["responses", "listing"]),
    }  # fmt: skip
    rig, death = Rig(faults, seed=seed), Death()
    rig.seed_keys(*names)
    rig.checkpoint = death
    if dice.random() < 0.7:
        dying_rig(rig, death, dice.randrange(1, 3 * len(names)))
    report, attempts, resumed = None, 0, None
    while report is None or not report.ok:
        attempts += 1
        assert attempts < 6
        order = rig.copied_in_order()
        try:
            report = rig.copy(**options, resumed=resumed)
            assert add_up(report.counts)
            assert report.counts["listed"] == len(names)
        except Killed:
            report = None
        there = [f"p/{key.removeprefix('q/')}" for key in rig.store.keys("dst")]
        stages = [glob_of(key) for key in order]
        assert stages == sorted(stages), "a glob begins when the one before is done"
        if any(map(glob_of, there)):
            assert set(data) <= set(there)
        resumed = death.last() if death.saved and not death.saved[-1].finished else None
        rig = revive(rig)
        rig.checkpoint = death = Death()
        if resumed is not None:
            death.saved.append(resumed)
    assert rig.same_on_both_sides()
    assert report.counts["copied"] == len(names)
