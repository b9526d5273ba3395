"""Who may know what: imports point inwards, and the outside is known only where the table says so."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import s3_crosscopy

PACKAGE = "s3_crosscopy"
ROOT = Path(s3_crosscopy.__file__).parent

# The rings, by the longest name below the package that is one ("" is the package itself), and what each may import of
# the others: model, errors <- core, ports <- engine, adapters <- report <- manifest, etag_index; adapters <- access;
# all of them <- api <- shards <- cli, airflow.
VALUES = {"model", "errors"}
LOGIC = VALUES | {"core"}
ADAPTERS = LOGIC | {"ports", "adapters"}
REPORT = ADAPTERS | {"report", "report.digest"}
ACCESS = ADAPTERS | {"access", "access.rules", "access.examination", "access.probes"}
INDEX = REPORT | {"etag_index"}
API = INDEX | ACCESS | {"manifest", "engine", "api"}
SHARDS = API | {"shards", "shards.shard", "shards.result"}
MAY_IMPORT: dict[str, set[str]] = {
    "model": VALUES,
    "errors": VALUES,
    "ports": VALUES,
    "core": LOGIC,
    "engine": LOGIC | {"ports", "engine"},
    "adapters": ADAPTERS,
    "report": REPORT,
    # Without I/O, as core is: what the coverage is measured by may know no more.
    "report.digest": LOGIC,
    "manifest": REPORT | {"manifest"},
    "etag_index": INDEX,
    "access": ACCESS,
    "access.examination": VALUES,
    "access.rules": LOGIC | {"access.rules", "access.examination"},
    "access.probes": ADAPTERS | {"access.rules", "access.examination", "access.probes"},
    # Public doubles: what an adapter may know, and nothing that a user of the ports does not have.
    "testing": LOGIC | {"ports", "testing"},
    "api": API,
    "shards": SHARDS,
    "selftest": API | {"selftest", ""},
    "": VALUES | {"api"},
    "__main__": {"cli"},
    # The command may sign with Airflow's connections, where Airflow is.
    "cli": SHARDS | {"cli", "airflow", "selftest", ""},
    "airflow": SHARDS | {"airflow", ""},
}

# What is outside, and the only places (modules or packages below ours) that may know it.
THREADS = ("engine", "adapters.boto", "testing")
ONLY_IN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("boto3", "botocore", "s3transfer"), ("adapters", "access.probes", "airflow")),
    "airflow": ("airflow",),
    # Not on every platform: whoever imports it there imports it late.
    "pycurl": ("adapters.fast",),
    "rich": ("cli",),
    **dict.fromkeys(("threading", "queue", "concurrent", "_thread"), THREADS),
    # Blocking code, one colour; Airflow forbids processes.
    **dict.fromkeys(("asyncio", "multiprocessing"), ()),
}
# The cancel signal is all that the skins may have of threads, and the question whether a signal handler may be set.
SKINS = ("api", "shards", "airflow", "cli")
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
    parts = name.split(".")[1:]
    heads = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((head for head in heads if head in rings), "")


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


def test_no_package_gives_a_submodules_name_to_anything_else() -> None:
    """`from package import name` would be the module or the other thing, by which of both was imported last."""
    packages = sorted(ROOT.rglob("__init__.py"))
    shadowed = [
        f"{init.parent.relative_to(ROOT)}: {name}"
        for init in packages
        for name in _bound_names(init)
        if init.with_name(f"{name}.py").exists() or init.with_name(name).is_dir()
    ]
    assert shadowed == []


def _bound_names(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


def test_no_module_name_stands_twice_in_the_package() -> None:
    names = Counter(path.stem for _, path in modules() if not path.stem.startswith("__"))
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("core.merge_join", "import s3_crosscopy.ports"),
        ("core.merge_join", "from s3_crosscopy import ports"),
        ("core.merge_join", "from s3_crosscopy.engine.run import Engine"),
        ("core.merge_join", "def f():\n    from s3_crosscopy.adapters import clock"),
        ("core.spec", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from s3_crosscopy.api import copy"),
        ("model.objects", "from s3_crosscopy.core.merge_join import Join"),
        ("ports", "from s3_crosscopy.core.merge_join import Join"),
        ("engine.run", "from s3_crosscopy.adapters.clock import SystemClock"),
        ("engine.run", "from s3_crosscopy import copy"),
        ("adapters.clock", "from s3_crosscopy.engine.run import Engine"),
        ("api", "from s3_crosscopy.cli.main import main"),
        ("api", "from s3_crosscopy.testing.memory_s3 import MemoryS3"),
        ("airflow.operator", "from s3_crosscopy.cli.main import main"),
        ("testing.memory_s3", "from s3_crosscopy.engine.threads import ThreadLane"),
        ("core.merge_join", "from . import ledger"),
        ("core.merge_join", "from .ledger import Ledger"),
        ("engine.run", "import boto3"),
        ("engine.run", "import botocore.config"),
        ("api", "from botocore.config import Config"),
        ("cli.main", "import boto3"),
        ("testing.memory_s3", "import boto3"),
        ("adapters.boto.s3", "from airflow.sdk import BaseHook"),
        ("cli.main", "import airflow"),
        ("api", "import rich"),
        ("api.transport", "import pycurl"),
        ("adapters.boto.s3", "import pycurl"),
        ("adapters.fast.curl_transport", "import threading"),
        ("core.state.ledger", "import threading"),
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
        ("core.merge_join", "from s3_crosscopy.model.objects import Listed"),
        ("core.merge_join", "from s3_crosscopy import errors"),
        ("engine.run", "import threading\nthreading.Thread(target=print)"),
        ("testing.inline_transport", "import queue"),
        ("adapters.boto.s3", "import threading, boto3"),
        ("adapters.fast.curl_multi", "import pycurl"),
        ("airflow.connections", "import boto3\nfrom airflow.sdk import BaseHook"),
        ("api", "import threading\ncancel = threading.Event()"),
        ("cli.main", "from threading import Event"),
        ("cli.main", "from s3_crosscopy import __version__, copy"),
        ("core.airflow_like", "import airflow_like"),
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
