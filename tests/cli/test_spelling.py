"""Messages are written once, with Python's names, and the command line shows all of them with its flags."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import s3_crosscopy
from s3_crosscopy.cli.spelling import _FLAGS_ONLY, KEYWORDS, flag, in_flags
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.events import KeyFailed, Warned
from s3_crosscopy.model.outcomes import Failure, Reason

ROOT = Path(s3_crosscopy.__file__).parent
# The command's own texts, those of Airflow, and those that only its tasks show.
NOT_HERE = ("cli", "airflow", "testing", "shards")
NAMES = (*KEYWORDS, *_FLAGS_ONLY)
LONG = [name for name in NAMES if "_" in name]
AS_IN_PYTHON = re.compile(rf"(?<!--)\b(?:{'|'.join(LONG)})\b|\b(?:{'|'.join(NAMES)})=")
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def messages() -> Iterator[tuple[str, str]]:
    """The texts of several words in the package that are no docstrings, each with its place."""
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name.split("/")[0] in NOT_HERE or name == "report/page/style.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        parts |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = shown(node) if id(node) not in parts else ""
            if " " in text.strip():
                yield f"{name}:{node.lineno}", text  # type: ignore[attr-defined]


def shown(node: ast.AST) -> str:
    """The text of a literal; what an f-string fills in is 'v', or v without a repr."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.FormattedValue):
        return "'v'" if node.conversion == ord("r") else "v"
    return "".join(map(shown, node.values)) if isinstance(node, ast.JoinedStr) else ""


MESSAGES = list(messages())


def test_every_message_about_an_argument_comes_out_with_flags() -> None:
    about_arguments = [(place, text) for place, text in MESSAGES if AS_IN_PYTHON.search(text)]

    assert len(about_arguments) > 50
    assert [(place, in_flags(text)) for place, text in about_arguments if AS_IN_PYTHON.search(in_flags(text))] == []


def test_no_message_outside_of_the_command_has_a_flag_of_it() -> None:
    ours = {flag(name) for name in NAMES}
    with_flags = [(place, found) for place, text in MESSAGES for found in FLAG.findall(text) if found in ours]

    assert with_flags == []


@pytest.mark.parametrize(
    ("message", "shown_as"),
    [
        ("leave out max_failures", "leave out --max-failures"),
        ("more than max_delete=10% allows", "more than --max-delete 10% allows"),
        ('unless tags="drop"', "unless --tags drop"),
        ("unless headers= sets them", "unless --header sets them"),
        ("needs report=..., which", "needs --report ..., which"),
        ("set bucket_key_enabled=False", "set --no-bucket-key-enabled"),
        ("give state=FILE or state='s3://b/p/' too", "give --state FILE or --state s3://b/p/ too"),
        ("a: b\ntags: c", "a: b\n--tags: c"),
        ("the source's max_failures and its keys' part_size", "the source's --max-failures and its keys' --part-size"),
        ("create it, or set aws_conn_id=None for boto", "create it, or leave out --aws-conn-id for boto"),
        ("html: 'x/' names no file", "--html: 'x/' names no file"),
    ],
)
def test_an_argument_is_found_in_each_form(message: str, shown_as: str) -> None:
    assert in_flags(message) == shown_as


@pytest.mark.parametrize(
    "text",
    [
        "s3://bucket/max_failures/tags=1/since=2/x",
        "'in/report=5/dry_run': denied",
        "'max_failures' in a file",
        "--kind prefix",
        "x.dry_run",
        "the report of the tags",
        "wait_max_failures_2",
        "expires=5&tags=3",
        "'in/a max_failures b': denied",
        '"in/it\'s dry_run=5 b": denied',
        "(first 'in/a tags=1 b', 'in/x part_size y')",
    ],
)
def test_keys_urls_and_words_stay_as_they_are(text: str) -> None:
    assert in_flags(text) == text


def test_a_default_from_elsewhere_is_named_by_its_place() -> None:
    origins = {"batch_size": "S3_CROSSCOPY_BATCH_SIZE"}

    assert in_flags("batch_size: 0; see part_size", origins) == "S3_CROSSCOPY_BATCH_SIZE: 0; see --part-size"
    assert in_flags("part_size: 0", origins) == "--part-size: 0"


def test_events_come_out_with_flags_too() -> None:
    from s3_crosscopy.cli.log_lines import plain_text

    failure = Failure("in/dry_run", Reason.ARCHIVED, "ListObjectsV2", "x", "restore it, or set archived='skip'")
    assert plain_text(Warned("see table_formats='ignore'")) == "warning: see --table-formats ignore"
    assert plain_text(KeyFailed(failure)).startswith("not copied: 'in/dry_run': archived")
    assert plain_text(KeyFailed(failure)).endswith("set --archived skip)")


def test_python_keeps_its_own_spelling() -> None:
    with pytest.raises(InvalidInput, match=r"^kms_key_id: needs kms_encryption_type='aws:kms'"):
        s3_crosscopy.copy("s3://bucket/a/", "s3://other/b/", kms_key_id="x")
