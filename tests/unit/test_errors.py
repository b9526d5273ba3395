"""Errors are fit to be shown wherever they end: their text, their repr, their traceback."""

from __future__ import annotations

import traceback

import pytest
from tests.hostile_text import HOSTILE, READABLE, forged, harm

from s3_crosscopy import errors
from s3_crosscopy.errors import CopyFailed, CrossCopyError, S3Error
from s3_crosscopy.model.outcomes import Reason

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, CrossCopyError) and kind is not S3Error
]


def shown(error: CrossCopyError) -> str:
    """Every way in which Python shows it."""
    try:
        raise error
    except CrossCopyError as raised:
        return "\n".join([str(raised), repr(raised), *traceback.format_exception(raised)])


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
@pytest.mark.parametrize("kind", KINDS)
def test_no_error_shows_what_drives_a_terminal(kind: type[CrossCopyError], text: str) -> None:
    error = kind(f"{READABLE} {text}")
    assert harm(shown(error)) == set()
    assert READABLE in str(error)
    assert issubclass(kind, CopyFailed) or "\n" not in str(error)


def test_an_explanation_keeps_its_lines() -> None:
    assert str(CopyFailed("one\ntwo\x1b")) == "one\ntwo\\x1b"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_an_error_of_s3_is_one_line_and_its_key_is_exact(text: str) -> None:
    error = S3Error(
        call="CopyObject", bucket="b", key=text, code=text, status=400, message=text, reason=Reason.INVALID,
        request_id=text,
    )  # fmt: skip
    assert harm(shown(error)) == set()
    assert forged(shown(error)) == []
    assert "\n" not in str(error)
    assert error.key == text
    assert harm(error.message + error.code + error.request_id) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_no_error_shows_the_password_of_a_url(kind: type[CrossCopyError]) -> None:
    error = kind("endpoint_url: 'https://me:hush/hush@minio:9000' and 'https://b/k?X-Amz-Signature=hush'")
    assert "hush" not in shown(error)
    assert "minio:9000" in str(error)


def test_what_is_no_text_stays_what_it_is() -> None:
    assert CrossCopyError(5).args == (5,)
