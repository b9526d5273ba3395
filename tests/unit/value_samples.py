"""Short makers of values that many tests need, with defaults that do not matter to them."""

from __future__ import annotations

from hypothesis import strategies as st

from s3_crosscopy.model.objects import Facts, Listed
from s3_crosscopy.model.options import CopyOptions, parse_options

MD5 = "0" * 32
OTHER_MD5 = "1" * 32
THEN = "2026-11-01T10:00:00+00:00"
LATER = "2026-11-01T10:00:01+00:00"

# Few characters, so that keys meet; from both ends of one, two, three and four UTF-8 bytes, where orders could differ.
KEY_CHARACTERS = "a!/~\x7f\x80ü\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0001f600\U0010ffff"
any_keys = st.text(alphabet=st.sampled_from(KEY_CHARACTERS), max_size=3)


def options(**given: object) -> CopyOptions:
    return parse_options(given)


def listed(key: str = "k", size: int = 1, etag: str = MD5, modified: str = THEN) -> Listed:
    return Listed(key, size, etag, modified)


def facts(size: int = 1, etag: str = MD5, modified: str = THEN, **more: object) -> Facts:
    return Facts(size, etag, modified, **more)  # type: ignore[arg-type]
