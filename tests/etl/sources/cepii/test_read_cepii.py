"""The reader of CEPII's distances, on small workbooks of our own, and what the project holds of the archive."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from corridors import catalog
from etl import frames, pairs, pipeline, reading
from etl.sources.cepii import read as cepii
from tests.etl.sources.reader import Reader, held

READER = Reader("cepii")
extracted, refusal = READER.extracted, READER.refusal

HEADER = "iso_o iso_d contig comlang_off comlang_ethno colony comcol curcol col45 smctry dist".split()
ROWS = [
    ["MMR", "THA", 1, 0, 0, 0, 0, 0, 0, 0, 575.9035],
    ["THA", "MMR", 1, 0, 0, 0, 0, 0, 0, 0, 575.9035],
    ["MMR", "MMR", 0, 0, 0, 0, 0, 0, 0, 0, 309.2],
    ["IDN", "TMP", 1, 0, 0, 1, 0, 0, 1, 0, 2078.6],
    ["ZAR", "AUS", 0, 0, 0, 0, 0, 0, 0, 0, 11_934.4],
    ["YUG", "AUS", 0, 0, 0, 0, 0, 0, 0, 0, 15_400.0],
    ["FRA", "DEU", 1, 0, 0, 0, 0, 0, 0, 0, 439.1],
    ["MAC", "HKG", 0, 1, 1, 0, 0, 0, 0, 1, 0.4],
]


def book(rows: list[list], header: list[str] = HEADER) -> bytes:
    """A workbook with one sheet. The publisher's is of the older format; both are opened by their content."""
    made = openpyxl.Workbook()
    made.active.title = "dist_cepii"
    for row in [header, *rows]:
        made.active.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def packed(folder: Path, rows: list[list] = ROWS, header: list[str] = HEADER, name: str = cepii.BOOK) -> Path:
    """The publisher's archive with a small workbook."""
    path = folder / cepii.ARCHIVE
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, book(rows, header))
    return path


def told(p: pd.DataFrame) -> dict:
    """What the pairs say: (origin, destination) to distance, border, language, colonial tie."""
    return {
        (r.origin_iso3, r.destination_iso3): (r.distance_km, r.contiguous, r.common_language, r.colonial_tie)
        for r in p.itertuples()
    }


def changed(at: int, column: str, cell) -> list[list]:
    """The rows with one other cell."""
    rows = [list(row) for row in ROWS]
    rows[at][HEADER.index(column)] = cell
    return rows


def test_both_directions_of_a_pair_are_told_in_whole_kilometres_and_old_codes_reach_the_country_of_today(tmp_path):
    packed(tmp_path)
    result = extracted(tmp_path)
    pairs = told(result.pairs)
    assert pairs[("MMR", "THA")] == pairs[("THA", "MMR")] == (576, 1, 0, 0)
    assert pairs[("IDN", "TLS")] == (2079, 1, 0, 1) and pairs[("COD", "AUS")][0] == 11_934
    assert any("TMP as TLS" in note for note in result.notes)
    assert pairs[("MAC", "HKG")][0] == 1, "what rounds to nothing is a kilometre, so that its logarithm is one"
    assert not {"YUG", "SRB", "MNE"} & {end for pair in pairs for end in pair}, "no part inherits what a state had"


def test_every_pair_is_imported_or_out_of_scope_with_the_reason(tmp_path):
    packed(tmp_path)
    result = extracted(tmp_path)
    assert result.cells_read == 8 and result.kept == 5 and result.figures.empty and result.rejected.empty
    assert result.out_of_scope == {pairs.NO_MEMBER: 1, cepii.SAME: 1, cepii.DISSOLVED: 1}
    assert list(result.pairs.columns) == frames.PAIR_COLUMNS


def test_a_pair_that_stands_twice_is_quarantined_with_both_distances(tmp_path):
    again = [["MMR", "THA", *[0] * 8, 600.0], ["TLS", "AUS", *[0] * 8, 2800.0], ["TMP", "AUS", *[0] * 8, 2810.0]]
    packed(tmp_path, [*ROWS, *again])
    result = extracted(tmp_path)
    assert not {("MMR", "THA"), ("TLS", "AUS")} & set(told(result.pairs))
    found = ["MMR to THA: 575.9035", "MMR to THA: 600", "TLS to AUS: 2800", "TMP to AUS: 2810"]
    assert result.rejected["found"].tolist() == found
    assert set(result.rejected["row"]) == {"2", "10", "11", "12"} and set(result.rejected["reason"]) == {cepii.REPEATED}


def test_the_workbook_is_read_beside_the_archive_too(tmp_path):
    packed(tmp_path)
    before = told(extracted(tmp_path).pairs)
    (tmp_path / cepii.ARCHIVE).unlink()
    (tmp_path / cepii.BOOK).write_bytes(book(ROWS))
    assert told(extracted(tmp_path).pairs) == before


def test_the_table_has_the_columns_of_every_table_of_pairs(tmp_path):
    packed(tmp_path)
    pipeline._write(extracted(tmp_path), tmp_path)
    lines = (tmp_path / "sources" / "cepii" / "pairs.csv").read_text(encoding="utf-8").splitlines()
    assert lines[:2] == [",".join(frames.PAIR_COLUMNS), "COD,AUS,11934,0,0,0"]


def test_an_archive_with_another_workbook_is_refused(tmp_path):
    packed(tmp_path, name="dist_other.xls")
    assert cepii.ARCHIVE in (text := refusal(tmp_path)) and "the entry “dist_cepii.xls”" in text


def test_an_archive_whose_content_was_cut_or_changed_is_refused(tmp_path):
    path = packed(tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    assert "no ZIP archive" in refusal(tmp_path)


def test_an_archive_that_unpacks_without_end_is_refused_before_it_is_opened(tmp_path, monkeypatch):
    packed(tmp_path)
    monkeypatch.setattr(reading, "LARGEST", 1000)
    assert "unpacks to more" in refusal(tmp_path) and "at most 1,000 bytes" in refusal(tmp_path)


def test_what_is_no_workbook_or_one_without_rows_is_refused(tmp_path):
    (tmp_path / cepii.BOOK).write_bytes(b"iso_o;iso_d\nMMR;THA\n")
    assert "cannot be opened" in refusal(tmp_path)
    packed(tmp_path, [])
    assert "found 1 rows" in refusal(tmp_path)


def test_renamed_columns_are_all_named_at_once(tmp_path):
    packed(tmp_path, header=["from", *HEADER[1:-1], "km"])
    text = refusal(tmp_path)
    assert "column “iso_o”" in text and "column “dist”" in text and "from" in text and "km" in text


def test_every_unknown_country_is_named_at_once(tmp_path):
    packed(tmp_path, [*ROWS, ["SCG", "AUS", *[0] * 8, 100.0], ["SUN", "AUS", *[0] * 8, 100.0]])
    text = refusal(tmp_path)
    assert "row 10: found unknown label “SCG”" in text and "row 11: found unknown label “SUN”" in text


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        *(("dist", cell, "kilometres") for cell in ("far", 0, -4.0, None, 25_000.0)),
        ("contig", 2, "0 or 1"),
        ("colony", None, "0 or 1"),
        ("comlang_off", "yes", "0 or 1"),
    ],
)
def test_a_cell_that_is_no_distance_or_no_flag_is_named_with_its_row(tmp_path, column, cell, expected):
    packed(tmp_path, changed(4, column, cell))
    text = refusal(tmp_path)
    assert f"column “{column}”, row 6" in text and expected in text


def test_the_card_says_how_old_the_map_is():
    card = catalog.read_source(Path(cepii.__file__).with_name("source.toml"))
    assert "South Sudan" in card.limits and [d.file for d in card.downloads] == [cepii.ARCHIVE]


def test_all_members_have_pairs_alike_in_both_directions_and_known_neighbours_are_neighbours():
    pairs = told(held("cepii", "pairs"))
    assert {origin for origin, _ in pairs} >= set(catalog.load().members)
    assert pairs[("MMR", "THA")] == (576, 1, 0, 0) and pairs[("TLS", "IDN")][1:] == (1, 0, 1)
    assert pairs[("HKG", "MAC")][0] == 61 and pairs[("AUS", "NZL")] == (2333, 0, 1, 0)
    assert all(pairs[(b, a)] == facts for (a, b), facts in pairs.items())


@READER.on_the_originals
def test_the_plain_workbook_of_the_publisher_gives_the_same_as_the_archive(tmp_path):
    with zipfile.ZipFile(READER.originals / cepii.ARCHIVE) as archive:
        archive.extract(cepii.BOOK, tmp_path)
    assert told(extracted(tmp_path).pairs) == told(held("cepii", "pairs"))
