"""The load of other processes: a run waits for a quiet machine, and a figure taken on a busy one does not count."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

from bench.timing import CORES, Run, busy_s

MOST = 0.1
"""The largest share of the machine that others may have: a memory-bound neighbour slows both cores down."""
PATIENCE_S = 480.0
"""Seconds that one run of the benchmark waits for quiet, and measures again, in all."""
SAMPLE_S = 0.5
AGAIN = 2
"""How often a disturbed round is measured again."""
LONG_ENOUGH_S = 0.5
"""A shorter run is a few ticks of the kernel's clock, and tells nothing of others."""


class Busy(Exception):
    """The machine does not become quiet; the message is one line."""


def noise(runs: Sequence[Run]) -> dict[str, float]:
    """The share of the machine's CPU that others had while our clients ran: its median, and the worst of the runs."""
    shares = [run.others_share for run in runs if run.wall_s > LONG_ENOUGH_S]
    return {} if not shares else {"median": round(median(shares), 3), "most": round(max(shares), 3)}


def disturbed(runs: Sequence[Run]) -> bool:
    """Return True if others had too much of the machine while these ran, all together."""
    wall_s = sum(run.wall_s for run in runs)
    return wall_s > LONG_ENOUGH_S and sum(run.others_s for run in runs) / wall_s / CORES > MOST


def share_now() -> float:
    """The share of the machine that is busy while the benchmark itself sleeps."""
    busy, began = busy_s(), time.perf_counter()
    time.sleep(SAMPLE_S)
    return (busy_s() - busy) / (time.perf_counter() - began) / CORES


class Patience:
    """What one run of the benchmark waits and repeats. `refuses=False`: it takes the machine as it is."""

    def __init__(
        self,
        *,
        refuses: bool,
        tell: Callable[[str], None],
        share: Callable[[], float] = share_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._refuses = refuses
        self._tell = tell
        self._share = share
        self._clock = clock
        self._left_s = PATIENCE_S

    def wait_for_quiet(self) -> None:
        """Return when others have little of the machine. Raises Busy when the patience is at its end."""
        if not self._refuses:
            return
        began, told = self._clock(), False
        while (share := self._share()) > MOST:
            if self._clock() - began >= self._left_s:
                self._left_s = 0.0
                raise Busy(f"other processes have {share * 100:.0f} % of the machine; at most {MOST * 100:.0f} % count")
            if not told:
                self._tell(f"waiting: other processes have {share * 100:.0f} % of the machine")
                told = True
        if told:
            self._left_s -= self._clock() - began

    def wants_again(self, runs: Sequence[Run], tries: int) -> bool:
        """Return True if these runs, the `tries`-th of their round, were disturbed and are to be made again."""
        if not self._refuses or tries > AGAIN or not disturbed(runs):
            return False
        self._left_s -= sum(run.wall_s for run in runs)
        return self._left_s > 0

    def refusal(self, found: dict[str, float]) -> str | None:
        """Return why a row does not count, of which `noise` is this; None if it does."""
        if not self._refuses or found.get("median", 0.0) <= MOST:
            return None
        return f"other processes had {found['median'] * 100:.0f} % of the machine in its median run"
