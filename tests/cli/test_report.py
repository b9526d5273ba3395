"""`s3-crosscopy report` shows a finished report as a page and as text, from a folder and from S3."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from s3_crosscopy.cli.main import main
from s3_crosscopy.cli.report_tables import show
from s3_crosscopy.cli.report_text import BAR_CHARS
from s3_crosscopy.report.digester import Digester
from s3_crosscopy.report.report_reader import FinishedReport
from tests.cli.shell import COMMAND, Shell
from tests.cli.test_progress import output_of
from tests.hostile_text import harm
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Answer, Request
from tests.servers.stub_rules import always, forward_all
from tests.servers.stub_server import Rule, StubServer


@pytest.fixture
def reported(shell: Shell, tmp_path: Path) -> Path:
    """A finished report of three objects in a folder."""
    shell.put("in/a", "in/b", "in/c\u202e<script>")
    folder = tmp_path / "report"
    assert shell.copy("--report", str(folder), "--quiet").code == 0
    return folder


def test_a_run_with_a_report_leaves_its_page_beside_it(reported: Path) -> None:
    page = (reported / "report.html").read_text()
    assert "3 listed = 3 copied" in page
    assert page.count("<script>") == 1  # the page's own


def test_the_page_is_made_from_a_report_that_has_none(shell: Shell, reported: Path) -> None:
    (reported / "report.html").unlink()
    (reported / "digest.json").unlink()

    done = shell.run("report", str(reported))

    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"\npage: {reported / 'report.html'}\n")
    assert "3 listed = 3 copied" in (reported / "report.html").read_text()


def test_the_text_says_what_the_page_says(shell: Shell, reported: Path) -> None:
    out = shell.run("report", str(reported)).out
    assert out.startswith(f"Copied: everything has arrived: {shell.source} to {shell.dest}\n")
    assert "Every listed object has exactly one outcome: 3 listed = 3 copied." in out
    for title in ("Outcome", "Failed keys", "Sizes", "Reasons", "Verification", "The run"):
        assert f"\n\n{title}\n" in out


def test_failed_keys_are_shown_on_one_line_each(fronted: Shell, stub: StubServer, tmp_path: Path) -> None:
    fronted.put("in/a")
    stub.rules = [always("CopyObject", answers.error("AccessDenied", 403, "no\u009b2J\nreally")), forward_all]
    assert fronted.copy("--report", str(tmp_path / "r")).code == 1

    done = fronted.run("report", str(tmp_path / "r"))

    assert done.code == 0
    assert "Not everything was copied: 1 failed, 0 not attempted" in done.out
    assert r"no\x9b2J really" in done.out
    assert "\x9b" not in done.out


def test_json_has_summary_run_and_digest_and_nothing_else_is_printed(shell: Shell, reported: Path) -> None:
    done = shell.run("report", str(reported), "--json")
    said = json.loads(done.out)
    assert said["summary"] == json.loads((reported / "summary.json").read_text())
    assert said["digest"]["rows"] == 3
    assert set(said) == {"summary", "run", "digest"}


def test_quiet_prints_nothing_and_writes_the_page(shell: Shell, reported: Path) -> None:
    (reported / "report.html").unlink()
    assert shell.run("report", str(reported), "--quiet") == (0, "", "")
    assert (reported / "report.html").exists()


def test_the_page_goes_where_html_says_and_nowhere_else(shell: Shell, reported: Path, tmp_path: Path) -> None:
    (reported / "report.html").unlink()
    page = tmp_path / "new folder" / "page.html"
    assert shell.run("report", str(reported), "--html", str(page)).out.endswith(f"\npage: {page}\n")
    assert page.read_text().startswith("<!doctype html>")
    assert not (reported / "report.html").exists()


def test_without_a_page_nothing_is_written(shell: Shell, reported: Path) -> None:
    (reported / "report.html").unlink()
    assert "page:" not in shell.run("report", str(reported), "--no-page").out
    assert not (reported / "report.html").exists()


def test_a_report_at_s3_gets_its_page_there(shell: Shell) -> None:
    shell.put("in/a")
    place = shell.dest.replace("/out/", "/reports/run/")
    assert shell.copy("--report", place, "--quiet").code == 0

    done = shell.run("report", place, "--profile", "b", "--endpoint-url", shell.endpoint_url)

    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"\npage: {place}report.html\n")
    page = shell.copied()["reports/run/report.html"].decode()
    assert "1 listed = 1 copied" in page


def test_where_the_page_may_not_be_written_the_error_says_what_to_do(fronted: Shell, stub: StubServer) -> None:
    fronted.put("in/a")
    stub.rules = [forward_all]
    place = fronted.dest.replace("/out/", "/reports/run/")
    assert fronted.copy("--report", place, "--quiet").code == 0
    stub.rules = [always("PutObject", answers.error("AccessDenied", 403, "no")), forward_all]

    done = fronted.run("report", place, "--profile", "b", "--endpoint-url", fronted.endpoint_url)

    assert done.code == 2
    assert "1 listed = 1 copied" in done.out
    assert "the page may not be written there" in done.err
    assert done.err.endswith("; set --html to a local file\n")


@pytest.mark.parametrize("arguments", [["--html", "/dev/null/page.html"], ["--html", "here/"]])
def test_a_page_that_cannot_be_written_is_one_clear_line(shell: Shell, reported: Path, arguments: list[str]) -> None:
    done = shell.run("report", str(reported), "--quiet", *arguments)
    assert done.code == 2
    assert done.err.startswith("s3-crosscopy: --html: ")
    assert done.err.count("\n") == 1


def test_a_page_goes_into_a_folder_for_everybody_where_it_is_named_but_not_beside_a_report_there(
    shell: Shell, reported: Path, tmp_path: Path
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o1777)
    assert shell.run("report", str(reported), "--html", str(tmp_path / "shared" / "page.html"), "--quiet").code == 0
    assert "3 listed = 3 copied" in (tmp_path / "shared" / "page.html").read_text()

    reported.chmod(0o777)
    done = shell.run("report", str(reported), "--quiet")
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert "may be written by every user" in done.err
    assert done.err.endswith("set --html to a local file\n")


def test_what_is_no_report_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"s3-crosscopy: place: there is no report at {os.fspath(tmp_path)!r}; it would have an index.json\n"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_on_a_terminal_it_is_tables(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    shell.put("in/a", "in/ключ")
    reported = tmp_path / "report"
    assert shell.copy("--report", str(reported), "--quiet").code == 0
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    terminal, its_end = pty.openpty()
    process = subprocess.Popen([*COMMAND, "report", str(reported)], stdout=its_end)
    os.close(its_end)
    shown = b"".join(output_of(terminal)).decode(encoding)
    os.close(terminal)
    assert process.wait(timeout=120) == 0
    assert "Copied: everything has arrived" in shown
    assert "\x1b[" in shown
    assert "Objects by outcome" in shown
    assert ("in/ключ" if encoding == "utf-8" else r"in/\u043a\u043b") in shown
    assert ("#" * BAR_CHARS in shown, "━" * BAR_CHARS in shown) == (encoding != "utf-8", encoding == "utf-8")


def test_a_path_that_is_no_unicode_is_spelled_out(shell: Shell, tmp_path: Path) -> None:
    shell.put("in/a")
    folder = f"{tmp_path}/r\udcff"

    done = shell.copy("--report", folder, "--exclude", "\udcff")

    assert done.code == 0
    assert shell.run("report", folder, "--quiet").code == 0
    shown = json.loads(shell.run("report", folder, "--json").out)
    assert shown["summary"]["run"]["report"] == f"{tmp_path}/r\\udcff"
    assert shown["run"]["options"]["exclude"] == ["\\udcff"]


def refused(stub: StubServer, *more: Rule) -> None:
    stub.rules = [*more, always("CopyObject", answers.error("AccessDenied", 403, "Access Denied")), forward_all]


def test_the_report_has_the_explanation_of_a_denied_request(fronted: Shell, stub: StubServer, tmp_path: Path) -> None:
    fronted.put("in/a")
    refused(stub)

    done = fronted.copy("--report", str(tmp_path / "r"), "--json")

    denial = json.loads(done.out)["denial"]
    assert denial.startswith("CopyObject was denied for ")
    assert json.loads((tmp_path / "r" / "summary.json").read_text())["denial"] == denial
    assert "CopyObject was denied for " in (tmp_path / "r" / "report.html").read_text()


@pytest.mark.parametrize("operation", ["GetObject", "PutObject"])
def test_a_report_that_cannot_be_written_again_loses_nothing_else(
    fronted: Shell, stub: StubServer, operation: str
) -> None:
    fronted.put("in/a")
    place = fronted.dest.replace("/out/", "/reports/run/")
    written: list[str] = []

    def again(request: Request) -> Answer | None:
        if request.operation == operation and request.path.endswith(("/summary.json", "/index.json")):
            written.append(request.path)
            if operation == "GetObject" or len([path for path in written if path.endswith("/summary.json")]) > 1:
                return answers.error("AccessDenied", 403, "no")
        return None

    refused(stub, again)

    done = fronted.copy("--report", place)

    assert done.code == 1
    assert "CopyObject was denied for " in done.out
    summary = json.loads(fronted.copied()["reports/run/summary.json"])
    assert bool(summary["denial"]) == (operation == "GetObject")
    assert ("warning: the report is without the explanation of the denied request: " in done.err) == (
        operation == "PutObject"
    )


def test_no_text_of_an_edited_report_drives_the_terminal() -> None:
    cost = {"amount": 1.0, "bound": "", "currency": "\x1b[2JUSD"}
    said = {"source": "\x1b[2J", "dest": "\x9b", "stopped": "\x1b[2J", "plan": {"cost": cost}, "denial": "\x1b[2J"}
    stream = io.StringIO()

    show(FinishedReport(said, {"versions": {"\x1b": "\x1b"}}, Digester().digest()), stream)

    assert harm(stream.getvalue()) == set()
    assert r"1.00 \x1b[2JUSD" in stream.getvalue()
