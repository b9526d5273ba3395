"""Keeps results too large for Airflow's tables in a file beside a shard's report, known by its place and digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from s3_crosscopy.api.inputs import report_files, told_as
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import PermanentFailure
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.input_limits import RESULT
from s3_crosscopy.model.json_text import read_json
from s3_crosscopy.shards.plan_values import json_bytes
from s3_crosscopy.shards.result_size import bare, coarser

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.ports import EventSink

FILE = "result.json"
BESIDE = "beside"
ROOM = 180
"""What the place and the digest of the file take."""


def handed_on(
    said: Mapping[str, Any], most: int, spec: CopySpec, copier: S3Clients, below: str, sink: EventSink | None
) -> dict[str, Any]:
    """A result as it goes into XCom, in at most so many bytes; what is more lies in a file `below` the report's place.

    Without a report it is made coarser, and one line tells so.
    """
    needed = json_bytes(said)
    if needed <= most:
        return dict(said)
    files = report_files(spec, copier, below)
    if files is not None:
        data = json.dumps(said, ensure_ascii=False).encode()
        with told_as("report"):
            files.write(FILE, data)
        place = {"place": f"{below}{FILE}", "sha256": hashlib.sha256(data).hexdigest()}
        return {**bare(said, most - ROOM), BESIDE: place}
    if sink is not None:
        sink.emit(Warned(_coarse(needed, most)))
    return coarser(said, most)


def whole_of(said: object, spec: CopySpec, copier: Callable[[], S3Clients], below: str) -> object:
    """The whole result that `handed_on` made so much of. Raises PermanentFailure where its file is another one."""
    if not isinstance(said, Mapping) or BESIDE not in said:
        return said
    files = report_files(spec, copier(), below)
    name, place = f"{below}{FILE}", said[BESIDE]
    if files is None or not isinstance(place, Mapping) or place.get("place") != name:
        raise PermanentFailure(_again(name, "is not where this run has its report"))
    try:
        with told_as("report"), files.open(FILE) as file:
            data = file.read(RESULT.most + 1)
    except FileNotFoundError:
        raise PermanentFailure(_again(files.where(FILE), "is not there")) from None
    if hashlib.sha256(data).hexdigest() != place.get("sha256"):
        raise PermanentFailure(_again(files.where(FILE), "is not what the task wrote"))
    try:
        return read_json(data, RESULT)
    except ValueError as error:
        raise PermanentFailure(_again(files.where(FILE), str(error))) from error


def _coarse(needed: int, most: int) -> str:
    return (
        f"what this task did takes {needed:,} bytes, and its share of Airflow's XCom is {most:,}: it names fewer"
        " failures, and where the keys of copy_last lie less exactly; with a report all of it lies there"
    )


def _again(name: str, why: str) -> str:
    return f"results: {name} {why}; clear the task that writes it, with its downstream"
