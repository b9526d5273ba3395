"""Each message of the troubleshooting page is one that the source has, so that a search for a real one finds it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.docs.pages import ROOT, text

PAGE = "docs/troubleshooting.md"
MESSAGES = re.findall(r"^### `(.+)`$", text(PAGE), re.MULTILINE)
LEAST_SHARE = 0.2
"""The share of a message that its literal has to spell out; one with less would match anything."""
S3S_OWN = {"AccessDenied"}
"""The messages that S3 gives, which the source only maps."""


def literals(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The texts of a module as regular expressions, and how many characters are fixed; the others may be anything."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            parts: list[ast.expr] = [node]
        elif isinstance(node, ast.JoinedStr):
            parts = node.values
        else:
            continue
        fixed = [str(part.value) if isinstance(part, ast.Constant) else "" for part in parts]
        yield "".join(re.escape(part) or ".*" for part in fixed), sum(map(len, fixed))


@cache
def texts() -> list[tuple[re.Pattern[str], int]]:
    """All texts of the source that are as long as a message."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "src").rglob("*.py"))
    shortest = min(map(len, MESSAGES))
    found = {(each, fixed) for tree in trees for each, fixed in literals(tree) if fixed >= shortest * LEAST_SHARE}
    return [(re.compile(each), fixed) for each, fixed in sorted(found)]


def is_given(message: str) -> bool:
    return any(fixed >= len(message) * LEAST_SHARE and text.fullmatch(message) for text, fixed in texts())


@pytest.mark.parametrize("message", MESSAGES)
def test_the_source_has_the_message(message: str) -> None:
    if message in S3S_OWN:
        assert f'"{message}"' in text("src/s3_crosscopy/core/error_codes.py")
    else:
        assert is_given(message), "no text in src/ gives this message any more"


def test_there_are_enough_messages_to_be_useful() -> None:
    assert len(MESSAGES) >= 20
    assert len(set(MESSAGES)) == len(MESSAGES)


def test_a_message_that_no_source_has_is_found() -> None:
    assert not is_given("the moon is not an s3:// URL of a bucket; name another moon")
