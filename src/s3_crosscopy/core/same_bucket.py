"""Decides if two names may mean one bucket, because a copy into its own source would copy its own copies.

Such a copy is refused before its first request. The alternative, to skip the keys that the run itself wrote, would
require every key in memory (a time is not enough, because what others wrote meanwhile has to be copied), and a resumed
run, or a shard on another machine, would not know them.
"""

from __future__ import annotations

from s3_crosscopy.model.access_points import access_point, has_alias_end
from s3_crosscopy.model.location import Bucket, Location


def is_alias(name: str) -> bool:
    """Return True if the name is an access point's alias, which does not reveal the bucket."""
    return has_alias_end(folded(name))


def hides_bucket(name: str) -> bool:
    """Return True if the name is an access point's alias or ARN: neither reveals the bucket."""
    return is_alias(name) or access_point(name) is not None


def folded(name: str) -> str:
    """Return the name as read by servers that treat it as part of a host name."""
    return name.lower().rstrip(".")


def may_be_same(first: Bucket, second: Bucket) -> bool:
    """Return True if both may be one bucket, judged by names and expected owners.

    With an access point, different owners mean different buckets, because S3 checks the owner on every request. Names
    that differ in spelling only are always considered the same: that is for other servers than AWS, which check no
    owner.
    """
    if folded(first.name) == folded(second.name):
        return True
    if not (hides_bucket(first.name) or hides_bucket(second.name)):
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


def run_looks_it_up(first: str, second: str) -> bool:
    """Return True if a run can find out, when it begins, whether two different names mean one bucket.

    It can ask for the bucket of an access point's ARN, and not for that of an alias, which names no account.
    """
    return folded(first) != folded(second) and not (is_alias(first) or is_alias(second))
