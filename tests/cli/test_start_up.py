"""The command starts fast: it imports only what it needs, and ends without a last garbage collection."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Sequence

import pytest

from s3_crosscopy.cli.command_table import COMMANDS
from s3_crosscopy.cli.main import main
from tests.cli.shell import Shell

SLOW = ("boto3", "botocore", "urllib3", "pycurl", "rich", "airflow", "importlib.metadata", "ssl")
OURS = tuple(f"s3_crosscopy.{name}" for name in ("api", "engine", "report", "manifest", "shards", "airflow"))
NOT_FOR_ONE_OBJECT = (
    "airflow",
    "rich",
    "pyarrow",
    *(
        f"s3_crosscopy.{name}"
        for name in (
            "access.doctor",
            "access.probes",
            "access.rules",
            "airflow",
            "api.aborting",
            "api.reporting",
            "cli.access_tables",
            "cli.commands.doctor_command",
            "cli.commands.report_command",
            "cli.progress_bar",
            "manifest",
            "report.page",
            "report.report_reader",
            "report.report_writer",
            "shards",
            "testing",
        )
    ),
)

# Runs the command as a user does, then prints the imported modules.
PRINTS_IMPORTS = """
import sys
from s3_crosscopy.cli.main import main
try:
    code = main(sys.argv[1:])
except SystemExit as end:
    code = end.code
assert code == 0
print("imported", *sys.modules)
"""

# Exit handlers run in reverse order: this one after those of the command.
PRINTS_FROZEN_OBJECTS = """
import atexit, gc, sys
from s3_crosscopy.cli.main import main
atexit.register(lambda: print("frozen", gc.get_freeze_count()))
sys.exit(main())
"""


def run(program: str, arguments: Sequence[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.splitlines()[-1]


def imported(arguments: Sequence[str], names: Sequence[str]) -> list[str]:
    """The modules of `names`, or below one of them, that the command imports."""
    loaded = run(PRINTS_IMPORTS, arguments).split()[1:]
    assert "s3_crosscopy.cli.main" in loaded
    return [module for module in loaded if any(f"{module}.".startswith(f"{name}.") for name in names)]


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]], ids=" ".join)
def test_version_and_help_import_no_command_at_all(arguments: list[str]) -> None:
    assert imported(arguments, (*SLOW, *OURS, "s3_crosscopy.cli.commands", "s3_crosscopy.core", "dataclasses")) == []


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_the_help_of_a_command_imports_neither_the_api_nor_anything_slow(command: str) -> None:
    assert imported([command, "--help"], (*SLOW, *OURS)) == []


def test_a_copy_of_one_object_imports_nothing_that_it_never_needs(shell: Shell) -> None:
    shell.put("in/a")
    places = (f"{shell.source}a", shell.dest, "--profile", "b", "--endpoint-url", shell.endpoint_url)

    assert imported(["copy", *places], NOT_FOR_ONE_OBJECT) == []
    assert list(shell.copied()) == ["out/a"]


def test_the_process_of_a_command_ends_without_a_last_collection() -> None:
    words = run(PRINTS_FROZEN_OBJECTS, ["--version"]).split()

    assert words[0] == "frozen"
    assert int(words[1]) > 1_000


def test_a_caller_in_the_same_process_keeps_its_garbage_collector() -> None:
    before = gc.get_threshold(), gc.get_freeze_count()

    with pytest.raises(SystemExit, match="0"):
        main(["--version"])

    assert (gc.get_threshold(), gc.get_freeze_count()) == before
