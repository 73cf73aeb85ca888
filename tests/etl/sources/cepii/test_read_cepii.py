"""The reader of CEPII's distances, on small workbooks of our own and on the real archive."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from corridors import catalog
from etl import frames, pipeline, reading
from etl.sources.cepii import read as cepii
from tests.etl.sources.reader import Reader

READER = Reader("cepii")
extracted, refusal, ORIGINALS, on_the_originals = READER.extracted, READER.refusal, READER.originals, READER.on_the_originals


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


def told(result) -> dict:
    """What the pairs say: (origin, destination) to distance, border, language, colonial tie."""
    p = result.pairs
    return {
        (r.origin_iso3, r.destination_iso3): (r.distance_km, r.contiguous, r.common_language, r.colonial_tie)
        for r in p.itertuples()
    }


def changed(at: int, column: str, cell) -> list[list]:
    """The rows with one other cell."""
    rows = [list(row) for row in ROWS]
    rows[at][HEADER.index(column)] = cell
    return rows


# --- what a reader of the dashboard is told -------------------------------------------------------------------------


def test_both_directions_of_a_pair_are_told_in_whole_kilometres(tmp_path):
    packed(tmp_path)
    pairs = told(extracted(tmp_path))
    assert pairs[("MMR", "THA")] == pairs[("THA", "MMR")] == (576, 1, 0, 0)


def test_old_codes_reach_the_country_of_today(tmp_path):
    packed(tmp_path)
    pairs = told(extracted(tmp_path))
    assert pairs[("IDN", "TLS")] == (2079, 1, 0, 1) and pairs[("COD", "AUS")][0] == 11_934
    assert any("TMP as TLS" in note for note in extracted(tmp_path).notes)


def test_a_distance_that_rounds_to_nothing_is_a_kilometre_so_that_its_logarithm_is_one(tmp_path):
    packed(tmp_path)
    assert told(extracted(tmp_path))[("MAC", "HKG")][0] == 1


def test_every_pair_is_imported_or_out_of_scope_with_the_reason(tmp_path):
    packed(tmp_path)
    result = extracted(tmp_path)
    assert result.cells_read == 8 and result.kept == 5 and result.figures.empty and result.rejected.empty
    assert result.out_of_scope == {cepii.NO_MEMBER: 1, cepii.SAME: 1, cepii.DISSOLVED: 1}
    assert list(result.pairs.columns) == frames.PAIR_COLUMNS


def test_a_state_that_is_no_more_hands_its_distance_to_none_of_its_parts(tmp_path):
    packed(tmp_path)
    assert not {"YUG", "SRB", "MNE"} & {end for pair in told(extracted(tmp_path)) for end in pair}


def test_a_pair_that_stands_twice_is_quarantined_with_both_distances(tmp_path):
    again = [["MMR", "THA", *[0] * 8, 600.0], ["TLS", "AUS", *[0] * 8, 2800.0], ["TMP", "AUS", *[0] * 8, 2810.0]]
    packed(tmp_path, [*ROWS, *again])
    result = extracted(tmp_path)
    assert ("MMR", "THA") not in told(result) and ("TLS", "AUS") not in told(result)
    assert result.rejected["found"].tolist() == [
        "MMR to THA: 575.9035",
        "MMR to THA: 600",
        "TLS to AUS: 2800",
        "TMP to AUS: 2810",
    ]
    assert set(result.rejected["row"]) == {"2", "10", "11", "12"} and set(result.rejected["reason"]) == {cepii.REPEATED}


def test_the_workbook_is_read_beside_the_archive_too(tmp_path):
    packed(tmp_path)
    before = told(extracted(tmp_path))
    (tmp_path / cepii.ARCHIVE).unlink()
    (tmp_path / cepii.BOOK).write_bytes(book(ROWS))
    assert told(extracted(tmp_path)) == before


def test_the_imported_table_is_the_same_bytes_each_time_and_has_the_houses_columns(tmp_path):
    packed(tmp_path)
    for name in ("one", "two"):
        pipeline._write(extracted(tmp_path), tmp_path / name)
    first, second = ((tmp_path / name / "sources" / "cepii" / "pairs.csv").read_bytes() for name in ("one", "two"))
    assert first == second and first.decode().splitlines()[:2] == [",".join(frames.PAIR_COLUMNS), "COD,AUS,11934,0,0,0"]


# --- files that must be refused --------------------------------------------------------------------------------------


def test_a_missing_file_is_named_with_the_command_that_fetches_it(tmp_path):
    text = refusal(tmp_path)
    assert "no such file" in text and cepii.ARCHIVE in text and "etl refresh cepii" in text


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: data[: len(data) // 2], "no ZIP archive"),
        (lambda data: b"", "no ZIP archive"),
        (lambda data: b"<html>moved</html>", "no ZIP archive"),
        (lambda data: data.replace(b"dist_cepii.xls", b"dist_other.xls"), "the entry “dist_cepii.xls”"),
    ],
)
def test_a_spoilt_archive_is_refused(tmp_path, spoil, said):
    path = packed(tmp_path)
    path.write_bytes(spoil(path.read_bytes()))
    text = refusal(tmp_path)
    assert cepii.ARCHIVE in text and said in text


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


def test_what_is_no_workbook_is_refused(tmp_path):
    (tmp_path / cepii.BOOK).write_bytes(b"iso_o;iso_d\nMMR;THA\n")
    assert "cannot be opened" in refusal(tmp_path)


def test_a_workbook_without_rows_is_refused(tmp_path):
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
        ("dist", "far", "kilometres"),
        ("dist", 0, "kilometres"),
        ("dist", -4.0, "kilometres"),
        ("dist", None, "kilometres"),
        ("dist", 25_000.0, "kilometres"),
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
    assert (card.id, card.licence, card.released) == ("cepii", "Etalab 2.0", "2004-10-15")
    assert "South Sudan" in card.limits
    assert [d.file for d in card.downloads] == [cepii.ARCHIVE]


# --- the real archive ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def original():
    return extracted(ORIGINALS)


@on_the_originals
def test_every_pair_of_the_original_is_accounted_for(original):
    assert original.cells_read == 224**2 and original.kept == 17_910 and original.rejected.empty
    assert original.out_of_scope == {cepii.NO_MEMBER: 32_041, cepii.SAME: 45, cepii.DISSOLVED: 180}


@on_the_originals
def test_all_members_have_pairs_and_known_neighbours_are_neighbours(original):
    pairs = told(original)
    assert {origin for origin, _ in pairs} >= set(catalog.load().members)
    assert pairs[("MMR", "THA")] == (576, 1, 0, 0) and pairs[("TLS", "IDN")][1:] == (1, 0, 1)
    assert pairs[("HKG", "MAC")][0] == 61 and pairs[("AUS", "NZL")] == (2333, 0, 1, 0)


@on_the_originals
def test_a_pair_says_the_same_in_both_directions(original):
    pairs = told(original)
    assert all(pairs[(b, a)] == facts for (a, b), facts in pairs.items())


@on_the_originals
def test_the_plain_workbook_of_the_publisher_gives_the_same_as_the_archive(original, tmp_path):
    with zipfile.ZipFile(ORIGINALS / cepii.ARCHIVE) as archive, archive.open(cepii.BOOK) as entry:
        with (tmp_path / cepii.BOOK).open("wb") as plain:
            shutil.copyfileobj(entry, plain)
    pd.testing.assert_frame_equal(extracted(tmp_path).pairs, original.pairs)
