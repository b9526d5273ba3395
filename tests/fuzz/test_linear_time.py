"""Sixteen times as much text takes some sixteen times as long, not two hundred: whoever writes it chooses how much."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from s3_crosscopy.access.rules.error_messages import cause
from s3_crosscopy.adapters.boto.control_characters import without_forbidden
from s3_crosscopy.adapters.boto.list_parser import read_page
from s3_crosscopy.adapters.boto.redaction import redacted, without_values
from s3_crosscopy.adapters.fast.responses import Response, parsed_by_botocore, usual_value
from s3_crosscopy.core.decide.filters import make_filter
from s3_crosscopy.core.inventory_lines import Format, format_of, key_of
from s3_crosscopy.errors import InvalidInput, S3Error
from s3_crosscopy.model.input_limits import INDEX
from s3_crosscopy.model.json_text import read_json
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.template_values import like_a_list, texts_of
from tests.fast.transports import COPY, LIST, port
from tests.servers import s3_responses as answers

Parse = Callable[[str], object]

BASE, TIMES = 6_000, 16
MOST_TIMES = 4 * TIMES
"""Quadratic time would be 256 times as long; between the two is room for a busy machine."""
LEAST_S = 2e-4
"""What takes less is as good as nothing, and none of the clock's business."""

PAGE = answers.list_page([answers.Listed("p/a")]).body.decode()
CLIENT = port("http://localhost:1").client
USER = "User: x is not authorized to perform: "
NAMED = USER + "s3:GetObject on resource: r because "


def page(text: str) -> object:
    """By the quick reader alone."""
    return read_page(LIST, text.encode(), "")


def by_botocore(text: str) -> object:
    return parsed_by_botocore(CLIENT, LIST, Response(200, [], text.encode()), "http://localhost:1/")


def copy(text: str) -> object:
    return usual_value(COPY, Response(200, [], text.encode()))


def forbidden_replaced(text: str) -> object:
    return without_forbidden(text.encode())


def refusal(message: str) -> object:
    said = {"call": "CopyObject", "bucket": "b", "key": "k", "status": 403, "reason": Reason.DENIED}
    first = cause(S3Error(code="AccessDenied", message=message, **said))  # type: ignore[arg-type]
    return first, cause(S3Error(code="PermanentRedirect", message=message, **said))  # type: ignore[arg-type]


def inventory(line: str) -> object:
    return key_of(line, Format("b", quoted=True)), format_of(line, "c", "")


def json_text(text: str) -> object:
    with suppress(ValueError):
        return read_json(text, INDEX)
    return None


def glob(key: str) -> object:
    test = make_filter(("*a*a*b", "[!a]*?*?*b", "*" * 50 + "b"), ())
    assert test is not None
    return test(key)


def within(start: str, piece: str, end: str) -> Callable[[int], str]:
    """So much of a piece between two texts."""
    return lambda size: start + piece * (size // len(piece)) + end


def row(piece: str) -> Callable[[int], str]:
    """In a page's row, behind all that is known of it."""
    before, after = PAGE.split("</Contents>")
    return within(before, piece, "<Odd a='1'/></Contents>" + after)


def head(piece: str) -> Callable[[int], str]:
    """In a page, before its rows."""
    before, after = PAGE.split("<Contents>")
    return within(before, piece, "<Contents>" + after)


ROW = PAGE[PAGE.index("<Contents>") : PAGE.index("</Contents>")]
CASES: list[tuple[str, Parse, Callable[[int], str]]] = [
    *((f"row {piece}", page, row(piece)) for piece in ("<Owner></Owner>", "<a></a>", "<a/>", "<a/> ", "<Owner>", " ")),
    *((f"head {piece}", page, head(piece)) for piece in ("<a/>", "<a>", "<a></a>", " ", "<aaaa", "<Key>", "&")),
    ("rows without end", page, within(PAGE.partition("<Contents>")[0], ROW, "</ListBucketResult>")),
    ("ends before rows", page, within("", "</Contents>", PAGE)),
    ("long key", page, within(PAGE.partition("p/a")[0], "k", "")),
    ("long etag", page, within(PAGE.partition("&quot;")[0] + "&quot;", "0", "&")),
    ("checksums", page, within(ROW.partition("<Size>")[0], "<ChecksumAlgorithm></ChecksumAlgorithm>", "")),
    *((f"botocore {piece}", by_botocore, within("", piece, "")) for piece in ("<!x> ", "<?", " ", "<a>", "<a:", "<")),
    ("copy ends", copy, within("<CopyObjectResult>", "</CopyObjectResult> ", "x")),
    ("copy names", copy, within("<CopyObjectResult>", "<a>", "</CopyObjectResult>")),
    ("copy space", copy, within("", " ", "x")),
    *((f"forbidden {piece}", forbidden_replaced, within("", piece, "")) for piece in ("&#", "&#1", "&#x0")),
    ("forbidden digits", forbidden_replaced, within("&#", "0", "x")),
    *(
        (f"denial {piece}", refusal, within(start, piece, end))
        for start, piece, end in (
            ("User: ", " ", "x"), ("", "User: x", ""), (USER, "a-", "x"), ("", USER, ""), (NAMED, " allow the a:b", ""),
            ("", "s3-a", "x"), ("s3-a", "-a", "x"), ("", "expecting 'a", "x"), (NAMED, "because ", ""),
        )
    ),
    *(
        (f"inventory {piece}", inventory, within('"b","', piece, end))
        for piece, end in (("%", '"'), ("a", '"'), ('""', ""))
    ),
    *((f"values {piece}", without_values, within("value: x", piece, "")) for piece in ("value: ", ", type:", ", ")),
    *((f"redacted {piece}", redacted, within("", piece, "")) for piece in ("://", "://a", "Invalid header value", "@")),
    *((f"json {piece}", json_text, within("", piece, "")) for piece in ("[", "[],", '"', "\\", '"[', "{}", "1")),
    ("list of texts", texts_of, within("['a'", " ", "x")),
    ("list of commas", texts_of, within("['a'", ",", "x")),
    *((f"like a list {piece}", like_a_list, within("[", piece, "")) for piece in ("a,", " ", "'", "1.", "[")),
    *((f"glob {piece}", glob, within("", piece, "")) for piece in ("a", "ab", "?")),
]  # fmt: skip


def seconds(parse: Parse, text: str) -> float:
    """Of the processor: the least of three, because others only ever add to it."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        with suppress(InvalidInput, S3Error):
            parse(text)
        taken.append(time.process_time() - began)
    return min(taken)


@pytest.mark.parametrize(("parse", "make"), [pytest.param(*case, id=name) for name, *case in CASES])
def test_the_time_grows_no_faster_than_the_text(parse: Parse, make: Callable[[int], str]) -> None:
    small = max(LEAST_S, seconds(parse, make(BASE)))

    assert seconds(parse, make(BASE * TIMES)) < MOST_TIMES * small
