"""The page of options, from `model.options` and `core.transfer.copy_params`."""

from __future__ import annotations

from docs.writers.table import page, table

from s3_crosscopy.core.transfer.copy_params import PROPERTIES
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model import header_values as sent
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.content_headers import header_rules
from s3_crosscopy.model.durations import Duration, show_duration
from s3_crosscopy.model.option_groups import GROUPS, Group
from s3_crosscopy.model.option_table import MIN_PART_BYTES, OPTIONS, REFUSED, Option

HEAD = """\
Options have the same names in three places: as arguments of `S3CrossAccountCopyOperator` (each is a template field), as
keyword arguments of `s3_crosscopy.copy()`, and as flags of `s3-crosscopy copy`, where `batch_size` is `--batch-size`.
Values may be text, because templates and shells give text. If a template turned a list or a mapping into text, it is
read as a list or mapping again. A wrong value gives an error of one line that names the option and the values that it
takes; nothing has been listed or written by then.

Globs are relative to the source prefix: with `s3://bucket/in/`, `include="day=1/*"` matches `in/day=1/a`. For a single
object they are matched against the name after the last slash. If globs and sizes exclude everything,
[`if_empty` applies](copy-rules.md#nothing-to-copy).

The options are in groups, as in `s3-crosscopy copy --help`. Each has an address of its own: `options/#max_failures`.
"""

ACCESS = (
    (
        "signs every copy: reads the source and writes the copy",
        "`aws_conn_id`",
        "`session`, `profile`",
        "`--profile`",
    ),
    (
        "lists, HEADs and reads tags at the source, if that is another principal",
        "`source_aws_conn_id`",
        "`source_session`, `source_profile`",
        "`--source-profile`",
    ),
    ("tests the access before the run", "`preflight` (`light`)", "`preflight` (`off`)", "`--preflight` (`off`)"),
    (
        "asks a person before the copy ([more](approve.md))",
        "`approve`, `approve_timeout` (86400 seconds)",
        "",
        "`--approve`, on a terminal",
    ),
    ("a server other than AWS", "the connection's `endpoint_url`", "`endpoint_url`", "`--endpoint-url`"),
    (
        "where the remaining work of an interrupted run is stored",
        "Airflow's task state store: `durable`, `resume`, `progress_to_store`",
        "`checkpoint`",
        "`--checkpoint`",
    ),
    (
        "Region of the first request; the Region of a bucket is discovered",
        "`region_name`",
        "`region_name`",
        "`--region`",
    ),
    ("TLS verification", "`verify`", "`verify`", "`--no-verify-ssl`, `--ca-bundle`"),
    (
        "botocore settings, which take precedence over those of the connection or profile",
        "`botocore_config`",
        "`botocore_config`",
        "`--botocore-config` (JSON)",
    ),
)

KEPT = """\
A copy keeps the same properties for objects of every size. CopyObject copies most properties without an extra request.
UploadPartCopy copies data only, so an object that is copied in parts costs one more HEAD and one more GetObjectTagging.
`metadata=` with a value other than `keep` costs one HEAD for each object, and so does
[`headers=`](copy-rules.md#content-headers) for each object that a rule matches. Where both name everything that is
replaced, there is no HEAD.
"""


def options_page() -> str:
    """The page docs/options.md."""
    refused = "\n".join(
        f"- {', '.join(f'`{name}`' for name, why in REFUSED.items() if why == reason)}: {reason}."
        for reason in dict.fromkeys(REFUSED.values())
    )
    sections = (
        HEAD,
        *(_group(group) for group in GROUPS),
        "## Access\n\nCredentials and servers are given differently in each place:\n",
        table(("", "operator", "`copy()`", "command line"), ACCESS),
        "## Refused\n\nS3 has these features. This tool refuses them instead of supporting them only partly:\n\n"
        + refused
        + "\n",
        "## What a copy keeps\n\n" + KEPT,
        table(("property", "kept"), ((row.name, row.kept) for row in PROPERTIES)),
    )
    return page("Options", *sections)


def _group(group: Group) -> str:
    """A group's options, as a section."""
    title = group.title[0].upper() + group.title[1:]
    rows = (_row(option) for option in OPTIONS if option.group is group)
    return f"## {title} {{ #{group.anchor} }}\n\n{table(('option', 'takes', 'default', 'what it does'), rows)}"


def takes(option: Option) -> str:
    """What values the option's reader accepts, in words; the kinds of reader are few."""
    if isinstance(option.parse, parse.Choice):
        return ", ".join(f"`{word}`" for word in option.parse.allowed)
    if isinstance(option.parse, parse.Size):
        limits = f"{parse.show_bytes(option.parse.least)} to {parse.show_bytes(option.parse.most)}"
        return f"bytes, or text such as `64MiB`; {limits}"
    if isinstance(option.parse, Duration):
        limits = f"{show_duration(option.parse.least)} to {show_duration(option.parse.most)}"
        return f"seconds, or text such as `12h` or `7d`; {limits}"
    if isinstance(option.parse, parse.CountOr):
        return f"whole number from {option.parse.least:,} to {option.parse.most:,}, or `{option.parse.word}`"
    words: dict[object, str] = {
        parse.flag: "true or false",
        parse.globs: "a glob or a list of them, relative to the source prefix",
        parse.globs_auto_or_off: "globs as those of `include`, `auto`, or `off`",
        parse.rate: "a number above 0",
        parse.failures: "a whole number, or a share of the listed objects such as `1%`",
        parse.moment: "ISO 8601 text or a datetime; UTC if it names no zone",
        parse.text: "text",
        sent.kms_key: "an ARN, a key's id or `alias/NAME`",
        sent.version: "text without spaces",
        parse.account: "12 digits, as text",
        header_rules: "a mapping, a list of `(glob, mapping)`, or `[GLOB:]NAME=VALUE`",
        parse.keep_drop_or_replace: "`keep`, `drop`, a mapping, or `KEY=VALUE,...`",
    }
    return words.get(option.parse) or _bounds(option)


def _bounds(option: Option) -> str:
    """Numbers: in the words with which the reader itself refuses one that is out of range."""
    try:
        option.parse(option.name, -1 if isinstance(option.default, int) and option.default < MIN_PART_BYTES else 1)
    except InvalidInput as error:
        message = str(error)
        return message.partition("; give ")[2].removeprefix("a ") or message
    raise AssertionError(f"{option.name}: its reader takes anything")


def _row(option: Option) -> tuple[str, str, str, str]:
    return f"`{option.name}`", takes(option), _default(option), f'<span id="{option.name}"></span>{option.help}'


def _default(option: Option) -> str:
    if option.default is None or option.default == ():
        return ""
    if isinstance(option.parse, Duration):
        return f"`{show_duration(option.default)}`"
    sized = isinstance(option.default, int) and option.default >= MIN_PART_BYTES
    return parse.show_bytes(option.default) if sized else f"`{option.default}`"
