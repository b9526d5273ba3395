"""The groups of the options, in the order in which help and documentation show them."""

from __future__ import annotations

from typing import Final, NamedTuple


class Group(NamedTuple):
    """A group of options: its title, and its anchor in the documentation, which must not change."""

    title: str
    anchor: str


SELECTION: Final = Group("what to copy", "what-to-copy")
COMPARISON: Final = Group("how to compare", "how-to-compare")
PROPERTIES: Final = Group("properties of the copies", "properties")
RELIABILITY: Final = Group("reliability", "reliability")
SPEED: Final = Group("speed", "speed")
OWNERS: Final = Group("access to buckets", "access-to-buckets")
REPORTS: Final = Group("reports", "reports")
MIRROR: Final = Group("mirror: keys that only the destination has", "mirror")

GROUPS: Final = (SELECTION, COMPARISON, PROPERTIES, RELIABILITY, SPEED, OWNERS, REPORTS, MIRROR)
