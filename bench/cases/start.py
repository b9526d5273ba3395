"""Rows about starting: whole processes that do next to nothing, beside aws-cli's."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.canned_server import Shape
from bench.cases.case import Measured, figure, label
from bench.figures import ratios
from bench.peers import ONE, ONE_COPY, Command, Job, ours
from bench.runner import Bench, Subject

ROUNDS = 9
"""A round is half a second, and its figures vary more than those of the others."""


def version(bench: Bench) -> Measured:
    """Wall time of `--version`, which no transport takes part in."""
    program = str(Path(sys.executable).with_name("s3-crosscopy"))
    return _measured(bench, {bench.transports[-1]: lambda front: [program, "--version"]}, Job.VERSION)


def one_object(bench: Bench) -> Measured:
    """Wall time of the copy of one small object."""
    commands = {
        transport: ours(transport, "copy", ONE_COPY, "--kind", "object", source=ONE) for transport in bench.transports
    }
    return _measured(bench, commands, Job.ONE)


def _measured(bench: Bench, commands: dict[str, Command], job: Job) -> Measured:
    """The second of each two runs counts: the first one finds compiled modules, or compiles them."""
    subjects = [Subject(label(transport), command, 1, 1) for transport, command in commands.items()]
    costs = bench.costs(Shape(1), [*subjects, *bench.peer("aws-cli", job, 1, 1)], bench.rounds(ROUNDS))
    wall = {name: [cost.large.wall_s for cost in rounds] for name, rounds in costs.items()}
    peer = wall.get("aws-cli")
    reached = {
        transport: ratios(wall[label(transport)], peer) for transport in commands if peer and wall.get(label(transport))
    }
    return Measured(reached, tuple(figure(f"{name}: wall", "s", each) for name, each in wall.items() if each))
