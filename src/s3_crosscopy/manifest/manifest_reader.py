"""Reads a manifest: a file with one key a line, JSON lines with a `key`, S3 Inventory, or an earlier report.

The first line decides about the format. Nothing is guessed: a line that is not certainly a key below the source is an
error with its number.
"""

from __future__ import annotations

import gzip
import io
import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO, NamedTuple, cast

from s3_crosscopy.adapters.bounded_files import DAMAGED
from s3_crosscopy.core.inventory_lines import format_of, key_of
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.manifest.external_sort import CHUNK_KEYS, SortedKeys, sort_keys
from s3_crosscopy.model.extraneous import DestOutcome
from s3_crosscopy.model.input_limits import BLANK, LINE, PACKED, UNPACKED
from s3_crosscopy.model.location import MAX_KEY_BYTES, Bucket
from s3_crosscopy.model.option_parsers import show
from s3_crosscopy.report.files import ClientFor, Files, files_at
from s3_crosscopy.report.report_reader import read_rows

WHAT = "manifest"
MAX_LINE_BYTES = LINE.most

_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
"""No UTF-8 text starts so: a gzip file needs no particular name."""

ONLY_AT_DEST = frozenset(outcome.value for outcome in DestOutcome)


class _Source(NamedTuple):
    """The bucket and prefix that a manifest's keys belong to."""

    bucket: str
    prefix: str


def open_manifest(
    location: object,
    *,
    prefix: str,
    client_for: ClientFor,
    bucket: str = "",
    chunk_keys: int = CHUNK_KEYS,
    manifest_bucket: Bucket | None = None,
) -> SortedKeys:
    """The keys of a manifest, sorted and unique; each is a full source key below `prefix`. Close it at the end.

    Raises InvalidInput, one line, for anything that is not a manifest of this source.

    location: a file or the s3:// URL of one; or a report, a folder or an s3:// URL that ends with "/": all keys in it.
    prefix: every key has to begin with it.
    client_for: makes the boto3 client for the bucket of an s3:// URL.
    bucket: the source. Lines that begin with its name and a comma are those of S3 Inventory or Batch Operations.
    chunk_keys: the number of keys that are sorted in memory at once.
    manifest_bucket: the bucket that `location` is in, with its expected owner, and who pays; None for no expectations.
    """
    if not isinstance(location, str) or location.strip() == "":
        raise InvalidInput(f"{WHAT}: expected a file, a report's folder or an s3:// URL of one, got {location!r}")
    keys = sort_keys(
        _checked(_numbered(location, client_for, _Source(bucket, prefix), manifest_bucket), prefix), chunk_keys
    )
    if not keys.count:
        keys.close()
        raise InvalidInput(f"{WHAT}: {location!r} has no keys")
    return keys


def _numbered(
    location: str, client_for: ClientFor, source: _Source, manifest_bucket: Bucket | None
) -> Iterator[tuple[str, str]]:
    """The keys, each with its position for messages."""
    files, name = _located(location, client_for, manifest_bucket)
    if not name:
        for row in read_rows(files, WHAT):
            # What only the destination had is at no source.
            if row.outcome not in ONLY_AT_DEST:
                yield f"the report at {location!r}", row.key
        return
    try:
        file = files.open(name)
    except FileNotFoundError:
        hint = "; the URL of a report ends with '/'" if location.startswith("s3://") else ""
        raise InvalidInput(f"{WHAT}: there is no {location!r}{hint}") from None
    with file:
        yield from _lines_of(file, location, source)


def _located(location: str, client_for: ClientFor, manifest_bucket: Bucket | None) -> tuple[Files, str]:
    """The files in the folder or prefix of a manifest, and the manifest's name there; "" for a report."""
    folder, name = location, ""
    cut = location.rfind("/") + 1
    if location.startswith("s3://") and cut > len("s3://"):
        folder, name = location[:cut], location[cut:]
    elif "://" not in location and not os.path.isdir(location):
        folder, name = os.path.split(location)
    return files_at(folder or ".", client_for, WHAT, named=name != "", bucket=manifest_bucket), name


def _lines_of(file: BinaryIO, location: str, source: _Source) -> Iterator[tuple[str, str]]:
    number, blank, unpacked = 0, 0, 0
    reader, packed = _unpacked(file)
    key_of_line: Callable[[str], str] | None = None
    try:
        while line := reader.readline(MAX_LINE_BYTES):
            number += 1
            unpacked += len(line)
            if packed is not None and unpacked > max(UNPACKED.most, PACKED.most * packed.bytes):
                raise InvalidInput(f"{WHAT}: {location!r} {PACKED.exceeded}")
            position = f"{location!r}, line {number}"
            line = line.removeprefix(_BOM) if number == 1 else line
            text = _text(line, position)
            if text == "":
                blank += 1
                if blank > BLANK.most:
                    raise InvalidInput(f"{WHAT}: {location!r} {BLANK.exceeded}")
                continue
            try:
                key_of_line = key_of_line or _reader_of(text, source)
                key = key_of_line(text)
            except InvalidInput as error:
                raise InvalidInput(f"{WHAT}: {position}: {error}") from None
            yield position, key
    except DAMAGED as error:
        raise InvalidInput(f"{WHAT}: {location!r} is a damaged gzip file after line {number}") from error


class _Counted:
    """A file for `gzip` to read from; `bytes` is the number of bytes that were read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.bytes = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.bytes += len(data)
        return data


def _unpacked(file: BinaryIO) -> tuple[BinaryIO, _Counted | None]:
    """The file to read lines from, and the packed file behind it; None if it is not packed."""
    # By peek, because a pipe (`<(grep ...)`) has no seek.
    if not cast(io.BufferedReader, file).peek(len(_GZIP)).startswith(_GZIP):
        return file, None
    packed = _Counted(file)
    return cast(BinaryIO, gzip.GzipFile(fileobj=cast(BinaryIO, packed), mode="rb")), packed


def _text(line: bytes, position: str) -> str:
    if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
        raise InvalidInput(f"{WHAT}: {position}: is longer than any key; is it a list of keys, one a line?")
    try:
        return line.removesuffix(b"\n").decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInput(f"{WHAT}: {position}: is not UTF-8, and S3's keys are; save the file as UTF-8") from None


def _reader_of(first: str, source: _Source) -> Callable[[str], str]:
    """The function that reads a file's lines, chosen by the first line."""
    if _json_key(first) is not None:
        return _key_of_json
    form = format_of(first, source.bucket, source.prefix) if source.bucket else None
    return partial(key_of, form=form) if form is not None else partial(_key_of_text, prefix=source.prefix)


def _json_key(text: str) -> str | None:
    """The key of a line such as `{"key": "in/a"}`; None for any other line."""
    if not text.startswith("{"):
        return None
    try:
        key = json.loads(text).get("key")
    except (ValueError, RecursionError):
        return None
    return key if isinstance(key, str) else None


def _key_of_json(text: str) -> str:
    key = _json_key(text)
    if key is None:
        raise InvalidInput('is no {"key": "..."}, as the lines before it are')
    return key


def _key_of_text(text: str, prefix: str) -> str:
    if text.endswith("\r"):
        raise InvalidInput('ends with a carriage return; save the file with \\n alone, or write {"key": "..."} lines')
    if text.startswith("s3://") and not prefix.startswith("s3://"):
        raise InvalidInput(f"{show(text)} is a URL; give keys, without s3:// and the bucket")
    return text


def _checked(numbered: Iterator[tuple[str, str]], prefix: str) -> Iterator[str]:
    for position, key in numbered:
        if not key.startswith(prefix):
            raise InvalidInput(
                f"{WHAT}: {position}: {show(key)} is not below the source prefix {prefix!r}; give full source keys"
            )
        if key == "":
            raise InvalidInput(f"{WHAT}: {position}: the key is empty")
        # At most four bytes a character: most keys need not be encoded to know their length.
        if len(key) * 4 > MAX_KEY_BYTES or not key.isascii():
            _check_bytes(key, position)
        yield key


def _check_bytes(key: str, position: str) -> None:
    try:
        length = len(key.encode("utf-8"))
    except UnicodeEncodeError:
        raise InvalidInput(f"{WHAT}: {position}: the key is not valid unicode, and S3's keys are UTF-8") from None
    if length > MAX_KEY_BYTES:
        raise InvalidInput(f"{WHAT}: {position}: the key has {length} bytes, S3 allows {MAX_KEY_BYTES}")
