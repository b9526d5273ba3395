"""The destination of the soak: a byte a key says what is there and how often it was copied. Counts what is wrong."""

from __future__ import annotations

from collections import Counter

from bench.soak.key_space import PER, Keys, Place, parts_of

ABSENT, AT_FIRST, ONCE = 0, 1, 2
"""A byte: absent, there from the beginning, or copied; each further copy adds one to it, up to `OFTEN`."""
OFTEN = 9
TENTHS = 10


def there_at_first(place: Place, fresh: int) -> bool:
    """Of ten partitions `fresh` are empty at first, one is half there, and the others are whole."""
    tenth = place.partition % TENTHS
    return tenth > fresh or (tenth == fresh and place.number % 2 == 1)


class There:
    """What the destination has. `counts`: `copied`, and what should not be: see `arrived`."""

    def __init__(self, keys: Keys, fresh: int) -> None:
        self.keys = keys
        self.counts: Counter[str] = Counter()
        kinds = [bytes(there_at_first(Place(tenth, number), fresh) for number in range(PER)) for tenth in range(TENTHS)]
        self.state = bytearray(b"".join(kinds[i % TENTHS] for i in range(keys.partitions)))
        self.some = bytearray(any(kinds[i % TENTHS]) for i in range(keys.partitions))
        """For each partition whether anything of it is there."""
        self.absent = self.state.count(ABSENT)
        self.absent_markers = self.state[::PER].count(ABSENT)

    def arrived(self, index: int) -> None:
        """A key was copied. Counts as wrong: a marker before the last data, and what was there already."""
        before = self.state[index]
        number = index % PER
        if before == ABSENT:
            self.state[index] = ONCE
            self.some[index // PER] = 1
            self.counts["copied"] += 1
            self.absent -= 1
            if number == 0:
                self.absent_markers -= 1
                self.counts["markers too early"] += self.absent > self.absent_markers
        elif before == AT_FIRST:
            self.counts["needless"] += 1
        else:
            self.state[index] = min(OFTEN, before + 1)
            kind = "marker" if number == 0 else "large" if parts_of(number) > 1 else "small"
            self.counts[f"again, {kind}"] += 1

    def lacks(self) -> dict[str, int]:
        """What is not there yet."""
        return {"data": self.absent - self.absent_markers, "markers": self.absent_markers}
