from __future__ import annotations

import pytest

from s3_crosscopy.model.requests import Side
from s3_crosscopy.plan.access import Denial, explain, likely


def denial(call: str, side: Side, reads: bool | None = None) -> Denial:
    return Denial(
        call=call,
        side=side,
        key="a/k",
        source_bucket="src",
        dest_bucket="dst",
        dest_key="b/k",
        reader="arn:reader",
        copier="arn:copier",
        copier_reads_source=reads,
    )


@pytest.mark.parametrize(
    ("call", "side", "reads", "likely_side", "grant"),
    [
        # A copy needs both sides: what the copier's own HEAD of the source said tells them apart.
        ("CopyObject", Side.SOURCE, False, Side.SOURCE, "s3:GetObject"),
        ("CopyObject", Side.SOURCE, None, Side.SOURCE, "s3:GetObject"),
        ("CopyObject", Side.SOURCE, True, Side.DEST, "s3:PutObject"),
        ("UploadPartCopy", Side.SOURCE, False, Side.SOURCE, "s3:GetObject"),
        ("UploadPartCopy", Side.SOURCE, True, Side.DEST, "kms:GenerateDataKey and kms:Decrypt"),
        ("ListObjectsV2", Side.SOURCE, None, Side.SOURCE, "s3:ListBucket"),
        ("ListObjectsV2", Side.DEST, None, Side.DEST, "s3:ListBucket"),
        ("HeadBucket", Side.DEST, None, Side.DEST, "s3:ListBucket"),
        ("HeadObject", Side.SOURCE, None, Side.SOURCE, "s3:GetObject"),
        ("GetObjectTagging", Side.SOURCE, None, Side.SOURCE, "s3:GetObjectTagging"),
        ("PutObjectTagging", Side.DEST, None, Side.DEST, "s3:PutObjectTagging"),
        ("CreateMultipartUpload", Side.DEST, None, Side.DEST, "s3:PutObject"),
        # Only uploads need to decrypt at the destination: why "only the big files fail".
        ("CompleteMultipartUpload", Side.DEST, None, Side.DEST, "kms:GenerateDataKey and kms:Decrypt"),
        ("AbortMultipartUpload", Side.DEST, None, Side.DEST, "s3:AbortMultipartUpload"),
        ("SomethingNew", Side.DEST, None, Side.DEST, "the grant for SomethingNew"),
    ],
)
def test_a_denial_names_the_side_and_the_grants(
    call: str, side: Side, reads: bool | None, likely_side: Side, grant: str
) -> None:
    guess = likely(denial(call, side, reads))
    assert guess.side is likely_side
    assert any(grant in one for one in guess.grants)


@pytest.mark.parametrize(
    ("made", "denied", "who", "side"),
    [
        (
            denial("CopyObject", Side.SOURCE, False),
            "s3://src/a/k",
            "arn:copier",
            "the source, s3://src/a/k (the copier cannot read the source)",
        ),
        (
            denial("CopyObject", Side.SOURCE, True),
            "s3://src/a/k",
            "arn:copier",
            "the destination, s3://dst/b/k (the copier can read the source)",
        ),
        (denial("CopyObject", Side.SOURCE, None), "s3://src/a/k", "arn:copier", "the source, s3://src/a/k"),
        (denial("HeadObject", Side.SOURCE), "s3://src/a/k", "arn:reader", "the source, s3://src/a/k"),
        (denial("PutObjectTagging", Side.DEST), "s3://dst/b/k", "arn:copier", "the destination, s3://dst/b/k"),
        # What a listing's own denial knows of the copier's reading is beside the point.
        (denial("ListObjectsV2", Side.DEST, True), "s3://dst/b/k", "arn:copier", "the destination, s3://dst/b/k"),
    ],
)
def test_an_explanation_says_what_was_denied_to_whom_and_where(made: Denial, denied: str, who: str, side: str) -> None:
    lines = explain(made).split("\n")
    assert lines[0] == f"{made.call} was denied for {denied}"
    assert lines[1].split() == ["who:", who]
    assert lines[2].strip() == f"side:  most likely {side}"
    assert likely(made).grants[0] in lines[3]
    assert f"{likely(made).side.value}'s bucket policy" in lines[4]
