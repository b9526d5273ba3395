"""Secrets that are known are in no error's text and in none of its causes', however they are spelt there."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

import pytest
from botocore import exceptions as boto_errors
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.adapters.boto import redaction as secrets
from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.adapters.boto.redaction import (
    LONGEST_CAUSE_CHARS,
    make_harmless,
    redacted,
    remember,
    remember_url,
    secrets_of,
    without_values,
)
from s3_crosscopy.errors import S3Error
from tests.hostile_text import HOSTILE, everything_of, harm

SECRET = "canary/Secret+Key=\nümlaut'\"&"
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "a Python literal": repr,
    "bytes": lambda text: repr(text.encode()),
    "JSON": json.dumps,
    "XML": html.escape,
    "a URL": quote,
    "a part of a URL": lambda text: quote(text, ""),
    "a form": quote_plus,
    "stripped": lambda text: text.partition("\n")[0],
}


@pytest.fixture(autouse=True, scope="module")
def others_secrets() -> Iterator[None]:
    """What is remembered here is not hidden from other tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "_known", type(secrets._known)())
        yield


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=list(SPELLINGS))
def test_a_secret_is_hidden_however_it_is_spelt(spell: Callable[[str], str]) -> None:
    remember(SECRET)
    shown = redacted(f"before {spell(SECRET)} behind")
    assert "canary" not in shown
    assert shown.startswith("before ")
    assert shown.endswith(" behind")


@given(st.text(alphabet=st.characters(exclude_categories=()), min_size=8))
def test_every_secret_of_some_length_is_hidden(secret: str) -> None:
    remember(secret)
    if len(secret.strip()) >= 8:
        assert secret not in redacted(f"<{secret}>") or secret in "***"


def test_words_are_no_secrets() -> None:
    remember("bucket", "", None, 5, "        ")
    assert redacted("the bucket 5        ") == "the bucket 5        "


def test_a_long_run_forgets_the_credentials_of_its_first_hours() -> None:
    remember("the-very-first-token")
    for number in range(100):
        remember(f"token-number-{number:04}")
    assert redacted("the-very-first-token token-number-0099") == "the-very-first-token ***"


def test_a_secret_costs_little_until_a_text_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_pattern = re.compile

    def noted(pattern: str) -> re.Pattern[str]:
        compiled.append(pattern)
        return compile_pattern(pattern)

    monkeypatch.setattr(re, "compile", noted)
    for number in range(5):
        remember(f"token-of-hour-{number}")
    assert compiled == []
    assert redacted("token-of-hour-0 token-of-hour-4") == redacted("token-of-hour-1 token-of-hour-2") == "*** ***"
    assert len(compiled) == 1


@pytest.mark.parametrize("mark", "#/?@:")
def test_both_sides_of_an_unescaped_password_are_hidden(mark: str) -> None:
    remember_url(f"http://me:canary-one{mark}canary-two@proxy:3128")
    assert "canary" not in redacted("not a valid host or port: 'me:canary-one', #canary-two@proxy")


def test_secrets_of_a_connection_are_found_by_their_names() -> None:
    extra = {"a": {"Aws_Secret_Access_Key_x": "1", "proxy_password": "2"}, "token_file": "3", "session_token": "4"}
    assert list(secrets_of({**extra, "secret": 5})) == ["1", "2", "4"]


RAISED: list[tuple[Exception, str]] = [
    (boto_errors.HTTPClientError(error=ValueError(f"Invalid header value {SECRET.encode()!r}")), "cannot be sent"),
    (boto_errors.HTTPClientError(error="Invalid header value b'canary-that-nobody-knows\\n'"), "cannot be sent"),
    (boto_errors.EndpointConnectionError(endpoint_url="https://me:canary@h/?X-Amz-Signature=canary"), "***@h/?..."),
    (boto_errors.ParamValidationError(report="Invalid type for parameter ExternalId, value: ['canary'], type:"
                                             " <class 'list'>, valid types: <class 'str'>"), "ExternalId, type"),
    (boto_errors.ProxyConnectionError(proxy_url="http://socks5://me:canary@127.0.0.1:9"), "***@127.0.0.1"),
    (boto_errors.ClientError({"Error": {"Code": "Mirror", "Message": f"got {SECRET}"}}, "HeadBucket"), "got ***"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "says"), RAISED, ids=[type(error).__name__ for error, _ in RAISED])
def test_what_botocore_quotes_is_in_no_cause_either(error: Exception, says: str) -> None:
    remember(SECRET)
    error.__context__ = ValueError(f"canary before: {SECRET}") if "before" in says else ValueError(SECRET)
    with pytest.raises(S3Error) as caught, translated("HeadBucket", "b", ""):
        raise error

    assert "canary" not in everything_of(caught.value)
    assert says in str(caught.value)
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_a_servers_words_are_printable_in_the_cause_too(text: str) -> None:
    answer = {"Error": {"Code": text, "Message": text}, "ResponseMetadata": {"RequestId": text, "HTTPStatusCode": 400}}
    with pytest.raises(S3Error) as caught, translated("HeadBucket", "b", ""):
        raise boto_errors.ClientError(answer, "HeadBucket")

    assert harm(everything_of(caught.value)) == set()


def test_causes_are_short_and_cyclic_ones_end() -> None:
    first, second = ValueError("x" * 1_000_000), OSError(5, "canary-oserror", "canary-oserror")
    first.__cause__, second.__context__ = second, first
    remember("canary-oserror")

    make_harmless(first)

    assert len(str(first)) == LONGEST_CAUSE_CHARS
    assert "canary" not in everything_of(first)


def test_arguments_that_are_no_text_stay_what_they_are_unless_they_hide_a_secret() -> None:
    remember("canary-bytes")
    error = ValueError(5, None, b"plain", b"canary-bytes", ("canary-bytes",))

    make_harmless(error)

    assert error.args == (5, None, b"plain", "b'***'", "('***',)")


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (
            "Invalid type for parameter K, value: s, type: <class 'int'>, valid types: <class 'str'>",
            "type: <class 'int'>",
        ),
        ("Invalid length for parameter K, value: s\ns, valid min length: 1", "valid min length: 1"),
        ("Invalid type for parameter K, value: secret, and no more", ""),
    ],
)
def test_a_wrong_parameters_value_is_left_out_also_where_its_end_is_not_found(said: str, left: str) -> None:
    told = without_values(said)

    assert "value: " not in told
    assert told.partition("parameter K, ")[2].startswith(left)
    assert "secret" not in told
