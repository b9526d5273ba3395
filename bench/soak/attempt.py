"""One attempt of the copy: the CLI as a child, pinned to a core, watched while it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench.soak.run_shape import Shape
from bench.timing import CLIENT_CPU

COMMON = (
    "copy", "s3://src/data/", "s3://dst/in/", "--profile", "copier", "--transport", "fast", "--copy-last", "*_SUCCESS",
    "--multipart-threshold", "16MiB", "--part-size", "8MiB", "--json", "--quiet",
    "--botocore-config", '{"s3": {"addressing_style": "path"}, "proxies": {}}',
)  # fmt: skip
PROFILES = """[profile base]
aws_access_key_id = AKIABASE
aws_secret_access_key = secret
region = us-east-1

[profile copier]
role_arn = arn:aws:iam::222222222222:role/copier
source_profile = base
region = us-east-1
"""


class Place(NamedTuple):
    """The folder that outlives the attempts."""

    home: Path

    @property
    def store(self) -> Path:
        return self.home / "store"

    @property
    def checkpoint(self) -> Path:
        return self.store / "checkpoint.json"

    @property
    def report(self) -> Path:
        return self.home / "report"


class Attempt:
    """A running child. `said` is its report, once it has ended with one."""

    def __init__(self, shape: Shape, place: Place, endpoint: str) -> None:
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        command = [sys.executable, "-m", "bench.soak.copy_process", str(shape.save_every_s), *COMMON]
        command += ["--endpoint-url", endpoint, "--checkpoint", str(place.checkpoint), "--report", str(place.report)]
        command += ["--max-concurrency", str(shape.window), "--overwrite", shape.overwrite]
        self._process = subprocess.Popen(
            command, env=_environment(place, endpoint), stdin=subprocess.DEVNULL, stdout=self._out, stderr=self._err
        )
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(self._process.pid, {CLIENT_CPU} & cores or cores)

    def code(self) -> int | None:
        """The exit code, None as long as it runs."""
        return self._process.poll()

    def kill(self) -> None:
        """kill -9, and wait."""
        self._process.kill()
        self._process.wait()

    def rss_kib(self) -> int:
        """What is resident now; 0 of one that has ended."""
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE") // 1024

    def cpu_s(self) -> float:
        """The CPU time that it took, 0 of one that has ended."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def report(self) -> dict[str, Any] | None:
        """The report that it printed, None if it came to none."""
        self._out.seek(0)
        text = self._out.read()
        try:
            report: dict[str, Any] = json.loads(text)
        except ValueError:
            return None
        return report

    def last_line(self) -> str:
        """What it said last on stderr."""
        self._err.seek(0)
        lines = self._err.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def close(self) -> None:
        if self._process.poll() is None:
            self.kill()
        self._out.close()
        self._err.close()


def prepare(home: Path) -> Place:
    """The folder with the profiles."""
    place = Place(home)
    place.store.mkdir()
    (home / "aws").write_text(PROFILES)
    return place


def _environment(place: Place, endpoint: str) -> Mapping[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AIRFLOW"))}
    return {
        **clean,
        "AWS_CONFIG_FILE": str(place.home / "aws"),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL_STS": endpoint,
    }
