from __future__ import annotations

import gzip
import io
import json
import os
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.keys import AWKWARD
from tests.report.samples import Killed, Mortal, a_report, any_rows, copied, failed, no_client, write_segment
from tests.servers.moto import MotoServer

from s3_crosscopy.errors import InvalidInput, RetryableFailure, S3Error
from s3_crosscopy.model.input_limits import INDEX
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.report import jsonl as encode
from s3_crosscopy.report import parquet
from s3_crosscopy.report.files import Files, files_at
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.report.report_reader import read_index, read_rows, read_summary
from s3_crosscopy.report.report_writer import StoredReport
from s3_crosscopy.report.s3_files import BucketFiles
from s3_crosscopy.report.segment import Segment

A, B, C = [copied("a"), copied("b")], [copied("c")], [copied("d"), copied("e")]
BAD = failed("bad")
LATE = copied("late")._replace(at_s=1.23456, took_s=0.5)


@pytest.fixture
def folder(tmp_path: Path) -> FolderFiles:
    return FolderFiles(str(tmp_path / "new" / "report"))


@pytest.fixture(scope="module")
def client(moto: MotoServer) -> Any:
    client = moto.client(moto.dst)
    client.create_bucket(Bucket="reports")
    return client


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, folder: FolderFiles) -> Files:
    if request.param == "folder":
        return folder
    return BucketFiles(request.getfixturevalue("client"), Bucket("reports"), f"run {request.node.name}")


@pytest.fixture(params=["jsonl", "parquet"])
def report_format(request: pytest.FixtureRequest) -> str:
    if request.param == "parquet":
        pytest.importorskip("pyarrow")
    return str(request.param)


def names(folder: FolderFiles) -> list[str]:
    return sorted(str(path.relative_to(folder.where())) for path in Path(folder.where()).rglob("*") if path.is_file())


def content(files: Files, name: str) -> bytes:
    with files.open(name) as file:
        return file.read()


def rows_or_none(files: Files) -> list[ReportRow] | None:
    """Of a report without an end: none."""
    try:
        return list(read_rows(files))
    except InvalidInput as error:
        if "is not finished" in str(error):
            return None
        raise


def write(files: Files, segments: list[list[ReportRow]], rest: list[ReportRow], report_format: str = "jsonl") -> None:
    store = StoredReport(files, report_format)
    store.begin()
    for number, rows in enumerate(segments):
        write_segment(store, number, rows)
    store.finish(len(segments), rest, a_report())


class TestALine:
    def test_has_readable_names_and_no_empty_fields(self) -> None:
        lines = gzip.decompress(encode.to_lines([copied("ü\n", 0), failed("b")])).decode().splitlines()
        assert json.loads(lines[0]) == {
            "key": "in/ü\n", "outcome": "copied", "reason": "absent", "size": 0, "dest_key": "out/ü\n",
            "etag": "0" * 32, "verified_by": "etag",
        }  # fmt: skip
        assert "in/ü\\n" in lines[0]
        assert json.loads(lines[1])["request_id"] == "r1"

    @given(st.lists(any_rows, max_size=5))
    def test_is_read_back_as_it_was_whatever_it_holds(self, rows: list[ReportRow]) -> None:
        assert list(encode.rows_of(io.BytesIO(encode.to_lines(rows)))) == rows

    @given(st.lists(any_rows, max_size=5))
    def test_is_the_json_that_the_standard_library_reads(self, rows: list[ReportRow]) -> None:
        lines = gzip.decompress(encode.to_lines(rows)).decode().split("\n")
        assert [json.loads(line)["key"] for line in lines[:-1]] == [row.key for row in rows]

    def test_is_one_of_any_number(self) -> None:
        rows = [copied(f"{number}ü😀") for number in range(2 * encode.LINES_AT_ONCE + 1)]
        assert list(encode.rows_of(io.BytesIO(encode.to_lines(rows)))) == rows

    @given(st.lists(st.sampled_from([*A, *B, BAD, LATE, LATE._replace(reason="a%s"), LATE._replace(etag="x" * 5000)])))
    def test_does_not_depend_on_the_lines_around_it(self, rows: list[ReportRow]) -> None:
        lines = gzip.decompress(encode.to_lines(rows))
        assert lines == b"".join(gzip.decompress(encode.to_lines([row])) for row in rows)
        assert lines.decode() == "".join(map(encode._any_line, rows))

    def test_is_the_same_bytes_for_the_same_row_without_a_name_and_a_time(self) -> None:
        packed = encode.to_lines(A)
        assert packed == encode.to_lines(list(A))
        assert packed[3:8] == b"\0\0\0\0\0"

    def test_has_its_own_times_whatever_those_of_its_neighbours(self) -> None:
        times = [(-1.0, -1.0), (1.0, 0.5), (1.0, 0.5), (1.0, 0.25), (2.0, 0.25), (1.0, 0.5)]
        rows = [copied(f"{n}")._replace(at_s=at_s, took_s=took_s) for n, (at_s, took_s) in enumerate(times)]
        lines = gzip.decompress(encode.to_lines(rows)).decode()
        assert lines == "".join(map(encode._any_line, rows))

    def test_added_in_pieces_is_in_one_gzip_member(self) -> None:
        segment = Segment()
        for row in [*A, *B]:
            segment.extend([row])
        unpacking = zlib.decompressobj(wbits=31)
        assert unpacking.decompress(segment.data()) == gzip.decompress(encode.to_lines([*A, *B]))
        assert (unpacking.eof, unpacking.unused_data) == (True, b"")
        assert (len(segment), segment.digester.digest().rows) == (len([*A, *B]),) * 2
        assert segment.data() == segment.data()

    def test_of_a_later_version_may_have_more_fields(self) -> None:
        packed = encode.packed(['{"key":"k","colour":"red"}\n'])
        assert list(encode.rows_of(io.BytesIO(packed))) == [ReportRow("k", "", "", "", 0, "")]

    @pytest.mark.parametrize("line", ['{"key":', "[]", '{"size":1}', '{"key":1}', '{"key":"k","size":"big"}', "\xff"])
    def test_that_is_no_row_is_named(self, line: str) -> None:
        packed = encode.packed([gzip.decompress(encode.to_lines(A)).decode(), line + "\n"])
        with pytest.raises(ValueError, match=r"^line 3 is no row of a report \(.+\)$"):
            list(encode.rows_of(io.BytesIO(packed)))

    def test_that_is_cut_off_is_never_the_end(self) -> None:
        with pytest.raises(ValueError, match=r"^is a damaged gzip file after line \d$"):
            list(encode.rows_of(io.BytesIO(encode.to_lines(A)[:-4])))


def test_a_parquet_file_has_dictionaries_for_repeated_texts_only() -> None:
    file = io.BytesIO(parquet.to_parquet([*A, BAD]))
    group = pytest.importorskip("pyarrow.parquet").ParquetFile(file).metadata.row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    assert {column.path_in_schema for column in columns if column.has_dictionary_page} == {*parquet.REPEATED}


class TestAReport:
    def test_is_read_back_in_order_with_the_rest_at_the_end(self, files: Files, report_format: str) -> None:
        write(files, [A, B], [BAD], report_format)
        assert list(read_rows(files)) == [*A, *B, BAD]

    def test_holds_any_key(self, files: Files, report_format: str) -> None:
        rows = [copied(key) for key in AWKWARD]
        write(files, [rows], [failed("\x00\U0010ffff")], report_format)
        assert list(read_rows(files)) == [*rows, failed("\x00\U0010ffff")]

    def test_lies_in_these_files(self, folder: FolderFiles) -> None:
        write(folder, [A, B], [BAD])
        assert [name for name in names(folder) if not name.startswith("rest-")] == [
            "digest.json", "failed.jsonl.gz", "index.json", "report.html", "segments/part-000000.jsonl.gz",
            "segments/part-000001.jsonl.gz", "summary.json",
        ]  # fmt: skip
        assert sum(name.startswith("rest-") for name in names(folder)) == 1

    def test_in_parquet_names_its_segments_so(self, folder: FolderFiles) -> None:
        pytest.importorskip("pyarrow")
        write(folder, [A], [BAD], "parquet")
        index = read_index(folder)
        assert index["report_format"] == "parquet"
        assert index["segments"][0]["name"] == "segments/part-000000.parquet"
        assert index["failed"] == {"name": "failed.jsonl.gz", "rows": 1}

    def test_keeps_the_failed_keys_apart(self, files: Files) -> None:
        write(files, [A], [BAD, copied("late"), failed("worse")])
        assert gzip.decompress(content(files, "failed.jsonl.gz")).decode() == '{"key":"in/bad"}\n{"key":"in/worse"}\n'

    def test_where_nothing_failed_replaces_the_failed_keys_of_before(self, folder: FolderFiles) -> None:
        write(folder, [A], [BAD])
        write(folder, [A], [])
        assert read_index(folder)["failed"]["rows"] == 0
        assert gzip.decompress(content(folder, "failed.jsonl.gz")) == b""

    def test_has_the_summary_of_the_run(self, files: Files) -> None:
        write(files, [A], [])
        assert read_summary(files) == json.loads(json.dumps(a_report().as_dict()))

    def test_says_of_each_segment_what_it_holds(self, folder: FolderFiles) -> None:
        write(folder, [A], [])
        (segment,) = read_index(folder)["segments"]
        assert (segment["rows"], segment["bytes"]) == (2, os.path.getsize(folder.where(segment["name"])))
        assert len(segment["sha256"]) == 64
        assert read_index(folder)["source"] == "s3://src/in/"

    def test_written_twice_is_the_same_to_the_byte(
        self, folder: FolderFiles, tmp_path: Path, report_format: str
    ) -> None:
        other = FolderFiles(str(tmp_path / "other"))
        for place in (folder, other):
            write(place, [A, B], [BAD], report_format)
        assert names(folder) == names(other)
        assert all(content(folder, name) == content(other, name) for name in names(folder))

    def test_may_have_a_segment_written_again_with_other_rows(self, files: Files) -> None:
        store = StoredReport(files)
        for rows in (A, B):
            write_segment(store, 0, rows)
        store.finish(1, [], a_report())
        assert list(read_rows(files)) == B

    def test_of_a_resumed_run_counts_the_segments_of_the_attempt_before(self, files: Files) -> None:
        dead = StoredReport(files)
        dead.begin()
        for number, rows in enumerate((A, B, C)):  # the last one after its last checkpoint
            write_segment(dead, number, rows)
        retry = StoredReport(files)
        retry.begin(resumed=True)
        retry.finish(2, C, a_report())
        assert list(read_rows(files)) == [*A, *B, *C]
        assert read_index(files)["segments"][0] == {"name": "segments/part-000000.jsonl.gz"}

    def test_with_nothing_in_it_is_a_report(self, files: Files) -> None:
        StoredReport(files).finish(0, [], a_report())
        assert list(read_rows(files)) == []

    @pytest.mark.parametrize("lives", range(10))
    @pytest.mark.parametrize("resumed", [True, False])
    def test_that_is_cut_off_between_any_two_writes_is_the_old_one_or_the_new_one_or_none(
        self, folder: FolderFiles, lives: int, resumed: bool
    ) -> None:
        write(folder, [A], [BAD])
        store = StoredReport(Mortal(folder, lives))
        new = [[copied("z")], B] if not resumed else [A, B]
        try:
            store.begin(resumed=resumed)
            for number in range(1 if resumed else 0, 2):
                write_segment(store, number, new[number])
            store.finish(2, C, a_report())
        except Killed:
            pass
        found = rows_or_none(folder)
        if resumed:  # segment, rest, failed keys, summary, index
            assert found == ([*A, BAD] if lives < 5 else [*A, *B, *C])
        else:  # the index that says that a run writes, two segments, and the same again
            assert found == ([*A, BAD] if lives < 1 else None if lives < 7 else [*new[0], *B, *C])

    @pytest.mark.parametrize("lives", range(3))
    def test_that_was_never_finished_is_none(self, folder: FolderFiles, lives: int) -> None:
        with pytest.raises(Killed):
            write(Mortal(folder, lives), [A], [])
        with pytest.raises(InvalidInput, match=r"there is no report at|is not finished"):
            list(read_rows(folder))

    def test_begins_by_itself_with_the_first_segment(self, folder: FolderFiles) -> None:
        write(folder, [A], [])
        write_segment(StoredReport(folder), 0, B)
        with pytest.raises(InvalidInput, match="is not finished"):
            list(read_rows(folder))


class TestReadingRefuses:
    def refused(self, folder: FolderFiles) -> str:
        with pytest.raises(InvalidInput) as caught:
            list(read_rows(folder))
        return str(caught.value).replace(folder.where(), "PLACE")

    def put(self, folder: FolderFiles, name: str, data: bytes) -> None:
        write(folder, [A], [])
        folder.write(name, data)

    def test_a_place_without_a_report(self, folder: FolderFiles) -> None:
        assert self.refused(folder) == "report: there is no report at 'PLACE'; it would have an index.json"

    def test_a_place_with_the_report_of_a_dry_run(self, folder: FolderFiles) -> None:
        write(FolderFiles(folder.where("dry-run")), [A], [])
        assert self.refused(folder) == (
            "report: there is no report at 'PLACE'; it would have an index.json;"
            " that of a dry run is at 'PLACE/dry-run'"
        )

    def test_a_bucket_without_a_report(self, client: Any) -> None:
        for bucket in ("reports", "no-such-bucket"):
            with pytest.raises(InvalidInput) as caught:
                list(read_rows(BucketFiles(client, Bucket(bucket), "nothing/")))
            line = f"report: there is no report at 's3://{bucket}/nothing/'; it would have an index.json"
            assert str(caught.value) == line

    def test_a_report_whose_run_has_not_ended(self, folder: FolderFiles) -> None:
        StoredReport(folder).begin()
        line = "report: the report at 'PLACE' is not finished: its run is still active, or died and waits for a retry"
        assert self.refused(folder) == line

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (b"{", "is no JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))"),
            (b"[]", "is not a JSON object"),
            (b"\xff", "is no UTF-8"),
            (b"[" * 100_000, "has more than 32 levels, the limit of nested JSON"),
            (b'{"format": 1e999}', "holds a number that is too large"),
            (b'{"format": ' + b"1" * 5000 + b"}", "has more than 30 digits, the limit of an integer in JSON"),
            (b" " * (INDEX.most + 1), "has more than 64 MiB, the limit of a report's index"),
        ],
        ids=lambda value: repr(value)[:30],
    )
    def test_an_index_that_is_no_json_object(self, folder: FolderFiles, data: bytes, why: str) -> None:
        self.put(folder, "index.json", data)
        assert self.refused(folder) == f"report: 'PLACE/index.json' is damaged: it {why}"

    def test_an_index_of_something_else(self, folder: FolderFiles) -> None:
        self.put(folder, "index.json", b'{"format": 2}')
        line = "report: 'PLACE/index.json' is no index of a report of this version of s3-crosscopy"
        assert self.refused(folder) == line

    @pytest.mark.parametrize("odd", [None, "x", {}, ["x"], [{}], [{"name": 1}]])
    @pytest.mark.parametrize("part", ["segments", "rest"])
    def test_an_index_that_does_not_name_its_files(self, folder: FolderFiles, part: str, odd: object) -> None:
        write(folder, [A], [])
        with open(folder.where("index.json"), "rb") as file:
            index = json.load(file)
        self.put(folder, "index.json", json.dumps({**index, part: odd}).encode())
        at = part if not isinstance(odd, list) else "where"
        assert self.refused(folder) in (
            f"report: 'PLACE/index.json' is damaged: it has no list of {at}",
            "report: 'PLACE/index.json' is damaged: it names no file where it should",
        )

    def test_a_segment_that_is_gone(self, folder: FolderFiles) -> None:
        write(folder, [A], [])
        os.unlink(folder.where("segments/part-000000.jsonl.gz"))
        line = "report: 'PLACE/segments/part-000000.jsonl.gz' is not there, although index.json names it"
        assert self.refused(folder) == line

    def test_a_segment_that_another_run_replaced(self, folder: FolderFiles) -> None:
        self.put(folder, "segments/part-000000.jsonl.gz", encode.to_lines(B))
        assert self.refused(folder) == (
            "report: 'PLACE/segments/part-000000.jsonl.gz' is not the file that the report's index names: it is "
            "damaged, or another run writes there"
        )

    def test_a_segment_of_unknown_hash_that_is_damaged(self, folder: FolderFiles) -> None:
        folder.write("segments/part-000000.jsonl.gz", b"no gzip")
        StoredReport(folder).finish(1, [], a_report())
        line = "report: 'PLACE/segments/part-000000.jsonl.gz' is a damaged gzip file after line 0"
        assert self.refused(folder) == line

    def test_a_parquet_file_that_is_none(self, folder: FolderFiles) -> None:
        pytest.importorskip("pyarrow")
        folder.write("segments/part-000000.parquet", b"no parquet")
        StoredReport(folder, "parquet").finish(1, [], a_report())
        line = "report: 'PLACE/segments/part-000000.parquet' is no Parquet file of a report"
        assert self.refused(folder) == line

    def test_a_file_that_may_not_be_read(self, folder: FolderFiles) -> None:
        os.makedirs(folder.where("index.json"))
        assert self.refused(folder) == "report: 'PLACE/index.json' cannot be read: Is a directory"

    def test_parquet_without_pyarrow(self, folder: FolderFiles, monkeypatch: pytest.MonkeyPatch) -> None:
        folder.write("segments/part-000000.parquet", b"")
        StoredReport(folder).finish(1, [], a_report())
        index = json.loads(content(folder, "index.json"))
        index["segments"] = [{"name": "segments/part-000000.parquet"}]
        folder.write("index.json", json.dumps(index).encode())
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        assert self.refused(folder).startswith("report_format: 'parquet' needs pyarrow;")


class TestAPlaceThatCannotBeWritten:
    def test_is_refused_before_anything_is_copied(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        path = str(tmp_path / "file" / "report")
        with pytest.raises(InvalidInput) as caught:
            StoredReport(FolderFiles(path)).begin(resumed=True)
        assert str(caught.value) == f"report: the folder {path!r} cannot be written: Not a directory"

    def test_in_the_middle_of_a_run_can_be_helped(self, folder: FolderFiles, monkeypatch: pytest.MonkeyPatch) -> None:
        write(folder, [A], [])
        before = {name: content(folder, name) for name in names(folder)}

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(RetryableFailure) as caught:
            StoredReport(folder).finish(0, [], a_report())
        path = folder.where("failed.jsonl.gz")
        assert str(caught.value) == f"report: {path!r} cannot be written: No space left on device"
        assert {name: content(folder, name) for name in names(folder)} == before

    def test_is_s3s_own_error_in_a_bucket(self, client: Any) -> None:
        with pytest.raises(S3Error) as caught:
            StoredReport(BucketFiles(client, Bucket("no-such-bucket"), "r")).begin()
        assert str(caught.value).startswith("PutObject on s3://no-such-bucket/r/index.json: NoSuchBucket: ")


class TestFilesInAFolder:
    def test_are_on_the_disk_before_they_have_their_name(
        self, folder: FolderFiles, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[str] = []
        replace = os.replace

        def noted(old: str, new: str, **at: int) -> None:
            calls.append("replace")
            replace(old, new, **at)

        monkeypatch.setattr(os, "fsync", lambda _: calls.append("fsync"))
        monkeypatch.setattr(os, "replace", noted)
        folder.write("a.json", b"{}")
        assert calls == ["fsync", "replace", "fsync"]

    def test_may_be_read_by_whom_the_umask_lets(self, folder: FolderFiles) -> None:
        folder.write("a.json", b"{}")
        (Path(folder.where()) / "plain").touch()
        assert os.stat(folder.where("a.json")).st_mode == os.stat(folder.where("plain")).st_mode

    def test_leave_nothing_else_behind(self, folder: FolderFiles) -> None:
        folder.prepare()
        folder.write("a.json", b"{}")
        assert names(folder) == ["a.json"]


class TestFilesInABucket:
    def test_have_a_type_and_no_encoding(self, client: Any) -> None:
        write(BucketFiles(client, Bucket("reports"), "typed"), [A], [])
        said = client.head_object(Bucket="reports", Key="typed/segments/part-000000.jsonl.gz")
        assert said["ContentType"] == "application/gzip"
        assert "ContentEncoding" not in said
        assert client.head_object(Bucket="reports", Key="typed/index.json")["ContentType"] == "application/json"

    def test_may_lie_at_the_root(self) -> None:
        assert BucketFiles(None, Bucket("b"), "").where("x") == "s3://b/x"

    def test_are_sent_with_their_md5_for_buckets_with_object_lock(self) -> None:
        sent: dict[str, Any] = {}

        class Client:
            def put_object(self, **args: Any) -> None:
                sent.update(args)

        BucketFiles(Client(), Bucket("b"), "p/").write("x.json", b"{}")
        assert sent["ContentMD5"] == "mZFLkyvTelC5g8XnyQrpOw=="

    def test_that_break_off_while_they_are_read_are_no_short_files(self) -> None:
        class Body:
            def iter_chunks(self, size: int) -> Iterator[bytes]:
                yield b"{"
                raise ReadTimeoutError(endpoint_url="https://s3")

        class Client:
            def get_object(self, **args: Any) -> dict[str, Any]:
                return {"Body": Body()}

        with pytest.raises(S3Error) as caught:
            BucketFiles(Client(), Bucket("b"), "p").open("x")
        assert caught.value.reason is Reason.TIMED_OUT


class TestAPlace:
    def test_is_a_folder_or_a_bucket(self, client: Any, tmp_path: Path) -> None:
        files_at(f"s3://reports/{tmp_path.name}", lambda _: client, "report").write("x.json", b"s3")
        files_at(str(tmp_path), no_client, "report").write("x.json", b"disk")
        assert content(files_at(f"s3://reports/{tmp_path.name}/", lambda _: client, "report"), "x.json") == b"s3"
        assert content(files_at(str(tmp_path), no_client, "report"), "x.json") == b"disk"

    @pytest.mark.parametrize(
        ("place", "says"),
        [
            ("", "report: expected a folder or an s3://bucket/prefix/ URL, got ''"),
            (None, "report: expected a folder or an s3://bucket/prefix/ URL, got None"),
            (
                "gs://b/x/",
                "report: 'gs://b/x/' is not an s3:// URL; it is of Google Cloud Storage, not of S3",
            ),
            ("s3://", "report: 's3://' names no bucket; it should look like s3://bucket/prefix/"),
        ],
    )
    def test_is_nothing_else(self, place: object, says: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            files_at(place, no_client, "report")
        assert str(caught.value) == says


class TestTheFormat:
    def test_is_one_of_two(self, folder: FolderFiles) -> None:
        with pytest.raises(InvalidInput, match=r"^report_format: expected 'jsonl' or 'parquet', got 'csv'$"):
            StoredReport(folder, "csv")

    def test_parquet_names_the_extra_that_it_needs(self, folder: FolderFiles, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        with pytest.raises(InvalidInput) as caught:
            StoredReport(folder, "parquet")
        assert str(caught.value) == (
            "report_format: 'parquet' needs pyarrow; install s3-crosscopy[parquet] or set 'jsonl'"
        )
