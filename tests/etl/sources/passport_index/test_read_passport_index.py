"""The reader of the Passport Index data set, on small files in the publisher's format, and what is held of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from etl import frames, pairs
from etl.sources.passport_index import read as passports
from tests.etl.sources.reader import Reader, held

READER = Reader("passport_index")
extracted, refusal = READER.extracted, READER.refusal

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


def rules(v: pd.DataFrame) -> dict:
    columns = zip(*(v[c] for c in frames.VISA_COLUMNS[:4]))
    return {(origin, to): (rule, None if pd.isna(days) else days) for origin, to, rule, days in columns}


def test_every_pair_gets_the_rule_that_the_file_says_and_days_only_where_days_are_said(tmp_path):
    file(tmp_path)
    result = extracted(tmp_path)
    assert rules(result.visas) == {
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
    assert result.out_of_scope == {passports.SAME: 1, pairs.NO_MEMBER: 1}


def test_a_rule_keeps_the_publishers_word_and_its_line_and_the_empty_table_of_figures_can_still_be_written(tmp_path):
    file(tmp_path)
    v = extracted(tmp_path).visas
    assert list(v.columns) == frames.VISA_COLUMNS
    (eta,) = v[v["origin_iso3"] == "SGP"].itertuples()
    assert (eta.source_ref, eta.provider_label) == ("row 11", "eta")
    frames.write_csv(extracted(tmp_path).figures, tmp_path / "figures.csv")
    assert (tmp_path / "figures.csv").read_text(encoding="utf-8").strip() == ",".join(frames.FIGURE_COLUMNS)


def test_days_are_written_as_plain_numbers_and_stay_empty_where_none_are_said(tmp_path):
    file(tmp_path, ["MMR,THA,14", "MMR,USA,visa required"])
    frames.write_csv(extracted(tmp_path).visas, tmp_path / "visas.csv")
    lines = (tmp_path / "visas.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1:] == ["MMR,THA,free,14,row 2,14", "MMR,USA,required,,row 3,visa required"]


def test_new_caledonia_does_not_inherit_the_rules_of_france(tmp_path):
    file(tmp_path, ["FRA,DEU,visa free", "FRA,THA,60"])
    result = extracted(tmp_path)
    assert rules(result.visas) == {("FRA", "THA"): ("free", 60)} and "New Caledonia" in result.notes[0]


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        (["MMR,THA,14", "THA,MMR,visa on arrival"], {("MMR", "THA"): ("free", 14), ("THA", "MMR"): ("on_arrival", None)}),
        (
            ["MMR,THA,covid ban", "MMR,MYS, E-Visa "],
            {("MMR", "THA"): ("refused", None), ("MMR", "MYS"): ("electronic", None)},
        ),
    ],
)
def test_the_direction_of_a_journey_is_not_turned_round_and_a_ban_of_the_pandemic_counts_as_refused(tmp_path, pairs, told):
    file(tmp_path, pairs)
    assert rules(extracted(tmp_path).visas) == told


def test_a_pair_that_stands_twice_is_quarantined_so_that_nobody_is_told_two_rules(tmp_path):
    file(tmp_path, ["MMR,THA,14", "MMR,THA,visa required", "MMR,MYS,e-visa"])
    result = extracted(tmp_path)
    assert list(rules(result.visas)) == [("MMR", "MYS")] and set(result.rejected["reason"]) == {passports.REPEATED}
    assert result.rejected["found"].tolist() == ["MMR to THA: 14", "MMR to THA: visa required"]


def test_a_mark_for_the_own_country_between_two_countries_is_quarantined(tmp_path):
    file(tmp_path, ["MMR,THA,-1", "MMR,MYS,e-visa"])
    result = extracted(tmp_path)
    assert list(rules(result.visas)) == [("MMR", "MYS")] and result.rejected["reason"].tolist() == [passports.NOT_HOME]


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


def test_the_card_says_what_is_not_in_it_and_where_its_file_is():
    card = catalog.read_source(Path(passports.__file__).with_name("source.toml"))
    assert (card.title, card.edition) == ("Passport Index", "12 January 2025") and "New Caledonia" in card.limits
    (download,) = card.downloads
    assert (download.kind, download.file) == ("file", passports.FILE) and download.url.endswith(passports.FILE)


def test_known_rules_are_found_and_every_member_but_new_caledonia_stands_at_both_ends():
    visas, members = held("passport_index", "visas"), set(catalog.load().members)
    known = rules(visas.assign(days=pd.to_numeric(visas["days"])))
    assert known[("MMR", "THA")] == ("free", 14) and known[("AUS", "NZL")] == ("free", None)
    assert known[("BGD", "IRQ")] == ("refused", None)
    assert members - set(visas["origin_iso3"]) == members - set(visas["destination_iso3"]) == {"NCL"}
    counted = {"required": 4_904, "free": 4_016, "electronic": 3_540, "on_arrival": 3_054, "refused": 18}
    assert visas["rule"].value_counts().to_dict() == counted
