"""The asset events of a task's outlets: of a whole copy, with what was copied, and none when nothing was to be."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.sdk import Asset, AssetAlias

from s3_crosscopy.airflow import S3CrossAccountCopyOperator
from s3_crosscopy.airflow.compat import is_asset
from tests.airflow.observed_run import BYTES, DEST, KEYS, Observed
from tests.airflow.run_group import group

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("airflow")]


def test_an_event_says_what_was_copied_and_where_its_report_is(observed: Observed) -> None:
    assert observed.assets["copied"] == {"objects": KEYS, "bytes": BYTES, "report": f"{DEST}/reports/"}


def test_the_event_of_a_group_is_of_all_its_shards(observed: Observed) -> None:
    assert observed.assets["lake"] == {"objects": KEYS + 1, "bytes": BYTES + 1, "report": None}


def test_neither_a_dry_run_nor_a_failure_is_an_event(observed: Observed) -> None:
    assert set(observed.assets) == {"copied", "lake"}


def test_only_assets_and_references_to_them_have_events_of_ours() -> None:
    assert is_asset(Asset(name="a", uri="s3://a/b"))
    assert is_asset(Asset.ref(name="a"))
    assert not is_asset(AssetAlias("a"))
    assert not is_asset("s3://a/b")


def test_the_outlets_of_a_group_are_its_summarys() -> None:
    outlet = Asset(name="a", uri="s3://a/b")
    made = group(copy_last="x", task_kwargs={"outlets": [outlet]})
    assert {name: made[name].outlets for name in ("plan", "copy", "publish", "summary")} == {
        "plan": [], "copy": [], "publish": [], "summary": [outlet],
    }  # fmt: skip


def test_a_mapped_operator_has_lists_of_inlets_and_outlets() -> None:
    # Airflow fails a mapped task for which they are None before it begins.
    mapped: Any = S3CrossAccountCopyOperator.partial(task_id="t", source="s3://raw/b/").expand(dest=["s3://lake/d/"])
    assert (mapped.inlets, mapped.outlets) == ([], [])
