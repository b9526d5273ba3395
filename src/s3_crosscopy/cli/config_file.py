"""Reads the file of defaults, in TOML."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.humanize import printable
from s3_crosscopy.model.input_limits import DEFAULTS

CONFIG = "S3_CROSSCOPY_CONFIG"
"""The variable that names the file, if --config does not."""


def read_config(named: str | None, environ: Mapping[str, str]) -> tuple[str, Mapping[str, Any]]:
    """The file's path and its content. Only a file that is named must exist. Raises InvalidInput."""
    if named is not None:
        return named, _content(named, f"--config: {named!r}")
    if variable := environ.get(CONFIG):
        return variable, _content(variable, f"{CONFIG}: {variable!r}")
    path = default_path(environ)
    # Also if the folder belongs to somebody else, as after `sudo -u`: nothing says that there is a file.
    return path, _content(path, repr(path)) if os.path.exists(path) else {}


def default_path(environ: Mapping[str, str]) -> str:
    """The path of the file if none is named: below $XDG_CONFIG_HOME, or ~/.config. "" without a home.

    A relative one does not count, as the XDG Base Directory Specification demands.
    """
    home = os.path.expanduser("~")
    folders = (environ.get("XDG_CONFIG_HOME", ""), os.path.join(home, ".config"))
    folder = next(filter(os.path.isabs, folders), "")
    return os.path.join(folder, "s3-crosscopy", "config.toml") if folder else ""


def _content(path: str, name: str) -> Mapping[str, Any]:
    """The settings in the file, which messages call `name`. Raises InvalidInput."""
    try:
        # A pipe is a file too: --config <(...)
        with open(path, "rb") as file:
            return _parsed(file.read(DEFAULTS.most + 1))
    except (FileNotFoundError, NotADirectoryError):
        raise InvalidInput(f"{name} does not exist") from None
    except OSError as error:
        raise InvalidInput(f"{name} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{name} is not valid TOML: {printable(str(error))}") from None


def _parsed(data: bytes) -> Mapping[str, Any]:
    if len(data) > DEFAULTS.most:
        raise ValueError(f"it {DEFAULTS.exceeded}")
    # Windows' editor begins a file with a byte order mark. Python has a parser since 3.11; tomli is the same one.
    text = data.decode("utf-8-sig")
    parsed: Mapping[str, Any] = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli").loads(text)
    return parsed
