"""Neighbours that are decided alike are entered at once, and nobody could tell from what the run says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3_crosscopy.engine.decider import Decider
from s3_crosscopy.model.events import BatchSettled
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Decision
from s3_crosscopy.model.report import Report
from tests.engine.harness import Rig

# By the first letter of its name: what the destination has of an object, and whether it is meant.
THERE = {"n": None, "s": "same", "d": "other size", "x": "same"}
OPTIONS: dict[str, Any] = {"exclude": ["x*", "*!"], "copy_last": ["*_LAST"]}


def run(names: list[str], **options: Any) -> tuple[Rig, Report]:
    rig = Rig()
    for name in names:
        rig.store.put("src", f"p/{name}", name.encode())
        if (there := THERE[name[0]]) is not None:
            rig.store.put("dst", f"q/{name}", name.encode() if there == "same" else b"")
    rig.clock.advance(2)
    return rig, rig.copy(**OPTIONS, **options)


@pytest.mark.parametrize("dry_run", [False, True])
@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(list(THERE)), max_size=40),
    st.sets(st.integers(0, 40)),
    st.integers(1, 7),
)
def test_a_run_says_the_same_as_if_every_pair_had_been_placed_alone(
    dry_run: bool, kinds: list[str], special: set[int], batch_size: int
) -> None:
    # Numbered after the letter by place, so that neighbours are alike only by chance, and sorted by kind in between.
    marks = ["", "!", "_LAST"]
    names = [f"{kind}{number:03d}{marks[number % 3] if number in special else ''}" for number, kind in enumerate(kinds)]
    options: dict[str, Any] = {"dry_run": dry_run, "batch_size": batch_size, "if_empty": "succeed"}
    rig, report = run(names, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Decider, "_by_count", lambda self, decision: False)
        alone, expected = run(names, **options)
    assert report.counts == expected.counts
    assert report.decisions == expected.decisions
    assert report.plan == expected.plan
    told = [(one.last_key, one.counts) for one in rig.sink.of(BatchSettled)]
    assert told == [(one.last_key, one.counts) for one in alone.sink.of(BatchSettled)]


def test_neighbours_are_placed_together() -> None:
    placed: list[str] = []
    place = Decider._place

    def decider(self: Decider, number: int, source: Listed, dest: Listed | None) -> Decision:
        placed.append(source.key)
        return place(self, number, source, dest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Decider, "_place", decider)
        _, report = run([f"s{number:03d}" for number in range(100)], batch_size=50)
    assert report.counts["skipped"] == 100
    assert placed == ["p/s000", "p/s050"], "the first of each batch, and the others with it"
