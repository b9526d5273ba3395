"""The page of options, from `model.options` and `plan.properties`."""

from __future__ import annotations

from docs.writers.table import page, table

from s3_crosscopy.core.transfer.copy_params import PROPERTIES
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model import header_values as sent
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.options import MIN_PART_BYTES, OPTIONS, REFUSED, Option

HEAD = """\
The same names in all three places: arguments of `S3CrossAccountCopyOperator` (each one is a template field), keyword
arguments of `s3_crosscopy.copy()`, and flags of `s3-crosscopy copy`, where `batch_size` is spelt `--batch-size`.
Values may be text, because templates and shells give text. A wrong value is one line that names the option and says
what it takes; nothing has been listed or written then. A list or a mapping that a template made text is read as what it
was.

Globs are relative to the source prefix: of `s3://bucket/in/`, `include="day=1/*"` takes `in/day=1/a`. Of one object
they see the name behind the last slash. What is left after globs and sizes may be nothing:
[`if_empty` judges that](copy-rules.md#nothing-to-copy).
"""

ACCESS = (
    (
        "signs every copy: reads the source and writes the copy",
        "`aws_conn_id`",
        "`session`, `profile`",
        "`--profile`",
    ),
    (
        "lists, HEADs and reads tags at the source, if it is another",
        "`source_aws_conn_id`",
        "`source_session`, `source_profile`",
        "`--source-profile`",
    ),
    ("a look at the access before the run", "`preflight` (`light`)", "`preflight` (`off`)", "`--preflight` (`off`)"),
    ("a server other than AWS", "the connection's `endpoint_url`", "`endpoint_url`", "`--endpoint-url`"),
    (
        "where what is left of an interrupted run is kept",
        "Airflow's task state store: `durable`, `resume`, `progress_to_store`",
        "`checkpoint`",
        "`--checkpoint`",
    ),
    ("Region to ask first; a bucket's own is discovered", "`region_name`", "`region_name`", "`--region`"),
    ("TLS verification", "`verify`", "`verify`", "`--no-verify-ssl`, `--ca-bundle`"),
    (
        "botocore settings, merged over what the connection or profile has",
        "`botocore_config`",
        "`botocore_config`",
        "`--botocore-config` (JSON)",
    ),
)

KEPT = """\
Whatever the size: one table in the code says which property goes to which API call. CopyObject carries most properties
by itself, at no extra request; UploadPartCopy carries data only, so an object that is copied in parts costs one HEAD
and one GetObjectTagging more. `metadata=` other than `keep` costs one HEAD an object.
"""


def options_page() -> str:
    """The page docs/options.md."""
    refused = "\n".join(
        f"- {', '.join(f'`{name}`' for name, why in REFUSED.items() if why == reason)}: {reason}."
        for reason in dict.fromkeys(REFUSED.values())
    )
    sections = (
        HEAD,
        table(("option", "takes", "default", "what it does"), (_row(option) for option in OPTIONS)),
        "## Access\n\nWho signs, and where the servers are, each place says in its own way:\n",
        table(("", "operator", "`copy()`", "command line"), ACCESS),
        "## Refused\n\nS3 has these, and this tool refuses them rather than do them by half:\n\n" + refused + "\n",
        "## What a copy keeps\n\n" + KEPT,
        table(("property", "kept"), ((row.name, row.kept) for row in PROPERTIES)),
    )
    return page("Options", *sections)


def takes(option: Option) -> str:
    """What values the option's reader accepts, in words; the kinds of reader are few."""
    if isinstance(option.parse, parse.Choice):
        return ", ".join(f"`{word}`" for word in option.parse.allowed)
    if isinstance(option.parse, parse.Size):
        limits = f"{parse.show_bytes(option.parse.least)} to {parse.show_bytes(option.parse.most)}"
        return f"bytes, or text such as `64MiB`; {limits}"
    if isinstance(option.parse, parse.CountOr):
        return f"whole number from {option.parse.least:,} to {option.parse.most:,}, or `{option.parse.word}`"
    words: dict[object, str] = {
        parse.flag: "true or false",
        parse.globs: "a glob or a list of them, relative to the source prefix",
        parse.rate: "a number above 0",
        parse.failures: "a whole number, or a share of the listed objects such as `1%`",
        parse.moment: "ISO 8601 text or a datetime; UTC if it names no zone",
        parse.text: "text",
        sent.kms_key: "an ARN, a key's id or `alias/NAME`",
        sent.version: "text without spaces",
        parse.account: "12 digits, as text",
        parse.keep_drop_or_replace: "`keep`, `drop`, a mapping, or `KEY=VALUE,...`",
    }
    return words.get(option.parse) or _bounds(option)


def _bounds(option: Option) -> str:
    """Numbers: in the words with which the reader itself refuses one that is out of range."""
    try:
        option.parse(option.name, -1 if isinstance(option.default, int) and option.default < MIN_PART_BYTES else 1)
    except InvalidInput as error:
        said = str(error)
        return said.partition("; give ")[2].removeprefix("a ") or said
    raise AssertionError(f"{option.name}: its reader takes anything")


def _row(option: Option) -> tuple[str, str, str, str]:
    return f"`{option.name}`", takes(option), _default(option), option.help


def _default(option: Option) -> str:
    if option.default is None or option.default == ():
        return ""
    sized = isinstance(option.default, int) and option.default >= MIN_PART_BYTES
    return parse.show_bytes(option.default) if sized else f"`{option.default}`"
