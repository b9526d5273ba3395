"""Keys that are legal and have each broken some copier."""

from __future__ import annotations

AWKWARD = (
    "a//b",
    "/leading",
    "//",
    "sp ace+%.csv",
    "%2F%20",
    "ünï/é",
    "q?#&=;",
    "quo\"te's",
    "<tag>&amp;",
    "back\\slash",
    "*~!()",
    "tab\there",
    "../up",
    "a/../b",
    "./dot",
    "a/./b",
    "dir/",
    "emoji-😀",
    # FULLWIDTH TILDE: before the emoji by bytes of UTF-8, after it by UTF-16 as Java and JavaScript sort.
    "emoji-\uff5e",
)
