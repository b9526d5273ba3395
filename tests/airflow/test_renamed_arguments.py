"""The argument names of Airflow's own copy operators are answered with ours, in one line with the task's name."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.providers.amazon.aws.operators.s3 import S3CopyObjectOperator

from s3_crosscopy.airflow import S3CrossAccountCopyOperator, S3CrossAccountCopyTaskGroup
from s3_crosscopy.airflow.renamed_arguments import CHANGED, NAMES, refuse_renamed
from s3_crosscopy.errors import InvalidInput

HEAD = "task 'copy_events': S3CrossAccountCopyOperator has other arguments: "
TAIL = "; see the page Migration"
RENAMED: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"source_bucket_name": "raw", "source_bucket_prefix": "in/", "dest_bucket_prefix": "s3://lake/out/"},
        [
            'source_bucket_prefix, source_bucket_name: use source="s3://raw/in/"',
            'dest_bucket_prefix: use dest="s3://lake/out/"',
        ],
    ),
    (
        {"source_bucket_key": "a.csv", "source_bucket_name": "raw", "dest_bucket_key": "a", "dest_bucket_name": "l"},
        [
            'source_bucket_key, source_bucket_name: use source="s3://raw/a.csv"',
            'dest_bucket_key, dest_bucket_name: use dest="s3://l/a"',
        ],
    ),
    # Without a slash at its end it would be the key of one object here.
    ({"source_bucket_prefix": "in"}, ['source_bucket_prefix: use source="s3://BUCKET/in/"']),
    ({"source_bucket_name": "raw"}, ['source_bucket_name: use source="s3://raw/KEY"']),
    (
        {"source_bucket_name": None, "dest_bucket_key": 3},
        ['source_bucket_name: use source="s3://BUCKET/KEY"', 'dest_bucket_key: use dest="s3://BUCKET/KEY"'],
    ),
    (dict.fromkeys(CHANGED, "x"), [f"{name}: {advice}" for name, advice in CHANGED.items()]),
]


@pytest.mark.parametrize(("arguments", "advice"), RENAMED)
def test_the_line_says_what_to_use_also_where_source_and_dest_are_missing(
    arguments: dict[str, Any], advice: list[str]
) -> None:
    for make in (S3CrossAccountCopyOperator, S3CrossAccountCopyOperator.partial):
        with pytest.raises(InvalidInput) as caught:
            make(task_id="copy_events", **arguments)
        assert str(caught.value) == f"{HEAD}{'; '.join(advice)}{TAIL}"


def test_a_group_says_the_same() -> None:
    with pytest.raises(
        InvalidInput, match=r'^S3CrossAccountCopyTaskGroup has other .*: use source="s3://raw/in/"; see'
    ):
        S3CrossAccountCopyTaskGroup("g", source_bucket_prefix="s3://raw/in/")


def test_every_name_of_the_object_operator_that_is_not_ours_has_advice() -> None:
    # S3CopyPrefixOperator is newer than the oldest amazon provider that is supported.
    theirs = set(S3CopyObjectOperator.__init__.__wrapped__.__kwdefaults__ or {})  # type: ignore[attr-defined]
    ours = set(S3CrossAccountCopyOperator.template_fields)
    assert {"source_bucket_name", "meta_data_directive"} <= theirs
    assert theirs - ours <= NAMES


def test_a_subclass_may_have_such_an_argument_of_its_own() -> None:
    class Named(S3CrossAccountCopyOperator):
        def __init__(self, *, source_bucket_name: str, **kwargs: Any) -> None:
            super().__init__(source=f"s3://{source_bucket_name}/in/", dest="s3://lake/out/", **kwargs)

    made: Any = Named
    assert made(task_id="t", source_bucket_name="raw").source == "s3://raw/in/"
    with pytest.raises(InvalidInput, match="dest_bucket_name"):
        refuse_renamed(Named, {"dest_bucket_name": "lake"})
