"""`make ui`: Airflow with the tab "S3 copy", an S3 of two AWS accounts beside it, and DAGs to watch, until Ctrl-C.

Everything is on this machine and made for the occasion; nothing of it is left afterwards.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

# What the demo is made of, this is too.
sys.path.append(str(Path(__file__).resolve().parents[1] / "demo"))

from accounts import DEST, SOURCE, client, connection, create_account, s3_server
from ending import unwind_on_signals
from examples.ui.site import PASSWORD, USER, Site
from seed import seed

BEGAN = time.monotonic()
OBJECTS = 1750
"""A minute at the speed of the DAGs, and all of their days."""

LOOK = """
  {url}
  user {user}, password {password}

  1. Log in and open a DAG:
     {url}/dags/watch_a_copy          one task, about a minute
     {url}/dags/watch_a_mapped_copy   the same by day, in twelve mapped tasks
  2. Press Trigger, twice.
  3. Open the run, or a task of it, and then its tab "S3 copy".

The links to the S3 console lead to AWS, which does not know these buckets. Ctrl-C ends all of it."""


def main() -> int:
    with ExitStack() as stack:
        folder = tempfile.TemporaryDirectory(prefix="s3-crosscopy-ui-", ignore_cleanup_errors=True)
        home = Path(stack.enter_context(folder))
        _say("Starting an embedded S3 (moto) with two accounts, and filling a bucket")
        url = stack.enter_context(s3_server())
        for account in (SOURCE, DEST):
            create_account(url, account)
        objects = seed(client(url, SOURCE), OBJECTS)
        _say(f"{objects:,} objects are in {SOURCE.url}; making Airflow's database")
        site = Site(home, {"aws_raw": connection(url, SOURCE), "aws_analytics": connection(url, DEST)})
        site.migrate()
        _say("Starting Airflow")
        parts = site.start(stack)
        _say("Ready:")
        print(LOOK.format(url=site.url, user=USER, password=PASSWORD), flush=True)
        while not (failure := site.ended(parts)):
            time.sleep(1)
        print(failure, file=sys.stderr)
        return 1


def _say(text: str) -> None:
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {text}", flush=True)


if __name__ == "__main__":
    unwind_on_signals()
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nEnded; nothing is left.", flush=True)
        sys.exit(0)
