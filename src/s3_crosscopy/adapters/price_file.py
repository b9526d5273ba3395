"""Reads prices: the file that is shipped, or one of the user's."""

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
    """The prices of a file, or the shipped ones. Raises InvalidInput with one line."""
    if path is None:
        return parse_prices(json.loads(files("s3_crosscopy").joinpath(SHIPPED).read_bytes()), SHIPPED)
    where = os.fspath(path)
    try:
        with open(path, "rb") as file:
            return parse_prices(json_of(file, PRICES), where)
    except OSError as error:
        raise InvalidInput(f"prices: {where} cannot be read ({error.strerror}); name a readable file") from error
    except InvalidInput:
        raise
    except ValueError as error:
        raise InvalidInput(f"prices: {where} {error}; begin with a copy of the one shipped") from error
