"""A shard: the key range of one pair of places that one task copies; and which keys of its ranges a run is for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.objects import KeyRange

FROM_CHARS = 40
"""How much of a key a label shows: Airflow cuts labels at 250 characters, a list of tasks much earlier."""

MARK_DIGITS = 16
"""Of a shard's mark: with 64 bits two of a thousand shards are never alike."""


@dataclass(frozen=True)
class Shard:
    """Shard `number` of `of`, both over all pairs; `pair` of `pairs` is where its places stand. All count from 1.

    `range` is in full source keys, `keys` an estimate. `single`: the source is one object.
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
        """For people: what is copied, which shard of how many, and where it begins."""
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
        """Where its report is, below that of the whole copy."""
        return f"{place_of_pair(self.pair, self.pairs)}shard-{self.number:04}/"

    @property
    def mark(self) -> str:
        """Tells it from a shard of another plan: of other places, or of another range."""
        said = json.dumps([self.source, self.dest, *self.range])
        return hashlib.sha256(said.encode()).hexdigest()[:MARK_DIGITS]

    def to_json(self) -> dict[str, Any]:
        """The shard as JSON values."""
        return {**asdict(self), "range": list(self.range)}

    @classmethod
    def from_json(cls, said: object) -> Shard:
        """The shard that `to_json` wrote. Raises InvalidInput, one line, for anything else."""
        try:
            return cls._read(said)
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(
                f"shard: is no shard of this version of s3-crosscopy ({error}); clear the plan task and what follows it"
            ) from error

    @classmethod
    def _read(cls, said: Any) -> Shard:
        if not isinstance(said, Mapping):
            raise TypeError(f"a {type(said).__name__}")
        given = {each.name: said[each.name] for each in fields(cls)}
        for name, kind in _KINDS.items():
            if not isinstance(given[name], kind):
                raise TypeError(f"{name} is {given[name]!r}")
        given["range"] = key_range(given["range"])
        return cls(**given)


_KINDS: Mapping[str, type] = {
    **dict.fromkeys(("number", "of", "pair", "pairs", "keys"), int),
    **dict.fromkeys(("source", "dest"), str),
    "single": bool,
}


def place_of_pair(pair: int, pairs: int) -> str:
    """Where the reports of a pair are: one pair needs no folder of its own."""
    return f"pair-{pair:04}/" if pairs > 1 else ""


def place_of_publish(pair: int, pairs: int) -> str:
    """Where the report of a pair's markers is."""
    return f"{place_of_pair(pair, pairs)}publish/"


def key_range(said: object) -> KeyRange:
    """A key range out of JSON. Raises ValueError."""
    if isinstance(said, (list, tuple)) and len(said) == 2:
        after, end = said
        if isinstance(after, str) and isinstance(end, (str, type(None))):
            return KeyRange(after, end)
    raise ValueError(f"{said!r} is no key range")
