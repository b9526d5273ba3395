"""Reads prices: the file that is shipped, or one of the user's."""

from __future__ import annotations

import json
import os
from importlib.resources import files

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.prices import Prices, parse_prices

SHIPPED = "prices.json"
MOST_BYTES = 2**20
"""A file of prices has a few kilobytes: what is larger is another file."""


def read_prices(path: str | os.PathLike[str] | None = None) -> Prices:
    """The prices of a file, or the shipped ones. Raises InvalidInput with one line."""
    if path is None:
        return parse_prices(json.loads(files("s3_crosscopy").joinpath(SHIPPED).read_bytes()), SHIPPED)
    where = os.fspath(path)
    try:
        with open(path, "rb") as file:
            text = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"prices: {where} cannot be read ({error.strerror}); name a readable file") from error
    if len(text) > MOST_BYTES:
        raise InvalidInput(f"prices: {where} is far too large for a file of prices; name another one")
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"prices: {where} is no JSON ({error}); begin with a copy of the one shipped") from error
    return parse_prices(raw, where)
