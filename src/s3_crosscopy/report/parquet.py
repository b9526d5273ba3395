"""Rows as Parquet and back, for those who query reports. Needs pyarrow, which only the extra `[parquet]` brings."""

from __future__ import annotations

import importlib
import io
import os
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.input_limits import RATIO, ROWS, UNPACKED
from s3_crosscopy.model.report_row import NUMBERS, ReportRow, row_of

EXTENSION = "parquet"
BATCH_ROWS = 10_000


def check_pyarrow() -> None:
    """Raise InvalidInput where pyarrow is not installed."""
    _pyarrow()


def to_parquet(rows: Sequence[ReportRow]) -> bytes:
    """One row group; empty fields are nulls."""
    arrow, parquet = _pyarrow()
    kinds = {str: arrow.string(), int: arrow.int64(), float: arrow.float64()}
    fields = [(name, kinds[NUMBERS.get(name, str)]) for name in ReportRow._fields]
    columns = [
        arrow.array([row[at] if name == "size" else row[at] or None for row in rows], type=kind)
        for at, (name, kind) in enumerate(fields)
    ]
    written = io.BytesIO()
    parquet.write_table(arrow.Table.from_arrays(columns, schema=arrow.schema(fields)), written, compression="snappy")
    return written.getvalue()


def rows_of(file: BinaryIO) -> Iterator[ReportRow]:
    """The rows of one file, in order. Raises ValueError, one line, for what `to_parquet` did not write."""
    arrow, parquet = _pyarrow()
    most = max(UNPACKED.most, RATIO.most * file.seek(0, os.SEEK_END))
    try:
        opened = parquet.ParquetFile(file)
        _check(opened.metadata, most)
        ours = [name for name in opened.schema_arrow.names if name in ReportRow._fields]
        for batch in opened.iter_batches(batch_size=BATCH_ROWS, columns=ours):
            yield from map(row_of, batch.to_pylist())
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:
        # pyarrow's own errors are ValueError, KeyError or OSError, too
        raise ValueError("is no Parquet file of a report") from error


def _check(told: Any, most: int) -> None:
    """By what the file tells of itself; pyarrow has limits of its own for what is not so."""
    if told.num_rows > ROWS.most:
        raise ValueError(ROWS.exceeded)
    if sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups)) > most:
        raise ValueError(RATIO.exceeded)


def _pyarrow() -> tuple[Any, Any]:
    try:
        # Not by an import statement: whether it has types depends on its version, and mypy must not.
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise InvalidInput(
            "report_format: 'parquet' needs pyarrow; install airflow-provider-s3-crosscopy[parquet] or say 'jsonl'"
        ) from None
