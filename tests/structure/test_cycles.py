"""Modules import each other in one direction only: no cycle, not even of imports for type checkers alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import s3_crosscopy

PACKAGE = "s3_crosscopy"
ROOT = Path(s3_crosscopy.__file__).parent

# An error holds the report of the run that it ends, for type checkers only. This cycle stays.
ALLOWED = {("errors", "model.report")}


def test_no_cycle_of_imports() -> None:
    assert cycle(imports() - ALLOWED) == []


def test_a_cycle_is_noticed() -> None:
    assert cycle({("a", "b"), ("b", "c")}) == []
    assert set(cycle({("a", "b"), ("b", "c"), ("c", "a")})) == {"a", "b", "c"}


def imports() -> set[tuple[str, str]]:
    """Pairs of modules below the package, the first of which imports the second anywhere in its file."""
    paths = {name_of(path): path for path in ROOT.rglob("*.py")}
    return {
        (module, imported)
        for module, path in paths.items()
        for imported in imported_modules(ast.parse(path.read_text(encoding="utf-8")), paths)
        if imported != module
    }


def name_of(path: Path) -> str:
    """A module's name below the package; "" is the package itself."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(tree: ast.Module, modules: Mapping[str, Path]) -> Iterator[str]:
    """The package's own modules that a file imports: `from a.b import c` is `a.b.c` where that is a module."""
    for node in ast.walk(tree):
        for name in imported_names(node):
            top, _, below = name.partition(".")
            if top == PACKAGE:
                yield below if below in modules else below.rpartition(".")[0]


def imported_names(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def cycle(edges: set[tuple[str, str]]) -> list[str]:
    """The modules of one cycle, or none."""
    graph: dict[str, set[str]] = {}
    for module, imported in edges:
        graph.setdefault(module, set()).add(imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []
