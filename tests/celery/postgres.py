"""A PostgreSQL on a loopback port, as forgetful as it is fast. It refuses to run as root: then `postgres` runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.debian import Software
from tests.servers.process_group import KeptProcess
from tests.servers.processes import free_port

POSTGRES = Software(
    "PostgreSQL",
    programs=("initdb", "pg_isready", "postgres"),
    packages=("postgresql",),
    # Debian keeps what belongs to one version off the PATH.
    beside=("usr/lib/postgresql/*/bin",),
)
# Who runs the server where this is root; made by Debian's package.
SERVER_USER = "postgres"
DATABASE_USER = "airflow"
READY_TIMEOUT_S = 60.0
READY_POLL_S = 0.1
COMMAND_TIMEOUT_S = 60.0
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # A crash loses everything, and then the test is lost anyway.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "shared_buffers": "32MB",
    # Two pools of 15 connections in each of Airflow's four kinds of process.
    "max_connections": "200",
    # posix leaves files in /dev/shm if it is killed.
    "dynamic_shared_memory_type": "mmap",
}


# Removes the data ($0) after the server, whose end the keeper asks for by SIGTERM also when this process was killed.
AND_CLEAN = r'trap "kill -TERM \$server" TERM; "$@" & server=$!; wait $server; wait $server; rm -rf "$0"'


@contextmanager
def running(path: Path) -> Iterator[str]:
    """The URL of a server with one empty database, for psycopg 3, which serves Airflow's sync and async sides.

    `path` holds its log. The data is elsewhere: the server's user may not enter pytest's own directory.
    """
    folder = Path(tempfile.mkdtemp(prefix="s3-crosscopy-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, SERVER_USER, SERVER_USER)
        _initialize(folder / "data")
        port = free_port()
        settings = [f"--{setting}={value}" for setting, value in {**SETTINGS, "port": str(port)}.items()]
        server = _as_server_user(_program("postgres"), "-D", str(folder / "data"), *settings)
        process = KeptProcess(["sh", "-c", AND_CLEAN, str(folder), *server], path / "postgres.log")
        try:
            _wait_until_ready(process, port)
            yield f"postgresql+psycopg://{DATABASE_USER}@127.0.0.1:{port}/postgres"
        finally:
            # SIGTERM waits for the last client and then frees a piece of System V memory that SIGKILL would leave.
            process.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialize(data: Path) -> None:
    done = subprocess.run(
        _as_server_user(
            _program("initdb"), "--no-sync", "--no-locale", "--encoding=UTF8", "--auth=trust", "-U", DATABASE_USER, data
        ),
        check=False,
        cwd=data.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT_S,
    )
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed: {done.stderr[-2000:]}")


def _as_server_user(*command: str | Path) -> list[str]:
    words = [str(word) for word in command]
    if os.geteuid() != 0:
        return words
    return ["setpriv", f"--reuid={SERVER_USER}", f"--regid={SERVER_USER}", "--init-groups", *words]


def _program(name: str) -> str:
    path = POSTGRES.path(name)
    assert path is not None, f"no {name}: call ensure(POSTGRES) first"
    return path


def _wait_until_ready(process: KeptProcess, port: int) -> None:
    asked = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + READY_TIMEOUT_S
    while process.is_running() and time.monotonic() < deadline:
        if subprocess.run(asked, check=False, stdin=subprocess.DEVNULL, timeout=COMMAND_TIMEOUT_S).returncode == 0:
            return
        time.sleep(READY_POLL_S)
    raise RuntimeError(f"PostgreSQL did not come up: {process.log.read_text(errors='replace')[-2000:]}")
