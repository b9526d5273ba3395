"""Checks a value from the environment or the file of defaults, and turns it into that of a flag."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Final

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.option_table import OPTIONS

_DELETES = "deletes, or allows more deletes; give it on the command line"
BY_FLAG_ONLY: Final[Mapping[str, str]] = {
    **dict.fromkeys(("max_delete", "delete_filtered", "permanent_delete"), _DELETES),
    "allow_bucket_root": "allows to copy a whole bucket; give it on the command line",
    "write_probe": "writes at the destination; give it on the command line",
    "no_verify_ssl": "turns off a protection; give it on the command line",
    "yes": "answers a question that is asked before something is written; give it on the command line",
    "no_mask": "shows account ids and names of buckets; give it on the command line",
}
"""Arguments that no default may set, each with the reason: a run must not delete, or be less safe, unseen."""

OF_ONE_CALL: Final = (
    "json",
    "html",
    "no_page",
    "compact",
    "key",
    "bucket",
    "checkpoint",
    "state",
    "manifest",
    "source_version_id",
    "report",
    "etag_index",
    "out",
    "skip",
)
"""Arguments about one call: as a default, several copies would share a file or an object."""

_PARSERS: Final = {option.name: option.parse for option in OPTIONS}


def as_given(action: argparse.Action, name: str, raw: object, origin: str) -> object:
    """The value as the command line would give it. `origin` begins the messages. Raises InvalidInput."""
    if action.nargs == 0:
        is_set = parse.flag(origin, raw)
        return is_set if isinstance(action, argparse.BooleanOptionalAction) or not is_set else action.const
    if action.dest not in _PARSERS:
        return _text(action.dest, raw, origin)
    if action.dest == "extraneous" and raw == "delete":
        raise InvalidInput(f"{origin}: 'delete' deletes; give it on the command line: --extraneous delete")
    _PARSERS[action.dest](origin, raw)
    return [raw] if isinstance(action, argparse._AppendAction) and isinstance(raw, str) else raw


def _text(dest: str, raw: object, origin: str) -> object:
    if dest == "verify" and isinstance(raw, str) and raw.strip().lower() == "false":
        raise InvalidInput(f"{origin}: {BY_FLAG_ONLY['no_verify_ssl']}")
    if dest == "botocore_config" and isinstance(raw, Mapping):
        return json.dumps(raw)
    is_number = isinstance(raw, (int, float)) and not isinstance(raw, bool)
    if not isinstance(raw, str) and not (dest == "rate" and is_number):
        raise InvalidInput(f"{origin}: expected text, got {parse.show(raw)}")
    return raw
