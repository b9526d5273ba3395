"""The limits of what is read from servers, files, reports and Airflow's tables: one table, with each number's reason.

All of these can be written by others, or be damaged. Each limit is far above what a run of ours writes, and low enough
that reading up to it harms nobody. What is over one is refused in one line that names it, never cut in silence.
"""

from __future__ import annotations

from typing import NamedTuple

from s3_crosscopy.model.option_parsers import show_bytes


class Limit(NamedTuple):
    """At most so many units of something; `subject` has its article, for a message."""

    subject: str
    most: int
    unit: str
    why: str

    @property
    def shown(self) -> str:
        """`64 MiB`, `32 levels`."""
        return show_bytes(self.most) if self.unit == "bytes" else f"{self.most:,} {self.unit}"

    @property
    def exceeded(self) -> str:
        """The end of a message about what is over it."""
        return f"has more than {self.shown}, the limit of {self.subject}"

    def cut(self, text: str) -> str:
        """A text that is shown only, with its end left out where it is over the limit."""
        return text if len(text) <= self.most else f"{text[: self.most]}..."


PAGE = Limit("a page of S3's", 6 * 2**20, "bytes", "a thousand keys of 1 KB, encoded, have 3.7 MB; most pages 300 KB")
ANSWER = Limit("an answer of S3's", 128 * 2**10, "bytes", "S3's have 2 KB, and white space while a copy takes long")
HEAD = Limit("an answer's headers", 300 * 2**10, "bytes", "S3's have 1 KB, with metadata 20 KB; it is libcurl's own")
TAGS = Limit(
    "an answer's XML", 200_000, "tags", "a page of a thousand objects has 36,000 with all that S3 can list of each"
)
QUICK = Limit("a page that is read quickly", 4 * 2**20, "bytes", "what is not of the usual form is left to botocore")
AROUND = Limit("what is around a page's rows", 32 * 2**10, "characters", "a prefix and a token have 6,000 at most")
REST = Limit("what follows a row's size", 2000, "characters", "an owner and a restoration have 300")
REQUEST = Limit("a request", 600, "seconds", "a page takes one, and minutes behind very many delete markers")
COPYING = Limit("a copy's request", 3600, "seconds", "5 GiB at 1.5 MB/s; S3 sends white space meanwhile")
IDENTITY = Limit("a request to STS or SSO", 60, "seconds", "each takes less than one")
CODE = Limit("an error's code", 128, "characters", "the longest of S3's has 40")
MESSAGE = Limit(
    "an error's message",
    2048,
    "characters",
    "a message about denied access names a user, a key and a policy, each by its ARN",
)
LINE = Limit("a manifest's line", 64 * 2**10, "bytes", "a key of 1 KB escaped, beside the rest of a report's row")
PACKED = Limit("a packed manifest", 250, "times its bytes", "keys shrink to a tenth or a twentieth")
BLANK = Limit("a manifest", 100_000, "empty lines", "none is written; a megabyte of gzip may hold a billion")
CHECKPOINT = Limit("a checkpoint", 16 * 2**20, "bytes", "a run saves at most 8 MiB, and 48 KiB in Airflow's store")
LEFT = Limit("a checkpoint's packed key ranges", 16 * 2**20, "bytes", "a run keeps at most 4 MiB of them")
LEFT_KEYS = Limit("a checkpoint's unpacked keys", 512 * 2**20, "bytes", "a million ranges of two keys have 200 MB")
SINCE = Limit("a state of since", 64 * 2**10, "bytes", "it holds two times and a key of 1 KB, escaped")
PRICES = Limit("a file of prices", 2**20, "bytes", "the one that is shipped has 3 KB")
DEFAULTS = Limit("a file of defaults", 2**20, "bytes", "a setting takes a line, and there are a hundred")
INDEX = Limit("a report's index", 64 * 2**20, "bytes", "200 bytes a segment, and there are at most 300,000")
RUN = Limit("what a report tells of its run", 256 * 2**10, "bytes", "240 samples of the window, and the options")
SUMMARY = Limit("a report's summary", 4 * 2**20, "bytes", "it names 40 keys at most, each with S3's message")
UPLOADS = Limit("a report's list of uploads", 16 * 2**20, "bytes", "2 KB an upload, and hundreds are open at most")
DIGEST = Limit("a report's digest", 64 * 2**20, "bytes", "it holds 1,150 rows at most, most of them below 3 KB")
DEPTH = Limit("nested JSON", 32, "levels", "our own has 8; a few thousand are more than Python can read")
INTEGER = Limit("an integer in JSON", 30, "digits", "Python's own conversion takes quadratic time")
ROW = Limit("a line of a report", 256 * 2**10, "bytes", "keys of 1 KB and texts of 4 KB, all of it escaped")
ROWS = Limit("one file of a report", 20_000_000, "rows", "a segment holds what is committed within ten seconds or so")
RATIO = Limit("a report that is unpacked", 250, "times its bytes", "rows shrink to a tenth, like ones to a fortieth")
UNPACKED = Limit("a small packed file", 4 * 2**20, "bytes", "a million lines, which a second reads, whatever its ratio")
SEGMENTS = Limit("a report", 300_000, "segments", "one each ten seconds, for a thousand shards of an hour")
FILE = Limit("one file of a place in S3", 16 * 2**30, "bytes", "it is fetched onto the disk; 200 million keys, packed")
TEXT = Limit("a text in a report's row", 4096, "characters", "S3's messages have a hundred; more of one is left out")
STORED = Limit("a task's state or summary in the tab", 512 * 2**10, "characters", "Airflow's store takes 64 KB a value")
PLANNED = Limit("a value with planned shards", 256 * 2**10, "bytes", "16 shards with keys and places of 1 KB: 70 KB")
RESULT = Limit("what a shard did", 4 * 2**20, "bytes", "it names 40 keys at most, each with S3's message")
ETAG_LIST = Limit("an ETag index's list", 64 * 2**20, "bytes", "250 bytes a segment of 4,000 objects")
ETAG_SEGMENTS = Limit("an ETag index", 300_000, "segments", "of 4,000 objects each, for a thousand million")
ETAG_SEGMENT = Limit(
    "a segment of an ETag index", 16 * 2**20, "bytes", "4,000 rows have 230 KB, of the longest keys 6 MB"
)
ETAG_PENDING = Limit("the pending rows of an ETag index", 64 * 2**20, "bytes", "at most 288,000 rows, which have 16 MB")
ETAG_BLOCK = Limit("a block of an ETag index", 8 * 2**20, "bytes", "a thousand keys of 1 KB, escaped, have 6 MB")
ETAG_HEADS = Limit(
    "the first part of an ETag index's segment", 2 * 2**20, "bytes", "200 bytes a block of a thousand rows"
)
ETAG_ROWS = Limit("a block of an ETag index", 4_000, "rows", "a run writes a thousand")
ETAG_COMMAS = Limit("a row of an ETag index", 100, "commas", "it has three, and few keys have more")
ETAG_WRITER = Limit("the mark of an ETag index's writer", 64 * 2**10, "bytes", "35 for each of 500 runs")
REASONS = Limit("a task's reasons in the tab", 40, "reasons", "a copy knows 30; all others are shown as one sum")

ALL = (
    *(PAGE, ANSWER, HEAD, TAGS, QUICK, AROUND, REST, REQUEST, COPYING, IDENTITY, CODE, MESSAGE, LINE, PACKED, BLANK),
    *(
        CHECKPOINT,
        LEFT,
        LEFT_KEYS,
        SINCE,
        PRICES,
        DEFAULTS,
        INDEX,
        RUN,
        SUMMARY,
        UPLOADS,
        DIGEST,
        DEPTH,
        INTEGER,
        ROW,
        ROWS,
        RATIO,
    ),
    *(UNPACKED, SEGMENTS, FILE, TEXT, STORED, PLANNED, RESULT, REASONS),
    *(
        ETAG_LIST,
        ETAG_SEGMENTS,
        ETAG_SEGMENT,
        ETAG_PENDING,
        ETAG_BLOCK,
        ETAG_HEADS,
        ETAG_ROWS,
        ETAG_COMMAS,
        ETAG_WRITER,
    ),
)
