"""What a dry run says a copy would do is what the copy then does: objects, bytes, reasons, and each kind of request."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from s3_crosscopy.adapters.price_file import read_prices
from s3_crosscopy.api.estimating import EstimateRequest, pricing_of, requested
from s3_crosscopy.core.estimate.request_count import WRITES
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.dry_run import Sum
from s3_crosscopy.model.operations import ListPage, Side
from s3_crosscopy.model.plan import AT_LEAST, AT_MOST, Plan
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.testing import Counting, Fault, MemoryS3, sparse
from tests.engine.harness import Rig, keys
from tests.engine.test_manifests import named

MIB = 2**20
RESTORED = "restored"


def plan_of(report: Report) -> Plan:
    assert report.plan is not None
    return report.plan


def spent(rig: Rig) -> Counter[tuple[str, Side]]:
    """What was asked for since the last run began, of each side."""
    counted: Counter[tuple[str, Side]] = Counter()
    for side, port in ((Side.SOURCE, rig.source), (Side.DEST, rig.dest)):
        counted.update({(call, side): number for call, number in port.counts().items()})
    return counted


def held(rig: Rig, source: str = "s3://src/p/", dest: str = "s3://dst/q/", **options: Any) -> Plan:
    """Plan, copy, and compare the two; the plan."""
    before = rig.store.keys("dst")
    planned = rig.copy(source, dest, dry_run=True, **options)
    asked = spent(rig)
    assert rig.store.keys("dst") == before
    assert not {call for call, _ in asked} & set(WRITES)
    done = rig.copy(source, dest, **options)
    as_copied = {**planned.counts, "copied": planned.counts["would_copy"], "would_copy": 0}
    assert done.counts == as_copied
    assert done.decisions == planned.decisions
    _adds_up(planned)
    _same_requests(plan_of(planned), spent(rig))
    return plan_of(planned)


def _adds_up(report: Report) -> None:
    """The census counts every object that the report counts, under the same names."""
    plan = plan_of(report)
    assert plan.whole is not bool(report.stopped)
    found = {
        outcome: sum(one.objects for one in reasons.values())
        for outcome, reasons in plan.dry_run_stats.decisions.items()
    }
    assert {name: found.get(name, 0) for name in Tally.OUTCOMES} == {
        name: report.counts[name] for name in Tally.OUTCOMES
    }
    reasons: Counter[str] = Counter()
    for outcome, each in plan.dry_run_stats.decisions.items():
        if outcome != "missing":  # a tally has no reasons for these
            reasons.update({reason: one.objects for reason, one in each.items()})
    assert reasons == Counter(report.decisions)
    copied = Sum(report.counts["would_copy"], report.counts["bytes"])
    assert plan.dry_run_stats.to_copy == copied
    for rows in (plan.dry_run_stats.sizes, plan.dry_run_stats.classes):
        assert Sum(*map(sum, zip(*rows.values(), strict=True))) if rows else Sum() == copied


def _same_requests(plan: Plan, real: Counter[tuple[str, Side]]) -> None:
    planned: Counter[tuple[str, Side]] = Counter()
    bounds: dict[tuple[str, Side], str] = {}
    for one in plan.requests:
        planned[one.call, one.side] += one.number
        bounds[one.call, one.side] = bounds.get((one.call, one.side)) or one.bound
    for kind in planned | real:
        said = f"{kind}: {real[kind]} of {bounds.get(kind, '')} {planned[kind]}"
        if bounds.get(kind) == AT_MOST:
            assert real[kind] <= planned[kind], said
        elif bounds.get(kind) == AT_LEAST:
            assert real[kind] >= planned[kind], said
        else:
            assert real[kind] == planned[kind], said


def put(rig: Rig, number: int, what: str, name: str) -> None:
    """An object of the mix, and what the destination has of it."""
    store, key, there = rig.store, f"p/{number:03}{name}", f"q/{number:03}{name}"
    large: dict[str, dict[str, Any]] = {
        "large": {},
        "large in parts": {"parts": [5 * MIB] * 4},
        "large in uneven parts": {"parts": [5 * MIB, 6 * MIB, 9 * MIB]},
        "large in one part": {"parts": [20 * MIB]},
    }
    if what == "small in one part":
        store.put("src", key, sparse(7, key), parts=[7])
        return
    if what in large:
        store.put("src", key, sparse(20 * MIB, key), checksum="CRC32", **large[what])
    elif what == "archived":
        store.put("src", key, b"cold", storage_class="GLACIER")
    elif what == "unclear":
        store.put("src", key, sparse(20 * MIB, key), parts=[5 * MIB] * 4, checksum="CRC32")
        store.put("dst", there, sparse(20 * MIB, key), parts=[10 * MIB] * 2, checksum="CRC32")
    elif what == "unclear and small":
        store.put("src", key, key.encode(), encryption="aws:kms")
        store.put("dst", there, b"x" * len(key), encryption="aws:kms")
    else:
        size = {"empty": 0, "medium": 3 * MIB}.get(what, 7)
        store.put("src", key, sparse(size, key), storage_class="STANDARD_IA" if what == "medium" else "STANDARD")
        if what in ("same", "older", "other"):
            store.put("dst", there, sparse(size, "another" if what == "other" else key))
        if what == "other size":
            store.put("dst", there, b"shorter")


MIX = (
    "small", "empty", "medium", "same", "other", "other size", "large", "large in parts", "large in uneven parts",
    "large in one part", "small in one part", "archived", RESTORED, "unclear", "unclear and small",
)  # fmt: skip
NAMES = ("", ".tmp", ".last")
OPTIONS: dict[str, tuple[Any, ...]] = {
    "overwrite": ("if_changed", "always", "never"),
    "compare": ("auto", "etag", "size", "mtime"),
    "archived": ("fail", "skip"),
    "metadata": ("keep", "drop", {"team": "data"}),
    "headers": ((), {"expires": "0"}, [("*.tmp", {"expires": None}), ("*a*", {"content-type": "a"})]),
    "tags": ("keep", "drop", {"team": "data"}),
    "exclude": ((), "*.tmp"),
    "copy_last": ((), "*.last"),
    "part_size": (None, 5 * MIB, 7 * MIB),
    "preserve_etag": (False, True),
    "multipart_threshold": (8 * MIB, 64 * MIB),
    "storage_class": (None, "source", "STANDARD_IA"),
    "verification": ("responses", "listing"),
    "max_concurrency": (2, 64),
    "batch_size": (3, 1000),
}
WORLDS = st.lists(st.tuples(st.sampled_from(MIX), st.sampled_from(NAMES)), max_size=12)


def world(objects: list[tuple[str, str]], *, seed: int | None = None) -> Rig:
    rig = Rig(seed=seed)
    for number, (what, name) in enumerate(objects):
        put(rig, number, what, name)
    rig.clock.advance(2)
    _restore(rig, {f"p/{number:03}{name}" for number, (what, name) in enumerate(objects) if what == RESTORED})
    return rig


def _restore(rig: Rig, restored: set[str]) -> None:
    """The store has no restored objects: these are listed as such, and can be read."""
    listing = rig.source.list_page

    def list_page(op: ListPage) -> Any:
        page = listing(op)
        rows = [
            row._replace(storage_class="GLACIER", restored=True) if row.key in restored else row for row in page.objects
        ]
        return page._replace(objects=rows)

    rig.source.list_page = list_page  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, each in OPTIONS.items() for value in each], ids=str
)
def test_each_option_is_planned_for_every_kind_of_object(name: str, value: Any) -> None:
    held(world([(what, name) for what in MIX for name in NAMES]), **{"multipart_threshold": 8 * MIB, name: value})


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WORLDS, st.fixed_dictionaries({name: st.sampled_from(each) for name, each in OPTIONS.items()}))
def test_the_copy_does_what_was_planned(objects: list[tuple[str, str]], options: dict[str, Any]) -> None:
    held(world(objects), **{**options, **({"part_size": None} if options["preserve_etag"] else {})})


@pytest.mark.parametrize("what", ["small in one part", "large in one part", "large in parts", "large in uneven parts"])
@pytest.mark.parametrize("threshold", OPTIONS["multipart_threshold"])
def test_preserved_etags_are_planned_on_both_sides_of_the_threshold(what: str, threshold: int) -> None:
    plan = held(world([(what, ""), ("small", "")]), preserve_etag=True, multipart_threshold=threshold)
    assert plan.dry_run_stats.in_parts.objects == 1
    unsure = {"CopyObject", "UploadPartCopy"} if "one part" not in what and threshold > 20 * MIB else set()
    assert unsure <= {row.call for row in plan.requests if row.bound == AT_MOST}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("verification", OPTIONS["verification"])
def test_pages_are_planned_whatever_the_order_of_answers(seed: int, verification: str) -> None:
    rig = Rig(seed=seed)
    rig.seed_keys(*keys(2500))
    for key in keys(1700, "q/000"):
        rig.store.put("dst", key, b"other")
    held(rig, verification=verification, batch_size=100)
    held(rig, verification=verification, batch_size=100)


def test_a_second_plan_is_of_what_is_left() -> None:
    rig = Rig()
    rig.seed_keys(*keys(30))
    assert held(rig).dry_run_stats.decisions == {"would_copy": {"new": Sum(30, 90)}}
    rig.clock.advance(5)
    assert held(rig).dry_run_stats.decisions == {"skipped": {"same etag": Sum(30, 90)}}


@pytest.mark.parametrize("verification", OPTIONS["verification"])
@pytest.mark.parametrize("overwrite", OPTIONS["overwrite"])
def test_manifests_are_planned_by_their_heads(overwrite: str, verification: str) -> None:
    rig = Rig()
    rig.seed_keys(*keys(20))
    for key in keys(20)[:5]:
        rig.store.put("dst", key.replace("p/", "q/"), b"another size")
    named(rig, [*keys(30)[::2], "p/gone"])
    plan = held(rig, overwrite=overwrite, verification=verification)
    assert plan.dry_run_stats.decisions["missing"] == {"not at the source": Sum(6, 0)}
    assert {one.call for one in plan.requests} == {"HeadObject", "CopyObject"}


def test_a_manifests_objects_that_may_not_be_looked_at_fail_in_the_plan_as_in_the_copy() -> None:
    rig = Rig()
    rig.seed_keys("p/a", "p/b")
    rig.store.allow = lambda who, action, bucket, key: (who, action, key) != ("reader", "s3:GetObject", "p/b")
    named(rig, ["p/a", "p/b"])
    report = rig.copy(dry_run=True)
    assert (plan_of(report).dry_run_stats.to_copy, report.counts["failed"]) == (Sum(1, 3), 1)


@pytest.mark.parametrize("verification", OPTIONS["verification"])
@pytest.mark.parametrize("key", ["p/small", "p/large", "p/gone"])
def test_one_object_is_planned(key: str, verification: str) -> None:
    rig = Rig()
    rig.seed_keys("p/small")
    rig.store.put("src", "p/large", sparse(20 * MIB), checksum="CRC32")
    held(rig, f"s3://src/{key}", "s3://dst/q/", multipart_threshold=8 * MIB, verification=verification)


def test_parts_are_at_most_so_many_where_only_the_copy_sees_the_layout_of_the_source() -> None:
    plan = held(world([("large in uneven parts", ""), ("large", "")]), multipart_threshold=8 * MIB)
    assert (plan.dry_run_stats.in_parts, plan.dry_run_stats.parts, plan.dry_run_stats.parts_unsure) == (
        Sum(2, 40 * MIB),
        4,
        True,
    )
    assert [one.bound for one in plan.requests if one.call == "UploadPartCopy"] == [AT_MOST]


def test_archived_and_restored_objects_are_told_apart() -> None:
    plan = held(world([("archived", ""), ("archived", ""), (RESTORED, "")]), archived="skip")
    assert (plan.dry_run_stats.archived, plan.dry_run_stats.restored) == (Sum(2, 8), Sum(1, 7))
    assert plan.dry_run_stats.classes == {"GLACIER": Sum(1, 7)}


def test_markers_that_go_last_are_compared_in_a_dry_run_too() -> None:
    rig = world([("unclear and small", ".last")])
    assert held(rig, copy_last="*.last").dry_run_stats.decisions.keys() <= {"would_copy", "skipped"}
    assert rig.copy(copy_last="*.last", dry_run=True).decisions.get("etag unclear") is None


def test_a_dry_run_that_ends_early_plans_a_part_and_says_so() -> None:
    rig = Rig([Fault("ListObjectsV2", "AccessDenied", 403, key="q/")])
    rig.seed_keys(*keys(5))
    report = rig.copy(dry_run=True)
    assert report.stopped
    assert not plan_of(report).whole


def test_only_a_dry_run_has_a_plan() -> None:
    rig = Rig()
    rig.seed_keys(*keys(5))
    assert "plan" in rig.copy(dry_run=True).as_dict()
    real = rig.copy()
    assert real.plan is None
    assert "plan" not in real.as_dict()


def test_the_plan_of_many_objects_is_as_small_as_that_of_few() -> None:
    rig = Rig()
    rig.seed_keys(*keys(3000))
    assert len(str(rig.copy(dry_run=True).as_dict())) < 2000


def test_a_limit_of_requests_tells_how_long_it_takes() -> None:
    rig = Rig()
    rig.seed_keys(*keys(30))
    assert plan_of(rig.copy(dry_run=True)).duration is None
    duration = plan_of(rig.copy(dry_run=True, max_requests_per_second=8)).duration
    assert duration is not None
    assert (duration.seconds, duration.requests_per_second) == (4.0, 8.0)


@pytest.mark.parametrize(
    ("servers", "regions"),
    [
        pytest.param(["", ""], ("us-east-1", "eu-west-1"), id="AWS"),
        pytest.param(["https://s3.eu-west-1.amazonaws.com"], ("us-east-1", "eu-west-1"), id="AWS by its name"),
        pytest.param(["", "http://ceph:7480"], None, id="another server"),
    ],
)
def test_regions_are_asked_for_where_they_have_a_price(servers: list[str], regions: tuple[str, str] | None) -> None:
    rig = Rig()
    rig.store.create_bucket("far", region="eu-west-1")
    rig.copy(dry_run=True)
    assert rig.engine is not None
    spec = rig.engine.config.spec._replace(dest=rig.engine.config.spec.dest._replace(name="far", owner=None))
    made = pricing_of(spec, EstimateRequest(read_prices()), rig.source, rig.dest, servers)
    assert (made.source_region, made.dest_region) == (regions or (None, None))
    assert made.elsewhere is (regions is None)


def test_a_bucket_that_does_not_tell_its_region_has_none() -> None:
    rig = Rig()
    rig.copy(dry_run=True)
    assert rig.engine is not None
    spec = rig.engine.config.spec._replace(dest=rig.engine.config.spec.dest._replace(name="gone"))
    made = pricing_of(spec, EstimateRequest(read_prices()), rig.source, Counting(MemoryS3(rig.store, "copier")), [""])
    assert (made.source_region, made.dest_region) == ("us-east-1", None)


@pytest.mark.parametrize(("name", "given"), [("prices", {"prices": "mine.json"}), ("rate", {"rate": 5})])
def test_a_real_run_refuses_what_only_a_plan_needs(name: str, given: dict[str, Any]) -> None:
    real = resolve_spec("s3://src/p/", "s3://dst/q/", {})
    with pytest.raises(InvalidInput, match=rf"^{name}: means something only with dry_run=True$"):
        requested(real, **given)
    assert requested(real) is None


def test_a_plan_rests_on_the_shipped_prices_and_no_rate_unless_it_is_told_otherwise() -> None:
    dry = resolve_spec("s3://src/p/", "s3://dst/q/", {"dry_run": True})
    assert requested(dry) == EstimateRequest(read_prices(), None)
    assert requested(dry, rate="2.5") == EstimateRequest(read_prices(), 2.5)
