"""The links of a task to its source and its destination in the S3 console, in Airflow's UI from the task's start.

Airflow's UI reads a link from an XCom of the task, which Airflow itself writes when the task ends: `push_links` writes
it as soon as the partition is known. Without a console (another server, an access point) there is no link.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from airflow.sdk import BaseOperatorLink

from s3_crosscopy.airflow.plugin.console_link import CONSOLES, console_page

if TYPE_CHECKING:
    from s3_crosscopy.airflow.compat import Context


class SourceLink(BaseOperatorLink):
    """The link to the source."""

    name = "Source in the S3 console"

    @property
    def xcom_key(self) -> str:
        return "s3_crosscopy_source_link"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The link that the running task has pushed; Airflow calls this at the end of the task."""
        return str(operator.console_links.get(self.xcom_key, ""))


class DestLink(SourceLink):
    """The link to the destination."""

    name = "Destination in the S3 console"

    @property
    def xcom_key(self) -> str:
        return "s3_crosscopy_dest_link"


LINKS: Final = (SourceLink(), DestLink())


def links_of(source: str, dest: str, partition: str) -> dict[str, str]:
    """The links by XCom key; those without a page in a console are left out. `partition`: "" for another server."""
    links, console = zip(LINKS, (source, dest), strict=True), CONSOLES.get(partition, "")
    return {link.xcom_key: url for link, place in links if (url := console_page(place, console))}


def push_links(context: Context, links: Mapping[str, str]) -> None:
    """Write the links to the XComs of the running task; outside of Airflow there is none."""
    ti: Any = context.get("ti")
    if ti is None:
        return
    for key, url in links.items():
        ti.xcom_push(key=key, value=url)


def pull_links(context: Context, task_id: str) -> dict[str, str]:
    """The links that another task of the same run has pushed."""
    ti: Any = context.get("ti")
    if ti is None:
        return {}
    pulled = {link.xcom_key: ti.xcom_pull(task_ids=task_id, key=link.xcom_key, map_indexes=None) for link in LINKS}
    return {key: str(url) for key, url in pulled.items() if url}
