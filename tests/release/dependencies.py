"""What the wheel needs, down to the last package: by the metadata of this environment, pinned and hashed by the lock.

The environment was made from the same lock, so nothing is resolved and nobody is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import metadata
from typing import NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)(?:\s*;\s*([^\\]*?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Pin(NamedTuple):
    """One package of the lock, with the SHA-256 of each of its files."""

    name: str
    version: str
    hashes: tuple[str, ...]

    def line(self) -> str:
        """As a requirement of pip."""
        return f"{self.name}=={self.version} " + " ".join(f"--hash=sha256:{one}" for one in self.hashes)


def pins(lock: str) -> dict[str, Pin]:
    """The packages of a lock that are for this Python and system, by name."""
    found: dict[str, Pin] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock):
        pin = _PIN.match(block.splitlines()[0])
        if pin is None or (pin[3] and not Marker(pin[3]).evaluate()):
            continue
        name = canonicalize_name(pin[1])
        found[name] = Pin(name, pin[2], tuple(_HASH.findall(block)))
    return found


def needed(requires: Iterable[str], extras: Iterable[str] = ()) -> dict[str, frozenset[str]]:
    """Every package that these requirements come to, with what each of them needs itself."""
    found: dict[str, frozenset[str]] = {}
    seen: set[tuple[str, str]] = set()
    open_: list[tuple[str, str]] = [one for each in _direct(requires, ("", *extras)) for one in _asked(each)]
    while open_:
        name, extra = open_.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        direct = _direct(metadata.requires(name) or (), (extra,))
        found[name] = found.get(name, frozenset()) | {canonicalize_name(one.name) for one in direct}
        open_ += [one for each in direct for one in _asked(each)]
    return found


def direct(requires: Iterable[str], extras: Iterable[str] = ()) -> frozenset[str]:
    """The packages that requirements name themselves."""
    return frozenset(canonicalize_name(one.name) for one in _direct(requires, ("", *extras)))


def _direct(requires: Iterable[str], extras: Iterable[str]) -> list[Requirement]:
    read = [Requirement(one) for one in requires]
    return [one for one in read if one.marker is None or any(one.marker.evaluate({"extra": each}) for each in extras)]


def _asked(one: Requirement) -> list[tuple[str, str]]:
    name = canonicalize_name(one.name)
    return [(name, extra) for extra in ("", *one.extras)]


def requirements(lock: str, names: Iterable[str]) -> str:
    """Of these packages the lines of the lock, for `pip install --no-deps --require-hashes`."""
    known: Mapping[str, Pin] = pins(lock)
    return "".join(f"{known[name].line()}\n" for name in sorted(names))
