"""The table: what is to be reached, and the function that measures it. The targets are those of the project's issue."""

from __future__ import annotations

from bench.cases import comparing, copying, listing
from bench.cases import multipart as large
from bench.cases import other_peers as others
from bench.cases import scale_out as scaling
from bench.cases.case import Row
from bench.figures import Target

ROWS = (
    Row("copies-plain", "copies per CPU-second against s5cmd, plain", "times",
        Target(6, "6x"), copying.against_s5cmd),
    Row("copies-tls", "copies per CPU-second against s5cmd, TLS", "times",
        Target(8, "8x"), copying.against_s5cmd_over_tls),
    Row("threads", "copies per CPU-second against boto3 in threads", "times",
        Target(25, "25x"), copying.against_threads),
    Row("load-generator", "share of the load generator's rate", "share",
        Target(0.18, "18 %"), copying.share_of_load_generator),
    Row("operator", "10,000 small objects at 40 ms a request against S3CopyPrefixOperator, wall", "times",
        Target(100, "100x"), copying.against_operator),
    Row("tls-latency", "copies a second on one core over TLS with 40 ms latency", "a second",
        Target(5_000, "5,000"), copying.rate_over_tls_with_latency),
    Row("plan", "listed and joined keys per CPU-second (`plan`) against `s5cmd ls`", "times",
        Target(6, "6x"), listing.planned_keys),
    Row("parallel", "one flat prefix of 1 M keys at 100 ms a page, parallel against serial, wall", "times",
        Target(20, "20x"), listing.parallel_listing),
    Row("sync", "unchanged sync of 1 M keys as a share of `s5cmd sync`, wall", "share",
        Target(0.1, "10 %", at_most=True), listing.unchanged_sync),
    Row("compare-parts", "unchanged pairs, `-N` ETags, no checksums: CPU against `s5cmd sync`", "share",
        Target(0.2, "1/5", at_most=True), comparing.other_part_layouts),
    Row("compare-checksums", "the same with common whole-object checksums: CPU against `s5cmd sync`", "share",
        Target(1, "1", at_most=True), comparing.common_checksums),
    Row("metadata", "copies with `metadata={...}` against plain copies, CPU", "times",
        Target(2.2, "2.2x", at_most=True), comparing.other_metadata),
    Row("memory", "resident memory, 1 M keys against 10 k", "MB",
        Target(20, "+20 MB", at_most=True), listing.memory),
    Row("large-window", "one object of 1 TiB: parts in flight in a window of 64", "requests",
        Target(large.WINDOW_PARTS, "64"), large.parts_in_flight),
    # The parts, three requests of the upload, and not more looks than one can count on two hands.
    Row("large-etag", "one object of 1 TiB with an ETag of 8,192 parts: requests", "requests",
        Target(large.PARTS + 13, "8,192 and a few", at_most=True), large.requests_with_the_etag_kept),
    Row("large-fewest", "one object of 1 TiB in parts of one's own choice: requests", "requests",
        Target(large.FEWEST + 13, "205 and a few", at_most=True), large.requests_at_least),
    Row("scale-out", "two Celery workers against one, from the first copy to the last", "times",
        Target(1.9, "1.9x"), scaling.two_workers),
    Row("start-up", "CPU before the first object", "s", None, copying.start_up),
    Row("others", "other clients", "us", None, others.other_peers),
)  # fmt: skip
