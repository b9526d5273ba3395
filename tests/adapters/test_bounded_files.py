"""A small file can unpack to anything: reading it stops at the limits, in little memory."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zlib
from typing import Any

import pytest

from s3_crosscopy.adapters import bounded_files as bounded
from s3_crosscopy.adapters.bounded_files import json_of, lines_of
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model import input_limits as limits
from s3_crosscopy.model.input_limits import CHECKPOINT, ROW, Limit
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.report import jsonl as encode
from s3_crosscopy.report import parquet
from s3_crosscopy.report.s3_files import BucketFiles
from tests.report.samples import copied

MEBI = 2**20


def packed(begin: bytes, block: bytes, times: int) -> io.BytesIO:
    """A gzip file of any size, made in little memory."""
    packer = zlib.compressobj(9, wbits=31)
    return io.BytesIO(packer.compress(begin) + b"".join(packer.compress(block) for _ in range(times)) + packer.flush())


def test_a_line_of_a_gigabyte_is_refused_after_its_first_bytes() -> None:
    bomb = packed(b'{"key":"in/', b"a" * MEBI, 1024)
    assert len(bomb.getvalue()) < 2 * MEBI
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"^line 1 has more than 256 KiB, the limit of a line of a report$"):
        list(encode.rows_of(bomb))
    assert tracemalloc.get_traced_memory()[1] < 8 * MEBI
    tracemalloc.stop()


def test_lines_that_come_to_far_more_than_their_packed_bytes_are_refused() -> None:
    bomb = packed(b"", b"a" * 1023 + b"\n", 128 * 1024)
    read = [0]

    def count() -> None:
        for line in lines_of(bomb):
            read[0] += len(line)

    with pytest.raises(ValueError, match=r"^has more than 250 times its bytes, the limit of a report that"):
        count()
    assert read[0] < 80 * MEBI


def test_so_many_rows_have_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "ROWS", Limit("one file of a report", 3, "rows", "short"))
    assert len(list(lines_of(io.BytesIO(gzip.compress(b"a\n" * 3))))) == 3
    with pytest.raises(ValueError, match=r"^has more than 3 rows, the limit of one file of a report$"):
        list(lines_of(io.BytesIO(gzip.compress(b"a\n" * 4))))


def test_a_line_as_long_as_a_row_can_be_is_read() -> None:
    text = "\x01" * 9000
    longest = ReportRow("\x01" * 1024, "\x01" * 1024, "failed", text, 1, text, text, text, text, text, text)
    packed_line = encode.to_lines([longest])
    (row,) = encode.rows_of(io.BytesIO(packed_line))
    assert (row.key, row.dest_key, len(row.message)) == (longest.key, longest.dest_key, limits.TEXT.most)
    assert len(gzip.decompress(packed_line)) < ROW.most


def test_of_a_file_no_more_is_read_than_its_limit() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            assert size == CHECKPOINT.most + 1
            return b" " * size

    with pytest.raises(ValueError, match="the limit of a checkpoint"):
        json_of(Endless(), CHECKPOINT)  # type: ignore[arg-type]


def test_an_object_without_an_end_is_not_fetched_for_an_index() -> None:
    fetched = []

    class Body:
        def iter_chunks(self, size: int) -> Any:
            while True:
                fetched.append(size)
                yield b" " * size

        def close(self) -> None:
            fetched.append(0)

    class Client:
        def get_object(self, **_: Any) -> dict[str, Any]:
            return {"Body": Body()}

    with pytest.raises(InvalidInput) as caught:
        BucketFiles(Client(), Bucket("b"), "p/").open("digest.json")
    assert str(caught.value) == "'s3://b/p/digest.json' has more than 64 MiB, the limit of a report's digest"
    assert sum(fetched) == 65 * MEBI
    assert fetched[-1] == 0


def test_a_parquet_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(parquet, "UNPACKED", Limit("", 1, "bytes", ""))
    monkeypatch.setattr(parquet, "RATIO", limits.RATIO._replace(most=0))
    with pytest.raises(ValueError, match="the limit of a report that is unpacked"):
        list(parquet.rows_of(io.BytesIO(parquet.to_parquet([copied("a")]))))


def test_a_parquet_file_of_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(parquet, "ROWS", limits.ROWS._replace(most=1))
    with pytest.raises(ValueError, match="has more than 1 rows, the limit of one file of a report"):
        list(parquet.rows_of(io.BytesIO(parquet.to_parquet([copied("a"), copied("b")]))))
