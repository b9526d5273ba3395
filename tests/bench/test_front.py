"""The canned front's files have no mark that nobody fills in, and every client has a command for its jobs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bench.canned_server import HERE, Front, Shape, _filled, _values
from bench.peers import FRESH, Client, Job, clients, missing, ours

MARK = re.compile(r"@[A-Z_]+@")
SHAPES = (
    Shape(10),
    Shape(10, tls=True, copy_s=0.04, list_s=0.1, counting=True, large_bytes=2**40, large_parts=8192),
)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("source", [pytest.param(one, id=one.name) for one in sorted(HERE.iterdir())])
def test_every_mark_is_filled_in(source: Path, shape: Shape) -> None:
    assert MARK.findall(_filled(source.read_text(encoding="utf-8"), _values(shape, "/somewhere", 9900, 1))) == []


def test_a_plain_copy_costs_the_server_no_timer() -> None:
    assert _values(SHAPES[0], "/somewhere", 9900, 1)["COPY"] == "rewrite ^ /__copy_at_once last;"
    assert _values(SHAPES[-1], "/somewhere", 9900, 1)["COPY"] == "rewrite ^ /__copy last;"


@pytest.mark.parametrize("client", [pytest.param(one, id=one.name) for one in clients().values()])
def test_a_command_talks_to_the_front_and_to_nobody_else(client: Client) -> None:
    front = Front("http://127.0.0.1:9900", None, 1)
    jobs = {job: command for job, command in client.jobs.items() if job is not Job.VERSION}
    assert all(front.url in command(front) for command in jobs.values())
    assert Job.COPY in client.jobs


def test_a_peer_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    line = missing(Client("a peer", tmp_path / "peer", {}))
    assert line == "a peer: is not installed, so its figures are missing; `make bench` installs it"


def test_ours_trusts_the_front_only_by_its_certificate() -> None:
    given = ours("boto3", "copy", FRESH)(Front("https://127.0.0.1:9943", "/ca.pem", 1))
    assert given[given.index("--ca-bundle") + 1] == "/ca.pem"
    assert "--no-verify-ssl" not in given
