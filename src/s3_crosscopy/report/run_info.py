"""Collects information about a run for its report: options, versions, principals, data path, window, resume.

It is part of the index, for people: no decision depends on it, and it contains no secrets.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Mapping
from typing import Any

from s3_crosscopy.model.events import UNKNOWN_ARN, Event, Preflighted, Progress, Resumed, RunStarted
from s3_crosscopy.model.option_table import OPTIONS
from s3_crosscopy.model.options import CopyOptions
from s3_crosscopy.ports import EventSink

MOST_SAMPLES = 240
"""Samples of the window, as many as a chart can show. If there are more, every second one is dropped."""
PACKAGES = ("s3-crosscopy", "boto3", "botocore")

Principals = Callable[[], tuple[str | None, str | None]]
"""Returns the names of the copier and of the reader, each None if not known; called if no preflight gave them."""


class RunNotes:
    """A sink that passes every event on and collects the information about the run.

    `principals` is called if no preflight named the principals; None: they stay unknown.
    """

    def __init__(self, sink: EventSink, options: CopyOptions, principals: Principals | None = None) -> None:
        self._sink = sink
        self._options = options
        self._principals = principals
        self._named: dict[str, str] = {}
        self._transport = ""
        self._earlier_s = 0.0
        self._every, self._seen = 1, 0
        self._samples: list[tuple[float, int, int]] = []

    def emit(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._transport = event.transport
        elif isinstance(event, Resumed):
            self._earlier_s = event.seconds
        elif isinstance(event, Preflighted):
            self._named = {"copier": event.copier, "reader": event.reader}
        elif isinstance(event, Progress):
            self._sample(event)
        self._sink.emit(event)

    def run_info(self) -> dict[str, Any]:
        """The information as JSON values. May request STS, if there was no preflight."""
        return {
            "options": changed_options(self._options),
            "versions": versions(),
            "principals": self._principal_names(),
            "transport": self._transport,
            "resumed_at_s": round(self._earlier_s, 3),
            "window": [list(sample) for sample in self._samples],
        }

    @property
    def named_principals(self) -> Mapping[str, str]:
        """The `copier` and the `reader` as the preflight named them; empty without one. Makes no request."""
        return self._named

    def _principal_names(self) -> Mapping[str, str]:
        if not self._named and self._principals is not None:
            copier, reader = self._principals()
            self._named = {"copier": copier or UNKNOWN_ARN, "reader": reader or UNKNOWN_ARN}
        return self._named

    def _sample(self, progress: Progress) -> None:
        self._seen += 1
        if self._seen % self._every:
            return
        at_s = round(progress.seconds + self._earlier_s, 1)
        self._samples.append((at_s, progress.window, progress.throttled))
        if len(self._samples) > MOST_SAMPLES:
            self._every *= 2
            del self._samples[::2]


def changed_options(options: CopyOptions) -> dict[str, Any]:
    """The options whose values differ from their defaults."""
    values = {option.name: (getattr(options, option.name), option.default) for option in OPTIONS}
    return {name: _plain(value) for name, (value, default) in values.items() if value != default}


def versions() -> dict[str, str]:
    """The versions of the packages and of Python; Airflow's only if the run is one of its tasks."""
    packages = {name: name for name in PACKAGES} | ({"Airflow": "apache-airflow"} if "airflow" in sys.modules else {})
    found_versions = {name: _version(package) for name, package in packages.items()}
    return {**found_versions, "Python": platform.python_version()}


def _version(package: str) -> str:
    from importlib import metadata  # It costs as much as half the command's start, and only a report needs it.

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value
