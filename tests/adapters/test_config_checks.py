"""What would break inside of botocore is refused before the first call: one line, and never the value itself."""

from __future__ import annotations

import pytest
from botocore import UNSIGNED

from s3_crosscopy.adapters.boto.config_checks import check_config_types, check_endpoint, check_external_id, unsendable
from s3_crosscopy.errors import InvalidInput

PROXIES = [
    ("http://me:hush#1@proxy:3128", "has a '/', '?', '#' or '@' in its user or password"),
    ("http://me:hush/1@proxy:3128", "%2F"),
    ("http://me:hush?1@proxy:3128", "%3F"),
    ("http://me:hush@1@proxy:3128", "%40"),
    ("me:hush#1@proxy:3128", "%23"),
    ("socks5://me:hush@127.0.0.1:9", "is of 'socks5', and only http:// and https:// proxies are supported"),
    ("http://me:hush@proxy:port", "names no server"),
    ("http://me:hush@proxy:99999", "names no server"),
    ("http://me:hush@", "names no server"),
    ("http://me:hush\n@proxy:1", "has a character that no URL can have"),
    ("http://me:hüsh@proxy:1", "has a character that no URL can have"),
    (["http://me:hush@proxy"], "has to be text, got list"),
    ("me:hush://x@y", "is of another scheme"),
]


@pytest.mark.parametrize(("url", "says"), PROXIES)
def test_a_proxy_that_cannot_be_used_is_one_line_without_its_password(url: object, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_config_types({"proxies": {"https": url}}, "botocore_config")

    assert str(caught.value).startswith("botocore_config: the proxy for 'https' ")
    assert says in str(caught.value)
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://proxy:3128", "https://me:p%23w@proxy", "proxy:3128", "//proxy:3128", "http://[::1]:3128", "", None]
)
def test_a_proxy_as_botocore_takes_it_is_accepted(url: object) -> None:
    check_config_types({"proxies": {"http": url}}, "botocore_config")


@pytest.mark.parametrize(
    "url", ["https://b.s3.amazonaws.com/k?X-Amz-Signature=hush", "https://h#hush", "https://h?hush"]
)
def test_an_endpoint_with_a_query_is_refused_without_it(url: str) -> None:
    with pytest.raises(InvalidInput, match="endpoint_url: has a query or a fragment") as caught:
        check_endpoint(url, "endpoint_url")

    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("value", [["hush"], 5, "h", "hush\n", "hush hush", "hüsh", "h" * 1225, ""])
def test_an_external_id_that_sts_cannot_take_is_refused_without_it(value: object) -> None:
    with pytest.raises(InvalidInput, match="ExternalId has to be") as caught:
        check_external_id(value, "aws_conn_id: connection 'c'")

    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("value", [None, "ab", "Team_1+=,.@:/-", "x" * 1224])
def test_an_external_id_as_sts_takes_it_is_accepted(value: object) -> None:
    check_external_id(value, "x")


@pytest.mark.parametrize("bad", ["hush\n", "hush\ud800", "hush\x00"])
def test_a_secret_key_that_cannot_be_signed_with_is_told_without_it(bad: str) -> None:
    text = unsendable("AKIA", bad, None)
    assert text.startswith("the secret key has a control character")
    assert "hush" not in text


def test_a_signature_that_botocore_does_not_have_is_refused_without_its_name() -> None:
    with pytest.raises(InvalidInput, match="x: signature_version is not known to botocore") as caught:
        check_config_types({"signature_version": "hush"}, "x")

    assert "hush" not in str(caught.value)
    for known in ("s3v4", "v4", "unsigned", UNSIGNED, None):
        check_config_types({"signature_version": known}, "x")
