"""A connection's extra: what is no object of settings is refused, what nothing reads is told, no value is shown."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from s3_crosscopy.airflow.connection_extra import checked_extra, known_settings, unknown_settings
from s3_crosscopy.airflow.connections import access_for
from s3_crosscopy.errors import InvalidInput
from tests.airflow.connection_env import key_connection
from tests.airflow.versions import AIRFLOW

WHERE = "aws_conn_id: connection 'aws_x': "
SECRET = "very-secret"
ROLE = "arn:aws:iam::111111111111:role/r"


def access(value: str | dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AIRFLOW_CONN_AWS_X", value if isinstance(value, str) else json.dumps(value))
    return access_for("aws_x", "aws_conn_id", region_name=None, verify=None, botocore_config=None)


def keys(extra: object) -> dict[str, Any]:
    return {"conn_type": "aws", "login": "AKIAKEYS", "password": SECRET, "extra": extra}


NO_OBJECT = [
    ("a trailing comma", f'{{"role_arn": "{ROLE}", "x": "{SECRET}",}}', "its extra is not JSON, see line 1, column "),
    ("single quotes", f"{{'role_arn': '{SECRET}'}}", "its extra is not JSON, see line 1, column 2"),
    ("an end that is cut off", f'{{"role_arn": "{SECRET}"', "its extra is not JSON, see line 1, column "),
    ("a list", json.dumps([SECRET]), "its extra is a list; it has to be a JSON object of settings"),
    ("a list that is no text", [SECRET], "its extra is a list; it has to be a JSON object of settings"),
    ("text", json.dumps(SECRET), "its extra is text; it has to be a JSON object of settings"),
    ("a number", 5, "its extra is a number; it has to be a JSON object of settings"),
    ("a truth value", "true", "its extra is a truth value; it has to be a JSON object of settings"),
    ("null", "null", "its extra is null; it has to be a JSON object of settings"),
]
WRONG = [
    ({"role_arn": 7}, "role_arn in its extra is a number; it has to be text"),
    ({"role_arn": " "}, "role_arn in its extra is empty, and the copy would be made without a role; name the role"),
    ({"role_arn": [SECRET]}, "role_arn in its extra is a list; it has to be text"),
    ({"role_arn": ROLE, "assume_role_kwargs": SECRET}, "assume_role_kwargs in its extra is text; it has to be a JSON"),
    ({"role_arn": ROLE, "assume_role_method": 1}, "assume_role_method in its extra is a number; it has to be text"),
    ({"config_kwargs": [SECRET]}, "config_kwargs in its extra is a list; it has to be a JSON object"),
    ({"config_kwargs": {"retries": 5}}, "config_kwargs in its extra: retries has to be a mapping of settings, got int"),
    ({"config_kwargs": {"proxies": SECRET}}, "config_kwargs in its extra: proxies has to be a mapping of settings"),
    ({"region_name": 7}, "region_name in its extra is a number; it has to be text"),
    ({"endpoint_url": {"s3": SECRET}}, "endpoint_url in its extra is an object; it has to be text"),
    ({"profile_name": True}, "profile_name in its extra is a truth value; it has to be text"),
    ({"verify": 1.5}, "verify in its extra is a number; it has to be true or false or text"),
    ({"aws_session_token": 5}, "aws_session_token in its extra is a number; it has to be text"),
    ({"session_kwargs": SECRET}, "session_kwargs in its extra is text; it has to be a JSON object"),
    ({"service_config": None}, "service_config in its extra is null; leave it out"),
    ({"service_config": {"s3": SECRET}}, "service_config of 's3' in its extra is text; it has to be a JSON object"),
]


@pytest.mark.parametrize(("extra", "says"), [row[1:] for row in NO_OBJECT], ids=[row[0] for row in NO_OBJECT])
def test_an_extra_that_is_no_object_is_refused_before_anybody_signs(
    monkeypatch: pytest.MonkeyPatch, extra: object, says: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        access(keys(extra), monkeypatch)

    # 3.0 and 3.1 themselves cannot read such a connection, and say that there is none.
    unread = ("aws_conn_id: there is no connection 'aws_x'; create it, or",) if AIRFLOW < (3, 2) else ()
    assert str(caught.value).startswith((WHERE + says, *unread))
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("extra", "says"), WRONG)
def test_a_setting_of_a_wrong_type_is_one_line_without_its_value(
    monkeypatch: pytest.MonkeyPatch, extra: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        access(keys(extra), monkeypatch)

    assert str(caught.value).startswith(WHERE + says)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("value", ["just text", '["a list"]', "{broken"])
def test_what_is_no_connection_at_all_is_not_taken_for_the_workers_own_credentials(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAAMBIENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ambient")

    with pytest.raises(InvalidInput, match=r"has no type, no keys and no settings|cannot read counts as none"):
        access(value, monkeypatch)


@pytest.mark.parametrize("extra", [None, "", "{}", {}, {"role_arn": None, "config_kwargs": None, "verify": "False"}])
def test_what_is_not_set_is_no_mistake(extra: Any) -> None:
    assert checked_extra(extra, "x").get("role_arn") is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("role_am", "role_arn"),
        ("RoleArn", "role_arn"),
        ("role_Arn", "role_arn"),
        ("aws_iam_role", "role_arn"),
        ("assume_role_metod", "assume_role_method"),
        ("assume_role_kwarg", "assume_role_kwargs"),
        ("external_id", "assume_role_kwargs with ExternalId in it"),
        ("endpoint", "endpoint_url"),
        ("region", "region_name"),
        ("session_token", "aws_session_token"),
        ("config_kwarg", "config_kwargs"),
    ],
)
def test_a_setting_that_nothing_reads_and_that_looks_like_one_is_told(name: str, meant: str) -> None:
    assert list(unknown_settings({name: SECRET})) == [
        f"its extra has {name!r}, which nothing reads; did you mean {meant}?"
    ]


@pytest.mark.parametrize("name", ["team", "owner", "description", "s3_bucket", "role_arn", "verify"])
def test_other_settings_are_nobodys_misspelling(name: str) -> None:
    assert list(unknown_settings({name: 1})) == []


def test_the_warning_is_one_line_in_the_log_that_names_the_connection(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "s3_crosscopy"):
        access(key_connection("http://127.0.0.1:1", role_am=SECRET), monkeypatch)

    assert [record.getMessage() for record in caplog.records if record.name == "s3_crosscopy"] == [
        f"{WHERE}its extra has 'role_am', which nothing reads; did you mean role_arn?"
    ]


def test_what_the_provider_takes_from_an_extra_is_known() -> None:
    """Its own parameters, so that a setting of a newer provider is no misspelling here."""
    assert known_settings() >= {
        "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "session_kwargs", "role_arn",
        "assume_role_method", "assume_role_kwargs", "region_name", "verify", "profile_name", "endpoint_url",
        "service_config", "config_kwargs",
    }  # fmt: skip
