"""The page about AWS: how to try this project there, what that costs and needs, and the statements that rest on it."""

from __future__ import annotations

import json

from docs.writers.table import code, page, table

from s3_crosscopy.adapters.price_file import read_prices
from s3_crosscopy.selftest.fact_table import FACTS
from s3_crosscopy.selftest.needed_permissions import (
    COPIER_SOURCE_ACTIONS,
    DEST_ACTIONS,
    SOURCE_ACTIONS,
    kms_statement,
    selftest_policy,
    statements,
)
from s3_crosscopy.selftest.new_places import Places
from s3_crosscopy.selftest.object_specs import object_specs
from s3_crosscopy.selftest.selftest_cost import cost_text, planned_requests, selftest_cost

SOURCE, DEST = ("acme-raw", "tmp/"), ("analytics-landing", "tmp/")
KEY = "arn:aws:kms:eu-central-1:222222222222:key/THE-KEY-ID"

HEAD = """\
**No run on AWS is known yet.** What this project says about S3 is read from AWS's documentation, and tried on Ceph RGW,
on moto and on doubles of its own. Those are not S3. `s3-crosscopy selftest` tries it on S3 itself, in two buckets of
yours, and prints where S3 does something else. If you have run it, please attach the JSON to an issue: also a run
without any difference is news.

## Run it

<!-- not run: it is for AWS; tests/selftest runs it on moto and on RGW, which differ from S3 -->
```shell
s3-crosscopy selftest s3://acme-raw/tmp/ s3://analytics-landing/tmp/ --profile analytics --source-profile raw
```

`--profile` signs every copy, `--source-profile` writes and reads the source. Without `--source-profile` the first one
does both; if the second may not write at the source, the first one tries. Both places may be in one bucket, and in one
account. It says what it will write and what that costs, and asks. `--yes` answers for you; without it and without a
terminal it refuses. It takes one to three minutes.

1. It writes about sixty small and some larger objects below a new prefix at the source: keys of every awkward class,
   content headers, metadata, tags, each checksum, objects in parts, and with `--kms-key-id` objects under that key.
2. It copies them with `copy()` on both data paths, reads every copy back, and compares content, headers, metadata,
   tags, checksums, storage class and ETags.
3. It mirrors a prefix, takes the delete back if there are versions, copies an older version, and sends single requests
   that S3 must refuse: another ETag, another owner, a missing key.
4. It kills three of its own copies by SIGKILL and resumes each: one between two batches of small objects, and two
   within a multipart upload, after the first of three parts (over boto3, which lets it stop there). One of these is
   killed after a checkpoint, which is written every ten seconds, has recorded the upload: its resume completes the same
   upload with the two other parts. The other one is killed before: its resume finds the upload by key and age, aborts
   it, and copies the object with a new one. Both objects are read back, and no upload may be left.
5. It removes everything, by version where the bucket has versions, also after Ctrl-C and after a failure.

On stdout is one row for each check: what was expected by which statement, and what was seen. The file
`s3-crosscopy-selftest.json` (or `--out FILE`) has the same with versions, Regions and settings, without account ids,
names of buckets, prefixes and keys of KMS; `--no-mask` leaves them in. The exit code is 0 if nothing differs and
nothing remained.

`--skip NAME` leaves one object or request out, for instance `--skip key-not-in-xml` for a server that cannot list such
a key, or `--skip recorded-upload`, which waits ten seconds for a checkpoint. With `--endpoint-url` it runs on other
servers too.

## What it touches

Each side gets a new prefix with a random name, `s3-crosscopy-selftest-.../`, below the one that you name. Nothing
outside of it is written, deleted or read; the bucket's versioning, Region, Object Lock and payer are asked for. A
prefix that does not end in `/` gets one.

| bucket | what it does |
|---|---|
| with versioning, also suspended | removes each version and each delete marker that it made |
| with Object Lock, or with MFA delete | refuses before it writes: the objects might not be removable |
| with Requester Pays | refuses before it writes; where the payer may not be asked for, its requests are denied |
| with SSE-KMS by default | compares no ETags there; who may not use the key has rows with the denied requests |
| with ACLs disabled, or Block Public Access | makes no difference: it sends no ACL |
| with s3:ListBucket for the prefix only | is taken; the rows about missing keys may differ, as S3 denies these then |
| where the profile may not delete, list or abort | refuses before it writes, and names the permission |
| where a delete is denied later | says what remains, with key and version, and exits with 1 |
| where another permission is missing | has a row with the denied request, and tries everything else |
| with a lifecycle rule, replication or events | these apply to its objects too: name a place where that does no harm |

A profile that asks for an MFA code is refused, because each copy would ask for another one: take temporary credentials
first. If a token expires on the way, it is read again from the profile. If that does not help, the self-test ends, also
the removal, and says below which prefixes things remain.

If the process is killed (`kill -9`), the two prefixes, which it prints at its start, are left. Remove them, with all
versions, and abort the uploads below them.
"""

POLICIES = """\
## The permissions that it needs

The last statement of both is only for `--kms-key-id`. For `--source-profile`, at the source:
"""

ACROSS = """\
If the source belongs to another account than a profile, its bucket policy has to allow that profile the same actions;
[access](access.md) has the form. Without `--source-profile`, the copier needs the first policy too.
"""


def aws_page() -> str:
    """The page docs/aws.md."""
    of_source = selftest_policy(*statements(*SOURCE, SOURCE_ACTIONS, "SelftestSource"), kms_statement(KEY))
    of_copier = selftest_policy(
        *statements(*SOURCE, COPIER_SOURCE_ACTIONS, "SelftestSource"),
        *statements(*DEST, DEST_ACTIONS, "SelftestDestination"),
        kms_statement(KEY),
    )
    return page(
        "Try it on AWS", HEAD, _cost(), POLICIES, _json(of_source),
        "For `--profile`, which signs the copies:\n",
        _json(of_copier), ACROSS, _facts(),
    )  # fmt: skip


def _cost() -> str:
    places = Places(SOURCE[0], SOURCE[1] + "x" * 40, DEST[0], DEST[1] + "x" * 40)
    specs = object_specs(places.dest_prefix, KEY)
    planned = planned_requests(specs)
    prices = read_prices()
    cost = selftest_cost(planned, prices)
    return f"""## What it costs

With a KMS key, and in buckets with SSE-KMS by default, {cost_text(planned, cost)}
({prices.region}, {prices.date}). Most of that is the download of the copies
({cost.download:.3f}), which costs nothing inside AWS, and their transfer between Regions ({cost.transfer:.3f}), which
costs nothing inside one. Deletes are free. The two objects of class STANDARD_IA are billed with the minimum of 128 KB
and 30 days, far below a cent.
"""


def _json(document: object) -> str:
    return f"```json\n{json.dumps(document, indent=2)}\n```\n"


def _facts() -> str:
    rows = ((code(name), fact.text, fact.source, fact.used_for) for name, fact in FACTS.items())
    text = """## The statements that rest on it

Each row of the result names one of these. The sources are pages of AWS's documentation, read in November 2026.
"""
    return text + "\n" + table(("fact", "what S3 does", "source", "what rests on it"), rows)
