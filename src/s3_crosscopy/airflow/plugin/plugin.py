"""What Airflow loads (entry point group `airflow.plugins`): the tabs, and where their files and data come from.

Every process of Airflow loads plugins, each task's too, so nothing here imports what only the API server needs.
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
"""Before it there are no tabs of plugins (3.0), or the login is no cookie (3.1.0) and a script cannot be asked for."""

_Message = MutableMapping[str, Any]


class LateApp:
    """The ASGI app of `routes`, imported at the first request."""

    async def __call__(
        self,
        scope: _Message,
        receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        from s3_crosscopy.airflow.plugin.routes import app

        await app(scope, receive, send)


def has_tabs(version: str) -> bool:
    """Whether this Airflow can show our tab; pre-releases count as the release they precede."""
    numbers = [int("".join(filter(str.isdigit, part[:2])) or 0) for part in version.split(".")[:3]]
    return tuple(numbers) >= OLDEST


def tabs(base_url: str) -> list[dict[str, Any]]:
    """The tab on a task instance and on a DAG run. `base_url` is `[api] base_url`, whose path may be a prefix."""
    # Not relative: until 3.2 Airflow's own script takes what is relative as relative to itself.
    files = f"{urlsplit(base_url).path.rstrip('/')}{PREFIX}/static"
    common = {
        "name": TAB,
        "bundle_url": f"{files}/main.js",
        "icon": f"{files}/icon-light.svg",
        "icon_dark_mode": f"{files}/icon-dark.svg",
    }
    # Airflow drops a second view of the same route, whatever its destination.
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
        """Settings are read when Airflow loads the plugin, not when this is imported."""
        if has_tabs(__version__):
            cls.fastapi_apps = [{"name": TAB, "app": LateApp(), "url_prefix": PREFIX}]
            cls.react_apps = tabs(conf.get("api", "base_url", fallback=""))
