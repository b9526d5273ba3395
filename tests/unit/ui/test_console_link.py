from __future__ import annotations

import pytest

from s3_crosscopy.airflow.plugin.console_link import CONSOLES, console_of, console_page

PAGES = CONSOLES["aws"]


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
    assert console_page(url, PAGES) == page
    assert console_page(url, "") == ""


@pytest.mark.parametrize("url", ["", "/tmp/report", "file:///tmp/report", "javascript:alert(1)//s3://b/k"])
def test_what_is_not_in_s3_has_none(url: str) -> None:
    assert console_page(url, PAGES) == ""


def test_nothing_in_a_url_leaves_the_console() -> None:
    assert console_page('s3://"><script>@evil.example/x/', PAGES).startswith(
        f"{PAGES}/buckets/%22%3E%3Cscript%3E%40evil.example?"
    )


@pytest.mark.parametrize("bucket", ["arn:aws:s3:eu-central-1:111111111111:accesspoint/raw", "raw-abcdefgh-s3alias"])
def test_an_access_point_has_none(bucket: str) -> None:
    assert console_page(f"s3://{bucket}/p/", PAGES) == ""


@pytest.mark.parametrize("console", CONSOLES.values())
def test_a_link_tells_its_console(console: str) -> None:
    assert console_of(f"{console}/buckets/raw") == console


@pytest.mark.parametrize("link", [None, 7, "", PAGES, f"{PAGES}.evil.example/x", "javascript:alert(1)"])
def test_any_other_text_is_no_link_to_a_console(link: object) -> None:
    assert console_of(link) == ""
