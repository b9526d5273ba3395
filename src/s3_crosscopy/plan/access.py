"""What a denial means: whose grant is missing, on which side, and which grants it most likely is.

S3 says AccessDenied and no more. A CopyObject needs to read the source and to write the destination with one
signature; whether the copier may HEAD the source tells the two sides apart.
"""

from __future__ import annotations

from typing import NamedTuple

from s3_crosscopy.model.requests import Side


class Denial(NamedTuple):
    """One refused request. `copier_reads_source` is what the copier's own HEAD of the source said; None: not asked."""

    call: str
    side: Side
    key: str
    source_bucket: str
    dest_bucket: str
    dest_key: str
    reader: str
    copier: str
    copier_reads_source: bool | None = None


class Likely(NamedTuple):
    """The side that most likely lacks a grant, and the grants in question."""

    side: Side
    grants: tuple[str, ...]


_READ = ("s3:GetObject", "kms:Decrypt on the source's key if it is encrypted with one")
_WRITE = (
    "s3:PutObject",
    "s3:PutObjectTagging and s3:GetObjectTagging if the object has tags",
    "kms:GenerateDataKey on the destination's key if it has one",
)
_PARTS = ("s3:PutObject", "kms:GenerateDataKey and kms:Decrypt on the destination's key if it has one")

# call -> what is likely; a copy is told apart by `copier_reads_source`.
_GRANTS: dict[str, tuple[str, ...]] = {
    "ListObjectsV2": ("s3:ListBucket",),
    "HeadBucket": ("s3:ListBucket",),
    "HeadObject": (*_READ, "s3:ListBucket, without which a key that does not exist is denied too"),
    "GetObjectTagging": ("s3:GetObjectTagging",),
    "PutObjectTagging": ("s3:PutObjectTagging",),
    "CreateMultipartUpload": _WRITE,
    "CompleteMultipartUpload": _PARTS,
    "AbortMultipartUpload": ("s3:AbortMultipartUpload",),
}
_BOTH_SIDED = ("CopyObject", "UploadPartCopy")


def likely(denial: Denial) -> Likely:
    """Which side, and which grants."""
    if denial.call not in _BOTH_SIDED:
        return Likely(denial.side, _GRANTS.get(denial.call, (f"the grant for {denial.call}",)))
    if denial.copier_reads_source:
        return Likely(Side.DEST, _WRITE if denial.call == "CopyObject" else _PARTS)
    return Likely(Side.SOURCE, _READ)


def explain(denial: Denial) -> str:
    """Who was denied what, on which key, and on which side a grant most likely is missing: a few lines of text."""
    guess = likely(denial)
    at_source = guess.side is Side.SOURCE
    who = denial.reader if at_source and denial.call not in _BOTH_SIDED else denial.copier
    bucket = denial.source_bucket if at_source else denial.dest_bucket
    key = denial.key if at_source else denial.dest_key
    denied = f"s3://{bucket}/{key}"
    if denial.call in _BOTH_SIDED:
        denied = f"s3://{denial.source_bucket}/{denial.key}"
    lines = [
        f"{denial.call} was denied for {denied}",
        f"  who:   {who}",
        f"  side:  most likely the {guess.side.value}, s3://{bucket}/{key}{_how_known(denial)}",
        f"  grant: {'; or '.join(guess.grants)}",
        f"  where: across accounts the caller's policy and the {guess.side.value}'s bucket policy must both allow it",
    ]
    return "\n".join(lines)


def _how_known(denial: Denial) -> str:
    if denial.call not in _BOTH_SIDED or denial.copier_reads_source is None:
        return ""
    return " (the copier can read the source)" if denial.copier_reads_source else " (the copier cannot read the source)"
