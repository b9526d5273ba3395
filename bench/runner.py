"""Trials: clients in turn over canned fronts, round after round, and what an object of each costs. Keeps the notes.

In turn, so that a machine that grows slower meets all of them. What could not be had is a line in `notes`, not an end.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from bench import figures
from bench.canned_server import Front, Shape, serving
from bench.other_load import Patience
from bench.peers import Client, Command, Job, clients, environment, missing
from bench.timing import SERVER_CPU, Failed, Run, timed

Value = TypeVar("Value")


class Subject(NamedTuple):
    """A client with one job and its two sizes. `outcome`: the count that has to be the size, for one that tells."""

    name: str
    command: Command
    few: int
    many: int
    outcome: str | None = None


class Cost(NamedTuple):
    """What two runs of one round took."""

    few: int
    many: int
    small: Run
    large: Run

    def cpu_s(self, size: int | None = None) -> float:
        """CPU of one object more, or of a whole run of `size`."""
        return self._line((self.few, self.small.cpu_s), (self.many, self.large.cpu_s), size)

    def wall_s(self, size: int | None = None) -> float:
        """Wall time of one object more, or of a whole run of `size`."""
        return self._line((self.few, self.small.wall_s), (self.many, self.large.wall_s), size)

    @staticmethod
    def _line(small: tuple[int, float], large: tuple[int, float], size: int | None) -> float:
        return figures.slope(small, large) if size is None else figures.at_size(small, large, size)


Costs = Mapping[str, Sequence[Cost]]
"""By subject, round by round; a subject that failed is not there."""


class Bench:
    """One run of the benchmark. `trial`: also on a busy machine. `runs` and `notes`: those of the current row."""

    def __init__(self, home: Path, *, quick: bool, rounds: int | None = None, trial: bool = False) -> None:
        self.quick = quick
        self.patience = Patience(refuses=not (quick or trial), tell=self.tell)
        self._rounds = 1 if quick else rounds
        self.notes: list[str] = []
        self.runs: list[Run] = []
        self.peers = clients()
        self.transports: tuple[str, ...] = ()
        self._home = home
        self._began = time.monotonic()
        self._once: dict[str, tuple[object, list[Run], list[str]]] = {}

    def size(self, full: int) -> int:
        """A number of objects: a tenth in a smoke test, and no fewer than a slope needs."""
        return max(full // 10, min(full, 100)) if self.quick else full

    def rounds(self, full: int) -> int:
        """How often: as the row says, or as the caller of the benchmark says."""
        return self._rounds or full

    def once(self, name: str, measure: Callable[[], Value]) -> Value:
        """What several rows are made of is measured for the first of them."""
        if name not in self._once:
            runs_before, notes_before = len(self.runs), len(self.notes)
            value = measure()
            self._once[name] = value, self.runs[runs_before:], self.notes[notes_before:]
            return value
        kept, runs, notes = self._once[name]
        self.runs += runs
        self.notes += notes
        return kept  # type: ignore[return-value]  # what `measure` of this name returned

    def peer(self, name: str, job: Job, few: int, many: int) -> list[Subject]:
        """A peer as a subject; none, and a note, where it is not installed."""
        client: Client = self.peers[name]
        why = missing(client)
        if why is None:
            return [Subject(name, client.jobs[job], self.size(few), self.size(many))]
        self.note(why)
        return []

    def note(self, line: str) -> None:
        """Keep a line about what is not there, once."""
        if line not in self.notes:
            self.notes.append(line)
        self.tell(f"note: {line}")

    def tell(self, line: str) -> None:
        print(f"{time.monotonic() - self._began:6.0f} s  {line}", flush=True)

    def folder(self) -> Path:
        """A new folder, for what a command writes."""
        return Path(tempfile.mkdtemp(dir=self._home))

    def run(self, command: Command, front: Front, until: Callable[[], bool] | None = None) -> Run:
        """One process, to its end or until it is killed. Raises Failed."""
        ended = timed(command(front), environment(front, self._home), front.master, until)
        self.runs.append(ended)
        return ended

    def undisturbed(self, measure: Callable[[], Value]) -> Value:
        """What `measure` returns, which runs processes; again, a few times, while others take too much. Raises Busy."""
        tries, already = 1, len(self.runs)
        while True:
            self.patience.wait_for_quiet()
            value = measure()
            if not self.patience.wants_again(self.runs[already:], tries):
                return value
            self.tell("disturbed by other processes: once more")
            del self.runs[already:]
            tries += 1

    def costs(self, shape: Shape, subjects: Sequence[Subject], rounds: int) -> Costs:
        """Every subject at both its sizes, in turn, round after round."""
        found: dict[str, list[Cost]] = {one.name: [] for one in subjects}
        with ExitStack() as stack:
            sizes = {size for one in subjects for size in (one.few, one.many)}
            fronts = {
                size: stack.enter_context(serving(shape._replace(keys=size), SERVER_CPU)) for size in sorted(sizes)
            }
            for number in range(rounds):
                for one in (one for one in subjects if one.name in found):
                    self.tell(f"{one.name}: {one.few:,} and {one.many:,} objects, round {number + 1} of {rounds}")
                    try:
                        small, large = self.undisturbed(partial(self._both, one, fronts))
                    except Failed as error:
                        self.note(f"{one.name}: its figures are missing: {error}")
                        del found[one.name]
                    else:
                        found[one.name].append(Cost(one.few, one.many, small, large))
        return found

    def _both(self, one: Subject, fronts: Mapping[int, Front]) -> tuple[Run, Run]:
        return self._checked(one, one.few, fronts[one.few]), self._checked(one, one.many, fronts[one.many])

    def _checked(self, one: Subject, size: int, front: Front) -> Run:
        ended = self.run(one.command, front)
        if one.outcome is not None:
            number = json.loads(ended.said)[one.outcome]
            if number != size:
                raise Failed(f"{one.outcome}: {number:,} and not {size:,}")
        return ended
