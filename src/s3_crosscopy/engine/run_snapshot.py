"""Takes the state of a run that a checkpoint stores: remaining key ranges, counts, open uploads."""

from __future__ import annotations

from typing import NamedTuple

from s3_crosscopy.core.concurrency_window import Window
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.engine.listing_check_phase import ListingCheckPhase
from s3_crosscopy.engine.mirror.extraneous_keys import ExtraneousKeys
from s3_crosscopy.engine.transfer.multipart import MultipartCopier
from s3_crosscopy.model.checkpoint import Checking, OpenUpload
from s3_crosscopy.model.mirror_state import Deleting, Looked
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.tally import Tally


class RunSnapshot(NamedTuple):
    """The state of a run at one moment.

    `committed` counts the keys outside `remaining`. `coarse`: keys that are done remain, because the exact ranges are
    too large for the checkpoint. `throttled` counts the requests of this attempt. `checking` is None before the closing
    check. `looked` and `deleting` are None if there is nothing to record of them.
    """

    remaining: tuple[KeyRange, ...]
    committed: Tally
    coarse: bool
    uploads: tuple[OpenUpload, ...]
    throttled: int
    checking: Checking | None
    looked: Looked | None
    deleting: Deleting | None


def take_snapshot(
    ledger: Ledger, multipart: MultipartCopier, window: Window, check: ListingCheckPhase, extraneous: ExtraneousKeys
) -> RunSnapshot:
    """Take a snapshot. It commits what has its outcome in batches that are still open."""
    remaining, committed = ledger.snapshot()
    return RunSnapshot(
        remaining,
        committed,
        ledger.coarse,
        multipart.uploads(),
        window.throttled,
        check.snapshot(),
        extraneous.looked(),
        extraneous.deleting(),
    )
