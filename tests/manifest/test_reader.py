from __future__ import annotations

import gzip
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.keys import AWKWARD
from tests.report.samples import a_report, copied, failed, no_client, write_segment
from tests.servers.moto import MotoServer

from s3_crosscopy.errors import InvalidInput, S3Error
from s3_crosscopy.manifest.manifest_reader import MAX_LINE_BYTES, open_manifest
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.report.report_writer import StoredReport
from s3_crosscopy.report.s3_files import BucketFiles


@pytest.fixture(scope="module")
def client(moto: MotoServer) -> Any:
    client = moto.client(moto.src)
    client.create_bucket(Bucket="lists")
    return client


def keys_of(place: object, prefix: str = "in/", client: Any = None) -> list[str]:
    client_for = no_client if client is None else lambda _: client
    with open_manifest(place, prefix=prefix, client_for=client_for, bucket="src") as found:
        return list(found)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.txt"


class TestAListOfKeys:
    def test_is_one_key_a_line_in_any_order(self, file: Path) -> None:
        file.write_bytes(b"in/b\nin/a\n\nin/b\nin/c")
        assert keys_of(str(file)) == ["in/a", "in/b", "in/c"]

    def test_may_be_packed_whatever_its_name(self, file: Path) -> None:
        file.write_bytes(gzip.compress(b"in/b\nin/a\n"))
        assert keys_of(str(file)) == ["in/a", "in/b"]

    def test_one_key_again_and_again_is_refused_before_much_of_it_was_read(self, file: Path) -> None:
        file.write_bytes(gzip.compress(b"in/a\n" * 2_000_000))
        with pytest.raises(InvalidInput, match="has more than 250 times its bytes, the limit of a packed"):
            keys_of(str(file))

    def test_may_begin_with_a_byte_order_mark(self, file: Path) -> None:
        file.write_bytes("\ufeffin/a\nin/\ufeffb\n".encode())
        assert keys_of(str(file)) == ["in/a", "in/\ufeffb"]

    def test_takes_every_awkward_key_as_it_is(self, file: Path) -> None:
        keys = [f"in/{key}" for key in (*AWKWARD, " ", "a ", "{", "#", "a\rb", "a\u2028b", "a\x85b")]
        file.write_text("\n".join(keys), encoding="utf-8", newline="")
        assert keys_of(str(file)) == sorted(keys)

    def test_takes_any_key_below_a_prefix_that_looks_like_json(self, file: Path) -> None:
        file.write_text('{"key"\n{"key": 1}\n')
        assert keys_of(str(file), prefix="{") == ['{"key"', '{"key": 1}']

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.text(max_size=20), min_size=1))
    def test_as_json_lines_takes_any_key_at_all(self, file: Path, keys: list[str]) -> None:
        keys = [f"in/{key}" for key in keys]
        file.write_text("".join(json.dumps({"size": 1, "key": key}) + "\n" for key in keys))
        assert keys_of(str(file)) == sorted(set(keys))

    def test_may_lie_in_a_bucket(self, client: Any) -> None:
        for name in ("a//odd #?%20 name.txt", "root.txt"):
            client.put_object(Bucket="lists", Key=name, Body=b"in/b\nin/a\n")
            assert keys_of(f"s3://lists/{name}", client=client) == ["in/a", "in/b"]

    def test_may_come_out_of_a_pipe(self) -> None:
        for data in (b"in/b\nin/a\n", gzip.compress(b"in/b\nin/a\n")):
            out, into = os.pipe()
            os.write(into, data)
            os.close(into)
            assert keys_of(f"/dev/fd/{out}") == ["in/a", "in/b"]
            os.close(out)

    def test_may_be_of_a_whole_bucket(self, file: Path) -> None:
        file.write_bytes(b"b\n/a\n")
        assert keys_of(str(file), prefix="") == ["/a", "b"]

    def test_may_lie_in_the_current_folder(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file.write_bytes(b"in/a\n")
        monkeypatch.chdir(file.parent)
        assert keys_of("keys.txt") == ["in/a"]

    def test_takes_the_longest_keys(self, file: Path) -> None:
        keys = ["in/" + "a" * 1021, "in/" + "ü" * 510]
        file.write_text("\n".join(keys), encoding="utf-8")
        assert keys_of(str(file)) == keys


class TestLinesOfS3Inventory:
    LINES = b'"src","in/x+y","5"\n"src","in/p%2Bq","5"\n\n"src","in/1","5"\r\n'

    def test_name_their_keys(self, file: Path) -> None:
        for data in (self.LINES, gzip.compress(self.LINES), b"\xef\xbb\xbf" + self.LINES):
            file.write_bytes(data)
            assert keys_of(str(file)) == keys_of(str(file), "") == ["in/1", "in/p+q", "in/x y"]

    def test_may_be_those_of_batch_operations(self, file: Path) -> None:
        file.write_bytes(b"src,in/x%20y\nsrc,in/1\nsrc,in/1\n")
        assert keys_of(str(file)) == keys_of(str(file), "") == ["in/1", "in/x y"]

    def test_are_keys_in_json(self, file: Path) -> None:
        file.write_text('{"key": "src,in/1"}')
        assert keys_of(str(file), "") == ["src,in/1"]

    def test_in_the_middle_of_a_list_of_keys_are_keys(self, file: Path) -> None:
        file.write_bytes(b'a\nsrc,a\n"src","a"\n')
        assert keys_of(str(file), "") == ['"src","a"', "a", "src,a"]

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            (b'"other","in/1"\n', "line 1: is of the bucket 'other', and the source is 'src'; if these lines are keys"),
            (b'"src","in/1"\nin/2\n', "line 2: is no bucket and key, as the lines before it are; if these lines"),
            (b'"src","in/1","null","true","false"\n', "line 1: names a version, and a manifest's keys are copied as"),
            (b'"src","other/1"\n', "line 1: 'other/1' is not below the source prefix 'in/'; give full source keys"),
            (b'"src","in/' + b"a" * 1022 + b'"\n', "line 1: the key has 1025 bytes, S3 allows 1024"),
            (b'"src",""\n', "line 1: '' is not below the source prefix"),
        ],
    )
    def test_of_anything_else_are_refused(self, file: Path, data: bytes, says: str) -> None:
        file.write_bytes(data)
        assert refused(str(file)).startswith(f"manifest: {str(file)!r}, {says}")


class TestAFormerReport:
    def write(self, files: Any) -> None:
        store = StoredReport(files)
        write_segment(store, 0, [copied("b"), copied("ü\n")])
        store.finish(1, [failed("a"), failed("b2")], a_report())

    def test_is_every_key_that_it_names(self, tmp_path: Path) -> None:
        self.write(FolderFiles(str(tmp_path)))
        assert keys_of(str(tmp_path)) == ["in/a", "in/b", "in/b2", "in/ü\n"]
        assert keys_of(f"{tmp_path}/") == ["in/a", "in/b", "in/b2", "in/ü\n"]

    def test_gives_the_failed_keys_alone_by_their_file(self, tmp_path: Path) -> None:
        self.write(FolderFiles(str(tmp_path)))
        assert keys_of(str(tmp_path / "failed.jsonl.gz")) == ["in/a", "in/b2"]

    def test_gives_one_segments_keys_by_its_file(self, tmp_path: Path) -> None:
        self.write(FolderFiles(str(tmp_path)))
        assert keys_of(str(tmp_path / "segments" / "part-000000.jsonl.gz")) == ["in/b", "in/ü\n"]

    def test_may_lie_in_a_bucket(self, client: Any) -> None:
        self.write(BucketFiles(client, Bucket("lists"), "former/report//"))
        assert keys_of("s3://lists/former/report//", client=client) == ["in/a", "in/b", "in/b2", "in/ü\n"]
        assert keys_of("s3://lists/former/report//failed.jsonl.gz", client=client) == ["in/a", "in/b2"]

    def test_may_lie_at_the_root_of_a_bucket(self, client: Any) -> None:
        client.create_bucket(Bucket="only-reports")
        self.write(BucketFiles(client, Bucket("only-reports"), ""))
        assert len(keys_of("s3://only-reports", client=client)) == 4
        assert len(keys_of("s3://only-reports/", client=client)) == 4


JSON = b'{"key": "in/a"}\n'
BAD_LINES: Mapping[str, tuple[bytes, str]] = {
    "nothing": (b"", " has no keys"),
    "blank lines": (b"\n\n", " has no keys"),
    "no UTF-8": (b"in/a\nin/\xfc\n", ", line 2: is not UTF-8, and S3's keys are; save the file as UTF-8"),
    "UTF-16": ("in/a\n".encode("utf-16"), ", line 1: is not UTF-8, and S3's keys are; save the file as UTF-8"),
    "a long key": (b"in/a\nin/" + b"a" * 1022, ", line 2: the key has 1025 bytes, S3 allows 1024"),
    "a long key of few characters": (
        ("in/" + "ü" * 511).encode(), ", line 1: the key has 1025 bytes, S3 allows 1024"),
    "no lines": (b"a" * MAX_LINE_BYTES, ", line 1: is longer than any key; is it a list of keys, one a line?"),
    "another prefix": (
        b"in/a\n\nother/a\n", ", line 3: 'other/a' is not below the source prefix 'in/'; give full source keys"),
    "relative keys": (b"a\n", ", line 1: 'a' is not below the source prefix 'in/'; give full source keys"),
    "URLs": (b"s3://b/in/a\n",
             ", line 1: 's3://b/in/a' is a URL; give keys, without s3:// and the bucket"),
    "Windows' line ends": (
        b"in/a\r\n",
        ', line 1: ends with a carriage return; save the file with \\n alone, or write {"key": "..."} lines'),
    "JSON that ends": (JSON + b"in/b\n", ', line 2: is no {"key": "..."}, as the lines before it are'),
    "JSON that breaks off": (JSON + b'{"key": "in', ', line 2: is no {"key": "..."}, as the lines before it are'),
    "JSON of no key": (JSON + b'{"size": 1}', ', line 2: is no {"key": "..."}, as the lines before it are'),
    "JSON of a number": (JSON + b'{"key": 1}', ', line 2: is no {"key": "..."}, as the lines before it are'),
    "JSON too deep": (
        JSON + b'{"key":' * 9000, ', line 2: is no {"key": "..."}, as the lines before it are'),
    "JSON of half a character": (
        b'{"key": "in/\\ud800"}', ", line 1: the key is not valid unicode, and S3's keys are UTF-8"),
    "cut gzip": (gzip.compress(b"in/a\n" * 99)[:-9], " is a damaged gzip file after line 99"),
    "gzip in name only": (b"\x1f\x8b\x08 no gzip", " is a damaged gzip file after line 0"),
    "gzip of no UTF-8": (
        gzip.compress(b"\xfc"), ", line 1: is not UTF-8, and S3's keys are; save the file as UTF-8"),
}  # fmt: skip


def refused(place: object, prefix: str = "in/", client: Any = None) -> str:
    with pytest.raises(InvalidInput) as caught:
        keys_of(place, prefix, client)
    return str(caught.value)


class TestRefused:
    @pytest.mark.parametrize("name", BAD_LINES)
    def test_a_file_with(self, name: str, file: Path) -> None:
        data, says = BAD_LINES[name]
        file.write_bytes(data)
        assert refused(str(file)) == f"manifest: {str(file)!r}{says}"

    def test_an_empty_key_of_a_whole_bucket(self, file: Path) -> None:
        file.write_text('{"key": ""}')
        assert refused(str(file), "") == f"manifest: {str(file)!r}, line 1: the key is empty"

    def test_a_url_of_a_whole_bucket(self, file: Path) -> None:
        file.write_text("s3://b/a")
        says = "line 1: 's3://b/a' is a URL; give keys, without s3:// and the bucket"
        assert refused(str(file), "") == f"manifest: {str(file)!r}, {says}"

    def test_a_file_that_is_not_there(self, file: Path) -> None:
        assert refused(str(file)) == f"manifest: there is no {str(file)!r}"

    def test_a_file_that_may_not_be_read(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def denied(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("builtins.open", denied)
        assert refused(str(file)) == f"manifest: {str(file)!r} cannot be read: Permission denied"

    def test_an_object_that_is_not_there(self, client: Any) -> None:
        for place in ("s3://lists/no/such", "s3://no-such-bucket/keys"):
            says = f"manifest: there is no {place!r}; the URL of a report ends with '/'"
            assert refused(place, client=client) == says

    def test_a_folder_without_a_report(self, tmp_path: Path) -> None:
        says = f"manifest: there is no report at {str(tmp_path)!r}; it would have an index.json"
        assert refused(str(tmp_path)) == says

    def test_a_report_of_another_source(self, tmp_path: Path) -> None:
        TestAFormerReport().write(FolderFiles(str(tmp_path)))
        says = "'in/b' is not below the source prefix 'other/'; give full source keys"
        assert refused(str(tmp_path), "other/") == f"manifest: the report at {str(tmp_path)!r}: {says}"

    def test_a_report_without_an_end(self, tmp_path: Path) -> None:
        StoredReport(FolderFiles(str(tmp_path))).begin()
        says = "is not finished: its run is still active, or died and waits for a retry"
        assert refused(str(tmp_path)) == f"manifest: the report at {str(tmp_path)!r} {says}"

    @pytest.mark.parametrize("place", ["", " ", None, 5, b"keys"])
    def test_what_is_no_place(self, place: object) -> None:
        says = f"manifest: expected a file, a report's folder or an s3:// URL of one, got {place!r}"
        assert refused(place) == says

    @pytest.mark.parametrize(
        ("place", "says"),
        [
            ("s3:///keys", "manifest: 's3:///' names no bucket; it should look like s3://bucket/prefix/"),
            ("S3://b/keys", "manifest: 'S3://b/keys' is not an s3:// URL; write 's3://b/keys'"),
        ],
    )
    def test_what_is_no_url(self, place: str, says: str) -> None:
        assert refused(place) == says


def test_what_s3_refuses_is_s3s_own_error() -> None:
    from botocore.exceptions import ClientError

    class Client:
        def get_object(self, **_: Any) -> None:
            raise ClientError(
                {"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "GetObject"
            )

    with pytest.raises(S3Error, match=r"^GetObject on s3://lists/a/keys: AccessDenied$"):
        keys_of("s3://lists/a/keys", client=Client())


def test_a_digest_tells_other_keys_and_not_another_file(tmp_path: Path) -> None:
    digests = []
    for name, data in (("a", b"in/a\nin/b\n"), ("b", b'{"key":"in/b"}\n{"key":"in/a"}'), ("c", b"in/a\n")):
        (tmp_path / name).write_bytes(data)
        with open_manifest(str(tmp_path / name), prefix="in/", client_for=no_client) as found:
            digests.append(found.digest)
    assert digests[0] == digests[1] != digests[2]
