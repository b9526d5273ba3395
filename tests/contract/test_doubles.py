"""What the doubles do beyond the port: limits that no test server has, sparse objects, faults, budgets, time."""

from __future__ import annotations

import pytest

from s3_crosscopy.core.transfer.multipart_layout import spans
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Checksum, Part
from s3_crosscopy.model.operations import Copy, CopyPart, ListPage, Side
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.testing import Counting, Fault, Faulty, MemoryS3, MemoryStore, RequestBudget, VirtualClock, sparse
from s3_crosscopy.testing.content import joined, literal
from tests.contract.server_differences import DONE
from tests.contract.subjects import outcome

GIB = 2**30
SOURCE, DEST = Bucket("src"), Bucket("dst")


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.create_bucket("src", owner="111111111111")
    store.create_bucket("dst", owner="222222222222")
    return store


@pytest.fixture
def s3(store: MemoryStore) -> MemoryS3:
    return MemoryS3(store, "copier")


def copy(store: MemoryStore, key: str = "key", **args: object) -> Copy:
    return Copy(SOURCE, key, DEST, key, store.get("src", key).etag, args)


def copy_in_parts(store: MemoryStore, s3: MemoryS3, part_bytes: int, **args: object) -> None:
    source = store.get("src", "key")
    upload_id = s3.create_upload(DEST, "key", args)
    parts = [
        s3.copy_part(CopyPart(SOURCE, "key", DEST, "key", source.etag, upload_id, *span))
        for span in spans(source.size, part_bytes)
    ]
    s3.complete_upload(DEST, "key", upload_id, parts, {"MpuObjectSize": source.size})


def test_a_copy_of_more_than_five_gib_is_refused(store: MemoryStore, s3: MemoryS3) -> None:
    store.put("src", "key", sparse(5 * GIB))
    assert outcome(lambda: s3.copy(copy(store))) == DONE
    store.put("src", "key", sparse(5 * GIB + 1))
    assert outcome(lambda: s3.copy(copy(store))) is Reason.INVALID


def test_ten_gib_in_parts_equal_their_source_and_have_its_checksum(store: MemoryStore, s3: MemoryS3) -> None:
    source = store.put("src", "key", sparse(10 * GIB + 5, "seed"))

    copy_in_parts(store, s3, GIB, ChecksumAlgorithm="CRC64NVME", ChecksumType="FULL_OBJECT")

    copied = store.get("dst", "key")
    assert copied.content == source.content
    assert copied.checksum == source.checksum
    assert copied.etag.endswith("-11")


def test_parts_of_a_sparse_object_in_the_wrong_order_do_not_equal_it() -> None:
    whole = sparse(100)

    assert joined([whole.cut(0, 49), whole.cut(50, 99)]) == whole
    assert joined([whole.cut(50, 99), whole.cut(0, 49)]) != whole
    assert sparse(100, "other") != whole
    assert joined([literal(b"ab"), literal(b"c")]) == literal(b"abc")
    with pytest.raises(ValueError, match="sparse"):
        whole.read()


def test_the_layout_of_a_multipart_source_gives_the_same_etag_and_another_does_not(
    store: MemoryStore, s3: MemoryS3
) -> None:
    etag = store.put("src", "key", sparse(25 * 2**20), parts=[10 * 2**20, 10 * 2**20, 5 * 2**20]).etag

    copy_in_parts(store, s3, 10 * 2**20)
    assert store.get("dst", "key").etag == etag
    copy_in_parts(store, s3, 5 * 2**20)
    assert store.get("dst", "key").etag != etag


def test_an_upload_dates_from_its_beginning() -> None:
    clock = VirtualClock()
    store = MemoryStore(clock=clock)
    store.create_bucket("dst")
    s3 = MemoryS3(store, "copier")
    store.put("dst", "source", b"content")
    upload_id = s3.create_upload(DEST, "key", {})
    clock.advance(90)

    etag = store.get("dst", "source").etag
    part = s3.copy_part(CopyPart(DEST, "source", DEST, "key", etag, upload_id, 1, 0, 6))
    s3.complete_upload(DEST, "key", upload_id, [part], {})

    assert s3.head(DEST, "key").modified == "2026-01-01T00:00:00.000Z"
    assert s3.list_page(ListPage(Side.DEST, DEST, "")).date == "2026-01-01T00:01:30.000Z"


def test_an_etag_under_kms_says_nothing(store: MemoryStore, s3: MemoryS3) -> None:
    store.put("src", "key", b"content")

    etags = {s3.copy(copy(store, ServerSideEncryption="aws:kms")).etag for _ in range(2)}

    assert len(etags | {store.get("src", "key").etag}) == 3
    assert {len(etag) for etag in etags} == {32}
    assert s3.head(DEST, "key").encryption == "aws:kms"


def test_a_part_above_five_gib_and_a_part_number_above_ten_thousand_are_refused(
    store: MemoryStore, s3: MemoryS3
) -> None:
    etag = store.put("src", "key", sparse(6 * GIB)).etag
    upload_id = s3.create_upload(DEST, "key", {})

    for number, first, last in ((1, 0, 5 * GIB), (10_001, 0, 9), (0, 0, 9), (1, 0, 6 * GIB)):
        part = CopyPart(SOURCE, "key", DEST, "key", etag, upload_id, number, first, last)
        assert outcome(lambda part=part: s3.copy_part(part)) is Reason.INVALID  # type: ignore[misc]


def test_a_checksum_of_a_part_that_is_not_its_own_is_refused(store: MemoryStore, s3: MemoryS3) -> None:
    etag = store.put("src", "key", b"content").etag
    upload_id = s3.create_upload(DEST, "key", {"ChecksumAlgorithm": "SHA256"})
    part = s3.copy_part(CopyPart(SOURCE, "key", DEST, "key", etag, upload_id, 1, 0, 6))

    wrong = Part(1, part.etag, {"ChecksumSHA256": "AAAA"})
    with pytest.raises(S3Error, match="InvalidPart"):
        s3.complete_upload(DEST, "key", upload_id, [wrong], {})
    copied = s3.complete_upload(DEST, "key", upload_id, [part], {})

    assert copied.checksum is not None
    assert copied.checksum[:2] == ("SHA256", "COMPOSITE")
    assert store.open_uploads("dst") == {}


def test_to_whom_may_not_list_a_missing_key_is_a_denied_one(store: MemoryStore) -> None:
    store.allow = lambda principal, action, bucket, key: action != "s3:ListBucket"

    assert outcome(lambda: MemoryS3(store, "one").head(SOURCE, "missing")) is Reason.DENIED


def test_a_tagged_source_needs_the_tagging_permissions_unless_its_tags_are_replaced(store: MemoryStore) -> None:
    store.put("src", "key", tags={"a": "b"})
    denied = {"s3:GetObjectTagging"}
    store.allow = lambda principal, action, bucket, key: action not in denied
    s3 = MemoryS3(store, "copier")

    assert outcome(lambda: s3.copy(copy(store))) is Reason.DENIED
    assert outcome(lambda: s3.copy(copy(store, TaggingDirective="REPLACE"))) == DONE
    denied = {"s3:PutObjectTagging"}
    assert outcome(lambda: s3.copy(copy(store))) is Reason.DENIED


def test_a_requester_pays_bucket_refuses_who_does_not_agree(store: MemoryStore) -> None:
    store.create_bucket("paid", requester_pays=True)
    s3 = MemoryS3(store, "one")

    assert outcome(lambda: s3.list_page(ListPage(Side.SOURCE, Bucket("paid"), ""))) is Reason.DENIED
    assert outcome(lambda: s3.list_page(ListPage(Side.SOURCE, Bucket("paid", None, True), ""))) == DONE


def test_a_copy_onto_itself_that_changes_nothing_is_refused(store: MemoryStore, s3: MemoryS3) -> None:
    store.put("src", "key", b"content")
    onto_itself = copy(store)._replace(dest=SOURCE)

    assert outcome(lambda: s3.copy(onto_itself)) is Reason.INVALID
    assert outcome(lambda: s3.copy(onto_itself._replace(args={"MetadataDirective": "REPLACE"}))) == DONE


def test_new_objects_have_crc64nvme_and_a_store_without_checksums_has_none(store: MemoryStore) -> None:
    assert store.put("src", "key", b"123456789").checksum == Checksum("CRC64NVME", "FULL_OBJECT", "rosUhgp5mIg=")
    bare = MemoryStore(checksum=None)
    bare.create_bucket("src")
    assert bare.put("src", "key", b"123456789").checksum is None


def test_a_fault_meets_the_requests_it_is_about_and_no_others(store: MemoryStore, s3: MemoryS3) -> None:
    for key in ("one", "two"):
        store.put("src", key, b"content")
    faulty = Faulty(s3, [Fault("CopyObject", "SlowDown", 503, key="two", skip=1, times=2)])

    def outcomes(key: str) -> list[object]:
        return [outcome(lambda: faulty.copy(copy(store, key))) for _ in range(4)]

    assert outcomes("one") == [DONE] * 4
    assert outcomes("two") == [DONE, Reason.THROTTLED, Reason.THROTTLED, DONE]
    assert (faulty.throttled(), faulty.met()) == (2, 2)


def test_an_answer_can_be_lost_after_the_request_was_done(store: MemoryStore, s3: MemoryS3) -> None:
    store.put("src", "key", b"content")
    faulty = Faulty(s3, [Fault("CopyObject", "ConnectionClosed", applied=True)])

    assert outcome(lambda: faulty.copy(copy(store))) is Reason.TIMED_OUT

    assert store.read("dst", "key") == b"content"


def test_a_fault_may_stay_for_ever(store: MemoryStore, s3: MemoryS3) -> None:
    faulty = Faulty(s3, [Fault("ListObjectsV2", "AccessDenied", 403, times=None)])

    for _ in range(3):
        assert outcome(lambda: faulty.list_page(ListPage(Side.SOURCE, SOURCE, ""))) is Reason.DENIED


def test_a_budget_is_kept_or_names_what_is_over_it(store: MemoryStore, s3: MemoryS3) -> None:
    store.put("src", "key", b"content")
    source, dest = Counting(s3), Counting(s3)
    source.head(SOURCE, "key")
    dest.copy(copy(store))
    dest.copy(copy(store))

    RequestBudget({"HeadObject": 1, "CopyObject": 2, "ListObjectsV2": 9}).check(source, dest)
    with pytest.raises(AssertionError, match="CopyObject: 2 of 1, HeadObject: 1 of 0"):
        RequestBudget({"CopyObject": 1}).check(source, dest)
    assert (dest.of_key("CopyObject", "key"), dest.of_key("CopyObject", "other")) == (2, 0)
    dest.reset()
    assert dest.counts() == {}


def test_virtual_time_moves_only_forwards_and_only_when_told() -> None:
    clock = VirtualClock(5)
    assert clock.now() == clock.now() == 5

    clock.advance(2.5)

    assert clock.now() == 7.5
    with pytest.raises(ValueError, match="go back"):
        clock.advance(-1)
