"""What every reader of a source must do, whatever its publisher's quirks, which each source's own tests hold."""

from __future__ import annotations

import csv
import io
import random
import re
import shutil
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from corridors import ROOT, catalog, paths
from corridors.problems import SourceRefused
from etl import frames, pipeline, reading
from tests.etl.sources.reader import LATEST, Reader, held

HERE = Path(__file__).parent


def _of(source: str):
    """The module of a source's own tests, which knows how to write a small file as its publisher does."""
    return import_module(f"tests.etl.sources.{source}.test_read_{source}")


def _copied(source: str):
    return lambda folder: shutil.copytree(HERE / source / "sample", folder, dirs_exist_ok=True)


SAMPLES = {
    "abel_cohen": lambda folder: _of("abel_cohen").written(folder),
    "cepii": lambda folder: _of("cepii").packed(folder),
    "ilo_undp_gapminder": _copied("ilo_undp_gapminder"),
    "inform": lambda folder: _of("inform").workbook(folder),
    "iom_missing_migrants": _copied("iom_missing_migrants"),
    "passport_index": lambda folder: _of("passport_index").file(folder),
    "ucdp": _copied("ucdp"),
    "un_desa": lambda folder: _of("un_desa").matrix(folder),
    "unhcr": _copied("unhcr"),
    "unodc_cts": lambda folder: _of("unodc_cts").workbook(folder, [_of("unodc_cts").row(45094.0)]),
    "unodc_glotip": lambda folder: _of("unodc_glotip").workbook(folder, [_of("unodc_glotip").row("1,541")]),
    "wgi": lambda folder: _of("wgi").workbook(folder, [_of("wgi").row()]),
    "world_bank": _copied("world_bank"),
}
DAMAGE = {  # what happens to a file → what the refusal says of it; empty where each format has its own words
    "nothing arrived": (lambda whole: b"", "an empty file"),
    "a sign-in page": (lambda whole: b"<!DOCTYPE html><html><body>Sign in</body></html>", "a web page"),
    "a document": (lambda whole: b"%PDF-1.7\n" + bytes(range(256)) * 8, ""),
    "cut off": (lambda whole: whole[: len(whole) // 2 - 1], ""),
    "the end cut off": (lambda whole: whole[:-120], ""),
}
DAMAGED_TABLE = {  # the same for a CSV
    "a letter of another encoding": (lambda whole: whole[:-9] + b"\xe9" + whole[-9:], "not UTF-8"),
    "the last line's end cut off": (lambda whole: whole[:-1], "a last line without an end"),
    "the last cells cut off": (lambda whole: whole[: whole.rindex(b",")], "fewer cells"),
    "a decimal comma": (lambda whole: whole[:-1] + b",5\n", "more cells"),
    "a header and no lines": (lambda whole: whole.splitlines(keepends=True)[0], "a header and no"),
}
# Columns or fields that every file of the source needs.
NEEDED = {
    "abel_cohen": ["matrix", "names", "total_inflow"],
    "ilo_undp_gapminder": ["geo"],
    "inform": ["ISO3", "INFORM RISK", "Natural"],
    "iom_missing_migrants": ["Number of Dead"],
    "passport_index": ["Passport", "Destination"],
    "ucdp": ["country_cy"],
    "un_desa": ["matrix", "names", "total_inflow"],
    "unodc_cts": ["VALUE", "Category"],
    "unodc_glotip": ["txtVALUE", "Iso3_code"],
    "wgi": ["estimate", "stddev", "code"],
    "world_bank": ["Country Code"],
}
FILES = {  # what is asked for by name where the folder is empty
    "abel_cohen": ["flow_da_pb_closed.json"],
    "cepii": ["dist_cepii.zip"],
    "ilo_undp_gapminder": ["ddf--entities--geo--country.csv"],
    "inform": ["inform_risk*.xlsx", "inform_scores_*.json"],
    "iom_missing_migrants": ["Missing_Migrants_Global_Figures_allData.csv"],
    "passport_index": ["passport-index-tidy-iso3.csv"],
    "ucdp": ["organizedviolencecy*.csv"],
    "un_desa": ["stock.json", "undesa_pd_"],
    "unhcr": [f"{name}.json or {name}.csv" for name in ("population", "asylum_decisions", "solutions", "flows")],
    "unodc_cts": ["data_cts_corruption_and_economic_crime*.xlsx"],
    "unodc_glotip": ["data_glotip*.xlsx"],
    "wgi": ["wgidataset*.xlsx", "GOV_WGI_CC.EST"],
    "world_bank": ["SP.POP.TOTL", "NY.GDP.PCAP.KD.ZG"],
}
CARDS = {  # publisher, licence, release, what the grade scores (see statistics/quality.py), Admiralty letter and digit
    "abel_cohen": ("Abel and Cohen", "CC BY 4.0", "2022-10-28", "model", "B", "3"),
    "cepii": ("CEPII", "Etalab 2.0", "2004-10-15", "expert", "B", "3"),
    "ilo_undp_gapminder": ("Gapminder", "CC BY 4.0", "2025-12-31", "model", "B", "3"),
    "inform": ("INFORM", "CC BY 4.0", "2025-03-31", "model", "B", "3"),
    "iom_missing_migrants": ("IOM", "CC BY 4.0", "2025-09-08", "media", "B", "3"),
    "passport_index": ("Passport Index", "MIT", "2025-01-12", "expert", "C", "3"),
    "ucdp": ("Uppsala", "CC BY 4.0", "2025-06-11", "media", "B", "3"),
    "un_desa": ("UN DESA", "CC BY 3.0 IGO", "2020-12-31", "model", "B", "3"),
    "unhcr": ("UNHCR", "CC BY 4.0", "2026-06-01", "administrative total", "B", "3"),
    "unodc_cts": ("UNODC", "UNODC terms of use; attribution required", "2024-05-16", "administrative total", "B", "3"),
    "unodc_glotip": ("UNODC", "UNODC terms of use; attribution required", "2025-04-14", "administrative total", "B", "3"),
    "wgi": ("World Bank", "CC BY 4.0", "2024-11-05", "model with interval", "B", "3"),
    "world_bank": ("World Bank", "CC BY 4.0", "2025-06-05", "model", "B", "3"),
}
LARGEST = {  # bytes of a table in the project's data
    "abel_cohen": 2_500_000,
    "ilo_undp_gapminder": 700_000,
    "iom_missing_migrants": 2_000_000,
    "passport_index": 1_000_000,
    "ucdp": 150_000,
    "un_desa": 3_000_000,
    "unhcr": 14_000_000,
    "wgi": 400_000,
    "world_bank": 450_000,
}


@pytest.fixture
def folder(tmp_path, source) -> Path:
    """Small sound originals of the source, which a test may spoil."""
    made = tmp_path / source
    made.mkdir()
    SAMPLES[source](made)
    return made


def extracted(source: str, folder: Path):
    return Reader(source).extracted(folder)


def refusal(source: str, folder: Path) -> str:
    return Reader(source).refusal(folder)


every = pytest.mark.parametrize("source", SAMPLES)
TABLES = dict.fromkeys(("ilo_undp_gapminder", "iom_missing_migrants", "passport_index", "ucdp", "unhcr"), "*.csv")
TABLES["world_bank"] = "WDI*.csv"  # the other ends in lines about itself


def test_every_source_is_held_to_the_contract():
    assert set(SAMPLES) == {source.id for source in pipeline.sources()}


@every
def test_the_same_bytes_give_the_same_tables_and_no_cell_is_lost(source, folder):
    one, other = extracted(source, folder), extracted(source, folder)
    assert one.cells_read == one.kept + len(one.rejected) + sum(one.out_of_scope.values()) and one.kept > 0
    assert (one.inputs, one.notes, one.out_of_scope) == (other.inputs, other.notes, other.out_of_scope)
    for table in paths.SOURCE_TABLES:
        if getattr(one, table) is not None:
            pd.testing.assert_frame_equal(getattr(one, table), getattr(other, table))


@every
def test_a_missing_folder_or_file_is_named(source, folder, tmp_path):
    assert "no such folder" in refusal(source, tmp_path / "nowhere")
    for path in folder.iterdir():
        path.unlink()
    text = refusal(source, folder)
    assert "no such file" in text and f"python -m etl refresh {source}" in text
    assert all(name in text for name in FILES[source]), text


@every
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_refused_by_its_name_with_what_was_expected(source, folder, damage):
    change, said = DAMAGE[damage]
    for path, text in refusals(source, folder, "*", change):
        said = "no ZIP archive" if path.suffix == ".zip" and said else said  # the archive is not opened to look for a page
        said = "cut off" if path.suffix == ".xlsx" and "cut off" in damage else said
        assert path.name in text and said in text and "; expected " in text, (path.name, text)


@pytest.mark.parametrize(
    ("source", "damage"),
    [
        (source, damage)
        for source in TABLES
        for damage in DAMAGED_TABLE
        if (source, damage) != ("iom_missing_migrants", "the last line's end cut off")  # its last cell is one digit
    ],
)
def test_a_table_that_is_damaged_at_one_place_is_refused_with_it(source, folder, damage):
    change, said = DAMAGED_TABLE[damage]
    for path, text in refusals(source, folder, TABLES[source], change):
        assert path.name in text and said in text, (path.name, text)


def refusals(source: str, folder: Path, files: str, change):
    """What is said while one of the files is changed, for each of them."""
    for path in sorted(folder.glob(files)):
        whole = path.read_bytes()
        path.write_bytes(change(whole))
        yield path, refusal(source, folder)
        path.write_bytes(whole)


@pytest.mark.parametrize("source", ["ilo_undp_gapminder", "passport_index", "ucdp", "unhcr"])
@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_table_that_a_spreadsheet_saved_with_other_separators_and_line_ends_is_read(source, folder, mark):
    sound = extracted(source, folder)
    for path in folder.glob("*.csv"):
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        with path.open("w", encoding="utf-8-sig", newline="") as handle:
            csv.writer(handle, delimiter=mark, lineterminator="\r\n").writerows(rows)
    other = extracted(source, folder)
    assert (other.kept, other.out_of_scope) == (sound.kept, sound.out_of_scope)
    pd.testing.assert_frame_equal(other.figures, sound.figures)


def test_what_lies_in_the_folder_instead_is_named_as_what_it_is(tmp_path):
    (tmp_path / "CTDC_global_synthetic_data.csv").write_text(
        "yearOfRegistration,gender,ageBroad,citizenship,traffickMonths\n"
    )
    (tmp_path / "notes.csv").write_text("a,b\n")
    with pytest.raises(SourceRefused) as refused:
        import_module("etl.sources.ctdc.read").read(tmp_path)
    said = str(refused.value)
    assert "CTDC_global_synthetic_data.csv (CTDC's synthetic data set, not the k-anonymised one), notes.csv" in said
    assert "python -m" not in said, "no command fetches what the publisher gives only to who accepts its terms"


def damaged(frame: pd.DataFrame, chance: random.Random, share: float) -> pd.DataFrame:
    """A table in which one cell in a hundred of its words, and at least one, has lost, doubled or changed a letter."""
    columns = [c for c in frame if c != "_row" and frame[c].astype("str").str.contains("[A-Za-z]{3}").any()]
    places = [(i, c) for c in columns for i in frame.index if re.search("[A-Za-z]{3}", str(frame.at[i, c]))]
    spoilt = frame.copy()
    for i, column in chance.sample(places, min(len(places), max(1, round(share * len(places))))):
        word = str(spoilt.at[i, column])
        at = chance.randrange(len(word))
        spoilt.at[i, column] = word[:at] + chance.choice(["", word[at] * 2, "é", "Ã¼", " "]) + word[at + 1 :]
    return spoilt


@every
def test_with_damaged_labels_every_row_is_a_figure_rejected_or_out_of_scope_or_the_label_is_named(source, folder):
    reader, chance = import_module(f"etl.sources.{source}.read"), random.Random(9)
    raw = reader.read(folder)
    if not isinstance(raw, frames.Raw):
        pytest.fail(f"{source} reads into {type(raw).__name__}: spoil its tables here too")
    for _ in range(10):
        tables = {name: damaged(frame, chance, 0.01) for name, frame in raw.tables.items()}
        try:
            made = reader.to_figures(replace(raw, tables=tables), catalog.load(), LATEST).balanced()
        except SourceRefused as refusal:
            assert all("; expected " in str(problem) for problem in refusal.problems)
        else:
            assert made.cells_read == made.kept + len(made.rejected) + sum(made.out_of_scope.values())


STRANGE = {  # what makes of a row one of a country that nobody knows, and of no member; squares pair every label with a member
    "cepii": {"iso_o": "QQQ", "iso_d": "DEU"},
    "ilo_undp_gapminder": {"geo": "qqq"},
    "inform": {"place": "QQQ"},
    "iom_missing_migrants": {"Country of Incident": "Lemuria", "Country of Origin": "", "Region of Incident": "Europe"},
    "passport_index": {"Passport": "QQQ", "Destination": "DEU"},
    "ucdp": {"country": "Lemuria", "year": "2024"},
    "unhcr": {"coo_iso": "QQQ", "coa_iso": "DEU"},
    "unodc_cts": {"Iso3_code": "QQQ"},
    "unodc_glotip": {"Iso3_code": "QQQ"},
    "wgi": {"code": "QQQ"},
    "world_bank": {"place": "QQQ"},
}


def with_strange_rows(raw: frames.Raw, source: str, number: int) -> frames.Raw:
    """The tables with copies of their first row in which the country is one that nobody knows."""
    tables = dict(raw.tables)
    for name, frame in raw.tables.items():
        if set(STRANGE[source]) <= set(frame) and name != "ddf--entities--geo--country.csv":
            copies = pd.concat([frame.iloc[[0]].assign(**STRANGE[source])] * number)
            row = "_row" if "_row" in frame else "row"
            copies[row] = range(9_000, 9_000 + number)
            if source == "iom_missing_migrants":  # every id of the whole file is unique
                copies["Incident ID"] = [f"2024.MMP{n}" for n in range(number)]
            tables[name] = pd.concat([frame, copies], ignore_index=True)
    return replace(raw, tables=tables)


@pytest.mark.parametrize("source", STRANGE)
def test_a_label_that_carries_no_figure_of_a_member_stops_nobody_and_its_rows_say_why(source, folder):
    reader = import_module(f"etl.sources.{source}.read")
    raw = reader.read(folder)
    sound = extracted(source, folder)
    made = reader.to_figures(with_strange_rows(raw, source, 2), catalog.load(), LATEST).balanced()
    left = made.rejected[made.rejected["reason"] == reading.UNKNOWN_LABEL]
    assert len(left) >= 2 and len(left) == len(made.rejected) - len(sound.rejected)
    assert set(left["how_to_fix"].str.startswith(reading.ADD_LABEL)) == {True} and made.kept == sound.kept


@pytest.mark.parametrize("source", STRANGE)
def test_a_flood_of_unknown_labels_is_refused(source, folder):
    reader = import_module(f"etl.sources.{source}.read")
    flooded = with_strange_rows(reader.read(folder), source, reading.FLOOD_ROWS + 1)
    with pytest.raises(SourceRefused, match="unknown label"):
        reader.to_figures(flooded, catalog.load(), LATEST)


@pytest.mark.parametrize("source", SAMPLES)
def test_text_in_the_wrong_encoding_is_read_again_in_every_table_and_it_is_said(source, folder):
    raw = import_module(f"etl.sources.{source}.read").read(folder)
    column = {
        name: next(c for c in frame if not pd.api.types.is_numeric_dtype(frame[c])) for name, frame in raw.tables.items()
    }
    spoilt = {
        name: pd.concat([frame, frame.iloc[[0]].assign(**{column[name]: "CÃ´te dâ€™Ivoire"})], ignore_index=True)
        for name, frame in raw.tables.items()
    }
    mended, notes = reading.mended(replace(raw, tables=spoilt))
    assert all(frame[column[name]].iloc[-1] == "Côte d’Ivoire" for name, frame in mended.tables.items())
    assert notes == (f"{len(spoilt)} cells were UTF-8 read as another encoding, and were read again.",)
    assert reading.mended(raw) == (raw, ())


@pytest.mark.parametrize("source", NEEDED)
def test_renamed_columns_are_all_named_at_once_in_every_file_with_those_that_are_there(source, folder):
    whole = {path: path.read_bytes() for path in folder.iterdir()}
    for path in whole:
        path.write_bytes(renamed(whole[path], NEEDED[source]))
    text = refusal(source, folder)
    assert all(f"column “{column.removesuffix('_cy')}" in text for column in NEEDED[source]), text
    assert "renamed 1" in text.casefold() or source == "world_bank"  # which looks for its header in thirty lines
    spoilt = [path for path in whole if path.read_bytes() != whole[path]]
    assert all(path.name in text for path in spoilt), text
    assert all(f"{path.name}, sheet “" in text for path in spoilt if path.suffix == ".xlsx")


@pytest.mark.parametrize("source", ["inform", "unodc_cts", "unodc_glotip", "wgi"])
def test_a_workbook_without_data_is_refused(source, folder):
    (path,) = folder.iterdir()
    path.write_bytes(changed_workbook(path.read_bytes(), lambda sheet: sheet.delete_rows(header_of(sheet, source) + 1, 99)))
    assert f"{path.name}, sheet “" in (text := refusal(source, folder)) and "data below it" in text


def header_of(sheet, source: str) -> int:
    """The row in which the names of columns stand; far below where there is none."""
    return next((n for n, row in enumerate(sheet.values, 1) if NEEDED[source][0] in row), 99)


def renamed(whole: bytes, columns: list[str]) -> bytes:
    """A text file, or a workbook, in which columns bear other names."""
    names = {column: f"Renamed {n}" for n, column in enumerate(columns, 1)}
    if whole.startswith(b"PK"):
        return changed_workbook(whole, lambda sheet: rename(sheet, names))
    for column, name in names.items():
        whole = whole.replace(column.encode(), name.encode(), 1)
    return whole


def rename(sheet, names: dict[str, str]) -> None:
    for cell in (cell for row in sheet.iter_rows() for cell in row):
        cell.value = names.get(cell.value, cell.value)


def changed_workbook(whole: bytes, change) -> bytes:
    """A workbook with each of its sheets changed."""
    book = openpyxl.load_workbook(io.BytesIO(whole))
    for sheet in book:
        change(sheet)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


# What the project holds of the sources


@pytest.mark.parametrize("path", sorted(HERE.glob("*/expected*.csv")), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_the_sample_gives_exactly_the_expected_table(path, tmp_path):
    made = extracted(path.parent.name, path.parent / "sample")
    frames.write_csv(getattr(made, path.stem.partition("_")[2] or "figures"), tmp_path / "made.csv")
    assert (tmp_path / "made.csv").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("source", [pytest.param(name, marks=Reader(name).on_the_originals) for name in SAMPLES])
def test_the_originals_at_hand_give_the_card_and_tables_of_the_project_to_the_byte(source, tmp_path):
    """With it, every cell of the originals is accounted for: the card says how many became what."""
    reader = Reader(source)
    pipeline._write(reader.extracted(reader.originals), tmp_path)
    made, project = tmp_path / paths.SOURCES / source, paths.DATA / paths.SOURCES / source
    assert {p.name for p in made.iterdir()} == {p.name for p in project.iterdir()}
    assert not [p.name for p in made.iterdir() if p.read_bytes() != (project / p.name).read_bytes()]


@every
def test_the_card_says_whose_it_is_under_which_licence_and_how_far_it_is_trusted(source):
    publisher, *rest = CARDS[source]
    card = catalog.read_source(ROOT / f"etl/sources/{source}/source.toml")
    assert publisher in card.publisher and card.tlp == "CLEAR" and card.id == source
    assert [card.licence, card.released, card.method_class, card.reliability, card.credibility] == rest


def test_figures_that_people_know_stand_in_the_projects_data():
    for wanted in csv.DictReader((HERE / "known_figures.csv").read_text(encoding="utf-8").splitlines()):
        rows, whole = held(wanted.pop("source")), dict.fromkeys(("sex", "age", "form"), "total")
        for column, value in (wanted | whole).items():
            if column.endswith("iso3") or value:
                rows = rows[rows[column] == (float(value) if column in ("value", "lower", "upper") else value)]
        assert len(rows) == 1, wanted


@pytest.mark.parametrize("source", LARGEST)
def test_the_tables_of_the_project_stay_small(source):
    sizes = [path.stat().st_size for path in (paths.DATA / paths.SOURCES / source).glob("*.csv")]
    assert sizes and max(sizes) < LARGEST[source]


def test_a_column_that_no_figure_has_is_refused_and_never_taken_for_all_together():
    with pytest.raises(SourceRefused, match="found columns gender; expected .*sex"):
        frames.finished(pd.DataFrame({"iso3": ["THA"], "gender": ["men"]}), "wgi")
