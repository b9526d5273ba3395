"""`make demo`: a prefix copied between two AWS accounts by a real Airflow task, twice, and checked from outside.

Everything is on this machine and made for the occasion: the S3 server, the accounts, Airflow and its database.
Exit code 0 only if everything holds.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from accounts import DEST, SOURCE, client, connection, create_account, s3_server
from airflow_run import Airflow
from compare import Comparison, compare
from ending import unwind_on_signals
from seed import seed
from show import Screen, show_comparison, show_runs

DAG_ID = "copy_between_two_accounts"


def main() -> int:
    screen = Screen()
    with tempfile.TemporaryDirectory(prefix="s3-crosscopy-demo-", ignore_cleanup_errors=True) as folder:
        screen.step("Starting an embedded S3 (moto) with two accounts, each with a bucket and a role")
        with s3_server() as url:
            return _tell(screen, url, Path(folder))


def _tell(screen: Screen, url: str, home: Path) -> int:
    for account in (SOURCE, DEST):
        create_account(url, account)
        screen.say(f"{account.number}: {account.url}, {account.role_arn} (with ExternalId)")
    airflow = Airflow(home, {"aws_raw": connection(url, SOURCE), "aws_analytics": connection(url, DEST)})
    screen.step("Filling the source, and making Airflow's database beside it")
    with airflow.migrating():
        objects = seed(client(url, SOURCE))
        screen.say(f"{objects:,} objects: nested prefixes, metadata, tags, odd keys, a marker, one object of 3 parts")
    runs = []
    for text in ("Running the DAG", "Running it again: everything should be skipped"):
        screen.step(text)
        screen.say(f"airflow dags test {DAG_ID} (Airflow itself takes some 15 s to start)")
        summary = airflow.test(DAG_ID, screen.row)
        if summary is None:
            print("\nThe DAG run failed: its errors stand above.", file=sys.stderr)
            return 1
        runs.append(summary)
    screen.step("Looking at both sides")
    found = compare(client(url, SOURCE), client(url, DEST))
    show_runs(runs)
    show_comparison(found)
    return _verdict(screen, objects, runs, found)


def _verdict(screen: Screen, objects: int, runs: list[dict[str, Any]], found: Comparison) -> int:
    first, second = runs
    checks = (
        (f"run 1 copied all {objects:,} objects", (first["copied"], first["failed"]) == (objects, 0)),
        ("run 2 copied nothing", (second["copied"], second["failed"]) == (0, 0)),
        (f"run 2 skipped all {objects:,} objects", second["skipped"] == objects),
        ("both sides are equal", found.equal and found.keys == objects),
    )
    wrong = [text for text, holds in checks if not holds]
    for text in wrong:
        print(f"does not hold: {text}", file=sys.stderr)
    print(f"\n{'Not everything holds' if wrong else 'Everything holds'}; {screen.seconds():.0f} s in all.")
    return 1 if wrong else 0


if __name__ == "__main__":
    unwind_on_signals()
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
