"""The moto server keeps two accounts apart and lets one copy from the other."""

from __future__ import annotations

import pytest

from tests.servers.moto import DST_ACCOUNT_ID, SRC_ACCOUNT_ID, MotoServer


def test_each_account_is_who_it_says(moto: MotoServer) -> None:
    assert moto.client(moto.src, "sts").get_caller_identity()["Account"] == SRC_ACCOUNT_ID
    assert moto.client(moto.dst, "sts").get_caller_identity()["Account"] == DST_ACCOUNT_ID


def test_an_account_owns_the_buckets_that_it_makes(moto: MotoServer) -> None:
    moto.client(moto.src).create_bucket(Bucket="moto-owned")

    owned = [[b["Name"] for b in moto.client(a).list_buckets()["Buckets"]] for a in (moto.src, moto.dst)]

    assert "moto-owned" in owned[0]
    assert "moto-owned" not in owned[1]


def test_the_destination_account_copies_from_the_source_account(moto: MotoServer) -> None:
    source, destination = moto.client(moto.src), moto.client(moto.dst)
    source.create_bucket(Bucket="moto-src")
    destination.create_bucket(Bucket="moto-dst")
    source.put_object(Bucket="moto-src", Key="a key", Body=b"content")

    destination.copy_object(Bucket="moto-dst", Key="a key", CopySource={"Bucket": "moto-src", "Key": "a key"})

    assert destination.get_object(Bucket="moto-dst", Key="a key")["Body"].read() == b"content"


def test_each_account_has_its_role(moto: MotoServer) -> None:
    for account in (moto.src, moto.dst):
        role = moto.client(account, "iam").get_role(RoleName="copier")["Role"]
        assert role["Arn"] == moto.role_arn(account.name)


def test_a_second_server_of_the_process_starts_too(moto: MotoServer) -> None:
    with MotoServer.start() as second:
        assert second.endpoint_url != moto.endpoint_url
        assert second.client(second.dst, "sts").get_caller_identity()["Account"] == DST_ACCOUNT_ID


def test_a_variable_that_would_merge_the_accounts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")

    with pytest.raises(RuntimeError, match="MOTO_ACCOUNT_ID"), MotoServer.start():
        pass
