"""Decides if two names may mean one bucket, because a copy into its own source would copy its own copies.

Such a copy is refused before its first request. The alternative, to skip the keys that the run itself wrote, would
require every key in memory (a time is not enough, because what others wrote meanwhile has to be copied), and a resumed
run, or a shard on another machine, would not know them.
"""

from __future__ import annotations

from s3_crosscopy.model.location import Bucket, Location

# S3 reserves these suffixes (User Guide, "Bucket naming rules" and "Access point aliases").
_ALIASES = ("-s3alias", "--op-s3", "--ol-s3", "--xa-s3", ".mrap")


def is_alias(name: str) -> bool:
    """Return True if the name is an access point's alias, which does not reveal the bucket."""
    return folded(name).endswith(_ALIASES)


def folded(name: str) -> str:
    """Return the name as read by servers that treat it as part of a host name."""
    return name.lower().rstrip(".")


def may_be_same(first: Bucket, second: Bucket) -> bool:
    """Return True if both may be one bucket, judged by names and expected owners.

    With an alias, different owners mean different buckets, because S3 checks the owner on every request. Names that
    differ in spelling only are always considered the same: that is for other servers than AWS, which check no owner.
    """
    if folded(first.name) == folded(second.name):
        return True
    if not (is_alias(first.name) or is_alias(second.name)):
        return False
    return None in (first.owner, second.owner) or first.owner == second.owner


def why_same(first: Location, second: Location) -> str:
    """Return, for a message, why two different names may mean one bucket, and what to do."""
    if folded(first.bucket) == folded(second.bucket):
        return f"some servers take {first.bucket!r} and {second.bucket!r} for one bucket; spell its name the same way"
    alias = first.bucket if is_alias(first.bucket) else second.bucket
    return (
        f"{alias!r} is an access point's alias, which does not tell its bucket; give the bucket's own name, or the"
        " account ids of both buckets' owners as expected owners if they differ"
    )
