"""A page of a listing as S3 and its kin write it, read with one regular expression over its rows.

botocore's parser takes 20 times as long. Whatever looks otherwise, in its head or in its last row, is not guessed at:
None, and botocore reads it.

The text is a stranger's: each of its characters is looked at a few times at most, also where nothing matches. Two
pieces that may repeat never begin alike, and what is read up to a mark is bounded.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_plus

from s3_crosscopy.adapters.boto.conversions import torn
from s3_crosscopy.adapters.boto.s3_dates import USUAL, clock
from s3_crosscopy.model.input_limits import AROUND, QUICK, REST
from s3_crosscopy.model.location import MAX_KEY_BYTES
from s3_crosscopy.model.objects import Listed, Page
from s3_crosscopy.model.operations import ListPage

# As AWS and Ceph write it. A third of a page's time goes into `\s*` and the like: they are for the others.
_ROW = re.compile(
    rf"<Contents><Key>([^<&]{{1,{MAX_KEY_BYTES}}})</Key><LastModified>({USUAL})</LastModified>"
    r"<ETag>&quot;([^<&\"]*)&quot;</ETag>"
    r"(?:<ChecksumAlgorithm>[^<&]*</ChecksumAlgorithm>){0,8}(?:<ChecksumType>[^<&]*</ChecksumType>)?"
    rf"<Size>([0-9]{{1,18}})</Size><StorageClass>([^<&]+)</StorageClass>(.{{0,{REST.most}}}?)</Contents>",
    re.DOTALL,
)
_OTHER_ROW = re.compile(
    rf"<Contents>\s*<Key>([^<&]{{1,{MAX_KEY_BYTES}}})</Key>\s*"
    rf"<LastModified>({USUAL})</LastModified>\s*"
    r"<ETag>(?:&quot;|\"|&#34;)?([^<&\"]*)(?:&quot;|\"|&#34;)?</ETag>\s*"
    r"(?:<ChecksumAlgorithm>[^<&]*</ChecksumAlgorithm>\s*|<ChecksumType>[^<&]*</ChecksumType>\s*){0,16}"
    r"<Size>([0-9]{1,18})</Size>\s*"
    r"(?:<StorageClass>([^<&]+)</StorageClass>\s*)?"
    rf"(.{{0,{REST.most}}}?)</Contents>",
    re.DOTALL,
)
_FIRST, _LAST = "<Contents>", "</Contents>"
_BETWEEN = re.compile(r"</Contents>\s*<Contents>")
_AROUND = re.compile(
    r"\s*(?:<\?xml[^>]*\?>\s*)?<ListBucketResult(?: xmlns=\"[^\"<]*\")?>"
    r"((?:\s*<(\w+)>[^<]*</\2>|\s*<\w+/>)*)\s*</ListBucketResult>\s*"
)
_NAMED = re.compile(r"<(\w+)>([^<]*)</\1>")
# Behind the storage class: the owner, a type (Ceph), and what is told of a restored object. One piece at a time.
_PIECE = re.compile(r"(?:<(\w+)>[^<&]*</\1>|<\w+/>|<(Owner|RestoreStatus)>|</(Owner|RestoreStatus)>)\s*")

# A NamedTuple's own constructor takes half as long again.
_new = tuple.__new__


def read_page(op: ListPage, body: bytes, date: str) -> Page | None:
    """The page that a body holds, `date` as the header says it. Raises S3Error for one that does not say how to go on.

    None: the body is not of the usual form.
    """
    try:
        text = body.decode() if len(body) <= QUICK.most else ""
    except UnicodeDecodeError:
        return None
    first, last = text.find(_FIRST), text.rfind(_LAST)
    around = text if first < 0 else text[:first] + text[last + len(_LAST) :]
    if len(around) > AROUND.most or _AROUND.fullmatch(around) is None or "&" in around:
        return None
    told = _NAMED.findall(around)
    named = dict(told)
    once = len(named) == len(told)
    number = text.count(_FIRST)
    rows = _rows(text, number)
    restored = {rest: _is_restored(rest) for rest in {row[5] for row in rows}}
    if not once or len(rows) != number or not _is_whole(named, text, number) or None in restored.values():
        return None
    objects = [
        _new(Listed, (key, int(size), etag, modified, storage_class or "STANDARD", restored[rest]))
        for key, modified, etag, size, storage_class, rest in rows
    ]
    if "%" in text or "+" in text:
        objects = [
            row._replace(key=unquote_plus(row.key)) if "%" in row.key or "+" in row.key else row for row in objects
        ]
    if not text.isascii() and any(len(row.key.encode()) > MAX_KEY_BYTES for row in objects):
        return None
    token = named.get("NextContinuationToken", "")
    more = named["IsTruncated"] == "true"
    if more and not token:
        raise torn(op)
    return Page(objects, token if more else None, clock(date))


def _rows(text: str, number: int) -> list[tuple[str, str, str, str, str, str]]:
    rows = _ROW.findall(text)
    return rows if len(rows) == number else _OTHER_ROW.findall(text)


def _is_whole(named: dict[str, str], text: str, rows: int) -> bool:
    """Whether everything that the page says it has was understood."""
    return (
        named.get("IsTruncated") in ("true", "false")
        and named.get("EncodingType") == "url"
        and named.get("KeyCount", str(rows)) == str(rows)
        and text.count(_LAST) == rows
        and (rows == 0 or text.count(_LAST + _FIRST) == rows - 1 or len(_BETWEEN.findall(text)) == rows - 1)
    )


@lru_cache(maxsize=64)
def _is_restored(rest: str) -> bool | None:
    """As `shapes.is_restored` reads it of botocore's answer; None: unknown to us. Much the same for all rows."""
    if not _is_known(rest):
        return None
    return "<RestoreExpiryDate>" in rest and "<IsRestoreInProgress>true<" not in rest


def _is_known(rest: str) -> bool:
    """Tells whether it is made of pieces that we know, some of them within an owner or a restoration."""
    at, within = 0, None
    while (piece := _PIECE.match(rest, at)) is not None:
        at = piece.end()
        if piece[2]:
            if within:
                return False
            within = piece[2]
        elif piece[3]:
            if within != piece[3]:
                return False
            within = None
    return at == len(rest) and within is None
