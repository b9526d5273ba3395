"""A copy watched from its begin to its end: log in, trigger, see the bar move, open the report."""

from __future__ import annotations

import json
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.airflow.connection_env import role_connection
from tests.browser.chromium import chromium, picture
from tests.servers.moto import DST_ACCOUNT_ID, MotoServer
from tests.ui.airflow_site import Site
from tests.ui.browser_steps import bar, field, log_in, text, until

OBJECTS = 900
PER_SECOND = 25
"""Slow enough for several saves, which are ten seconds apart."""
RUN_TIMEOUT_S = 180.0


def test_a_copy_is_watched_until_its_report(moto: MotoServer, tmp_path: Path) -> None:
    name = uuid.uuid4().hex[:12]
    source, dest = f"src-{name}", f"dst-{name}"
    moto.client(moto.dst).create_bucket(Bucket=dest)
    filled = moto.client(moto.src)
    filled.create_bucket(Bucket=source)
    for number in range(OBJECTS):
        filled.put_object(Bucket=source, Key=f"events/{number:04}.json", Body=b"x" * 1_000)
    arguments = {
        "source": f"s3://{source}/events/",
        "dest": f"s3://{dest}/copied/",
        "report": f"s3://{dest}/reports/",
        "max_requests_per_second": PER_SECOND,
        "max_concurrency": 8,
        "batch_size": 50,
    }
    env = {
        "WATCHED_COPY": json.dumps(arguments),
        "AIRFLOW_CONN_AWS_COPIER": role_connection(moto.endpoint_url, DST_ACCOUNT_ID),
    }
    site = Site(tmp_path, env)
    with ExitStack() as stack:
        site.start(stack, scheduler=True)
        driver = stack.enter_context(chromium())
        log_in(driver, site, "admin")
        trigger(driver, site)
        open_tab(driver, site)
        readings = watch(driver, site)
        settled = sorted({reading["settled"] for reading in readings})
        assert len([each for each in settled if 0 < each < OBJECTS]) >= 2
        assert settled[-1] == OBJECTS
        assert field(driver, "copied") == f"{OBJECTS}"
        assert driver.find_elements(By.CSS_SELECTOR, ".s3c-chart svg")
        picture(driver, "live done")
        open_report(driver, f"https://console.aws.amazon.com/s3/buckets/{dest}?prefix=reports%2F")


def trigger(driver: Chrome, site: Site) -> None:
    """By Airflow's own button and form."""
    driver.get(f"{site.url}/dags/watched")
    click(driver, "//button[contains(., 'Trigger')]")
    click(driver, "//*[@role='dialog']//button[normalize-space()='Trigger']")
    until(lambda: site.sql("select 1 from dag_run"))


def open_tab(driver: Chrome, site: Site) -> None:
    """To the task of the run, and from there by the tab itself."""
    ((run_id,),) = site.sql("select run_id from dag_run")
    driver.get(f"{site.url}/dags/watched/runs/{quote(run_id, safe='')}/tasks/copy")
    click(driver, "//a[contains(@href, 'plugin/s3-copy')]")
    until(lambda: driver.find_elements(By.CLASS_NAME, "s3c-view"))


def watch(driver: Chrome, site: Site) -> list[dict[str, Any]]:
    """The bar until the page says that it is over; the last reading is of the end."""
    readings: list[dict[str, Any]] = []

    def over() -> bool:
        reading = bar(driver)
        if not readings or reading != readings[-1]:
            readings.append(reading)
            if 0 < reading["settled"] < OBJECTS:
                picture(driver, f"live at {reading['settled']}")
        return driver.find_element(By.CLASS_NAME, "s3c-view").get_attribute("data-status") in ("done", "failed")

    try:
        until(over, RUN_TIMEOUT_S)
        until(lambda: bar(driver)["settled"] == OBJECTS)
    except AssertionError:
        raise AssertionError(f"{text(driver)}\n{site.logs()}") from None
    return [*readings, bar(driver)]


def open_report(driver: Chrome, page: str) -> None:
    """The report's link leads out of Airflow, to a tab of its own."""
    link = driver.find_element(By.CSS_SELECTOR, ".s3c a[data-place=report]")
    assert link.get_attribute("href") == page
    link.click()
    until(lambda: len(driver.window_handles) == 2)


def click(driver: Chrome, xpath: str) -> None:
    """What can be clicked by now, and is seen."""

    def clicked() -> bool:
        for found in driver.find_elements(By.XPATH, xpath):
            if found.is_displayed() and found.is_enabled():
                driver.execute_script("arguments[0].click()", found)
                return True
        return False

    until(clicked)
