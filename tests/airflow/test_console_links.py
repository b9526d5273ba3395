"""The links to the S3 console: where there is a console, from the start of the task, for each task of a copy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from s3_crosscopy.adapters.boto.partitions import partition_of_service
from s3_crosscopy.airflow import S3CrossAccountCopyOperator
from s3_crosscopy.airflow.console_links import LINKS, links_of, pull_links
from s3_crosscopy.airflow.provider_info import get_provider_info
from s3_crosscopy.airflow.shard_operators import S3CopyPublishOperator, S3CopyShardOperator, S3CopySummaryOperator

SOURCE, DEST = (link.xcom_key for link in LINKS)


class TaskInstance:
    """The XComs of one task of a run."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.values[key] = value

    def xcom_pull(self, task_ids: str, key: str, map_indexes: None) -> Any:
        assert (task_ids, map_indexes) == ("plan", None)
        return self.values.get(key)


class Copier:
    service = "AWS (amazonaws.com)"
    session = SimpleNamespace(region_name="eu-central-1")


def task(**more: Any) -> Any:
    return S3CrossAccountCopyOperator(task_id="t", source="s3://src/p/", dest="s3://dst/q/", **more)


@pytest.mark.parametrize(
    ("region", "console"),
    [
        ("eu-central-1", "https://console.aws.amazon.com/s3"),
        ("", "https://console.aws.amazon.com/s3"),
        ("cn-north-1", "https://console.amazonaws.cn/s3"),
        ("us-gov-west-1", "https://console.amazonaws-us-gov.com/s3"),
    ],
)
def test_each_partition_has_its_own_console(region: str, console: str) -> None:
    partition = partition_of_service("AWS (amazonaws.com)", region)
    assert links_of("s3://src/p/", "s3://dst/q/k", partition) == {
        SOURCE: f"{console}/buckets/src?prefix=p%2F",
        DEST: f"{console}/object/dst?prefix=q%2Fk",
    }


@pytest.mark.parametrize(
    ("service", "region"), [("minio:9000", "eu-central-1"), ("localhost", "us-east-1"), ("AWS (c2s)", "us-iso-east-1")]
)
def test_what_has_no_public_console_has_no_link(service: str, region: str) -> None:
    assert links_of("s3://src/p/", "s3://dst/q/", partition_of_service(service, region)) == {}


def test_an_access_point_has_no_page_of_a_bucket() -> None:
    assert links_of("s3://arn:aws:s3:eu-central-1:111111111111:accesspoint/raw/p/", "s3://dst/q/", "aws").keys() == {
        DEST
    }
    assert links_of("s3://src/p/", "s3://raw-abcdefgh-s3alias/p/", "aws").keys() == {SOURCE}


def test_they_are_there_from_the_start_and_stay_at_the_end() -> None:
    ti, operator = TaskInstance(), task()
    operator.link_to_console({"ti": ti}, ("s3://src/p/", "s3://dst/q/k"), Copier())
    assert set(ti.values) == {SOURCE, DEST}
    # Airflow writes each again when the task ends.
    assert {link.xcom_key: link.get_link(operator, ti_key=None) for link in LINKS} == ti.values


def test_there_are_none_outside_of_airflow_or_before_the_partition_is_known() -> None:
    operator = task()
    assert [link.get_link(operator, ti_key=None) for link in LINKS] == ["", ""]
    operator.link_to_console({}, ("s3://src/p/", "s3://dst/q/"), Copier())
    assert pull_links({}, "plan") == {}


def test_a_link_that_cannot_be_written_ends_no_copy() -> None:
    class Broken(TaskInstance):
        def xcom_push(self, key: str, value: Any) -> None:
            raise RuntimeError

    task().link_to_console({"ti": Broken()}, ("s3://src/p/", "s3://dst/q/"), Copier())


def test_the_summary_of_a_group_shows_those_of_the_plan() -> None:
    ti = TaskInstance()
    task().link_to_console({"ti": ti}, ("s3://src/p/", "s3://dst/q/"), Copier())
    context: Any = {"ti": ti}
    assert pull_links(context, "plan") == ti.values


@pytest.mark.parametrize(
    "kind", [S3CrossAccountCopyOperator, S3CopyShardOperator, S3CopyPublishOperator, S3CopySummaryOperator]
)
def test_every_task_has_both(kind: type) -> None:
    assert [link.name for link in kind.operator_extra_links] == [  # type: ignore[attr-defined]
        "Source in the S3 console",
        "Destination in the S3 console",
    ]


def test_airflow_is_told_of_the_classes() -> None:
    told = get_provider_info()["extra-links"]
    assert told == [f"{type(link).__module__}.{type(link).__name__}" for link in LINKS]
