"""The command line is the table of options and a few arguments about access and output."""

from __future__ import annotations

import pytest

from s3_crosscopy import InvalidInput, __version__
from s3_crosscopy.cli.arguments import keywords
from s3_crosscopy.cli.exit_codes import MEANINGS
from s3_crosscopy.cli.main import main, read_arguments
from s3_crosscopy.cli.spelling import flag, in_flags
from s3_crosscopy.model.option_table import OPTIONS

FLAGS = {
    *("--allow-bucket-root", "--bucket-key-enabled", "--dry-run", "--preserve-etag", "--report-skipped"),
    *("--delete-filtered", "--permanent-delete"),
}


def read(*arguments: str) -> dict[str, object]:
    return keywords(read_arguments(["copy", "s3://a/x/", "s3://b/x/", *arguments]))


def test_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])

    assert capsys.readouterr().out == f"s3-crosscopy {__version__}\n"


def test_help_lists_every_option_with_its_help_and_every_exit_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit, match="0"):
        main(["copy", "--help"])

    said = " ".join(capsys.readouterr().out.split())
    for option in OPTIONS:
        assert f" {flag(option.name)}" in said
        assert in_flags(option.help) in said
    assert "(default: 1 GiB)" in said
    assert "[if_changed, always, never] (default: if_changed)" in said
    for code, meaning in MEANINGS.items():
        assert f"{code:d} {meaning}" in said


def test_values_go_on_as_text_and_what_is_left_out_does_not() -> None:
    assert read() == {}
    assert read("--batch-size", "x", "--include=a", "--include", "b", "--dry-run", "--no-bucket-key-enabled") == {
        "batch_size": "x",
        "include": ["a", "b"],
        "dry_run": True,
        "bucket_key_enabled": False,
    }


def test_every_option_can_be_given() -> None:
    for option in OPTIONS:
        name = flag(option.name)
        assert list(read(name) if name in FLAGS else read(name, "x")) == [option.name]


def test_access_goes_on_under_the_names_of_copy() -> None:
    assert read("--profile", "p", "--source-profile", "q", "--endpoint-url", "http://x", "--region", "r") == {
        "profile": "p",
        "source_profile": "q",
        "endpoint_url": "http://x",
        "region_name": "r",
    }
    assert read("--no-verify-ssl") == {"verify": False}
    assert read("--ca-bundle", "ca.pem") == {"verify": "ca.pem"}
    assert read("--botocore-config", '{"connect_timeout": 5}') == {"botocore_config": {"connect_timeout": 5}}


def test_a_configuration_that_is_no_json_is_one_line() -> None:
    for text in ("connect_timeout=5", "[" * 100_000):
        with pytest.raises(InvalidInput, match=r"botocore_config: is not valid JSON .*; it looks like"):
            read("--botocore-config", text)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "the following arguments are required: COMMAND; see s3-crosscopy --help"),
        (["copy", "s3://a/x/"], "the following arguments are required: DEST; see s3-crosscopy copy --help"),
        (["copy", "a", "b", "--batchsize", "5"], "--batchsize: no such argument; did you mean '--batch-size'?"),
        (["copy", "a", "b", "--batchsize=5"], "--batchsize: no such argument; did you mean '--batch-size'?"),
        (["copy", "a", "b", "--batch", "5"], "--batch: no such argument; did you mean '--batch-size'?"),
        (["copy", "a", "b", "c"], "c: is one argument too many; if the shell made it of a glob, quote the glob"),
        (["copy", "a", "b", "--kind"], "argument --kind: expected one argument; see s3-crosscopy copy --help"),
        (["copy", "a", "b", "--quiet", "--verbose"],
         "argument -v/--verbose: not allowed with argument -q/--quiet; see s3-crosscopy copy --help"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_one_line(arguments: list[str], says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_arguments(arguments)

    assert str(refused.value) == says


def test_errors_name_arguments_as_the_command_line_spells_them() -> None:
    assert in_flags("batch_size: 0 is out of range") == "--batch-size: 0 is out of range"
    assert in_flags("source: say allow_bucket_root=True") == "source: say --allow-bucket-root"
    assert in_flags("source: or kind='prefix'") == "source: or --kind prefix"
    assert in_flags("say include='*.csv'") == "say --include '*.csv'"
    assert in_flags("include=['*.a', 'b[1]'] left out 3") == "--include '*.a' --include 'b[1]' left out 3"
    assert in_flags("verify: there is no file") == "--ca-bundle: there is no file"
    assert in_flags("stopped early, kind: x") == "stopped early, kind: x"
