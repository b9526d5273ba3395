"""The table: what is to be reached, and the function that measures it. The targets are those of the project's issue."""

from __future__ import annotations

from bench.cases import comparing, copying, listing, options, resuming, start
from bench.cases import multipart as large
from bench.cases import other_peers as others
from bench.cases import scale_out as scaling
from bench.cases.case import Row
from bench.figures import Target

ROWS = (
    Row("copies-plain", "copies per CPU-second against s5cmd, plain", "times",
        Target(8, "8x"), copying.against_s5cmd),
    Row("copies-tls", "copies per CPU-second against s5cmd, TLS", "times",
        Target(10, "10x"), copying.against_s5cmd_over_tls),
    Row("threads", "copies per CPU-second against boto3 in threads", "times",
        Target(25, "25x"), copying.against_threads),
    Row("load-generator", "share of the load generator's rate", "share",
        Target(0.18, "18 %"), copying.share_of_load_generator),
    Row("operator", "10,000 small objects at 40 ms a request against S3CopyPrefixOperator, wall", "times",
        Target(100, "100x"), copying.against_operator),
    Row("tls-latency", "copies a second on one core over TLS with 40 ms latency", "a second",
        Target(5_000, "5,000"), copying.rate_over_tls_with_latency),
    Row("plan", "listed and joined keys per CPU-second (`plan`) against `s5cmd ls`", "times",
        Target(8, "8x"), listing.planned_keys),
    Row("parallel", "one flat prefix of 1 M keys at 100 ms a page, parallel against serial, wall", "times",
        Target(20, "20x"), listing.parallel_listing),
    Row("sync", "unchanged sync of 1 M keys as a share of `s5cmd sync`, wall", "share",
        Target(0.1, "10 %", at_most=True), listing.unchanged_sync),
    Row("compare-parts", "unchanged pairs, `-N` ETags, no checksums: CPU against `s5cmd sync`", "share",
        Target(0.2, "1/5", at_most=True), comparing.other_part_layouts),
    Row("compare-checksums", "the same with common whole-object checksums: CPU against `s5cmd sync`", "share",
        Target(1, "1", at_most=True), comparing.common_checksums),
    Row("compare-index", "the same with an `etag_index`: CPU against `s5cmd sync`", "share",
        Target(0.25, "1/4", at_most=True), comparing.etag_index),
    Row("compare-latency", "the same at 20 ms a request, window 256: wall against `aws s3 sync`", "share",
        Target(1, "1", at_most=True), comparing.common_checksums_with_latency),
    Row("metadata", "copies with `metadata={...}` against plain copies, CPU", "times",
        Target(2.2, "2.2x", at_most=True), comparing.other_metadata),
    Row("options",
        "copies with a report, a checkpoint, `overwrite=never`, filters, tags, KMS arguments, the one that costs most,"
        " against plain copies, CPU", "times",
        Target(1.1, "1.1x each", at_most=True), options.with_each),
    Row("resume", "resume after `kill -9` at 1 M of 2 M keys: time to the first new copy", "s",
        Target(2, "2 s", at_most=True), resuming.first_new_copy),
    Row("start-version", "start-up: `--version` against aws-cli's, wall", "share",
        Target(1 / 2.5, "1/2.5", at_most=True), start.version),
    Row("start-object", "start-up: one object copied against aws-cli, wall", "share",
        Target(1 / 1.3, "1/1.3", at_most=True), start.one_object),
    Row("memory-kms", "peak memory, 1 M keys on both sides, copies encrypted with KMS, against 10 k", "MB",
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
