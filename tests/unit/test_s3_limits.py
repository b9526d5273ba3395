from __future__ import annotations

import re
from pathlib import Path

import s3_crosscopy
from s3_crosscopy.model import s3_limits
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.operations import ListPage, Side
from s3_crosscopy.model.option_table import STORAGE_CLASSES

ROOT = Path(s3_crosscopy.__file__).parent


def test_a_page_of_a_listing_is_as_long_as_s3_makes_it() -> None:
    assert ListPage(Side.SOURCE, Bucket("b"), "").max_keys == s3_limits.PAGE_KEYS == 1000


def test_the_storage_classes_are_those_of_the_option() -> None:
    assert {s3_limits.STANDARD, *s3_limits.ARCHIVE_CLASSES} <= set(STORAGE_CLASSES)


def test_limits_and_names_are_defined_once() -> None:
    repeated = re.compile(r'^[A-Z_]*PAGE_KEYS\b.* = 1_?000$|\{"GLACIER", "DEEP_ARCHIVE"\}|"not reported by STS"', re.M)
    # The doubles check what the package sends, and know S3's limits by themselves.
    files = [path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] != "testing"]
    named = sorted(str(path.relative_to(ROOT)) for path in files if repeated.search(path.read_text(encoding="utf-8")))
    assert named == ["model/events.py", "model/s3_limits.py"]
