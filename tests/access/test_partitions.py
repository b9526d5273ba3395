"""Which partition a Region is in, and what its servers are called, is botocore's own table."""

from __future__ import annotations

import boto3
import pytest

from s3_crosscopy.adapters.boto.partitions import dns_suffix_of, partition_of_region, partitions


@pytest.mark.parametrize(
    ("region", "name", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
        ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
        ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
        ("eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"),
        ("us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"),
        ("eu-newer-9", "aws", "amazonaws.com"),
    ],
)
def test_a_region_tells_its_partition_and_that_the_suffix(region: str, name: str, suffix: str) -> None:
    assert partition_of_region(region) == name
    assert dns_suffix_of(name) == suffix


def test_every_partition_that_boto3_names_is_known() -> None:
    assert set(partitions()) == set(boto3.Session().get_available_partitions())


def test_what_botocore_does_not_know_is_in_no_partition() -> None:
    assert partition_of_region("default") is None
    assert dns_suffix_of("elsewhere") == "amazonaws.com"
