"""Other tools beside ours, as processes of their own: where what they do is what people expect."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.servers.accounts import Account


def aws_sync_dryrun(endpoint_url: str, account: Account, source: str, dest: str) -> str:
    """What `aws s3 sync` would still copy, a line an object."""
    aws = Path(sys.executable).with_name("aws")
    env = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": account.access_key,
        "AWS_SECRET_ACCESS_KEY": account.secret_key,
        "AWS_SESSION_TOKEN": account.session_token or "",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    sync = [str(aws), "--endpoint-url", endpoint_url, "s3", "sync", "--dryrun"]
    done = subprocess.run([*sync, source, dest], env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout
