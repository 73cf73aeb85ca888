"""The reader of the governance indicators, on small workbooks and answers as published and on the real workbook."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from corridors import catalog
from etl import frames, pipeline, series
from etl.download import FetchPolicy
from etl.refresh import refresh
from etl.sources.wgi import read as wgi
from tests.etl import bank_answers
from tests.etl.publisher_server import Answer, running
from tests.etl.sources.reader import Reader

READER = Reader("wgi")
extracted, refusal, ORIGINALS, on_the_originals = READER.extracted, READER.refusal, READER.originals, READER.on_the_originals


FILE, SHEET = "wgidataset.xlsx", "Sheet1"
HEADER = ["codeindyr", "code", "countryname", "year", "indicator", "estimate", "stddev", "nsource", "pctrank"]
NAMES = {"MMR": "Myanmar", "TMP": "Timor-Leste", "THA": "Thailand", "ROM": "Romania"}


def row(code="MMR", year=2023.0, indicator="cc", estimate=-1.2164993286132812, error=0.1682596355676651):
    """One line of the sheet as the publisher writes it: numbers as numbers, two dots where there is none."""
    ranks = (7.0, 9.4) if estimate != ".." else ("..", "..")
    return [f"{code}{indicator}{year:g}", code, NAMES.get(code, code), year, indicator, estimate, error, *ranks]


def workbook(folder: Path, rows: list[list], header=HEADER) -> Path:
    book = openpyxl.Workbook()
    book.active.title = SHEET
    for line in [header, *rows]:
        book.active.append(line)
    book.save(folder / FILE)
    return folder / FILE


def of(folder: Path, *rows: list):
    workbook(folder, list(rows))
    return extracted(folder)


def told(result, indicator: str) -> dict:
    f = result.figures[result.figures["indicator_id"] == indicator]
    numbers = f[["value", "lower", "upper"]].itertuples(index=False, name=None)
    return dict(zip(zip(f["iso3"], f["period_end"].str[:4]), numbers))


# --- what a reader of the dashboard is told -------------------------------------------------------------------------


def test_an_estimate_reaches_the_page_with_its_nine_in_ten_margin(tmp_path):
    (figure,) = of(tmp_path, row()).figures.itertuples()
    assert (figure.iso3, figure.indicator_id, figure.status) == ("MMR", "control_of_corruption", "estimated")
    assert (figure.value, figure.lower, figure.upper) == (-1.2165, -1.4933, -0.9397)
    assert figure.lower == round(-1.2164993286132812 - 1.645 * 0.1682596355676651, 4)
    assert (figure.period_start, figure.period_end) == ("2023-01-01", "2023-12-31")
    assert (figure.source_ref, figure.provider_label) == ("row 2", "MMRcc2023")


def test_three_of_the_six_indicators_are_imported_under_their_own_names(tmp_path):
    result = of(tmp_path, *[row(indicator=name, estimate=0.5) for name in ("cc", "rl", "pv", "ge", "rq", "va")])
    assert set(result.figures["indicator_id"]) == {"control_of_corruption", "rule_of_law", "political_stability"}
    assert result.out_of_scope == {wgi.OTHER: 3}


def test_two_dots_are_no_cells(tmp_path):
    result = of(tmp_path, row(), row("THA", estimate="..", error=".."))
    assert result.cells_read == 1 and set(result.figures["iso3"]) == {"MMR"}


def test_an_estimate_without_an_error_has_no_margin_rather_than_a_false_one(tmp_path):
    (figure,) = of(tmp_path, row(error="..", estimate=0.3)).figures.itertuples()
    assert figure.value == 0.3 and pd.isna(figure.lower) and pd.isna(figure.upper)


def test_codes_of_former_times_lead_to_the_country_of_today(tmp_path):
    former = row("TMP", estimate=-0.2267041653394699, error=0.2072)
    result = of(tmp_path, former, row("ROM", estimate=0.1), row("ANT", estimate=0.4))
    assert list(told(result, "control_of_corruption")) == [("TLS", "2023")]
    assert result.figures["provider_label"].tolist() == ["TMPcc2023"]
    assert result.out_of_scope == {series.NO_MEMBER: 1, series.GROUP: 1}


def test_years_before_the_scope_and_after_the_last_one_are_left_out(tmp_path):
    result = of(tmp_path, row(estimate=0.1), row(year=1998.0), row(year=2026.0), row(year=2030.0))
    assert list(told(result, "control_of_corruption")) == [("MMR", "2023")]
    assert result.out_of_scope == {series.OLD: 1, series.PROJECTED: 2} and "were cut: projections" in result.notes[0]


def test_two_estimates_for_one_year_are_quarantined(tmp_path):
    result = of(tmp_path, row(), row(estimate=-0.5), row("THA", estimate=0.2))
    assert list(told(result, "control_of_corruption")) == [("THA", "2023")]
    assert result.rejected["reason"].tolist() == [series.REPEATED] * 2 and set(result.rejected["sheet"]) == {SHEET}


def test_a_new_column_and_empty_lines_change_nothing(tmp_path):
    before = of(tmp_path, row(estimate=0.4)).figures
    workbook(tmp_path, [["x", *row(estimate=0.4)], [None, None]], ["edition", *HEADER])
    pd.testing.assert_frame_equal(extracted(tmp_path).figures, before)


# --- answers of the interface ---------------------------------------------------------------------------------------


def answers(folder: Path) -> None:
    for code in wgi.ANSWERS:
        bank_answers.write(
            folder,
            code,
            [
                bank_answers.row(code, "TMP", 2024, -0.25, name="Timor-Leste"),
                bank_answers.row(code, "MMR", 2024, -1.5),
                bank_answers.row(code, "MMR", 2023, None),
                bank_answers.row(code, "FRA", 2024, 1.25),
            ],
            sourceid="3",
        )


def test_answers_give_estimates_and_say_that_they_have_no_margins(tmp_path):
    answers(tmp_path)
    result = extracted(tmp_path)
    assert len(result.figures) == 6 and result.figures[["lower", "upper"]].isna().all(axis=None)
    assert set(result.figures["iso3"]) == {"MMR", "TLS"} and result.out_of_scope == {series.NO_MEMBER: 3}
    assert wgi.WITHOUT in result.notes and result.released == "2026-07-15"


def test_a_workbook_beside_the_answers_is_read_for_its_margins(tmp_path):
    answers(tmp_path)
    result = of(tmp_path, row(), row("THA", estimate=0.2))
    assert len(result.figures) == 2 and wgi.WITHOUT not in result.notes and [f.file for f in result.inputs] == [FILE]


def test_scores_from_0_to_100_are_not_taken_for_estimates(tmp_path):
    answers(tmp_path)
    code = "GOV_WGI_RL.EST"
    bank_answers.write(tmp_path, code, [bank_answers.row(code, "MMR", 2024, 7.5)])
    text = refusal(tmp_path)
    assert f"{code}.json" in text and "found 7.5 in the series rl; expected numbers from -4 to 4" in text


def test_answers_that_lack_an_indicator_are_refused(tmp_path):
    answers(tmp_path)
    (tmp_path / "GOV_WGI_PV.EST.json").unlink()
    assert "GOV_WGI_PV.EST.json: found no such file" in refusal(tmp_path)


def test_a_refresh_brings_answers_that_the_reader_understands(tmp_path):
    card = catalog.read_source(Path(wgi.__file__).with_name("source.toml"))
    with running() as publisher:
        for code in wgi.ANSWERS:
            body = bank_answers.text([bank_answers.row(code, "MMR", 2024, 0.5)]).encode()
            publisher.script[f"/v2/country/all/indicator/{code}"] = [Answer(body, type="application/json")]
        policy = FetchPolicy(per_second=100_000, now=lambda: datetime(2026, 9, 28, tzinfo=UTC))
        refresh([card], tmp_path, base=publisher.base, policy=policy)
        assert all("source=3" in path for path, *_ in publisher.asked)
    assert len(extracted(tmp_path / "wgi").figures) == 3


# --- files that must be refused --------------------------------------------------------------------------------------


def test_a_missing_file_is_named_with_both_forms(tmp_path):
    text = refusal(tmp_path)
    assert "no such file" in text and "wgidataset*.xlsx" in text and "GOV_WGI_CC.EST" in text and "etl refresh wgi" in text
    assert "no such folder" in refusal(tmp_path / "nowhere")


def test_a_workbook_that_was_cut_off_or_is_empty_is_refused(tmp_path):
    path = workbook(tmp_path, [row()])
    path.write_bytes(path.read_bytes()[:-400])
    assert FILE in (text := refusal(tmp_path)) and "cut off" in text
    workbook(tmp_path, [])
    assert SHEET in (text := refusal(tmp_path)) and "data below it" in text


def test_renamed_columns_are_all_named_at_once(tmp_path):
    workbook(tmp_path, [row()], ["se" if c == "stddev" else "iso" if c == "code" else c for c in HEADER])
    text = refusal(tmp_path)
    assert f"{FILE}, sheet “{SHEET}”, column “stddev”" in text and "column “code”" in text and "iso, countryname" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "THX"}, "column “code”, row 3: found unknown label “THX”"),
        ({"indicator": "xx"}, "column “indicator”, row 3: found unknown label “xx”"),
        ({"year": 2300.0}, "column “year”, row 3: found “2300”"),
        ({"estimate": "low"}, "column “estimate”, row 3: found “low”"),
        ({"error": "wide"}, "column “stddev”, row 3: found “wide”"),
        ({"error": -0.2}, "column “stddev”, row 3: found “-0.2”; expected a standard error, zero or more"),
        ({"estimate": 55.2}, "column “estimate”, row 3: found 55.2 in the series cc; expected numbers from -4 to 4"),
    ],
)
def test_a_cell_that_cannot_be_is_refused_with_its_place(tmp_path, change, said):
    workbook(tmp_path, [row("THA", estimate=0.2), row(**change)])
    assert f"{FILE}, sheet “{SHEET}”, {said}" in refusal(tmp_path)


def test_the_card_says_perception_and_asks_for_what_is_imported():
    card = catalog.read_source(Path(wgi.__file__).with_name("source.toml"))
    assert (card.id, card.reliability, card.method_class, card.tlp) == ("wgi", "B", "model with interval", "CLEAR")
    assert {d.file for d in card.downloads} == {f"{code}.json" for code in wgi.ANSWERS}


# --- the real workbook -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def original():
    return extracted(ORIGINALS)


@on_the_originals
def test_members_find_their_own_estimates_and_margins(original):
    assert told(original, "control_of_corruption")[("MMR", "2023")] == (-1.2165, -1.4933, -0.9397)
    assert told(original, "control_of_corruption")[("TLS", "2023")][0] == -0.2267
    assert told(original, "rule_of_law")[("HKG", "2023")][0] == 1.2936
    assert told(original, "political_stability")[("MAC", "2023")][0] == 1.0711
    f = original.figures
    assert ((f["lower"] < f["value"]) & (f["value"] < f["upper"])).all()


@on_the_originals
def test_every_estimate_of_the_original_is_accounted_for(original):
    assert original.cells_read == 30_974 and original.rejected.empty and len(original.figures) == 3_008
    assert original.out_of_scope == {wgi.OTHER: 15_420, series.OLD: 1_154, series.NO_MEMBER: 11_362, series.GROUP: 30}
    assert original.notes == ("Members without a figure: New Caledonia (France).",)


@on_the_originals
def test_the_workbook_gives_what_is_imported_and_the_imported_table_stays_small(tmp_path):
    frames.write_csv(extracted(ORIGINALS).figures, tmp_path / "figures.csv")
    assert (tmp_path / "figures.csv").stat().st_size < 400_000
    assert (pipeline.DATA / "sources" / "wgi" / "figures.csv").read_bytes() == (tmp_path / "figures.csv").read_bytes()
