"""Checks the literal arguments of an operator while its DAG is parsed.

An error becomes an import error of the DAG, one line that names task and argument. Everything is checked again, with
every template rendered, when the task runs. Does not import boto3, because DAG files are parsed often.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Final, get_args

from s3_crosscopy.airflow.compat import is_unmapped, spells_templates_otherwise
from s3_crosscopy.airflow.human_input import check_available
from s3_crosscopy.airflow.renamed_arguments import refuse_renamed
from s3_crosscopy.core.approval.rule import parse_rule
from s3_crosscopy.core.known_arguments import check_known
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.option_table import NAMES
from s3_crosscopy.model.option_types import Preflight

SIDES: Final = ("source", "dest")
NO_GROUPS: Final = (
    "approve: the tasks of a group have no plan of the whole copy, because each lists its own keys; use one"
    " S3CrossAccountCopyOperator, or Airflow's ApprovalOperator before the group"
)
MARKS: Final = ("{{", "{%", "{#")
"""The opening delimiters of Jinja."""

RUN_ARGUMENTS: Final = (
    "aws_conn_id",
    "source_aws_conn_id",
    "region_name",
    "verify",
    "botocore_config",
    "durable",
    "resume",
    "progress_to_store",
    "preflight",
    "approve",
    "approve_timeout",
    "state",
)
"""The templated arguments of every operator besides the options: who copies, and how the task keeps its state."""


def _conn_id(name: str, raw: object) -> None:
    if not isinstance(raw, str) or raw.strip() == "":
        raise InvalidInput(f"{name}: {raw!r} is not a connection id; use the id of a connection, or None")


def _or_none(read: parse.Parser) -> parse.Parser:
    return lambda name, raw: None if raw is None else read(name, raw)


_READERS: Final[Mapping[str, parse.Parser]] = {
    "aws_conn_id": _or_none(_conn_id),
    "source_aws_conn_id": _or_none(_conn_id),
    "durable": parse.flag,
    "resume": parse.flag,
    "progress_to_store": parse.flag,
    "preflight": parse.Choice(*get_args(Preflight)),
    "region_name": _or_none(parse.text),
    "approve": parse_rule,
    "approve_timeout": parse.count(1),
    "state": _or_none(parse.text),
    "shards": parse.count(1),
}
"""The arguments that are not options and can be checked here. botocore checks the others when the task runs."""


def is_literal(value: object, template_ext: Sequence[str] = ()) -> bool:
    """True for a value that Airflow passes to the task unchanged: it renders, resolves or calls nothing in it.

    `template_ext`: file name extensions of templates, for an operator that has some.
    """
    if isinstance(value, str):
        return not value.endswith(tuple(template_ext)) and not any(mark in value for mark in MARKS)
    if isinstance(value, Mapping):
        return all(is_literal(element, template_ext) for element in value.values())
    if isinstance(value, (list, tuple, set, frozenset)):
        return all(is_literal(element, template_ext) for element in value)
    # XComArg, DagParam and literal() are resolved, callables called, and fields of objects rendered.
    return not (callable(value) or hasattr(value, "resolve") or hasattr(value, "template_fields"))


def check_arguments(
    arguments: Mapping[str, Any], places: Iterable[Mapping[str, object]], template_ext: Sequence[str] = ()
) -> None:
    """Check the literal `arguments`, and together with them each of the `places`: a source, a destination or both.

    Raises InvalidInput. Values that are missing in `arguments` or `places` may turn out to be anything.
    """
    known = {name: value for name, value in arguments.items() if is_literal(value, template_ext)}
    for name, read in _READERS.items():
        if name in known:
            read(name, known[name])
    options = {name: known[name] for name in NAMES if name in known}
    check_known(options)
    for place in places:
        check_known(options | {side: url for side, url in place.items() if is_literal(url, template_ext)})


def check_asking(approve: object, *, asks: bool) -> None:
    """Raise InvalidInput if `approve` is given to a task that cannot ask, or to an Airflow that cannot."""
    if approve is None:
        return
    if not asks:
        raise InvalidInput(NO_GROUPS)
    check_available()


class ArgumentChecksMixin:
    """Checks the arguments of an operator when it is created and when it is mapped."""

    placed: ClassVar[bool] = True
    """True for an operator with the arguments `source` and `dest`."""

    asks: ClassVar[bool] = True
    """True for an operator that can wait for an approval."""

    handed: ClassVar[frozenset[str]] = frozenset()
    """Arguments whose values come from upstream tasks; their names mean something else in other operators."""

    task_id: str
    source: str
    dest: str
    template_ext: Sequence[str]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """An operator, after a check of the names of its arguments: Airflow's own tells first what is missing."""
        with _named(kwargs.get("task_id")):
            refuse_renamed(cls, kwargs)
        return super().__new__(cls)

    @classmethod
    def partial(cls, **kwargs: Any) -> Any:
        """BaseOperator's own, after a check of the arguments that all mapped tasks share."""
        with _named(kwargs.get("task_id")):
            refuse_renamed(cls, kwargs)
            check_arguments(kwargs, [{side: kwargs[side] for side in SIDES if side in kwargs}], cls.template_ext)
            check_asking(kwargs.get("approve"), asks=cls.asks)
        return super().partial(**kwargs)  # type: ignore[misc]

    def check(self) -> None:
        """Check the literal arguments. Raises InvalidInput with the task's name."""
        # An unmapped operator is checked when it runs: an error raised here would not be one of Airflow's own.
        if is_unmapped(self) or spells_templates_otherwise(self):
            return
        with _named(self.task_id):
            names = [name for name in (*NAMES, *_READERS) if hasattr(self, name) and name not in self.handed]
            arguments = {name: getattr(self, name) for name in names}
            check_arguments(arguments, self.places(), self.template_ext)
            check_asking(getattr(self, "approve", None), asks=self.asks)

    def places(self) -> Iterable[Mapping[str, object]]:
        """Sources and destinations as far as the arguments name them. Raises InvalidInput if one is missing."""
        return [{side: getattr(self, side) for side in SIDES}] if self.placed else []


@contextmanager
def _named(task_id: object) -> Iterator[None]:
    """Put the name of the task in front of an InvalidInput."""
    try:
        yield
    except InvalidInput as error:
        # Without the cause: Airflow would show the whole chain instead of one line.
        raise InvalidInput(f"task {task_id!r}: {error}") from None
