"""Tells whether two names may be names of one bucket: a copy into its own source would feed on itself.

Such a copy is refused before its first request. The other defence, to leave out the keys that the run itself wrote, is
not taken: a run would have to remember every key (a time does not do, because what others wrote meanwhile is to be
copied), and a run that goes on from a checkpoint, or a shard on another machine, would not know them.
"""

from __future__ import annotations

from s3_crosscopy.model.location import Bucket, Location

# S3 lets nobody name a bucket so (User Guide, "Bucket naming rules" and "Access point aliases").
_ALIASES = ("-s3alias", "--op-s3", "--ol-s3", "--xa-s3", ".mrap")


def is_alias(name: str) -> bool:
    """Tells whether a bucket's name is the alias of an access point, whose bucket nobody can tell from it."""
    return folded(name).endswith(_ALIASES)


def folded(name: str) -> str:
    """The name as a server may read it that takes it for a part of a host's name."""
    return name.lower().rstrip(".")


def may_be_same(one: Bucket, other: Bucket) -> bool:
    """Tells whether both may be one bucket, by their names and owners.

    Owners that differ tell two buckets apart, because they go along on every request and S3 checks them. Only AWS has
    aliases, and other servers check no owner: where only the spelling differs, owners tell nothing.
    """
    if folded(one.name) == folded(other.name):
        return True
    if not (is_alias(one.name) or is_alias(other.name)):
        return False
    return None in (one.owner, other.owner) or one.owner == other.owner


def why_same(one: Location, other: Location) -> str:
    """Why two names that are not the same may mean one bucket, and what to do, for a message."""
    if folded(one.bucket) == folded(other.bucket):
        return f"some servers take {one.bucket!r} and {other.bucket!r} for one bucket; spell its name the same way"
    alias = one.bucket if is_alias(one.bucket) else other.bucket
    return (
        f"{alias!r} is an access point's alias, which does not tell its bucket; give the bucket's own name, or the"
        " account ids of both buckets' owners as expected owners if they differ"
    )
