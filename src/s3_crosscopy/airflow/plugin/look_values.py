"""The look of a run with the option `since`, in the summary at its end: short or full, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

MOST_LOOKS = 3
"""Number of different texts that are shown of one run of a DAG."""


def look_in(values: Mapping[str, Any]) -> str:
    """Return a few words; "" if there is no such value, or it is damaged."""
    since = values.get("since")
    if not isinstance(since, Mapping):
        return ""
    if since.get("short") is True:
        return "short: only what is new"
    missed = since.get("missed")
    if not isinstance(missed, int) or isinstance(missed, bool):
        return "full"
    least = "at least " if since.get("at_least") is True else ""
    return f"full: the short way had missed {least}{missed:,}"


def looks(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the different texts of several tasks."""
    return tuple(dict.fromkeys(text for text in texts if text))[:MOST_LOOKS]
