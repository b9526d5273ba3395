"""`s3-crosscopy plan` tells what a copy would do and cost, writes nothing, and reads well."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.cli.plan_text import money, plan_text, span
from s3_crosscopy.core.estimate.cost import Pricing, make_plan
from s3_crosscopy.core.estimate.dry_run_stats import DryRunStatsCollector
from s3_crosscopy.model.objects import Listed
from tests.cli.shell import Ended, Shell
from tests.servers.stub_server import StubServer
from tests.unit.plan_samples import prices, raw_prices, spec
from tests.unit.value_samples import MD5, THEN

KEYS = ("in/a", "in/b", "in/c.tmp")
WRITES = {"CopyObject", "CreateMultipartUpload", "PutObject", "DeleteObject", "PutObjectTagging"}


TIMES = re.compile(r"[\d.,]+ s, [\d,]+ objects/s")


def plan(shell: Shell, *arguments: str) -> Ended:
    access = ("--profile", "b", "--endpoint-url", shell.endpoint_url)
    return shell.run("plan", shell.source, shell.dest, *access, *arguments)


def test_a_plan_is_told_and_nothing_is_written(fronted: Shell, stub: StubServer) -> None:
    fronted.put(*KEYS)

    done = plan(fronted, "--exclude", "*.tmp")

    lines = done.out.splitlines()
    assert (done.code, fronted.copied()) == (0, {})
    assert lines[0] == f"dry run, nothing was written: {fronted.source} to {fronted.dest}"
    assert [" ".join(line.split()) for line in lines if "would copy: new" in line] == ["would copy: new 2 30 B"]
    assert [" ".join(line.split()) for line in lines if "filtered: filtered by glob" in line] != []
    assert any(line.startswith("  CopyObject, destination, STANDARD  ") for line in lines)
    assert "  - what this server costs: it is not AWS, and the prices are those of AWS" in lines
    assert not {request.operation for request in stub.requests} & WRITES


def test_a_dry_run_of_copy_tells_the_same_plan(shell: Shell) -> None:
    shell.put(*KEYS)

    planned, copied = (TIMES.sub("", one.out) for one in (plan(shell), shell.copy("--dry-run")))
    assert planned == copied


def test_json_has_the_plan_in_the_report(shell: Shell) -> None:
    shell.put(*KEYS)

    made = json.loads(plan(shell, "--json", "--rate", "2.5").out)

    assert (made["dry_run"], made["would_copy"], made["plan"]["to_copy"]["objects"]) == (True, 3, 3)
    assert made["plan"]["duration"] == {"seconds": 2.0, "requests_per_second": 2.5}
    assert [one["call"] for one in made["plan"]["requests"]] == ["ListObjectsV2", "ListObjectsV2", "CopyObject"]
    assert "plan" not in json.loads(shell.copy("--json").out)


def test_a_users_prices_replace_the_shipped_ones(shell: Shell, tmp_path: Path) -> None:
    shell.put(*KEYS)
    mine = tmp_path / "mine.json"
    mine.write_text(json.dumps(raw_prices(region="eu-central-1", currency="EUR")))

    made = json.loads(plan(shell, "--json", "--prices", str(mine)).out)["plan"]["cost"]

    assert (made["currency"], made["prices"]["region"]) == ("EUR", "eu-central-1")
    assert made["amount"] == 0.025  # two pages and three copies at 5.0 per 1,000


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--prices", "no-such-file"), "--prices: no-such-file cannot be read (No such file or directory)"),
        (("--rate", "fast"), "--rate: expected requests per second above 0, got 'fast'"),
        (("--rate", "0"), "--rate: expected requests per second above 0"),
        (("--dry-run",), "--dry-run: no such argument"),
        (("--overwrite", "maybe"), "--overwrite: 'maybe' is not one of"),
    ],
)
def test_a_wrong_argument_is_one_line_before_any_request(
    fronted: Shell, stub: StubServer, arguments: tuple[str, ...], says: str
) -> None:
    done = plan(fronted, *arguments)

    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert done.err.startswith(f"s3-crosscopy: {says}")
    assert stub.requests == []


def test_the_copy_itself_has_no_arguments_of_the_plan(shell: Shell) -> None:
    done = shell.copy("--prices", "x")

    assert (done.code, done.err) == (2, "s3-crosscopy: --prices: no such argument; did you mean '--profile'?\n")


def test_exit_codes_are_those_of_a_copy(shell: Shell, owners: tuple[Any, Any]) -> None:
    assert plan(shell).code == 3
    shell.put("in/a")
    bucket = shell.source.split("/")[2]
    owners[0].put_object(Bucket=bucket, Key="in/cold", Body=b"x", StorageClass="GLACIER")

    done = plan(shell)

    assert done.code == 1
    assert "failed: archived" in done.out
    assert plan(shell, "--archived", "skip").code == 0


def test_keys_that_would_come_out_too_long_are_counted_and_the_first_are_named(shell: Shell) -> None:
    deep, fits = "in/" + "k" * 1021, "in/k"
    shell.put(deep)
    shell.put(fits)

    done = shell.copy("--dry-run", dest=f"{shell.dest}deeper/")

    assert done.code == 1
    assert "failed: key too long" in done.out
    assert f"'{deep}': invalid (ListObjectsV2: KeyTooLongError the destination key would have 1," in done.err
    assert "shorten the destination prefix" in done.err


def test_quiet_prints_only_what_is_asked_for(shell: Shell) -> None:
    shell.put("in/a")

    assert plan(shell, "--quiet")[:2] == (0, "")


def test_a_dry_run_leaves_a_checkpoint_as_it_is(shell: Shell, tmp_path: Path) -> None:
    shell.put("in/a")
    file = tmp_path / "left.json"

    assert shell.copy("--dry-run", "--checkpoint", str(file)).code == 0
    assert not file.exists()


def test_a_plan_is_tables_and_words() -> None:
    made = spec(storage_class="GLACIER_IR", multipart_threshold="8MiB", verification="listing")
    taker = DryRunStatsCollector(made, by_key=False)
    for source in (
        Listed("p/a", 3, MD5, THEN),
        Listed("p/b", 20 * 2**20, f"{MD5}-4", THEN, "STANDARD_IA"),
        Listed("p/c", 5, MD5, THEN, "GLACIER", restored=True),
        Listed("p/d", 0, "", ""),
        Listed("p/e", 7, MD5, THEN, "EXPRESS_ONEZONE"),
    ):
        taker.enter("would_copy", "new", source)
        taker.would_copy(source, asked=False)
    taker.enter("skipped", "archived", Listed("p/f", 9, MD5, THEN, "GLACIER"))
    taker.enter("failed", "key too long", Listed("p/g", 11, MD5, THEN))
    pricing = Pricing(prices(), 0.01, "us-east-1", "eu-\x1b[2Jwest-1")

    text = plan_text(make_plan(made, taker.taken(), (1, 1), pricing, whole=False))

    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "\x1b" not in text
    assert lines[0] == "the run ended early: this plan covers only what was examined until then"
    assert "of these, copied in parts 1 20.0 MiB in at most 4 parts" in lines
    assert "of these, restored from an archive 1 5 B" in lines
    assert "not these, archived and not restored 1 9 B" in lines
    assert "not these, key too long at the destination 1 11 B" in lines
    assert "UploadPartCopy, destination, GLACIER_IR at most 4 at 20 per 1,000 0.08 USD" in lines
    assert "duration: at most 30 minutes at 0.01 requests a second; very large objects may take longer" in lines
    assert "GLACIER_IR 20.0 MiB at 0.5 a GB 0.01 USD for 90 days at least" in lines
    assert lines.index("not in the sum either:") < lines.index("- restoring 1 archived objects, which are not copied")
    columns = {len(line) for line in text.splitlines() if line.endswith(" USD") and " per 1,000" in line}
    assert len(columns) == 1, "amounts stand below each other"


def test_requests_without_a_price_are_counted_all_the_same() -> None:
    made = spec(storage_class="source", metadata="drop")
    taker = DryRunStatsCollector(made, by_key=False)
    source = Listed("p/e", 7, MD5, THEN, "EXPRESS_ONEZONE")
    taker.enter("would_copy", "new", source)
    taker.would_copy(source, asked=False)

    text = plan_text(make_plan(made, taker.taken(), (1, 1), Pricing(prices()), whole=True))

    assert "CopyObject, destination, EXPRESS_ONEZONE 1 no price" in [
        " ".join(line.split()) for line in text.splitlines()
    ]


def test_a_plan_without_prices_tells_its_requests() -> None:
    made = spec()
    text = plan_text(make_plan(made, DryRunStatsCollector(made, by_key=False).taken(), (1, 1), None, whole=True))

    assert text.splitlines() == [
        "requests:",
        "  ListObjectsV2, source       1",
        "  ListObjectsV2, destination  1",
        "  all requests                2",
    ]


def test_money_and_time_have_no_more_digits_than_an_estimate() -> None:
    assert [money(amount, "USD") for amount in (0, 0.001, 0.0349, 12.345, 98.76, 1234.5, 7654321)] == [
        "0.00 USD", "below 0.01 USD", "0.03 USD", "12.30 USD", "98.80 USD", "1,230 USD", "7,650,000 USD",
    ]  # fmt: skip
    assert [span(seconds) for seconds in (0, 71.7, 119, 150, 9000, 400_000)] == [
        "0 seconds", "72 seconds", "120 seconds", "2.5 minutes", "2.5 hours", "4.6 days",
    ]  # fmt: skip
