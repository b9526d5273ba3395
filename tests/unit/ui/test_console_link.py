from __future__ import annotations

import pytest

from s3_crosscopy.airflow.plugin.console_link import console_url

PAGES = "https://console.aws.amazon.com/s3"


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("s3://acme-raw/events/", f"{PAGES}/buckets/acme-raw?prefix=events%2F"),
        ("s3://acme-raw/", f"{PAGES}/buckets/acme-raw"),
        ("s3://acme-raw", f"{PAGES}/buckets/acme-raw"),
        ("s3://acme-raw/a b/é&x=1.json", f"{PAGES}/object/acme-raw?prefix=a%20b%2F%C3%A9%26x%3D1.json"),
        ("s3://acme-raw/\ud800", f"{PAGES}/object/acme-raw?prefix=%3F"),
    ],
)
def test_an_s3_url_has_a_page_in_the_console(url: str, page: str) -> None:
    assert console_url(url) == page


@pytest.mark.parametrize("url", ["", "/tmp/report", "file:///tmp/report", "javascript:alert(1)//s3://b/k"])
def test_what_is_not_in_s3_has_none(url: str) -> None:
    assert console_url(url) == ""


def test_nothing_in_a_url_leaves_the_console() -> None:
    assert console_url('s3://"><script>@evil.example/x/').startswith(
        f"{PAGES}/buckets/%22%3E%3Cscript%3E%40evil.example?"
    )
