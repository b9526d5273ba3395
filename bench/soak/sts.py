"""STS's answer to AssumeRole."""

from __future__ import annotations

import time


def assumed(number: int, seconds: int) -> str:
    """Credentials that are told apart by their number and end after so many seconds."""
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    return (
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>'
        "<AssumedRoleUser><AssumedRoleId>AROA:soak</AssumedRoleId>"
        "<Arn>arn:aws:sts::222222222222:assumed-role/copier/soak</Arn></AssumedRoleUser><Credentials>"
        f"<AccessKeyId>ASIA{number:016d}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>"
        f"<SessionToken>token{number}</SessionToken><Expiration>{until}</Expiration></Credentials>"
        "</AssumeRoleResult><ResponseMetadata><RequestId>soak</RequestId></ResponseMetadata></AssumeRoleResponse>"
    )
