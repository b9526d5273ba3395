"""`make demo-access` as a newcomer runs it: every step holds, and nothing stays behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.rgw_install import ensure_ceph

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 600


def run_demo(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "examples.demo_access"],
        cwd=ROOT,
        env=environment | {"TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        # As in a log: what the commands say on either stream, in order.
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def left_behind(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith("s3-crosscopy-demo-access-")]


# The demo starts a gateway of its own: in the group of those who share one, so that there are not three at a time.
@pytest.mark.slow
@pytest.mark.rgw
@pytest.mark.xdist_group("rgw")
def test_the_story_holds_from_denied_to_copied_and_cleans_up(tmp_path: Path) -> None:
    ensure_ceph()

    done = run_demo(tmp_path, dict(os.environ))

    assert done.returncode == 0, done.stdout
    told = iter(done.stdout.splitlines())
    for line in (
        "$ s3-crosscopy copy s3://acme-raw/events/ s3://analytics-landing/events/ --profile copier --preflight light",
        "s3-crosscopy: HeadObject was denied for s3://acme-raw/events/",
        "the copier is missing permission s3:GetObject at the source bucket (arn:aws:s3:::acme-raw/events/*), and 1 more",  # noqa: E501
        "$ s3-crosscopy doctor s3://acme-raw/events/ s3://analytics-landing/events/ --profile copier",
        "  holds      copier s3:ListBucket on arn:aws:s3:::acme-raw: LIST",
        "  MISSING    copier s3:GetObjectTagging on arn:aws:s3:::acme-raw/events/*",
        "$ aws iam put-role-policy",
        "$ aws s3api put-bucket-policy --profile raw --bucket acme-raw --policy file://bucket.json",
        "$ s3-crosscopy copy s3://acme-raw/events/ s3://analytics-landing/events/ --profile copier --preflight light",
        "  copied                  25",
        "  equal on both sides",
        "no permission is known to be missing",
        "Everything holds: denied, explained, allowed, copied in ",
    ):
        # In this order: each is looked for behind the one before.
        assert any(one.startswith(line) for one in told), f"{line!r} is not told, or not there:\n{done.stdout}"
    assert left_behind(tmp_path) == []


def test_without_ceph_it_says_so_in_one_line(tmp_path: Path) -> None:
    # Neither Ceph nor apt-get is found on such a PATH. Under CI the line would say that as well.
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | {"PATH": str(tmp_path)}

    done = run_demo(tmp_path, environment)

    assert done.returncode == 1
    last = done.stdout.splitlines()[-1]
    assert last.startswith("demo-access: Ceph RGW is not installed: as root, apt-get install ")
    assert "Traceback" not in done.stdout
    assert left_behind(tmp_path) == []
