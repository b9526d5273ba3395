"""Who may know what: imports point inwards, and the outside is known only where the table says so."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import s3_crosscopy

PACKAGE = "s3_crosscopy"
ROOT = Path(s3_crosscopy.__file__).parent

# The rings, by the first name below the package ("" is the package itself), and what each may import of the others:
# model, errors <- plan, ports <- engine, adapters <- api <- cli, airflow.
CORE = {"model", "errors"}
MAY_IMPORT: dict[str, set[str]] = {
    "model": CORE,
    "errors": CORE,
    "ports": CORE,
    "plan": CORE | {"plan"},
    "engine": CORE | {"plan", "ports", "engine"},
    "adapters": CORE | {"plan", "ports", "adapters"},
    # Public doubles: what an adapter may know, and nothing that a user of the ports does not have.
    "testing": CORE | {"plan", "ports", "testing"},
    "api": CORE | {"plan", "ports", "engine", "adapters", "api"},
    "": CORE | {"api"},
    # The command may sign with Airflow's connections, where Airflow is.
    "cli": CORE | {"plan", "ports", "engine", "adapters", "api", "cli", "airflow", ""},
    "airflow": CORE | {"plan", "ports", "engine", "adapters", "api", "airflow", ""},
}

# What is outside, and the only places (modules or packages below ours) that may know it.
THREADS = ("engine", "adapters.boto", "testing")
ONLY_IN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("boto3", "botocore", "s3transfer"), ("adapters", "airflow")),
    "airflow": ("airflow",),
    # An extra: whoever imports it there imports it late.
    "pycurl": ("adapters.fast",),
    "rich": ("cli",),
    **dict.fromkeys(("threading", "queue", "concurrent", "_thread"), THREADS),
    # Blocking code, one colour; Airflow forbids processes.
    **dict.fromkeys(("asyncio", "multiprocessing"), ()),
}
# The cancel signal is all that the skins may have of threads, and the question whether a signal handler may be set.
SKINS = ("api", "airflow", "cli")
OF_THREADING = {"Event", "current_thread", "main_thread"}


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every import as a line and a dotted name, with what it takes from a module: `from a import b` is `a.b`.

    Those for type checkers only and those inside functions count too: knowing a type is knowing.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)


def ring_of(name: str, rings: frozenset[str] = frozenset(MAY_IMPORT)) -> str:
    """The ring of a dotted name within the package; a name that is no ring is one of the package's own."""
    second = name.split(".")[1] if "." in name else ""
    return second if second in rings else ""


def within(module: str, places: tuple[str, ...]) -> bool:
    return any(f"{module}.".startswith(f"{PACKAGE}.{place}.") for place in places)


def uses_of_threading(tree: ast.Module) -> set[str]:
    """The attributes of `threading` that a module names."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "threading"
    }


def offences(module: str, source: str) -> list[str]:
    """What a module imports and must not know, one line each."""
    tree = ast.parse(source)
    found = []
    for line, name in imported(tree):
        top = name.split(".")[0]
        if top == PACKAGE:
            ring = ring_of(module)
            if ring_of(name) not in MAY_IMPORT[ring]:
                found.append(f"{module}:{line} imports {name}; {ring or 'the package'} may import {_allowed(ring)}")
        elif top == "":
            found.append(f"{module}:{line} imports {name}; imports are absolute")
        elif top in ONLY_IN and not within(module, ONLY_IN[top]):
            if name in ("threading", "threading.Event") and within(module, SKINS):
                beyond = uses_of_threading(tree) - OF_THREADING
                found += [f"{module}:{line} uses threading.{use}; here only {OF_THREADING}" for use in sorted(beyond)]
            else:
                found.append(f"{module}:{line} imports {name}; only {ONLY_IN[top] or 'nobody'} may know {top}")
    return found


def _allowed(ring: str) -> str:
    return ", ".join(sorted(name or PACKAGE for name in MAY_IMPORT[ring]))


def modules() -> list[tuple[str, Path]]:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = (PACKAGE, *path.relative_to(ROOT).with_suffix("").parts)
        found.append((".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return found


@pytest.mark.parametrize(("module", "path"), [pytest.param(*one, id=one[0]) for one in modules()])
def test_imports_point_inwards(module: str, path: Path) -> None:
    assert offences(module, path.read_text(encoding="utf-8")) == []


def test_every_module_belongs_to_a_ring() -> None:
    names = {module.split(".")[1] for module, _ in modules() if "." in module}
    assert names - set(MAY_IMPORT) == set()


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("plan.join", "import s3_crosscopy.ports"),
        ("plan.join", "from s3_crosscopy import ports"),
        ("plan.join", "from s3_crosscopy.engine.run import Engine"),
        ("plan.join", "def f():\n    from s3_crosscopy.adapters import clock"),
        ("plan.join", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from s3_crosscopy.api import copy"),
        ("model.objects", "from s3_crosscopy.plan.join import Join"),
        ("ports", "from s3_crosscopy.plan.join import Join"),
        ("engine.run", "from s3_crosscopy.adapters.clock import SystemClock"),
        ("engine.run", "from s3_crosscopy import copy"),
        ("adapters.clock", "from s3_crosscopy.engine.run import Engine"),
        ("api", "from s3_crosscopy.cli.main import main"),
        ("api", "from s3_crosscopy.testing.memory import MemoryS3"),
        ("airflow.operator", "from s3_crosscopy.cli.main import main"),
        ("testing.memory", "from s3_crosscopy.engine.threads import ThreadLane"),
        ("plan.join", "from . import ledger"),
        ("plan.join", "from .ledger import Ledger"),
        ("engine.run", "import boto3"),
        ("engine.run", "import botocore.config"),
        ("api", "from botocore.config import Config"),
        ("cli.main", "import boto3"),
        ("testing.memory", "import boto3"),
        ("adapters.boto.s3", "from airflow.sdk import BaseHook"),
        ("cli.main", "import airflow"),
        ("api", "import rich"),
        ("api.transport", "import pycurl"),
        ("adapters.boto.s3", "import pycurl"),
        ("adapters.fast.lane", "import threading"),
        ("plan.ledger", "import threading"),
        ("adapters.sinks", "import threading"),
        ("api", "from threading import Thread"),
        ("api", "import threading\nthreading.Thread(target=print)"),
        ("cli.main", "import threading\nevent = threading.Event()\nlock = threading.Lock()"),
        ("cli.main", "import queue"),
        ("api", "from concurrent.futures import ThreadPoolExecutor"),
        ("engine.run", "import asyncio"),
        ("engine.run", "from multiprocessing import Process"),
    ],
)
def test_what_a_module_must_not_know_is_noticed(module: str, source: str) -> None:
    assert len(offences(f"{PACKAGE}.{module}", source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("plan.join", "from s3_crosscopy.model.objects import Listed"),
        ("plan.join", "from s3_crosscopy import errors"),
        ("engine.run", "import threading\nthreading.Thread(target=print)"),
        ("testing.lane", "import queue"),
        ("adapters.boto.s3", "import threading, boto3"),
        ("adapters.fast.multi", "import pycurl"),
        ("airflow.connections", "import boto3\nfrom airflow.sdk import BaseHook"),
        ("api", "import threading\ncancel = threading.Event()"),
        ("cli.main", "from threading import Event"),
        ("cli.main", "from s3_crosscopy import __version__, copy"),
        ("plan.airflow_like", "import airflow_like"),
    ],
)
def test_what_a_module_may_know_is_no_offence(module: str, source: str) -> None:
    assert offences(f"{PACKAGE}.{module}", source) == []


def test_importing_the_package_loads_neither_boto_nor_airflow() -> None:
    # Each costs seconds; a DAG file or a shell's completion must not pay for them.
    program = (
        "import sys, s3_crosscopy\n"
        "heavy = {'boto3', 'botocore', 's3transfer', 'airflow', 'rich', 'pycurl', 'asyncio', 'concurrent.futures'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


PUBLIC = [
    "AccountingError",
    "CopyFailed",
    "CrossCopyError",
    "EmptySource",
    "Failure",
    "Interrupted",
    "InvalidInput",
    "ListingBroken",
    "PermanentFailure",
    "Reason",
    "Report",
    "RetryableFailure",
    "Verified",
    "copy",
]


def test_the_public_names_are_these_and_no_others() -> None:
    assert s3_crosscopy.__all__ == PUBLIC
    assert all(hasattr(s3_crosscopy, name) for name in PUBLIC)


def test_every_public_error_is_of_the_one_family() -> None:
    public = [getattr(s3_crosscopy, name) for name in PUBLIC]
    errors = [one for one in public if isinstance(one, type) and issubclass(one, Exception)]
    assert len(errors) == 9
    assert all(issubclass(error, s3_crosscopy.CrossCopyError) for error in errors)
