"""The tab in Airflow's own page, in a browser, at what the tasks of a run left."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.airflow.versions import needs_tab, needs_task_state_store
from tests.browser.axe import axe, serious
from tests.browser.chromium import chromium, complaints, picture
from tests.ui.airflow_site import PREFIX, Site
from tests.ui.browser_steps import bar, colours, field, go, log_in, look_again, text, until
from tests.ui.seeded_database import DEST, REPORT, RUN, SOURCE, figures, leave, left, stored

pytestmark = needs_tab

SHARDS = 200
FLIP = """
const real = window.fetch;
window.fetch = async (...asked) => {
  const answer = await real(...asked);
  if (!String(asked[0]).includes("/s3-crosscopy/")) return answer;
  return new Response(JSON.stringify({...await answer.json(), has_store: false}));
};
"""
"""Airflow 3.1 and 3.2 from where the page stands: there is no store."""

ASKED = """
return performance.getEntriesByType("resource").filter((one) => one.name.includes("/s3-crosscopy/dags/"))
  .map((one) => [one.decodedBodySize, one.startTime]);
"""
REFRESH_MS = 4_000


@pytest.fixture(scope="module")
def driver(site: Site) -> Iterator[Chrome]:
    """A browser in which the viewer is logged in."""
    with chromium() as driver:
        log_in(driver, site, "viewer")
        yield driver


def shards(site: Site) -> None:
    """A run in the middle: some done, one of them failed, some running, one to be tried again, some waiting."""
    states = {0: "failed", 90: "up_for_retry"}
    failed = {"failed": 2, "failures": [["events/a.json", "denied"], ["events/b.json", "timed out"]]}
    statements: list[tuple[object, ...]] = []
    for number in range(SHARDS):
        state = states.get(number, "success" if number < 90 else "running" if number < 120 else None)
        given: dict[str, Any] = failed if number == 0 else {}
        finished = state == "success"
        kept = stored(500, skipped=50, finished=finished, total_keys=900, **given) if state is not None else None
        statements += left("mapped", state, map_index=number, kept=kept)
    site.write(statements)


@needs_task_state_store
def test_a_running_copy_shows_how_far_it_is(site: Site, driver: Chrome) -> None:
    leave(site, "watched", "running", kept=stored(6_000, skipped=1_000, failed=1, total_keys=10_000))
    go(driver, site, "task", RUN)
    assert bar(driver)["said"] == "7,001 of 10,000 objects, 70 %"
    assert until(lambda: 0.59 < bar(driver)["copied"] < 0.61)
    assert [field(driver, name) for name in ("copied", "skipped", "failed")] == ["6,000", "1,000", "1"]
    assert field(driver, "objects_per_second") == "123"
    assert field(driver, "bytes_per_second") == "42.9 MiB/s"
    assert field(driver, "eta") == "about 2 min 9 s"
    assert field(driver, "window") == "60 of 64"
    assert field(driver, "throttled") == "3"
    chart = driver.find_element(By.CSS_SELECTOR, ".s3c-chart svg")
    assert "at most 320" in str(chart.get_attribute("aria-label"))
    picture(driver, "tab running")


@needs_task_state_store
def test_without_a_total_the_bar_says_so_far_and_no_time_is_promised(site: Site, driver: Chrome) -> None:
    leave(site, "watched", "running", kept=stored(6_000))
    go(driver, site, "task", RUN)
    assert bar(driver)["said"] == "6,000 objects so far"
    assert bar(driver)["percent"] is None
    assert field(driver, "eta") == "not known"
    picture(driver, "tab running without a total")


@needs_task_state_store
def test_the_bar_moves_while_the_page_is_open(site: Site, driver: Chrome) -> None:
    leave(site, "watched", "running", kept=stored(1_000, total_keys=10_000))
    go(driver, site, "task", RUN)
    before = bar(driver)
    leave(site, "watched", "running", kept=stored(5_000, total_keys=10_000))
    until(lambda: bar(driver)["settled"] == 5_000)
    assert until(lambda: bar(driver)["copied"] > before["copied"] + 0.3)


@needs_task_state_store
def test_one_copy_is_told_in_the_singular(site: Site, driver: Chrome) -> None:
    leave(site, "watched", "success", kept=stored(1, finished=True))
    go(driver, site, "task", RUN)
    assert "1 copy verified" in text(driver)


@needs_task_state_store
def test_failures_and_links_are_shown(site: Site, driver: Chrome) -> None:
    failures = [[f"events/part-{number}.json", "denied"] for number in range(5)]
    leave(site, "watched", "failed", kept=stored(90, failed=7, failures=failures, stopped="too many failed"))
    go(driver, site, "run", RUN)
    assert "Last 5 of 7 failed objects" in text(driver)
    assert "events/part-4.json" in text(driver)
    assert "Stopped early: too many failed" in text(driver)
    for what, url in (("source", SOURCE), ("dest", DEST), ("report", REPORT)):
        link = driver.find_element(By.CSS_SELECTOR, f".s3c a[data-place={what}]")
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        page = f"https://console.aws.amazon.com/s3/buckets/{bucket}?prefix={prefix.replace('/', '%2F')}"
        assert (link.get_attribute("href"), link.get_attribute("target")) == (page, "_blank")
    picture(driver, "tab failed")


@needs_task_state_store
def test_the_places_of_another_server_than_aws_are_no_links(site: Site, driver: Chrome) -> None:
    leave(site, "watched", "failed", kept=stored(90, failed=7), link=None)
    go(driver, site, "run", RUN)
    assert SOURCE in text(driver)
    assert DEST in text(driver)
    assert not driver.find_elements(By.CSS_SELECTOR, ".s3c a[data-place]")


def test_a_link_opens_in_a_tab_of_its_own(site: Site, driver: Chrome) -> None:
    leave(site, "watched", "success", **figures(stored(90, finished=True)))
    go(driver, site, "task", RUN)
    here = driver.current_window_handle
    driver.find_element(By.CSS_SELECTOR, ".s3c a[data-place=report]").click()
    until(lambda: len(driver.window_handles) == 2)
    (other,) = set(driver.window_handles) - {here}
    driver.switch_to.window(other)
    driver.close()
    driver.switch_to.window(here)


def test_a_run_of_two_hundred_shards_asks_for_one_small_answer_a_refresh(site: Site, driver: Chrome) -> None:
    shards(site)
    go(driver, site, "mapped run", RUN)
    assert "80 waiting, 29 running, 1 retrying, 89 done, 1 failed" in text(driver)
    assert len(driver.find_elements(By.CSS_SELECTOR, ".s3c-strip span")) == SHARDS
    asked: list[Any] = until(lambda: len(found := driver.execute_script(ASKED)) > 1 and found)
    sizes, starts = zip(*asked, strict=True)
    # By the browser's clock, whose timers are never early by more than the rounding.
    assert min(later - earlier for earlier, later in pairwise(starts)) > REFRESH_MS - 10
    assert all(0 < size < 4_096 for size in sizes)
    picture(driver, "tab of a mapped run")


def test_a_mapped_instance_shows_its_own(site: Site, driver: Chrome) -> None:
    leave(site, "mapped", "success", map_index=0, **figures(stored(77)))
    go(driver, site, "mapped instance", RUN)
    assert field(driver, "copied") == "77"


def test_where_there_is_no_store_a_running_copy_says_so_and_an_ended_one_shows_its_summary(site: Site) -> None:
    leave(site, "watched", "running")
    with chromium() as driver:
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": FLIP})
        log_in(driver, site, "viewer")
        go(driver, site, "task", RUN)
        assert "needs Airflow 3.3" in text(driver)
        said = {name: value for name, value in stored(12)["progress"].items() if name != "history"}
        leave(site, "watched", "success", returned={**said, "seconds": 6.0, "decisions": {}})
        look_again(driver)
        assert "needs Airflow 3.3" not in text(driver)
        assert (field(driver, "copied"), field(driver, "average")) == ("12", "2")


def test_who_may_not_see_the_dag_is_told_so(site: Site) -> None:
    leave(site, "watched", "running", kept=stored(10))
    with chromium() as driver:
        log_in(driver, site, "outsider")
        go(driver, site, "task", RUN)
        assert "You may not see this DAG" in text(driver)
        assert SOURCE not in text(driver)


def test_the_page_follows_airflows_own_choice_of_colours(site: Site, driver: Chrome) -> None:
    leave(site, "watched", "running", kept=stored(6_000, total_keys=9_000))
    colours(driver, "dark")
    go(driver, site, "task", RUN)
    assert serious(axe(driver, ".s3c")) == []
    assert driver.execute_script("return document.documentElement.classList.contains('dark')")
    shown = "return getComputedStyle(document.querySelector('.s3c')).getPropertyValue('--copied')"
    assert driver.execute_script(shown) == "#4ade80"


def test_the_page_is_without_complaints_and_asks_nobody_else(site: Site, driver: Chrome) -> None:
    complaints(driver)
    leave(site, "watched", "running", kept=stored(10))
    go(driver, site, "task", RUN)
    asked: list[str] = driver.execute_script("return performance.getEntriesByType('resource').map((one) => one.name)")
    ours = [url for url in asked if "s3-crosscopy" in url]
    assert ours
    assert all(url.startswith(f"{site.url}/s3-crosscopy/") for url in ours)
    assert PREFIX in site.url
    assert [one for one in complaints(driver) if "s3-crosscopy" in one or "s3c" in one] == []
