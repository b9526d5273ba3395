"""Reads a price file: the shipped one, or the user's own."""

from __future__ import annotations

import json
import os
from importlib.resources import files

from s3_crosscopy.adapters.bounded_files import json_of
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.input_limits import PRICES
from s3_crosscopy.model.prices import Prices, parse_prices

SHIPPED = "prices.json"


def read_prices(path: str | os.PathLike[str] | None = None) -> Prices:
    """The prices of a file; None is the shipped one. Raises InvalidInput with one line."""
    if path is None:
        return parse_prices(json.loads(files("s3_crosscopy").joinpath(SHIPPED).read_bytes()), SHIPPED)
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            return parse_prices(json_of(file, PRICES), name)
    except OSError as error:
        raise InvalidInput(f"prices: {name} cannot be read ({error.strerror}); name a readable file") from error
    except InvalidInput:
        raise
    except ValueError as error:
        raise InvalidInput(f"prices: {name} {error}; start from a copy of the shipped one") from error
