"""What sdist and wheel hold: all of the package, nothing else, and metadata that an index takes."""

from __future__ import annotations

import configparser
import tarfile

import pytest
from packaging.metadata import Metadata

import s3_crosscopy
from tests.release.built import ROOT, Release, build

pytestmark = pytest.mark.slow

SOURCE = ROOT / "src"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return build(tmp_path_factory.mktemp("release"))


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(release: Release) -> None:
    package = {str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    info = f"airflow_provider_s3_crosscopy-{s3_crosscopy.__version__}.dist-info"
    about = {f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    assert release.names() == package | about


@pytest.mark.parametrize(
    "name", ["py.typed", "prices.json", "airflow/plugin/static/main.js", "airflow/plugin/static/page.css"]
)
def test_what_is_no_python_is_in_the_wheel_too(release: Release, name: str) -> None:
    assert f"s3_crosscopy/{name}" in release.names()


def test_the_metadata_is_what_an_index_takes(release: Release) -> None:
    metadata = Metadata.from_email(release.metadata_text())
    assert str(metadata.version) == s3_crosscopy.__version__
    assert metadata.license_expression == "Apache-2.0"
    assert metadata.description_content_type == "text/markdown"
    assert metadata.description == (ROOT / "README.md").read_text(encoding="utf-8")
    assert metadata.requires_python is not None
    assert set(metadata.provides_extra or ()) == {"fast", "openlineage", "parquet"}
    assert {"Framework :: Apache Airflow", "Framework :: Apache Airflow :: Provider", "Typing :: Typed"} <= set(
        metadata.classifiers or ()
    )


def test_airflow_and_the_shell_find_what_they_look_for(release: Release) -> None:
    told = configparser.ConfigParser()
    told.read_string(release.entry_points())
    assert {group: dict(told[group]) for group in told.sections()} == {
        "airflow.plugins": {"s3_crosscopy": "s3_crosscopy.airflow.plugin.plugin:S3CopyPlugin"},
        "apache_airflow_provider": {"provider_info": "s3_crosscopy.airflow.provider_info:get_provider_info"},
        "console_scripts": {"s3-crosscopy": "s3_crosscopy.cli.main:main"},
    }


def test_the_sdist_has_what_its_own_tests_need(release: Release) -> None:
    with tarfile.open(release.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in ("README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "tests/conftest.py", "docs/generate.py"):
        assert name in names
    assert not [name for name in names if name.startswith((".venv", ".git/", "dist/")) or name.endswith(".pyc")]
