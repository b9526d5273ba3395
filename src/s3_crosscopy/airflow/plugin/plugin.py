"""The plugin that Airflow loads (entry point group `airflow.plugins`): the tabs and the app that serves them.

Every process of Airflow loads plugins, also that of a task, so nothing here imports what only the API server needs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from airflow import __version__
from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

PREFIX = "/s3-crosscopy"
TAB = "S3 copy"
"""The tab's title; the page registers its component under the same name."""

OLDEST = (3, 1, 1)
"""The oldest Airflow with the tab. 3.0 has no plugin tabs; in 3.1.0 the login is no cookie, and scripts do not load."""

SETTING = ("s3_crosscopy", "show_tab")
"""The setting that turns the tabs off, and their routes. Airflow shows a plugin's tab on every task or none."""

_Message = MutableMapping[str, Any]


class LateApp:
    """Imports the ASGI app of `routes` at the first request, and passes requests to it."""

    async def __call__(
        self,
        scope: _Message,
        receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        from s3_crosscopy.airflow.plugin.routes import app

        await app(scope, receive, send)


def has_tabs(version: str) -> bool:
    """True if this version of Airflow can show the tab. A pre-release counts as the release that it precedes."""
    numbers = [int("".join(filter(str.isdigit, part[:2])) or 0) for part in version.split(".")[:3]]
    return tuple(numbers) >= OLDEST


def tabs(base_url: str) -> list[dict[str, Any]]:
    """The tabs of a task instance and of a DAG run. `base_url` is `[api] base_url`, whose path becomes a prefix."""
    # Absolute paths: until 3.2 Airflow's own script resolves relative ones against its own location.
    files = f"{urlsplit(base_url).path.rstrip('/')}{PREFIX}/static"
    common = {
        "name": TAB,
        "bundle_url": f"{files}/main.js",
        "icon": f"{files}/icon-light.svg",
        "icon_dark_mode": f"{files}/icon-dark.svg",
    }
    # The routes differ, because Airflow drops a second view of the same route, whatever its destination.
    return [
        {**common, "destination": "task_instance", "url_route": "s3-copy"},
        {**common, "destination": "dag_run", "url_route": "s3-copy-run"},
    ]


class S3CopyPlugin(AirflowPlugin):
    """The tab "S3 copy" on task instances and DAG runs."""

    name = "s3_crosscopy"
    fastapi_apps: list[Any] = []  # noqa: RUF012 - Airflow's own declaration
    react_apps: list[Any] = []  # noqa: RUF012

    @classmethod
    def on_load(cls, *args: Any, **kwargs: Any) -> None:
        """Register the tabs, unless they are turned off. Settings are read here, not on import."""
        if has_tabs(__version__) and conf.getboolean(*SETTING, fallback=True):
            cls.fastapi_apps = [{"name": TAB, "app": LateApp(), "url_prefix": PREFIX}]
            cls.react_apps = tabs(conf.get("api", "base_url", fallback=""))
