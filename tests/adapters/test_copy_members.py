"""Preconditions of CopyObject, which botocore below 1.41 knows only of uploads."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from s3_crosscopy.adapters.boto.conversions import copy_members


class Sent(Exception):
    """Ends a request when its headers are known."""


@pytest.mark.parametrize(("argument", "header"), [("IfMatch", "If-Match"), ("IfNoneMatch", "If-None-Match")])
def test_an_older_botocore_sends_the_preconditions_of_copies_too(argument: str, header: str) -> None:
    client = boto3.session.Session().client(
        "s3", region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="secret"
    )
    members = client.meta.service_model.operation_model("CopyObject").input_shape.members
    members.pop(argument, None)

    assert argument in copy_members(client.meta.service_model)

    def look(request: Any, **_: object) -> None:
        assert request.headers[header] == b"*"
        raise Sent

    client.meta.events.register("before-send.s3", look)
    with pytest.raises(Sent):
        client.copy_object(Bucket="dest", Key="key", CopySource={"Bucket": "src", "Key": "key"}, **{argument: "*"})
