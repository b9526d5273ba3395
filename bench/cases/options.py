"""The row about options that cost little: the CPU of a copy with each of them, as a multiple of a plain copy's."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.canned_server import Front, Shape
from bench.cases.case import WINDOW, Figure, Measured, busy, figure, label
from bench.figures import Spread, ratios
from bench.peers import FRESH, Command, ours
from bench.runner import Bench, Subject

SIZES = {"fast": (1_000, 51_000), "boto3": (500, 2_500)}
ROUNDS = {"fast": 9, "boto3": 1}
"""A tenth more has to be told from noise; with boto3 a copy takes 25 times as much, and no option shows."""
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PLAIN = "no option"

OPTIONS: Mapping[str, Callable[[Bench], tuple[str, ...]]] = {
    PLAIN: lambda bench: (),
    "a report": lambda bench: ("--report", str(bench.folder())),
    "a checkpoint": lambda bench: ("--checkpoint", str(bench.folder() / "checkpoint.json")),
    "overwrite=never": lambda bench: ("--overwrite", "never"),
    "filters": lambda bench: (
        *("--include", "*.parquet", "--exclude", "*/_temporary/*", "--min-size", "1"),
        *("--modified-after", "2020-01-01T00:00:00Z"),
    ),
    "tags": lambda bench: ("--tags", "team=lake,stage=raw"),
    "KMS": lambda bench: ("--kms-key-id", KEY, "--kms-encryption-type", "aws:kms", "--bucket-key-enabled"),
}
"""What each adds to the command; a folder of its own for each run, because a second one would find the first's."""


def with_each(bench: Bench) -> Measured:
    """What counts is the option that costs most."""
    reached: dict[str, Spread] = {}
    told: list[Figure] = []
    both: dict[str, tuple[float, float]] = {}
    for transport in bench.transports:
        few, many = SIZES[transport]
        subjects = [
            Subject(name, _command(bench, transport, name), bench.size(few), bench.size(many), "copied")
            for name in OPTIONS
        ]
        costs = bench.costs(Shape(0), subjects, bench.rounds(ROUNDS[transport]))
        cpu = {name: [cost.cpu_s() for cost in rounds] for name, rounds in costs.items() if rounds}
        if PLAIN not in cpu:
            continue
        told.append(figure(f"{label(transport)}: CPU a plain copy", "us", (each * 1e6 for each in cpu[PLAIN])))
        by_option = {name: ratios(each, cpu[PLAIN]) for name, each in cpu.items() if name != PLAIN}
        told += [Figure(f"{label(transport)}: with {name}", "times", one) for name, one in by_option.items()]
        reached |= {transport: worst(by_option)} if by_option else {}
        both |= busy({label(transport): costs[PLAIN]}, [label(transport)])
    return Measured(reached, tuple(told), both)


def worst(by_option: Mapping[str, Spread]) -> Spread:
    """The greatest of some multiples, by its median."""
    return max(by_option.values(), key=lambda one: one.median)


def _command(bench: Bench, transport: str, name: str) -> Command:
    def command(front: Front) -> list[str]:
        more = ("--max-concurrency", str(WINDOW), *OPTIONS[name](bench))
        return ours(transport, "copy", FRESH, *more)(front)

    return command
