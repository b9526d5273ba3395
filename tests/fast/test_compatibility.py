"""Which configurations take the fast path, and the line that says why one does not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from s3_crosscopy import InvalidInput
from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.adapters.fast import compatibility
from s3_crosscopy.adapters.fast.compatibility import library, settings_of, why_not
from s3_crosscopy.adapters.fast.curl_transport import CurlTransport
from s3_crosscopy.api.transport import open_transport
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.engine.threads import ThreadTransport
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from tests.fast.transports import LIST, SOURCE, port

URL = "https://s3.example.com"


def aws(**config: Any) -> BotoS3:
    """A client of AWS itself."""
    session = boto3.Session("AKIA", "secret", region_name="eu-west-1")
    return BotoS3(session.client("s3", config=Config(**{"proxies": {}, **config})))


FITS: dict[str, Callable[[], BotoS3]] = {
    "aws": aws,
    "virtual": lambda: aws(s3={"addressing_style": "virtual"}),
    "path": lambda: aws(s3={"addressing_style": "path"}),
    "server": lambda: port(URL),
    "plain-http": lambda: port("http://127.0.0.1:9000"),
    "legacy-retries": lambda: port(URL, retries={"mode": "legacy"}),
    "adaptive-retries": lambda: port(URL, retries={"mode": "adaptive"}),
    "no-tls-verification": lambda: port(URL, verify=False),
    "own-user-agent": lambda: port(URL, user_agent="mine/1.0"),
}

DOES_NOT: dict[str, tuple[Callable[[], BotoS3], str]] = {
    "unsigned": (lambda: port(URL, signature_version=UNSIGNED), "not signed"),
    "other-signature": (lambda: port(URL, signature_version="s3"), "Signature Version 4"),
    "fips": (lambda: aws(use_fips_endpoint=True), "FIPS"),
    "dual-stack": (lambda: aws(use_dualstack_endpoint=True), "dual-stack"),
    "dual-stack-of-s3": (lambda: aws(s3={"use_dualstack_endpoint": True}), "dual-stack"),
    "accelerate": (lambda: aws(s3={"use_accelerate_endpoint": True}), "acceleration"),
    "proxy": (lambda: port(URL, proxies={"https": "http://proxy:3128"}), "through a proxy"),
    "client-certificate": (lambda: port(URL, client_cert="/some/cert.pem"), "client certificate"),
}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("make", FITS.values(), ids=FITS.keys())
def test_a_usual_client_fits_and_is_left_as_it_was(make: Callable[[], BotoS3]) -> None:
    client = make()
    handlers = handlers_of(client)

    assert why_not(client, Bucket("bucket", "111111111111", True)) == ""

    assert handlers_of(client) == handlers


@pytest.mark.parametrize(("make", "why"), DOES_NOT.values(), ids=DOES_NOT.keys())
def test_what_the_fast_path_does_not_know_goes_to_boto3_with_a_reason(make: Callable[[], BotoS3], why: str) -> None:
    reason = why_not(make(), SOURCE)

    assert why in reason
    assert "\n" not in reason


@pytest.mark.parametrize(
    "name", ["arn:aws:s3:eu-west-1:111111111111:accesspoint/ap", "ap-111-s3alias", "b--euw1-az1--x-s3"]
)
def test_what_is_no_plain_bucket_does_not_fit(name: str) -> None:
    assert why_not(aws(), Bucket(name)) != ""


def test_a_proxy_of_the_environment_counts_where_it_would_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    session = boto3.Session("AKIA", "secret", region_name="eu-west-1")

    assert "proxy" in why_not(BotoS3(session.client("s3", endpoint_url=URL)), SOURCE)
    assert why_not(BotoS3(session.client("s3", endpoint_url="http://s3.example.com")), SOURCE) == ""
    monkeypatch.setenv("no_proxy", "example.com")
    assert why_not(BotoS3(session.client("s3", endpoint_url=URL)), SOURCE) == ""


def test_without_credentials_that_is_told_and_not_a_data_path_that_fits_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    client = BotoS3(boto3.Session(region_name="eu-west-1").client("s3", endpoint_url=URL))

    with pytest.raises(S3Error, match="Unable to locate credentials"):
        why_not(client, SOURCE)


@pytest.mark.parametrize(
    "event", ["before-sign.s3", "request-created.s3.CopyObject", "before-send", "before-parameter-build.*"]
)
def test_a_handler_of_somebody_else_would_not_be_asked_and_so_does_not_fit(event: str) -> None:
    client = port(URL)
    client.client.meta.events.register(event, lambda **_: None)

    assert why_not(client, SOURCE).startswith(__name__)


def test_a_handler_of_another_operation_changes_nothing() -> None:
    client = port(URL)
    client.client.meta.events.register("before-sign.s3.GetObject", lambda **_: None)

    assert why_not(client, SOURCE) == ""


def test_the_network_settings_are_the_clients(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    bundle = tmp_path / "ca.pem"
    bundle.write_text("")
    settings = settings_of(port(URL, verify=str(bundle), connect_timeout=3, read_timeout=7).client, URL)

    assert settings == (3.0, 7.0, str(bundle), True)
    default = settings_of(port(URL).client, URL).verify
    assert isinstance(default, str), "botocore's own bundle, and not libcurl's"
    assert default.endswith(".pem")


def test_without_pycurl_the_line_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycurl", None)

    assert why_not(port(URL), SOURCE) == "pycurl is not installed (pip installs it where it has wheels)"


def test_a_libcurl_that_reads_headers_without_end_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    import pycurl

    newest = pycurl.version_info()
    monkeypatch.setattr(pycurl, "version_info", lambda: (newest[0], "8.3.0", 0x080300, *newest[3:]))

    assert why_not(port(URL), SOURCE).startswith("libcurl 8.3.0 is older than 8.4")


def chosen(wish: str) -> tuple[type, str]:
    client = port(URL)
    spec = resolve_spec("s3://src/a/", "s3://dst/b/", {"transport": wish})
    with open_transport(spec, client, client) as (transport, said):
        return type(transport), said


def test_auto_takes_what_fits_and_says_which_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen("auto") == (CurlTransport, f"fast: {library()}")
    assert library().startswith("pycurl 7.")
    assert chosen("boto3") == (ThreadTransport, "boto3: requested")
    assert chosen("fast")[0] is CurlTransport

    monkeypatch.setattr(compatibility, "why_not", lambda *_: "a reason")

    assert chosen("auto") == (ThreadTransport, "boto3: a reason")
    with pytest.raises(InvalidInput, match="transport: 'fast' is not possible here: a reason"):
        chosen("fast")


def test_a_run_that_ends_before_it_began_leaves_no_transport_open() -> None:
    client = port(URL)
    spec = resolve_spec("s3://src/a/", "s3://dst/b/", {"transport": "fast"})

    with pytest.raises(ZeroDivisionError), open_transport(spec, client, client) as (transport, _):
        raise ZeroDivisionError

    with pytest.raises(RuntimeError, match="after close"):
        transport.submit(LIST, 1)


def handlers_of(client: BotoS3) -> list[Any]:
    handlers = client.client.meta.events._emitter._handlers
    return [list(handlers.prefix_search(f"{event}.s3.CopyObject")) for event in compatibility.EVENTS]
