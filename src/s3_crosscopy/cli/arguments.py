"""Arguments that several commands share: the copy options from their table, those about access, those about output.

Values are passed on as text. Only the options' own parsers check them, so that shell, DAG and Python get the same
errors.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping

from s3_crosscopy.cli.spelling import ACCESS, KEYWORDS, flag, in_flags
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.content_headers import header_rules
from s3_crosscopy.model.durations import Duration, show_duration
from s3_crosscopy.model.option_groups import GROUPS, Group
from s3_crosscopy.model.option_table import OPTIONS, Option

_SHORT = {"dry_run": "-n"}
DECIDE_ABOUT_ACCESS = (
    *("kind", "allow_bucket_root", "manifest", "source_version_id", "overwrite", "compare", "etag_index", "since"),
    *("preserve_etag", "kms_key_id", "kms_encryption_type", "acl_policy", "metadata", "headers", "tags"),
    *("verification", "multipart_threshold", "request_payer", "expected_bucket_owner", "expected_source_bucket_owner"),
    *("expected_report_bucket_owner", "expected_etag_index_bucket_owner", "expected_manifest_bucket_owner"),
    *("report", "extraneous", "permanent_delete"),
)
"""The options that a copy's permissions depend on, or that say where it is."""


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


def add_options(
    parser: argparse.ArgumentParser, *, without: Iterable[str] = (), shown: Iterable[str] | None = None
) -> Mapping[Group, argparse._ArgumentGroup]:
    """Add every copy option but those in `without`; returns the groups, to which a command may add more.

    `shown`: the options that the help shows, None for all. The others are taken too, so that a copy's own command line
    can be examined.
    """
    groups = {group: parser.add_argument_group(group.title) for group in GROUPS}
    for option in OPTIONS:
        if option.name not in without:
            action = _add_option(groups[option.group], option)
            if shown is not None and option.name not in shown:
                action.help = argparse.SUPPRESS
    return groups


def add_access(parser: argparse.ArgumentParser, *, source: bool = True) -> argparse._ArgumentGroup:
    """Add the arguments about principals and servers; returns the group. `source`: with --source-profile."""
    group = parser.add_argument_group("access: principals and servers")
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


def add_quiet(group: argparse._ActionsContainer, text: str) -> None:
    """Add --quiet."""
    group.add_argument("-q", "--quiet", action="store_true", default=None, help=text)


def add_progress(group: argparse._ArgumentGroup) -> None:
    """Add --quiet and --verbose."""
    verbosity = group.add_mutually_exclusive_group()
    add_quiet(verbosity, "print neither progress nor result, only errors (and --json)")
    verbosity.add_argument(
        "-v", "--verbose", action="store_true", default=None,
        help="print a line for each batch instead of a progress bar",
    )  # fmt: skip


def _add_option(group: argparse._ArgumentGroup, option: Option) -> argparse.Action:
    text, name = _help(option), flag(option.name)
    names = (_SHORT[option.name], name) if option.name in _SHORT else (name,)
    if option.parse is parse.flag and option.default is False:
        return group.add_argument(*names, action="store_true", default=None, help=text)
    if option.parse is parse.flag:
        return group.add_argument(name, action=argparse.BooleanOptionalAction, help=text)
    if option.parse in (parse.globs, parse.globs_auto_or_off):
        return group.add_argument(name, action="append", metavar="GLOB", help=f"{text}; may be repeated")
    if option.parse is header_rules:
        return group.add_argument(
            name, dest=option.name, action="append", metavar="[GLOB:]NAME=VALUE", help=f"{text}; may be repeated;"
            " a NAME alone drops that header",
        )  # fmt: skip
    return group.add_argument(name, metavar=_metavar(option), help=text)


def _metavar(option: Option) -> str:
    return "keep|drop|KEY=VALUE,..." if option.parse is parse.keep_drop_or_replace else "VALUE"


def _help(option: Option) -> str:
    text = in_flags(option.help)
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
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{name}: is not valid JSON ({error}); it looks like '{{\"connect_timeout\": 5}}'") from None
