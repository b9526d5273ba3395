"""The table of what the tests take is made of pytest's own records."""

from __future__ import annotations

import pytest
from tests.durations import BEGIN, END, PAGE, Folder, durations, folders, renewed, table

RECORD = """<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite>
<testcase classname="tests.unit.access.test_policies" name="test_a[1]" time="0.500" />
<testcase classname="tests.unit.test_ledger.TestAnyScript" name="runTest" time="1.250"><skipped /></testcase>
<testcase classname="tests.celery.test_cluster" name="test_b" time="36.000"><properties /></testcase>
</testsuite></testsuites>"""
FOLDERS = [Folder("celery", 1, 36.0, 36.0), Folder("unit", 2, 1.75, 1.25)]


def test_each_test_counts_for_its_folder_and_the_longest_comes_first() -> None:
    assert folders(durations(RECORD)) == FOLDERS


def test_the_table_has_a_sum() -> None:
    assert table(FOLDERS).splitlines()[2:] == [
        "| celery | 1 | 36 | 36 |",
        "| unit | 2 | 2 | 1 |",
        "| together | 3 | 38 | 36 |",
    ]


def test_only_the_table_of_the_page_is_replaced() -> None:
    page = f"before\n{BEGIN}old\n{END}after\n"
    assert renewed(page, "new\n") == f"before\n{BEGIN}\nnew\n\n{END}after\n"
    with pytest.raises(ValueError, match="no place"):
        renewed("before\n", "new\n")


def test_the_page_has_a_place_for_it() -> None:
    assert "x\n" in renewed(PAGE.read_text(encoding="utf-8"), "x\n")
