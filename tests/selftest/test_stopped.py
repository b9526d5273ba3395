"""A real process that gets a real Ctrl-C in the middle of a copy removes what it wrote before it ends."""

from __future__ import annotations

import signal
import subprocess

import pytest

from tests.cli.shell import COMMAND
from tests.selftest.conftest import Lab


@pytest.mark.slow
def test_a_stopped_process_removes_everything(lab: Lab) -> None:
    before = lab.content()
    places = [f"s3://{bucket}/tmp/" for bucket in lab.buckets]
    access = ["--profile", "b", "--source-profile", "a", "--endpoint-url", lab.endpoint_url]
    out = ["--out", str(lab.path / "selftest.json")]
    with subprocess.Popen(
        [*COMMAND, "selftest", *places, *access, *out, "--yes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=lab.path,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("copies on both data paths"):
                process.send_signal(signal.SIGINT)
                break
        result, _ = process.communicate(timeout=120)

    assert process.returncode == 130
    assert "not complete: stopped by request" in result
    assert "everything that was written is removed" in result
    assert lab.content() == before
