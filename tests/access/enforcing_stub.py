"""A stub that enforces grants as S3 does: what is `lacking` is denied, each request by the grants that it needs.

Two objects, one a side, both encrypted with KMS. Parties are told apart by the access key that signs.
"""

from __future__ import annotations

import re
from typing import Any

import boto3
from botocore.config import Config

from s3_crosscopy.access.examination import Party, Permission
from s3_crosscopy.access.probes.probe_clients import ProbeClients
from s3_crosscopy.access.rules.permissions import RunNeeds, needed
from s3_crosscopy.access.rules.probe_keys import NO_UPLOAD
from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.core.spec import CopySpec, resolve
from s3_crosscopy.model.location import parse_location
from s3_crosscopy.model.options import parse_options
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Request, Response

SOURCE, DEST = "src", "dst"
SOURCE_KEY = "arn:aws:kms:us-east-1:111111111111:key/source"
DEST_KEY = "arn:aws:kms:us-east-1:222222222222:key/dest"
RESERVED = "in/.s3-crosscopy-probe"
UPLOAD = "an-upload"
ENDED = Response(204)

KMS_DENIED = (
    "User: arn:aws:sts::222222222222:assumed-role/copier/s is not authorized to perform: {action} on the resource"
    " associated with this ciphertext because the resource does not exist in this Region, no resource-based policies"
    " allow access, or a resource-based policy explicitly denies access"
)
EXPLICIT = (
    'User: arn:aws:sts::222222222222:assumed-role/copier/s is not authorized to perform: {action} on resource: "arn"'
    " {by}"
)
RESOURCE_DENY = "with an explicit deny in a resource-based policy"

# What a request needs at its bucket, beside what its headers add.
_NEEDS = {
    "HeadBucket": "s3:ListBucket",
    "ListObjectsV2": "s3:ListBucket",
    "HeadObject": "s3:GetObject",
    "GetObject": "s3:GetObject",
    "GetObjectTagging": "s3:GetObjectTagging",
    "PutObject": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "ListParts": "s3:ListMultipartUploadParts",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "DeleteObject": "s3:DeleteObject",
}


class Enforced:
    """A rule of a stub. `lacking` are (party, bucket, action); with `explicit` S3 says what denied it: `by`.

    `at_dest` are the keys there, `owner` the account that both buckets belong to.
    """

    def __init__(self) -> None:
        self.lacking: set[tuple[Party, str, str]] = set()
        self.explicit = False
        self.by = RESOURCE_DENY
        self.kms_says = True
        self.at_source = {"events/a"}
        self.at_dest = {"in/there"}
        self.owner = "222222222222"

    def lack(self, permission: Permission) -> None:
        side = SOURCE if permission.place.value.startswith("source") else DEST
        action = (
            permission.action.replace("Version", "")
            if permission.action.startswith("s3:GetObject")
            else permission.action
        )
        self.lacking.add((permission.party, side, action))

    def __call__(self, request: Request) -> Response:
        expected = request.headers.get("x-amz-expected-bucket-owner")
        if expected not in (None, self.owner):
            return answers.error("AccessDenied", 403, "Access Denied")
        for action in self._needs(request):
            if (_party(request), request.bucket, action) in self.lacking:
                return self._denied(action)
        return self._served(request)

    def _keys(self, bucket: str) -> set[str]:
        return self.at_source if bucket == SOURCE else self.at_dest

    def _needs(self, request: Request) -> list[str]:
        operation = request.operation
        needs = [_NEEDS[operation]]
        if operation in ("HeadObject", "GetObject") and request.key not in self._keys(request.bucket):
            needs.append("s3:ListBucket")
        if operation in ("PutObject", "CreateMultipartUpload"):
            needs += ["s3:PutObjectTagging"] if "x-amz-tagging" in request.headers else []
            needs += ["s3:PutObjectAcl"] if "x-amz-acl" in request.headers else []
            needs.append("kms:GenerateDataKey")
        if operation == "GetObject" or (operation == "CompleteMultipartUpload" and not _of_nothing(request)):
            needs.append("kms:Decrypt")
        return needs

    def _denied(self, action: str) -> Response:
        if action.startswith("kms:"):
            message = KMS_DENIED.format(action=action) if self.kms_says else "Access Denied"
            return answers.error("AccessDenied", 403, message)
        said = EXPLICIT.format(action=action, by=self.by.format(action=action)) if self.explicit else "Access Denied"
        return answers.error("AccessDenied", 403, said)

    def _served(self, request: Request) -> Response:
        if _of_nothing(request):
            return answers.error("NoSuchUpload", 404)
        if request.operation == "ListObjectsV2":
            keys = sorted(key for key in self._keys(request.bucket) if key.startswith(request.query["prefix"]))
            return answers.list_page([answers.Listed(key) for key in keys], bucket=request.bucket)
        if request.operation in ("HeadObject", "GetObject"):
            if request.key not in self._keys(request.bucket):
                return answers.error("NoSuchKey", 404)
            key = SOURCE_KEY if request.bucket == SOURCE else DEST_KEY
            encrypted = {
                "x-amz-server-side-encryption": "aws:kms",
                "x-amz-server-side-encryption-aws-kms-key-id": key,
            }
            head = answers.head_object(11, headers=encrypted)
            return head if request.method == "HEAD" else Response(200, {**encrypted, "ETag": '"e"'}, b"x")
        return _ANSWERS[request.operation]


def _of_nothing(request: Request) -> bool:
    return request.query.get("uploadId") == NO_UPLOAD


def _party(request: Request) -> Party:
    found = re.search("Credential=(?P<key>[A-Z]+)", request.headers["authorization"])
    assert found is not None
    return Party.READER if found["key"] == "READER" else Party.COPIER


_ANSWERS = {
    "HeadBucket": Response(200, {"x-amz-bucket-region": "us-east-1"}),
    "GetObjectTagging": answers.xml("Tagging", "<TagSet/>"),
    "ListMultipartUploads": answers.xml("ListMultipartUploadsResult", "<IsTruncated>false</IsTruncated>"),
    "PutObject": Response(200, {"ETag": f'"{answers.ETAG}"'}),
    "CreateMultipartUpload": answers.create_upload(UPLOAD, key=RESERVED),
    "UploadPart": Response(200, {"ETag": f'"{answers.ETAG}"'}),
    "ListParts": answers.xml("ListPartsResult", "<IsTruncated>false</IsTruncated>"),
    "CompleteMultipartUpload": answers.complete_upload(key=RESERVED),
    "AbortMultipartUpload": ENDED,
    "DeleteObject": ENDED,
}


def access(endpoint_url: str, party: Party, **more: Any) -> S3Clients:
    """An access that signs with a key of the party's name, and tries once."""
    session = boto3.Session(party.name, "secret", region_name="us-east-1")
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, proxies={})
    return S3Clients(session, endpoint_url=endpoint_url, sts_endpoint_url=endpoint_url, config=config, **more)


def clients(endpoint_url: str, *, two: bool = True) -> ProbeClients:
    reader = access(endpoint_url, Party.READER) if two else None
    return ProbeClients(access(endpoint_url, Party.COPIER), reader)


def spec_of(source: str = "s3://src/events/", dest: str = "s3://dst/in/", **options: object) -> CopySpec:
    return resolve(parse_location(source, "source"), parse_location(dest, "dest"), parse_options(options))


def grants_of(spec: CopySpec, *, two: bool = True) -> tuple[Permission, ...]:
    return needed(RunNeeds(spec, two, SOURCE_KEY, DEST_KEY))
