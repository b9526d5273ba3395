"""Opens the place that keeps the state of the option `since`, decides by it how far a run looks, and advances it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from s3_crosscopy.adapters.since_file import SinceFile
from s3_crosscopy.api.inputs import errors_naming
from s3_crosscopy.core.same_bucket import may_be_same
from s3_crosscopy.core.since.advance import advanced
from s3_crosscopy.core.since.look import FULL, Look, damaged_look, decide_look
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.resume import since_fingerprint
from s3_crosscopy.errors import CrossCopyError, InvalidInput, S3Error
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.input_limits import SINCE
from s3_crosscopy.model.json_text import read_json
from s3_crosscopy.model.location import Bucket, parse_location
from s3_crosscopy.model.since_state import since_of, since_to_json
from s3_crosscopy.report.names import SINCE_STATE

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.api.run_steps import Run
    from s3_crosscopy.api.since_store import SinceStore
    from s3_crosscopy.model.report import Report
    from s3_crosscopy.report.files import Files

NOT_SAVED = "the start of this run could not be kept ({}): the next one looks at what is new since an earlier run"
FULL_LOOK = "since: this run looks at everything: {}"


class SinceObject:
    """The value in one object of S3."""

    owned = False

    def __init__(self, files: Files) -> None:
        self._files = files

    def load(self) -> object:
        with errors_naming("state"):
            try:
                file = self._files.open(SINCE_STATE)
            except FileNotFoundError:
                return None
            except InvalidInput:
                raise ValueError(SINCE.exceeded) from None
        with file:
            return read_json(file.read(SINCE.most + 1), SINCE)

    def save(self, value: Mapping[str, object]) -> None:
        self._files.write(SINCE_STATE, json.dumps(value).encode())


def open_state(place: str | os.PathLike[str] | None, spec: CopySpec, copier: S3Clients) -> SinceStore | None:
    """Return the store at a place: a file, or an s3:// URL of a prefix; None for no place. Raises InvalidInput."""
    if place is None:
        return None
    text = os.fspath(place)
    if not text.strip():
        raise InvalidInput(f"state: expected a file or an s3://bucket/prefix/ URL, got {text!r}")
    if "://" not in text:
        return SinceFile(text)
    from s3_crosscopy.report.files import files_at

    location = parse_location(text if text.endswith("/") else f"{text}/", "state")
    sides = ((spec.dest, spec.dest_prefix), (spec.source, spec.source_prefix))
    for side, prefix in sides:
        if location.key.startswith(prefix) and may_be_same(Bucket(location.bucket), side):
            raise InvalidInput(f"state: {location} lies below s3://{side.name}/{prefix}; name a place outside")
    known = next((side.owner for side, _ in sides if side.name == location.bucket), None)
    bucket = Bucket(location.bucket, known, spec.dest.requester_pays)
    return SinceObject(files_at(text, copier.client, "state", bucket=bucket))


def look_of(run: Run) -> Look:
    """Return how far the run looks. Emits why, if it looks at everything."""
    request = run.request
    if request.spec.options.since is None or request.state is None:
        return FULL
    mark = since_fingerprint(request.spec, request.servers)
    try:
        kept = request.state.load()
        state = None if kept is None else since_of(kept)
    except InvalidInput:
        raise
    except ValueError as error:
        look = damaged_look(str(error), owned=request.state.owned)
    else:
        look = decide_look(state, mark, time.time(), request.spec.options)
    if look.why:
        run.sink.emit(Warned(FULL_LOOK.format(look.why)))
    return look


def keep_success(run: Run, look: Look, report: Report) -> None:
    """Keep the start of a complete run for the next one. Emits a warning if that is not possible."""
    request = run.request
    if request.state is None or look.damaged:
        return
    state = advanced(report, look, since_fingerprint(request.spec, request.servers))
    if state is None:
        return
    try:
        request.state.save(since_to_json(state))
    except (CrossCopyError, S3Error) as error:
        run.sink.emit(Warned(NOT_SAVED.format(error)))
