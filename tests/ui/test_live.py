"""A copy watched from its begin to its end: log in, trigger, see the bar move, see where the report is."""

from __future__ import annotations

import json
import threading
import uuid
from functools import partial
from itertools import pairwise
from urllib.parse import quote

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.airflow.connection_env import role_connection
from tests.airflow.versions import STORES_TASK_STATE, needs_tab
from tests.browser.chromium import chromium, picture
from tests.servers.http_messages import FORWARD, Answer, Request
from tests.servers.moto import DST_ACCOUNT_ID, MotoServer
from tests.servers.stub_server import StubServer
from tests.ui.airflow_site import Site
from tests.ui.browser_steps import bar, field, log_in, text, until

pytestmark = needs_tab

OBJECTS = 300
STOPS = (100, 200)
"""After so many copies the next ones wait until the page has shown them."""
RUN_TIMEOUT_S = 180.0


class Gate:
    """In front of moto: lets so many copies through."""

    def __init__(self, stub: StubServer) -> None:
        self._changed = threading.Condition()
        self._asked = self._allowed = 0
        stub.rules = [self._rule]

    def allow(self, copies: int) -> None:
        """So many of all."""
        with self._changed:
            self._allowed = copies
            self._changed.notify_all()

    def _rule(self, request: Request) -> Answer:
        if request.operation == "CopyObject":
            with self._changed:
                self._asked += 1
                number = self._asked
                self._changed.wait_for(lambda: number <= self._allowed, RUN_TIMEOUT_S)
        return FORWARD


def test_a_copy_is_watched_until_its_report(airflow_site: Site, moto: MotoServer, stub: StubServer) -> None:
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
        "max_concurrency": 8,
        "batch_size": 50,
    }
    stub.upstream = moto.endpoint_url
    gate = Gate(stub)
    env = {
        "WATCHED_COPY": json.dumps(arguments),
        "AIRFLOW_CONN_AWS_COPIER": role_connection(stub.endpoint_url, DST_ACCOUNT_ID),
    }
    with airflow_site.scheduler(env), chromium() as driver:
        log_in(driver, airflow_site, "admin")
        trigger(driver, airflow_site)
        open_tab(driver, airflow_site)
        watch(driver, airflow_site, gate)
        assert field(driver, "copied") == f"{OBJECTS}"
        # The curve is drawn from stored progress.
        assert bool(driver.find_elements(By.CSS_SELECTOR, ".s3c-chart svg")) is STORES_TASK_STATE
        picture(driver, "live done")
        assert f"s3://{dest}/reports/" in text(driver)


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


def watch(driver: Chrome, site: Site, gate: Gate) -> None:
    """The bar moves to each stop and to the end, at which the page says that it is over."""

    def settled() -> int:
        # There is no bar as long as the task has stored no figures.
        return int(bar(driver)["settled"]) if driver.find_elements(By.CLASS_NAME, "s3c-bar") else 0

    def is_between(before: int, stop: int) -> bool:
        return before < settled() <= stop

    def over() -> bool:
        return driver.find_element(By.CLASS_NAME, "s3c-view").get_attribute("data-status") in ("done", "failed")

    try:
        # Below 3.3 a task has nowhere to store its progress, so there is no bar before its end.
        for before, stop in pairwise((0, *STOPS)) if STORES_TASK_STATE else ():
            gate.allow(stop)
            until(partial(is_between, before, stop), RUN_TIMEOUT_S)
            picture(driver, f"live at {stop}")
            assert not over()
        gate.allow(OBJECTS * 2)
        until(over, RUN_TIMEOUT_S)
        until(lambda: settled() == OBJECTS)
    except AssertionError:
        raise AssertionError(f"{text(driver)}\n{site.logs()}") from None


def click(driver: Chrome, xpath: str) -> None:
    """What can be clicked by now, and is seen."""

    def clicked() -> bool:
        for found in driver.find_elements(By.XPATH, xpath):
            if found.is_displayed() and found.is_enabled():
                driver.execute_script("arguments[0].click()", found)
                return True
        return False

    until(clicked)
