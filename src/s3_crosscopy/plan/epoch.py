"""The run's epoch: when it began, by S3's own clock, and what was written since. S3's times have whole seconds."""

from __future__ import annotations


def since(modified: str, began: str) -> bool:
    """Whether an object may have been written since the run began: in its very second or later.

    Both in the form of `Listed.modified`. What is not known ("") may be.
    """
    return not began or not modified or modified[:19] >= began[:19]
