"""The built site: every link and anchor leads somewhere, nothing is loaded from elsewhere, and its search finds pages.

`make docs-check` builds it and names it in DOCS_SITE; elsewhere these tests skip. CROSSCOPY_SCREENSHOTS names a
folder for pictures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache, partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urljoin, urlsplit

import pytest

SITE = Path(os.environ.get("DOCS_SITE", "")).resolve()
pytestmark = [
    pytest.mark.skipif("DOCS_SITE" not in os.environ, reason="make docs-check builds the site and sets DOCS_SITE"),
    pytest.mark.xdist_group("browser"),
]
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src"}
TIMEOUT_S = 30.0


class Page(HTMLParser):
    """What a page links to, what it loads, and its anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in LOADED and LOADED[tag] in found and found.get("rel") != "canonical":
            self.loads.append(found[LOADED[tag]])


@cache
def read(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def pages() -> list[Path]:
    return [path for path in sorted(SITE.rglob("*.html")) if path.name != "404.html"]


def is_there(page: Path, link: str) -> bool:
    """Whether a relative link leads to a file, and its anchor to an element there."""
    path, anchor = unquote(urlsplit(link).path), unquote(urlsplit(link).fragment)
    to = (page.parent / path) if path else page
    to = to / "index.html" if to.is_dir() else to
    return to.is_file() and (not anchor or to.suffix != ".html" or anchor in read(to).anchors)


def test_every_link_leads_to_a_file_and_a_heading() -> None:
    assert len(pages()) > 30
    lost = [
        f"{page.relative_to(SITE)}: {link}"
        for page in pages()
        for link in {*read(page).links, *read(page).loads}
        if not urlsplit(link).scheme and not is_there(page, link)
    ]
    assert lost == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert {load for page in pages() for load in read(page).loads if urlsplit(load).scheme or load[:2] == "//"} == set()


def test_the_api_reference_has_every_argument() -> None:
    text = (SITE / "api.html").read_text(encoding="utf-8")
    names = (
        "S3CrossAccountCopyOperator",
        "S3CrossAccountCopyTaskGroup",
        "source_aws_conn_id",
        "max_delete",
        "checkpoint",
    )
    assert [name for name in names if f">{name}<" not in text and f"{name}</code>" not in text] == []


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The site over HTTP: the search works in no page from a file."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


SEEN = ("index.html", "options.html", "api.html", "troubleshooting.html", "comparison.html")


@pytest.mark.slow
@pytest.mark.parametrize("width", ["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_open_without_a_complaint_and_the_search_finds_a_message(url: str, scheme: str, width: str) -> None:
    pytest.importorskip("selenium")
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    from tests.browser.chromium import NARROW, WIDE, chromium, complaints, picture

    with chromium(dark=scheme == "dark", size=WIDE if width == "wide" else NARROW) as driver:
        if width == "phone":
            # No window is that narrow by itself.
            phone = {"width": NARROW[0], "height": NARROW[1], "deviceScaleFactor": 1, "mobile": True}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
        for name in SEEN:
            driver.get(urljoin(url, name))
            picture(driver, f"site {name} {scheme} {width}")
            # Only what may scroll by itself is wider than the window.
            assert driver.execute_script("return document.documentElement.scrollWidth <= window.innerWidth"), name
        driver.get(url)
        driver.execute_script("document.querySelector('[data-md-toggle=search]').click()")
        box = WebDriverWait(driver, TIMEOUT_S).until(
            lambda d: d.find_element(By.CSS_SELECTOR, "input.md-search__input")
        )
        WebDriverWait(driver, TIMEOUT_S).until(lambda _: box.is_displayed())
        box.send_keys("there is no connection")
        found = "a.md-search-result__link[href*='troubleshooting.html']"
        WebDriverWait(driver, TIMEOUT_S).until(lambda d: d.find_elements(By.CSS_SELECTOR, found))
        picture(driver, f"site search {scheme} {width}")
        assert complaints(driver) == []
