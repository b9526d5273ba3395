"""The two values that describe a run: `RunConfig`, everything that is configured, and `Ports`, everything outside."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

from s3_crosscopy.core.estimate.cost import Pricing
from s3_crosscopy.core.since.look import FULL, Look
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.engine.attempt import FIRST_ATTEMPT, Attempt
from s3_crosscopy.engine.listing.pair_source import KeysBetween
from s3_crosscopy.engine.mirror.candidate_store import CandidateFiles
from s3_crosscopy.model.checkpoint import OpenUpload
from s3_crosscopy.model.mirror_state import Deleting
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.run_record import BY_PYTHON, RunInfo
from s3_crosscopy.model.run_scope import ALONE, RunRole
from s3_crosscopy.ports import S3, Checkpoint, Clock, EtagIndex, EventSink, ReportStore, Transport


class Ports(NamedTuple):
    """Everything outside that a run needs. `report=None`: no report; `manifest=None`: the source is listed.

    `etag_index=None`: no ETag index. `candidates=None`: the run deletes nothing.
    """

    transport: Transport
    source: S3
    dest: S3
    clock: Clock
    sink: EventSink
    checkpoint: Checkpoint
    cancel: threading.Event
    report: ReportStore | None = None
    manifest: KeysBetween | None = None
    etag_index: EtagIndex | None = None
    candidates: CandidateFiles | None = None


class Runs(NamedTuple):
    """The number of runs that save at the same time, and a source of numbers from 0 to 1 that spreads their saves."""

    number: int = 1
    draw: Callable[[], float] = random.random


ONE = Runs()


class RunConfig(NamedTuple):
    """The configuration of one run.

    `ranges`: the key ranges of the whole run, whatever earlier attempts finished of them.
    `attempt`: the results of earlier attempts.
    `incomplete_uploads`: multipart uploads of a run that is not resumed; they are aborted.
    `fingerprint`: distinguishes this run from others in the checkpoint.
    `keep_uploads`: an interrupted run keeps its uploads for a later attempt.
    `pricing`: the prices for the cost of a dry run, None for a plan without a cost.
    `role`: the share of this run in a copy that several runs make together.
    `expected_keys`: how many keys the run probably has, None if unknown.
    `runs`: how many runs save to the same store at the same time.
    `approved`: the candidates of an approved plan; nothing else is deleted. None: no approval is needed.
    `look`: how far the run looks back.
    `run`: who makes the run, for its summary.
    """

    spec: CopySpec
    ranges: Sequence[KeyRange]
    attempt: Attempt = FIRST_ATTEMPT
    incomplete_uploads: Sequence[OpenUpload] = ()
    fingerprint: str = ""
    keep_uploads: bool = False
    pricing: Pricing | None = None
    role: RunRole = ALONE
    expected_keys: int | None = None
    runs: Runs = ONE
    approved: Deleting | None = None
    look: Look = FULL
    run: RunInfo = BY_PYTHON

    @property
    def run_start(self) -> str:
        """The start of the run by S3's clock, "" for a first attempt: an equal copy that is not older is its work.

        For a publish task it is the start of the shards: a younger equal marker is the work of an earlier try of it.
        """
        return self.role.began or self.attempt.began


def looks_up_keys(config: RunConfig, ports: Ports) -> bool:
    """True if the keys are known by name and the source is not listed."""
    return config.spec.single or ports.manifest is not None
