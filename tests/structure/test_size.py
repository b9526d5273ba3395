"""Small files, short functions, few parameters. What is larger today is in a table whose numbers may only fall."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import s3_crosscopy

ROOT = Path(s3_crosscopy.__file__).parent
MOST_LINES = 250
FILE_P50 = 90
FUNCTION_P90 = 16
CONSTRUCTOR_P90 = 6

# Lines of the files that were longer when this table was written.
TOO_LONG: dict[str, int] = {}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files() -> dict[str, str]:
    """Path below the package -> content, of every file of code."""
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py"))}


FILES = files()


def functions() -> Iterator[Function]:
    for content in FILES.values():
        yield from (node for node in ast.walk(ast.parse(content)) if isinstance(node, Function))


def percentile(values: Sequence[int], percent: int) -> int:
    """The smallest value that at least `percent` of a hundred values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


@pytest.mark.parametrize("name", FILES)
def test_no_file_is_longer_than_250_lines(name: str) -> None:
    assert len(FILES[name].splitlines()) <= TOO_LONG.get(name, MOST_LINES)


def test_a_file_that_got_short_leaves_the_table() -> None:
    lines = {name: len(FILES[name].splitlines()) if name in FILES else 0 for name in TOO_LONG}
    assert {name: count for name, count in lines.items() if count <= MOST_LINES} == {}


def test_half_of_the_files_have_at_most_90_lines() -> None:
    assert percentile([len(content.splitlines()) for content in FILES.values()], 50) <= FILE_P50


def test_nine_functions_of_ten_have_at_most_16_lines() -> None:
    assert percentile([line_count(function) for function in functions()], 90) <= FUNCTION_P90


def test_nine_constructors_of_ten_have_at_most_6_parameters() -> None:
    constructors = [function for function in functions() if function.name == "__init__"]
    assert percentile([parameter_count(constructor) for constructor in constructors], 90) <= CONSTRUCTOR_P90


def line_count(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def parameter_count(function: Function) -> int:
    """Its named parameters, without `self`."""
    arguments = function.args
    return len(arguments.posonlyargs) + len(arguments.args) + len(arguments.kwonlyargs) - 1


@pytest.mark.parametrize(("percent", "expected"), [(1, 1), (50, 5), (90, 9), (91, 10), (100, 10)])
def test_a_percentile_is_one_of_the_values(percent: int, expected: int) -> None:
    assert percentile(list(range(10, 0, -1)), percent) == expected
