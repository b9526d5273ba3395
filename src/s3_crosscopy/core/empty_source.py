"""A copy of which nothing is left: why, in one line, and whether it is a mistake or an ordinary day.

A source that holds nothing, globs and sizes that leave nothing, and a manifest none of whose keys exists look alike to
who waits for the data, and each is most often a mistake: `Report.empty`, which `if_empty` judges. A time of
modification that leaves nothing is a day without news, and archives that are left out by wish are no surprise either.
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
"""The reason under which samples of missing keys are kept; their count has no other."""

RELATIVE = "globs are relative to the source prefix, or see one object's name; here:"


class Samples:
    """Keeps the first few keys that are left out, by reason: `cut` characters shorter, as globs see them.

    Missing keys are kept whole, as a manifest has them.
    """

    def __init__(self, cut: int) -> None:
        self._cut = cut
        self._kept: dict[str, list[str]] = {}

    def note(self, reason: str, keys: Iterable[str]) -> None:
        """Keep what there is room for."""
        kept = self._kept.setdefault(reason, [])
        for key in keys:
            if len(kept) >= SHOWN_SAMPLES:
                return
            kept.append(key if reason == MISSING else key[self._cut :])

    def first(self) -> dict[str, tuple[str, ...]]:
        """The kept keys by reason."""
        return {reason: tuple(keys) for reason, keys in self._kept.items()}


def merged(parts: Iterable[Mapping[str, Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    """The samples of several runs as those of one."""
    whole = Samples(0)
    for samples in parts:
        for reason, keys in samples.items():
            whole.note(reason, keys)
    return whole.first()


def why_empty(report: Report, options: CopyOptions) -> str:
    """One line for a report that is `empty`: what left nothing, and the first keys as the filter sees them."""
    if not report.counts["listed"]:
        return printable(f"{report.source} is empty")
    told = (
        _left_out(report, NO_MATCH.reason, _wished(options, "include", "exclude"), RELATIVE),
        _left_out(report, OTHER_SIZE.reason, _wished(options, "min_size", "max_size"), "the first are"),
        _left_out(report, NO_KEY.reason, "", ""),
        _missing(report, options),
    )
    return printable(f"nothing of {report.source} is left to copy: {', and '.join(filter(None, told))}")


def nothing_new(report: Report) -> str:
    """Says that an ordinary wish left nothing to do for a run that listed something; "" for every other run."""
    counts, late = report.counts, report.decisions.get(FILTERED_BY_TIME, 0)
    cold = report.decisions.get(ARCHIVED_LEFT_OUT.reason, 0) if report.counts["skipped"] else 0
    if counts["listed"] != counts["filtered"] + counts["missing"] + cold or not late + cold:
        return ""
    told = f"{late:,} left out by their time of modification" if late else ""
    more = f"{cold:,} because they are archived" if cold else ""
    return f"nothing was to be copied: {', '.join(filter(None, (told, more)))}"


def _left_out(report: Report, reason: str, wish: str, introduced: str) -> str:
    number = report.decisions.get(reason, 0)
    if not number:
        return ""
    if not wish:
        return "the prefix's own marker has no name at the root of a bucket"
    keys = _first(report, reason)
    what = "the only object" if number == report.counts["listed"] == 1 else f"{number:,} of {report.counts['listed']:,}"
    return f"{wish} left out {what}{f' ({introduced} {keys})' if keys else ''}"


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


def _wished(options: CopyOptions, *names: str) -> str:
    """The options as they can be given: `include='*.csv', min_size='5 MiB'`."""
    told = []
    for name in names:
        value = getattr(options, name)
        if isinstance(value, tuple) and value:
            told.append(f"{name}={show(value[0] if len(value) == 1 else list(value))}")
        elif isinstance(value, int):
            told.append(f"{name}={show_bytes(value).replace(',', '')!r}")
    return ", ".join(told)
