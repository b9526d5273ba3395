"""Rules for faults in mid-run, made of other rules and of what the real server answers."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from urllib.parse import parse_qsl, urlencode

from tests.servers.http_messages import Answer, Request, Response
from tests.servers.stub_rules import in_turn
from tests.servers.stub_server import Rule, StubServer

LATE_S = 30.0
"""Longer than any read time-out here; a stub that stops waits no longer."""
SHORT_S = 4.0
"""A read time-out that is waited for, and that a busy machine still keeps for everything that is not late."""


def of_key(ending: str, rule: Rule) -> Rule:
    """A rule for the keys that end so, and no others."""
    return lambda request: rule(request) if request.key.endswith(ending) else None


def in_bucket(bucket: str, rule: Rule) -> Rule:
    """A rule for one side of the copy."""
    return lambda request: rule(request) if request.bucket == bucket else None


def once(operation: str, do: Callable[[], object]) -> Rule:
    """Before the first request of this operation goes on, something happens at the server."""
    lock = threading.Lock()
    done = False

    def rule(request: Request) -> Answer | None:
        nonlocal done
        if request.operation == operation:
            with lock:
                if not done:
                    done = True
                    do()
        return None

    return rule


def before_each(operation: str, do: Callable[[], object]) -> Rule:
    """Before each request of this operation goes on, something happens at the server."""

    def rule(request: Request) -> Answer | None:
        if request.operation == operation:
            do()
        return None

    return rule


def forward_late(stub: StubServer, operation: str, times: int) -> Rule:
    """The server does it at once, and the answer comes when nobody waits any more."""
    turns = in_turn(operation, *[Response()] * times)
    return lambda request: replace(stub.forward(request), delay_s=LATE_S) if turns(request) is not None else None


def change_answer(stub: StubServer, operation: str, change: Callable[[Response], Response], *, times: int = 1) -> Rule:
    """The server's own answers, changed on their way."""
    turns = in_turn(operation, *[Response()] * times)
    return lambda request: change(stub.forward(request)) if turns(request) is not None else None


def begun_now(stub: StubServer) -> Rule:
    """Listed uploads say that they were begun just now; moto says 2010 of every one."""

    def rule(request: Request) -> Answer | None:
        if request.operation != "ListMultipartUploads":
            return None
        said = stub.forward(request)
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z").encode()
        return replace(said, body=re.sub(rb"(?<=<Initiated>)[^<]*", now, said.body))

    return rule


def pages_of(stub: StubServer, size: int) -> Rule:
    """Listings in pages of a few keys, as the server makes them. Breaks signatures, which moto does not check."""

    def rule(request: Request) -> Answer | None:
        if request.operation != "ListObjectsV2":
            return None
        return stub.forward(short_page(request, size))

    return rule


def short_page(request: Request, size: int) -> Request:
    """The same listing, in pages of `size` keys."""
    path, _, query = request.target.partition("?")
    asked = {**dict(parse_qsl(query, keep_blank_values=True)), "max-keys": str(size)}
    return replace(request, target=f"{path}?{urlencode(asked)}")
