"""Rows about unchanged pairs whose ETags do not compare, and about copies that need a HEAD each."""

from __future__ import annotations

from collections.abc import Sequence
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from bench.canned_server import Front, Shape
from bench.cases.case import WINDOW, Measured, busy, figure, label
from bench.figures import ratios
from bench.peers import FRESH, SAME, Command, Job, ours
from bench.runner import Bench, Subject

FEW, MANY = 1_000, 101_000
SLOW_MANY = 3_000
"""Of boto3 where each object needs a request, of which two take 2 ms."""
LATENCY_S, LATE_WINDOW, LATE_MANY = 0.02, 256, 41_000


def _ours(bench: Bench, name: str, dest: str, outcome: str, *more: str, boto3_many: int = SLOW_MANY) -> list[Subject]:
    found = []
    for transport in bench.transports:
        many = MANY if transport == "fast" else boto3_many
        command = ours(transport, "copy", dest, "--max-concurrency", str(WINDOW), *more)
        found.append(Subject(f"{label(transport)}{name}", command, bench.size(FEW), bench.size(many), outcome))
    return found


def _unchanged(bench: Bench, differing: str, own: Sequence[Subject]) -> Measured:
    """CPU of an unchanged pair as a share of `s5cmd sync`'s, which compares sizes and times."""
    subjects = [*own, *bench.peer("s5cmd", Job.SYNC, FEW, MANY)]
    costs = bench.costs(Shape(0, differing=differing), subjects, bench.rounds(3))
    cpu = {name: [cost.cpu_s() for cost in rounds] for name, rounds in costs.items()}
    told = [figure(f"{name}: CPU an unchanged pair", "us", (each * 1e6 for each in cpu[name])) for name in cpu]
    peer = cpu.get("s5cmd")
    reached = {
        transport: ratios(cpu[label(transport)], peer)
        for transport in bench.transports
        if peer and cpu.get(label(transport))
    }
    return Measured(reached, tuple(told), busy(costs, map(label, bench.transports)))


def other_part_layouts(bench: Bench) -> Measured:
    """Pairs of `-N` ETags without checksums: the times of the listings decide."""
    return _unchanged(bench, "parts", _ours(bench, "", SAME, "skipped", boto3_many=MANY))


def common_checksums(bench: Bench) -> Measured:
    """Pairs with checksums of the whole content by the same algorithm: a HEAD of each side proves the content."""
    return _unchanged(bench, "checksums", _ours(bench, "", SAME, "skipped"))


def etag_index(bench: Bench) -> Measured:
    """The pairs of `other_part_layouts`, with the ETag index of a run before: it is read, and written anew."""
    with TemporaryDirectory(prefix="s3-index-") as folder:
        plain = _ours(bench, "", SAME, "skipped", boto3_many=MANY)
        own = [subject._replace(command=_indexed(bench, subject, folder)) for subject in plain]
        return _unchanged(bench, "parts", own)


def _indexed(bench: Bench, subject: Subject, folder: str) -> Command:
    """The command with an index of its own for each front, which the first run of it makes untimed."""
    seen: set[str] = set()

    def command(front: Front) -> list[str]:
        place = f"{folder}/{subject.name}-{urlsplit(front.url).port}"

        def with_index(front: Front) -> list[str]:
            return [*subject.command(front), "--etag-index", place]

        if front.url not in seen:
            seen.add(front.url)
            bench.run(with_index, front)
        return with_index(front)

    return command


def common_checksums_with_latency(bench: Bench) -> Measured:
    """Wall time of such a pair at 20 ms a request, as a share of `aws s3 sync`'s, which sends no HEADs at all."""
    command = ours("fast", "copy", SAME, "--max-concurrency", str(LATE_WINDOW))
    fast = [Subject(label("fast"), command, bench.size(FEW), bench.size(LATE_MANY), "skipped")]
    subjects = [*fast * ("fast" in bench.transports), *bench.peer("aws-cli", Job.SYNC, FEW, LATE_MANY)]
    shape = Shape(0, copy_s=LATENCY_S, list_s=LATENCY_S, head_s=LATENCY_S, differing="checksums")
    costs = bench.costs(shape, subjects, bench.rounds(3))
    wall = {name: [cost.wall_s() for cost in rounds] for name, rounds in costs.items()}
    told = [figure(f"{name}: wall time an unchanged pair", "us", (each * 1e6 for each in wall[name])) for name in wall]
    share, peer = wall.get(label("fast")), wall.get("aws-cli")
    reached = {"fast": ratios(share, peer)} if share and peer else {}
    return Measured(reached, tuple(told), busy(costs, [label("fast")]))


def other_metadata(bench: Bench) -> Measured:
    """CPU of a copy with `metadata={...}`, which needs a HEAD, as a multiple of a plain copy's."""
    replaced = ", other metadata"
    subjects = [
        *_ours(bench, "", FRESH, "copied"),
        *_ours(bench, replaced, FRESH, "copied", "--metadata", "a=b"),
    ]
    costs = bench.costs(Shape(0), subjects, bench.rounds(3))
    cpu = {name: [cost.cpu_s() for cost in rounds] for name, rounds in costs.items()}
    told = [figure(f"{name}: CPU a copy", "us", (each * 1e6 for each in cpu[name])) for name in cpu]
    reached = {
        transport: ratios(cpu[f"{label(transport)}{replaced}"], cpu[label(transport)])
        for transport in bench.transports
        if cpu.get(label(transport)) and cpu.get(f"{label(transport)}{replaced}")
    }
    return Measured(reached, tuple(told), busy(costs, map(label, bench.transports)))
