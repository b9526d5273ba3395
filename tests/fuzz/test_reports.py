"""Index, summary, uploads, digest and rows of a report, and the page and the text that are made of them."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from functools import cache
from typing import Any, BinaryIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from s3_crosscopy.cli.report_text import report_text
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.checkpoint import OpenUpload
from s3_crosscopy.model.input_limits import TEXT
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.open_uploads import OpenUploads, lie_below
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.report import jsonl as encode
from s3_crosscopy.report import parquet
from s3_crosscopy.report.names import DIGEST, INDEX, SUMMARY, UPLOADS
from s3_crosscopy.report.page.page import page
from s3_crosscopy.report.report_reader import FinishedReport, read_dest, read_finished, read_rows, read_uploads
from s3_crosscopy.report.report_writer import StoredReport
from tests.fuzz.budget import parsed
from tests.fuzz.damage import damaged_bytes, damaged_text, enlarged
from tests.fuzz.inputs import MANY
from tests.memory_files import MemoryFiles
from tests.report.samples import a_report, copied, failed, write_segment

SEGMENT = "segments/part-000000.jsonl.gz"


USUAL: list[FinishedReport] = []
"""The report without damage, with its digest and without: shown once."""


def _written() -> dict[str, bytes]:
    files = MemoryFiles({})
    told = {"options": {"include": ["a"]}, "versions": {"Python": "3"}, "window": [[1.0, 8, 0], [2.0, 9, 1]]}
    store = StoredReport(files, run_info=lambda: told, places={"source": "s3://src/in/", "dest": "s3://dst/out/"})
    store.begin()
    write_segment(store, 0, [copied("a")._replace(at_s=1.0, took_s=0.5), failed("b")])
    store.write_uploads(OpenUploads(Bucket("dst"), (OpenUpload("out/c", "id", "e", 5),)))
    store.finish(1, [failed("c")], a_report(listed=3, copied=1, failed=2, bytes=1))
    return files.content


REPORT = _written()
ROW = json.loads(gzip.decompress(REPORT[SEGMENT]).splitlines()[1])


USUAL += [read_finished(MemoryFiles(REPORT)), read_finished(MemoryFiles({**REPORT, DIGEST: b""}))]


def _with(name: str, data: bytes) -> MemoryFiles:
    """The report with one file of it replaced; without the digest, so that its rows are read, unless it is that."""
    kept = REPORT if name in (DIGEST, UPLOADS) else {one: REPORT[one] for one in REPORT if one != DIGEST}
    return MemoryFiles({**kept, name: data})


def _shown(files: MemoryFiles) -> None:
    finished: FinishedReport | None = parsed(lambda: read_finished(files), InvalidInput)
    if finished is not None and finished not in USUAL:  # What is damaged was not believed: nothing new to show.
        parsed(lambda: page(finished).encode())
        parsed(lambda: report_text(finished).encode())


@pytest.mark.parametrize("name", [INDEX, SUMMARY])
@MANY
@given(data=st.data())
def test_a_report_is_shown_or_refused_whatever_its_files_say(name: str, data: st.DataObject) -> None:
    _shown(_with(name, data.draw(damaged_text(json.loads(REPORT[name])))))


@pytest.mark.parametrize("sample", [[1.0, -8, 0], [1.0, 10**29, 0], [-1.0, 8, -(10**29)], [1e308, 8, 0]])
def test_a_window_that_nobody_had_is_not_drawn(sample: list[Any]) -> None:
    index = json.loads(REPORT[INDEX])
    index["run"]["window"] = [[0, 1, 0], sample, [2, 2, 0]]
    _shown(_with(INDEX, json.dumps(index).encode()))


@MANY
@given(damaged_text(json.loads(REPORT[DIGEST])))
@example(json.dumps({**json.loads(REPORT[DIGEST]), "timeline": {"width_s": 0.25, "cells": [[1e308, 0]] * 2}}).encode())
def test_a_digest_is_shown_or_the_rows_are_read(data: bytes) -> None:
    _shown(_with(DIGEST, data))


@MANY
@given(damaged_text(ROW))
@example(b'{"key":"a","size":1e400}')
@example(b'{"key":"a","outcome":"copied","size":1' + b"0" * 400 + b',"took_s":1e308,"at_s":1e308}')
@example(b'{"key":"a","size":-5,"at_s":"nan","took_s":"inf","outcome":"copied"}')
@example(b'{"key":"a\\ud800","outcome":"failed"}')
@example(b"[" * 100_000)
def test_a_row_is_shown_or_refused(line: bytes) -> None:
    _shown(_row_in_report(line))


def _row_in_report(line: bytes) -> MemoryFiles:
    index = {**json.loads(REPORT[INDEX]), "segments": [{"name": SEGMENT}]}
    files = _with(SEGMENT, gzip.compress(line + b"\n", 1))
    files.content[INDEX] = json.dumps(index).encode()
    return files


@pytest.mark.parametrize("name", [INDEX, SUMMARY, DIGEST, UPLOADS])
def test_a_report_with_anything_large_in_it_is_shown_or_refused(name: str) -> None:
    for value in enlarged(json.loads(REPORT[name])):
        _shown(_with(name, json.dumps(value).encode()))


def test_a_row_with_anything_large_in_it_is_shown_or_refused() -> None:
    for row in enlarged(ROW):
        _shown(_row_in_report(json.dumps(row).encode()))


def _rows(read: Callable[[BinaryIO], Any], data: bytes) -> None:
    for row in parsed(lambda: list(read(io.BytesIO(data))), ValueError) or ():
        assert isinstance(row, ReportRow)
        assert all(len(text) <= TEXT.most for text in row if isinstance(text, str))


@MANY
@given(damaged_bytes(REPORT[SEGMENT]) | st.binary(max_size=200) | st.binary(max_size=200).map(gzip.compress))
def test_packed_rows_are_rows_or_refused(data: bytes) -> None:
    _rows(encode.rows_of, data)


@MANY
@given(damaged_text(json.loads(REPORT[UPLOADS])))
@example(b"[]")
@example(b'{"format":1,"bucket":[],"uploads":5}')
@example(b"[" * 100_000)
def test_uploads_are_ids_of_a_bucket_or_refused(data: bytes) -> None:
    found = parsed(lambda: read_uploads(_with(UPLOADS, data)), InvalidInput)
    if found is not None:
        assert isinstance(lie_below(found, read_dest(MemoryFiles(REPORT))), bool)
        assert all(isinstance(text, str) for one in found.uploads for text in one[:3])


def test_the_report_is_a_valid_one_before_it_is_damaged() -> None:
    for one in USUAL:
        assert "in/b" in page(one)
        assert report_text(one)
    assert [row.key for row in read_rows(MemoryFiles(REPORT))] == ["in/a", "in/b", "in/c"]


@cache
def _parquet() -> bytes:
    pytest.importorskip("pyarrow")
    return parquet.to_parquet([copied("a"), failed("b")])


@MANY
@given(data=st.data())
def test_parquet_is_rows_or_refused(data: st.DataObject) -> None:
    _rows(parquet.rows_of, data.draw(damaged_bytes(_parquet())))
