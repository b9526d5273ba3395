"""Every DAG of the pages and examples is made by every supported Airflow, and what it says of retries does the same.

`retry_exponential_backoff` is a bool in Airflow 3.0 and 3.1, which refuse a number while the DAG is parsed, and a
factor from 3.2 on, which still reads True as 2. The floor's run makes the same DAGs with Airflow 3.0 itself.
"""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.bases import operator
from airflow.serialization import serialized_objects

from s3_crosscopy.airflow import S3CrossAccountCopyOperator, S3CrossAccountCopyTaskGroup
from s3_crosscopy.airflow.base_operator import RETRIES_HINT
from s3_crosscopy.errors import InvalidInput
from tests.airflow.versions import AIRFLOW, cannot_make
from tests.docs.pages import BLOCKS, ROOT
from tests.docs.run_in_airflow import whole

DAG_FILES = sorted(path for path in (ROOT / "examples").rglob("*.py") if "dags" in path.parts)
SNIPPETS = [
    *((block.name, whole(block.code, number)) for number, block in enumerate(BLOCKS) if block.of_airflow),
    *((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in DAG_FILES),
]
# Where Airflow knows which types its arguments have, and the only one of them that changed.
TYPES, NAME = operator.BASEOPERATOR_ARGS_EXPECTED_TYPES, "retry_exponential_backoff"


class _BoolOrNotGiven(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, bool) or value == 0  # The default of Airflow 3.2 and later.


class Flag(metaclass=_BoolOrNotGiven):
    """What Airflow 3.0 and 3.1 take: a bool."""


SIGNATURES = [pytest.param(Flag, id="3.0 and 3.1"), pytest.param((int, float), id="from 3.2 on")]


@pytest.mark.parametrize("types", SIGNATURES)
@pytest.mark.parametrize(("name", "code"), SNIPPETS, ids=[name for name, _ in SNIPPETS])
def test_every_dag_of_the_pages_and_examples_is_made_by_every_airflow(
    monkeypatch: pytest.MonkeyPatch, name: str, code: str, types: Any
) -> None:
    why = cannot_make(code)
    if why and "approve=" not in code:
        pytest.skip(why)
    monkeypatch.setitem(TYPES, NAME, types)
    made = partial(exec, compile(code, name, "exec", dont_inherit=True), {"__name__": Path(name).stem})
    if why:
        with pytest.raises(InvalidInput, match="approve: needs Airflow 3"):
            made()
    else:
        made()


def test_the_pages_show_how_to_set_retries() -> None:
    assert sum(f"{NAME}=" in code for _, code in SNIPPETS) >= 5


@pytest.mark.parametrize("types", SIGNATURES)
def test_what_the_warning_of_a_task_without_retries_says_to_set_is_taken_by_every_airflow(
    monkeypatch: pytest.MonkeyPatch, types: Any
) -> None:
    monkeypatch.setitem(TYPES, NAME, types)
    said = re.search(r"set (?P<arguments>.+?): ", RETRIES_HINT)
    assert said is not None
    given: dict[str, Any] = eval(f"dict({said['arguments']})")
    made = S3CrossAccountCopyOperator(task_id="t", source="s3://raw/p/", dest="s3://lake/q/", **given)
    assert (made.retries, made.retry_exponential_backoff) == (3, True)


def test_true_doubles_the_delay_of_plain_and_mapped_tasks_and_of_a_group() -> None:
    places: dict[str, Any] = {"source": "s3://raw/p/", "dest": "s3://lake/q/"}
    with DAG("d", schedule=None) as dag:
        S3CrossAccountCopyOperator(task_id="a", retry_exponential_backoff=True, **places)
        S3CrossAccountCopyOperator.partial(task_id="m", retry_exponential_backoff=True, **places).expand(include=["a"])
        S3CrossAccountCopyTaskGroup("g", **places)
    # As the scheduler reads it, which is who waits. The class has another name before Airflow 3.2.
    known: Any = getattr(serialized_objects, "DagSerialization", None) or getattr(serialized_objects, "SerializedDAG")  # noqa: B009
    tasks = known.from_dict(json.loads(json.dumps(known.to_dict(dag)))).tasks
    doubling = (lambda value: value is True) if AIRFLOW < (3, 2) else (lambda value: value == 2.0)
    assert len(tasks) == 6
    assert [task.task_id for task in tasks if not doubling(task.retry_exponential_backoff)] == []
