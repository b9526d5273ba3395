"""What was measured on, and which versions: facts of the machine without a name or a path."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.peers import PEERS, clients

PACKAGES = ("boto3", "botocore", "pycurl", "awscli", "apache-airflow", "apache-airflow-providers-amazon")
_NUMBER = re.compile(r"\d+\.\d+(\.\d+)?")


def facts() -> dict[str, Any]:
    """Processor, memory and system."""
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return {
        "processor": model[1] if model else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": _system(),
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Of every client and of the server; those that are not there are left out."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    s5cmd, rclone = clients()["s5cmd"].program, PEERS / "bin" / "rclone"
    for name, command in (
        ("s5cmd", [str(s5cmd), "version"]),
        ("rclone", [str(rclone), "version"]),
        ("nginx", ["nginx", "-v"]),
        ("wrk", ["wrk", "-v"]),
    ):
        number = _NUMBER.search(_said(command))
        if number is not None:
            found[name] = number[0]
    return found


def _said(command: list[str]) -> str:
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except OSError:
        return ""
    return ended.stdout + ended.stderr


def _system() -> str:
    release = Path("/etc/os-release")
    name = re.search(r'^PRETTY_NAME="?([^"\n]+)', release.read_text() if release.exists() else "", re.MULTILINE)
    return name[1] if name else platform.system()
