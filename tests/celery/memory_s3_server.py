"""An S3 in memory for many small copies: what it holds, what was copied by whom, and its answers.

It truly holds what was copied; who asks is known by the access key, which it does not check. It can leave one client
without answers, so that whoever waits for one is killed in the middle of its work. Knows no sockets: `wire.py` does.
"""

from __future__ import annotations

import bisect
import hashlib
import re
import threading
import time
from datetime import datetime, timezone
from typing import NamedTuple
from urllib.parse import unquote

from tests.servers import s3_responses as answers
from tests.servers.http_messages import Request, Response
from tests.servers.stub_server import UNEXPECTED

_CREDENTIAL = re.compile(r"Credential=([^/]+)/")
_NO_TAGS = answers.xml("Tagging", "<TagSet></TagSet>")
_NO_KEY = answers.error("NoSuchKey", 404)


class Stored(NamedTuple):
    """An object; `modified` in the form of a listing."""

    content: bytes
    etag: str
    modified: str


class Bucket:
    """Objects, and their keys in order."""

    def __init__(self) -> None:
        self.objects: dict[str, Stored] = {}
        self._keys: list[str] = []

    def put(self, key: str, content: bytes, etag: str | None = None) -> Stored:
        """Store it as of now."""
        if key not in self.objects:
            bisect.insort(self._keys, key)
        modified = datetime.now(timezone.utc).isoformat()[:19] + ".000Z"
        stored = Stored(content, etag or hashlib.md5(content).hexdigest(), modified)
        self.objects[key] = stored
        return stored

    def remove(self, key: str) -> None:
        """Forget it."""
        del self.objects[key]
        del self._keys[bisect.bisect_left(self._keys, key)]

    def page(self, prefix: str, after: str, most: int) -> tuple[list[str], bool]:
        """The keys behind `after`, and whether there are more."""
        begin = max(bisect.bisect_right(self._keys, after), bisect.bisect_left(self._keys, prefix))
        found = [key for key in self._keys[begin : begin + most + 1] if key.startswith(prefix)]
        return found[:most], len(found) > most


class Copied(NamedTuple):
    """A CopyObject that was done, when by the process's monotonic clock, and for which access key."""

    client: str
    key: str
    at_s: float


class Lake:
    """The buckets. `answer` is for one thread; the rest may be looked at from others while nothing is asked."""

    def __init__(self, *buckets: str) -> None:
        self.buckets = {name: Bucket() for name in buckets}
        self.copied: list[Copied] = []
        self.held = threading.Event()
        self._held_client = ""
        self._left = 0

    def begin_anew(self, *empty: str) -> None:
        """Nothing was copied, nobody is held, and these buckets are empty."""
        self.buckets.update({name: Bucket() for name in empty})
        self.copied.clear()
        self.hold("", 0)

    def hold(self, client: str, after: int) -> None:
        """Answer a client no more once it has had so many copies from now on; `held` says that it waits.

        What it still asks for is done and not done by turns, as when a connection breaks.
        """
        self.held.clear()
        self._held_client, self._left = client, after

    def answer(self, request: Request) -> Response | None:
        """None: nothing is ever said to that."""
        found = _CREDENTIAL.search(request.headers.get("Authorization", ""))
        client = found[1] if found else ""
        operation = request.operation
        if client == self._held_client and operation == "CopyObject":
            self._left -= 1
        if client == self._held_client and self._left < 0:
            if operation == "CopyObject" and self._left % 2:
                self._copy(request, client)
            self.held.set()
            return None
        bucket = self.buckets.get(request.bucket)
        if bucket is None:
            return answers.error("NoSuchBucket", 404)
        if operation == "CopyObject":
            return self._copy(request, client)
        if operation == "ListObjectsV2" and "delimiter" not in request.query:
            return _list(bucket, request)
        if operation == "HeadObject":
            stored = bucket.objects.get(request.key)
            return answers.head_object(len(stored.content), stored.etag) if stored else Response(404)
        if operation == "HeadBucket":
            return Response(200, {"x-amz-bucket-region": "us-east-1"})
        return _NO_TAGS if operation == "GetObjectTagging" else UNEXPECTED

    def _copy(self, request: Request, client: str) -> Response:
        name, _, key = unquote(request.headers["x-amz-copy-source"]).lstrip("/").partition("/")
        source = self.buckets[name].objects.get(key) if name in self.buckets else None
        if source is None:
            return _NO_KEY
        stored = self.buckets[request.bucket].put(request.key, source.content, source.etag)
        self.copied.append(Copied(client, request.key, time.monotonic()))
        return answers.copy_result(stored.etag, stored.modified)


def _list(bucket: Bucket, request: Request) -> Response:
    query = request.query
    token = query.get("continuation-token")
    after = query.get("start-after", "") if token is None else unquote(token)
    most = min(int(query.get("max-keys", 1000)), 1000)
    prefix = query.get("prefix", "")
    keys, more = bucket.page(prefix, after, most)
    rows = [
        answers.Listed(key, len(stored.content), stored.etag, stored.modified)
        for key in keys
        for stored in (bucket.objects[key],)
    ]
    return answers.list_page(rows, bucket=request.bucket, prefix=prefix, next_token=keys[-1] if more else "")
