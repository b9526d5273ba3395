"""Answers a shell that completes a command line, through argcomplete; see `s3-crosscopy completion`."""

from __future__ import annotations

import argparse
import configparser
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.option_table import OPTIONS

COMPLETING = "_ARGCOMPLETE"
"""The variable that a shell sets when it asks for completions."""
_WITH_FILES = ("FILE", "PATH", "PLACE", "REPORT")
_PREFLIGHT = ("off", "light", "full")


def words_of_line() -> list[str]:
    """The words that are on the shell's line so far, without the program."""
    return os.environ.get("COMP_LINE", "").split()[1:]


def complete(parser: argparse.ArgumentParser, subparsers: dict[str, Any]) -> None:
    """Print the completions to the shell, and end the process."""
    import argcomplete

    for subparser in subparsers.values():
        for action in subparser._actions:
            action.completer = _completer(action)
    argcomplete.autocomplete(parser)


def _completer(action: argparse.Action) -> Any:
    from argcomplete.completers import ChoicesCompleter, FilesCompleter, SuppressCompleter

    options = {option.name: option.parse for option in OPTIONS}
    parser = options.get(action.dest)
    if isinstance(parser, parse.Choice):
        return ChoicesCompleter(parser.allowed)
    if action.dest in ("profile", "source_profile"):
        return ChoicesCompleter(tuple(_profiles()))
    if action.dest == "preflight":
        return ChoicesCompleter(_PREFLIGHT)
    if action.dest == "shell":
        return ChoicesCompleter(("bash", "zsh", "fish"))
    return FilesCompleter() if action.metavar in _WITH_FILES else SuppressCompleter()


def _profiles() -> Iterator[str]:
    """The names of AWS profiles, from AWS's two files."""
    for variable, name in (("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")):
        file = configparser.RawConfigParser(strict=False)
        try:
            file.read(os.environ.get(variable) or Path.home() / ".aws" / name, encoding="utf-8")
        except (configparser.Error, OSError, ValueError, RuntimeError):
            continue
        yield from (section.removeprefix("profile ") for section in file.sections())
