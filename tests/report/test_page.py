"""The page of a report: everything is on it, nothing of it is from elsewhere, and no key can break out of its text."""

from __future__ import annotations

import json
import logging
import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.keys import AWKWARD
from tests.report.samples import a_report, any_rows, copied, failed, write_segment

from s3_crosscopy.adapters.sinks import NullSink
from s3_crosscopy.errors import RetryableFailure, S3Error
from s3_crosscopy.model.events import UNKNOWN_ARN, Event, Preflighted, Progress, Resumed, RunStarted
from s3_crosscopy.model.extraneous import Deletion, Extraneous
from s3_crosscopy.model.options import parse_options
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.model.run_record import AIRFLOW, COMMAND, RunInfo, TaskRun
from s3_crosscopy.model.since_result import SinceResult
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.model.version import VERSION
from s3_crosscopy.report.digest import Digest, Timeline
from s3_crosscopy.report.digester import Digester
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.report.page.html import element, escaped, joined
from s3_crosscopy.report.page.outcome_sections import NOTHING_TO_COPY
from s3_crosscopy.report.page.page import page
from s3_crosscopy.report.page.style import SCRIPT, STYLE
from s3_crosscopy.report.report_reader import FinishedReport, digest_of_parts, read_finished
from s3_crosscopy.report.report_writer import MOST_READ_AGAIN, StoredReport
from s3_crosscopy.report.run_info import MOST_SAMPLES, RunNotes

EVIL = "in/<script>alert(1)</script>\"'&\u202e\n</style><img src=x onerror=alert(1)>"
NOTHING = Digest(0, True, {}, {}, Timeline(0.25))


class Page(HTMLParser):
    """A page taken apart: its tags with their attributes, its text, and whether every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("style", "script"):
            self.texts.append(data)


@pytest.fixture
def folder(tmp_path: Path) -> FolderFiles:
    return FolderFiles(str(tmp_path / "report"))


def written(folder: FolderFiles) -> Page:
    return Page(Path(folder.where("report.html")).read_text(encoding="utf-8"))


def store(folder: FolderFiles, *segments: list[ReportRow], **more: Any) -> StoredReport:
    found = StoredReport(folder, **more)
    found.begin()
    for number, rows in enumerate(segments):
        write_segment(found, number, rows)
    return found


def finished(*rows: ReportRow, run: dict[str, Any] | None = None, **said: Any) -> FinishedReport:
    digester = Digester()
    digester.add(rows)
    said = {name.rstrip("_"): value for name, value in said.items()}
    return FinishedReport({**a_report().as_dict(), **said}, run or {}, digester.digest())


class TestThePage:
    def test_is_there_when_the_run_has_ended_and_says_what_was_done(self, folder: FolderFiles) -> None:
        rows = [copied(f"{n}", 1000)._replace(at_s=n / 10, took_s=n / 100) for n in range(1, 51)]
        store(folder, rows).finish(
            1, [failed("bad")], a_report(listed=53, copied=50, failed=1, skipped=2, bytes=50_000)
        )
        text = written(folder).text
        assert "53 listed = 50 copied + 2 skipped + 1 failed" in text
        assert "Not everything was copied: 1 failed" in text
        assert "s3://src/in/" in text
        assert "in/bad" in text
        assert "AccessDenied" in text
        assert "512 B to below 1 KiB" in text
        assert "500 ms" in text
        assert "0 to 250 ms" in text

    def test_needs_nothing_from_elsewhere_and_says_so_to_the_browser(self) -> None:
        taken = Page(page(finished(copied("a"))))
        for _, attributes in taken.tags:
            assert not {"src", "style", "onclick", "onerror"} & set(attributes)
            assert (attributes.get("href") or "#").startswith("#")
        assert "url(" not in STYLE
        assert "@import" not in STYLE
        (policy,) = [one["content"] for one in taken.of("meta") if one.get("http-equiv") == "Content-Security-Policy"]
        assert policy is not None
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy

    def test_shows_what_only_the_destination_has(self) -> None:
        seen = Extraneous(1200, 3, at_least=True, first=("out/x", "out/<y>"))
        text = Page(page(finished(copied("a"), extraneous=seen.as_dict()))).text
        assert "At least 1,200 keys at the destination are not at the source." in text
        assert "3 more are left out by a filter" in text
        assert "out/<y>" in text
        assert "undelete" not in text
        assert "Only at the destination" not in Page(page(finished(copied("a")))).text

    def test_shows_what_was_deleted_and_why_the_rest_was_not(self) -> None:
        deletion = Deletion(7, 2, 1, "stopped at 'out/z'", ok=False)
        seen = Extraneous(10, first=("out/x",), deletion=deletion)
        html = page(finished(copied("a"), extraneous=seen.as_dict(), ok=False))
        text = Page(html).text
        assert "Not everything that only the destination has was deleted: stopped at 'out/z'" in text
        assert "s3-crosscopy undelete takes back what was deleted" in text
        for label, number in (("deleted", 7), ("kept", 2), ("not deleted", 1)):
            assert re.search(rf">{label}<.*?>{number}<", html, re.DOTALL), label

    def test_shows_the_etags_that_were_kept_and_why_others_were_not(self) -> None:
        html = page(finished(copied("y"), copied=9, etags_kept=6, etags_not_kept={"parts of uneven sizes": 3}))
        assert "Copies by the source's ETag" in unescape(html)
        row = re.search(r"not kept.*?parts of uneven sizes", html, re.DOTALL)
        assert row is not None
        assert ">3<" in row[0]
        assert "parts of uneven sizes" not in page(finished(copied("y"), copied=9, etags_kept=9, etags_not_kept={}))

    @pytest.mark.parametrize("summary", [{}, {"etags_kept": None, "etags_not_kept": None}])
    def test_says_nothing_of_etags_without_preserve_etag(self, summary: dict[str, Any]) -> None:
        assert "Copies by the source" not in page(finished(copied("y"), **summary))

    def test_takes_a_key_for_text_whatever_it_holds(self) -> None:
        evil = failed("x")._replace(key=EVIL, message=EVIL, code=EVIL, reason=EVIL, request_id=EVIL, call=EVIL)
        html = page(
            finished(
                evil,
                copied("y")._replace(key=EVIL, took_s=1.0, reason=EVIL),
                run={
                    "options": {EVIL: EVIL}, "versions": {EVIL: EVIL}, "transport": EVIL,
                    "principals": {"copier": EVIL},
                },
                source=EVIL, dest=EVIL, stopped=EVIL, denial=EVIL, decisions={EVIL: 1}, verified_by={EVIL: 1},
                etags_kept=1, etags_not_kept={EVIL: 1},
                checked=1, unproven=[{"key": EVIL, "message": EVIL}],
            )
        )  # fmt: skip
        taken = Page(html)
        assert len(taken.of("script")) == len(taken.of("style")) == 1
        assert taken.of("img") == []
        assert "\u202e" not in html
        assert html.count(SCRIPT) == 1

    @given(st.lists(any_rows, max_size=5))
    def test_is_whole_html_of_any_rows(self, rows: list[ReportRow]) -> None:
        Page(page(finished(*rows)))

    @pytest.mark.parametrize("key", AWKWARD)
    def test_shows_every_key(self, key: str) -> None:
        Page(page(finished(failed("x")._replace(key=key))))

    def test_has_what_a_reader_without_eyes_or_without_a_script_needs(self) -> None:
        rows = [failed("x"), failed("y"), *(copied(f"{n}")._replace(at_s=n, took_s=n) for n in range(1, 9))]
        taken = Page(page(finished(*rows, listed=10, failed=2, copied=8)))
        assert taken.of("html") == [{"lang": "en"}]
        assert len(taken.of("title")) >= 1
        assert [len(taken.of(tag)) for tag in ("h1", "main", "header", "nav", "footer")] == [1] * 5
        assert len(taken.of("caption")) == len(taken.of("table"))
        assert all(one.get("scope") in ("col", "row") for one in taken.of("th"))
        assert all(one.get("role") == "img" and one.get("aria-labelledby") for one in taken.of("svg"))
        ids = [one["id"] for _, one in taken.tags if "id" in one]
        assert len(ids) == len(set(ids))
        named = {one.get(name) for _, one in taken.tags for name in ("for", "aria-labelledby", "data-filters")}
        assert {one for some in named if some for one in some.split()} <= set(ids)
        assert all((one["href"] or "")[1:] in ids for one in taken.of("a"))
        # What only a script can do is not shown before it runs.
        assert all("hidden" in one for one in taken.of("div") if "data-filters" in one)

    def test_of_the_same_report_is_the_same(self) -> None:
        report = finished(copied("a"), failed("b"))
        assert page(report) == page(report)

    def test_stays_small_however_many_rows_there_are(self) -> None:
        digester = Digester()
        for start in range(0, 200_000, 10_000):
            digester.add(
                failed(f"k{n}")._replace(code=f"E{n % 40}") if n % 2 else copied(f"k{n}")._replace(at_s=n, took_s=n)
                for n in range(start, start + 10_000)
            )
        assert len(page(FinishedReport(a_report().as_dict(), {}, digester.digest()))) < 1_000_000

    @pytest.mark.parametrize(
        ("said", "says"),
        [
            ({"ok": True, "listed": 1}, "Copied: everything has arrived"),
            ({"ok": True, "listed": 3, "failed": 2}, "Copied; 2 failed, which was allowed"),
            ({"ok": True, "listed": 1, "dry_run": True}, "Dry run: nothing was written"),
            ({"ok": False, "failed": 2, "dry_run": True}, "Dry run: not everything can be copied: 2 failed, 0 not"),
            ({"ok": True}, NOTHING_TO_COPY),
            ({"ok": True, "dry_run": True}, NOTHING_TO_COPY),
            ({"ok": True, "listed": 5, "filtered": 3, "missing": 2}, NOTHING_TO_COPY),
            ({"ok": False, "failed": 2, "not_attempted": 1}, "Not everything was copied: 2 failed, 1 not attempted"),
            ({"ok": False, "stopped": "too many failed"}, "Stopped early: too many failed"),
            ({"ok": False, "unproven": [{}]}, "The listing at the end does not verify every copy"),
        ],
    )
    def test_begins_with_how_the_run_ended(self, said: dict[str, Any], says: str) -> None:
        assert says in Page(page(finished(**said))).text

    @pytest.mark.parametrize(
        ("said", "options", "good"),
        [
            ({}, {}, False),
            ({}, {"if_empty": "succeed"}, True),
            ({"listed": 5, "filtered": 5}, {}, False),
            ({"listed": 5, "filtered": 5, "decisions": {"filtered by time": 5}}, {}, True),
            ({"since": {"short": True, "start": "k"}}, {}, True),
            ({"since": {"short": True, "start": ""}}, {}, False),
        ],
    )
    def test_calls_nothing_to_copy_a_success_only_where_it_is_one(
        self, said: dict[str, Any], options: dict[str, Any], good: bool
    ) -> None:
        html = page(finished(run={"options": options}, **said))
        assert f'class="verdict {"good" if good else "bad"}">{NOTHING_TO_COPY}<' in html

    def test_says_that_counts_do_not_add_up(self) -> None:
        assert "3 listed, but 1 copied: 2 are missing" in Page(page(finished(listed=3, copied=1))).text

    def test_says_how_many_failed_keys_it_leaves_out(self) -> None:
        text = Page(page(finished(failed("a"), failed=5))).text
        assert "1 of 5 failed keys are shown" in text

    def test_says_that_times_were_not_recorded(self) -> None:
        text = Page(page(finished(copied("a")))).text
        assert "When each object was copied was not recorded." in text
        assert "How long each object took was not recorded." in text

    def test_says_nothing_of_times_where_nothing_was_copied(self) -> None:
        skipped = copied("a")._replace(outcome="skipped", reason="same etag")
        html = page(finished(skipped, listed=1, skipped=1))
        assert "was not recorded" not in html.partition('id="pace"')[0]
        assert "Slowest keys" not in html
        assert "How long each object took was not recorded." in page(finished(failed("a"), listed=1, failed=1))

    def test_of_a_dry_run_is_the_plan_with_its_requests_and_its_cost(self) -> None:
        requests = {"call": "CopyObject", "side": "dest", "storage_class": "STANDARD", "number": 5, "bound": ""}
        unpriced = {"call": "GetObjectTagging", "side": "source", "storage_class": "X", "number": 2, "bound": "at most"}
        line = {"what": "CopyObject, dest, STANDARD", "quantity": 5.0, "unit": "requests", "price": 0.005, "per": 1000}
        traffic = {"what": "transfer", "quantity": 2.0, "unit": "GB", "price": 0.02, "per": 1, "bound": "at most"}
        storage = {"storage_class": "GLACIER", "gb": 2.0, "price": 1, "minimum_days": 90, "amount_a_month": 0.2}
        plan = {
            "whole": False,
            "requests": [requests, unpriced],
            "storage_classes": {"STANDARD": {"objects": 5, "bytes": 2048}},
            "in_parts": {"objects": 1, "bytes": 1024, "parts": 3, "at_most": True},
            "archived": {"objects": 2, "bytes": 0},
            "cost": {
                "amount": 1.5, "bound": "at most", "currency": "USD", "left_out": ["discounts"],
                "prices": {"region": "us-east-1", "date": "2026-01-01"}, "storage": [storage],
                "lines": [{**line, "amount": 0.000025, "bound": ""}, {**traffic, "amount": 0.04}],
            },
            "duration": {"seconds": 90.0, "requests_per_second": 100.0},
        }  # fmt: skip
        text = Page(page(finished(plan=plan, dry_run=True, would_copy=5))).text
        for says in (
            "Copy plan",
            "The run ended early",
            "Duration: 1 min 30 s at 100 requests a second",
            "Cost: at most 1.50 USD, by prices of us-east-1 of 2026-01-01.",
            "Not in the sum: discounts.",
            "CopyObject, dest, STANDARD 5 0.005 per 1,000 below 0.01 USD",
            "transfer at most 2.0 GiB 0.02 a GB 0.04 USD",
            "GetObjectTagging, source, X at most 2",
            "GLACIER 2.0 GiB 0.20 USD for 90 days at least",
            "STANDARD 5 (2.0 KiB)",
            "of these, copied in parts 1 (1.0 KiB), in at most 3 parts",
            "not these: archived, not restored 2 (0 B)",
            "cost at most 1.50 USD",
        ):
            assert says in text
        assert "was not recorded" not in text
        assert text.index("Plan and cost") < text.index("Objects by outcome")

    def test_of_a_cost_below_a_cent_has_no_second_bound(self) -> None:
        plan = {"cost": {"amount": 0.001, "bound": "about", "currency": "USD"}}
        text = Page(page(finished(plan=plan, dry_run=True))).text
        assert "Cost: below 0.01 USD." in text
        assert "about below" not in text

    def test_of_a_dry_run_without_prices_says_so(self) -> None:
        plan: dict[str, object] = {"requests": [], "cost": None, "duration": None}
        assert "No cost: " in Page(page(finished(plan=plan, dry_run=True))).text

    def test_says_when_it_was_and_which_task_made_it(self) -> None:
        task = TaskRun("sales", "manual__1", "copy", 3, 2)
        info = RunInfo(AIRFLOW, task, "arn:c", "arn:r", "s3://r/1/", 1_767_225_600.0, 1_767_225_660.0, "2025-12-31T01")
        text = Page(page(finished(copied("a"), run_=info.as_dict()))).text
        assert "2026-01-01 00:00:00 to 2026-01-01 00:01:00 UTC, task sales.copy[3], try 2, run manual__1" in text
        for says in ("start 2026-01-01 00:00:00 UTC", "DAG sales", "map index 3", "try 2", "signed the copies arn:c"):
            assert says in text
        assert f"s3-crosscopy {VERSION}" in text

    def test_says_that_the_command_made_it(self) -> None:
        info = RunInfo(COMMAND, started=1_767_225_600.0, ended=1_767_225_600.0)
        text = Page(page(finished(copied("a"), run_=info.as_dict()))).text
        assert "2026-01-01 00:00:00 to 2026-01-01 00:00:00 UTC, by s3-crosscopy" in text
        assert "map index" not in text

    def test_has_no_row_of_zeros_that_cannot_apply(self) -> None:
        html = page(finished(copied("a"), listed=1, copied=1))
        labels = re.findall(r'<th scope="row" class="text">([^<]*)</th>', html.partition("Objects by reason")[0])
        assert labels[:3] == ["copied", "skipped", "failed"]
        assert not {"would copy", "held back", "missing", "filtered", "not attempted"} & set(labels)
        assert "held back" in Page(page(finished(copied("a"), held_back=1))).text

    def test_counts_equal_messages_of_failed_keys(self) -> None:
        rows = [failed(f"{n}")._replace(message=f"no access to in/{n}") for n in range(300)]
        html = page(finished(*rows, failed("x")._replace(message="gone"), failed=301))
        assert "Failed keys by message" in html
        assert re.search(r">no access to KEY</th><td[^>]*>300</td>.*?>in/0<", html)
        assert "Failed keys by message" not in page(finished(failed("x"), failed=1))

    @pytest.mark.parametrize(
        ("key", "message", "alike"),
        [
            ("e", "Access Denied", "Access Denied"),
            ("e", "no 'e' here", "no 'KEY' here"),
            ("denied", "denied", "denied"),
            ("in/a", "no in/a", "no KEY"),
            ("in12345678", "no in12345678", "no KEY"),
            ("", "no key", "no key"),
        ],
    )
    def test_takes_no_part_of_a_word_for_the_key(self, key: str, message: str, alike: str) -> None:
        digester = Digester()
        digester.add([failed("x")._replace(key=key, message=message)])
        assert [row.message for row in digester.digest().messages] == [alike]

    @pytest.mark.parametrize(
        ("since", "says"),
        [
            (SinceResult(True, before="2026-01-01T00:00:00.000Z"), "Objects that are older than 2026-01-01T"),
            (SinceResult(True, start="in/k"), "Keys before in/k were not listed."),
            (SinceResult(False, "a week has passed"), "A full look at everything, because a week has passed."),
            (SinceResult(False, "x", missed=2, first=("in/a",), at_least=True), "had missed at least 2 keys."),
            (SinceResult(False, "x", next_start="in/z"), "The next run may start at the key in/z."),
        ],
    )
    def test_says_how_far_it_looked_back(self, since: SinceResult, says: str) -> None:
        text = Page(page(finished(copied("a"), since=since.as_dict()))).text
        assert says in text
        assert "New since the last run" not in Page(page(finished(copied("a"), since=None))).text

    @pytest.mark.parametrize("odd", [None, 1, "x", [], [1], {"a": []}, True])
    def test_of_files_that_somebody_edited_leaves_out_what_is_no_value(self, odd: Any) -> None:
        said = dict.fromkeys(a_report().as_dict(), odd)
        run = dict.fromkeys(("options", "versions", "principals", "transport", "window"), odd)
        Page(page(FinishedReport({**said, "plan": odd}, run, NOTHING)))

    def test_shows_how_the_window_went(self) -> None:
        text = Page(
            page(finished(run={"window": [[5.0, 64, 0], [10.0, 128, 3]], "transport": "boto3: requested"}))
        ).text
        assert "64 to 128 allowed" in text
        assert "128 (3 throttled so far)" in text
        assert "boto3: requested" in text


class TestWhatStandsBesideTheIndex:
    def test_is_made_after_it_and_nothing_is_lost_without_it(
        self, folder: FolderFiles, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write = FolderFiles.write

        def refused(self: FolderFiles, name: str, data: bytes) -> None:
            if name == "report.html":
                raise RetryableFailure("report: no space left")
            write(self, name, data)

        monkeypatch.setattr(FolderFiles, "write", refused)
        with caplog.at_level(logging.WARNING, "s3_crosscopy"):
            store(folder, [copied("a")]).finish(1, [], a_report())
        assert read_finished(folder).digest.rows == 1
        assert "could not be written (s3-crosscopy report makes it, too): report: no space left" in caplog.text

    def test_is_the_same_when_it_is_read_back_with_and_without_the_digest(self, folder: FolderFiles) -> None:
        store(folder, [copied("a"), copied("b")]).finish(1, [failed("c")], a_report())
        kept = read_finished(folder)
        Path(folder.where("digest.json")).unlink()
        assert read_finished(folder) == kept

    @pytest.mark.parametrize("data", [b"{", b"[]", b'{"index_sha256": "x"}', b"\xff"])
    def test_is_not_believed_when_it_is_of_something_else(self, folder: FolderFiles, data: bytes) -> None:
        store(folder, [copied("a")]).finish(1, [], a_report())
        folder.write("digest.json", data)
        assert read_finished(folder).digest.rows == 1

    def test_of_an_older_index_is_not_taken_for_that_of_a_new_one(self, folder: FolderFiles) -> None:
        store(folder, [copied("a")]).finish(1, [], a_report())
        older = Path(folder.where("digest.json")).read_bytes()
        store(folder, [copied("a"), copied("b")]).finish(1, [], a_report())
        folder.write("digest.json", older)
        assert read_finished(folder).digest.rows == 2

    def test_counts_the_rows_of_earlier_attempts(self, folder: FolderFiles) -> None:
        store(folder, [copied("a")], [copied("b")])
        retry = StoredReport(folder)
        retry.begin(resumed=True)
        write_segment(retry, 2, [copied("c")])
        retry.finish(3, [], a_report())
        assert read_finished(folder).digest.rows == 3
        assert "rows only" not in written(folder).text

    def test_says_that_earlier_attempts_had_too_many_rows(self, folder: FolderFiles) -> None:
        earlier = MOST_READ_AGAIN + 1
        store(folder, *([copied(f"{n}")] for n in range(earlier)))
        retry = StoredReport(folder)
        retry.begin(resumed=True)
        retry.finish(earlier, [failed("z")], a_report())
        assert "are of 1 rows only" in written(folder).text
        # Whoever asks later has the time.
        assert read_finished(folder).digest.rows == earlier + 1

    def test_does_without_rows_that_may_not_be_read(self, folder: FolderFiles) -> None:
        store(folder, [copied("a")])

        class WriteOnly(FolderFiles):
            def open(self, name: str) -> Any:
                raise S3Error(
                    call="GetObject", bucket="b", key=name, code="AccessDenied", status=403, message="no",
                    reason=Reason.DENIED,
                )  # fmt: skip

        retry = StoredReport(WriteOnly(folder.where()))
        retry.begin(resumed=True)
        retry.finish(1, [], a_report())
        assert read_finished(folder).digest.rows == 1

    def test_is_not_whole_when_a_segment_was_written_twice(self, folder: FolderFiles) -> None:
        twice = store(folder, [copied("a")])
        write_segment(twice, 0, [copied("b")])
        twice.finish(1, [], a_report())
        assert read_finished(folder).digest.rows == 1

    def test_of_several_reports_comes_to_one(self, tmp_path: Path) -> None:
        parts = [FolderFiles(str(tmp_path / name)) for name in "ab"]
        for part in parts:
            store(part, [copied("x", 8)]).finish(1, [failed("y")], a_report())
        digest = digest_of_parts(parts)
        assert (digest.rows, digest.whole) == (4, True)
        assert digest.of_outcome("copied") == (2, 16)


class TestWhatIsToldOfTheRun:
    def notes(self, *events: Event, **more: Any) -> RunNotes:
        notes = RunNotes(NullSink(), parse_options({"max_concurrency": 8, "exclude": ["*.tmp"]}), **more)
        for event in events:
            notes.emit(event)
        return notes

    def test_is_in_the_index_and_on_the_page(self, folder: FolderFiles) -> None:
        started = RunStarted("s3://a/", "s3://b/", "prefix", "fast: libcurl/8", False)
        notes = self.notes(Preflighted("light", "arn:aws:iam::1:role/copier", "arn:aws:iam::2:role/reader"), started)
        store(folder, [copied("a")], run_info=notes.run_info).finish(1, [], a_report())
        run = json.loads(Path(folder.where("index.json")).read_bytes())["run"]
        assert run["options"] == {"exclude": ["*.tmp"], "max_concurrency": 8}
        text = written(folder).text
        for says in ("role/copier", "role/reader", "fast: libcurl/8", "max_concurrency 8", "boto3", "Python"):
            assert says in text

    def test_passes_every_event_on(self) -> None:
        seen: list[Event] = []

        class Sink:
            def emit(self, event: Event) -> None:
                seen.append(event)

        event = Resumed(5, 20.0)
        RunNotes(Sink(), parse_options({})).emit(event)
        assert seen == [event]

    @pytest.mark.parametrize(
        ("asked", "told"), [(("arn:c", "arn:r"), ("arn:c", "arn:r")), ((None, None), (UNKNOWN_ARN, UNKNOWN_ARN))]
    )
    def test_asks_who_signs_when_no_preflight_has_told(self, asked: Any, told: tuple[str, str]) -> None:
        principals = self.notes(principals=lambda: asked).run_info()["principals"]
        assert (principals["copier"], principals["reader"]) == told

    def test_asks_nobody_when_a_preflight_has_told(self) -> None:
        def never() -> tuple[str | None, str | None]:
            raise AssertionError("asked")

        assert self.notes(Preflighted("light", "c", "r"), principals=never).run_info()["principals"]["reader"] == "r"

    def test_counts_the_time_of_earlier_attempts(self) -> None:
        progress = Progress(Tally().as_dict(), 5.0, 1, 1, 1, throttled=2, window=64)
        assert self.notes(Resumed(10, 100.0), progress).run_info()["window"] == [[105.0, 64, 2]]

    def test_keeps_only_so_many_samples_of_any_run(self) -> None:
        notes = self.notes(*(Progress(Tally().as_dict(), 5.0 * n, 1, 1, 1, 0, 64) for n in range(20_000)))
        window = notes.run_info()["window"]
        assert MOST_SAMPLES / 2 <= len(window) <= MOST_SAMPLES
        steps = {round(later[0] - sooner[0]) for sooner, later in pairwise(window)}
        assert len(steps) <= 2


class TestHtml:
    def test_escapes_text_and_attributes_but_not_twice(self) -> None:
        inside = element("b", "<&>")
        assert inside == "<b>&lt;&amp;&gt;</b>"
        assert element("p", inside, title='"x"', hidden=True, lang=False) == (
            '<p title="&quot;x&quot;" hidden><b>&lt;&amp;&gt;</b></p>'
        )
        assert joined(("<", inside), "&") == "&lt;&amp;<b>&lt;&amp;&gt;</b>"
        assert escaped("a\u202eb") == "a\\u202eb"

    @given(st.text())
    def test_lets_no_text_out(self, text: str) -> None:
        assert re.fullmatch(r"<td data-x=\"[^<>\"]*\">[^<>\"]*</td>", element("td", text, data_x=text))
