"""Fills in what a command line leaves out: from the environment, then from the file of defaults.

A flag `--max-failures` is `S3_CROSSCOPY_MAX_FAILURES` in the environment and `max_failures` in the file. A section of
the file is for one command; that of `copy` is also for the commands that plan or examine a copy.
"""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from s3_crosscopy.cli.default_values import BY_FLAG_ONLY, OF_ONE_CALL, as_given
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.option_parsers import near

PREFIX = "S3_CROSSCOPY_"
NO_SETTINGS = (f"{PREFIX}CONFIG",)
_MAPPINGS = ("metadata", "tags", "header", "botocore_config")
_LIKE_COPY = ("plan", "doctor", "policies")
_ONE_CALL = "belongs to one call; give it on the command line"

Settable = Mapping[str, argparse.Action]
"""The arguments of a command that may have a default from outside, by their names there."""


class Default(NamedTuple):
    """A value from outside. `origin` is its place as messages name it, `commands` are those that it is for, () all."""

    name: str
    value: Any
    origin: str
    commands: tuple[str, ...] = ()


class Applied(NamedTuple):
    """A default that a command takes: the name of the argument, the flags that do the same, and its origin."""

    dest: str
    flags: str
    origin: str


def settable(parser: argparse.ArgumentParser) -> Settable:
    """The arguments of a parser that can be set, by name."""
    flags = ((name, action) for action in parser._actions for name in action.option_strings if name.startswith("--"))
    names = {name[2:].replace("-", "_"): action for name, action in flags}
    return {name: action for name, action in names.items() if _is_setting(action, name)}


def add_opposites(parser: argparse.ArgumentParser) -> None:
    """Add `--no-...`, which the help does not show, for every flag that a default may turn on."""
    for name, action in settable(parser).items():
        if action.const is True:
            flag = f"--no-{name.replace('_', '-')}"
            parser.add_argument(flag, dest=action.dest, action="store_const", const=False, help=argparse.SUPPRESS)


def from_environment(environ: Mapping[str, str]) -> Iterator[Default]:
    """The defaults in the environment. An empty variable counts as one that is not set."""
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and variable not in NO_SETTINGS and environ[variable] != "":
            yield Default(variable[len(PREFIX) :].lower(), environ[variable], variable)


def from_file(content: Mapping[str, Any], path: str, command: str, commands: Sequence[str]) -> Iterator[Default]:
    """The defaults in the file for a command, those with priority first. Raises InvalidInput."""
    _check_sections(content, path, commands)
    for section in (command, *(("copy",) if command in _LIKE_COPY else ())):
        readers = ("copy", *_LIKE_COPY) if section == "copy" else (section,)
        for name, value in content.get(section, {}).items():
            yield Default(name, value, f"{name!r} in [{section}] of {path}", readers)
    for name, value in content.items():
        if name in commands:
            continue
        if isinstance(value, Mapping) and name not in _MAPPINGS:
            raise InvalidInput(f"[{name}] in {path}: there is no such command{near(name, (*commands, *_MAPPINGS))}")
        yield Default(name, value, f"{name!r} in {path}")


def _check_sections(content: Mapping[str, Any], path: str, commands: Sequence[str]) -> None:
    for name in commands:
        if not isinstance(content.get(name, {}), Mapping):
            if name in OF_ONE_CALL:
                raise InvalidInput(f"{name!r} in {path}: {_ONE_CALL}")
            raise InvalidInput(f"{name!r} in {path}: is a command's section; write [{name}], and its settings below")


def apply(
    namespace: argparse.Namespace,
    parser: argparse.ArgumentParser,
    defaults: Sequence[Default],
    settings_of: Callable[[Collection[str]], Settable],
) -> list[Applied]:
    """Set the arguments that the command line leaves out; the first default of a name wins. Raises InvalidInput.

    `settings_of` returns those of some commands; it is called only for a name that this command does not have.
    """
    own, applied = settable(parser), []
    groups = [group._group_actions for group in parser._mutually_exclusive_groups]
    taken = {action.dest for action in own.values() if getattr(namespace, action.dest) != action.default}
    for default in defaults:
        if default.name not in own:
            _refuse_unknown(default, settings_of)
            continue
        action = own[default.name]
        value = as_given(action, default.name, default.value, default.origin)
        partners = {other.dest for group in groups if action in group for other in group}
        if action.dest in taken or any(getattr(namespace, dest) for dest in partners):
            continue
        taken.add(action.dest)
        setattr(namespace, action.dest, value)
        applied.append(Applied(action.dest, _as_flags(action, value), default.origin))
    return applied


def _is_setting(action: argparse.Action, name: str) -> bool:
    return (
        action.dest not in ("help", "config", *OF_ONE_CALL) and name not in BY_FLAG_ONLY and not name.startswith("no_")
    )


def _refuse_unknown(default: Default, settings_of: Callable[[Collection[str]], Settable]) -> None:
    if default.name in BY_FLAG_ONLY:
        raise InvalidInput(f"{default.origin}: {BY_FLAG_ONLY[default.name]}")
    if default.name in OF_ONE_CALL:
        raise InvalidInput(f"{default.origin}: {_ONE_CALL}")
    names = settings_of(default.commands)
    if default.name not in names:
        raise InvalidInput(f"{default.origin}: no such setting{_near(default, tuple(names))}")


def _near(default: Default, names: Sequence[str]) -> str:
    if default.origin.startswith(PREFIX):
        return near(default.origin, [f"{PREFIX}{name.upper()}" for name in names])
    return near(default.name, names)


def _as_flags(action: argparse.Action, value: object) -> str:
    flags = [name for name in action.option_strings if name.startswith("--")]
    if action.nargs == 0:
        return f"--no-{flags[0][2:]}" if value is False else flags[0]
    values = value if isinstance(value, list) else [value]
    texts = (json.dumps(item, default=str) if isinstance(item, (Mapping, list)) else str(item) for item in values)
    return " ".join(f"{flags[0]} {shlex.quote(text)}" for text in texts) or f"no {flags[0]}"
