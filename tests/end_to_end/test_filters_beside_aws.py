"""Filters choose what aws-cli chooses, which runs beside: of a prefix by relative keys, of one object by its name."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy import copy
from s3_crosscopy.report.files import files_at
from s3_crosscopy.report.report_reader import read_rows
from tests.end_to_end.conftest import session_of
from tests.end_to_end.test_reports_on_moto import Layout
from tests.servers.moto import MotoServer

KEYS = ("orders.csv", "day=1/orders.csv", "day=1/orders.csv.bak", "day=2/a[1].csv", "day=2/.csv", "Orders.CSV")


@pytest.fixture(scope="module")
def layout(moto: MotoServer) -> Layout:
    layout = Layout(moto)
    layout.put(*KEYS)
    return layout


def aws_would_copy(layout: Layout, source: str, *filters: str) -> list[str]:
    """The relative keys that `aws s3 cp` (of one object) or `aws s3 sync` would copy."""
    account = layout.moto.dst
    env = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": account.access_key,
        "AWS_SECRET_ACCESS_KEY": account.secret_key,
        "AWS_SESSION_TOKEN": account.session_token or "",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    verb = "sync" if source.endswith("/") else "cp"
    aws = [str(Path(sys.executable).with_name("aws")), "--endpoint-url", layout.moto.endpoint_url, "s3", verb]
    done = subprocess.run(
        [*aws, "--dryrun", f"s3://{layout.source}/{source}", f"s3://{layout.dest}/out/", *filters],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return sorted(line.partition(f" to s3://{layout.dest}/out/")[2] for line in done.stdout.splitlines())


def we_would_copy(layout: Layout, source: str, tmp_path: Path, **options: Any) -> list[str]:
    report = copy(
        f"s3://{layout.source}/{source}",
        f"s3://{layout.dest}/out/",
        session=session_of(layout.moto.dst),
        endpoint_url=layout.moto.endpoint_url,
        dry_run=True,
        if_empty="succeed",
        report=str(tmp_path),
        **options,
    )
    assert report.empty is (report.counts["would_copy"] == 0)
    rows = read_rows(files_at(str(tmp_path / "dry-run"), lambda bucket: None, "report"), "report")
    return sorted(row.dest_key.removeprefix("out/") for row in rows)


ONLY = ("--exclude", "*", "--include")
"""What aws-cli needs for what our `include` alone does."""


@pytest.mark.parametrize(
    ("source", "ours", "theirs"),
    [
        ("in/", {"include": "*.csv"}, [*ONLY, "*.csv"]),
        ("in/", {"include": "day=1/*"}, [*ONLY, "day=1/*"]),
        ("in/", {"include": "in/*"}, [*ONLY, "in/*"]),
        ("in/", {"include": ["*.csv"], "exclude": ["day=2/*"]}, [*ONLY, "*.csv", "--exclude", "day=2/*"]),
        ("in/", {"exclude": "*/a[[]1].csv"}, ["--exclude", "*/a[[]1].csv"]),
        ("in/day=1/orders.csv", {"include": "*.csv"}, [*ONLY, "*.csv"]),
        ("in/day=1/orders.csv", {"include": "day=1/*"}, [*ONLY, "day=1/*"]),
        ("in/day=1/orders.csv", {"exclude": "*.csv"}, ["--exclude", "*.csv"]),
        ("in/day=1/orders.csv", {"exclude": "in/*"}, ["--exclude", "in/*"]),
    ],
)
def test_our_filters_choose_what_those_of_aws_cli_choose(
    layout: Layout, tmp_path: Path, source: str, ours: dict[str, Any], theirs: Sequence[str]
) -> None:
    assert we_would_copy(layout, source, tmp_path, **ours) == aws_would_copy(layout, source, *theirs)
