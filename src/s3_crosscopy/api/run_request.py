"""Values that describe one run: what it copies, who signs, and where its events and its state go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from s3_crosscopy.access.preflight import OFF
from s3_crosscopy.api.resuming import NO_PERSISTENCE, Persistence
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.mirror_state import Deleting
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.run_record import BY_PYTHON, RunInfo
from s3_crosscopy.model.run_scope import ALONE, RunRole

if TYPE_CHECKING:
    import threading

    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.api.estimating import EstimateRequest
    from s3_crosscopy.api.since_store import SinceStore
    from s3_crosscopy.ports import EventSink


class RunScope(NamedTuple):
    """The part of a copy that one run does: key ranges, and a role that selects keys in them.

    `below` is where the run's report is, relative to that of the whole copy ("" for the same place). `index_folder` is
    where the ETag index of its pair of places is. `keys` is the estimated number of keys, None if it is unknown.
    """

    ranges: Sequence[KeyRange] = (KeyRange(),)
    role: RunRole = ALONE
    below: str = ""
    keys: int | None = None
    index_folder: str = ""


WHOLE_COPY = RunScope()


class RunRequest(NamedTuple):
    """The arguments of `run_copy`.

    `copier` signs every copy and everything at the destination. `reader` lists, HEADs and reads tags at the source;
    None: the copier does that too. `sink` receives the events; None: the logger `s3_crosscopy`. Setting `cancel` stops
    the run; None: nothing stops it. `preflight` is "off", "light" or "full". `estimate_by` has the prices of a dry run;
    None: the shipped ones. `approved` has the only keys that may be deleted; None: all that are judged. A dry run that
    is `planning` writes no report, but the files of candidates for an approval. `state` keeps the start of the last
    complete run, for the option `since`. `run` tells who makes the run; its principals and times are added later.
    """

    spec: CopySpec
    copier: S3Clients
    reader: S3Clients | None = None
    sink: EventSink | None = None
    cancel: threading.Event | None = None
    persistence: Persistence = NO_PERSISTENCE
    preflight: object = OFF
    estimate_by: EstimateRequest | None = None
    scope: RunScope = WHOLE_COPY
    approved: Deleting | None = None
    planning: bool = False
    state: SinceStore | None = None
    run: RunInfo = BY_PYTHON

    @property
    def lister(self) -> S3Clients:
        """The principal that lists and reads the source."""
        return self.reader or self.copier

    @property
    def servers(self) -> list[str]:
        """The endpoints of the source's and the destination's principal; "" for those of AWS."""
        return [self.lister.server, self.copier.server]
