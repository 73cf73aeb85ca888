"""What a wrong row in data/editorial/actions must not do: reach a screen. Every fault is named with its file, row and how to fix it."""

import csv
import re
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors import catalog
from corridors.catalog import calendars
from etl.actions import read, rules, tables
from etl.pipeline import DATA
from etl.routes_table import Table
from tests.etl.sources.reader import spoil

VOCABULARY = catalog.load()


def rows(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


def write(path, lines):
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(lines)


def changed(data, file, row, **cells):
    """Changes cells of a line (2 = first after the header) of a CSV."""
    path = data / "editorial" / "actions" / f"{file}.csv"
    lines = rows(path)
    for column, value in cells.items():
        lines[row - 1][lines[0].index(column)] = value
    write(path, lines)


def line_of(data, file, **cells) -> int:
    """The line of the first row with these cells."""
    lines = rows(data / "editorial" / "actions" / f"{file}.csv")
    return next(n for n, line in enumerate(lines, 1) if all(line[lines[0].index(c)] == v for c, v in cells.items()))


def added(data, file, *cells):
    path = data / "editorial" / "actions" / f"{file}.csv"
    write(path, [*rows(path), list(cells)])


def faults(data) -> str:
    return "\n".join(map(str, rules.examine(data / "editorial" / "actions", VOCABULARY).problems))


def toml(data, file, old, new):
    spoil(data / "editorial" / "actions" / f"{file}.toml", old, new)


def test_the_imported_files_are_sound_and_name_only_routes_on_the_map():
    routes = {line[0] for line in rows(DATA / "editorial" / "routes" / "routes.csv")[1:]}
    assert [str(p) for p in rules.examine(DATA / "editorial" / "actions", VOCABULARY, routes).problems] == []


def test_a_participant_nobody_knows_is_named_with_the_member_that_was_meant(data):
    changed(data, "participants", 2, party="Australia")
    changed(data, "participants", 3, party="IDX")
    found = faults(data)
    assert "participants.csv, column “party”, row 2: found “Australia”" in found and "Did you mean AUS (Australia)?" in found
    assert "row 3: found “IDX”" in found and "organisations.csv" in found


def test_a_milestone_before_its_period_is_named(data):
    row = line_of(data, "milestones", milestone="2024-progression")
    changed(data, "milestones", row, start="2023-01-23", end="2023-01-25")
    assert f"milestones.csv, column “start”, row {row}: found progression on 2023-01-23" in faults(data)
    row = line_of(data, "milestones", milestone="2015-planning")
    changed(data, "milestones", row, start="2014-08", end="2014-09")
    assert "planning on 2014-08; expected a date not before the period 2015 was first proposed, 2015-05-19" in faults(data)


def test_an_outcome_without_unit_or_source_or_number_is_not_taken(data):
    changed(data, "outcomes", 2, unit="")
    changed(data, "outcomes", 3, source="")
    changed(data, "outcomes", 4, value="")
    found = faults(data)
    assert "outcomes.csv, column “unit”, row 2: found an empty cell" in found
    assert "outcomes.csv, column “source”, row 3: found an empty cell" in found
    assert "outcomes.csv, column “value”, row 4: found no number" in found and "Empty is not zero" in found


def test_an_alias_used_twice_is_named_whatever_its_capitals(data):
    added(data, "aliases", "FIFTH joint period of action", "2018", "bp-fourth", "verified", "")
    assert "aliases.csv, column “alias”, row 11" in faults(data) and "One name can stand for one period only" in faults(data)


def test_a_plan_with_one_partner_is_named(data):
    toml(data, "plans", 'partners = ["NZL", "VNM"]', 'partners = ["NZL", "NZL"]')
    found = faults(data)
    assert re.search(r"plans.toml, column “partners”, row \d+: found 1 partner; expected two or more", found)


def test_a_commitment_that_goes_backwards_needs_a_note_and_one_with_a_note_passes(data):
    added(data, "commitments", "2015", "THA", "", "2015-06-01", "reverting", "", "statement-2015", "founding")
    assert "“reverting” after “committed”" in faults(data) and "row 16" in faults(data)
    changed(data, "commitments", 16, note="A change of government.")
    assert faults(data) == ""
    added(data, "commitments", "2015", "MYS", "", "2015-06-02", "committed", "", "statement-2015", "founding")
    added(data, "commitments", "2015", "IDN", "Police", "2015-07-01", "committed", "", "statement-2015", "founding")
    assert faults(data) == ""


def test_a_number_of_participants_that_does_not_match_the_list_needs_a_word(data):
    toml(data, "actions", 'participants_stated = "11"', 'participants_stated = "12"')
    assert "found “12”, and 11 in participants.csv" in faults(data)


def test_every_fault_of_every_file_is_told_at_once(data):
    changed(data, "participants", 2, role="boss")
    changed(data, "conflicts", 2, question="Another?")
    (data / "editorial" / "actions" / "themes.toml").unlink()
    (data / "editorial" / "actions" / "debrief" / "2015.toml").write_text("action = 2015\n", encoding="utf-8")
    (data / "editorial" / "actions" / "tools.toml").write_text("[tool.x]\ntitle = 3\n", encoding="utf-8")
    found = faults(data)
    assert "themes.toml: found no such file" in found and "2015.toml" in found and "“x.title”" in found
    with pytest.raises(rules.ActionsRefused, match="must be fixed first"):
        tables.tables(data, VOCABULARY)


def test_a_debrief_is_held_to_the_same_rules(data):
    path = data / "editorial" / "actions" / "debrief" / "2023-24.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('question = "next_steps"', 'question = "gossip"', 1).replace('"CLEAR"', '"PURPLE"', 1), encoding="utf-8"
    )
    assert "2023-24.toml, column “question”, row 3: found “gossip”" in faults(data) and "found “PURPLE”" in faults(data)


@cache
def imported():
    return read.files(DATA / "editorial" / "actions", [])


@settings(max_examples=30)
@given(st.sampled_from(sorted(read.CSV)), st.integers(0, 80), st.integers(0, 14), st.text(max_size=30))
def test_whatever_stands_in_a_cell_the_check_ends_in_words(name, row, column, text):
    problems: list = []
    found = {n: Table(table.file, table.frame.copy()) for n, table in imported().items()}
    frame = found[name].frame
    frame.iat[row % len(frame), column % (len(frame.columns) - 1)] = text.strip()
    examined = rules.Examined(found, [], [], problems)
    known = rules.known_words(examined, VOCABULARY, None)
    for name_ in "words actions parties commitments milestones outcomes plans library".split():
        getattr(rules, f"_{name_}")(found, known)
    assert all(str(p) for table in found.values() for p in table.sorted_problems())


@given(st.text(max_size=200))
def test_any_text_in_place_of_a_debrief_ends_in_words(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("form") / "debrief.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    problems: list = []
    assert read.debrief(path, problems) is not None or problems


@pytest.mark.parametrize(
    "text, days",
    [
        ("2017", (date(2017, 1, 1), date(2017, 12, 31))),
        ("2016-02", (date(2016, 2, 1), date(2016, 2, 29))),
        ("2015-05-19", (date(2015, 5, 19),) * 2),
        ("2015-02-30", None),
        ("2015-13", None),
        ("15-05-19", None),
        ("", None),
    ],
)
def test_a_date_is_only_as_exact_as_it_is_known(text, days):
    assert calendars.bounds(text) == days


@pytest.mark.parametrize(
    "start, end, words",
    [
        ("2016-05", "2016-11", "May to November 2016"),
        ("2017", "2017", "2017"),
        ("2020", "2022", "2020 to 2022"),
        ("2015-09-28", "2015-10-28", "28 September to 28 October 2015"),
        ("2024-01-23", "2024-01-25", "23 to 25 January 2024"),
        ("2023-07-26", "2024-07-27", "26 July 2023 to 27 July 2024"),
        ("2015-05-19", "2015-05-19", "19 May 2015"),
        ("2019-07", "2019-12-03", "July 2019 to 3 December 2019"),
    ],
)
def test_a_stretch_of_time_is_said_no_finer_than_it_is_known(start, end, words):
    assert tables.when(calendars.bounds(start)[0], calendars.bounds(end)[1], start, end) == words


PERSONS = (
    "A broker named Rashid told us",
    "call +66 81 234 5678",
    "passport ＮＯ8842113",
    "someone@example.org",
    "王小明 paid",
)


@pytest.mark.parametrize("words", PERSONS)
@pytest.mark.parametrize(
    "file, column", [("milestones", "note"), ("outcomes", "scope"), ("plan_steps", "text"), ("facts", "text")]
)
def test_no_row_of_a_period_may_tell_who_somebody_is(data, file, column, words):
    changed(data, file, 2, **{column: words})
    said = [line for line in faults(data).splitlines() if "of a person" in line]
    assert len(said) == 1 and f"{file}.csv, column “{column}”, row 2" in said[0]
    assert not {"Rashid", "234", "8842113", "someone", "王小明"} & set(re.split(r"\W+", said[0]))


@pytest.mark.parametrize("words", PERSONS)
@pytest.mark.parametrize("file, old", [("plans", 'title = "'), ("practices", 'text = "'), ("scenarios", 'setting = "')])
def test_no_plan_practice_or_scenario_may_tell_who_somebody_is(data, file, old, words):
    toml(data, file, old, f"{old}{words}. ")
    assert "of a person" in faults(data)


@pytest.mark.parametrize("file", ["outcomes", "plan_steps"])
def test_what_is_red_is_in_no_file_of_the_periods(data, file):
    changed(data, file, 2, tlp="RED")
    assert "expected CLEAR, GREEN, AMBER, AMBER+STRICT" in faults(data)


def test_every_sentence_of_the_founding_documents_has_a_home_and_none_is_bent():
    files = imported()
    said = " ".join(files["facts"].frame["text"])
    for paragraph in (2, 4, 5, 6, 8, 9, 12):
        assert f"(paragraph {paragraph}" in said
    for point in ("rights and dignity", "video platform", "Mediterranean", "Europol", "loosely connected", "complementary"):
        assert point in said
    practices = files["practices"].frame
    assert {"rights-and-dignity", "technology"} <= set(practices["practice"])
    debriefs = sorted(p.name for p in (DATA / "editorial" / "actions" / "debrief").glob("*.toml"))
    assert debriefs == ["2023-24.toml"], (
        "what was said before a period, or of one that may not have been, is no lesson of it"
    )
    steps = files["plan_steps"].frame
    informal = steps[(steps["kind"] == "sharing") & steps["text"].str.contains("informal contact")]
    assert len(informal) == 2 and set(informal["certainty"]) == {"inferred"}
    plans = files["plans"].frame.set_index("plan")
    assert not any(plans.loc["lka-tha", "routes"])
