"""Our loader gives clients what botocore's own gives them, with less work."""

from __future__ import annotations

import json
import os
from pathlib import Path

import boto3
import botocore.loaders
import pytest
from botocore.exceptions import UnknownServiceError

from s3_crosscopy.adapters.boto import model_loader
from s3_crosscopy.adapters.boto.model_loader import SERVICES, ModelLoader, quick_session

FILES = ("endpoints", "partitions", "sdk-default-configuration", "_retry")


@pytest.fixture(autouse=True)
def nothing_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients of other tests have completed what they were given, as they do with what botocore's own loader keeps."""
    monkeypatch.setattr(model_loader, "_PARSED", {})


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The directories that are listed from now on."""
    names: list[str] = []
    real = os.listdir

    def listdir(path: str) -> list[str]:
        names.append(os.path.basename(path))
        return real(path)

    monkeypatch.setattr(os, "listdir", listdir)
    return names


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("file", ["service-2", "endpoint-rule-set-1"])
def test_a_service_is_described_as_by_botocores_loader(service: str, file: str) -> None:
    ours = ModelLoader().load_service_model(service, file)

    assert ours == botocore.loaders.Loader().load_service_model(service, file)


@pytest.mark.parametrize("file", FILES)
def test_a_file_beside_the_services_is_the_same(file: str) -> None:
    assert ModelLoader().load_data(file) == botocore.loaders.Loader().load_data(file)


def test_our_services_are_loaded_without_a_look_at_all_others(listed: list[str]) -> None:
    ModelLoader().load_service_model("sts", "service-2")

    assert set(listed) == {"sts"}


def test_another_service_is_found_and_a_name_of_none_is_refused_with_the_known_ones(listed: list[str]) -> None:
    loader = ModelLoader()

    assert loader.load_service_model("sqs", "service-2")["metadata"]["serviceId"] == "SQS"
    assert "ec2" in loader.list_available_services("service-2")
    with pytest.raises(UnknownServiceError, match="sqs"):
        loader.load_service_model("s4", "service-2")
    assert "sqs" in listed


def test_a_second_session_parses_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = quick_session().get_component("data_loader").load_service_model("s3", "service-2")

    def parsed(_: object) -> None:
        raise AssertionError("a file was parsed again")

    monkeypatch.setattr(json, "loads", parsed)

    assert quick_session().get_component("data_loader").load_service_model("s3", "service-2") == first


def test_descriptions_of_the_users_own_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "models" / "sts" / "2011-06-15"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text('{"metadata": {"serviceId": "mine"}}')
    monkeypatch.setenv("OWN_MODELS", str(tmp_path))
    monkeypatch.setenv("AWS_DATA_PATH", os.pathsep.join(["$OWN_MODELS/none", "$OWN_MODELS/models"]))

    loader = quick_session().get_component("data_loader")

    assert loader.load_service_model("sts", "service-2")["metadata"]["serviceId"] == "mine"


def test_a_client_and_its_paginators_are_made_with_it() -> None:
    session = boto3.Session("KEY", "secret", region_name="eu-west-1", botocore_session=quick_session())

    client = session.client("s3")

    assert client.meta.endpoint_url == "https://s3.eu-west-1.amazonaws.com"
    assert client.can_paginate("list_objects_v2")
