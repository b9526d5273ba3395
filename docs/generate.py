"""Writes the reference pages from the tables that the code itself uses: `.venv/bin/python docs/generate.py`.

A test compares the committed pages with what this makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from s3_crosscopy.cli.exit_codes import MEANINGS
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model import parse
from s3_crosscopy.model.options import MIN_PART_BYTES, OPTIONS, REFUSED, Option
from s3_crosscopy.plan import grants
from s3_crosscopy.plan.properties import PROPERTIES

HERE = Path(__file__).parent

HEAD = """\
# Options

<!-- Written by docs/generate.py from the code's own tables. Do not edit. -->

The same names in all three places: arguments of `S3CrossAccountCopyOperator` (each one is a template field), keyword
arguments of `s3_crosscopy.copy()`, and flags of `s3-crosscopy copy`, where `batch_size` is spelt `--batch-size`.
Values may be text, because templates and shells give text. A wrong value is one line that names the option and says
what it takes; nothing has been listed or written then.
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
        _table(("option", "takes", "default", "what it does"), (_row(option) for option in OPTIONS)),
        "## Access\n\nWho signs, and where the servers are, each place says in its own way:\n",
        _table(("", "operator", "`copy()`", "command line"), ACCESS),
        "## Refused\n\nS3 has these, and this tool refuses them rather than do them by half:\n\n" + refused + "\n",
        "## What a copy keeps\n\n" + KEPT,
        _table(("property", "kept"), ((row.name, row.kept) for row in PROPERTIES)),
        "## Exit codes of the command\n",
        _table(("code", "meaning"), ((str(int(code)), text) for code, text in MEANINGS.items())),
    )
    return "\n".join(sections)


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
        parse.globs: "a glob or a list of them",
        parse.rate: "a number above 0",
        parse.failures: "a whole number, or a share of the listed objects such as `1%`",
        parse.moment: "ISO 8601 text or a datetime; UTC if it names no zone",
        parse.text: "text",
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


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


GRANTS_HEAD = """\
# Grants

<!-- Written by docs/generate.py from the code's own tables. Do not edit. -->

What each run needs, from the table that `s3-crosscopy doctor` probes and `s3-crosscopy policies` prints. Across
accounts both the principal's own policy and that of the bucket (or key) must allow each action; within one account the
principal's own is enough. Where nobody else reads the source, the reader's rows are the copier's. "When" is the option
that brings a row; rows without one always count.
"""

WHEN = {
    grants._not_of_version: "",
    grants._always: "",
    grants._of_version: "`source_version_id`",
    grants._keeps_tags_of_current: '`tags="keep"`',
    grants._keeps_tags_of_version: '`source_version_id` and `tags="keep"`',
    grants._writes_tags: 'unless `tags="drop"`',
    grants._sends_acl: "`acl_policy`",
    grants._looks_there: 'unless `overwrite="always"`',
    grants._source_kms: "objects encrypted with KMS",
    grants._dest_kms: "copies encrypted with KMS",
    grants._report_at_s3: "`report` at S3",
    grants._manifest_at_s3: "`manifest` at S3",
}


def grants_page() -> str:
    """The page docs/grants.md."""
    rows = ((f"`{row.action}`", row.party.value, row.place.value, WHEN[row.when], row.why) for row in grants.GRANTS)
    return "\n".join((GRANTS_HEAD, _table(("action", "who", "where", "when", "what for"), rows)))


PAGES = {"options.md": options_page, "grants.md": grants_page}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
