"""Prices: the shipped file is dated and complete, and a bad one gives one line that says what to do."""

from __future__ import annotations

import datetime
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from tests.unit.plan_samples import prices, raw_prices

import s3_crosscopy
from s3_crosscopy.adapters.price_file import SHIPPED, read_prices
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.input_limits import PRICES
from s3_crosscopy.model.option_table import STORAGE_CLASSES
from s3_crosscopy.model.prices import NAMES, parse_prices


def test_the_shipped_prices_are_read_dated_and_complete() -> None:
    shipped = read_prices()
    assert datetime.date.fromisoformat(shipped.date) >= datetime.date(2025, 10, 1)
    assert (shipped.region, shipped.currency) == ("us-east-1", "USD")
    for table in (shipped.put_per_1000, shipped.get_per_1000, shipped.storage_per_gb_month):
        assert table.keys() == set(STORAGE_CLASSES)
        assert all(price > 0 for price in table.values())
    # The two that everybody knows, and the three classes that S3 bills retrieval from.
    assert (shipped.put_per_1000["STANDARD"], shipped.get_per_1000["STANDARD"]) == (0.005, 0.0004)
    assert shipped.retrieval_per_gb.keys() == {"STANDARD_IA", "ONEZONE_IA", "GLACIER_IR"}
    assert shipped.source.startswith("list prices of https://aws.amazon.com/")


def test_the_shipped_file_lies_in_the_package() -> None:
    assert (Path(s3_crosscopy.__file__).parent / SHIPPED).is_file()


def test_a_users_file_replaces_the_shipped_one(tmp_path: Path) -> None:
    mine = tmp_path / "mine.json"
    mine.write_text(json.dumps(raw_prices(region="eu-west-1", currency="EUR")))
    assert (read_prices(mine).region, read_prices(str(mine)).currency) == ("eu-west-1", "EUR")


def test_a_file_is_read_as_it_is_written() -> None:
    made = prices()
    assert {name: getattr(made, name) for name in NAMES} == raw_prices()


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ([], "holds list instead of an object"),
        ({**raw_prices(), "kms_per_1000": 1}, "has 'kms_per_1000', which is no price; did you mean 'kms_per_10000'?"),
        ({name: value for name, value in raw_prices().items() if name != "date"}, "has no 'date'; begin with a copy"),
        (raw_prices(date="November"), "'date' in f.json is 'November'; write the day as YYYY-MM-DD"),
        (raw_prices(date=20261124), "write the day as YYYY-MM-DD"),
        (raw_prices(region=" "), "'region' in f.json is ' '; write it as text"),
        (raw_prices(currency=1), "'currency' in f.json is 1; write it as text"),
        (raw_prices(put_per_1000=5), "'put_per_1000' in f.json is 5; it needs an object with numbers by name"),
        (raw_prices(get_per_1000={}), "'get_per_1000' in f.json has no 'STANDARD'; give its price"),
        (raw_prices(transfer_per_gb={"us-east-2": 1}), "'transfer_per_gb' in f.json has no 'other'; give its price"),
        (raw_prices(retrieval_per_gb={"GLACIER-IR": 1}), "which is no storage class; did you mean 'GLACIER_IR'?"),
        (raw_prices(transfer_per_gb={"other": "2"}), "'transfer_per_gb.other' in f.json is '2'; write a number"),
        (raw_prices(kms_per_10000=True), "'kms_per_10000' in f.json is True; write a number of at least 0"),
        (raw_prices(kms_per_10000=-1), "is -1; write a number of at least 0"),
        (raw_prices(kms_per_10000=math.inf), "is inf; write a number of at least 0"),
        (raw_prices(kms_per_10000=math.nan), "is nan; write a number of at least 0"),
    ],
)
def test_a_bad_entry_is_one_line_that_says_what_to_do(raw: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=f"^prices: .*{re.escape(says)}") as refused:
        parse_prices(raw, "f.json")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read (No such file or directory); name a readable file"),
        (b"{", "is no JSON (Expecting property name"),
        (b"\xff\xfe\x00", "is no UTF-8; start from a copy of the shipped one"),
        (b"[" * 10_000, "has more than 32 levels, the limit of nested JSON"),
        (b" " * (PRICES.most + 1), "has more than 1 MiB, the limit of a file of prices"),
        (b"[1]", "holds list instead of an object"),
    ],
)
def test_a_bad_file_is_one_line_that_names_it(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "mine.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidInput, match=re.escape(says)) as refused:
        read_prices(path)
    assert str(refused.value).startswith(f"prices: {path} ")
    assert "\n" not in str(refused.value)
