"""The soak itself: one attempt after another, killed, with outages, until everything is there or time is up."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from bench.soak.attempt import Attempt, Place, prepare
from bench.soak.control import Control, arrivals, serving
from bench.soak.run_shape import OUTAGES, Amounts, Shape, amounts, moments

AGAIN_S = 1.0
"""Between an attempt that ended by itself and the next."""
MOST_ENDED = 200
LAG_S = 0.3
"""Between the moment that a state is of and its file's time: a segment of the report is written in between."""


class Sample(NamedTuple):
    """Once a second. `copies` are all that the server made."""

    at_s: float
    attempt: int
    rss_kib: int
    copies: int
    checkpoint_bytes: int


class Kill(NamedTuple):
    """A kill -9: when, the copies by then, and those of them that no saved state knows of: what may be made again.

    `cpu_s` is what the killed process had taken.
    """

    at_s: float
    copies: int
    unsaved: int
    cpu_s: float = 0.0


class Result(NamedTuple):
    """All that happened."""

    shape: Shape
    amounts: Amounts
    seconds: float
    finished: bool
    kills: list[Kill]
    samples: list[Sample]
    ended: list[str]
    paused: dict[str, dict[str, float]]
    first_end: dict[str, Any] | None
    report: dict[str, Any] | None
    status: dict[str, Any]
    leftovers: int


class Story:
    """One soak over one server."""

    def __init__(self, shape: Shape, place: Place, control: Control, tell: Callable[[str], None]) -> None:
        self.kills: list[Kill] = []
        self.samples: list[Sample] = []
        self.ended: list[str] = []
        self.paused: dict[str, dict[str, float]] = {}
        self.first_end: dict[str, Any] | None = None
        self.report: dict[str, Any] | None = None
        self._shape = shape
        self._place = place
        self._control = control
        self._tell = tell
        self._amounts = amounts(shape)
        self._moments = moments(shape)
        self._began = time.monotonic()
        self._attempts = 0
        self._outages = [one for one in OUTAGES if self._lasts(one[0]) > 0]
        self._broken: tuple[str, float, int] | None = None

    def run(self) -> bool:
        """Until everything is there; False if time was up before."""
        while not self._is_late():
            self._attempts += 1
            self._control.gate(self._moments[0] if self._moments else 0)
            attempt = Attempt(self._shape, self._place, self._control.endpoint)
            try:
                if self._watched(attempt):
                    return True
            finally:
                attempt.close()
        return False

    def _watched(self, attempt: Attempt) -> bool:
        """Watch one attempt to its end; whether the whole soak is at its end."""
        kill_at = time.monotonic() + self._shape.kill_every_s
        while True:
            status = self._control.wait(self._shape.sample_s)
            self._sample(attempt, status)
            if attempt.code() is not None:
                return self._over(attempt)
            if self._break_or_mend(status):
                kill_at = time.monotonic() + self._shape.kill_every_s
            due = self._shape.kills is None and time.monotonic() >= kill_at and self._broken is None
            if status["gated"] or due or self._is_late():
                self._kill(attempt)
                return False

    def _kill(self, attempt: Attempt) -> None:
        cpu_s = attempt.cpu_s()
        attempt.kill()
        now = self._now()
        self._control.gate(0)
        status = self._control.drained()
        copies = arrivals(status)
        self.kills.append(Kill(now, copies, copies - self._saved_copies(), cpu_s))
        if self._moments:
            self._moments.pop(0)
        when = f"kill {len(self.kills)} after {now:,.0f} s and {cpu_s:.1f} s of CPU"
        self._tell(f"{when}: {copies:,} copies, lacks {status['lacks']}")

    def _saved_copies(self) -> int:
        """How many copies there were when the newest state was saved."""
        try:
            saved = self._place.checkpoint.stat().st_mtime - time.time() + self._now() - LAG_S
        except OSError:
            return 0
        return max((one.copies for one in self.samples if one.at_s <= saved), default=0)

    def _over(self, attempt: Attempt) -> bool:
        """The attempt ended by itself."""
        report = attempt.report()
        code = attempt.code()
        lacks = self._control.status()["lacks"]
        if code == 0:
            self.report = report
            return True
        whole = report is not None and not report.get("stopped") and lacks["data"] <= self._amounts.failing
        if whole and self.first_end is None:
            self.first_end = report
            self._control.switch("mended", on=True)
            self._tell(
                f"first end after {self._now():,.0f} s, as it should: {report and report['failed']} failed; mended"
            )
            return False
        self.ended.append(f"exit {code}: {attempt.last_line()}"[:300])
        self._tell(f"ended by itself after {self._now():,.0f} s: {self.ended[-1]}")
        if len(self.ended) > MOST_ENDED:
            raise RuntimeError(f"it ends by itself again and again: {self.ended[-1]}")
        self._mend_if_due()
        time.sleep(AGAIN_S)
        return False

    def _break_or_mend(self, status: dict[str, Any]) -> bool:
        """Begin or end an outage if it is time; whether one ended."""
        if self._broken is not None:
            return self._mend_if_due()
        copied = status["counts"].get("copied", 0)
        if self._outages and copied >= self._outages[0][1] * self._amounts.copies:
            name, _ = self._outages.pop(0)
            self._broken = (name, time.monotonic() + self._lasts(name), arrivals(status))
            self._switch(name, on=True)
            self._tell(f"{name}: broken after {self._now():,.0f} s, at {copied:,} copies")
        return False

    def _mend_if_due(self) -> bool:
        if self._broken is None or time.monotonic() < self._broken[1]:
            return False
        name, _, before = self._broken
        self._broken = None
        self._switch(name, on=False)
        made = arrivals(self._control.status()) - before
        self.paused[name] = {"seconds": self._lasts(name), "copies": made, "attempts that ended": len(self.ended)}
        self._tell(f"{name}: mended after {self._now():,.0f} s; {made:,} copies meanwhile")
        return True

    def _switch(self, name: str, *, on: bool) -> None:
        if name != "store":
            self._control.switch(name, on=on)
            return
        here, away = self._place.store, self._place.home / "away"
        (here if on else away).rename(away if on else here)

    def _lasts(self, name: str) -> float:
        shape = self._shape
        return {"outage": shape.outage_s, "sts_away": shape.sts_outage_s, "store": shape.store_outage_s}[name]

    def _sample(self, attempt: Attempt, status: dict[str, Any]) -> None:
        try:
            size = self._place.checkpoint.stat().st_size
        except OSError:
            size = 0
        self.samples.append(Sample(round(self._now(), 2), self._attempts, attempt.rss_kib(), arrivals(status), size))

    def _now(self) -> float:
        return time.monotonic() - self._began

    def _is_late(self) -> bool:
        return self._now() > self._shape.minutes * 60


def soak(shape: Shape, home: Path, tell: Callable[[str], None]) -> Result:
    """Run it over an empty folder."""
    place = prepare(home)
    began = time.monotonic()
    with serving(shape) as control:
        story = Story(shape, place, control, tell)
        finished = story.run()
        status = control.status()
    beside = Counter(path.name.endswith(".tmp") for path in place.store.iterdir())
    return Result(
        shape, amounts(shape), round(time.monotonic() - began, 1), finished, story.kills, story.samples, story.ended,
        story.paused, story.first_end, story.report, status, beside[True],
    )  # fmt: skip
