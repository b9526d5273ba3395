"""Parses the rows of a ListObjectsV2 response that are as AWS writes them, which nearly all are, at once.

The text is untrusted, as in `list_parser`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import itemgetter

from s3_crosscopy.adapters.boto.conversions import listed_checksum
from s3_crosscopy.adapters.boto.s3_dates import USUAL
from s3_crosscopy.model.location import MAX_KEY_BYTES
from s3_crosscopy.model.objects import Listed

FIRST, LAST = "<Contents>", "</Contents>"
# "Any character but this one" is searched five times as fast as "none of these", so what else these groups may not
# contain is checked for the whole page: `&` by its number, the ETags and the times together.
_LISTED_ALGORITHM, _LISTED_TYPE = "<ChecksumAlgorithm>[^<]*</ChecksumAlgorithm>", "<ChecksumType>[^<]*</ChecksumType>"
_USUAL_ROW = re.compile(
    rf"<Contents><Key>([^<]{{1,{MAX_KEY_BYTES}}})</Key><LastModified>([^<]{{20,30}})</LastModified>"
    r"<ETag>&quot;([^&]{0,128})&quot;</ETag>"
    rf"(|(?:{_LISTED_ALGORITHM}){{1,8}}(?:{_LISTED_TYPE})?|{_LISTED_TYPE})"
    r"<Size>([0-9]{1,18})</Size><StorageClass>([^<]+)</StorageClass></Contents>(?=<Contents>|\Z)"
)
_USUAL_TIMES = re.compile(rf"{USUAL}(?:,{USUAL})*")
_ALGORITHM = re.compile(r"<ChecksumAlgorithm>([^<]*)<")
_TYPE = re.compile(r"<ChecksumType>([^<]*)<")
_TIME, _ETAG, NAMES = itemgetter(1), itemgetter(2), itemgetter(3)

# A NamedTuple's own constructor takes half as long again.
_new = tuple.__new__


def usual_objects(text: str, first: int, last: int) -> list[Listed] | None:
    """Return the objects of a page whose rows have nothing unusual, one behind the other; None for any other page."""
    if first < 0:
        return []
    end = last + len(LAST)
    # Of servers whose rows are others, the first one is: no other is tried.
    rows = _USUAL_ROW.findall(text, first, end) if _USUAL_ROW.match(text, first, end) else []
    # Each row is followed by the next one, or is the last: as many as there are beginnings are all.
    alien = text.count("&", first, end) != 2 * len(rows) or text.find('"', first, end) >= 0
    if alien or len(rows) != text.count(FIRST) or "<" in "".join(map(_ETAG, rows)):
        return None
    checksums = {names: checksum_of(names) for names in set(map(NAMES, rows))}
    if None in checksums.values() or _USUAL_TIMES.fullmatch(",".join(set(map(_TIME, rows)))) is None:
        return None
    return [
        _new(Listed, (key, int(size), etag, modified, storage_class, False, checksums[names]))
        for key, modified, etag, names, size, storage_class in rows
    ]


@lru_cache(maxsize=64)
def checksum_of(names: str) -> str | None:
    """Same as `conversions.listed_checksum`; None for two types. `names` is the same for most rows."""
    algorithms = _ALGORITHM.findall(names)
    kinds = set(_TYPE.findall(names)) or {""}
    return listed_checksum(algorithms, kinds.pop()) if len(kinds) == 1 else None
