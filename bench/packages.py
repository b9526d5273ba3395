"""The Debian packages of the benchmark: what is missing is installed where we are root, and named where we are not."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

MODULES = Path("/usr/lib/nginx/modules")
# That of tests/servers/debian.py too: apt's own lock would fail the second of two test workers.
APT_LOCK = Path(tempfile.gettempdir(), "s3-crosscopy-apt-get.lock")
NGINX = ("nginx-core", "libnginx-mod-http-lua", "libnginx-mod-http-echo")


def ensure_nginx() -> None:
    """Install nginx with Lua from Debian if it is missing; SystemExit with one line where that cannot be done."""
    modules = (MODULES / f"ngx_http_{name}_module.so" for name in ("lua", "echo"))
    files = tuple(modules)
    _ensure(NGINX, lambda: shutil.which("nginx") is not None and all(file.exists() for file in files))


def ensure_load_generator() -> None:
    """wrk, which does not sign: the rate that a client could reach at most."""
    _ensure(("wrk",), lambda: shutil.which("wrk") is not None)


def _ensure(packages: tuple[str, ...], is_there: Callable[[], bool]) -> None:
    if is_there():
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SystemExit(f"bench: needs the Debian packages {' '.join(packages)}, and only root can install them")
    with APT_LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_there():
            _install(packages)


def _install(packages: tuple[str, ...]) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", "-qq", *command], env=env, check=True, stdout=subprocess.DEVNULL)
