"""What a check says of a briefing: each rule on a real briefing in the text form, with its cell, its level and a how_to_fix."""

from __future__ import annotations

import csv
import io
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from corridors import catalog
from corridors.catalog import people
from corridors.problems import ERROR, WARNING
from etl.briefings import kind, read, rules
from etl.briefings.model import CHOICES, WORDING, Briefing, Cover, FigureRow, Vocabulary
from tests.etl.briefings import desk

WORDS = Vocabulary(
    catalog.load(), {"R22": "Sri Lanka to Australia by sea", "R37": "Thailand to the Republic of Korea by air"}
)
COVER = {
    "iso3": "THA",
    "period_start": date(2025, 1, 1),
    "period_end": date(2025, 12, 31),
    "tlp": "GREEN",
    "office": "Division against trafficking",
    "state": "final",
    "received": date(2026, 3, 1),
}
VICTIMS = {"measure": "victims_identified", "value": "250"}
NETWORK = {"structure": "loose", "crime": "smuggling"}


def folder(tmp_path: Path, figures=(), cover=None, **tables) -> Path:
    """A briefing as somebody would write it by hand: a cover and tables with the columns that are used."""
    where = tmp_path / f"sent{len(list(tmp_path.iterdir()))}"
    where.mkdir()
    entries = {k: v for k, v in {**COVER, **(cover or {})}.items() if v is not None}
    (where / "cover.toml").write_text(tomli_w.dumps(entries), encoding="utf-8")
    for name, rows in {"figures": list(figures), **tables}.items():
        if rows:
            out = io.StringIO()
            writer = csv.DictWriter(out, list(dict.fromkeys(c for row in rows for c in row)))
            writer.writeheader()
            writer.writerows(rows)
            (where / f"{name}.csv").write_text(out.getvalue(), encoding="utf-8")
    return where


@pytest.fixture
def said(tmp_path):
    """Checks a briefing written into a real folder: reader and rules together."""

    def check(figures=(), cover=None, previous: Briefing | None = None, **tables):
        got = read.kept(folder(tmp_path, figures, cover, **tables), WORDS)
        return [*got.faults, *rules.faults(got.briefing, previous, WORDS)]

    return check


def one(faults, code: str, level: str = ERROR):
    """The only fault of a code; every fault of it says where, what, what instead, and how to fix it."""
    found = [f for f in faults if f.code == code]
    assert len(found) == 1, [str(f) for f in faults]
    fault = found[0]
    assert fault.level == level and fault.file and fault.cell and fault.found and fault.expected
    assert fault.how_to_fix.rstrip().endswith((".", "?"))
    return fault


def fig(**columns) -> dict:
    return {**VICTIMS, **columns}


def test_a_sound_briefing_is_taken_without_a_word(said):
    assert not said(
        [
            fig(),
            fig(sex="female", value="150"),
            fig(sex="male", value="100"),
            fig(measure="trafficking_prosecuted", value="30"),
            fig(measure="trafficking_convicted", value="0"),
            fig(measure="arrivals_sea", value="", status="not_reported"),
            fig(measure="victims_confirmed", value="", lower="1", upper="4", status="masked"),
        ],
        networks=[{**NETWORK, "methods": "People are handed on from stage to stage near Mae Sot."}],
        routes=[NEW_ROUTE | {"route": "R37", "change": "More people leave from Udon Thani."}],
        factors=[{"factor": "income_gap", "partner": "KOR", "statement": "Wages are several times higher."}],
        caveats=[{"measure": "victims_identified", "text": "Two registers were merged in May."}],
    )


COVERS = [
    ("member-unknown", {"iso3": "Tailand"}),
    ("member-unknown", {"iso3": ""}),
    ("member-alias", {"iso3": "thailand"}),
    ("not-a-member", {"iso3": "DEU"}),
    ("period-missing", {"period_end": None}),
    ("period-reversed", {"period_end": date(2024, 1, 1)}),
    ("period-year", {"period_end": date(2566, 12, 31), "state": "provisional"}),
    ("period-future", {"received": date(2024, 6, 1)}),
    ("tlp-missing", {"tlp": ""}),
    ("tlp-unknown", {"tlp": "PURPLE"}),
    ("tlp-unknown", {"tlp": "TLP:GREEN"}),
    ("tlp-red", {"tlp": "RED"}),
    ("tlp-red", {"tlp": "tlp: red"}),
    ("state-unknown", {"state": "done"}),
    ("office-missing", {"office": "  "}),
]


@pytest.mark.parametrize("code, cover", COVERS)
def test_a_cover_that_does_not_say_whose_of_when_and_how_far_is_refused(said, code, cover):
    fault = one(said([fig()], cover), code)
    assert fault.file == "cover.toml" and next(iter(cover)) in fault.cell or code.startswith("period")


def test_a_misspelt_member_or_measure_is_offered_the_right_one(said):
    assert "Thailand (THA)" in one(said([fig()], {"iso3": "Tailand"}), "member-unknown").how_to_fix
    assert "victims_identified" in one(said([fig(measure="victims_identifed")]), "word-unknown").how_to_fix


def test_a_label_that_nobody_knows_is_handled_as_the_second_strictest_and_red_never_enters(said):
    assert "AMBER+STRICT" in one(said([fig()], {"tlp": ""}), "tlp-missing").how_to_fix
    assert "AMBER+STRICT" in one(said([fig()], {"tlp": "WHITE"}), "tlp-unknown").how_to_fix
    assert "never enters" in one(said([fig()], {"tlp": "RED"}), "tlp-red").how_to_fix
    assert "tlp-red" in {f.code for f in said([fig(tlp="RED")])}


def test_final_before_the_period_is_over_is_pointed_out(said):
    one(said([fig()], {"received": date(2025, 10, 1)}), "period-open", WARNING)


def test_a_final_briefing_is_not_replaced_by_a_provisional_one_unless_it_was_compiled(said, tmp_path):
    before = read.kept(folder(tmp_path, [fig()]), WORDS).briefing
    assert "withdraw" in one(said([fig()], {"state": "provisional"}, before), "provisional-after-final").how_to_fix
    compiled = replace(before, cover=replace(before.cover, compiled=True))
    assert not said([fig()], {"state": "provisional"}, compiled)


def test_a_cover_without_rows_is_no_briefing(said):
    one([replace(f, row=1) for f in said()], "empty-briefing")


RULES = {code: entry["about"] for code, entry in WORDING.table.items() if "about" in entry}
FIGURES = list(csv.DictReader(Path(__file__).with_name("figures_refused.csv").read_text(encoding="utf-8").splitlines()))


def cells(row: dict) -> dict:
    """The cells of a figure that a line of the table names."""
    return dict(cell.split("=", 1) for cell in row["cells"].split("; "))


@pytest.mark.parametrize("row", FIGURES, ids=lambda row: f"{row['code']} {row['cells']}")
def test_a_figure_that_cannot_be_right_is_refused_by_its_cell_and_what_somebody_should_look_at_keeps_nothing_out(said, row):
    """What offices write for a word of a list is looked up before any likeness."""
    faults = said([fig(**cells(row))])
    fault = one(faults, row["code"], row["level"])
    assert fault.file == "figures.csv" and fault.cell.startswith("row 2")
    assert not [f for f in faults if f.level == ERROR and f.code != row["code"]]
    assert not row["meant"] or f"Did you mean {row['meant']}" in fault.how_to_fix.replace("“", "")


def test_a_victim_typed_as_a_case_is_told_apart(said):
    assert "victims" in one(said([fig(unit="case")]), "unit-mismatch").expected
    same = said([fig(), fig(measure="trafficking_cases_opened")])
    assert "250 victims and 250 cases" in one(same, "victims-equal-cases", WARNING).found


@pytest.mark.parametrize(
    "column, all_of_it, parts",
    [
        ("sex", "total", ("female", "male")),
        ("age", "total", ("0-17", "18+")),
        ("form", "total", ("forced_labour", "begging")),
        ("partner", "", ("MMR", "LAO")),
    ],
)
def test_a_total_below_its_parts_is_refused_and_a_rest_is_named(said, column, all_of_it, parts):
    above = one(said([fig(value="100"), *(fig(**{column: part, "value": "70"}) for part in parts)]), "total-below-parts")
    assert "100" in above.found and "140" in above.found and "row 3" in above.found and above.cell.startswith("row 2")
    below = one(
        said([fig(value="100"), *(fig(**{column: part, "value": "45"}) for part in parts)]), "parts-below-total", WARNING
    )
    assert "10" in below.how_to_fix and "not stated" in below.how_to_fix
    assert not said([fig(value="90"), *(fig(**{column: part, "value": "45"}) for part in parts)])


@pytest.mark.parametrize(
    "spoilt", [{"partner": "Afganistan"}, {"partner": "Total"}, {"form": "forced_laboor"}, {"period_start": "Q5 2025"}]
)
def test_a_row_that_could_not_be_read_is_in_no_sum_and_no_double(said, spoilt):
    """Its own cell is named; nothing is said of totals, rests, or of a row that it may look like by what is missing."""
    split = {"partner": "MMR", "value": "100"}
    rows = [
        fig(value="250"),
        fig(**split),
        fig(**{"value": "900", **spoilt}),
        fig(**{"value": "900", **spoilt, "note": "x"}),
    ]
    wrong = [f for f in said(rows) if f.code not in ("place-near", "place-total", "word-unknown", "not-a-date")]
    assert not wrong, [str(f) for f in wrong]
    assert {f.row for f in said(rows)} == {4, 5}


def test_a_masked_or_missing_part_is_never_read_as_zero(said):
    masked = fig(sex="male", value="", lower="1", upper="4", status="masked")
    assert not said([fig(value="103"), fig(sex="female", value="100"), masked])
    assert {f.code for f in said([fig(value="100"), fig(sex="female", value="100"), masked])} == {"total-below-parts"}
    assert not said([fig(value="103"), fig(sex="female", value="50"), fig(sex="male", value="", status="not_reported")])


def test_parts_and_kinds_above_the_whole_and_months_above_their_year_are_pointed_out(said):
    fault = one(said([fig(value="100"), fig(measure="victims_confirmed", value="101")]), "part-above-whole")
    assert "101" in fault.found and "100" in fault.found
    kinds = [fig(measure="victims_confirmed", value="60"), fig(measure="victims_presumed", value="50")]
    assert "110" in one(said([fig(value="100"), *kinds]), "kinds-above-whole", WARNING).found
    assert not said([fig(value="110"), *kinds])
    quarter = fig(value="120", period_start="2025-01-01", period_end="2025-03-31")
    one(said([fig(value="100"), quarter]), "months-above-year", WARNING)


@pytest.mark.parametrize(
    "later, earlier",
    [
        ("trafficking_convicted", "trafficking_prosecuted"),
        ("trafficking_prosecuted", "trafficking_suspects"),
        ("smuggling_convicted", "smuggling_prosecuted"),
        ("smuggling_prosecuted", "facilitators_arrested"),
    ],
)
def test_more_convicted_than_prosecuted_may_be_right_and_is_explained(said, later, earlier):
    fault = one(said([fig(measure=later, value="12"), fig(measure=earlier, value="7")]), "later-stage-above", WARNING)
    assert "not the same people" in fault.how_to_fix and "C40" in fault.how_to_fix


def test_the_same_figure_twice_is_refused_and_two_sources_are_kept(said):
    one(said([fig(), fig()]), "duplicate-row")
    one(said([fig(), fig(value="260")]), "duplicate-figure")
    two = [fig(source="Police", source_ref="a"), fig(value="260", source="Courts", source_ref="b")]
    assert [f.code for f in said(two)] == ["two-sources", "two-sources"] and all(f.level == WARNING for f in said(two))
    assert not said([{**row, "caveats": "C99"} for row in two])


def test_a_jump_beyond_chance_is_told_with_both_numbers(said, tmp_path):
    year = {"period_start": date(2024, 1, 1), "period_end": date(2024, 12, 31)}
    before = read.kept(
        folder(tmp_path, [fig(value="100"), fig(measure="trafficking_prosecuted", value="2")], year), WORDS
    ).briefing
    jump = one(said([fig(value="1000"), fig(measure="trafficking_prosecuted", value="5")], previous=before), "jump", WARNING)
    assert "1,000" in jump.found and "100 from 2024" in jump.found and "rose" in jump.how_to_fix
    assert not said([fig(value="180")], previous=before)  # beyond chance, but below a factor of two
    assert "fell" in one(said([fig(value="10")], previous=before), "jump", WARNING).how_to_fix
    half = {"period_end": date(2025, 6, 30)}
    assert not said([fig(value="60")], half, before)  # half a year, half the number
    before = read.kept(folder(tmp_path, [fig(value="25")]), WORDS).briefing  # a revision of the same period is compared too
    one(said([fig(value="250")], previous=before), "jump", WARNING)


NEW_ROUTE = {"route": "new", "origins": "THA", "destinations": "KOR", "crime": "smuggling"}
TEXTS = [
    ("networks", {**NETWORK, "methods": "The boss is Ahmad Khanzada."}),
    ("networks", {**NETWORK, "roles": "recruiter, tel. 081 234 5678"}),
    ("networks", {**NETWORK, "money": "account 123456789012"}),
    ("networks", {**NETWORK, "share": "Mr Kumara alone"}),
    ("routes", NEW_ROUTE | {"change": "seen by someone@example.org"}),
    ("factors", {"factor": "poverty", "statement": "as Mrs Perera told us"}),
    ("caveats", {"text": "passport AB1234567 was left out"}),
    ("caveats", {"text": "One office", "remedy": "ask Capt. Silvanus"}),
    ("networks", {**NETWORK, "source": "Mr Kumara"}),
]


@pytest.mark.parametrize("table, row", TEXTS)
def test_text_about_a_person_is_refused_wherever_it_stands_and_never_repeated(said, table, row):
    fault = one(said([fig()], **{table: [row]}), "personal-data")
    assert fault.file == f"{table}.csv"
    secret = {"Khanzada", "Perera", "AB1234567", "Kumara", "123456789012"}
    assert not [word for value in row.values() for word in secret & set(value.split()) if word in str(fault)]


def test_a_name_on_the_cover_or_in_a_column_for_countries_is_not_repeated(said):
    one(said([fig()], {"office": "Division of Mr Kumara"}), "personal-data")
    one(said([fig()], {"office": "ถูกพาไปทำงานที่ชายแดนโดยนายหน้าแล้วถูกส่งต่อไป"}), "personal-data")
    faults = said([fig(partner="Ahmad Khanzada")])
    assert "Khanzada" not in " ".join(map(str, faults)) and [f.code for f in faults] == ["place-unknown"]


def test_a_document_in_a_cell_is_refused_and_other_alphabets_are_pointed_out(said):
    one(said([fig(note="word " * 1_200)]), "text-too-long")
    one(said([fig(note="ถูกพาไปทำงานที่ชายแดนโดยนายหน้า")]), "text-unread", WARNING)


def test_limits_and_routes_that_belong_to_nothing_here_are_pointed_out(said):
    one(said([fig()], caveats=[{"measure": "arrivals_sea", "text": "Night is not watched."}]), "caveat-unused", WARNING)
    route = {"route": "R22", "origins": "LKA", "destinations": "AUS", "crime": "smuggling", "change": "Fewer boats."}
    one(said([fig()], routes=[route]), "route-elsewhere", WARNING)
    one(said([fig()], routes=[{**route, "route": "R99", "destinations": "THA"}]), "word-unknown")
    one(said([fig()], factors=[{"factor": "povertee", "statement": "x"}]), "word-unknown")


def test_a_compiled_figure_needs_its_source(said):
    compiled = {"compiled": True, "state": "provisional"}
    assert one(said([fig(source="Navy")], compiled), "source-missing").cell.endswith("source_ref")
    assert not said([fig(source="Navy", source_ref="page 3")], compiled)


def test_every_rule_has_a_code_of_its_own_and_a_test():
    assert len(RULES) == len(set(RULES.values()))
    tests = Path(__file__).read_text(encoding="utf-8")
    assert not [code for code in RULES.keys() - {row["code"] for row in FIGURES} if f'"{code}"' not in tests]


def test_no_message_of_a_rule_looks_as_if_it_told_of_a_person(said):
    faults = [f for row in FIGURES for f in said([fig(**cells(row))])] + [f for _, c in COVERS for f in said([fig()], c)]
    assert not [str(f) for f in faults if people.found(f.found)]


def test_errors_come_first_and_each_in_the_order_of_the_sheets(said):
    figures = [fig(partner="Burma"), fig(value="-1", sex="male")]
    faults = rules_only(said(figures, {"tlp": ""}, networks=[{**NETWORK, "cases": "1.5", "roles": "Mr Kumara"}]))
    assert [f.file for f in faults if f.level == ERROR] == ["cover.toml", "figures.csv", "networks.csv", "networks.csv"]
    assert [f.level for f in faults] == sorted((f.level for f in faults), key=lambda level: level != ERROR)


def rules_only(faults: list) -> list:
    return [f for f in faults if f.code in RULES]


def test_in_a_workbook_every_fault_names_the_cell_that_a_person_sees(data, tmp_path):
    figures = {
        "victims_identified": {"Number": 100, "Citizenship or other end": "Tailand"},
        "trafficking_convicted": {"Number": 12, "Note": "says Mr Kumara"},
        "trafficking_prosecuted": {"Number": 7},
    }
    report = kind.check(desk.filled(tmp_path / "thailand.xlsx", data, figures), data)
    assert not report.fine and report.rows_in == report.accepted + report.rejected
    mine = {f.code: f for f in report.faults if f.code in RULES}
    assert {"place-near", "personal-data", "later-stage-above"} <= set(mine)
    for fault in mine.values():
        assert fault.sheet == "Figures" and fault.cell[0].isalpha() and fault.cell[-1].isdigit()
    assert "Kumara" not in " ".join(map(str, report.faults))


words = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["THA", "MMR", "Burma", "total", "female", "C05", "Mr Kumara", "0-17", "victims_identified"]),
)
numbers = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-3, 10**15).map(float))
days = st.one_of(st.none(), st.dates())
BY_TYPE = {
    "str": words,
    "float | None": numbers,
    "date | None": days,
    "bool": st.booleans(),
    "tuple[str, ...]": st.lists(words, max_size=2).map(tuple),
}


def wild(kind: type, **known):
    """Instances of a dataclass with anything in each field, or with what is given for it."""
    return st.builds(kind, **{f.name: BY_TYPE[f.type] for f in fields(kind) if f.type in BY_TYPE} | known)


figures = wild(
    FigureRow,
    measure=st.one_of(words, st.sampled_from(sorted(WORDS.catalog.measures))),
    status=st.one_of(words, st.sampled_from(sorted(CHOICES["statuses"]))),
)
briefings = st.builds(Briefing, wild(Cover), figures=st.lists(figures, max_size=4).map(tuple))


@given(briefings, st.one_of(st.none(), briefings))
def test_no_briefing_can_break_the_rules(briefing, previous):
    for fault in rules.faults(briefing, previous, WORDS):
        assert fault.code in RULES and fault.level in (ERROR, WARNING) and fault.how_to_fix


def test_every_jump_of_a_large_briefing_is_told(tmp_path):
    measures = [m.id for m in WORDS.catalog.measures.values() if m.partner_role]
    rows = [
        fig(measure=m, partner=p, value=str(20 + n)) for n, m in enumerate(measures) for p in list(WORDS.catalog.members)[:5]
    ]
    got = read.kept(folder(tmp_path, rows), WORDS).briefing
    year = {"period_start": date(2024, 1, 1), "period_end": date(2024, 12, 31)}
    before = replace(got, figures=tuple(replace(row, value=row.value * 7, **year) for row in got.figures))
    assert sum(f.code == "jump" for f in rules.faults(got, before, WORDS)) == len(rows)


def test_an_empty_cell_that_must_be_filled_is_named_like_any_other(data, tmp_path):
    row = {"Route": "R01", "From": "Myanmar", "To": "Thailand", "Crime": "trafficking"}
    path = desk.filled(tmp_path / "a.xlsx", data, {"victims_identified": {"Number": 12}}, sheets={"Routes": [row]})
    (fault,) = (f for f in kind.check(path, data).errors if f.code == "empty")
    assert (fault.sheet, fault.cell) == ("Routes", "G4")
