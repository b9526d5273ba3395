"""Explains in one line why a run had nothing to copy, and separates likely mistakes from ordinary cases.

An empty source, globs and sizes that match nothing, and a manifest without an existing key are most often mistakes:
`Report.empty`, for which `if_empty` decides. No new objects by a time of modification, and archived objects that an
option skips, are ordinary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from s3_crosscopy.core.decide.comparison import ARCHIVED_LEFT_OUT, NO_KEY
from s3_crosscopy.core.decide.filters import NO_MATCH, OTHER_SIZE
from s3_crosscopy.model.humanize import printable
from s3_crosscopy.model.option_parsers import show, show_bytes
from s3_crosscopy.model.options import CopyOptions
from s3_crosscopy.model.outcomes import FILTERED_BY_TIME
from s3_crosscopy.model.report import SHOWN_SAMPLES, Report

MISSING = "missing"
"""Reason under which samples of missing keys are stored; it is not counted among the reasons."""

RELATIVE = "globs are relative to the source prefix, or see one object's name; here:"


class Samples:
    """Stores the first few keys that are not copied, by reason.

    cut: characters removed at the start of a key, so that it looks as globs see it. Missing keys are stored whole, as
    in a manifest.
    """

    def __init__(self, cut: int) -> None:
        self._cut = cut
        self._kept: dict[str, list[str]] = {}

    def note(self, reason: str, keys: Iterable[str]) -> None:
        """Store keys while there is room for that reason."""
        kept = self._kept.setdefault(reason, [])
        for key in keys:
            if len(kept) >= SHOWN_SAMPLES:
                return
            kept.append(key if reason == MISSING else key[self._cut :])

    def first(self) -> dict[str, tuple[str, ...]]:
        """Return the stored keys by reason."""
        return {reason: tuple(keys) for reason, keys in self._kept.items()}


def merged(parts: Iterable[Mapping[str, Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    """Merge the samples of several runs."""
    whole = Samples(0)
    for samples in parts:
        for reason, keys in samples.items():
            whole.note(reason, keys)
    return whole.first()


def why_empty(report: Report, options: CopyOptions) -> str:
    """Return one line for a report that is `empty`: the option that excluded everything, and the first keys."""
    if not report.counts["listed"]:
        return printable(f"{report.source} is empty")
    causes = (
        _excluded(report, NO_MATCH.reason, _as_given(options, "include", "exclude"), RELATIVE),
        _excluded(report, OTHER_SIZE.reason, _as_given(options, "min_size", "max_size"), "the first are"),
        _excluded(report, NO_KEY.reason, "", ""),
        _missing(report, options),
    )
    return printable(f"nothing of {report.source} is left to copy: {', and '.join(filter(None, causes))}")


def nothing_new(report: Report) -> str:
    """Return a line if times and archived objects are why a run that listed keys had nothing to copy, else ""."""
    counts, by_time = report.counts, report.decisions.get(FILTERED_BY_TIME, 0)
    archived = report.decisions.get(ARCHIVED_LEFT_OUT.reason, 0) if report.counts["skipped"] else 0
    if counts["listed"] != counts["filtered"] + counts["missing"] + archived or not by_time + archived:
        return ""
    times = f"{by_time:,} left out by their time of modification" if by_time else ""
    archives = f"{archived:,} because they are archived" if archived else ""
    return f"nothing was to be copied: {', '.join(filter(None, (times, archives)))}"


def _excluded(report: Report, reason: str, option: str, introduction: str) -> str:
    number = report.decisions.get(reason, 0)
    if not number:
        return ""
    if not option:
        return "the prefix's own marker has no name at the root of a bucket"
    keys = _first(report, reason)
    excluded = (
        "the only object" if number == report.counts["listed"] == 1 else f"{number:,} of {report.counts['listed']:,}"
    )
    return f"{option} left out {excluded}{f' ({introduction} {keys})' if keys else ''}"


def _missing(report: Report, options: CopyOptions) -> str:
    number = report.counts["missing"]
    if not number:
        return ""
    keys = _first(report, MISSING)
    of = f"{number:,} of {report.counts['listed']:,}"
    if options.manifest is None:
        return f"{of} were deleted since they were listed{f' ({keys})' if keys else ''}"
    shown = f" (a manifest has one full key a line; the first are {keys})" if keys else ""
    return f"{of} keys of the manifest are not at the source{shown}"


def _first(report: Report, reason: str) -> str:
    return ", ".join(map(show, report.samples.get(reason, ())))


def _as_given(options: CopyOptions, *names: str) -> str:
    """Return the options as a user gives them: `include='*.csv', min_size='5 MiB'`."""
    texts = []
    for name in names:
        value = getattr(options, name)
        if isinstance(value, tuple) and value:
            texts.append(f"{name}={show(value[0] if len(value) == 1 else list(value))}")
        elif isinstance(value, int):
            texts.append(f"{name}={show_bytes(value).replace(',', '')!r}")
    return ", ".join(texts)
