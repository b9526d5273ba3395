"""Adds the defaults of the environment and of the file to the arguments of a call, and says so with --verbose."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection

from s3_crosscopy.cli.command_table import COMMANDS
from s3_crosscopy.cli.config_file import read_config
from s3_crosscopy.cli.defaults import Settable, apply, from_environment, from_file, settable
from s3_crosscopy.cli.filled_parser import fill_parser
from s3_crosscopy.cli.output import say
from s3_crosscopy.model.humanize import error_text


def add_defaults(namespace: argparse.Namespace, parser: argparse.ArgumentParser, command: str) -> None:
    """Add the defaults to `namespace`, and their places to `namespace.origins`. Raises InvalidInput."""
    path, content = read_config(namespace.config, os.environ)
    names = [row.name for row in COMMANDS]
    defaults = [*from_environment(os.environ), *from_file(content, path, command, names)]
    if not defaults:
        return
    applied = apply(namespace, parser, defaults, _settings_of)
    namespace.origins.update({row.dest: row.origin for row in applied})
    if namespace.verbose and not getattr(namespace, "quiet", None):
        for row in applied:
            say(error_text(f"default: {row.flags} (from {row.origin})"), sys.stderr)


def _settings_of(commands: Collection[str]) -> Settable:
    """The settings of these commands, or of all if there are none. Imports them: called only for a name of another."""
    settings: dict[str, argparse.Action] = {}
    for command in COMMANDS:
        if not commands or command.name in commands:
            parser = argparse.ArgumentParser(add_help=False)
            fill_parser(parser, command)
            settings |= settable(parser)
    return settings
