"""Judges if an approval covers a plan: that of today may be smaller than the approved one, but not larger."""

from __future__ import annotations

from typing import Final

from s3_crosscopy.model.approval import Approval, PlanTotals

TOLERANCE: Final = 0.05
"""Share by which copies, bytes and cost may exceed what was approved. Deletes may not."""

MAX_AGE_S: Final = 24 * 3600.0
"""An approval holds as long as a checkpoint does."""


def is_current(approval: Approval, mark: str, now: float) -> bool:
    """Return True if an approval is of this copy, by the fingerprint of its arguments, and not too old."""
    return approval.mark == mark and 0 <= now - approval.given_s <= MAX_AGE_S


def reason_beyond(approved: PlanTotals, now: PlanTotals, unapproved: int) -> str:
    """Return why an approval does not cover the plan of today, "" if it does.

    unapproved: number of keys that would be deleted, and that the approved plan did not have.
    """
    table = (
        (unapproved > 0, f"it deletes {unapproved:,} keys that the approved plan did not have"),
        (_exceeds(now.objects, approved.objects), f"it copies {now.objects:,} objects, not {approved.objects:,}"),
        (_exceeds(now.bytes, approved.bytes), f"it copies {now.bytes:,} bytes, not {approved.bytes:,}"),
        (now.usd is not None and approved.usd is None, "its cost was not known then"),
        (_exceeds(now.usd or 0, approved.usd or 0), f"it costs about {now.usd} USD, not {approved.usd}"),
    )
    return next((f"the plan has changed since it was approved: {why}" for holds, why in table if holds), "")


def _exceeds(now: float, approved: float) -> bool:
    return now > approved * (1 + TOLERANCE)
