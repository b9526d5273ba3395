"""When a person is asked, which copy an approval covers, and what an answer says."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.plan_samples import spec

from s3_crosscopy.core.approval.answer import Answer, read_answer
from s3_crosscopy.core.approval.coverage import MAX_AGE_S, is_current, reason_beyond
from s3_crosscopy.core.approval.key_set import TAIL_BYTES, KeySet
from s3_crosscopy.core.approval.plan_markdown import plan_markdown
from s3_crosscopy.core.approval.rule import ApprovalRule, parse_rule, reason_to_ask
from s3_crosscopy.core.estimate.dry_run_stats import DryRunStatsCollector
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.approval import NO_DELETES, Approval, PlanTotals, approval_of, approval_to_json
from s3_crosscopy.model.extraneous import Extraneous
from s3_crosscopy.model.mirror_state import Deleting
from s3_crosscopy.model.plan import Cost, CostLine, Plan
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally

STATS = DryRunStatsCollector(spec(), by_key=False).taken()


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (None, None),
        ("None", None),
        ("deletes", ApprovalRule(deletes=True)),
        (" always ", ApprovalRule(always=True)),
        ({"objects": 5}, ApprovalRule(objects=5)),
        ("{'bytes': '1KiB', 'usd': 2}", ApprovalRule(bytes=1024, usd=2.0)),
        ('{"objects": "7"}', ApprovalRule(objects=7)),
        ("objects=7, usd=0.5", ApprovalRule(objects=7, usd=0.5)),
    ],
)
def test_a_rule_is_a_word_or_limits(raw: object, rule: ApprovalRule | None) -> None:
    assert parse_rule("approve", raw) == rule


@pytest.mark.parametrize(
    "raw", ["sometimes", "", {}, {"keys": 1}, 5, True, ["deletes"], {"usd": -1}, {"usd": True}, {"usd": "much"},
            {"objects": -1}, {"bytes": "x"}, "{", {"usd": float("inf")}, {"usd": 10**400}],
)  # fmt: skip
def test_anything_else_is_no_rule(raw: object) -> None:
    with pytest.raises(InvalidInput, match=r"^approve: "):
        parse_rule("approve", raw)


PLAN = PlanTotals(objects=10, bytes=1000, deletes=2, usd=1.5)


@pytest.mark.parametrize(
    ("plan", "rule", "why"),
    [
        (PLAN, ApprovalRule(always=True), "every plan needs an approval"),
        (PlanTotals(0, 0, 0), ApprovalRule(always=True), ""),
        (PLAN, ApprovalRule(deletes=True), "it deletes 2 keys"),
        (PLAN._replace(deletes=0), ApprovalRule(deletes=True), ""),
        (PLAN, ApprovalRule(objects=11), "it copies or deletes 12 objects, more than 11"),
        (PLAN, ApprovalRule(objects=12), ""),
        (PLAN, ApprovalRule(bytes=999), "it copies 1000 B, more than 999 bytes"),
        (PLAN, ApprovalRule(bytes=1000), ""),
        (PLAN, ApprovalRule(usd=1.4), "it costs about 1.5 USD, more than 1.4"),
        (PLAN, ApprovalRule(usd=1.5), ""),
        (PLAN._replace(usd=None), ApprovalRule(usd=100), "its cost is not known"),
        (PlanTotals(0, 0, 0), ApprovalRule(usd=0), ""),
    ],
)
def test_a_person_is_asked_if_the_plan_is_above_the_rule(plan: PlanTotals, rule: ApprovalRule, why: str) -> None:
    assert reason_to_ask(plan, rule) == why


CHANGED = "the plan has changed since it was approved: "


@pytest.mark.parametrize(
    ("now", "unapproved", "why"),
    [
        (PLAN, 0, ""),
        (PlanTotals(0, 0, 0, 0.0), 0, ""),
        (PLAN, 1, f"{CHANGED}it deletes 1 keys that the approved plan did not have"),
        (PLAN._replace(objects=11), 0, f"{CHANGED}it copies 11 objects, not 10"),
        (PLAN._replace(bytes=1050), 0, ""),
        (PLAN._replace(bytes=1051), 0, f"{CHANGED}it copies 1,051 bytes, not 1,000"),
        (PLAN._replace(usd=1.6), 0, f"{CHANGED}it costs about 1.6 USD, not 1.5"),
        (PLAN._replace(usd=None), 0, ""),
    ],
)
def test_an_approval_covers_what_is_not_larger(now: PlanTotals, unapproved: int, why: str) -> None:
    assert reason_beyond(PLAN, now, unapproved) == why


def test_an_approval_without_a_cost_covers_no_plan_with_one() -> None:
    assert reason_beyond(PLAN._replace(usd=None), PLAN, 0) == f"{CHANGED}its cost was not known then"


@pytest.mark.parametrize(
    ("mark", "now", "is_it"),
    [("m", 5.0, True), ("other", 5.0, False), ("m", 5 + MAX_AGE_S + 1, False), ("m", 4, False)],
)
def test_an_approval_is_of_one_copy_and_of_one_day(mark: str, now: float, is_it: bool) -> None:
    assert is_current(Approval("m", PLAN, given_s=5.0), mark, now) is is_it


@pytest.mark.parametrize(
    "approval",
    [Approval("m", PLAN), Approval("m", PLAN._replace(usd=None), Deleting("t", "x", (1, 2), 5, 6), "ann", 7)],
)
def test_an_approval_survives_its_form_in_json(approval: Approval) -> None:
    assert approval_of(approval_to_json(approval)) == approval


@pytest.mark.parametrize("kept", [None, {}, [], ["m", [1], None, "", 0], ["m", [1, 2, -3, None], None, "", 0], [1] * 5])
def test_anything_else_is_no_approval(kept: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        approval_of(kept)


USER = {"responded_by_user": {"id": "1", "name": "ann"}}
APPROVED: dict[str, Any] = {"chosen_options": ["Approve"], "params_input": {}, **USER}


@pytest.mark.parametrize(
    ("event", "is_shown", "answer"),
    [
        (APPROVED, True, Answer("", "ann")),
        ({**APPROVED, "params_input": {"plan": "c0de"}}, True, Answer("", "ann")),
        ({**APPROVED, "params_input": {"plan": " c0de "}}, False, Answer("", "ann")),
        (APPROVED, False, Answer("the approval is of another plan, not of c0de", "ann", again=True)),
        (
            {**APPROVED, "params_input": {"plan": "old"}},
            True,
            Answer("the approval is of another plan, not of c0de", "ann", again=True),
        ),
        ({**APPROVED, "responded_by_user": None}, True, Answer("")),
        ({"chosen_options": ["Reject"], **USER}, False, Answer("it was rejected by ann", "ann")),
        ({"chosen_options": ["Reject"]}, True, Answer("it was rejected")),
        ({"chosen_options": ["Reject"], "timedout": True}, True, Answer("nobody approved it in time")),
        ({"chosen_options": ["Approve"], "timedout": True}, True, Answer("nobody approved it in time")),
        ({"error": "x", "error_type": "timeout"}, True, Answer("nobody approved it in time")),
        ({"error": "x", "error_type": "unknown"}, True, Answer("the question could not be answered (x)")),
        ({}, True, Answer("it was rejected")),
    ],
)
def test_only_an_approval_of_this_plan_is_one(event: dict[str, Any], is_shown: bool, answer: Answer) -> None:
    assert read_answer(event, "c0de", is_shown=is_shown) == answer


def test_a_set_of_keys_has_what_was_added_with_this_etag() -> None:
    keys = KeySet()
    for number in range(3000):
        keys.add(f"k{number}", "e")

    assert all(keys.has(f"k{number}", "e") for number in range(3000))
    assert not any(keys.has(f"k{number}", "f") or keys.has(f"x{number}", "e") for number in range(3000))


def test_the_bytes_of_two_neighbours_are_no_key() -> None:
    keys = KeySet()
    keys.add("k", "e")
    ((bucket, tail),) = keys._buckets.items()
    keys._buckets[bucket] = bytearray(b"\0" + tail + b"\0" * (TAIL_BYTES - 1))
    assert not keys.has("k", "e")
    keys._buckets[bucket] += tail
    assert keys.has("k", "e")


def report(*, plan: Plan | None, first: tuple[str, ...] = (), **counts: int) -> Report:
    extraneous = Extraneous(len(first), first=first) if first else None
    values = {**Tally().as_dict(), **counts}
    return Report("s3://a/p/", "s3://b/q/", values, {}, {}, 0, 1.0, plan=plan, extraneous=extraneous)


def test_a_plan_is_shown_with_copies_deletes_and_cost() -> None:
    cost = Cost("USD", "2026", "us-east-1", "", (CostLine("copies", 1000, "requests", 0.005, 1000, ""),), (), ())
    plan = Plan(STATS, (), whole=True, cost=cost)
    first = ("q/a", "q/`*b\n# title")

    text = plan_markdown(report(plan=plan, first=first, skipped=4), PlanTotals(3, 2048, 2, 1.0), "it is large", "c0de")

    assert text.splitlines() == [
        "An approval is needed: it is large.",
        "",
        "    from s3://a/p/",
        "    to   s3://b/q/",
        "",
        "- would be copied: **3 objects, 2.0 KiB**",
        "- would be deleted: **2 keys**",
        "- estimated cost: **about 0.005 USD, without storage**",
        "- skipped: 4",
        "- plan: `c0de`",
        "",
        "First 2 keys that only the destination has:",
        "",
        "    q/a",
        r"    q/`*b\n# title",
    ]


@pytest.mark.parametrize("plan", [None, Plan(STATS, (), whole=True)])
def test_a_plan_without_cost_and_deletes_says_so(plan: Plan | None) -> None:
    text = plan_markdown(report(plan=plan), PlanTotals(3, 2048, 0), "", "c0de")

    assert "- estimated cost: **not known**" in text
    assert "First" not in text


def test_a_plan_whose_keys_are_not_known_names_none() -> None:
    assert "First" not in plan_markdown(report(plan=None), PlanTotals(0, 0, 1), "", "c0de")


def test_a_plan_without_deletes_approves_none() -> None:
    assert not sum(NO_DELETES.files)
