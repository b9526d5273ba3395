"""Threads of a pool that wait for their next job."""

from __future__ import annotations

import weakref

import pytest

from s3_crosscopy.engine.threads import ThreadPool
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason
from tests.waiting import wait_until


class Value:
    """A page of a listing, as far as its memory matters."""


def failed() -> S3Error:
    return S3Error(call="ListObjectsV2", bucket="b", key="", code="x", status=500, message="", reason=Reason.SERVER)


@pytest.mark.parametrize("fails", [False, True])
def test_a_waiting_thread_keeps_nothing_of_its_last_job(fails: bool) -> None:
    pool = ThreadPool(1, "test")
    value = Value()
    kept = weakref.ref(value)

    def job(value: Value = value) -> Value:
        if fails:
            raise failed()
        return value

    pool.submit(job, "token")
    del job, value
    ended = pool.reap(30)
    assert [end.token for end in ended] == ["token"]
    del ended

    try:
        wait_until(lambda: kept() is None, 30, lambda: "the thread still holds the value")
    finally:
        pool.close(30)
