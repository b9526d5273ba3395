"""Prints into a page what its commands print: each `s3-crosscopy policies` is run, and its policies put below it."""

from __future__ import annotations

import io
import json
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

from s3_crosscopy.cli.main import main

HERE = Path(__file__).parents[1]
BEGIN, END = "<!-- what it prints -->", "<!-- end -->"

_PRINTED = re.compile(rf"```shell\n(s3-crosscopy policies [^`]*)```\n\n{BEGIN}\n.*?{END}\n", re.DOTALL)


def printed_page(name: str) -> str:
    """The page as it is, with the policies that its commands print now."""
    return _PRINTED.sub(_with_policies, (HERE / name).read_text(encoding="utf-8"))


def _with_policies(found: re.Match[str]) -> str:
    command = found[1]
    return f"```shell\n{command}```\n\n{BEGIN}\n\n" + "\n".join(_policies(command)) + f"\n{END}\n"


def _policies(command: str) -> Iterator[str]:
    output = io.StringIO()
    with redirect_stdout(output):
        code = main([*shlex.split(command.replace("\\\n", " "))[1:], "--json"])
    if code != 0:
        raise AssertionError(f"{command} ended with {code}")
    for number, one in enumerate(json.loads(output.getvalue())["policies"], 1):
        how = one["how"].replace(one["attach_to"], f"`{one['attach_to']}`")
        yield f"**{number}. {one['place'].capitalize()}**: {how}.\n"
        yield f"```json\n{json.dumps(one['document'], indent=2)}\n```\n"
