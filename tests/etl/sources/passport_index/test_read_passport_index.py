"""The reader of the Passport Index data set, on small files in the publisher's format and on the real one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from etl import frames
from etl.sources.passport_index import read as passports
from tests.etl.sources.reader import Reader

READER = Reader("passport_index")
extracted, refusal, ORIGINALS, on_the_originals = READER.extracted, READER.refusal, READER.originals, READER.on_the_originals


HEADER = "Passport,Destination,Requirement"
PAIRS = [
    "MMR,THA,14",
    "MMR,MYS,e-visa",
    "MMR,MMR,-1",
    "AUS,NZL,visa free",
    "BGD,IRQ,no admission",
    "AFG,ALB,e-visa",
    "FRA,DEU,visa free",
    "KEN,NPL,visa on arrival",
    "MMR,USA,visa required",
    "SGP,GBR,eta",
]


def file(folder: Path, pairs=PAIRS, header=HEADER) -> Path:
    """The CSV with these lines."""
    path = folder / passports.FILE
    path.write_text("".join(f"{line}\n" for line in [header, *pairs]), encoding="utf-8")
    return path


def rules(result) -> dict:
    v = result.visas
    columns = zip(*(v[c] for c in frames.VISA_COLUMNS[:4]))
    return {(origin, to): (rule, None if pd.isna(days) else days) for origin, to, rule, days in columns}


# --- what a reader of the dashboard is told -------------------------------------------------------------------------


def test_every_pair_gets_the_rule_that_the_file_says_and_days_only_where_days_are_said(tmp_path):
    file(tmp_path)
    result = extracted(tmp_path)
    assert rules(result) == {
        ("MMR", "THA"): ("free", 14),
        ("MMR", "MYS"): ("electronic", None),
        ("AUS", "NZL"): ("free", None),
        ("BGD", "IRQ"): ("refused", None),
        ("AFG", "ALB"): ("electronic", None),
        ("KEN", "NPL"): ("on_arrival", None),
        ("MMR", "USA"): ("required", None),
        ("SGP", "GBR"): ("electronic", None),
    }
    assert result.cells_read == 10 and result.kept == 8 and result.rejected.empty
    assert result.out_of_scope == {passports.SAME: 1, passports.NO_MEMBER: 1}


def test_the_direction_of_a_journey_is_not_turned_round(tmp_path):
    file(tmp_path, ["MMR,THA,14", "THA,MMR,visa on arrival"])
    assert rules(extracted(tmp_path)) == {("MMR", "THA"): ("free", 14), ("THA", "MMR"): ("on_arrival", None)}


def test_a_rule_keeps_the_publishers_word_and_its_line(tmp_path):
    file(tmp_path)
    v = extracted(tmp_path).visas
    assert list(v.columns) == frames.VISA_COLUMNS and set(v["rule"]) <= {
        "free",
        "on_arrival",
        "electronic",
        "required",
        "refused",
    }
    (eta,) = v[v["origin_iso3"] == "SGP"].itertuples()
    assert (eta.source_ref, eta.provider_label) == ("row 11", "eta")


def test_a_source_of_rules_gives_an_empty_table_of_figures_that_can_still_be_written(tmp_path):
    file(tmp_path)
    result = extracted(tmp_path)
    frames.write_csv(result.figures, tmp_path / "figures.csv")
    assert (tmp_path / "figures.csv").read_text(encoding="utf-8").strip() == ",".join(frames.FIGURE_COLUMNS)


def test_days_are_written_as_plain_numbers_and_stay_empty_where_none_are_said(tmp_path):
    file(tmp_path, ["MMR,THA,14", "MMR,USA,visa required"])
    frames.write_csv(extracted(tmp_path).visas, tmp_path / "visas.csv")
    lines = (tmp_path / "visas.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1:] == ["MMR,THA,free,14,row 2,14", "MMR,USA,required,,row 3,visa required"]


def test_new_caledonia_does_not_inherit_the_rules_of_france(tmp_path):
    file(tmp_path, ["FRA,DEU,visa free", "FRA,THA,60"])
    result = extracted(tmp_path)
    assert rules(result) == {("FRA", "THA"): ("free", 60)} and "New Caledonia" in result.notes[0]


def test_a_ban_of_the_pandemic_counts_as_refused(tmp_path):
    file(tmp_path, ["MMR,THA,covid ban", "MMR,MYS, E-Visa "])
    assert rules(extracted(tmp_path)) == {("MMR", "THA"): ("refused", None), ("MMR", "MYS"): ("electronic", None)}


def test_a_pair_that_stands_twice_is_quarantined_so_that_nobody_is_told_two_rules(tmp_path):
    file(tmp_path, ["MMR,THA,14", "MMR,THA,visa required", "MMR,MYS,e-visa"])
    result = extracted(tmp_path)
    assert list(rules(result)) == [("MMR", "MYS")] and set(result.rejected["reason"]) == {passports.REPEATED}
    assert result.rejected["found"].tolist() == ["MMR to THA: 14", "MMR to THA: visa required"]


def test_a_mark_for_the_own_country_between_two_countries_is_quarantined(tmp_path):
    file(tmp_path, ["MMR,THA,-1", "MMR,MYS,e-visa"])
    result = extracted(tmp_path)
    assert list(rules(result)) == [("MMR", "MYS")] and result.rejected["reason"].tolist() == [passports.NOT_HOME]


# --- files that must be refused --------------------------------------------------------------------------------------


def test_a_missing_file_is_named_with_the_command_that_fetches_it(tmp_path):
    text = refusal(tmp_path)
    assert "no such file" in text and passports.FILE in text and "python -m etl refresh passport_index" in text
    assert "no such folder" in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: data.replace(b"visa free", "visa libr\u00e9".encode("latin-1")), "not UTF-8"),
        (lambda data: data[: data.rindex(b",")], "fewer cells"),
        (lambda data: data[:-2], "a last line without an end"),
        (lambda data: data.splitlines(keepends=True)[0], "a header and no lines"),
        (lambda data: b'[{"Passport": "MMR"}]', "column “Passport”"),
    ],
)
def test_a_spoilt_or_cut_off_file_is_refused(tmp_path, spoil, said):
    path = file(tmp_path)
    path.write_bytes(spoil(path.read_bytes()))
    text = refusal(tmp_path)
    assert passports.FILE in text and said in text


def test_renamed_columns_are_all_named_at_once(tmp_path):
    file(tmp_path, header="From,To,Requirement")
    text = refusal(tmp_path)
    assert "column “Passport”" in text and "column “Destination”" in text and "unused columns: From, To" in text


def test_every_unknown_country_is_named_at_once_with_the_cure(tmp_path):
    file(tmp_path, [*PAIRS, "QQQ,THA,30", "ZZZ,MMR,30", "QQQ,MMR,30"])
    text = refusal(tmp_path)
    assert "column “Passport”, row 12: found unknown label “QQQ” (2 rows)" in text and "“ZZZ”" in text
    assert "corridors/catalog/countries.csv" in text


@pytest.mark.parametrize("code", ["WLD", "XXX", "OTH", "", "Thailand", "TH"])
def test_an_end_that_is_no_country_is_refused(tmp_path, code):
    file(tmp_path, [f"MMR,{code},30"])
    assert f"column “Destination”, row 2: found unknown label “{code}”" in refusal(tmp_path)


@pytest.mark.parametrize("said", ["Hayya Entry Permit", "-30", "0", "367", "30 days", "30.5", "", "９０", "free"])
def test_a_word_or_number_that_the_publisher_does_not_use_is_refused_not_guessed(tmp_path, said):
    file(tmp_path, [*PAIRS, f"MMR,IDN,{said}"])
    text = refusal(tmp_path)
    assert f"column “Requirement”, row 12: found “{said.lower()}” (1 rows)" in text and "visa on arrival" in text


def test_all_unknown_words_are_named_at_once(tmp_path):
    file(tmp_path, ["MMR,IDN,tourist card", "MMR,THA,tourist card", "MMR,IND,waiver"])
    text = refusal(tmp_path)
    assert "found “tourist card” (2 rows)" in text and "found “waiver” (1 rows)" in text


def test_the_card_describes_the_edition_that_is_imported():
    card = catalog.read_source(Path(passports.__file__).with_name("source.toml"))
    assert (card.title, card.licence) == ("Passport Index", "MIT")
    assert (card.released, card.edition) == ("2025-01-12", "12 January 2025")
    assert (card.method_class, card.reliability, card.credibility, card.tlp) == ("expert", "C", "3", "CLEAR")
    assert "New Caledonia" in card.limits
    (download,) = card.downloads
    assert (download.kind, download.file) == ("file", passports.FILE) and download.url.endswith(passports.FILE)


# --- the real file ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def original():
    return extracted(ORIGINALS)


@on_the_originals
def test_every_pair_of_the_original_is_accounted_for(original):
    assert original.cells_read == 199**2 and original.rejected.empty and original.figures.empty
    assert original.out_of_scope == {passports.NO_MEMBER: 24_025, passports.SAME: 44}
    assert original.visas["rule"].value_counts().to_dict() == {
        "required": 4_904,
        "free": 4_016,
        "electronic": 3_540,
        "on_arrival": 3_054,
        "refused": 18,
    }


@on_the_originals
def test_known_rules_of_the_original_are_found(original):
    known = rules(original)
    assert known[("MMR", "THA")] == ("free", 14) and known[("AUS", "NZL")] == ("free", None)
    assert known[("BGD", "IRQ")] == ("refused", None)


@on_the_originals
def test_every_member_but_new_caledonia_stands_at_both_ends(original):
    members = set(catalog.load().members)
    assert members - set(original.visas["origin_iso3"]) == members - set(original.visas["destination_iso3"]) == {"NCL"}


@on_the_originals
def test_the_imported_rules_stay_small_and_a_second_reading_is_the_same(original, tmp_path):
    pd.testing.assert_frame_equal(original.visas, extracted(ORIGINALS).visas)
    frames.write_csv(original.visas, tmp_path / "visas.csv")
    assert (tmp_path / "visas.csv").stat().st_size < 1_000_000
