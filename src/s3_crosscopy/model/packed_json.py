"""JSON as short text for Airflow's tables: compressed, because keys that lie side by side begin alike."""

from __future__ import annotations

import base64
import binascii
import json
import zlib

from s3_crosscopy.model.input_limits import Limit
from s3_crosscopy.model.json_text import read_json


def pack(value: object) -> str:
    """The text that `unpack` reads: ASCII, without anything that JSON would escape."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unpack(text: str, limit: Limit) -> object:
    """The value. Raises ValueError, in words that go on after a name, for anything else, and for more than the limit.

    Of what would be larger no more than the limit is ever unpacked.
    """
    if len(text) > limit.most:
        raise ValueError(limit.exceeded)
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(base64.b64decode(text, validate=True), limit.most + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise ValueError("is no packed JSON") from None
    if not unpacking.eof and len(data) <= limit.most:
        raise ValueError("is packed JSON that was cut")
    return read_json(data, limit)
