"""Rows about listings: keys a CPU-second, a flat prefix in parallel, a sync with nothing to do, memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial

from bench.canned_server import Shape, serving
from bench.cases.case import LATENCY_WINDOW, WINDOW, Figure, Measured, busy, figure, label
from bench.figures import ratios, spread
from bench.peers import FRESH, SAME, Command, Job, ours
from bench.runner import Bench, Cost, Costs, Subject
from bench.timing import SERVER_CPU, Failed, Run

PAGE_S = 0.1
FEW, MANY = 10_000, 1_000_000
KIB_TO_MB = 1024 / 1e6


def _ours(bench: Bench, verb: str, dest: str, outcome: str, sizes: Mapping[str, tuple[int, int]]) -> list[Subject]:
    found = []
    for transport in bench.transports:
        few, many = sizes[transport]
        command = ours(transport, verb, dest, "--max-concurrency", str(WINDOW))
        found.append(Subject(label(transport), command, bench.size(few), bench.size(many), outcome))
    return found


def _per_cpu_second(costs: Costs, sides: int) -> dict[str, list[float]]:
    return {name: [sides / cost.cpu_s() for cost in rounds] for name, rounds in costs.items()}


def planned_keys(bench: Bench) -> Measured:
    """Keys that `plan` lists and joins in a CPU-second, those of both sides counted, beside what `s5cmd ls` lists."""
    sizes = {"fast": (FEW, MANY), "boto3": (1_000, 51_000)}
    subjects = [*_ours(bench, "plan", SAME, "skipped", sizes), *bench.peer("s5cmd", Job.LIST, 1_000, 401_000)]
    both = dict(bench.costs(Shape(0), subjects, bench.rounds(3)))
    peer = [1 / cost.cpu_s() for cost in both.pop("s5cmd", ())]
    one = bench.costs(Shape(0), _ours(bench, "plan", FRESH, "would_copy", sizes), bench.rounds(1))
    keys, keys_of_one = _per_cpu_second(both, 2), _per_cpu_second(one, 1)
    told = [figure("s5cmd ls: keys a CPU-second", "a second", peer)] if peer else []
    told += [figure(f"{name}: keys a CPU-second, both sides listed", "a second", each) for name, each in keys.items()]
    told += [figure(f"{name}: the same, empty destination", "a second", each) for name, each in keys_of_one.items()]
    names = {transport: label(transport) for transport in bench.transports}
    reached = {transport: ratios(keys[name], peer) for transport, name in names.items() if peer and keys.get(name)}
    return Measured(reached, tuple(told), busy(both, names.values()))


def parallel_listing(bench: Bench) -> Measured:
    """One flat prefix at 100 ms a page: `plan` with its window beside `plan` with a window of one request.

    The serial walk is drawn out from two sizes: it is a line, and a million keys take 100 s of nothing but waiting.
    """
    reached, told, both = {}, [], {}
    for transport in bench.transports:
        number = bench.size(MANY if transport == "fast" else MANY // 5)
        shape = Shape(number, list_s=PAGE_S, counting=True)
        serial = ours(transport, "plan", FRESH, "--max-concurrency", "1")
        walk = Subject(f"{label(transport)}, serial", serial, bench.size(1_000), bench.size(101_000), "would_copy")
        costs = bench.costs(shape, [walk], 1)
        runs, counts = _parallel_runs(bench, transport, shape)
        if costs.get(walk.name) and runs:
            serial_s = costs[walk.name][0].wall_s(number)
            if costs[walk.name][0].wall_s() * 1000 < PAGE_S:
                bench.note(f"{walk.name}: was not serial, so its ratio says nothing")
                continue
            wall = [run.wall_s for run in runs]
            reached[transport] = ratios([serial_s] * len(wall), wall)
            both[transport] = (
                spread(run.cpu_s / run.wall_s for run in runs).median,
                spread(run.server_s / run.wall_s for run in runs).median,
            )
            told += [
                figure(f"{label(transport)}: {number:,} keys, page after page (extrapolated)", "s", [serial_s]),
                figure(f"{label(transport)}: {number:,} keys in parallel", "s", wall),
                figure(f"{label(transport)}: LISTs, where a serial listing has {-(-number // 1000) + 1:,}", "requests",
                       [count["list"] for count in counts]),
                figure(f"{label(transport)}: LISTs at once", "requests", [count["peak_lists"] for count in counts]),
            ]  # fmt: skip
    return Measured(reached, tuple(told), both)


def _parallel_runs(bench: Bench, transport: str, shape: Shape) -> tuple[list[Run], list[dict[str, int]]]:
    command = ours(transport, "plan", FRESH, "--max-concurrency", str(LATENCY_WINDOW[transport]))
    runs, counts = [], []
    for _ in range(bench.rounds(3 if transport == "fast" else 1)):
        bench.tell(f"{label(transport)}: {shape.keys:,} keys at {PAGE_S * 1000:.0f} ms a page")
        try:
            run, count = bench.undisturbed(partial(_parallel_run, bench, command, shape))
        except Failed as error:
            bench.note(f"{label(transport)}: parallel listing is missing: {error}")
            return [], []
        runs.append(run)
        counts.append(count)
    return runs, counts


def _parallel_run(bench: Bench, command: Command, shape: Shape) -> tuple[Run, dict[str, int]]:
    with serving(shape, SERVER_CPU) as front:
        run = bench.run(command, front)
        if json.loads(run.said)["would_copy"] != shape.keys:
            raise Failed("not every key was listed")
        return run, front.counts()


def _unchanged(bench: Bench) -> tuple[Costs, Costs]:
    """Ours and `s5cmd sync` with nothing to do; boto3 and the peer once, they take minutes."""
    slow: list[Subject] = []
    fast: list[Subject] = []
    for one in _ours(bench, "copy", SAME, "skipped", dict.fromkeys(LATENCY_WINDOW, (FEW, MANY))):
        (fast if one.name == label("fast") else slow).append(one)
    slow += bench.peer("s5cmd", Job.SYNC, FEW, MANY)
    return bench.costs(Shape(0), fast, bench.rounds(3)), bench.costs(Shape(0), slow, 1)


def unchanged_sync(bench: Bench) -> Measured:
    """Wall time of a million unchanged keys as a share of `s5cmd sync`'s."""
    fast, slow = _unchanged(bench)
    costs = {**fast, **slow}
    wall = {name: [cost.large.wall_s for cost in rounds] for name, rounds in costs.items()}
    number = bench.size(MANY)
    told: list[Figure] = [
        figure(f"{name}: {number:,} unchanged keys", "s", each) for name, each in wall.items() if each
    ]
    reached = {}
    for transport in bench.transports:
        mine, peer = wall.get(label(transport)), wall.get("s5cmd")
        if mine and peer:
            reached[transport] = spread(each / spread(peer).median for each in mine)
    return Measured(reached, tuple(told), busy(costs, map(label, bench.transports)))


def memory(bench: Bench) -> Measured:
    """How much more is resident at most with a million keys than with ten thousand, on both sides, copies encrypted.

    boto3 once: it takes a minute.
    """
    costs: dict[str, Sequence[Cost]] = {}
    for one in _ours(bench, "copy", SAME, "skipped", dict.fromkeys(LATENCY_WINDOW, (FEW, MANY))):
        rounds = bench.rounds(3 if one.name == label("fast") else 1)
        costs |= bench.costs(Shape(0, differing="kms"), [one], rounds)
    told, reached = [], {}
    for name, each in costs.items():
        if each:
            peaks = (cost.large.peak_kib * KIB_TO_MB for cost in each)
            told.append(figure(f"{name}: most memory resident", "MB of memory", peaks))
    for transport in bench.transports:
        if costs.get(label(transport)):
            reached[transport] = spread(
                (cost.large.peak_kib - cost.small.peak_kib) * KIB_TO_MB for cost in costs[label(transport)]
            )
    return Measured(reached, tuple(told))
