"""The reader of INFORM Risk, on small workbooks and answers in the publisher's formats."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from corridors import catalog
from etl import series
from etl.sources.inform import read as inform
from tests.etl.sources.reader import Reader, held

READER = Reader("inform")
extracted, refusal = READER.extracted, READER.refusal

FILE, SHEET = "inform_risk_2025_v070.xlsx", "INFORM Risk 2025 (a-z)"
ANSWER = "inform_scores_2026-03-31.json"
HEADER = ["COUNTRY", "ISO3", "INFORM RISK", "RISK CLASS", "Rank", "HAZARD & EXPOSURE", "Natural", "Earthquake", "Inequality"]
MYANMAR = ["Myanmar", "MMR", 7.0, "Very High", 16.0, 8.4, 7.2, 8.8, "x"]
THAILAND = ["Thailand", "THA", 4.3, "Medium", 68.0, 6.0, 5.9, 3.7, 4.4]
LIBERIA = ["Liberia", "LBR", 4.9, "Medium", 48.0, 2.7, 3.9, 0.1, 5.1]
BANNER = ["INFORM RISK 2025", None, "0-10", None, None, None, None, None, None]
LEGEND = ["(a-z)", "(a-z)", "(0-10)", "(Very Low-Very High)", "(1-191)", "(0-10)", "(0-10)", "(0-10)", "(0-10)"]


def workbook(folder: Path, *rows: list, header=HEADER, above=(), release="31 March 2025 v 0.7.0", about="About") -> Path:
    """A workbook with the scores on its first sheet and the release on the second, named as the publisher's."""
    book = openpyxl.Workbook()
    book.active.title = SHEET
    for line in [*above, header, *(rows or (MYANMAR, THAILAND, LIBERIA))]:
        book.active.append(line)
    sheet = book.create_sheet(about)
    for line in ([], ["release:"], [release], ["INFORM RISK INDEX"], ["2025 2nd edition"]):
        sheet.append(line)
    book.save(folder / FILE)
    return folder / FILE


def answer(folder: Path, name: str = ANSWER, **change) -> Path:
    """An answer of the interface for two indicators and two countries."""
    scores = [
        ("MMR", "INFORM", 7.1),
        ("MMR", "HA.NAT", 7.3),
        ("LBR", "INFORM", 4.8),
        ("THA", "HA.NAT", None),
        ("THA", "HA", 6.0),
    ]
    rows = [{"Iso3": iso3, "IndicatorId": indicator, "IndicatorScore": score} | change for iso3, indicator, score in scores]
    (folder / name).write_text(json.dumps(rows), encoding="utf-8")
    return folder / name


def told(result) -> dict:
    f = result.figures
    return dict(zip(zip(f["iso3"], f["indicator_id"], f["period_end"]), f["value"]))


def test_two_scores_of_every_member_are_told_on_the_day_of_the_edition(tmp_path):
    workbook(tmp_path)
    result = extracted(tmp_path)
    assert told(result) == {
        ("MMR", "inform_risk", "2025-03-31"): 7.0,
        ("MMR", "inform_natural_hazard", "2025-03-31"): 7.2,
        ("THA", "inform_risk", "2025-03-31"): 4.3,
        ("THA", "inform_natural_hazard", "2025-03-31"): 5.9,
    }
    figure = result.figures.iloc[0]
    assert (figure.period_start, figure.status) == ("2025-03-31", "reported")
    assert (figure.source_ref, figure.provider_label, result.released) == ("row 2", "Natural", "2025-03-31")
    assert result.cells_read == 3 * 7 - 1 and len(result.figures) == 4
    assert result.out_of_scope == {inform.OTHER: 14, series.NO_MEMBER: 2}
    workbook(tmp_path, [*MYANMAR[:2], "x", *MYANMAR[3:]], THAILAND)  # what nobody knows is no entry and no zero
    assert ("MMR", "inform_risk", "2025-03-31") not in told(extracted(tmp_path))


def test_a_title_above_a_legend_below_and_columns_that_moved_or_are_new_do_not_hide_the_table(tmp_path):
    workbook(tmp_path)
    before = extracted(tmp_path)
    workbook(tmp_path, LEGEND, MYANMAR, THAILAND, LIBERIA, ["(*) see the sheet About"], above=[BANNER, [None]])
    result = extracted(tmp_path)
    assert told(result) == told(before) and result.figures["source_ref"].tolist()[0] == "row 5"
    wider = [["Wildfire", *HEADER[::-1]], *([1.5, *line[::-1]] for line in (MYANMAR, THAILAND, LIBERIA))]
    workbook(tmp_path, *wider[1:], header=wider[0])
    pd.testing.assert_frame_equal(extracted(tmp_path).figures, before.figures)


def test_two_rows_of_one_country_are_quarantined(tmp_path):
    workbook(tmp_path, MYANMAR, [*MYANMAR[:2], 6.0, *MYANMAR[3:]], THAILAND)
    result = extracted(tmp_path)
    assert result.rejected["reason"].tolist() == [series.REPEATED] * 4 and set(result.figures["iso3"]) == {"THA"}


def test_the_newest_answer_goes_before_the_workbook_and_takes_its_day_from_its_name(tmp_path):
    workbook(tmp_path)
    answer(tmp_path)
    answer(tmp_path, "inform_scores_2025-09-30.json")
    result = extracted(tmp_path)
    scores = {("MMR", "inform_risk", "2026-03-31"): 7.1, ("MMR", "inform_natural_hazard", "2026-03-31"): 7.3}
    assert told(result) == scores
    assert result.out_of_scope == {inform.OTHER: 1, series.NO_MEMBER: 1} and result.released == "2026-03-31"
    assert [f.file for f in result.inputs] == [ANSWER]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"IndicatorId": "INFORM"}, "the indicator HA.NAT"),
        ({"Iso3": "THX"}, "unknown label “THX”"),
        ({"IndicatorScore": "high"}, "found “high”"),
        ({"IndicatorScore": 71}, "found 71 in the series"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_by_name(tmp_path, change, said):
    answer(tmp_path, **change)
    assert ANSWER in (text := refusal(tmp_path)) and said in text


@pytest.mark.parametrize(
    ("content", "said"),
    [("[]", "a list of objects"), ('[{"ISO3": "MMR", "INFORM": 7}]', "column “Iso3”"), ('[{"Iso3": "MMR"', "JSON")],
)
def test_an_answer_of_another_shape_is_refused(tmp_path, content, said):
    (tmp_path / ANSWER).write_text(content, encoding="utf-8")
    assert ANSWER in (text := refusal(tmp_path)) and said in text


def test_an_answer_without_a_day_in_its_name_is_refused_with_the_cure(tmp_path):
    answer(tmp_path, "inform_scores_latest.json")
    assert "found “latest”; expected the day of the edition" in (text := refusal(tmp_path)) and "Rename the file" in text


def test_two_columns_of_one_name_are_refused_because_nobody_knows_which_is_meant(tmp_path):
    workbook(tmp_path, header=["Natural" if name == "Earthquake" else name for name in HEADER])
    assert "column “Natural”: found two columns of this name" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["Burma", "MNR", *MYANMAR[2:]], "column “ISO3”, row 3: found unknown label “MNR”"),
        (["Myanmar", "", *MYANMAR[2:]], "column “ISO3”, row 3: found scores beside “”"),
        ([*MYANMAR[:2], "high", *MYANMAR[3:]], "column “INFORM RISK”, row 3: found “high”"),
        ([*MYANMAR[:6], 72.0, *MYANMAR[7:]], "column “Natural”, row 3: found 72 in the series Natural"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_place(tmp_path, line, said):
    workbook(tmp_path, THAILAND, line)
    assert f"{FILE}, sheet “{SHEET}”, {said}" in refusal(tmp_path)


def test_a_workbook_without_its_date_or_from_the_future_is_refused(tmp_path):
    workbook(tmp_path, release="second edition")
    assert "sheet “About”: found no date" in refusal(tmp_path)
    workbook(tmp_path, about="Read me")
    assert "sheet “About”: found no such sheet" in refusal(tmp_path)
    workbook(tmp_path, release="1 March 2027 v 0.9")
    assert "found “2027”; expected a year from 1900 to 2026" in refusal(tmp_path)


def test_the_newest_edition_is_asked_for_by_its_indicators_and_members_without_one_are_no_states():
    (download,) = catalog.read_source(Path(inform.__file__).with_name("source.toml")).downloads
    assert download.kind == "inform_scores" and download.options["indicators"] == list(inform.IDS)
    assert set(catalog.load().members) - set(held("inform")["iso3"]) == {"HKG", "MAC", "NCL"}
