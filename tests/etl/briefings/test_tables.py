"""Briefings in an edition: what a page can ask, that TLP and limits stand on every row, and own figures beside others."""

from __future__ import annotations

import csv
import shutil
from datetime import date

import pandas as pd
import pytest

from corridors import catalog
from corridors.store import publishing, writing
from corridors.store.queries import briefings
from corridors.store.queries.figures import ask
from etl import pipeline
from etl.briefings import kind, tables, versions
from etl.pipeline import DATA
from tests.etl.briefings import desk

EDITION = "2026-11-21-00000000"
SENT = {
    "victims_identified": {
        "Number": 320,
        "Reports expected": 12,
        "Reports received": 9,
        "Method": "totals sent in by offices",
        "Known limits": "C05",
    },
    "victims_presumed": {"Number": "<5"},
    "victims_confirmed": {"Number": 0},
    "trafficking_cases_opened": {"Number": 41, "TLP": "AMBER"},
    "trafficking_prosecuted": {"Status": "not reported: nobody counts it"},
}
SHEETS = {
    "Networks": [
        {
            "Structure": "loose network",
            "Crime": "trafficking in persons",
            "Recruitment": "social media, broker in person",
            "What the evidence rests on": "digital traces",
        },
        {
            "Structure": "organised group",
            "Crime": "smuggling of migrants",
            "Recruitment": "social media",
            "Cases behind this": 3,
        },
    ],
    "Factors": [{"Factor": "Online recruitment", "In your own words": "Offers in closed groups."}],
    "Routes": [
        {"Route": "new", "From": "Thailand", "To": "Malaysia", "Crime": "both", "What changed": "A new way over the river."}
    ],
    "Caveats": [
        {"What limits the figure": "Three months are missing.", "What would remove it": "The late reports."},
        {
            "Measure": "Trafficking cases opened",
            "What limits the figure": "One court counts files twice.",
            "What would remove it": "One register.",
        },
    ],
}
SPOILT = [{"Measure": "Victims of trafficking assisted", "Number": "some"}]


def publish(data, folder, monkeypatch) -> str:
    """An edition with the vocabulary, the international figures of the desk and the briefings of `data`."""
    words = catalog.load()
    with publishing.draft(folder) as work:
        writing.catalog_rows(work, words, [t.source for t in pipeline.imported()])
        with (data / "sources" / "unodc_glotip" / "figures.csv").open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        said = {"source_id": "unodc_glotip", "reliability": "B", "credibility": "2", "tlp": "CLEAR", "grade": "C"}
        said |= {
            "grade_reason": "x",
            "method_class": "administrative total",
            "partner_iso3": None,
            "lower": None,
            "upper": None,
        }
        said |= dict.fromkeys(("use_level", "use_trend", "use_compare", "use_sum"), "yes") | {"caveats": ["C01"]}
        days = ("period_start", "period_end")
        rows = [
            row
            | said
            | {day: date.fromisoformat(row[day]) for day in days}
            | {"figure_id": str(n), "value": float(row["value"])}
            for n, row in enumerate(rows)
        ]
        writing.insert(work, "figure", pd.DataFrame(rows))
        for name, frame in tables.tables(data, words).items():
            writing.insert(work, name, frame)
        publishing.publish(work, EDITION, folder)
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(folder))
    return EDITION


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """The edition that most tests only read."""
    folder = tmp_path_factory.mktemp("briefings")
    data = desk.made(folder / "data")
    kind.accept(desk.sent(folder / "sent", data, SENT, SPOILT, sheets=SHEETS), data, partial=True)
    with pytest.MonkeyPatch.context() as environment:
        yield publish(data, folder / "editions", environment)


def test_a_members_figures_come_with_counted_thing_source_grade_and_limits(edition):
    rows = briefings.figures(edition, "THA").set_index("measure_id")
    row = rows.loc["victims_identified"]
    assert (row["value"], row.unit_many, row.office, row.source) == (
        320,
        "victims",
        "Division against trafficking",
        "Division against trafficking",
    )
    assert list(row.caveats) == ["C01", "C02", "C05", "C06"], "its own and those of its measure"
    assert list(row.own_caveats) == ["Three months are missing."]
    assert "One court counts files twice." in rows.loc["trafficking_cases_opened"].own_caveats


def test_coverage_reaches_the_grade_and_a_zero_a_hidden_and_a_missing_number_stay_apart(edition):
    """9 of 12 months, totals, A3: 1 + 2 + 3 + 1 = 7."""
    rows = briefings.figures(edition, "THA").set_index("measure_id")
    row, hidden = rows.loc["victims_identified"], rows.loc["victims_presumed"]
    assert row.grade == "B" and row.grade_reason == "Half to four fifths of the expected reports came in"
    assert rows.loc["victims_confirmed"].status == "zero" and rows.loc["victims_confirmed"]["value"] == 0
    assert hidden.status == "masked" and pd.isna(hidden["value"]) and "C07" in hidden.caveats and hidden.grade == "U"
    missing = rows.loc["trafficking_prosecuted"]
    assert missing.status == "not_reported" and pd.isna(missing["value"])
    assert rows.loc["trafficking_cases_opened"].tlp == "AMBER" and row.tlp == "GREEN", "how far each may travel"
    assert tables.strictest("CLEAR", "AMBER") == "AMBER" and tables.strictest("nonsense", "CLEAR") == "AMBER+STRICT"


def test_own_and_international_stand_side_by_side_and_are_never_averaged(edition):
    rows = briefings.beside(edition, "THA")
    row = rows[rows.measure_id == "victims_identified"].iloc[0]
    assert (row["value"], row.their_value, row.their_year, row.their_publisher) == (320, 295, 2022, "UNODC"), (
        "the nearest year"
    )
    said = " ".join(row.differences)
    assert "the briefing covers 2025, UNODC covers 2022" in said
    assert "9 of 12 expected reports" in said
    assert catalog.load().measures["victims_identified"].differs in row.differences
    assert not any("average" in name or "mean" in name for name in rows.columns)
    alone = rows[rows.measure_id == "trafficking_cases_opened"].iloc[0]
    assert pd.isna(alone.their_value)
    assert alone.differences == ["No international figure with this breakdown is imported."], "no gap, but words"


def test_a_case_beside_an_offence_is_called_another_thing():
    row = {"iso3": "THA", "their_name": "x", "differs": "Files are not offences.", "their_publisher": "UNODC"}
    row |= dict.fromkeys(("period_start", "their_start"), "2025-01-01") | dict.fromkeys(
        ("period_end", "their_end"), "2025-12-31"
    )
    row |= {"unit_many": "cases", "their_unit_many": "offences", "state": "provisional", "status": "reported"}
    row |= {"their_status": "masked", "reports_expected": None, "reports_received": None}
    said = " ".join(briefings.differences(row))
    assert "counts cases, UNODC counts offences" in said and "both cover 2025" in said and "does not say how many" in said
    assert "provisional" in said and "hidden" in said
    fiscal = " ".join(briefings.differences({**row, "period_start": "2024-10-01", "period_end": "2025-09-30"}))
    assert "the briefing covers the fiscal year 2024/25, 2024-10-01 to 2025-09-30, UNODC covers 2025" in fiscal


def test_networks_are_counted_as_descriptions_by_crime_with_their_members(edition):
    rows = briefings.network_counts(edition)
    social = rows[(rows.aspect == "recruitment") & (rows.word == "social_media")]
    assert dict(zip(social.crime, social.descriptions)) == {"smuggling": 1, "trafficking": 1}, (
        "the two crimes are never added up"
    )
    assert set(rows[rows.aspect == "evidence"].word) == {"digital", "unknown"}


def test_routes_factors_limits_and_rejected_rows_can_be_asked(edition):
    route = ask(edition, "from briefing_route").iloc[0]
    assert pd.isna(route.route_id) and list(route.destinations) == ["MYS"]
    assert briefings.factors(edition).iloc[0].side == "enabler", "the catalog's side where the member names none"
    assert len(ask(edition, "from briefing_caveat")) == 2
    rejected = ask(edition, "from briefing_rejected")
    assert len(rejected) == 1 and "some" in rejected.iloc[0].found
    listed = briefings.briefings(edition).iloc[0]
    assert (listed.rows_in, listed.accepted, listed.rejected, listed.figures) == (12, 11, 1, 5)
    assert len(ask(edition, "from measure")) == len(catalog.load().measures)


def test_a_withdrawn_briefing_is_in_no_new_edition(data, tmp_path, monkeypatch):
    kind.accept(desk.sent(tmp_path / "sent", data, SENT), data)
    kind.withdraw("THA 2025", data)
    assert briefings.briefings(publish(data, tmp_path / "editions", monkeypatch)).empty


def test_imported_text_that_a_hand_has_broken_stops_the_build_with_its_place(data, tmp_path):
    kind.accept(desk.sent(tmp_path / "sent", data, SENT), data)
    path = data / "briefings" / "THA" / "2025" / "v1" / "figures.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("victims_presumed", "victims_persumed"), encoding="utf-8")
    with pytest.raises(
        tables.BriefingsRefused, match="THA 2025 v1, figures.csv, row 3, column measure: found “victims_persumed”"
    ):
        tables.tables(data, catalog.load())
    shutil.move(data / "briefings" / "THA" / "2025", data / "briefings" / "THA" / "2024")
    path.unlink(missing_ok=True)
    with pytest.raises(tables.BriefingsRefused, match="expected what its folder says"):
        tables.tables(data, catalog.load())


def test_every_imported_briefing_fits_the_tables_of_an_edition(tmp_path, monkeypatch, data):
    shutil.copytree(DATA / "briefings", data / "briefings")
    edition = publish(data, tmp_path / "editions", monkeypatch)
    listed = briefings.briefings(edition)
    assert set(listed.iso3) == {v.iso3 for v in versions.standing(DATA)}
    assert len(listed) >= 12, "the Working Group's reference holds figures of at least twelve members"
