"""A headless Chromium of Debian, driven through its own chromedriver: nothing is downloaded, and its end is certain.

`dark` and `script` are what a page can tell of its reader: the preferred colours, and whether scripts run at all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.servers.debian import Software, ensure_or_skip

CHROMIUM = Software("Chromium", ("chromium", "chromedriver"), ("chromium", "chromium-driver"))
SCREENSHOTS = "CROSSCOPY_SCREENSHOTS"
"""The variable that names a folder for pictures of what a test saw; without it there are none."""
WIDE, NARROW = (1280, 900), (390, 844)


@contextmanager
def chromium(*, dark: bool = False, script: bool = True, size: tuple[int, int] = WIDE) -> Iterator[Chrome]:
    """A browser with a profile of its own that is gone afterwards."""
    ensure_or_skip(CHROMIUM)
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM.path("chromium"))
    # Root may not use the sandbox; /dev/shm is 64 MB in a container.
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(argument)
    options.add_argument(f"--window-size={size[0]},{size[1]}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    if not script:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    driver = Chrome(options, Service(CHROMIUM.path("chromedriver")))
    try:
        wanted = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": wanted})
        yield driver
    finally:
        driver.quit()


def picture(driver: Chrome, name: str, *, whole: bool = True) -> None:
    """Keep a picture of the whole page, or of what the window shows of it, if somebody wants pictures."""
    folder = os.environ.get(SCREENSHOTS)
    if folder and not whole:
        Path(folder).mkdir(parents=True, exist_ok=True)
        driver.save_screenshot(str(Path(folder, re.sub(r"\W+", "-", name) + ".png")))
    elif folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        height = driver.execute_script("return document.documentElement.scrollHeight")
        before = driver.get_window_size()
        driver.set_window_size(before["width"], min(int(height) + 150, 12_000))
        driver.save_screenshot(str(Path(folder, re.sub(r"\W+", "-", name) + ".png")))
        driver.set_window_size(before["width"], before["height"])


def complaints(driver: Chrome) -> list[str]:
    """What the browser's console says at level warning and above: errors of scripts, and what a policy refused."""
    entries: list[dict[str, object]] = driver.get_log("browser")  # type: ignore[no-untyped-call]
    return [str(entry["message"]) for entry in entries if entry["level"] in ("SEVERE", "WARNING")]
