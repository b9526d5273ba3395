"""The headline of the tab: the state of a copy in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s3_crosscopy.airflow.plugin.progress_model import Status, View


class Headline(NamedTuple):
    """The words, and the tone that gives them a colour: `waiting`, `running`, `done`, `warning` or `failed`."""

    text: str
    tone: str


_OF: Mapping[Status, Headline] = {
    Status.WAITING: Headline("Waiting to start", "waiting"),
    Status.RUNNING: Headline("Copying", "running"),
    Status.ASKING: Headline("Waiting for approval", "warning"),
    Status.RETRYING: Headline("Waiting for its next try", "warning"),
    Status.DONE: Headline("Done", "done"),
    Status.FAILED: Headline("Failed", "failed"),
    Status.SKIPPED: Headline("Skipped", "waiting"),
    Status.LEFT_OUT: Headline("Not run", "waiting"),
}
_OF_DRY_RUN: Mapping[Status, Headline] = {
    Status.RUNNING: Headline("Planning a dry run", "running"),
    Status.DONE: Headline("Dry run done: nothing was copied", "done"),
    Status.FAILED: Headline("Dry run failed", "failed"),
}


def headline(view: View) -> Headline:
    """Return the headline. Within `max_failures` a copy is done, but not all of it."""
    usual = (_OF_DRY_RUN if view.dry_run else _OF).get(view.status, _OF[view.status])
    failed = view.counts.get("failed", 0)
    if view.status is Status.DONE and failed:
        return Headline(f"{'Dry run done' if view.dry_run else 'Done'} with {failed:,} failed", "warning")
    return usual
