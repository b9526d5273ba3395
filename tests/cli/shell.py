"""The command in this process and as one of its own, between two accounts of moto that have profiles `a` and `b`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from s3_crosscopy.cli.main import main
from tests.servers.accounts import Account

COMMAND = (sys.executable, "-m", "s3_crosscopy.cli")


class Ended(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class Shell:
    """Two buckets and the profiles to copy between them. `endpoint_url` may be set to a stub in front of the server."""

    def __init__(self, endpoint_url: str, buckets: tuple[str, str], clients: tuple[Any, Any], capture: Any) -> None:
        self.endpoint_url = endpoint_url
        self.source = f"s3://{buckets[0]}/in/"
        self.dest = f"s3://{buckets[1]}/out/"
        self._buckets = buckets
        self._clients = clients
        self._capture = capture

    def put(self, *keys: str) -> None:
        for key in keys:
            self._clients[0].put_object(Bucket=self._buckets[0], Key=key, Body=f"content of {key}".encode())

    def copied(self) -> dict[str, bytes]:
        """What the destination holds."""
        client, bucket = self._clients[1], self._buckets[1]
        keys = [row["Key"] for row in client.list_objects_v2(Bucket=bucket).get("Contents", ())]
        return {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}

    def copy(self, *arguments: str, source: str | None = None, dest: str | None = None) -> Ended:
        """`s3-crosscopy copy`, in this process."""
        return self.run(*self._copy_arguments(arguments, source, dest))

    def run(self, *arguments: str) -> Ended:
        self._capture.readouterr()
        code = main(arguments)
        return Ended(code, *self._capture.readouterr())

    def start(self, *arguments: str, **streams: Any) -> subprocess.Popen[str]:
        """`s3-crosscopy copy`, as a process of its own; end it with `ended` or `wait`."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        return subprocess.Popen([*COMMAND, *self._copy_arguments(arguments, None, None)], text=True, **pipes)

    def _copy_arguments(self, arguments: Iterable[str], source: str | None, dest: str | None) -> list[str]:
        access = ["--profile", "b", "--endpoint-url", self.endpoint_url]
        return ["copy", source or self.source, dest or self.dest, *access, *arguments]


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for the end of a process."""
    with process:
        out, err = process.communicate(timeout=120)
        return Ended(process.returncode, out, err)


def write_profiles(path: Path, profiles: dict[str, Account], monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS configuration files that hold these profiles and nothing of the user's, for children too."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    lines = []
    for name, account in profiles.items():
        lines += [f"[{name}]", f"aws_access_key_id={account.access_key}", f"aws_secret_access_key={account.secret_key}"]
        if account.session_token is not None:
            lines.append(f"aws_session_token={account.session_token}")
    (path / "credentials").write_text("\n".join(lines) + "\n")
    (path / "config").write_text("".join(f"[profile {name}]\nregion=us-east-1\n" for name in profiles))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
