"""Reads a list of an ETag index and judges if a run may use it, and if it may replace it."""

from __future__ import annotations

from typing import NamedTuple

from s3_crosscopy.errors import CrossCopyError, S3Error
from s3_crosscopy.etag_index.index_files import names_of, read_list
from s3_crosscopy.model.etag_index import IndexList, IndexPair, NewerFormat
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.report.files import Files

NOT_OURS = "{place!r} has the ETag index of a copy from {pair.source} to {pair.dest}"
KEEP = "it is neither used nor replaced, and every object is compared as without an index: name another place"
REPLACE = "it is not used, and this run replaces it"
NO_LIST_PERMISSION = " (or there is none: without s3:ListBucket S3 denies both)"


class FoundList(NamedTuple):
    """A list at an index's place.

    usable: the list, None if it cannot be used. names: the segments that it names, also if it is of another rule.
    unneeded: those of the list that it replaced. warning: one line if there is a list that cannot be used. foreign: it
    is of other places, or of a later version, and must not be replaced.
    """

    usable: IndexList | None = None
    names: frozenset[str] = frozenset()
    unneeded: frozenset[str] = frozenset()
    warning: str = ""
    foreign: bool = False


def find_list(files: Files, name: str, pair: IndexPair) -> FoundList:
    """Read a list, and judge it for a run of this pair. Raises no error: a list that cannot be read is not used."""
    try:
        index = read_list(files, name)
    except NewerFormat as error:
        return FoundList(warning=f"{files.where(name)!r} {error}; {KEEP}", foreign=True)
    except S3Error as error:
        hint = NO_LIST_PERMISSION if error.reason is Reason.DENIED else ""
        return FoundList(warning=f"the ETag index at {files.where()!r} cannot be read{hint}: {error}")
    except CrossCopyError as error:
        return FoundList(warning=f"{error}; {REPLACE}")
    except (ValueError, OSError) as error:
        return FoundList(warning=f"{files.where(name)!r} {error}; {REPLACE}")
    return FoundList() if index is None else judged(index, pair, files.where())


def judged(index: IndexList, pair: IndexPair, place: str) -> FoundList:
    """Judge a list at this place for a run of this pair."""
    own = FoundList(index, names_of(index.segments), frozenset(index.unneeded))
    if index.pair == pair:
        return own
    text = NOT_OURS.format(place=place, pair=index.pair)
    if index.pair._replace(compare=pair.compare) == pair:
        return own._replace(usable=None, warning=f"{text} with compare={index.pair.compare!r}; {REPLACE}")
    same_urls = index.pair[:2] == pair[:2]
    return FoundList(warning=f"{text}{' on other servers' if same_urls else ''}; {KEEP}", foreign=True)
