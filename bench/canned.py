"""Starts the canned S3 front (nginx and a page of Lua, from Debian) on a core of its own, on a free port."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent / "front"
LUA_MODULE = Path("/usr/lib/nginx/modules/ngx_http_lua_module.so")
# That of tests/servers/rgw_install.py too: apt's own lock would fail the second of two test workers.
APT_LOCK = Path(tempfile.gettempdir(), "s3-crosscopy-apt-get.lock")
PACKAGES = ("nginx-core", "libnginx-mod-http-lua")


def ensure_nginx() -> None:
    """Install nginx with Lua from Debian if it is missing; SystemExit with one line where that cannot be done."""
    if _is_installed():
        return
    if os.geteuid() != 0:
        raise SystemExit(f"bench: needs the Debian packages {' '.join(PACKAGES)}, and only root can install them")
    with APT_LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_installed():
            _install()


def _is_installed() -> bool:
    return shutil.which("nginx") is not None and LUA_MODULE.exists()


def _install() -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        subprocess.run(["apt-get", "-qq", *command], env=env, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def front(keys: int, cpu: int) -> Iterator[str]:
    """The endpoint of a front with so many keys under `s3://src/data/`, pinned to one core."""
    ensure_nginx()
    with tempfile.TemporaryDirectory(prefix="s3-front-") as name:
        directory = Path(name)
        directory.chmod(0o755)  # nginx's worker is another user
        port = _free_port()
        conf = (HERE / "nginx.conf").read_text()
        values = {"DIR": name, "PORT": str(port), "KEYS": str(keys), "CPU_MASK": "1" + "0" * cpu}
        for mark, value in values.items():
            conf = conf.replace(f"@{mark}@", value)
        (directory / "nginx.conf").write_text(conf)
        shutil.copy(HERE / "list.lua", directory)
        server = subprocess.Popen(
            ["nginx", "-c", str(directory / "nginx.conf")], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait_for(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("bench: the canned front did not start")
