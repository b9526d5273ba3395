from __future__ import annotations

import pytest

from s3_crosscopy.core.same_service import service_of

AWS = {
    "amazonaws.com": "AWS (amazonaws.com)",
    "amazonaws.com.cn": "AWS (amazonaws.com.cn)",
    "api.aws": "AWS (amazonaws.com)",
}


@pytest.mark.parametrize(
    "url",
    [
        "https://s3.amazonaws.com",
        "https://s3.eu-west-1.amazonaws.com",
        "https://s3.dualstack.eu-west-1.amazonaws.com",
        "https://s3-fips.us-gov-west-1.amazonaws.com",
        "https://bucket.vpce-0a1b-2c3d.s3.us-east-1.vpce.amazonaws.com",
        "https://vpce-0a1b-2c3d-us-east-1a.s3.us-east-1.vpce.amazonaws.com:443/",
        "https://S3.AmazonAWS.com.",
        "https://s3.eu-west-1.api.aws",
    ],
)
def test_all_of_a_partitions_endpoints_are_one_service(url: str) -> None:
    assert service_of(url, AWS) == "AWS (amazonaws.com)"


def test_another_partition_is_another_service_and_a_look_alike_is_no_aws() -> None:
    assert service_of("https://s3.cn-north-1.amazonaws.com.cn", AWS) == "AWS (amazonaws.com.cn)"
    assert service_of("https://notamazonaws.com", AWS) == "notamazonaws.com"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://127.0.0.1:9000", "http://localhost:9000/"),
        ("http://[::1]:9000", "http://localhost:9000"),
        ("http://0.0.0.0:9000", "http://127.0.0.1:9000"),
        ("https://minio.corp", "http://MINIO.corp:80"),
        ("https://minio.corp:443", "https://minio.corp."),
        ("https://gateway.corp/s3/", "https://gateway.corp/s3"),
        ("http://[fd00::1]", "http://[fd00::1]:80"),
    ],
)
def test_one_server_has_one_name(one: str, other: str) -> None:
    assert service_of(one, AWS) == service_of(other, AWS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://127.0.0.1:9000", "http://127.0.0.1:9001"),
        ("https://a.corp", "https://b.corp"),
        ("https://a.corp", "https://s3.amazonaws.com"),
        ("https://gateway.corp/one", "https://gateway.corp/two"),
        ("http://[fd00::1]:9000", "http://[fd00::2]:9000"),
        ("https://s3.us-east-1.wasabisys.com", "https://s3.eu-central-1.wasabisys.com"),
    ],
)
def test_two_servers_have_two_names(one: str, other: str) -> None:
    assert service_of(one, AWS) != service_of(other, AWS)


def test_a_name_shows_no_user_and_no_password() -> None:
    assert service_of("https://user:secret@minio.corp:9000", AWS) == "minio.corp:9000"
