"""Work that hears a stop signal whatever it does, and alarms at any instruction that are never lost."""

from __future__ import annotations

import contextvars
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from s3_crosscopy.engine.interruptible import NOT_BEGUN_S, STOP_S, Stop, interruptible
from s3_crosscopy.errors import Interrupted
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Answer, Request
from tests.servers.s3_responses import Listed
from tests.servers.stub_rules import always
from tests.servers.stub_server import StubServer

ROOT = Path(__file__).parents[2]
ALARMS = int(os.environ.get("ALARMS", "6"))
"""`make soak` gives fifteen."""
AT = contextvars.ContextVar("AT", default="nowhere")


def test_what_the_work_returns_comes_back_and_what_it_raises_comes_out() -> None:
    def fails(stop: Stop) -> None:
        raise ZeroDivisionError("a bug")

    assert interruptible(lambda stop: 3) == 3
    with pytest.raises(ZeroDivisionError):
        interruptible(fails)


def test_the_work_sees_its_callers_context_variables() -> None:
    token = AT.set("here")
    try:
        assert interruptible(lambda stop: AT.get()) == "here"
    finally:
        AT.reset(token)


def test_work_that_hangs_before_it_began_is_left_soon_and_begins_nothing_more() -> None:
    cancel, hangs, left = threading.Event(), threading.Event(), threading.Event()
    after: list[BaseException] = []

    def work(stop: Stop) -> None:
        cancel.set()
        hangs.wait(60)
        try:
            stop.begin()
        except Interrupted as error:
            after.append(error)
        left.set()

    began = time.monotonic()
    with pytest.raises(Interrupted, match="before the copy began; nothing was copied"):
        interruptible(work, cancel)
    assert NOT_BEGUN_S <= time.monotonic() - began < STOP_S
    hangs.set()
    assert left.wait(60)
    assert len(after) == 1


def test_work_that_began_has_time_to_end_in_order() -> None:
    cancel = threading.Event()

    def work(stop: Stop) -> None:
        stop.begin()
        cancel.set()
        time.sleep(NOT_BEGUN_S + 0.3)
        raise Interrupted("in order")

    with pytest.raises(Interrupted, match="in order"):
        interruptible(work, cancel)


def test_an_exception_of_a_signal_handler_tells_the_work_to_stop_and_comes_out_when_it_has() -> None:
    class TimedOut(BaseException):
        pass

    def ring(*_: object) -> None:
        raise TimedOut

    ended: list[bool] = []

    def work(stop: Stop) -> None:
        stop.begin()
        os.kill(os.getpid(), signal.SIGUSR1)
        assert stop.wait(60)
        ended.append(stop.is_set())

    before = signal.signal(signal.SIGUSR1, ring)
    try:
        with pytest.raises(TimedOut):
            interruptible(work)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert ended == [True]


@pytest.mark.parametrize("path", ["fast", "boto3"])
@pytest.mark.parametrize("seed", [1])
def test_an_alarm_at_any_moment_of_a_copy_is_never_lost_and_the_last_state_is_saved(path: str, seed: int) -> None:
    many = [Listed(f"p/{number:06}") for number in range(3000)]

    def pages(request: Request) -> Answer | None:
        if request.method != "GET":
            return None
        # More than are copied before the latest alarm.
        return answers.list_page([]) if request.bucket == "dst" else answers.list_page(many, prefix="p/")

    with StubServer.start(always("CopyObject", answers.copy_result()), pages) as stub:
        command = [
            sys.executable,
            "-m",
            "tests.engine.alarmed_process",
            stub.endpoint_url,
            path,
            str(seed),
            str(ALARMS),
        ]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {"TimedOut": ALARMS}, ended.stderr
