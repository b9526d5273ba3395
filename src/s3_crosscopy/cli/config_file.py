"""Reads the file of defaults, in TOML."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.humanize import printable

CONFIG = "S3_CROSSCOPY_CONFIG"
"""The variable that names the file, if --config does not."""


def read_config(named: str | None, environ: Mapping[str, str]) -> tuple[Path, Mapping[str, Any]]:
    """The file's path and its content. Only a file that is named must exist. Raises InvalidInput."""
    argument = "--config" if named is not None else CONFIG
    named = named if named is not None else environ.get(CONFIG)
    path = Path(named) if named else default_path(environ)
    try:
        with path.open("rb") as file:
            return path, _parsed(file.read().decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        if not named:
            return path, {}
        raise InvalidInput(f"{argument}: there is no file {named!r}") from None
    except OSError as error:
        raise InvalidInput(f"{argument}: {str(path)!r} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise InvalidInput(f"{argument}: {str(path)!r} is not valid TOML: {printable(str(error))}") from None


def default_path(environ: Mapping[str, str]) -> Path:
    """The place of the file if none is named: below $XDG_CONFIG_HOME, or ~/.config."""
    home = environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return Path(home) / "s3-crosscopy" / "config.toml"


def _parsed(text: str) -> Mapping[str, Any]:
    # Python has a parser since 3.11; tomli is the same one.
    parsed: Mapping[str, Any] = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli").loads(text)
    return parsed
