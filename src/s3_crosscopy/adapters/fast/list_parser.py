"""Parses ListObjectsV2 responses in the form that S3 and compatible servers write, with one regular expression.

botocore's parser takes 20 times as long. A page in any other form, even in one row, is not guessed at: the result is
None, and botocore parses it.

The text is untrusted: each of its characters is read a few times at most, also where nothing matches. Two parts of a
pattern that may repeat never start alike, and what is read up to a mark is bounded.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import itemgetter
from urllib.parse import unquote_plus

from s3_crosscopy.adapters.boto.conversions import listed_checksum, truncated_without_token
from s3_crosscopy.adapters.boto.s3_dates import USUAL, clock
from s3_crosscopy.model.input_limits import AROUND, QUICK, REST
from s3_crosscopy.model.location import MAX_KEY_BYTES
from s3_crosscopy.model.objects import Listed, Page
from s3_crosscopy.model.operations import ListPage

# As AWS writes it. "Any character but this one" is searched five times as fast as "none of these", so what else these
# groups may not contain is checked for the whole page: `&` by its number, the ETags and the times together.
_LISTED_ALGORITHM, _LISTED_TYPE = "<ChecksumAlgorithm>[^<]*</ChecksumAlgorithm>", "<ChecksumType>[^<]*</ChecksumType>"
_USUAL_ROW = re.compile(
    rf"<Contents><Key>([^<]{{1,{MAX_KEY_BYTES}}})</Key><LastModified>([^<]{{20,30}})</LastModified>"
    r"<ETag>&quot;([^&]{0,128})&quot;</ETag>"
    rf"(|(?:{_LISTED_ALGORITHM}){{1,8}}(?:{_LISTED_TYPE})?|{_LISTED_TYPE})"
    r"<Size>([0-9]{1,18})</Size><StorageClass>([^<]+)</StorageClass></Contents>(?=<Contents>|\Z)"
)
_USUAL_TIMES = re.compile(rf"{USUAL}(?:,{USUAL})*")
# As AWS and Ceph write it, with an owner or the like. `\s*` takes a third of a page's time: only the last one has it.
_ROW = re.compile(
    rf"<Contents><Key>([^<&]{{1,{MAX_KEY_BYTES}}})</Key><LastModified>({USUAL})</LastModified>"
    r"<ETag>&quot;([^<&\"]*)&quot;</ETag>"
    r"((?:<ChecksumAlgorithm>[^<&]*</ChecksumAlgorithm>){0,8}(?:<ChecksumType>[^<&]*</ChecksumType>)?)"
    rf"<Size>([0-9]{{1,18}})</Size><StorageClass>([^<&]+)</StorageClass>(.{{0,{REST.most}}}?)</Contents>",
    re.DOTALL,
)
_OTHER_ROW = re.compile(
    rf"<Contents>\s*<Key>([^<&]{{1,{MAX_KEY_BYTES}}})</Key>\s*"
    rf"<LastModified>({USUAL})</LastModified>\s*"
    r"<ETag>(?:&quot;|\"|&#34;)?([^<&\"]*)(?:&quot;|\"|&#34;)?</ETag>\s*"
    r"((?:<ChecksumAlgorithm>[^<&]*</ChecksumAlgorithm>\s*|<ChecksumType>[^<&]*</ChecksumType>\s*){0,16})"
    r"<Size>([0-9]{1,18})</Size>\s*"
    r"(?:<StorageClass>([^<&]+)</StorageClass>\s*)?"
    rf"(.{{0,{REST.most}}}?)</Contents>",
    re.DOTALL,
)
_FIRST, _LAST = "<Contents>", "</Contents>"
_BETWEEN = re.compile(r"</Contents>\s*<Contents>")
_ENVELOPE = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*)?<ListBucketResult(?: xmlns=\"[^\"<]*\")?>"
    r"((?:\s*<(\w+)>[^<]*</\2>|\s*<\w+/>)*)\s*</ListBucketResult>\s*"
)
_ELEMENT = re.compile(r"<(\w+)>([^<]*)</\1>")
_ALGORITHM = re.compile(r"<ChecksumAlgorithm>([^<]*)<")
_TYPE = re.compile(r"<ChecksumType>([^<]*)<")
# Behind the storage class: the owner, a type (Ceph), and the status of a restored object. One element at a time.
_TAG = re.compile(r"(?:<(\w+)>[^<&]*</\1>|<\w+/>|<(Owner|RestoreStatus)>|</(Owner|RestoreStatus)>)\s*")

_TIME, _ETAG, _NAMES = itemgetter(1), itemgetter(2), itemgetter(3)

# A NamedTuple's own constructor takes half as long again.
_new = tuple.__new__


def read_page(op: ListPage, body: bytes, date: str) -> Page | None:
    """Parse a response body. Returns None if it is not in the usual form.

    `date` is the value of the `Date` header. Raises S3Error for a truncated page without a continuation token.
    """
    try:
        text = body.decode() if len(body) <= QUICK.most else ""
    except UnicodeDecodeError:
        return None
    first, last = text.find(_FIRST), text.rfind(_LAST)
    envelope = text if first < 0 else text[:first] + text[last + len(_LAST) :]
    if len(envelope) > AROUND.most or _ENVELOPE.fullmatch(envelope) is None or "&" in envelope:
        return None
    elements = _ELEMENT.findall(envelope)
    values = dict(elements)
    unique = len(values) == len(elements)
    objects = _usual_objects(text, first, last)
    if objects is None:
        objects = _other_objects(text)
    if objects is None or not unique or not _is_whole(values, len(objects)):
        return None
    if "%" in text or "+" in text:
        objects = [
            row._replace(key=unquote_plus(row.key)) if "%" in row.key or "+" in row.key else row for row in objects
        ]
    if not text.isascii() and any(len(row.key.encode()) > MAX_KEY_BYTES for row in objects):
        return None
    token = values.get("NextContinuationToken", "")
    truncated = values["IsTruncated"] == "true"
    if truncated and not token:
        raise truncated_without_token(op)
    return Page(objects, token if truncated else None, clock(date))


def _usual_objects(text: str, first: int, last: int) -> list[Listed] | None:
    """Return the objects of a page whose rows have nothing unusual, one behind the other; None for any other page."""
    if first < 0:
        return []
    end = last + len(_LAST)
    rows = _USUAL_ROW.findall(text, first, end)
    # Each row is followed by the next one, or is the last: as many as there are beginnings are all.
    alien = text.count("&", first, end) != 2 * len(rows) or text.find('"', first, end) >= 0
    if alien or len(rows) != text.count(_FIRST) or "<" in "".join(map(_ETAG, rows)):
        return None
    checksums = {names: _checksum(names) for names in set(map(_NAMES, rows))}
    if None in checksums.values() or _USUAL_TIMES.fullmatch(",".join(set(map(_TIME, rows)))) is None:
        return None
    return [
        _new(Listed, (key, int(size), etag, modified, storage_class, False, checksums[names]))
        for key, modified, etag, names, size, storage_class in rows
    ]


def _other_objects(text: str) -> list[Listed] | None:
    """Return the objects of a page; None if there is anything between or in its rows that is not known."""
    number = text.count(_FIRST)
    rows = _ROW.findall(text)
    if len(rows) != number:
        rows = _OTHER_ROW.findall(text)
    restored = {rest: _is_restored(rest) for rest in {row[6] for row in rows}}
    checksums = {names: _checksum(names) for names in set(map(_NAMES, rows))}
    if len(rows) != number or None in restored.values() or None in checksums.values() or not _adjoin(text, number):
        return None
    return [
        _new(Listed, (key, int(size), etag, modified, storage_class or "STANDARD", restored[rest], checksums[names]))
        for key, modified, etag, names, size, storage_class, rest in rows
    ]


def _adjoin(text: str, rows: int) -> bool:
    """True if there is nothing between the rows."""
    return text.count(_LAST) == rows and (
        rows == 0 or text.count(_LAST + _FIRST) == rows - 1 or len(_BETWEEN.findall(text)) == rows - 1
    )


def _is_whole(values: dict[str, str], rows: int) -> bool:
    """True if the page says what it has to, and names as many keys as it has."""
    return (
        values.get("IsTruncated") in ("true", "false")
        and values.get("EncodingType") == "url"
        and values.get("KeyCount", str(rows)) == str(rows)
    )


@lru_cache(maxsize=64)
def _is_restored(rest: str) -> bool | None:
    """Same as `conversions.is_restored`; None for elements that are not known. `rest` is the same for most rows."""
    if not _is_known(rest):
        return None
    return "<RestoreExpiryDate>" in rest and "<IsRestoreInProgress>true<" not in rest


@lru_cache(maxsize=64)
def _checksum(names: str) -> str | None:
    """Same as `conversions.listed_checksum`; None for two types. `names` is the same for most rows."""
    algorithms = _ALGORITHM.findall(names)
    kinds = set(_TYPE.findall(names)) or {""}
    return listed_checksum(algorithms, kinds.pop()) if len(kinds) == 1 else None


def _is_known(rest: str) -> bool:
    """True if it consists of elements that are known, some of them inside an owner or a restore status."""
    position, parent = 0, None
    while (tag := _TAG.match(rest, position)) is not None:
        position = tag.end()
        if tag[2]:
            if parent:
                return False
            parent = tag[2]
        elif tag[3]:
            if parent != tag[3]:
                return False
            parent = None
    return position == len(rest) and parent is None
