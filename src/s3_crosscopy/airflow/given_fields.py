"""The template fields of a task: those that were given a value. A list of all would bury two values in fifty defaults.

A default of ours is no template, so nothing that has to be rendered is left out. A class of the user, below ours, may
have templates as defaults: what differs from our defaults counts as given.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any


class GivenFields:
    """The attribute `template_fields`: of an operator's class all names, of an operator those without their default.

    The defaults are those of the class that has this attribute, also for an operator of a class below it.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner

    def __get__(self, operator: Any, owner: type) -> tuple[str, ...]:
        if operator is None:
            return self._names
        defaults, values = _defaults(self._owner), vars(operator)
        assigned = (name for name in self._names if name in values)
        return tuple(name for name in assigned if not _is_default(values[name], defaults.get(name)))


def _is_default(value: object, default: object) -> bool:
    if value is None or default is None:
        return value is default
    return type(value) is type(default) and value == default


@cache
def _defaults(operator_class: type) -> Mapping[str, Any]:
    """The defaults of the arguments, of the class itself and of those below it. An argument without one has None."""
    defaults: dict[str, Any] = {}
    for base in reversed(operator_class.__mro__):
        init = vars(base).get("__init__")
        if init is not None:
            for name, parameter in inspect.signature(init).parameters.items():
                defaults[name] = None if parameter.default is inspect.Parameter.empty else parameter.default
    return defaults
