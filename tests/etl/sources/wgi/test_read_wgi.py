"""The reader of the governance indicators, on small workbooks and answers as published, and what the project holds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from corridors import catalog
from etl import series
from etl.download import FetchPolicy
from etl.refresh import refresh
from etl.sources.wgi import read as wgi
from tests.etl import bank_answers
from tests.etl.publisher_server import Answer, running
from tests.etl.sources.reader import Reader, held

READER = Reader("wgi")
extracted, refusal = READER.extracted, READER.refusal

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


def test_an_estimate_reaches_the_page_with_its_nine_in_ten_margin_or_with_none_rather_than_a_false_one(tmp_path):
    figure, without = of(tmp_path, row(), row("THA", estimate=0.3, error="..")).figures.itertuples()
    assert (figure.iso3, figure.indicator_id, figure.status) == ("MMR", "control_of_corruption", "estimated")
    assert (figure.value, figure.lower, figure.upper) == (-1.2165, -1.4933, -0.9397)
    assert figure.lower == round(-1.2164993286132812 - 1.645 * 0.1682596355676651, 4)
    assert (figure.period_start, figure.period_end) == ("2023-01-01", "2023-12-31")
    assert (figure.source_ref, figure.provider_label) == ("row 2", "MMRcc2023")
    assert without.value == 0.3 and pd.isna(without.lower) and pd.isna(without.upper)


TOLD = {  # what is printed → (labels of the figures, what is rejected and why, what is out of scope and why)
    "three of the six indicators are imported": (
        [row(indicator=name, estimate=0.5) for name in ("cc", "rl", "pv", "ge", "rq", "va")],
        ["MMRcc2023", "MMRpv2023", "MMRrl2023"],
        [],
        {wgi.OTHER: 3},
    ),
    "two dots are no cells": ([row(), row("THA", estimate="..", error="..")], ["MMRcc2023"], [], {}),
    "codes of former times lead to the country of today": (
        [row("TMP", estimate=-0.2267, error=0.2072), row("ROM", estimate=0.1), row("ANT", estimate=0.4)],
        ["TMPcc2023"],
        [],
        {series.NO_MEMBER: 1, series.GROUP: 1},
    ),
    "years before the scope and after the last one are left out": (
        [row(year=2025.0), row(year=1998.0), row(year=2026.0), row(year=2030.0)],
        ["MMRcc2025"],
        [],
        {series.OLD: 1, series.PROJECTED: 2},
    ),
    "two estimates for one year are quarantined": (
        [row(), row(estimate=-0.5), row("THA", estimate=0.2)],
        ["THAcc2023"],
        [series.REPEATED] * 2,
        {},
    ),
}
INDICATORS = {"cc": "control_of_corruption", "rl": "rule_of_law", "pv": "political_stability"}


@pytest.mark.parametrize("case", TOLD)
def test_what_becomes_of_each_row(tmp_path, case):
    rows, labels, rejected, out_of_scope = TOLD[case]
    result = of(tmp_path, *rows)
    told = result.figures.sort_values("provider_label")
    assert told["provider_label"].tolist() == labels and result.rejected["reason"].tolist() == rejected
    assert told["iso3"].tolist() == [label[:3].replace("TMP", "TLS") for label in labels]
    assert told["indicator_id"].tolist() == [INDICATORS[label[3:5]] for label in labels]
    assert result.out_of_scope == out_of_scope and set(result.rejected["sheet"]) <= {SHEET}
    assert result.cells_read == len(labels) + len(rejected) + sum(out_of_scope.values())
    assert ("were cut: projections" in " ".join(result.notes)) == (series.PROJECTED in out_of_scope)


def test_a_new_column_and_empty_lines_change_nothing(tmp_path):
    before = of(tmp_path, row(estimate=0.4)).figures
    workbook(tmp_path, [["x", *row(estimate=0.4)], [None, None]], ["edition", *HEADER])
    pd.testing.assert_frame_equal(extracted(tmp_path).figures, before)


@pytest.fixture
def answers(tmp_path) -> Path:
    """A folder with the interface's answers for each indicator."""
    for code in wgi.ANSWERS:
        rows = [
            bank_answers.row(code, "TMP", 2024, -0.25, name="Timor-Leste"),
            bank_answers.row(code, "MMR", 2024, -1.5),
            bank_answers.row(code, "MMR", 2023, None),
            bank_answers.row(code, "FRA", 2024, 1.25),
        ]
        bank_answers.write(tmp_path, code, rows, sourceid="3")
    return tmp_path


def test_answers_give_estimates_and_say_that_they_have_no_margins_unless_a_workbook_lies_beside_them(answers):
    result = extracted(answers)
    assert len(result.figures) == 6 and result.figures[["lower", "upper"]].isna().all(axis=None)
    assert set(result.figures["iso3"]) == {"MMR", "TLS"} and result.out_of_scope == {series.NO_MEMBER: 3}
    assert wgi.WITHOUT in result.notes and result.released == "2026-07-15"
    result = of(answers, row(), row("THA", estimate=0.2))
    assert len(result.figures) == 2 and wgi.WITHOUT not in result.notes and [f.file for f in result.inputs] == [FILE]


def test_scores_from_0_to_100_are_not_taken_for_estimates_and_a_missing_indicator_is_named(answers):
    code = "GOV_WGI_RL.EST"
    bank_answers.write(answers, code, [bank_answers.row(code, "MMR", 2024, 7.5)])
    text = refusal(answers)
    assert f"{code}.json" in text and "found 7.5 in the series rl; expected numbers from -4 to 4" in text
    (answers / "GOV_WGI_PV.EST.json").unlink()
    assert "GOV_WGI_PV.EST.json: found no such file" in refusal(answers)


def test_a_refresh_brings_answers_that_the_reader_understands(tmp_path):
    card = catalog.read_source(Path(wgi.__file__).with_name("source.toml"))
    assert {d.file for d in card.downloads} == {f"{code}.json" for code in wgi.ANSWERS}
    with running() as publisher:
        for code in wgi.ANSWERS:
            body = bank_answers.text([bank_answers.row(code, "MMR", 2024, 0.5)]).encode()
            publisher.script[f"/v2/country/all/indicator/{code}"] = [Answer(body, type="application/json")]
        policy = FetchPolicy(per_second=100_000, now=lambda: datetime(2026, 9, 28, tzinfo=UTC))
        refresh([card], tmp_path, base=publisher.base, policy=policy)
        assert all("source=3" in path for path, *_ in publisher.asked)
    assert len(extracted(tmp_path / "wgi").figures) == 3


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


def test_every_estimate_of_the_project_lies_between_its_margins_and_one_member_has_none():
    f = held("wgi")
    assert ((f["lower"] < f["value"]) & (f["value"] < f["upper"])).all()
    assert set(catalog.load().members) - set(f["iso3"]) == {"NCL"}
