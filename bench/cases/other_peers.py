"""What other clients take, beside the table: aws-cli and rclone, which nobody set a target against."""

from __future__ import annotations

from bench.canned_server import Shape
from bench.cases.case import Figure, Measured, figure
from bench.peers import Job
from bench.runner import Bench


def other_peers(bench: Bench) -> Measured:
    """One round: a figure to know where one stands."""
    if bench.quick:
        return Measured({})
    told: list[Figure] = []
    for job, few, many, text in (
        (Job.COPY, 1_000, 6_000, "CPU a copy"),
        (Job.LIST, 1_000, 51_000, "CPU a listed key"),
        (Job.SYNC, 1_000, 51_000, "CPU an unchanged key of a sync"),
    ):
        subjects = [*bench.peer("aws-cli", job, few, many), *bench.peer("rclone", job, few, many)]
        costs = bench.costs(Shape(0), subjects, 1)
        told += [figure(f"{name}: {text}", "us", [c.cpu_s() * 1e6 for c in rounds]) for name, rounds in costs.items()]
    return Measured({}, tuple(told))
