"""Packs JSON into short text for Airflow's tables: compressed, because neighbouring keys share their prefixes."""

from __future__ import annotations

import base64
import binascii
import json
import zlib

from s3_crosscopy.model.input_limits import Limit
from s3_crosscopy.model.json_text import read_json


def pack(value: object) -> str:
    """Return text for `unpack`: ASCII, without characters that JSON escapes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unpack(text: str, limit: Limit) -> object:
    """Return the value. Raises ValueError, with a text that continues a name, for other text and above the limit.

    Never unpacks more than the limit.
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
