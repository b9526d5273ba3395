"""Parses ListObjectsV2 responses in the form that S3 and compatible servers write, with regular expressions.

botocore's parser takes 20 times as long. A page in any other form, even in one row, is not guessed at: the result is
None, and botocore parses it.

The text is untrusted: each of its characters is read a few times at most, also where nothing matches. Two parts of a
pattern that may repeat never start alike, and what is read up to a mark is bounded.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_plus

from s3_crosscopy.adapters.boto.conversions import truncated_without_token
from s3_crosscopy.adapters.boto.s3_dates import USUAL, clock
from s3_crosscopy.adapters.boto.usual_rows import FIRST, LAST, NAMES, checksum_of, usual_objects
from s3_crosscopy.model.input_limits import AROUND, QUICK, REST
from s3_crosscopy.model.location import MAX_KEY_BYTES
from s3_crosscopy.model.objects import Listed, Page
from s3_crosscopy.model.operations import ListPage

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
_BETWEEN = re.compile(r"</Contents>\s*<Contents>")
_ENVELOPE = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*)?<ListBucketResult(?: xmlns=\"[^\"<]*\")?>"
    r"((?:\s*<(\w+)>[^<]*</\2>|\s*<\w+/>)*)\s*</ListBucketResult>\s*"
)
_ELEMENT = re.compile(r"<(\w+)>([^<]*)</\1>")
# Behind the storage class: the owner, a type (Ceph), and the status of a restored object. One element at a time.
_TAG = re.compile(r"(?:<(\w+)>[^<&]*</\1>|<\w+/>|<(Owner|RestoreStatus)>|</(Owner|RestoreStatus)>)\s*")

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
    first, last = text.find(FIRST), text.rfind(LAST)
    envelope = text if first < 0 else text[:first] + text[last + len(LAST) :]
    if len(envelope) > AROUND.most or _ENVELOPE.fullmatch(envelope) is None or "&" in envelope:
        return None
    elements = _ELEMENT.findall(envelope)
    values = dict(elements)
    unique = len(values) == len(elements)
    objects = usual_objects(text, first, last)
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


def _other_objects(text: str) -> list[Listed] | None:
    """Return the objects of a page; None if there is anything between or in its rows that is not known."""
    number = text.count(FIRST)
    rows = _ROW.findall(text)
    if len(rows) != number:
        rows = _OTHER_ROW.findall(text)
    restored = {rest: _is_restored(rest) for rest in {row[6] for row in rows}}
    checksums = {names: checksum_of(names) for names in set(map(NAMES, rows))}
    if len(rows) != number or None in restored.values() or None in checksums.values() or not _adjoin(text, number):
        return None
    return [
        _new(Listed, (key, int(size), etag, modified, storage_class or "STANDARD", restored[rest], checksums[names]))
        for key, modified, etag, names, size, storage_class, rest in rows
    ]


def _adjoin(text: str, rows: int) -> bool:
    """True if there is nothing between the rows."""
    return text.count(LAST) == rows and (
        rows == 0 or text.count(LAST + FIRST) == rows - 1 or len(_BETWEEN.findall(text)) == rows - 1
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
