from __future__ import annotations

import pytest

from s3_crosscopy.core.decide import iceberg_tables
from s3_crosscopy.core.decide.iceberg_tables import IcebergTables, is_metadata

ID = "3f9f6f3e-0000-4000-8000-000000000000"


def tables(*keys: str) -> IcebergTables:
    seen = IcebergTables()
    for key in keys:
        seen.see(key)
    return seen


@pytest.mark.parametrize(
    ("key", "of_table"),
    [
        (f"db/t/metadata/00000-{ID}.metadata.json", True),
        ("db/t/metadata/v3.gz.metadata.json", True),
        (f"db/t/metadata/snap-123-1-{ID}.avro", True),
        (f"db/t/metadata/{ID}-m0.avro", True),
        ("metadata/v1.metadata.json", True),
        (f"db/t/metadata/{ID}.avro", False),
        ("db/t/data/x-m0.avro", False),
        ("db/t/metadata/version-hint.text", False),
        ("db/t/metadata/stats.json", False),
        ("v1.metadata.json", False),
    ],
)
def test_metadata_is_told_by_its_name(key: str, of_table: bool) -> None:
    assert is_metadata(key) is of_table


def test_a_table_has_a_metadata_file_and_a_manifest_in_one_folder() -> None:
    assert tables("a/metadata/v1.metadata.json", "b/metadata/snap-1.avro").text("src") == ""
    assert tables("a/metadata/v1.metadata.json", "a/metadata/v2.metadata.json").text("src") == ""
    found = tables("p/a/metadata/v1.metadata.json", "p/a/metadata/x-m0.avro", "p/a/metadata/snap-1.avro")
    assert found.first == "p/a/"
    assert found.text("src").startswith(
        "1 Iceberg table (the first is s3://src/p/a/): the metadata names all files in s3"
    )
    assert "rewrite_table_path" in found.text("src")


def test_tables_are_counted_in_any_order_of_their_keys() -> None:
    keys = [f"{table}/metadata/{name}" for name in ("snap-1.avro", "v1.metadata.json") for table in "abc"]
    assert tables(*keys).text("src").startswith("3 Iceberg tables (the first is s3://src/a/)")
    assert tables("metadata/snap-1.avro", "metadata/v1.metadata.json").first == ""


def test_many_tables_take_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iceberg_tables, "MOST_TABLES", 3)
    seen = tables(
        *(f"{n}/metadata/v1.metadata.json" for n in range(9)), *(f"{n}/metadata/snap-1.avro" for n in range(9))
    )
    assert seen.text("src").startswith("at least 3 Iceberg tables")
    assert len(seen._parts_by_folder) <= 3
    seen.see("z/metadata/snap-1.avro")
    assert seen.text("src").startswith("at least 3 Iceberg tables")
