"""Each state of the tab, in light and dark, wide and narrow: what it says, and whether everybody can read it.

With CROSSCOPY_SCREENSHOTS set to a folder, such as `.screenshots`, there is a picture of each.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.airflow.versions import needs_tab
from tests.browser.axe import axe, serious
from tests.browser.chromium import chromium, picture
from tests.ui.airflow_site import Site
from tests.ui.browser_steps import go, log_in, look_again, text, until
from tests.ui.seeded_database import RUN
from tests.ui.tab_states import SEEN

pytestmark = needs_tab

WIDTHS = (1280, 800)
HEIGHT = 1_100
MODE = (
    "document.documentElement.classList.remove('light', 'dark'); document.documentElement.classList.add(arguments[0])"
)
AT_ONCE = """
addEventListener("DOMContentLoaded", () => {
  const style = document.createElement("style");
  style.textContent = "* { transition: none !important; animation: none !important }";
  document.head.append(style);
});
"""


@pytest.fixture(scope="module")
def driver(site: Site) -> Iterator[Chrome]:
    with chromium(size=(WIDTHS[0], HEIGHT)) as driver:
        # A picture in the middle of a change of colours shows neither.
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": AT_ONCE})
        log_in(driver, site, "viewer")
        yield driver


@pytest.fixture(scope="module")
def places() -> list[str]:
    """Where the browser has been, the last of which it is still at: Airflow's page takes seconds to load."""
    return []


@pytest.mark.parametrize("name", SEEN)
def test_each_state_says_what_it_is_and_can_be_read_by_everybody(
    site: Site, driver: Chrome, places: list[str], name: str
) -> None:
    state = SEEN[name]
    site.write(state.rows())
    if places[-1:] == [state.where]:
        look_again(driver)
    else:
        go(driver, site, state.where, RUN)
        places.append(state.where)
    until(lambda: headline(driver) == state.headline)
    for words in state.words:
        assert words in text(driver)
    for width in WIDTHS:
        driver.set_window_size(width, HEIGHT)
        assert overflow(driver) == []
        for mode in ("light", "dark"):
            driver.execute_script(MODE, mode)
            picture(driver, f"state {name} {width} {mode}", whole=False)
            if width == WIDTHS[0]:
                assert serious(axe(driver, ".s3c")) == []


def headline(driver: Chrome) -> str:
    return "".join(found.text for found in driver.find_elements(By.CSS_SELECTOR, ".s3c [data-field=headline]"))


def overflow(driver: Chrome) -> list[str]:
    """The elements that are wider than the tab."""
    wide: list[str] = driver.execute_script(
        """
        const tab = document.querySelector(".s3c"), edge = tab.getBoundingClientRect().right + 1;
        return [...tab.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > edge)
          .map((one) => `${one.tagName} ${one.className} ${one.textContent.slice(0, 40)}`);
        """
    )
    return wide
