"""A wrong argument that is no template is told when the DAG is parsed, in one line with task and argument."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG, BaseOperator, task

from s3_crosscopy.airflow import S3CrossAccountCopyOperator, S3CrossAccountCopyTaskGroup
from s3_crosscopy.airflow.argument_checks import is_literal
from s3_crosscopy.airflow.compat import AirflowFailException
from s3_crosscopy.errors import InvalidInput
from tests.airflow.run_group import group
from tests.airflow.versions import dag_bag

ENOUGH_S = 0.002
"""For one operator; it takes about 0.1 ms, a third of what making one takes."""

WRONG = [
    ({"overwrite": "alway"}, "overwrite: 'alway' is not one of .*; did you mean 'always'?"),
    ({"source": "acme-raw/a/"}, "source: 'acme-raw/a/' is not an s3:// URL; "),
    ({"source": ""}, "source: is empty"),
    ({"dest": "s3://raw/p/"}, "dest: s3://raw/p/ is the source itself"),
    ({"include": 5}, "include: expected a glob "),
    ({"part_size": "2GiB", "multipart_threshold": "1GiB"}, "part_size: is above multipart_threshold"),
    ({"kms_key_id": "k", "report": "s3://r/{{ run_id }}/"}, "kms_key_id: needs kms_encryption_type"),
    ({"aws_conn_id": ""}, "aws_conn_id: '' is not a connection id; "),
    ({"source_aws_conn_id": 7}, "source_aws_conn_id: 7 is not a connection id; "),
    ({"preflight": "heavy"}, "preflight: 'heavy' is not one of 'off', 'light', 'full'"),
    ({"durable": "perhaps"}, "durable: expected true or false"),
    ({"resume": None}, "resume: expected true or false"),
    ({"progress_to_store": 3}, "progress_to_store: expected true or false"),
    ({"region_name": ""}, "region_name: is empty"),
]
WRONG_PAIRS = [
    ({"pairs": [("s3://raw/p/", "acme/q/")]}, "dest: 'acme/q/' is not an s3:// URL"),
    ({"pairs": [("s3://raw/p/",)]}, "pairs: .* is not a pair"),
    ({"pairs": [("{{ a }}", "{{ b }}"), ("s3://raw/p/", "acme/q/")]}, "dest: 'acme/q/' is not an s3:// URL"),
    ({"pairs": [("s3://raw/p/", "s3://lake/q/")], "source": "s3://raw/p/"}, "pairs: source and dest are given too"),
    ({"pairs": []}, "pairs: is empty"),
    ({"pairs": '[["s3://raw/p/", "s3://raw/p/"]]'}, "dest: s3://raw/p/ is the source itself"),
    ({"source": None}, "source: is missing"),
    ({"shards": 0}, "shards: 0 is out of range"),
    ({"overwrite": "alway"}, "overwrite: 'alway' is not one of "),
    ({"copy_last": 3}, "copy_last: expected a glob "),
]


def operator(**arguments: Any) -> Any:
    given = {"task_id": "copy_events", "source": "s3://raw/p/", "dest": "s3://lake/q/", **arguments}
    return S3CrossAccountCopyOperator(**given)


@pytest.mark.parametrize(("arguments", "line"), WRONG)
def test_a_wrong_literal_is_refused_when_the_dag_is_parsed(arguments: dict[str, Any], line: str) -> None:
    with pytest.raises(InvalidInput, match=rf"^task 'copy_events': {line}[^\n]*$"):
        operator(**arguments)


@pytest.mark.parametrize(("arguments", "line"), WRONG)
def test_so_is_one_that_all_mapped_tasks_share(arguments: dict[str, Any], line: str) -> None:
    # What is left out may be mapped.
    shared = {"source": "s3://raw/p/", "dest": "s3://lake/q/", "kind": "auto", "kms_encryption_type": None}
    given: dict[str, Any] = {**shared, **arguments}
    with pytest.raises(InvalidInput, match=rf"^task 'copy_events': {line}[^\n]*$"):
        S3CrossAccountCopyOperator.partial(task_id="copy_events", **given)


@pytest.mark.parametrize(("arguments", "line"), WRONG_PAIRS)
def test_so_are_those_of_a_task_group(arguments: dict[str, Any], line: str) -> None:
    with pytest.raises(InvalidInput, match=rf"^task 'copy\.plan': {line}[^\n]*$"):
        group(**arguments)


def test_default_args_are_checked_as_arguments() -> None:
    with DAG("d", schedule=None, default_args={"overwrite": "alway"}), pytest.raises(InvalidInput, match="overwrite: "):
        operator()


def test_airflow_shows_the_one_line_as_the_dags_import_error(tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text(
        "from airflow.sdk import DAG\nfrom s3_crosscopy.airflow import S3CrossAccountCopyOperator\n"
        "with DAG('wrong', schedule=None):\n    S3CrossAccountCopyOperator(\n"
        "        task_id='copy_events', source='s3://raw/p/', dest='s3://lake/q/', overwrite='alway'\n    )\n"
    )
    (error,) = dag_bag(file).import_errors.values()
    assert error.rstrip().splitlines()[-1] == (
        "s3_crosscopy.errors.InvalidInput: task 'copy_events': overwrite: 'alway' is not one of"
        " 'if_changed', 'always', 'never'; did you mean 'always'?"
    )
    assert error.count("Traceback") == 1


@pytest.mark.parametrize(
    "later",
    [
        {"overwrite": "{{ params.how }}"},
        {"source": "{{ params.source }}", "dest": "{% if x %}s3://lake/q/{% endif %}"},
        {"source": "acme-raw/{# a remark #}"},
        {"include": ["*.csv", "{{ 5 }}"], "tags": {"a": "{{ 5 }}"}},
        {"kms_key_id": "k", "kms_encryption_type": "{{ params.kms }}"},
        {"source": "s3://raw/p/", "dest": "{{ params.dest }}", "kind": "prefix"},
        {"overwrite": lambda context, jinja_env: "always"},
    ],
)
def test_a_template_waits_for_its_task(later: dict[str, Any]) -> None:
    made = operator(**later)
    assert {name: getattr(made, name) for name in later} == later


def test_what_another_task_or_the_run_gives_waits_too() -> None:
    with DAG("d", schedule=None, params={"how": "always"}) as dag:

        @task
        def where() -> str:
            return "s3://raw/p/"

        source: Any = where()
        made = operator(source=source, overwrite=dag.param("how"), include=[source, "*.csv"], tags={"of": source})
        S3CrossAccountCopyTaskGroup("g", pairs=[(source, "s3://lake/q/")], shards=source)
        S3CrossAccountCopyTaskGroup("h", pairs="{{ params.pairs }}", shards="{{ 3 }}")
        S3CrossAccountCopyTaskGroup("i", source="{{ params.source }}", dest="s3://lake/q/")
    assert made.upstream_task_ids == {"where"}


def test_a_template_is_checked_when_its_task_runs_and_fails_it_for_good() -> None:
    made = operator(overwrite="{{ how }}")
    made.render_template_fields({"how": "alway"})
    with pytest.raises(AirflowFailException, match=r"^overwrite: 'alway' is not one of .* did you mean 'always'\?$"):
        made.execute({})


def test_a_mapped_argument_is_checked_when_its_task_runs() -> None:
    with DAG("d", schedule=None):
        mapped: Any = S3CrossAccountCopyOperator.partial(
            task_id="m", dest="s3://lake/q/", kms_key_id="k", source="s3://raw/p/"
        ).expand(kms_encryption_type=["aws:kms", "aws:kmss"])
    assert mapped.unmap({"kms_encryption_type": "aws:kms"}).kms_encryption_type == "aws:kms"
    wrong = mapped.unmap({"kms_encryption_type": "aws:kmss"})
    with pytest.raises(AirflowFailException, match=r"^kms_encryption_type: 'aws:kmss' is not one of "):
        wrong.execute({})


def test_names_of_template_files_wait_in_an_operator_that_has_some() -> None:
    class OfFiles(S3CrossAccountCopyOperator):
        template_ext = (".txt",)

    made = OfFiles(task_id="t", source="where_from.txt", dest="s3://lake/q/")
    assert made.source == "where_from.txt"


def test_a_dag_that_spells_templates_in_its_own_way_is_not_checked_before_it_runs() -> None:
    with DAG("d", schedule=None, jinja_environment_kwargs={"variable_start_string": "[["}):
        assert operator(overwrite="[[ params.how ]]").overwrite == "[[ params.how ]]"


class Own(BaseOperator):
    template_fields = ("x",)


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        (None, True), (True, True), (5, True), (2.5, True), ("a", True), (b"a", True),
        (datetime(2026, 1, 1, tzinfo=timezone.utc), True), (["a", ("b",)], True), ({"a": {"b"}}, True),
        ("{{ a", False), ("{% a", False), ("{# a", False), (["a", ["{{ b }}"]], False), ({"a": ("{{ b }}",)}, False),
        (len, False), (Path("a"), False), (Own(task_id="own"), False),
    ],
)  # fmt: skip
def test_literal_is_what_airflow_leaves_as_it_is(value: object, literal: bool) -> None:
    assert is_literal(value) is literal


def test_the_check_costs_a_dag_file_next_to_nothing() -> None:
    made = operator(include=["*.csv"], tags={"a": "b"}, report="s3://reports/{{ run_id }}/")
    began = time.thread_time()
    for _ in range(100):
        made.check()
    assert (time.thread_time() - began) / 100 < ENOUGH_S


def test_what_checks_arguments_loads_nothing_that_asks_s3() -> None:
    program = (
        "import sys, s3_crosscopy.airflow.argument_checks\n"
        "heavy = ('boto', 'airflow.providers.amazon.aws', 's3_crosscopy.adapters', 's3_crosscopy.engine',"
        " 's3_crosscopy.api')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
