"""What sdist and wheel hold: all of the package, nothing else, and metadata that an index takes."""

from __future__ import annotations

import configparser
import re
import runpy
import tarfile

import pytest
from packaging.metadata import Metadata
from packaging.requirements import Requirement

import s3_crosscopy
from s3_crosscopy.airflow.provider_info import get_provider_info
from tests.release.built import ROOT, Release, build
from tests.release.dependencies import needed, requirements
from tests.release.sbom import EXTRAS, NATIVE, bom, bundled

# One worker, so that it is built once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("release")]

SOURCE = ROOT / "src"
OTHERS = ("provider/pyproject.toml", "provider/fallback/s3_crosscopy.py")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return build(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return build(tmp_path_factory.mktemp("provider"), ROOT / "provider")


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(release: Release) -> None:
    package = {str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    info = f"s3_crosscopy-{s3_crosscopy.__version__}.dist-info"
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
    assert set(metadata.provides_extra or ()) == {"airflow", "completion", "fast", "openlineage", "parquet"}
    assert {"Framework :: Apache Airflow", "Typing :: Typed"} <= set(metadata.classifiers or ())


def asks_for_pycurl(release: Release, environment: dict[str, str], extra: str = "") -> bool:
    requires = map(Requirement, release.metadata().get_all("Requires-Dist") or [])
    return any(
        one.marker is not None and one.marker.evaluate({**environment, "extra": extra})
        for one in requires
        if one.name == "pycurl"
    )


@pytest.mark.parametrize(
    ("environment", "asks"),
    [
        ({}, True),
        ({"python_version": "3.10"}, True),
        ({"python_version": "3.14"}, True),
        ({"python_version": "3.15"}, False),
        ({"platform_python_implementation": "PyPy"}, False),
        ({"platform_machine": "aarch64"}, True),
        ({"platform_machine": "ppc64le"}, False),
        ({"platform_machine": "armv7l"}, False),
        ({"sys_platform": "darwin", "platform_machine": "arm64"}, True),
        ({"sys_platform": "win32", "platform_machine": "AMD64"}, True),
        ({"sys_platform": "freebsd14", "platform_machine": "amd64"}, False),
    ],
    ids=lambda value: "-".join(value.values()) or "linux" if isinstance(value, dict) else str(value),
)
def test_pycurl_is_asked_for_where_it_has_wheels_and_with_the_former_extra_everywhere(
    release: Release, environment: dict[str, str], asks: bool
) -> None:
    linux = {"sys_platform": "linux", "platform_machine": "x86_64", "platform_python_implementation": "CPython"}
    environment = {"python_version": "3.12", **linux, **environment}

    assert asks_for_pycurl(release, environment) is asks
    assert asks_for_pycurl(release, environment, "fast")


def entry_points(release: Release) -> dict[str, dict[str, str]]:
    told = configparser.ConfigParser()
    told.read_string(release.entry_points())
    return {group: dict(told[group]) for group in told.sections()}


def test_the_shell_finds_its_command_in_the_core_and_airflow_its_names_in_the_provider(
    release: Release, provider: Release
) -> None:
    assert entry_points(release) == {"console_scripts": {"s3-crosscopy": "s3_crosscopy.cli.main:main"}}
    assert entry_points(provider) == {
        "airflow.plugins": {"s3_crosscopy": "s3_crosscopy.airflow.plugin.plugin:S3CopyPlugin"},
        "apache_airflow_provider": {"provider_info": "s3_crosscopy.airflow.provider_info:get_provider_info"},
    }


def test_without_airflow_the_core_needs_few_packages(release: Release) -> None:
    names = needed(release.metadata().get_all("Requires-Dist") or []).keys()
    assert {"boto3", "rich", "pycurl"} <= names
    assert len(names) < 20
    assert not [name for name in names if "airflow" in name]


def test_the_provider_is_metadata_over_the_core_of_the_same_version(provider: Release) -> None:
    version = s3_crosscopy.__version__
    metadata = Metadata.from_email(provider.metadata_text())
    assert (metadata.name, str(metadata.version)) == (get_provider_info()["package-name"], version)
    extras = sorted(metadata.provides_extra or ())
    assert extras == ["fast", "openlineage", "parquet"]
    wanted = [f"s3-crosscopy[airflow]=={version}"]
    wanted += [f"\"s3-crosscopy[{extra}]=={version}; extra == '{extra}'\"".strip('"') for extra in extras]
    assert sorted(provider.metadata().get_all("Requires-Dist") or []) == sorted(wanted)
    assert "Framework :: Apache Airflow :: Provider" in set(metadata.classifiers or ())
    info = f"airflow_provider_s3_crosscopy-{version}.dist-info"
    about = {f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    assert provider.names() == {"s3_crosscopy.py", *about}


def test_where_pip_removed_the_package_its_import_names_the_command_that_installs_it_again(provider: Release) -> None:
    command = f"pip install --force-reinstall --no-deps s3-crosscopy=={s3_crosscopy.__version__}"
    with pytest.raises(ImportError, match=re.escape(command)):
        runpy.run_path(str(ROOT / "provider" / "fallback" / "s3_crosscopy.py"))
    assert command in (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    assert (ROOT / "provider" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_sdist_has_what_its_own_tests_need(release: Release) -> None:
    with tarfile.open(release.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in (
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "pyproject.toml",
        "provider/pyproject.toml",
        "tests/conftest.py",
        "docs/generate.py",
    ):
        assert name in names
    assert not [name for name in names if name.startswith((".venv", ".git/", "dist/")) or name.endswith(".pyc")]


LOCK = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")


def test_everything_that_the_wheel_needs_is_in_the_lock_with_its_hashes(release: Release) -> None:
    lines = requirements(LOCK, needed(release.metadata().get_all("Requires-Dist") or [], EXTRAS)).splitlines()
    assert len(lines) > 50
    assert all("==" in line and "--hash=sha256:" in line for line in lines)
    names = {line.partition("==")[0] for line in lines}
    assert {"boto3", "botocore", "urllib3", "apache-airflow-core", "pycurl", "pyarrow"} <= names
    assert not names & {"moto", "pytest", "hypothesis"}


def test_the_sbom_names_every_package_once_and_what_each_needs(release: Release) -> None:
    made = bom(release, LOCK)
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    components = {one["bom-ref"]: one for one in made["components"]}
    assert len(components) == len(made["components"])
    refs = {made["metadata"]["component"]["bom-ref"], *components}
    assert {one["ref"] for one in made["dependencies"]} == refs
    assert all(set(one["dependsOn"]) <= refs for one in made["dependencies"])
    scopes = {one["name"]: one["scope"] for one in made["components"]}
    assert (scopes["boto3"], scopes["pycurl"], scopes["pyarrow"]) == ("required", "required", "optional")
    assert all(one["externalReferences"][0]["hashes"] for one in made["components"])
    assert made == bom(release, LOCK)


def test_the_libraries_inside_pycurl_have_their_licences_in_the_sbom_and_in_the_security_policy(
    release: Release,
) -> None:
    assert {file for one in NATIVE for file in one.files} >= bundled()
    (curl,) = (one for one in bom(release, LOCK)["components"] if one["name"] == "pycurl")
    policy = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for one in curl["components"]:
        assert f"| {one['name']} | {one['licenses'][0]['expression']} |" in policy
