"""What a command line leaves out comes from the environment, then from the file of defaults."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from s3_crosscopy import InvalidInput
from s3_crosscopy.cli.arguments import keywords
from s3_crosscopy.cli.command_table import COMMANDS
from s3_crosscopy.cli.config_file import default_path
from s3_crosscopy.cli.default_values import BY_FLAG_ONLY, OF_ONE_CALL
from s3_crosscopy.cli.defaults import settable
from s3_crosscopy.cli.main import parsers, read_arguments
from tests.cli.shell import Shell

PLACES = ("s3://source-bucket/in/", "s3://dest-bucket/out/")
CLI_PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of configuration without a file, and no variable of the user's."""
    for name in [name for name in os.environ if name.startswith("S3_CROSSCOPY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    return tmp_path


def write(home: Path, content: str) -> Path:
    path = home / "xdg" / "s3-crosscopy" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def read(*arguments: str, command: str = "copy") -> dict[str, object]:
    return keywords(read_arguments([command, *PLACES, *arguments]))


def test_a_flag_goes_before_the_environment_and_that_before_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, "max_failures = 1\nbatch_size = 2\npart_size = '64MiB'\n")
    monkeypatch.setenv("S3_CROSSCOPY_MAX_FAILURES", "3")
    monkeypatch.setenv("S3_CROSSCOPY_BATCH_SIZE", "4")

    assert read("--batch-size", "5") == {"batch_size": "5", "max_failures": "3", "part_size": "64MiB"}


def test_a_section_goes_before_the_rest_and_that_of_copy_is_for_its_plans_too(home: Path) -> None:
    write(home, "kind = 'object'\n[copy]\nkind = 'prefix'\nmax_failures = 5\n[plan]\nmax_failures = 6\n")

    assert read() == {"kind": "prefix", "max_failures": 5}
    assert read(command="plan") == {"kind": "prefix", "max_failures": 6}
    assert read(command="doctor") == {"kind": "prefix", "max_failures": 5}


def test_every_form_of_value_is_that_of_a_flag(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        home,
        "include = ['*.a', '*.b']\nexclude = 'tmp/*'\nreport_skipped = true\npreserve_etag = false\nprofile = 'p'\n"
        "region = 'eu-west-1'\nbucket_key_enabled = false\ntags = { a = 'b' }\nmodified_after = 2026-01-31T12:00:00Z\n"
        "botocore_config = { connect_timeout = 5 }\nheader = { Content-Type = 'text/x' }\n",
    )
    monkeypatch.setenv("S3_CROSSCOPY_COPY_LAST", "off")

    values = read()

    assert str(values.pop("modified_after")) == "2026-01-31 12:00:00+00:00"
    assert values == {
        "include": ["*.a", "*.b"],
        "exclude": ["tmp/*"],
        "report_skipped": True,
        "preserve_etag": False,
        "bucket_key_enabled": False,
        "profile": "p",
        "region_name": "eu-west-1",
        "tags": {"a": "b"},
        "botocore_config": {"connect_timeout": 5},
        "headers": {"Content-Type": "text/x"},
        "copy_last": ["off"],
    }


def test_a_flag_also_goes_before_the_default_of_its_opposite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_CROSSCOPY_QUIET", "1")
    monkeypatch.setenv("S3_CROSSCOPY_CA_BUNDLE", "ca.pem")

    namespace = read_arguments(["copy", *PLACES, "--verbose", "--no-verify-ssl"])

    assert (bool(namespace.quiet), namespace.verbose, namespace.verify) == (False, True, False)


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_CROSSCOPY_KIND", "")
    assert read() == {}


def test_a_default_of_another_command_is_none_of_this(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, "rate = 100\n")
    monkeypatch.setenv("S3_CROSSCOPY_COPIER_ARN", "arn:aws:iam::111122223333:role/copier")

    assert read() == {}
    assert read(command="plan") == {"rate": 100}
    assert read_arguments(["policies", *PLACES]).copier_arn == "arn:aws:iam::111122223333:role/copier"


def test_the_file_may_be_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, "kind = 'object'\n")
    other, third = home / "other.toml", home / "third.toml"
    other.write_text("kind = 'prefix'\n")
    third.write_text("")

    monkeypatch.setenv("S3_CROSSCOPY_CONFIG", str(other))
    assert read() == {"kind": "prefix"}
    assert read("--config", str(third)) == {}
    assert default_path({}) == str(Path.home() / ".config" / "s3-crosscopy" / "config.toml")


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("MAX_FAILURES", "x", "S3_CROSSCOPY_MAX_FAILURES: expected a whole number of at least 0, got 'x'"),
        ("MAXFAILURES", "1", "S3_CROSSCOPY_MAXFAILURES: no such setting; did you mean 'S3_CROSSCOPY_MAX_FAILURES'?"),
        ("REPORT_SKIPPED", "x", "S3_CROSSCOPY_REPORT_SKIPPED: expected true or false, got 'x'"),
        ("EXTRANEOUS", "delete",
         "S3_CROSSCOPY_EXTRANEOUS: 'delete' deletes; give it on the command line: --extraneous delete"),
        ("ALLOW_BUCKET_ROOT", "1",
         "S3_CROSSCOPY_ALLOW_BUCKET_ROOT: allows to copy a whole bucket; give it on the command line"),
        ("CA_BUNDLE", " False ", "S3_CROSSCOPY_CA_BUNDLE: turns off a protection; give it on the command line"),
        ("CHECKPOINT", "f", "S3_CROSSCOPY_CHECKPOINT: belongs to one call; give it on the command line"),
    ],
)  # fmt: skip
def test_a_wrong_variable_is_one_line(name: str, value: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"S3_CROSSCOPY_{name}", value)
    with pytest.raises(InvalidInput) as refused:
        read()
    assert str(refused.value) == line


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("max-failures = 1", "'max-failures' in {}: no such setting; did you mean 'max_failures'?"),
        ("[copy]\nmaxfailures = 1", "'maxfailures' in [copy] of {}: no such setting; did you mean 'max_failures'?"),
        ("max_failures = true", "'max_failures' in {}: expected a whole number of at least 0, got True"),
        ("profile = 5", "'profile' in {}: expected text, got 5"),
        ("copy = 5", "'copy' in {}: is a command's section; write [copy], and its settings below"),
        ("report = 's3://b/r/'", "'report' in {}: belongs to one call; give it on the command line"),
        ("doctor = true", "'doctor' in {}: is a command's section; write [doctor], and its settings below"),
        ("etag_index = 'i/'", "'etag_index' in {}: belongs to one call; give it on the command line"),
        ("[headers]\nexpires = 'x'", "[headers] in {}: there is no such command; did you mean 'header'?"),
        pytest.param("x = " + "[" * 5000, "--config: '{}' is not valid TOML: ", id="deep"),
        pytest.param("#" * (2**20 + 1), "--config: '{}' is not valid TOML: it has more than 1 MiB", id="long"),
        ("[copi]\nkind = 'prefix'", "[copi] in {}: there is no such command; did you mean 'copy'?"),
        ("[copy]\npermanent_delete = true",
         "'permanent_delete' in [copy] of {}: deletes, or allows more deletes; give it on the command line"),
        ("[copy\n", "--config: '{}' is not valid TOML: Expected ']' at the end of a table declaration"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_one_line(home: Path, content: str, line: str) -> None:
    path = home / "wrong.toml"
    path.write_text(content)
    with pytest.raises(InvalidInput) as refused:
        read("--config", str(path))
    assert str(refused.value).startswith(line.format(path))


def test_a_file_that_is_named_must_be_there_and_readable(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match=r"^--config: 'none\.toml' does not exist$"):
        read("--config", "none.toml")
    monkeypatch.setenv("S3_CROSSCOPY_CONFIG", str(home))
    with pytest.raises(InvalidInput, match=r"^S3_CROSSCOPY_CONFIG: .* cannot be read: Is a directory$"):
        read()


def test_nothing_that_deletes_or_is_less_safe_is_a_setting() -> None:
    names = {name for command in COMMANDS for name in settable(parsers(command.name)[1][command.name])}

    assert not names & {*BY_FLAG_ONLY, *OF_ONE_CALL}
    every = {
        flag[2:].replace("-", "_")
        for command in COMMANDS
        for action in parsers(command.name)[1][command.name]._actions
        for flag in action.option_strings
        if flag.startswith("--")
    }
    opposites = {"bucket_key_enabled", "dry_run", "preserve_etag", "report_skipped", "quiet", "verbose"}
    assert every - names == {*BY_FLAG_ONLY, *OF_ONE_CALL, "help", "config", *(f"no_{name}" for name in opposites)}


def test_the_file_in_the_docs_is_one(home: Path) -> None:
    (content,) = re.findall(r"```text\n(profile = .*?)```", CLI_PAGE.read_text(encoding="utf-8"), re.DOTALL)
    write(home, content)

    assert read() == {
        "profile": "copier",
        "max_failures": "1%",
        "exclude": ["*.tmp", "_temporary/*"],
        "storage_class": "INTELLIGENT_TIERING",
        "tags": {"team": "data"},
    }
    assert read(command="plan")["preflight"] == "light"


def test_verbose_says_which_defaults_came_from_where(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = "include = ['*.a', 'b c']\nendpoint_url = 'http://user:secret@host'\nexclude = []\ntags = { a = 'b' }\n"
    path = write(home, content)
    monkeypatch.setenv("S3_CROSSCOPY_MAX_FAILURES", "3")

    read_arguments(["copy", *PLACES])
    assert capsys.readouterr() == ("", "")
    read_arguments(["copy", *PLACES, "-v"])
    assert capsys.readouterr().err.splitlines() == [
        "default: --max-failures 3 (from S3_CROSSCOPY_MAX_FAILURES)",
        f"default: --include '*.a' --include 'b c' (from 'include' in {path})",
        f"default: --endpoint-url http://***@host (from 'endpoint_url' in {path})",
        f"default: no --exclude (from 'exclude' in {path})",
        f"default: --tags '{{\"a\": \"b\"}}' (from 'tags' in {path})",
    ]


def test_an_error_of_the_run_names_the_place_of_the_default(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_CROSSCOPY_SOURCE_PROFILE", "nobody")

    done = shell.copy()

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("s3-crosscopy: S3_CROSSCOPY_SOURCE_PROFILE: there is no AWS profile 'nobody'; see ")


def test_a_copy_takes_them(shell: Shell, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.put("in/a.csv", "in/b.tmp")
    write(home, "[copy]\nexclude = '*.tmp'\n")
    monkeypatch.setenv("S3_CROSSCOPY_PROFILE", "nobody")

    assert shell.copy("--quiet").code == 0
    assert list(shell.copied()) == ["out/a.csv"]


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ([], (True, True, True, True)),
        (["--no-quiet"], (True, True, True, False)),
        (["--no-dry-run", "--no-preserve-etag", "--no-report-skipped"], (False, False, False, True)),
        (["--verbose"], (True, True, True, False)),
    ],
)
def test_what_a_default_turned_on_the_command_line_turns_off(
    home: Path, given: list[str], values: tuple[bool, ...]
) -> None:
    write(home, "dry_run = true\npreserve_etag = true\nreport_skipped = true\nquiet = true\n")

    namespace = read_arguments(["copy", *PLACES, *given])

    names = ("dry_run", "preserve_etag", "report_skipped", "quiet")
    assert tuple(bool(getattr(namespace, name)) for name in names) == values


def test_a_default_that_turns_off_leaves_its_opposite_alone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(home, "quiet = false\nverbose = true\n")

    assert read_arguments(["copy", *PLACES]).verbose
    assert capsys.readouterr().err.splitlines() == [
        f"default: --no-quiet (from 'quiet' in {path})",
        f"default: --verbose (from 'verbose' in {path})",
    ]


@pytest.mark.parametrize(
    ("command", "section", "name"),
    [("plan", "plan", "approve"), ("doctor", "doctor", "rate"), ("copy", "copy", "shell"), ("plan", "copy", "shell")],
)
def test_a_section_has_no_setting_that_its_commands_do_not_take(
    home: Path, command: str, section: str, name: str
) -> None:
    path = write(home, f"[{section}]\n{name} = 'x'\n")
    with pytest.raises(InvalidInput) as refused:
        read(command=command)
    assert str(refused.value).startswith(f"'{name}' in [{section}] of {path}: no such setting")


def test_the_section_of_copy_may_have_what_only_its_plans_take(home: Path) -> None:
    write(home, "[copy]\nrate = 5\ncopier_arn = 'arn:aws:iam::111122223333:role/copier'\n")

    assert read() == {}
    assert read(command="plan") == {"rate": 5}


def test_the_file_may_begin_with_a_byte_order_mark_and_have_lines_as_on_windows(home: Path) -> None:
    write(home, "").write_bytes(b"\xef\xbb\xbfkind = 'object'\r\n[plan]\r\nmax_failures = 3\r\n")

    assert read(command="plan") == {"kind": "object", "max_failures": 3}


def test_a_file_in_another_encoding_is_one_line(home: Path) -> None:
    path = home / "wrong.toml"
    path.write_bytes("kind = 'object'\n".encode("utf-16"))
    with pytest.raises(InvalidInput, match=r"^--config: '.*' is not valid TOML: 'utf-8' codec can't decode byte 0xff"):
        read("--config", str(path))


def test_an_error_in_the_file_that_nobody_named_begins_with_its_path(home: Path) -> None:
    path = write(home, "[copy\n")
    with pytest.raises(InvalidInput) as refused:
        read()
    assert str(refused.value).startswith(f"'{path}' is not valid TOML: ")


def test_a_folder_that_may_not_be_searched_has_no_file(home: Path) -> None:
    write(home, "kind = 'object'\n")
    assert read() == {"kind": "object"}
    (home / "xdg").chmod(0)
    user = os.geteuid()
    if user == 0:  # root may search every folder
        os.seteuid(65534)
    try:
        assert read() == {}
    finally:
        os.seteuid(user)
        (home / "xdg").chmod(0o700)


def test_a_relative_folder_and_an_unknown_home_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_path({"XDG_CONFIG_HOME": "here"}) == default_path({})
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert default_path({"XDG_CONFIG_HOME": "here"}) == ""
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert read() == {}


def test_an_empty_name_of_the_file_is_an_error() -> None:
    with pytest.raises(InvalidInput, match=r"^--config: '' does not exist$"):
        read("--config", "")


def test_quiet_says_nothing_of_defaults(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(home, "verbose = true\n")

    assert read_arguments(["report", "x", "--quiet"]).verbose
    assert capsys.readouterr() == ("", "")
