"""The names of a report's files and the constants of its index, for the writer and the reader."""

from __future__ import annotations

import json
import re

from s3_crosscopy.model import input_limits as limits
from s3_crosscopy.report.jsonl import EXTENSION as JSON_LINES
from s3_crosscopy.report.parquet import EXTENSION as PARQUET

FORMAT = 1
FORMATS = ("jsonl", "parquet")
INDEX, SUMMARY, UPLOADS, FAILED = "index.json", "summary.json", "uploads.json", f"failed.{JSON_LINES}"
DIGEST, PAGE = "digest.json", "report.html"
SINCE_STATE = "since.json"
DRY_RUN = "dry-run"
"""The folder of a dry run's report, below the place that the option `report` names."""
LEFT = ("left-1.json", "left-2.json")
WRITING, WRITTEN = "writing", "written"
LIMITS = {INDEX: limits.INDEX, SUMMARY: limits.SUMMARY, UPLOADS: limits.UPLOADS, DIGEST: limits.DIGEST}
LIMITS |= {"etags.json": limits.ETAG_LIST, "writer.json": limits.ETAG_WRITER}
LIMITS |= dict.fromkeys(("pending-1.etags", "pending-2.etags"), limits.ETAG_PENDING)
LIMITS[SINCE_STATE] = limits.SINCE
LIMITS |= dict.fromkeys(LEFT, limits.CHECKPOINT)


_NO_UNICODE = re.compile("[\ud800-\udfff]")


def extension(report_format: str) -> str:
    """The file name extension of a format."""
    return JSON_LINES if report_format == "jsonl" else PARQUET


def segment_name(number: int, report_format: str) -> str:
    """The name of a segment's file."""
    return f"segments/part-{number:06d}.{extension(report_format)}"


def as_json(value: object) -> bytes:
    """The bytes of a JSON file, indented for people. A path that is no unicode is spelled out, as in messages."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    return _NO_UNICODE.sub(lambda half: f"\\{ascii(half[0])[1:-1]}", text).encode()
