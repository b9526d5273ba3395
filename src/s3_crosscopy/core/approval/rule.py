"""Parses `approve`, the rule that says when a person is asked, and applies it to the totals of a plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.approval import PlanTotals
from s3_crosscopy.model.humanize import about_bytes
from s3_crosscopy.model.option_parsers import Size, count, show
from s3_crosscopy.model.template_values import is_none, literal

DELETES: Final = "deletes"
ALWAYS: Final = "always"
LIMITS: Final = ("objects", "bytes", "usd")
HELP: Final = "give 'deletes', 'always', or limits such as {'objects': 1000, 'bytes': '1TiB', 'usd': 50}"

_bytes = Size(0, 2**63)
_objects = count(0)


class ApprovalRule(NamedTuple):
    """A rule. Each limit is the largest plan that needs no approval, None for no limit."""

    always: bool = False
    deletes: bool = False
    objects: int | None = None
    bytes: int | None = None
    usd: float | None = None


def parse_rule(name: str, raw: object) -> ApprovalRule | None:
    """Parse a rule; None for no rule. Text may be a word, a mapping, or `objects=1000,usd=50`. Raises InvalidInput."""
    if raw is None or (isinstance(raw, str) and is_none(raw)):
        return None
    value = _value(raw.strip()) if isinstance(raw, str) else raw
    if value in (ALWAYS, DELETES):
        return ApprovalRule(always=value == ALWAYS, deletes=value == DELETES)
    if not isinstance(value, Mapping) or not value or not set(value) <= set(LIMITS):
        raise InvalidInput(f"{name}: {show(raw)} is no rule; {HELP}")
    return ApprovalRule(
        objects=_objects(name, value["objects"]) if "objects" in value else None,
        bytes=_bytes(name, value["bytes"]) if "bytes" in value else None,
        usd=_usd(name, value["usd"]) if "usd" in value else None,
    )


def reason_to_ask(plan: PlanTotals, rule: ApprovalRule) -> str:
    """Return why a person has to approve a plan, "" if the rule lets it pass. A plan that changes nothing passes."""
    changed = plan.objects + plan.deletes
    table = (
        (rule.always and changed > 0, "every plan needs an approval"),
        (rule.deletes and plan.deletes > 0, f"it deletes {plan.deletes:,} keys"),
        (_above(changed, rule.objects), f"it copies or deletes {changed:,} objects, more than {rule.objects}"),
        (_above(plan.bytes, rule.bytes), f"it copies {about_bytes(plan.bytes)}, more than {rule.bytes} bytes"),
        (rule.usd is not None and plan.usd is None and changed > 0, "its cost is not known"),
        (_above(plan.usd or 0, rule.usd), f"it costs about {plan.usd} USD, more than {rule.usd}"),
    )
    return next((why for holds, why in table if holds), "")


def _above(number: float, limit: float | None) -> bool:
    return limit is not None and number > limit


def _value(text: str) -> object:
    if text in (ALWAYS, DELETES):
        return text
    if text.startswith("{"):
        return literal(text)
    pairs = [part.partition("=") for part in text.split(",")]
    return {name.strip(): value.strip() for name, _, value in pairs}


def _usd(name: str, raw: object) -> float:
    try:
        number = float(raw) if isinstance(raw, (int, float, str)) and not isinstance(raw, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise InvalidInput(f"{name}: usd: expected an amount of US dollars, got {show(raw)}")
    return number
