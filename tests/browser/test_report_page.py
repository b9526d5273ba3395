"""The page of a report in a real browser: readable in both colour schemes and by anybody, and its filter works.

With CROSSCOPY_SCREENSHOTS set to a folder it keeps pictures of what it saw.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium")

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.report.report_writer import StoredReport
from tests.browser.axe import axe
from tests.browser.chromium import NARROW, WIDE, chromium, complaints, picture
from tests.report.samples import a_report, copied, failed, write_segment

# One worker, so that two browsers are started and not four.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
COPIED, FAILED, TIMED_OUT = 2000, 30, 3


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a page that has everything: charts, failed and slow keys, a filter, keys that are no text at all."""
    folder = tmp_path_factory.mktemp("report")
    rows = [
        copied(f"day={n % 7}/part-{n:05}", 2 ** (n % 30))._replace(at_s=n / 50, took_s=(n % 97) / 90, reason="new")
        for n in range(1, COPIED + 1)
    ]
    bad = [
        failed(f"{n:03}<script>document.title='evil'</script>")._replace(at_s=n, took_s=n / 7) for n in range(FAILED)
    ]
    bad += [failed(f"late-{n}")._replace(reason="timed out", code="RequestTimeout") for n in range(TIMED_OUT)]
    run: dict[str, Any] = {
        "options": {"max_concurrency": "auto", "tags": {"team": "data"}},
        "versions": {"boto3": "1.41.0", "Python": "3.11.7"},
        "principals": {"copier": "arn:aws:iam::222222222222:role/copier", "reader": "arn:aws:iam::111111111111:role/r"},
        "transport": "fast: libcurl 8.9",
        "window": [[5.0 * n, 64 + 8 * (n % 5), n] for n in range(1, 9)],
    }
    store = StoredReport(FolderFiles(str(folder)), run_info=lambda: run)
    store.begin()
    write_segment(store, 0, rows)
    counts = {"listed": COPIED + len(bad), "copied": COPIED, "failed": len(bad), "bytes": sum(row.size for row in rows)}
    store.finish(1, bad, a_report(**counts))
    return Path(folder, "report.html").as_uri()


@pytest.fixture(scope="module", params=["light", "dark"])
def driver(request: pytest.FixtureRequest) -> Iterator[Chrome]:
    with chromium(dark=request.param == "dark") as found:
        yield found


def shown(driver: Chrome, table: str) -> list[str]:
    """The first cells of the rows that can be seen, in order."""
    rows = driver.find_elements(By.CSS_SELECTOR, f"#{table} tbody tr:not([hidden])")
    return [row.find_element(By.TAG_NAME, "th").text for row in rows]


def test_axe_finds_nothing(driver: Chrome, page: str, request: pytest.FixtureRequest) -> None:
    driver.get(page)
    picture(driver, f"report-page-{request.node.callspec.id}")
    assert axe(driver) == []


def test_axe_finds_nothing_in_the_numbers_below_the_charts_either(driver: Chrome, page: str) -> None:
    driver.get(page)
    for one in driver.find_elements(By.TAG_NAME, "summary"):
        one.click()
    assert axe(driver) == []


def test_the_browser_has_nothing_to_complain_of(driver: Chrome, page: str) -> None:
    driver.get(page)
    assert complaints(driver) == []
    assert driver.title == "Copy report: s3://src/in/ to s3://dst/out/"


def test_failed_keys_are_filtered_by_text_and_by_reason(driver: Chrome, page: str) -> None:
    driver.get(page)
    assert len(shown(driver, "failed-table")) == FAILED + TIMED_OUT
    Select(driver.find_element(By.ID, "failed-kind")).select_by_value("timed out")
    assert shown(driver, "failed-table") == ["in/late-0", "in/late-1", "in/late-2"]
    driver.find_element(By.ID, "failed-text").send_keys("LATE-1")
    assert shown(driver, "failed-table") == ["in/late-1"]
    assert driver.find_element(By.CSS_SELECTOR, "[data-filters=failed-table] output").text == "1 of 33 shown"


def test_columns_are_sorted_by_number_and_the_other_way_round_at_a_second_click(driver: Chrome, page: str) -> None:
    driver.get(page)
    slowest = shown(driver, "slowest-table")
    head = driver.find_element(By.XPATH, "//table[@id='slowest-table']//th[.='time']")
    head.find_element(By.TAG_NAME, "button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert shown(driver, "slowest-table")[-1] == slowest[0]
    head.find_element(By.TAG_NAME, "button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert shown(driver, "slowest-table")[0] == slowest[0]


def test_without_a_script_everything_is_there_and_no_control_that_does_nothing(page: str) -> None:
    with chromium(script=False) as driver:
        driver.get(page)
        assert len(shown(driver, "failed-table")) == FAILED + TIMED_OUT
        assert not driver.find_element(By.ID, "failed-text").is_displayed()
        assert driver.find_elements(By.CSS_SELECTOR, "th button") == []
        assert driver.find_element(By.TAG_NAME, "svg").is_displayed()


def test_on_a_telephone_nothing_but_tables_is_wider_than_the_screen(page: str) -> None:
    with chromium(size=NARROW) as driver:
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": NARROW[0], "height": NARROW[1], "deviceScaleFactor": 2, "mobile": True},
        )
        driver.get(page)
        picture(driver, "report-page-narrow")
        assert driver.execute_script("return document.documentElement.scrollWidth") <= NARROW[0] < WIDE[0]
        assert axe(driver) == []


def test_on_paper_every_failed_key_is_there_and_no_control(driver: Chrome, page: str) -> None:
    driver.get(page)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert not driver.find_element(By.ID, "failed-text").is_displayed()
        box = driver.find_element(By.CSS_SELECTOR, "#failed .tall")
        height, whole = (box.get_property(name) for name in ("clientHeight", "scrollHeight"))
        assert height == whole
    finally:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
