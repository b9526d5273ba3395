"""A server that does its worst ends a request with one line: no traceback, and neither time nor memory without end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults.hostile_server import HARMS, TO_COPIES, HostileServer
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
CHILD = "tests.faults.hostile_copy_process"
COMMAND = (sys.executable, "-m", "s3_crosscopy.cli", "copy", "--preflight", "off", "--quiet")
TRANSPORTS = ("boto3", "fast")
MOST_S, STOPPED_S, PATIENCE_S = 8.0, 5.0, 240.0
MOST_GROWTH_KIB = 64 * 1024
MOST_CHARS = 2_600
"""A message of 2,048, the code, the request's id and its place."""

pytestmark = pytest.mark.slow

# libcurl and http.client have limits of their own for one line, and an unending line of a chunk tells nothing.
LARGE = {"AnswerTooLarge"}
CODES: Mapping[str, set[str]] = {
    **{harm: LARGE for harm in HARMS if harm.startswith("endless")},
    **{harm: {"AnswerTooSlow"} for harm in HARMS if harm.startswith("drip")},
    "endless-line": {*LARGE, "ConnectionClosed"},
    "endless-chunk-line": {*LARGE, "ConnectionClosed", "ReadTimeout"},
    "endless-crumbs": {*LARGE, "AnswerTooSlow"},
    "message-90kb": {"Odd"},
    "late-message": {"Odd"},
    "entities": {"UnreadableAnswer"},
    "entities-error": {"403"},
}


class Met(NamedTuple):
    """One line of the child."""

    harm: str
    call: str
    code: str | None
    message: str | None
    raised: str | None
    seconds: float
    grown_kib: int


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with HostileServer.start() as server:
        yield server


def _environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"}
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
    return {**clean, **nowhere, **keys, "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="module")
def met(server: HostileServer) -> dict[str, list[Met]]:
    """What a child of each data path met, both at the same time."""
    children = {
        transport: subprocess.Popen(
            [sys.executable, "-m", CHILD, server.endpoint_url, transport],
            cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for transport in TRANSPORTS
    }  # fmt: skip
    said: dict[str, list[Met]] = {}
    for transport, child in children.items():
        try:
            out, err = child.communicate(timeout=PATIENCE_S)
        finally:
            child.kill()
        *lines, end = map(json.loads, out.splitlines() or ["0"])
        assert (end, child.returncode) == ("end", 0), err
        said[transport] = [Met(*line) for line in lines]
    return said


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_harm_is_a_value_or_one_line_of_ours_in_time(met: dict[str, list[Met]], transport: str) -> None:
    assert {one.harm for one in met[transport]} == set(HARMS)
    for one in met[transport]:
        assert one.raised is None, one
        assert one.seconds < MOST_S, one
        assert one.message is None or ("\n" not in one.message and len(one.message) < MOST_CHARS), one


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_never_ends_is_told_by_the_limit_that_it_is_over(met: dict[str, list[Met]], transport: str) -> None:
    told = [one for one in met[transport] if one.harm in CODES and one.call != "HeadObject"]
    assert [one for one in told if one.code not in CODES[one.harm]] == []
    heads = {one.harm: one.code for one in met[transport] if one.call == "HeadObject"}
    assert (heads["endless-head"], heads["drip-head"]) == ("AnswerTooLarge", "AnswerTooSlow")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_no_answer_makes_the_process_grow(met: dict[str, list[Met]], transport: str) -> None:
    grown = {f"{one.call} {one.harm}": one.grown_kib for one in met[transport] if one.grown_kib > 0}
    assert sum(grown.values()) < MOST_GROWTH_KIB, grown


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("harm", ["drip-body", "drip-head", "silent", *TO_COPIES])
def test_sigterm_ends_a_run_within_five_seconds(server: HostileServer, transport: str, harm: str) -> None:
    asked, awaited = len(server.asked), f"PUT /{harm}/" if harm in TO_COPIES else ""
    places = ("--endpoint-url", server.endpoint_url, "--transport", transport, f"s3://{harm}/in/", f"s3://{harm}/out/")
    run = subprocess.Popen(
        [*COMMAND, *places], env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        wait_until(
            lambda: any(line.startswith(awaited) for line in server.asked[asked:]) or run.poll() is not None,
            60,
            lambda: "nothing was asked",
        )
        assert run.poll() is None
        run.send_signal(signal.SIGTERM)
        began = time.monotonic()
        said, _ = run.communicate(timeout=60)
    finally:
        run.kill()
    assert time.monotonic() - began < STOPPED_S
    assert run.returncode == 130
    assert "Traceback" not in said
