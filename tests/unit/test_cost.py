"""What a copy costs by given prices: a line where the quantity is known, words where it is not."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from tests.unit.plan_samples import prices, spec
from tests.unit.value_samples import listed

from s3_crosscopy.core.estimate.cost import ALWAYS_LEFT_OUT, GB, Pricing, make_plan
from s3_crosscopy.core.estimate.dry_run_stats import DryRunStatsCollector
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.option_table import MIB
from s3_crosscopy.model.plan import AT_LEAST, AT_MOST, Cost, CostLine, Plan, about
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally

HERE = {"source_region": "us-east-1", "dest_region": "us-east-1"}


def of_class(storage_class: str, size: int = GB, *, restored: bool = False) -> Listed:
    return listed(size=size)._replace(storage_class=storage_class, restored=restored)


def plan(
    *objects: Listed,
    pricing: dict[str, Any] | None = None,
    outcome: str = "would_copy",
    reason: str = "new",
    **given: Any,
) -> Plan:
    """Of objects of which each goes by CopyObject, unless the options say otherwise."""
    made = spec(**{"multipart_threshold": "5GiB", **given})
    taker = DryRunStatsCollector(made, by_key=False)
    for source in objects:
        taker.enter(outcome, reason, source)
        if outcome == "would_copy":
            taker.would_copy(source, asked=False)
    return make_plan(made, taker.taken(), (1, 1), Pricing(prices(), **{**HERE, **(pricing or {})}), whole=True)


def cost(*objects: Listed, **more: Any) -> Cost:
    found = plan(*objects, **more).cost
    assert found is not None
    return found


def line(found: Cost, what: str) -> CostLine:
    (one,) = [one for one in found.lines if what in one.label]
    return one


def whats(found: Cost) -> str:
    return "; ".join(one.label for one in found.lines)


def test_copies_are_billed_as_a_put_to_the_class_of_the_copy() -> None:
    found = cost(*[of_class("STANDARD", 0)] * 500, storage_class="GLACIER_IR")
    copies = line(found, "CopyObject")
    assert (copies.quantity, copies.price, copies.per, copies.amount) == (500, 20.0, 1000, 10.0)


def test_a_listing_is_billed_as_a_put_to_standard_whatever_the_class() -> None:
    assert line(cost(storage_class="GLACIER_IR"), "ListObjectsV2, source").amount == 0.005


def test_heads_are_billed_by_the_class_of_the_source() -> None:
    found = cost(*[of_class("STANDARD_IA", 0)] * 100, metadata="drop")
    assert line(found, "HeadObject").amount == pytest.approx(0.3)


def test_the_sum_is_that_of_the_lines() -> None:
    found = cost(*[listed(size=GB)] * 3, pricing={"dest_region": "us-west-2"})
    assert found.amount == pytest.approx(sum(one.amount for one in found.lines))
    assert found.as_dict()["amount"] == about(found.amount)
    assert (found.bound, found.date, found.region) == ("about", "2026-11-24", "us-east-1")


@pytest.mark.parametrize(
    ("given", "said", "bound"),
    [
        ({"kms_encryption_type": "aws:kms", "bucket_key_enabled": False}, "without Bucket Key", ""),
        ({"kms_encryption_type": "aws:kms:dsse"}, "without Bucket Key", ""),
        ({"kms_encryption_type": "aws:kms"}, "if there is no Bucket Key", AT_MOST),
    ],
)
def test_kms_costs_a_request_for_each_copy_without_a_bucket_key(given: dict[str, Any], said: str, bound: str) -> None:
    found = cost(*[listed()] * 500, **given)
    kms = line(found, "KMS")
    assert said in kms.label
    assert (kms.quantity, kms.amount, kms.bound) == (500, 1.5, bound)
    assert any("KMS for source objects" in one for one in found.left_out)


def test_how_often_an_upload_asks_kms_is_a_bound() -> None:
    found = cost(
        listed(size=20 * MIB), multipart_threshold=8 * MIB, part_size=5 * MIB, kms_encryption_type="aws:kms:dsse"
    )
    kms = line(found, "KMS")
    assert (kms.quantity, kms.bound) == (6, AT_MOST)
    assert found.bound == AT_MOST


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "KMS, if the source or the destination bucket encrypts"),
        ({"kms_encryption_type": "aws:kms", "bucket_key_enabled": True}, "by the Bucket Key"),
    ],
)
def test_kms_requests_that_nobody_can_count_are_said(given: dict[str, Any], said: str) -> None:
    found = cost(listed(), **given)
    assert "KMS" not in whats(found)
    assert any(said in one for one in found.left_out)


def test_what_copies_nothing_asks_no_kms() -> None:
    found = cost(kms_encryption_type="aws:kms")
    assert "KMS" not in f"{whats(found)} {found.left_out}"


def test_retrieval_is_billed_by_the_source_class_and_never_for_restored_archives() -> None:
    found = cost(of_class("STANDARD_IA", 2 * GB), of_class("STANDARD"), of_class("GLACIER", restored=True))
    assert [one.label for one in found.lines if "retrieval" in one.label] == ["retrieval from STANDARD_IA"]
    assert line(found, "retrieval").amount == 20.0


def test_empty_objects_cost_no_retrieval_and_no_transfer() -> None:
    found = cost(of_class("STANDARD_IA", 0), pricing={"dest_region": "us-east-2"})
    assert "retrieval" not in whats(found)
    assert "transfer" not in whats(found)


@pytest.mark.parametrize(
    ("source", "dest", "amount"),
    [
        ("us-east-1", "us-east-2", 1.0),
        ("us-east-1", "eu-west-1", 2.0),
        # The price for one destination is that from the Region of the prices, and from no other.
        ("eu-west-1", "us-east-2", 2.0),
    ],
)
def test_bytes_between_regions_are_billed(source: str, dest: str, amount: float) -> None:
    found = cost(listed(size=GB), pricing={"source_region": source, "dest_region": dest})
    assert line(found, f"transfer from {source} to {dest}").amount == amount


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"source_region": None}, "that of the source is not known"),
        ({"dest_region": None}, "that of the destination is not known"),
        ({"source_region": None, "dest_region": None}, "that of the source and destination is not known"),
    ],
)
def test_transfer_from_or_to_an_unknown_region_is_left_out_and_said(known: dict[str, None], said: str) -> None:
    found = cost(listed(size=GB), pricing=known)
    assert "transfer" not in whats(found)
    assert any(said in one for one in found.left_out)


def test_other_regions_than_that_of_the_prices_are_named() -> None:
    found = cost(listed(), pricing={"source_region": "eu-west-1", "dest_region": "eu-west-1"})
    assert "what eu-west-1 costs more or less than us-east-1" in found.left_out
    assert not any("more or less" in one for one in cost(listed()).left_out)


def test_another_server_than_aws_is_said_first_and_regions_are_not() -> None:
    found = cost(listed(), pricing={"elsewhere": True, "source_region": None, "dest_region": "x"})
    assert found.left_out[0] == "what this server costs: it is not AWS, and the prices are those of AWS"
    assert not any("Region" in one or "more or less" in one for one in found.left_out)


def test_storage_is_told_by_the_class_of_the_copies_and_not_added() -> None:
    found = cost(of_class("STANDARD", 2 * GB), of_class("STANDARD_IA", 2 * GB), storage_class="GLACIER_IR")
    (kept,) = found.storage
    assert (kept.storage_class, kept.gb, kept.price, kept.minimum_days, kept.amount) == (
        "GLACIER_IR",
        4.0,
        0.5,
        90,
        2.0,
    )
    assert found.amount == pytest.approx(sum(one.amount for one in found.lines))


def test_a_class_without_prices_is_named_instead_of_billed() -> None:
    found = cost(of_class("EXPRESS_ONEZONE"), storage_class="source")
    assert "requests of EXPRESS_ONEZONE, which the prices do not name" in found.left_out
    assert "EXPRESS_ONEZONE" not in whats(found)
    assert found.storage == ()


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("STANDARD_IA", "STANDARD_IA bill every object as 128 KiB at least, in storage"),
        ("DEEP_ARCHIVE", "DEEP_ARCHIVE bill 40 KiB more for each object, in storage"),
        ("INTELLIGENT_TIERING", "INTELLIGENT_TIERING's monthly fee for each object of 128 KiB and more"),
    ],
)
def test_what_a_class_adds_to_small_objects_is_said(wish: str, said: str) -> None:
    assert said in cost(listed(), storage_class=wish).left_out
    assert said not in cost(listed()).left_out


def test_archived_objects_are_said() -> None:
    archived = cost(listed(), outcome="skipped", reason="archived")
    assert any("restoring 1 archived" in one for one in archived.left_out)
    assert archived.left_out[-2:] == ALWAYS_LEFT_OUT


def test_contradicting_bounds_make_a_sum_that_is_about_right() -> None:
    lines = (CostLine("a", 1, "requests", 1, 1, AT_MOST), CostLine("b", 1, "requests", 1, 1, AT_LEAST))
    assert Cost("USD", "", "", "", lines, (), ()).bound == "about"
    assert Cost("USD", "", "", "", lines[:1], (), ()).bound == AT_MOST


def test_a_rate_tells_the_duration_and_the_runs_own_limit_does_where_there_is_none() -> None:
    many = [listed()] * 98
    assert plan(*many).duration is None
    for found in (plan(*many, pricing={"rate": 10.0}), plan(*many, max_requests_per_second=10)):
        assert found.duration is not None
        assert found.duration.as_dict() == {"seconds": 10.0, "requests_per_second": 10.0}
    both = plan(*many, pricing={"rate": 20.0}, max_requests_per_second=10).duration
    assert both is not None
    assert both.seconds == 5.0


def test_without_prices_there_is_no_cost() -> None:
    made = spec(max_requests_per_second=1)
    found = make_plan(made, DryRunStatsCollector(made, by_key=False).taken(), (1, 1), None, whole=False)
    assert (found.cost, found.whole) == (None, False)
    assert found.as_dict()["cost"] is None
    assert found.as_dict()["duration"] == {"seconds": 2.0, "requests_per_second": 1.0}


def test_the_json_of_a_plan_is_rounded_for_people() -> None:
    found = plan(*[of_class("STANDARD_IA", 123_456_789)] * 7, kms_encryption_type="aws:kms", storage_class="GLACIER_IR")
    made = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert made["whole"] is True
    assert made["to_copy"] == {"objects": 7, "bytes": 7 * 123_456_789}
    assert {one["side"] for one in made["requests"]} == {"source", "destination"}
    numbers = [one["amount"] for one in made["cost"]["lines"]] + [made["cost"]["amount"]]
    numbers += [one["amount_a_month"] for one in made["cost"]["storage"]]
    assert all(number == about(number) for number in numbers)
    assert made["duration"] is None


def test_the_summary_of_a_run_has_a_plan_only_if_the_run_has_one() -> None:
    made = Report("s3://src/p/", "s3://dst/q/", Tally().as_dict(), {}, {}, 0, 0.0, dry_run=True)
    assert "plan" not in made.as_dict()
    found = plan(listed())
    assert dataclasses.replace(made, plan=found).as_dict()["plan"] == found.as_dict()


def test_numbers_are_rounded_to_significant_digits() -> None:
    assert [about(12_345.678), about(0.00123456), about(0), about(98.76, 2)] == [12_300.0, 0.00123, 0.0, 99.0]
