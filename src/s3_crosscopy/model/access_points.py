"""Access points: their ARNs in `s3://` URLs, their aliases, and the kinds of S3 storage that a copy cannot use.

The name of a bucket in this package may be an ARN, spelt with colons only, because a slash ends the bucket of a URL:
`arn:aws:s3:REGION:ACCOUNT:accesspoint:NAME`. boto3 takes both spellings.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from s3_crosscopy.errors import InvalidInput

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):s3:(?P<region>[a-z]{2,}(?:-[a-z0-9]+)+):(?P<account>[0-9]{12}):accesspoint[/:]"
    r"(?P<name>[a-z0-9][a-z0-9-]{1,48}[a-z0-9])"
)
_UNSORTED = "directory buckets are not supported: their listings are not in order"
_TABLES = "a table bucket has tables and no objects; use S3 Tables' own replication"
_LAMBDA = "no copy goes through an Object Lambda access point; give the bucket, or its access point"
_OUTPOSTS = "S3 on Outposts is not supported"
_MULTI_REGION = "no copy goes through a Multi-Region Access Point; give a bucket, or its access point"
_REFUSED_ARNS: Final = (
    (re.compile(r"arn:[^:]*:s3-object-lambda:"), _LAMBDA),
    (re.compile(r"arn:[^:]*:s3-outposts:"), _OUTPOSTS),
    (re.compile(r"arn:[^:]*:s3express:"), _UNSORTED),
    (re.compile(r"arn:[^:]*:s3tables:"), _TABLES),
    (re.compile(r"arn:[^:]*:s3::[^:]*:accesspoint"), _MULTI_REGION),
)
_REFUSED_NAMES: Final = (
    ("--x-s3", _UNSORTED),
    ("--xa-s3", _UNSORTED),
    ("--table-s3", _TABLES),
    ("--ol-s3", _LAMBDA),
    ("--op-s3", _OUTPOSTS),
    (".mrap", _MULTI_REGION),
)
"""The suffixes that S3 reserves (User Guide, "Bucket naming rules"), and why a copy cannot use such a bucket."""
ALIAS_END: Final = "-s3alias"
"""The end of an access point's alias."""
FORM: Final = "s3://arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/prefix/"


class AccessPoint(NamedTuple):
    """An access point by its ARN, which tells its Region and account, and not its bucket."""

    partition: str
    region: str
    account: str
    name: str

    @property
    def arn(self) -> str:
        """The ARN as policies and `CopySource` spell it."""
        return f"arn:{self.partition}:s3:{self.region}:{self.account}:accesspoint/{self.name}"


def access_point(bucket: str) -> AccessPoint | None:
    """Return the access point that a bucket's name is the ARN of, else None."""
    match = _ARN.fullmatch(bucket) if bucket.startswith("arn:") else None
    return AccessPoint(**match.groupdict()) if match is not None else None


def has_alias_end(bucket: str) -> bool:
    """Return True if the name is an access point's alias."""
    return bucket.endswith(ALIAS_END)


def split_bucket(text: str, argument: str) -> tuple[str, str]:
    """Split a URL without its scheme into bucket and key. Raises InvalidInput for an ARN that is not supported."""
    if not text.startswith("arn:"):
        bucket, _, key = text.partition("/")
        return bucket, key
    match = _ARN.match(text)
    if match is not None and text[match.end() : match.end() + 1] in ("", "/"):
        return match[0].replace("/", ":"), text[match.end() + 1 :]
    why = next((why for pattern, why in _REFUSED_ARNS if pattern.match(text)), "")
    raise InvalidInput(f"{argument}: {why or f'is an ARN, and not that of an access point, which looks like {FORM}'}")


def check_kind(bucket: str, argument: str) -> None:
    """Raise InvalidInput for a name that S3 reserves for storage that a copy cannot use."""
    for suffix, why in _REFUSED_NAMES:
        if bucket.lower().endswith(suffix):
            raise InvalidInput(f"{argument}: {bucket!r}: {why}")
