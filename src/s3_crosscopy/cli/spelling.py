"""Translates names in messages: they are written with Python's arguments, and a terminal gets the command's flags."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from s3_crosscopy.model.option_table import NAMES

ACCESS = {
    "profile": "AWS profile that signs every copy: it reads the source and writes the destination",
    "source_profile": "AWS profile that lists, HEADs and reads tags at the source (default: --profile)",
    "endpoint_url": "URL of an S3 server other than AWS",
    "region_name": "Region of the first request; a bucket's own Region is discovered",
    "botocore_config": "settings of botocore.config.Config as JSON, merged over the profile's own",
}
KEYWORDS = (*NAMES, *ACCESS, "verify", "checkpoint", "state", "preflight", "prices", "rate")
"""The keyword arguments of `copy()` that a command line can give."""

_OWN_SPELLING = {"region_name": "--region", "verify": "--ca-bundle", "headers": "--header"}
_FLAGS_ONLY = ("approve", "bucket", "html", "aws_conn_id", "source_aws_conn_id")
_WORDS = (*KEYWORDS, *_FLAGS_ONLY)
_NAMES = "|".join(_WORDS)
# A name that is no English word is an argument's wherever it stands, but not within a key, a URL or a quotation.
_QUOTED = r"""(?<!\w)(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")(?!\w)"""
_LONG_NAMES = "|".join(name for name in _WORDS if "_" in name)
_PYTHON_ARGUMENT = re.compile(
    rf"(?P<quoted>{_QUOTED})|\bset (?P<unset>{_NAMES})=None\b|^(?P<first>{_NAMES})(?=: )"
    rf"|(?<![\w/.'\"=%&?-])(?P<name>{_NAMES})=(?:(?P<true>True)|(?P<false>False)|(?P<quote>['\"])(?P<text>.*?)(?P=quote)"
    r"|\[(?P<texts>(?:'[^']*'(?:, )?)+)\]|(?P<word>[^\s,;)'\"]+)|(?=[\s,;)]|$))"
    rf"|(?<![\w/.'\"=%&?-])(?P<alone>{_LONG_NAMES})(?![\w/'\"=-]|\.\w)",
    re.MULTILINE,
)


def flag(name: str) -> str:
    """The flag for an argument of `copy()`."""
    return _OWN_SPELLING.get(name, "--" + name.replace("_", "-"))


def in_flags(message: str, origins: Mapping[str, str] | None = None) -> str:
    """Replace the Python arguments in a message by the flags of the command line.

    `origins`: the places of the values that are not from the command line, which begin a message instead of the flag.
    """
    name, colon, rest = message.partition(": ")
    if colon and origins and name in origins:
        return f"{origins[name]}: {_PYTHON_ARGUMENT.sub(_as_flag, rest)}"
    return _PYTHON_ARGUMENT.sub(_as_flag, message)


def _as_flag(match: re.Match[str]) -> str:
    if match["quoted"]:
        return match["quoted"]
    if match["unset"]:
        return f"leave out {flag(match['unset'])}"
    name = match["first"] or match["name"] or match["alone"]
    if match["false"]:
        return f"--no-{flag(name)[2:]}"
    if match["texts"]:
        # Quoted, because the shell would expand a glob.
        return " ".join(f"{flag(name)} {shlex.quote(glob[1:-1])}" for glob in match["texts"].split(", "))
    if match["text"] is not None:
        return f"{flag(name)} {shlex.quote(match['text'])}"
    return f"{flag(name)} {match['word']}" if match["word"] else flag(name)
