"""Writes and reads rows as Parquet. Needs pyarrow, which is in the extra `[parquet]`."""

from __future__ import annotations

import importlib
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.input_limits import RATIO, ROWS, UNPACKED
from s3_crosscopy.model.report_row import NUMBERS, ReportRow, row_of

EXTENSION = "parquet"
BATCH_ROWS = 10_000
REPEATED = ["outcome", "reason", "verified_by", "call", "code", "message"]
"""The columns with a dictionary. Keys and ETags are all different: one for them takes time and a seventh more space."""


def check_pyarrow() -> None:
    """Raise InvalidInput if pyarrow is not installed."""
    _pyarrow()


class ParquetRows:
    """Makes the bytes of a file of all rows that are added."""

    def __init__(self) -> None:
        self._rows: list[ReportRow] = []

    def add(self, rows: Iterable[ReportRow]) -> None:
        """Add rows."""
        self._rows.extend(rows)

    def finish(self) -> bytes:
        """The bytes of the whole file."""
        return to_parquet(self._rows)


def to_parquet(rows: Sequence[ReportRow]) -> bytes:
    """The bytes of a file with one row group; empty fields are null."""
    arrow, parquet = _pyarrow()
    types = {str: arrow.string(), int: arrow.int64(), float: arrow.float64()}
    fields = [(name, types[NUMBERS.get(name, str)]) for name in ReportRow._fields]
    columns = [
        arrow.array([row[column] if name == "size" else row[column] or None for row in rows], type=arrow_type)
        for column, (name, arrow_type) in enumerate(fields)
    ]
    buffer = io.BytesIO()
    table = arrow.Table.from_arrays(columns, schema=arrow.schema(fields))
    parquet.write_table(table, buffer, compression="snappy", use_dictionary=REPEATED)
    return buffer.getvalue()


def rows_of(file: BinaryIO) -> Iterator[ReportRow]:
    """The rows of one file, in order. Raises ValueError, one line, for a file that `to_parquet` did not write."""
    arrow, parquet = _pyarrow()
    most = max(UNPACKED.most, RATIO.most * file.seek(0, os.SEEK_END))
    try:
        opened = parquet.ParquetFile(file)
        _check(opened.metadata, most)
        ours = [name for name in opened.schema_arrow.names if name in ReportRow._fields]
        for batch in opened.iter_batches(batch_size=BATCH_ROWS, columns=ours):
            yield from map(row_of, batch.to_pylist())
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:
        # pyarrow's own errors may be ValueError, KeyError or OSError, too
        raise ValueError("is no Parquet file of a report") from error


def _check(metadata: Any, most: int) -> None:
    """Check the sizes in the file's own metadata; if these are wrong, pyarrow's own limits apply."""
    if metadata.num_rows > ROWS.most:
        raise ValueError(ROWS.exceeded)
    if sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups)) > most:
        raise ValueError(RATIO.exceeded)


def _pyarrow() -> tuple[Any, Any]:
    try:
        # Not by an import statement: some versions have types and some have none, and mypy would complain.
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise InvalidInput(
            "report_format: 'parquet' needs pyarrow; install s3-crosscopy[parquet] or set 'jsonl'"
        ) from None
