"""Arguments that several commands share: the copy options from their table, those about access, those about output.

Values are passed on as text. Only the options' own parsers check them, so that shell, DAG and Python get the same
errors.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Iterable

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.content_headers import header_rules
from s3_crosscopy.model.durations import Duration, show_duration
from s3_crosscopy.model.option_table import NAMES, OPTIONS, Option

ACCESS = {
    "profile": "AWS profile that signs every copy: it reads the source and writes the destination",
    "source_profile": "AWS profile that lists, HEADs and reads tags at the source (default: --profile)",
    "endpoint_url": "URL of an S3 server other than AWS",
    "region_name": "Region of the first request; a bucket's own Region is discovered",
    "botocore_config": "settings of botocore.config.Config as JSON, merged over the profile's own",
}
_SHORTER = {"region_name": "--region", "verify": "--ca-bundle", "headers": "--header"}

KEYWORDS = (*NAMES, *ACCESS, "verify", "checkpoint", "state", "preflight", "prices", "rate")
"""The keyword arguments of `copy()` that a command line can give."""
_NAMES = "|".join((*KEYWORDS, "approve", "bucket"))
_PYTHON_ARGUMENT = re.compile(rf"^({_NAMES})(?=: )|\b({_NAMES})=(?:True|'([^']*)'|\[((?:'[^']*'(?:, )?)+)\])")


def flag(name: str) -> str:
    """The flag for an argument of `copy()`."""
    return _SHORTER.get(name, "--" + name.replace("_", "-"))


def in_flags(message: str) -> str:
    """Replace the Python arguments in an error message by the flags of the command line."""

    def as_flag(match: re.Match[str]) -> str:
        name, value, globs = match[1] or match[2], match[3], match[4]
        # Quoted, because the shell would expand a glob.
        if globs is not None:
            return " ".join(f"{flag(name)} {shlex.quote(glob[1:-1])}" for glob in globs.split(", "))
        return flag(name) if value is None else f"{flag(name)} {shlex.quote(value)}"

    return _PYTHON_ARGUMENT.sub(as_flag, message)


def keywords(namespace: argparse.Namespace, names: Iterable[str] = KEYWORDS) -> dict[str, object]:
    """The given ones of the named arguments, under their names in `copy()`. Raises InvalidInput."""
    values = vars(namespace)
    arguments = {name: values[name] for name in names if values.get(name) is not None}
    if "botocore_config" in arguments:
        arguments["botocore_config"] = _json("botocore_config", arguments["botocore_config"])
    return arguments


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add SOURCE and DEST."""
    parser.add_argument("source", metavar="SOURCE", help="s3://bucket/key, or s3://bucket/prefix/")
    parser.add_argument("dest", metavar="DEST", help="s3://bucket/key, or s3://bucket/prefix/")


def add_options(parser: argparse.ArgumentParser, *, without: Iterable[str] = ()) -> argparse._ArgumentGroup:
    """Add every copy option but those in `without`; returns the group, to which a command may add more."""
    group = parser.add_argument_group("copy options")
    for option in OPTIONS:
        if option.name not in without:
            _add_option(group, option)
    return group


def add_access(parser: argparse.ArgumentParser, *, source: bool = True) -> argparse._ArgumentGroup:
    """Add the arguments about principals and servers; returns the group. `source`: with --source-profile."""
    group = parser.add_argument_group("access")
    for name, text in ACCESS.items():
        if name != "source_profile" or source:
            metavar = "JSON" if name == "botocore_config" else "VALUE"
            group.add_argument(flag(name), dest=name, metavar=metavar, help=text)
    tls = group.add_mutually_exclusive_group()
    no_tls = "do not verify TLS certificates"
    tls.add_argument("--no-verify-ssl", dest="verify", action="store_const", const=False, help=no_tls)
    tls.add_argument("--ca-bundle", dest="verify", metavar="PATH", help="certificates to verify TLS with")
    return group


def add_expected(group: argparse._ArgumentGroup) -> None:
    """Add --expected-bucket-owner for a report's bucket."""
    group.add_argument("--expected-bucket-owner", metavar="ID", help="account id that must own the report's bucket")


def add_output(parser: argparse.ArgumentParser, *, content: str) -> argparse._ArgumentGroup:
    """Add --json, which prints `content` and nothing else; returns the group."""
    group = parser.add_argument_group("output")
    group.add_argument("--json", action="store_true", help=f"print {content} as JSON, and nothing else, on stdout")
    return group


def add_progress(group: argparse._ArgumentGroup) -> None:
    """Add --quiet and --verbose."""
    verbosity = group.add_mutually_exclusive_group()
    verbosity.add_argument(
        "--quiet", action="store_true", help="print neither progress nor result, only errors (and --json)"
    )
    verbosity.add_argument(
        "--verbose", action="store_true", help="print a line for each batch instead of a progress bar"
    )


def _add_option(group: argparse._ArgumentGroup, option: Option) -> None:
    text, name = _help(option), flag(option.name)
    if option.parse is parse.flag and option.default is False:
        group.add_argument(name, action="store_true", default=None, help=text)
    elif option.parse is parse.flag:
        group.add_argument(name, action=argparse.BooleanOptionalAction, help=text)
    elif option.parse in (parse.globs, parse.globs_auto_or_off):
        group.add_argument(name, action="append", metavar="GLOB", help=f"{text}; may be repeated")
    elif option.parse is header_rules:
        group.add_argument(
            name, dest=option.name, action="append", metavar="[GLOB:]NAME=VALUE", help=f"{text}; may be repeated;"
            " a NAME alone drops that header",
        )  # fmt: skip
    elif option.parse is parse.keep_drop_or_replace:
        group.add_argument(name, metavar="keep|drop|KEY=VALUE,...", help=text)
    else:
        group.add_argument(name, metavar="VALUE", help=text)


def _help(option: Option) -> str:
    text = option.help
    if isinstance(option.parse, parse.Choice):
        text += f" [{', '.join(option.parse.allowed)}]"
    if option.default is not None and option.default is not False and option.default != ():
        text += f" (default: {_default(option)})"
    return text.replace("%", "%%")


def _default(option: Option) -> object:
    if isinstance(option.parse, Duration):
        return show_duration(option.default)
    is_size = isinstance(option.default, int) and option.default >= 2**20
    return parse.show_bytes(option.default) if is_size else option.default


def _json(name: str, text: object) -> object:
    try:
        return json.loads(str(text))
    except ValueError as error:
        raise InvalidInput(f"{name}: is not valid JSON ({error}); it looks like '{{\"connect_timeout\": 5}}'") from None
