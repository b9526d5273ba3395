"""What Airflow is told about the provider: valid by Airflow's own schema, and true."""

from __future__ import annotations

import importlib
import json
from importlib.metadata import entry_points, metadata
from pathlib import Path
from typing import Any

import airflow
import jsonschema  # type: ignore[import-untyped]
import pytest

import s3_crosscopy
from s3_crosscopy.airflow.provider_info import get_provider_info

SCHEMA = json.loads((Path(airflow.__path__[0]) / "provider_info.schema.json").read_text())


def test_the_provider_info_obeys_airflows_schema_and_knows_no_other_keys() -> None:
    info = get_provider_info()

    jsonschema.validate(info, SCHEMA)
    assert set(info) <= set(SCHEMA["properties"])


def test_the_provider_info_is_true() -> None:
    info: dict[str, Any] = get_provider_info()
    found = [one.load() for one in entry_points(group="apache_airflow_provider") if "s3_crosscopy" in one.value]

    assert found == [get_provider_info]
    assert metadata(info["package-name"])["Version"] == s3_crosscopy.__version__
    names = {one["integration-name"] for one in info["integrations"]}
    for group in info["operators"]:
        assert group["integration-name"] in names
        for module in group["python-modules"]:
            importlib.import_module(module)


def test_the_plugin_that_it_names_is_the_one_that_airflow_loads() -> None:
    info: dict[str, Any] = get_provider_info()
    (loaded,) = [one for one in entry_points(group="airflow.plugins") if "s3_crosscopy" in one.value]

    (named,) = info["plugins"]
    assert named == {"name": loaded.load().name, "plugin-class": loaded.value.replace(":", ".")}


def test_a_name_that_the_package_does_not_have_is_an_attribute_error() -> None:
    package = importlib.import_module("s3_crosscopy.airflow")
    with pytest.raises(AttributeError, match="Nope"):
        _ = package.Nope
