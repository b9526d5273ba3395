"""Programs that come from Debian: found, installed when this is root, or else the test is skipped.

Under CI nothing is skipped: a suite that silently does not run is worse than a red build.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

INSTALL_TIMEOUT_S = 600.0
# Two pytest-xdist workers may install at once, one of them by bench/canned_server.py; apt's own lock would fail the
# second.
APT_LOCK = Path(tempfile.gettempdir(), "s3-crosscopy-apt-get.lock")
# RUNLEVEL=1 keeps the packages' scripts from starting the services they install.
APT_ENVIRONMENT = {"RUNLEVEL": "1", "DEBIAN_FRONTEND": "noninteractive"}


class NotInstalled(Exception):
    """One line: what is missing, and how to have it."""


class Software(NamedTuple):
    """`programs` of the Debian `packages`, looked for on the PATH and then by the patterns `beside` it."""

    name: str
    programs: tuple[str, ...]
    packages: tuple[str, ...]
    beside: tuple[str, ...] = ()

    def path(self, program: str) -> str | None:
        """Where a program is; of several versions beside the PATH the one that sorts last."""
        folders = [str(folder) for pattern in self.beside for folder in sorted(Path("/").glob(pattern), reverse=True)]
        return shutil.which(program) or shutil.which(program, path=os.pathsep.join(folders))

    def missing(self) -> list[str]:
        return [program for program in self.programs if self.path(program) is None]


def ensure(software: Software) -> None:
    """Return with every program in its place; NotInstalled if that cannot be."""
    packages = " ".join(software.packages)
    if software.missing():
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise NotInstalled(f"{software.name} is not installed: as root, apt-get install {packages}")
        _install(software)
    if missing := software.missing():
        raise NotInstalled(f"{software.name} is not complete: no {', '.join(missing)} after installing {packages}")


def ensure_or_skip(software: Software) -> None:
    """The same for a test: skipped, or failed under CI, where the software cannot be had."""
    try:
        ensure(software)
    except NotInstalled as error:
        if os.environ.get("CI"):
            pytest.fail(f"{error} (CI is set: not skipped)")
        pytest.skip(str(error))


def _install(software: Software) -> None:
    with APT_LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if software.missing():
            _apt_get("update")
            _apt_get("install", "-y", "--no-install-recommends", *software.packages)


def _apt_get(*arguments: str) -> None:
    done = subprocess.run(
        ["apt-get", "-q", *arguments],
        check=False,
        env={**os.environ, **APT_ENVIRONMENT},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=INSTALL_TIMEOUT_S,
    )
    if done.returncode != 0:
        raise NotInstalled(f"apt-get {arguments[0]} failed: {done.stdout[-1000:]}")
