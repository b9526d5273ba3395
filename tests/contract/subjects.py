"""The subjects of the contract suite: a source bucket and a destination bucket of two accounts, and a port to each.

`reader` is the source account's principal, `copier` the destination account's, which may read the source. Everything
that a test prepares or checks goes past the ports: plain boto3, or the memory store itself.
"""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config

from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Part
from s3_crosscopy.model.operations import Copied, Copy, CopyPart
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import BlockingS3
from s3_crosscopy.testing import MemoryS3, MemoryStore
from tests.contract.server_differences import DONE, Behaviour, expect
from tests.servers.accounts import Account, boto_client
from tests.servers.moto import DST_ACCOUNT_ID, SRC_ACCOUNT_ID, MotoServer
from tests.servers.rgw import RgwServer

STRANGER_ID = "999999999999"
ETAG_OF_NOTHING = "0" * 32


class Subject(ABC):
    """Two fresh buckets, and how a test fills and checks them."""

    server: str
    reader: BlockingS3
    copier: BlockingS3
    owners: tuple[str, str]

    def __init__(self) -> None:
        name = uuid.uuid4().hex[:12]
        self.source = Bucket(f"src-{name}")
        self.dest = Bucket(f"dst-{name}")

    @abstractmethod
    def put(self, key: str, data: bytes = b"content", **args: Any) -> str:
        """Write to the source bucket, `args` as put_object names them; the ETag."""

    @abstractmethod
    def put_in_parts(self, key: str, parts: Sequence[bytes]) -> str:
        """Write to the source bucket as a multipart upload; the ETag."""

    @abstractmethod
    def read(self, key: str) -> bytes:
        """The data of a key of the destination bucket."""

    @abstractmethod
    def set_versioning(self, status: str) -> None:
        """Set the versioning of the source bucket: `Enabled` or `Suspended`."""

    @abstractmethod
    def revoke(self) -> None:
        """From now on the copier may not read the source."""

    def allow_parts(self, key: str) -> None:
        """Whatever a server needs beside the grant, for the copier to copy parts of `key`."""
        return  # S3 needs nothing.

    def op(self, key: str, etag: str, dest_key: str | None = None, **args: object) -> Copy:
        """A copy of a source key to the same key, or another, of the destination bucket."""
        return Copy(self.source, key, self.dest, key if dest_key is None else dest_key, etag, args)

    def copy(self, key: str, etag: str, dest_key: str | None = None, **args: object) -> Copied:
        """Do it."""
        return self.copier.copy(self.op(key, etag, dest_key, **args))

    def part(self, key: str, etag: str, upload_id: str, number: int, first: int, last: int) -> Part:
        """Copy a part of a source key to an upload of the same key."""
        return self.copier.copy_part(CopyPart(self.source, key, self.dest, key, etag, upload_id, number, first, last))

    def expect(self, behaviour: Behaviour, found: object, right: object) -> None:
        """See `gaps.expect`."""
        expect(self.server, behaviour, found, right)


def told(request: Callable[[], object]) -> object:
    """What a request answers, or the reason why it was refused."""
    try:
        return request()
    except S3Error as error:
        return error.reason


def outcome(request: Callable[[], object]) -> object:
    """DONE, or the reason why a request was refused."""
    found = told(request)
    return found if isinstance(found, Reason) else DONE


class MemorySubject(Subject):
    server = "memory"
    owners = ("111111111111", "222222222222")

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore(allow=self._allow)
        self.store.create_bucket(self.source.name, owner=self.owners[0])
        self.store.create_bucket(self.dest.name, owner=self.owners[1])
        self.reader = MemoryS3(self.store, "reader")
        self.copier = MemoryS3(self.store, "copier")
        self._granted = True

    def _allow(self, principal: str, action: str, bucket: str, key: str) -> bool:
        if principal == "reader":
            return bucket == self.source.name
        return bucket != self.source.name or self._granted

    def put(self, key: str, data: bytes = b"content", **args: Any) -> str:
        metadata = args.pop("Metadata", {})
        tags = dict(pair.split("=") for pair in args.pop("Tagging", "").split("&") if pair)
        storage_class = args.pop("StorageClass", "STANDARD")
        # CRC64NVME of megabytes takes a second in Python.
        checksum = args.pop("ChecksumAlgorithm", None if len(data) < 2**20 else "CRC32")
        return self.store.put(
            self.source.name, key, data, headers=args, metadata=metadata, tags=tags, storage_class=storage_class,
            checksum=checksum,
        ).etag  # fmt: skip

    def put_in_parts(self, key: str, parts: Sequence[bytes]) -> str:
        sizes = [len(part) for part in parts]
        return self.store.put(self.source.name, key, b"".join(parts), parts=sizes, checksum="CRC32").etag

    def read(self, key: str) -> bytes:
        return self.store.read(self.dest.name, key)

    def set_versioning(self, status: str) -> None:
        self.store.buckets[self.source.name].versioning = status

    def revoke(self) -> None:
        self._granted = False


class BotoWorld:
    """What all tests on one server share: its clients and ports, because each costs a tenth of a second to make."""

    def __init__(self, endpoint_url: str, src: Account, dst: Account) -> None:
        self.src = boto_client("s3", endpoint_url, src)
        self.dst = boto_client("s3", endpoint_url, dst)
        home = f"home-{uuid.uuid4().hex[:12]}"
        self.src.create_bucket(Bucket=home)
        self.reader: BlockingS3 = access(endpoint_url, src).s3(Bucket(home), 4)
        self.copier: BlockingS3 = access(endpoint_url, dst).s3(Bucket(home), 4)


class BotoSubject(Subject):
    """BotoS3 over a server."""

    def __init__(self, world: BotoWorld) -> None:
        super().__init__()
        self.reader, self.copier = world.reader, world.copier
        self._src, self._dst = world.src, world.dst
        self._src.create_bucket(Bucket=self.source.name)
        self._dst.create_bucket(Bucket=self.dest.name)

    def put(self, key: str, data: bytes = b"content", **args: Any) -> str:
        # Also what a test prepares may be refused by a server with a gap.
        with translated("PutObject", self.source.name, key):
            return _etag(self._src.put_object(Bucket=self.source.name, Key=key, Body=data, **args))

    def put_in_parts(self, key: str, parts: Sequence[bytes]) -> str:
        at = {"Bucket": self.source.name, "Key": key}
        at["UploadId"] = self._src.create_multipart_upload(**at)["UploadId"]
        rows = [
            {"PartNumber": number, "ETag": self._src.upload_part(**at, PartNumber=number, Body=part)["ETag"]}
            for number, part in enumerate(parts, 1)
        ]
        self._src.complete_multipart_upload(**at, MultipartUpload={"Parts": rows})
        return _etag(self._src.head_object(Bucket=self.source.name, Key=key))

    def read(self, key: str) -> bytes:
        data: bytes = self._dst.get_object(Bucket=self.dest.name, Key=key)["Body"].read()
        return data

    def set_versioning(self, status: str) -> None:
        self._src.put_bucket_versioning(Bucket=self.source.name, VersioningConfiguration={"Status": status})


class MotoSubject(BotoSubject):
    server = "moto"
    owners = (SRC_ACCOUNT_ID, DST_ACCOUNT_ID)

    def revoke(self) -> None:
        """Nothing was granted: moto enforces no permissions."""


class RgwSubject(BotoSubject):
    server = "rgw"
    owners = ("src", "dst")

    def __init__(self, world: BotoWorld, server: RgwServer) -> None:
        super().__init__(world)
        server.put_bucket_policy(server.src, self.source.name, server.user_arn(server.dst))

    def revoke(self) -> None:
        self._src.delete_bucket_policy(Bucket=self.source.name)

    def allow_parts(self, key: str) -> None:
        """See the gap about parts across accounts: an object ACL is what RGW looks at."""
        self._src.put_object_acl(Bucket=self.source.name, Key=key, GrantRead="id=dst")


def access(endpoint_url: str, account: Account, *, attempts: int = 1, read_timeout: int = 30) -> S3Clients:
    """A principal's way to a test server: few attempts and short time-outs."""
    session = boto3.Session(
        aws_access_key_id=account.access_key,
        aws_secret_access_key=account.secret_key,
        aws_session_token=account.session_token,
        region_name="us-east-1",
    )
    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        s3={"addressing_style": "path"},
        proxies={},
        connect_timeout=5,
        read_timeout=read_timeout,
    )
    return S3Clients(session, endpoint_url=endpoint_url, sts_endpoint_url=endpoint_url, config=config)


def _etag(said: Mapping[str, Any]) -> str:
    return str(said["ETag"]).strip('"')


def moto_world(server: MotoServer) -> BotoWorld:
    return BotoWorld(server.endpoint_url, server.src, server.dst)


def rgw_world(server: RgwServer) -> BotoWorld:
    return BotoWorld(server.endpoint_url, server.src, server.dst)
