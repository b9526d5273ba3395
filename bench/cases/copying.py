"""Rows about small copies: CPU an object against each peer, the share of what the machine gives, latency."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bench.canned_server import Front, Shape, serving
from bench.cases.case import LATENCY_WINDOW, WINDOW, Measured, busy, figure, label
from bench.figures import ratios, spread
from bench.packages import ensure_load_generator
from bench.peers import FRESH, ROOT, Job, ours
from bench.runner import Bench, Costs, Subject
from bench.timing import SERVER_CPU, Failed

SIZES = {"fast": (1_000, 101_000), "boto3": (1_000, 6_000)}
"""boto3 takes two minutes for 100,000, and its line is as straight."""
PEER_SIZES = (1_000, 51_000)
"""s5cmd's too: half a minute for 100,000."""
ROUNDS = 5
AT_LATENCY_S = 0.04
LOAD_S = 3
_RATE = re.compile(r"^Requests/sec:\s*([0-9.]+)", re.MULTILINE)


def _ours(bench: Bench, sizes: Mapping[str, tuple[int, int]], windows: Mapping[str, int]) -> list[Subject]:
    found = []
    for transport in bench.transports:
        few, many = sizes[transport]
        command = ours(transport, "copy", FRESH, "--max-concurrency", str(windows[transport]))
        found.append(Subject(label(transport), command, bench.size(few), bench.size(many), "copied"))
    return found


def _plain(bench: Bench) -> Costs:
    subjects = [
        *_ours(bench, SIZES, dict.fromkeys(SIZES, WINDOW)),
        *bench.peer("s5cmd", Job.COPY, *PEER_SIZES),
        *bench.peer("boto3 in threads", Job.COPY, *SIZES["boto3"]),
    ]
    return bench.once("plain", lambda: bench.costs(Shape(0), subjects, bench.rounds(ROUNDS)))


def _tls(bench: Bench) -> Costs:
    subjects = [*_ours(bench, SIZES, dict.fromkeys(SIZES, WINDOW)), *bench.peer("s5cmd", Job.COPY, *PEER_SIZES)]
    return bench.once("tls", lambda: bench.costs(Shape(0, tls=True), subjects, bench.rounds(ROUNDS)))


def _against(costs: Costs, peer: str, transports: tuple[str, ...]) -> Measured:
    """How many times a peer's CPU an object ours is."""
    cpu = {name: [cost.cpu_s() for cost in rounds] for name, rounds in costs.items()}
    told = {name: figure(f"{name}: CPU a copy", "us", (each * 1e6 for each in cpu[name])) for name in cpu}
    names = {transport: label(transport) for transport in transports}
    reached = {
        transport: ratios(cpu[peer], cpu[name]) for transport, name in names.items() if name in cpu and peer in cpu
    }
    return Measured(reached, tuple(told.values()), busy(costs, names.values()))


def against_s5cmd(bench: Bench) -> Measured:
    return _against(_plain(bench), "s5cmd", bench.transports)


def against_s5cmd_over_tls(bench: Bench) -> Measured:
    return _against(_tls(bench), "s5cmd", bench.transports)


def against_threads(bench: Bench) -> Measured:
    return _against(_plain(bench), "boto3 in threads", bench.transports)


def share_of_load_generator(bench: Bench) -> Measured:
    """Our copies a second of wall time beside the requests a second of a C client that does not sign."""
    costs = _plain(bench)
    rates = load_rates(bench)
    reached = {}
    told = [figure("load generator (wrk)", "a second", rates)] if rates else []
    for transport in bench.transports:
        copied = [1 / cost.wall_s() for cost in costs.get(label(transport), ())]
        if copied and rates:
            reached[transport] = ratios(copied, rates)
            told.append(figure(f"{label(transport)}: copies", "a second", copied))
    return Measured(reached, tuple(told), busy(costs, map(label, bench.transports)))


def load_rates(bench: Bench) -> list[float]:
    """What wrk reaches on the client's core, run by run; empty, and a note, where it cannot be had."""
    try:
        ensure_load_generator()
    except SystemExit as error:
        bench.note(str(error))
        return []
    rates = []
    with serving(Shape(1), SERVER_CPU) as front:
        for _ in range(bench.rounds(3)):
            try:
                found = _RATE.search(bench.run(_load, front).said)
            except Failed as error:
                bench.note(f"the load generator's rate is missing: {error}")
                return []
            if found is not None:
                rates.append(float(found[1]))
    return rates


def _load(front: Front) -> list[str]:
    return ["wrk", "-t1", "-c64", f"-d{LOAD_S}s", "-s", str(ROOT / "bench" / "wrk_load.lua"), front.url]


def against_operator(bench: Bench) -> Measured:
    """10,000 objects at 40 ms, whole processes; the operator's is drawn out from 300 on the line through two sizes."""
    number = bench.size(10_000)
    shape = Shape(0, copy_s=AT_LATENCY_S)
    theirs = bench.costs(shape, bench.peer("S3CopyPrefixOperator", Job.COPY, 50, 300), bench.rounds(3))
    costs = bench.costs(shape, _ours(bench, dict.fromkeys(SIZES, (1_000, 10_000)), LATENCY_WINDOW), bench.rounds(3))
    operator = [cost.wall_s(number) for cost in theirs.get("S3CopyPrefixOperator", ())]
    told = [figure(f"S3CopyPrefixOperator: {number:,} objects, extrapolated", "s", operator)] if operator else []
    reached = {}
    for transport in bench.transports:
        wall = [cost.large.wall_s for cost in costs.get(label(transport), ())]
        if wall and operator:
            reached[transport] = ratios(operator, wall)
            told.append(figure(f"{label(transport)}: {number:,} objects", "s", wall))
    return Measured(reached, tuple(told), busy(costs, map(label, bench.transports)))


def rate_over_tls_with_latency(bench: Bench) -> Measured:
    """Copies a second of wall time, one core, TLS, 40 ms a copy."""
    sizes = {"fast": (5_000, 55_000), "boto3": (500, 4_500)}
    costs = bench.costs(Shape(0, tls=True, copy_s=AT_LATENCY_S), _ours(bench, sizes, LATENCY_WINDOW), bench.rounds(3))
    reached = {
        transport: spread(1 / cost.wall_s() for cost in costs[label(transport)])
        for transport in bench.transports
        if costs.get(label(transport))
    }
    return Measured(reached, (), busy(costs, map(label, bench.transports)))


def start_up(bench: Bench) -> Measured:
    """CPU before the first object: the whole process at size 0, on the line through both sizes."""
    costs = _plain(bench)
    found = {name: [cost.cpu_s(0) for cost in rounds] for name, rounds in costs.items()}
    reached = {
        transport: spread(found[label(transport)]) for transport in bench.transports if label(transport) in found
    }
    return Measured(reached, tuple(figure(f"{name}: CPU to start", "s", values) for name, values in found.items()))
