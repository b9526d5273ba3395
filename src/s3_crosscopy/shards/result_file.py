"""Stores a result that is too large for XCom in a file beside the shard's report, identified by path and digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from s3_crosscopy.api.inputs import errors_naming, report_files
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
"""Bytes of the path and the digest of the file in a result."""


def handed_on(
    result: Mapping[str, Any], most: int, spec: CopySpec, copier: S3Clients, below: str, sink: EventSink | None
) -> dict[str, Any]:
    """The XCom value of a result, of at most `most` bytes. A larger result is stored in a file beside the report.

    `below` is the folder of that report, relative to the option `report`. Without a report the result is shortened, and
    `sink` gets a warning.
    """
    needed = json_bytes(result)
    if needed <= most:
        return dict(result)
    files = report_files(spec, copier, below)
    if files is not None:
        data = json.dumps(result, ensure_ascii=False).encode()
        with errors_naming("report"):
            files.write(FILE, data)
        reference = {"place": f"{below}{FILE}", "sha256": hashlib.sha256(data).hexdigest()}
        return {**bare(result, most - ROOM), BESIDE: reference}
    if sink is not None:
        sink.emit(Warned(_shortened(needed, most)))
    return coarser(result, most)


def whole_of(result: object, spec: CopySpec, copier: Callable[[], S3Clients], below: str) -> object:
    """The whole result of an XCom value of `handed_on`. Raises PermanentFailure if its file is missing or changed."""
    if not isinstance(result, Mapping) or BESIDE not in result:
        return result
    files = report_files(spec, copier(), below)
    name, reference = f"{below}{FILE}", result[BESIDE]
    if files is None or not isinstance(reference, Mapping) or reference.get("place") != name:
        raise PermanentFailure(_again(name, "is not where this run has its report"))
    try:
        with errors_naming("report"), files.open(FILE) as file:
            data = file.read(RESULT.most + 1)
    except FileNotFoundError:
        raise PermanentFailure(_again(files.where(FILE), "is not there")) from None
    if hashlib.sha256(data).hexdigest() != reference.get("sha256"):
        raise PermanentFailure(_again(files.where(FILE), "is not what the task wrote"))
    try:
        return read_json(data, RESULT)
    except ValueError as error:
        raise PermanentFailure(_again(files.where(FILE), str(error))) from error


def _shortened(needed: int, most: int) -> str:
    return (
        f"the result of this task takes {needed:,} bytes, and its share of Airflow's XCom is {most:,}: it names fewer"
        " failures, and the key ranges of copy_last less exactly; with a report, all of it is stored there"
    )


def _again(name: str, why: str) -> str:
    return f"results: {name} {why}; clear the task that writes it, with its downstream"
