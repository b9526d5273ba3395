"""The tab in a browser: logging in, going there, and what it says."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.ui.airflow_site import Site

TIMEOUT_S = 120.0
AT = {
    "task": "/dags/watched/runs/{run}/tasks/copy/plugin/s3-copy",
    "run": "/dags/watched/runs/{run}/plugin/s3-copy-run",
    "mapped run": "/dags/mapped/runs/{run}/plugin/s3-copy-run",
    "mapped instance": "/dags/mapped/runs/{run}/tasks/copy/mapped/0/plugin/s3-copy",
    "other run": "/dags/idle/runs/{run}/plugin/s3-copy-run",
}


def log_in(driver: Chrome, site: Site, name: str) -> None:
    """By the form, as a user does."""
    driver.get(f"{site.url}/auth/login")
    until(lambda: driver.find_elements(By.NAME, "password"))
    driver.find_element(By.NAME, "username").send_keys(name)
    driver.find_element(By.NAME, "password").send_keys(name)
    driver.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    until(lambda: "/auth/login" not in driver.current_url and driver.find_elements(By.CSS_SELECTOR, "nav, a[href]"))


def colours(driver: Chrome, mode: str) -> None:
    """Airflow's own choice of `light` or `dark`, as its settings keep it."""
    driver.execute_script("localStorage.setItem('theme', arguments[0])", mode)


def go(driver: Chrome, site: Site, where: str, run: str) -> None:
    """To the tab, until it has an answer."""
    driver.get(f"{site.url}{AT[where].format(run=run)}")
    until(lambda: driver.find_elements(By.CSS_SELECTOR, ".s3c-view, .s3c [role=alert], .s3c [role=status]:not(:empty)"))
    until(lambda: "Asking Airflow" not in text(driver))


def look_again(driver: Chrome) -> None:
    """Let the tab ask at once, as when somebody comes back to it."""
    before = driver.find_element(By.CLASS_NAME, "s3c").get_attribute("data-at")
    driver.execute_script("document.dispatchEvent(new Event('visibilitychange'))")
    until(lambda: driver.find_element(By.CLASS_NAME, "s3c").get_attribute("data-at") != before)


def text(driver: Chrome) -> str:
    """All that the tab says."""
    return driver.find_element(By.CLASS_NAME, "s3c").text


def field(driver: Chrome, name: str) -> str:
    """One of its figures."""
    return driver.find_element(By.CSS_SELECTOR, f".s3c [data-field={name}]").text


def bar(driver: Chrome) -> dict[str, Any]:
    """The bar: what it says, and how wide the part of the copied is, as a share of the whole."""
    found: dict[str, Any] = driver.execute_script(
        """
        const bar = document.querySelector(".s3c-bar"), copied = bar.querySelector(".s3c-copied");
        return {
          settled: Number(bar.dataset.done),
          said: bar.getAttribute("aria-valuetext"),
          percent: bar.getAttribute("aria-valuenow"),
          copied: copied ? copied.getBoundingClientRect().width / bar.getBoundingClientRect().width : 0,
        }
        """
    )
    return found


def until(holds: Callable[[], Any], timeout_s: float = TIMEOUT_S) -> Any:
    """The first true answer of `holds`. What Airflow redraws in between is asked for again."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            if found := holds():
                return found
        except StaleElementReferenceException:
            pass
        time.sleep(0.1)
    raise AssertionError(f"not within {timeout_s} s")
