"""The operator's arguments: in step with the options, verbatim until they are rendered, refused clearly."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
from datetime import datetime
from importlib import import_module
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from airflow.sdk import DAG

import s3_crosscopy
from s3_crosscopy.access.preflight import MODES
from s3_crosscopy.airflow import S3CrossAccountCopyOperator
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model import option_types as words
from s3_crosscopy.model.option_parsers import Choice
from s3_crosscopy.model.option_table import NAMES, OPTIONS, REFUSED
from s3_crosscopy.model.options import parse_options
from tests.airflow.versions import AIRFLOW

SERIALIZED: Any = import_module("airflow.serialization.serialized_objects")
"""Its class has another name before Airflow 3.2."""
HINTED: dict[str, Any] = {"words": words, "Template": words.Template, "datetime": datetime, "EventSink": Any}
"""What the hints name that is imported for type checkers only."""
ARGUMENTS = inspect.signature(S3CrossAccountCopyOperator.__init__).parameters
OWN = [name for name, argument in ARGUMENTS.items() if argument.kind is argument.KEYWORD_ONLY]


def operator(**arguments: Any) -> Any:
    return S3CrossAccountCopyOperator(**{"task_id": "t", "source": "s3://raw/p/", "dest": "s3://lake/q/", **arguments})


def test_the_arguments_defaults_are_the_options_own() -> None:
    assert {option.name: option.default for option in OPTIONS} == {name: ARGUMENTS[name].default for name in NAMES}
    assert parse_options({name: getattr(operator(), name) for name in NAMES}) == parse_options({})


def test_every_argument_is_kept_verbatim_documented_and_templated() -> None:
    refused = {"approve"} if AIRFLOW < (3, 1) else set()
    given = {name: f"{{{{ {name} }}}}" for name in OWN if name not in refused}
    made = operator(**given)

    assert {name: getattr(made, name) for name in given} == given
    assert set(S3CrossAccountCopyOperator.template_fields) == set(OWN)
    for name in OWN:
        assert f":param {name}:" in (S3CrossAccountCopyOperator.__doc__ or "")


def test_templates_are_rendered_in_text_lists_and_mappings_and_other_values_stay() -> None:
    made = operator(
        source="s3://raw/dt={{ ds }}/",
        aws_conn_id="aws_{{ env }}",
        include=["{{ ds }}/*.csv", "b"],
        tags={"day": "{{ ds }}"},
        batch_size="{{ size }}",
        botocore_config={"retries": {"mode": "{{ mode }}"}, "max_pool_connections": 7},
        max_concurrency=8,
        dry_run=True,
    )

    made.render_template_fields({"ds": "2026-11-22", "env": "dev", "size": 50, "mode": "standard"})

    assert made.source == "s3://raw/dt=2026-11-22/"
    assert made.aws_conn_id == "aws_dev"
    assert made.include == ["2026-11-22/*.csv", "b"]
    assert made.tags == {"day": "2026-11-22"}
    assert made.botocore_config == {"retries": {"mode": "standard"}, "max_pool_connections": 7}
    assert (made.batch_size, made.max_concurrency, made.dry_run) == ("50", 8, True)
    assert (made.source_aws_conn_id, made.exclude, made.part_size) == (None, (), None)
    assert parse_options({name: getattr(made, name) for name in NAMES}).batch_size == 50


class DailyCopy(S3CrossAccountCopyOperator):
    """An operator as a user makes one: its defaults are templates."""

    def __init__(self, *, source: str = "s3://raw/dt={{ ds }}/", **kwargs: Any) -> None:
        super().__init__(source=source, report="s3://lake/{{ ds }}/", **kwargs)


def test_the_default_of_a_class_of_the_user_is_rendered_too() -> None:
    made = DailyCopy(task_id="daily", dest="s3://lake/q/")
    mapped: Any = DailyCopy.partial(task_id="m").expand(dest=["s3://lake/q/"])

    made.render_template_fields({"ds": "2026-11-22"})

    assert (made.source, made.report) == ("s3://raw/dt=2026-11-22/", "s3://lake/2026-11-22/")
    assert {"source", "report"} <= set(mapped.template_fields)


def test_the_types_of_few_words_are_the_words_that_are_read() -> None:
    hints = get_type_hints(S3CrossAccountCopyOperator.__init__.__wrapped__, localns=HINTED)  # type: ignore[attr-defined]
    choices = {option.name: option.parse.allowed for option in OPTIONS if isinstance(option.parse, Choice)}
    assert len(choices) > 10
    assert {name: words_of(hints[name]) for name in choices} == choices
    assert (
        words_of(hints["preflight"])
        == MODES
        == get_args(get_type_hints(s3_crosscopy.copy, localns=HINTED)["preflight"])
    )
    # A template is text, whatever it will be.
    assert [name for name in choices if str not in get_args(hints[name])] == []


def words_of(hint: Any) -> tuple[str, ...]:
    (literal,) = (one for one in get_args(hint) if get_origin(one) is Literal)
    return get_args(literal)


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_tool_refuses_is_told_apart_from_a_misspelt_argument(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{name}: .* not supported; [^\n]*$"):
        operator(**{name: "x"})


def test_a_misspelt_argument_is_airflows_own_error() -> None:
    with pytest.raises(TypeError, match="max_concurency"):
        operator(max_concurency=3)


def test_an_operator_survives_a_deep_copy_and_a_pickle_and_can_be_mapped() -> None:
    made = operator()
    assert copy.deepcopy(made).source == made.source
    assert pickle.loads(pickle.dumps(made)).source == made.source

    mapped: Any = S3CrossAccountCopyOperator.partial(task_id="m", dest="s3://lake/q/").expand(source=["s3://raw/p/"])
    assert mapped.operator_class is S3CrossAccountCopyOperator


def test_every_argument_is_an_attribute_with_a_type() -> None:
    declared = {name for cls in S3CrossAccountCopyOperator.__mro__ for name in inspect.get_annotations(cls)}
    assert set(S3CrossAccountCopyOperator.template_fields) <= declared


def test_a_dag_with_an_operator_as_it_is_and_mapped_can_be_serialized() -> None:
    headers = [("*.html", {"cache-control": "no-cache", "expires": None})]
    with DAG("copies", schedule=None) as dag:
        operator(headers=headers, overwrite="{{ params.how }}")
        S3CrossAccountCopyOperator.partial(task_id="mapped", dest="s3://lake/q/", headers=headers).expand(
            source=["s3://raw/p/"]
        )
    serialization = getattr(SERIALIZED, "DagSerialization", None) or SERIALIZED.SerializedDAG
    tasks = {task["__var"]["task_id"]: task["__var"] for task in serialization.to_dict(dag)["dag"]["tasks"]}
    assert tasks["t"]["overwrite"] == "{{ params.how }}"
    assert tasks["t"]["headers"] == [["*.html", {"cache-control": "no-cache", "expires": None}]]
    assert tasks["mapped"]["_is_mapped"]
    assert set(tasks["mapped"]["template_fields"]) == set(S3CrossAccountCopyOperator.template_fields)
    back = serialization.from_dict(serialization.to_dict(dag))
    assert {task.task_id for task in back.tasks} == {"t", "mapped"}


def test_parsing_a_dag_file_loads_neither_boto3_nor_the_amazon_provider() -> None:
    program = (
        "import sys, airflow.sdk\n"
        "from s3_crosscopy.airflow import S3CrossAccountCopyOperator as Operator\n"
        "Operator(task_id='t', source='s3://raw/p/', dest='s3://lake/q/')\n"
        "heavy = ('boto', 'airflow.providers.amazon.aws', 's3_crosscopy.adapters.boto', 's3_crosscopy.airflow.conn')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
