"""Ceph's programs: found, installed from Debian when this is root, or else the test is skipped.

Under CI nothing is skipped: a permission suite that silently does not run is worse than a red build.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

PROGRAMS = ("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
PACKAGES = ("ceph-mon", "ceph-osd", "radosgw", "ceph-common")
INSTALL_TIMEOUT_S = 600.0
# Two pytest-xdist workers may install at once, one of them by bench/canned.py; apt's own lock would fail the second.
APT_LOCK = Path(tempfile.gettempdir(), "s3-crosscopy-apt-get.lock")
# RUNLEVEL=1 keeps the packages' scripts from starting the services they install.
APT_ENVIRONMENT = {"RUNLEVEL": "1", "DEBIAN_FRONTEND": "noninteractive"}


def ensure_ceph() -> None:
    """Return with every program on the PATH; skip the test, or fail it under CI, if that cannot be."""
    if _missing():
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            _give_up(f"Ceph RGW is not installed: as root, apt-get install {' '.join(PACKAGES)}")
        _install()
    if missing := _missing():
        _give_up(f"Ceph RGW is not complete: no {', '.join(missing)} after installing {' '.join(PACKAGES)}")


def _missing() -> list[str]:
    return [program for program in PROGRAMS if shutil.which(program) is None]


def _give_up(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{reason} (CI is set: not skipped)")
    pytest.skip(reason)


def _install() -> None:
    with APT_LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _missing():
            return
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
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
                _give_up(f"apt-get {arguments[0]} failed: {done.stdout[-1000:]}")
