"""The parts of a self-test that do no I/O: its objects, its cost, its masks, its verdicts."""

from __future__ import annotations

import pytest

from s3_crosscopy.adapters.price_file import read_prices
from s3_crosscopy.model.location import MAX_KEY_BYTES
from s3_crosscopy.selftest.fact_table import FACTS
from s3_crosscopy.selftest.masking import masked
from s3_crosscopy.selftest.object_checks import same_layout
from s3_crosscopy.selftest.object_specs import object_specs
from s3_crosscopy.selftest.refusal_checks import REQUEST_CHECKS
from s3_crosscopy.selftest.selftest_cost import planned_requests, selftest_cost
from s3_crosscopy.selftest.selftest_run import SelftestResult
from s3_crosscopy.selftest.table_text import result_text
from s3_crosscopy.selftest.verdicts import Check, SelftestVerdict
from tests.keys.key_samples import CONTROL, NOT_IN_XML

PREFIX = "tmp/s3-crosscopy-selftest-0123456789abcdef/source/objects/"
SPECS = object_specs(PREFIX, "arn:aws:kms:eu-central-1:222222222222:key/x")


def test_the_objects_are_about_sixty_have_different_names_and_keys_and_are_small_together() -> None:
    assert 55 <= len(SPECS) <= 70
    assert len({spec.name for spec in SPECS}) == len({spec.key for spec in SPECS}) == len(SPECS)
    assert sum(spec.size for spec in SPECS) < 60 * 2**20


def test_the_keys_are_of_every_class_and_up_to_the_limit() -> None:
    keys = "\n".join(spec.key for spec in SPECS)
    assert max(len((PREFIX + spec.key).encode()) for spec in SPECS) == MAX_KEY_BYTES
    classes = ("//", "../", "./", "+", "%", "?", "#", "&", "é", "e\u0301", "😀")
    assert [text for text in classes if text not in keys] == []
    assert set(keys) & set(CONTROL)
    assert set(keys) & set(NOT_IN_XML)
    assert "" in {spec.key for spec in SPECS}


def test_a_body_names_its_object_and_has_the_size_of_its_parts() -> None:
    for spec in SPECS:
        assert spec.empty or spec.name.encode() in b"".join(spec.bodies())
        assert [len(body) for body in spec.bodies()] == (list(spec.parts) or [spec.size])
        assert all(size >= 5 * 2**20 for size in spec.parts[:-1]), "S3's smallest part"


@pytest.mark.parametrize(("parts", "same"), [((), True), ((5, 5, 1), True), ((5, 6, 1), False), ((5, 6), False)])
def test_parts_of_one_size_can_be_repeated(parts: tuple[int, ...], same: bool) -> None:
    assert same_layout(parts) is same


def test_it_costs_less_than_five_cents() -> None:
    cost = selftest_cost(planned_requests(SPECS), read_prices())

    assert 0 < cost.total < 0.05


def test_every_fact_is_checked_or_says_that_it_cannot_be() -> None:
    checked = {row.fact for row in REQUEST_CHECKS}
    assert checked <= FACTS.keys()


def test_account_ids_names_and_keys_are_masked_everywhere() -> None:
    value = {
        "left": ["s3://acme/tmp/x/source/a"],
        "rows": [{"seen": "arn:aws:kms:eu-central-1:222222222222:key/12-34", "n": 1}],
        "id": "0123456789abcdef0123456789012345",
    }

    assert masked(value, {"acme": "SOURCE-BUCKET", "tmp/x/source/": "SOURCE-PREFIX/"}) == {
        "left": ["s3://SOURCE-BUCKET/SOURCE-PREFIX/a"],
        "rows": [{"seen": "arn:aws:kms:eu-central-1:ACCOUNT:key/KEY", "n": 1}],
        "id": "0123456789abcdef0123456789012345",
    }


def test_a_row_says_what_differs_and_by_which_fact() -> None:
    check = Check("request.head.owner", "HEAD that expects another owner", "owner", "403")
    rows = check.judged("403"), check.judged("done"), check.not_tried("left out by --skip")
    assert [row.verdict for row in rows] == list(SelftestVerdict)
    result = SelftestResult(rows, ("s3://b/k: denied",), {}, {}, {}, 1.0)

    text = result_text(result)

    assert not result.ok
    assert FACTS["owner"].text in text
    assert "1 ok, 1 differs, 1 not tried" in text
    assert "1 things could not be removed; please remove them:\n  s3://b/k: denied" in text
