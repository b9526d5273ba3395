"""A shard: the key range of one (source, dest) pair that one task copies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.objects import KeyRange

FROM_CHARS = 40
"""Characters of a key in a label. Airflow cuts labels at 250 characters, a list of tasks much earlier."""

MARK_DIGITS = 16
"""Hex digits of a shard's mark: with 64 bits two of a thousand shards never have the same."""


@dataclass(frozen=True)
class Shard:
    """Shard `number` of `of` shards over all pairs, in pair number `pair` of `pairs`. All numbers count from 1.

    `range` has full source keys, `keys` is an estimate. `single`: the source is one object.
    """

    number: int
    of: int
    pair: int
    pairs: int
    source: str
    dest: str
    range: KeyRange
    keys: int
    single: bool = False

    @property
    def label(self) -> str:
        """The label for people: the prefix, the number of the shard, and its first key."""
        bucket, _, prefix = self.source.removeprefix("s3://").partition("/")
        name = prefix.rstrip("/").rpartition("/")[2] + "/" * prefix.endswith("/") or f"{bucket}/"
        line = f"{name} {self.number:0{len(str(self.of))}}/{self.of}"
        if not self.range.after:
            return line
        key = self.range.after.removeprefix(prefix)
        shown = key if len(key) <= FROM_CHARS else f"{key[:FROM_CHARS]}…"
        return f"{line} from {json.dumps(shown, ensure_ascii=False)}"

    @property
    def place(self) -> str:
        """The folder of its report, relative to that of the whole copy."""
        return f"{place_of_pair(self.pair, self.pairs)}shard-{self.number:04}/"

    @property
    def mark(self) -> str:
        """A digest of source, destination and range, which differs from that of a shard of another plan."""
        text = json.dumps([self.source, self.dest, *self.range])
        return hashlib.sha256(text.encode()).hexdigest()[:MARK_DIGITS]

    def to_json(self) -> dict[str, Any]:
        """The shard as JSON values."""
        return {**asdict(self), "range": list(self.range)}

    @classmethod
    def from_json(cls, raw: object) -> Shard:
        """Read the JSON of `to_json`. Raises InvalidInput, one line, for anything else."""
        try:
            return cls._read(raw)
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(
                f"shard: is not a shard of this version of s3-crosscopy ({error});"
                " clear the plan task and what follows it"
            ) from error

    @classmethod
    def _read(cls, raw: Any) -> Shard:
        if not isinstance(raw, Mapping):
            raise TypeError(f"a {type(raw).__name__}")
        values = {field.name: raw[field.name] for field in fields(cls)}
        for name, expected in _TYPES.items():
            if not isinstance(values[name], expected):
                raise TypeError(f"{name} is {values[name]!r}")
        values["range"] = key_range(values["range"])
        return cls(**values)


_TYPES: Mapping[str, type] = {
    **dict.fromkeys(("number", "of", "pair", "pairs", "keys"), int),
    **dict.fromkeys(("source", "dest"), str),
    "single": bool,
}


def place_of_pair(pair: int, pairs: int) -> str:
    """The folder of a pair's reports; "" if there is only one pair."""
    return f"pair-{pair:04}/" if pairs > 1 else ""


def place_of_publish(pair: int, pairs: int) -> str:
    """The folder of the report of a pair's publish run."""
    return f"{place_of_pair(pair, pairs)}publish/"


def key_range(raw: object) -> KeyRange:
    """Read a key range from JSON. Raises ValueError."""
    if isinstance(raw, (list, tuple)) and len(raw) == 2:
        after, end = raw
        if isinstance(after, str) and isinstance(end, (str, type(None))):
            return KeyRange(after, end)
    raise ValueError(f"{raw!r} is not a key range")
