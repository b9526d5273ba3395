"""Every code block of the README and of the docs runs as it stands there, or says why not and can at least be read."""

from __future__ import annotations

import ast
import json
import shlex
import subprocess
from configparser import ConfigParser
from typing import Any

import pytest
import yaml

from s3_crosscopy.cli.main import main
from s3_crosscopy.model.report_row import row_of
from tests.docs.conftest import SEEDED, World
from tests.docs.pages import BLOCKS, PAGES, Block
from tests.unit.test_policy_linter import KINDS, findings

PROGRAM = "s3-crosscopy"
READERS: dict[str, Any] = {
    "python": ast.parse,
    "json": json.loads,
    "yaml": yaml.safe_load,
    "ini": ConfigParser().read_string,
    "text": str,
}
TUTORIAL = "docs/tutorial.md"


def runnable(block: Block) -> bool:
    return block.language in ("python", "shell") and not block.why and not block.of_airflow and block.page != TUTORIAL


RUN = [block for block in BLOCKS if runnable(block)]
JSON = [(block, json.loads(block.code)) for block in BLOCKS if block.language == "json"]
POLICIES = [(block.name, value) for block, value in JSON if "Statement" in value]


def commands(code: str) -> list[str]:
    return [line for line in code.replace("\\\n", " ").splitlines() if line.strip()]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_a_block_can_be_read(block: Block) -> None:
    if block.language == "shell":
        subprocess.run(["bash", "-n", "-c", block.code], check=True, capture_output=True)
    elif block.language:
        READERS[block.language](block.code)
    # Without a language there are drawings only.
    assert block.language or block.page == "CONTRIBUTING.md"


def test_no_block_is_overlooked() -> None:
    fences = [line for page in PAGES for line in page.read_text(encoding="utf-8").splitlines() if "```" in line]
    assert len(fences) == 2 * len(BLOCKS)


@pytest.mark.parametrize("page", sorted({block.page for block in RUN}))
def test_the_examples_of_a_page_run_one_after_the_other(page: str, world: World) -> None:
    for block in (one for one in RUN if one.page == page):
        world.empty()
        if block.language == "python":
            exec(compile(block.code, block.name, "exec"), {})
        else:
            run_shell(block)
        copies = "copy(" in block.code or f"{PROGRAM} copy" in block.code
        assert bool(world.keys()) == copies, block.name


def run_shell(block: Block) -> None:
    for command in commands(block.code):
        program, *arguments = shlex.split(command, comments=True)
        assert program == PROGRAM, f"{block.name}: {program} is not run by this test; say why in a comment above"
        assert main(arguments) == 0, command


def test_the_readme_copies_everything(world: World) -> None:
    (shell,) = (one for one in RUN if one.page == "README.md" and one.language == "shell")
    run_shell(shell)
    assert world.keys() == {key for key in SEEDED if key.startswith("events/")}


def test_the_linter_has_nothing_to_say_about_the_policies() -> None:
    assert len(POLICIES) > 4
    resources = {f"Policy{number}": resource(value, number) for number, (_, value) in enumerate(POLICIES)}
    assert findings({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}) == []


def resource(document: dict[str, Any], number: int) -> dict[str, Any]:
    """A document as what it is: its principals and actions tell. A template has one policy a bucket."""
    first = document["Statement"][0]
    action = first["Action"][0]
    if "Principal" not in first:
        kind = "identity"
    elif action == "sts:AssumeRole":
        kind = "trust"
    else:
        kind = "key" if action.startswith("kms:") else "bucket"
    named, place = KINDS[kind]
    bucket = {"Bucket": f"bucket-{number}"} if kind == "bucket" else {}
    return {"Type": named, "Properties": {place: document, **bucket}}


def test_s3_takes_the_lifecycle_rules(world: World) -> None:
    rules = [value for _, value in JSON if "Rules" in value]
    assert rules
    for one in rules:
        world.moto.client(world.moto.dst).put_bucket_lifecycle_configuration(
            Bucket="analytics-landing", LifecycleConfiguration=one
        )


def test_every_json_is_of_a_kind_that_is_checked() -> None:
    for block, value in JSON:
        if "key" in value:
            assert row_of(value)
        else:
            assert {"Statement", "Rules", "conn_type"} & set(value), block.name
