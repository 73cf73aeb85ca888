"""The briefings that the product carries: compiled from public statements, each figure with period, unit, source and limits."""

from __future__ import annotations

import csv

import pytest

from corridors import catalog
from corridors.problems import ERROR
from etl.briefings import read, rules, versions
from etl.briefings.model import COMPILED, SHEETS
from etl.pipeline import DATA

WORDS = read.vocabulary(catalog.load(), DATA)
READ = {v: read.kept(v.folder, WORDS) for v in versions.standing(DATA)}
IMPORTED = [v for v, got in READ.items() if got.briefing.cover.compiled]
FIGURES = [pytest.param(row, id=f"{v.iso3} {row.at.cell()}") for v in IMPORTED for row in READ[v].briefing.figures]


def evidence() -> list[dict]:
    with (DATA / "editorial" / "routes" / "evidence.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


EVIDENCE = evidence()


def briefing(iso3: str):
    return next(READ[v].briefing for v in IMPORTED if v.iso3 == iso3)


def figures(iso3: str, measure: str) -> list:
    return [row for row in briefing(iso3).figures if row.measure == measure]


def test_at_least_twelve_members_have_an_imported_briefing_with_figures():
    assert len({v.iso3 for v in IMPORTED if READ[v].briefing.figures}) >= 12


@pytest.mark.parametrize("version", IMPORTED, ids=lambda v: v.iso3)
def test_an_imported_briefing_passes_the_reader_and_the_rules_that_a_member_must_pass(version):
    got = READ[version]
    faults = [*got.faults, *rules.faults(got.briefing, None, WORDS)]
    assert not [str(f) for f in faults if f.level == ERROR]
    assert {f.code for f in faults} <= {"parts-below-total"}  # a list of which not every nationality was read


@pytest.mark.parametrize("version", IMPORTED, ids=lambda v: v.iso3)
def test_nobody_can_take_an_imported_briefing_for_one_that_the_member_sent(version):
    cover = READ[version].briefing.cover
    assert cover.compiled and cover.note.startswith(COMPILED) and cover.state == "provisional" and cover.tlp == "CLEAR"
    assert (cover.iso3, cover.period) == (version.iso3, version.period) and not versions.receipt(version)


@pytest.mark.parametrize("row", FIGURES)
def test_every_imported_figure_has_period_unit_source_grade_and_limits(row):
    measure = WORDS.catalog.measures[row.measure]
    assert row.period_start and row.period_end and WORDS.catalog.units[measure.unit]["many"]
    assert row.source and row.source_ref and row.reliability in "ABCDEF" and row.credibility in "123456"
    assert row.verified in ("yes", "partly", "no") and row.method and row.caveats
    assert row.verified == "yes" or row.method == "media"


@pytest.mark.parametrize("row", FIGURES)
def test_an_imported_figure_says_what_the_route_evidence_says(row):
    """The same number, period, source and grade stand in data/editorial/routes/evidence.csv, unless the note says that it was added up."""
    same = [e for e in EVIDENCE if e["source_ref"] == row.source_ref and e["source"] == row.source]
    assert (row.reliability, row.credibility, row.verified) in {
        (e["reliability"], e["credibility"], e["verified"]) for e in same
    }
    told = ["" if n is None else f"{n:g}" if n < 1e6 else f"{n:.0f}" for n in (row.value, row.lower, row.upper)]
    mine = [
        e for e in same if [e["value"], e["lower"], e["upper"]] == told and e["period_end"] == row.period_end.isoformat()
    ]
    elsewhere = "C97" in row.caveats or row.note.startswith(("Printed as", "The two boats"))
    assert mine or elsewhere, (told, row.source_ref)


def test_every_row_about_routes_factors_and_networks_names_its_source():
    rows = [row for v in IMPORTED for s in SHEETS[1:4] for row in READ[v].briefing.rows(s)]
    assert len(rows) > 60 and not [
        row for row in rows if not (row.source and row.source_ref and row.reliability and row.credibility)
    ]


def test_the_figures_that_the_notes_ask_for_are_there():
    boats = [r for r in figures("AUS", "arrivals_sea") if r.status == "masked"]
    assert [(r.value, r.lower, r.upper) for r in boats] == [(None, 201, 209)]
    assert {(r.value, r.period_start.year) for r in figures("LKA", "people_intercepted_sea")} >= {
        (175, 2019),
        (4763, 2010),
        (4765, 2010),
    }
    assert [r.value for r in figures("NZL", "companies_investigated")] == [38]
    assert {r.value for r in figures("NZL", "companies_penalised")} == {16, 14}
    assert [r.value for r in figures("FJI", "trafficking_cases_opened")] == [26]
    assert [r.value for r in figures("BGD", "victims_identified")] == [355, 350, 212, 138, 5]


def test_sources_that_disagree_are_both_kept_and_marked():
    for iso3, measure in (("LKA", "people_intercepted_sea"), ("NZL", "companies_penalised")):
        rows = figures(iso3, measure)
        same = [r for r in rows if sum((r.period_start, r.period_end) == (o.period_start, o.period_end) for o in rows) > 1]
        assert len(same) > 1 and all({"C98", "C99"} & set(r.caveats) for r in same)


def test_no_imported_briefing_claims_to_know_that_evidence_rests_on_more_than_its_source_says():
    rows = [row for v in IMPORTED for row in READ[v].briefing.networks]
    assert len(rows) == 31 and not [row for row in rows if "inaugural meeting" in row.source], "one sentence on all of them"
    read_in = [row for row in rows if row.read_in == "yes"]
    assert len(read_in) == 8 and {row.structure for row in read_in} == {"organised", "loose"}
    said = [row for row in rows if row.structure != "unknown" and row not in read_in]
    assert [(row.source.split(",")[0], row.structure) for row in said] == [
        ("Bali Process", "organised"),
        ("Ministry of Business", "organised"),
        ("Regional Support Office", "organised"),
        ("Regional Support Office", "organised"),
    ]


def test_what_others_say_about_a_member_is_not_its_own():
    rows = [(v.iso3, row) for v in IMPORTED for row in READ[v].briefing.figures]
    others = [(iso3, row) for iso3, row in rows if row.said_by != "member"]
    assert (len(rows), len(others)) == (79, 18)
    assert {(iso3, row.said_by) for iso3, row in others} == {
        ("AUS", "other_state"),
        ("IDN", "press"),
        ("LAO", "press"),
        ("LKA", "other_state"),
        ("MMR", "armed_group"),
        ("MYS", "press"),
        ("USA", "other_state"),
    }
    for v in IMPORTED:
        for sheet in SHEETS[:4]:
            for row in READ[v].briefing.rows(sheet):
                press = row.source.startswith(("Press report", "Indian press", "BBC", "OHCHR", "UNODC", "IOM"))
                assert (row.said_by != "member") or not press, row.source


def test_a_list_of_an_armed_group_is_never_shown_as_a_statement_of_a_government():
    rows = figures("MMR", "people_freed_scam_sites")
    assert rows and all(
        r.said_by == "armed_group"
        and "Not a statement of the Government" in r.note
        and r.reliability == "D"
        and {"C80", "C81"} <= set(r.caveats)
        for r in rows
    )
