"""Rules for a stub, made from what they answer. All are safe to call from several threads."""

from __future__ import annotations

import threading
from urllib.parse import parse_qs

from tests.servers.http_messages import DROP, FORWARD, Answer, Request, Response
from tests.servers.stub_server import Rule, StubServer

ACCESS_DENIED = Response(
    403,
    {"Content-Type": "text/xml"},
    b'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
    b"<Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message>"
    b"</Error></ErrorResponse>",
)


def forward_all(request: Request) -> Answer:
    """The last rule of a proxy."""
    return FORWARD


def always(operation: str, answer: Answer) -> Rule:
    return lambda request: answer if request.operation == operation else None


def in_turn(operation: str, *answers: Answer) -> Rule:
    """The n-th request of this operation gets the n-th answer; after the last it is left to other rules."""
    left = iter(answers)
    lock = threading.Lock()

    def rule(request: Request) -> Answer | None:
        if request.operation != operation:
            return None
        with lock:
            return next(left, None)

    return rule


def forward_then_drop(stub: StubServer, operation: str, times: int = 1) -> Rule:
    """The upstream does it, the client never hears of it: the fault behind every ambiguous write."""
    turns = in_turn(operation, *[DROP] * times)

    def rule(request: Request) -> Answer | None:
        answer = turns(request)
        if answer is not None:
            stub.forward(request)
        return answer

    return rule


def require_external_id(external_id: str) -> Rule:
    """The part of STS that RGW and moto lack: without this ExternalId, AssumeRole is refused."""

    def rule(request: Request) -> Answer | None:
        if request.operation != "AssumeRole":
            return None
        given = parse_qs(request.body.decode()).get("ExternalId")
        return None if given == [external_id] else ACCESS_DENIED

    return rule
