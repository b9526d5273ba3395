"""Answers a shell that completes a command line, through argcomplete; see `s3-crosscopy completion`."""

from __future__ import annotations

import argparse
import configparser
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.option_table import OPTIONS

COMPLETING = "_ARGCOMPLETE"
"""The variable that a shell sets when it asks for completions."""
_WITH_FILES = ("FILE", "PATH", "PLACE", "REPORT")
"""Arguments whose values are files, by the word in their help."""
_FILES = ("report", "manifest", "etag_index")
"""The others, by name."""
SHELLS = ("bash", "zsh", "fish")
_CHOICES = {
    **{option.name: option.parse.allowed for option in OPTIONS if isinstance(option.parse, parse.Choice)},
    "preflight": ("off", "light", "full"),
    "metadata": ("keep", "drop"),
    "tags": ("keep", "drop"),
    "approve": ("deletes", "always"),
    "copy_last": ("auto", "off"),
}


def words_of_line() -> list[str]:
    """The words that are on the shell's line so far, without the program."""
    return os.environ.get("COMP_LINE", "").split()[1:]


def complete(parser: argparse.ArgumentParser, subparsers: Mapping[str, argparse.ArgumentParser]) -> None:
    """Print the completions to the shell, and end the process."""
    import argcomplete

    for subparser in subparsers.values():
        for action in subparser._actions:
            if action.nargs != 0 and action.metavar not in _WITH_FILES and action.dest not in _FILES:
                action.completer = partial(_words, action.dest)  # type: ignore[attr-defined]
    argcomplete.autocomplete(parser)


def _words(name: str, **_: object) -> Sequence[str]:
    """The values that an argument takes, as far as they are words."""
    if name in ("profile", "source_profile"):
        return tuple(_profiles())
    if name == "shell":
        return SHELLS
    return _CHOICES.get(name, ())


def _profiles() -> Iterator[str]:
    """The names of AWS profiles, from AWS's two files."""
    for variable, name in (("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")):
        file = configparser.RawConfigParser(strict=False)
        try:
            file.read(os.environ.get(variable) or Path.home() / ".aws" / name, encoding="utf-8")
        except (configparser.Error, OSError, ValueError, RuntimeError):
            continue
        yield from (section.removeprefix("profile ") for section in file.sections())
