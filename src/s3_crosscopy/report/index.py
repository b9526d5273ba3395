"""Checks a report's index: its form, and that it names only the report's own files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from s3_crosscopy.model.input_limits import RUN, SEGMENTS
from s3_crosscopy.report.names import FAILED, SUMMARY, UPLOADS

# Also in the folders of shards and pairs. No dot alone and no slash at the start: no name leads out of the report.
_FOLDERS = r"(?:[A-Za-z0-9][A-Za-z0-9-]{0,63}/){0,2}"
_ROWS = re.compile(_FOLDERS + r"(?:segments/part-[0-9]{6,9}|rest-[0-9a-f]{12})\.(?:jsonl\.gz|parquet)")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def check_index(index: Mapping[str, Any]) -> None:
    """Raise ValueError for an index that we do not write, with a text that follows the file's name."""
    entries = [*_list(index, "segments"), *_list(index, "rest")]
    if len(entries) > SEGMENTS.most:
        raise ValueError(SEGMENTS.exceeded)
    for entry in entries:
        _check_entry(entry)
    failed, uploads = index.get("failed"), index.get("uploads")
    if not isinstance(failed, Mapping) or failed.get("name") != FAILED or not _is_count(failed.get("rows")):
        raise ValueError(f"is damaged: it does not name {FAILED}")
    if uploads is not None and (not isinstance(uploads, Mapping) or uploads.get("name") != UPLOADS):
        raise ValueError(f"is damaged: it does not name {UPLOADS}")
    if len(json.dumps(index.get("run"))) > RUN.most:
        raise ValueError(RUN.exceeded)
    if index.get("summary") != SUMMARY:
        raise ValueError(f"is damaged: it does not name {SUMMARY}")


def _list(index: Mapping[str, Any], name: str) -> list[Any]:
    value = index.get(name)
    if not isinstance(value, list):
        raise ValueError(f"is damaged: it has no list of {name}")
    return value


def _check_entry(entry: object) -> None:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        raise ValueError("is damaged: it names no file where it should")
    if not _ROWS.fullmatch(entry["name"]):
        raise ValueError(f"names {entry['name'][:100]!r}, which is no file of a report")
    for name in ("rows", "bytes"):
        if name in entry and not _is_count(entry[name]):
            raise ValueError(f"is damaged: {name} of {entry['name']!r} is no count")
    if "sha256" in entry and not (isinstance(entry["sha256"], str) and _SHA256.fullmatch(entry["sha256"])):
        raise ValueError(f"is damaged: it has no SHA-256 of {entry['name']!r}")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
