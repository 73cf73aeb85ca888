"""The lists of changes of visa rules: the imported ones are sound, every fault of others is named with its row, and what is learnt from them."""

import pandas as pd
import pytest

from corridors import catalog, paths
from corridors.store import publishing, writing
from etl import pipeline, visa_changes

SOUND = {
    "destination": "IDN",
    "origin": "IRN",
    "since": "",
    "change": "tightened",
    "what": "No more visas on arrival.",
    "publisher": "A newspaper",
    "title": "No more visas",
    "address": "https://news.example/1",
    "not_followed": "",
}


SEEN = {
    "origin": "TUR",
    "destination": "",
    "seen_before": "2019-12-17",
    "seen_after": "2025-01-12",
    "rule_before": "free",
    "rule_after": "required",
}


def read(folder, *rows, seen=()):
    rows = [SOUND | {"since": f"{2000 + n}-08"} | row for n, row in enumerate(rows)]
    for name, columns, lines in (("changes.csv", SOUND, rows), ("rules.csv", SEEN, [SEEN | row for row in seen])):
        text = "\n".join(",".join(line) for line in (columns, *(row.values() for row in lines)))
        (folder / name).write_text(text + "\n", encoding="utf-8")
    return visa_changes.tables(folder, catalog.load())


def imported():
    return visa_changes.tables(pipeline.DATA / paths.VISA_CHANGES, catalog.load())


def test_the_imported_list_is_sound_and_speaks_of_both_directions():
    rows = imported()["visa_change"]
    assert len(rows) >= 20 and set(rows.change) == set(visa_changes.CHANGES) and rows.year.between(2000, 2026).all()
    for named in (rows.what.str.contains("asylum"), rows.publisher.eq("Wikipedia")):
        assert named.any() and rows[named].not_followed.ne("").all()


def test_every_fault_is_named_with_its_row_and_all_at_once(tmp_path):
    faults = {
        2: ({"origin": "QQQ"}, "origin", "a country's code"),
        3: ({"since": "2013-02-30"}, "since", "a day such as"),
        4: ({"change": "ended"}, "change", "eased, tightened"),
        5: ({"title": ""}, "title", "an empty cell"),
        6: ({"address": "a newspaper"}, "address", "the address of a page"),
        7: ({"destination": "BRA", "origin": "DEU"}, "origin", "a member at one end"),
        8: ({"origin": "IDN"}, "origin", "the destination itself"),
        9: ({"since": "2014-01"}, None, ""),
        10: ({"since": "2014-01"}, "since", "which row 9 has too"),
        11: ({"since": ""}, "since", "Say from when"),
    }
    with pytest.raises(visa_changes.VisaChangesRefused) as refusal:
        read(tmp_path, *(row for row, _, _ in faults.values()))
    found = {problem.row: problem for problem in refusal.value.problems}
    assert set(found) == {row for row, (_, column, _) in faults.items() if column}
    for row, problem in found.items():
        assert problem.column == faults[row][1] and faults[row][2] in str(problem) and problem.file == "changes.csv"


def test_every_fault_between_two_editions_is_named_too_and_those_of_both_lists_at_once(tmp_path):
    faults = {
        2: ({"destination": "QQQ"}, "destination", "a country's code"),
        3: ({"origin": "DEU", "destination": "THA"}, "origin", "a member"),
        4: ({"destination": "TUR"}, "origin", "the destination itself"),
        5: ({"destination": "GEO", "seen_after": "2019-12-17"}, "seen_after", "a later day"),
        6: ({"destination": "ARM", "seen_before": "2019-13-01"}, "seen_before", "a day such as"),
        7: ({"destination": "IRQ", "rule_after": "free"}, "rule_after", "the same rule"),
        8: ({"destination": "IRN", "rule_before": "visa free"}, "rule_before", "authorisation"),
        9: ({"destination": "KAZ"}, None, ""),
        10: ({"destination": "KAZ"}, "seen_before", "which row 9 has too"),
        11: ({"destination": "UZB", "seen_after": ""}, "seen_after", "an empty cell"),
    }
    with pytest.raises(visa_changes.VisaChangesRefused) as refusal:
        read(tmp_path, {"title": ""}, seen=[row for row, _, _ in faults.values()])
    assert {"changes.csv", "rules.csv"} == {problem.file for problem in refusal.value.problems}
    found = {problem.row: problem for problem in refusal.value.problems if problem.file == "rules.csv"}
    assert set(found) == {row for row, (_, column, _) in faults.items() if column}
    for row, problem in found.items():
        assert problem.column == faults[row][1] and faults[row][2] in str(problem)


def test_a_list_that_is_not_there_is_said_with_its_folder(tmp_path):
    with pytest.raises(visa_changes.VisaChangesRefused, match="a file in the folder data/editorial/visas") as refusal:
        visa_changes.tables(tmp_path, catalog.load())
    assert [problem.file for problem in refusal.value.problems] == ["changes.csv", "rules.csv"]


def held():
    """The rules that are held in full, by pair: authorisations are told from electronic visas."""
    rules = pd.read_csv(pipeline.DATA / "sources/passport_index/visas.csv", keep_default_na=False)
    rules["rule"] = rules.rule.mask(rules.provider_label.str.lower() == "eta", "authorisation")
    return rules


def test_the_imported_rules_end_in_those_that_are_held_and_follow_one_another():
    rows = imported()["visa_rule_change"].sort_values("seen_before")
    today = held().set_index(["origin_iso3", "destination_iso3"]).rule
    released = next(s for s in pipeline.sources(["passport_index"])).released
    days = {"2019-12-17", "2023-10-11", str(released)}
    assert set(rows.seen_before) | set(rows.seen_after) == days and "NCL" not in {*rows.origin_iso3, *rows.destination_iso3}
    assert rows.origin_iso3.nunique() == len(catalog.load().members) - 1
    for pair, part in rows.groupby(["origin_iso3", "destination_iso3"]):
        last = part.iloc[-1]
        assert last.seen_after != str(released) or last.rule_after == today[pair], pair
        assert (
            last.seen_after == str(released) or visa_changes.NEEDED[last.rule_after] == visa_changes.NEEDED[today[pair]]
        ), pair
        if len(part) == 2:
            assert (part.iloc[0].seen_after, part.iloc[0].rule_after) == (part.iloc[1].seen_before, part.iloc[1].rule_before)


def test_dated_changes_and_rules_seen_agree_but_where_the_readme_says_so():
    dated, seen = imported()["visa_change"], days_of(imported()["visa_rule_change"])
    today = held().set_index(["origin_iso3", "destination_iso3"]).rule
    days = {o: sorted({*part.seen_before, *part.seen_after}) for o, part in seen.groupby("origin_iso3")}
    disagree, compared = set(), 0
    for row in dated[dated.not_followed.eq("") & dated.origin_iso3.isin(list(days))].itertuples():
        pair = seen[seen.origin_iso3.eq(row.origin_iso3) & seen.destination_iso3.eq(row.destination_iso3)]
        day = next(day for day in days[row.origin_iso3] if f"{day:%Y-%m-%d}" >= row.since)
        again = dated.origin_iso3.eq(row.origin_iso3) & dated.destination_iso3.eq(row.destination_iso3)
        if (again & dated.since.gt(row.since) & dated.since.le(f"{day:%Y-%m-%d}")).any():
            continue  # it came and went between two editions
        rule = visa_changes._rule_on(day, list(pair.itertuples()), today[(row.origin_iso3, row.destination_iso3)])
        needed = visa_changes.NEEDED[rule]
        compared += needed is not None
        if needed is not None and bool(needed) != (row.change == "tightened"):
            disagree.add((row.origin_iso3, row.destination_iso3))
    assert compared >= 15
    assert disagree == {("SYR", "LBN"), ("IRN", "MYS"), ("THA", "CAN"), ("PHL", "CAN")}


def days_of(changes: pd.DataFrame) -> pd.DataFrame:
    return changes.assign(**{name: pd.to_datetime(changes[name]) for name in ("seen_before", "seen_after")}).sort_values(
        ["origin_iso3", "destination_iso3", "seen_before"]
    )


def small_panel(*changes, today="required", applied=(("THA", 10),)):
    """The years of TUR to THA as the panel has them: year → needed, from changes (before, after, rule before, rule after)."""
    rules = pd.DataFrame([("TUR", "THA", today)], columns=["origin_iso3", "destination_iso3", "rule"])
    other = [
        ("TUR", "LAO", "2019-12-17", "2023-10-11", "free", "required"),
        ("TUR", "LAO", "2023-10-11", "2025-01-12", "required", "free"),
    ]
    rows = [("TUR", "THA", *change) for change in changes]
    columns = ["origin_iso3", "destination_iso3", "seen_before", "seen_after", "rule_before", "rule_after"]
    seen = days_of(pd.DataFrame([*other, *rows], columns=columns))
    numbers = pd.DataFrame(
        [("TUR", place, year, value) for place, value in applied for year in range(2018, 2026)],
        columns=["origin_iso3", "destination_iso3", "year", "applied"],
    )
    return visa_changes.panel(rules, seen, numbers)


def test_the_rule_of_a_year_is_known_when_the_editions_about_it_agree():
    def years(*changes, **more):
        return small_panel(*changes, **more).set_index("year").needed.to_dict()

    first, middle, last = "2019-12-17", "2023-10-11", "2025-01-12"
    always = {2019: 1, 2022: 1, 2023: 1, 2024: 1, 2025: 1}
    assert years() == always and years(today="free") == dict.fromkeys(always, 0), "no row: today's rule; no 2018, 2020, 2021"
    assert years((first, middle, "free", "required")) == {2019: 0, 2024: 1, 2025: 1}
    assert years((middle, last, "free", "required")) == {2019: 0, 2022: 0, 2023: 0, 2025: 1}
    assert years((first, last, "on_arrival", "required")) == {2019: 0, 2025: 1}, "not read between: somewhere in five years"
    assert years(today="electronic") == {}
    assert years((middle, last, "required", "electronic"), today="electronic") == {2019: 1, 2022: 1, 2023: 1}
    assert years((first, middle, "authorisation", "required")) == {2024: 1, 2025: 1}, "may have been an electronic visa"


def test_none_counted_is_zero_only_where_the_destination_counted_somebody():
    assert small_panel(applied=[("LAO", 5)]).empty
    some = small_panel(applied=[("THA", 0)])
    assert (some.applied == 0).all() and len(some) == 5
    assert set(some.columns) >= {"pair", "origin_year", "destination_year"}


@pytest.mark.parametrize(("released", "why"), [("2026-02-01", "add those since"), ("2025-01-12", "no pairs to learn from")])
def test_a_model_without_rules_of_today_or_without_pairs_is_refused_with_its_reason(tmp_path, released, why):
    lists = read(tmp_path, {}, seen=[{"destination": "THA"}])
    with publishing.draft(tmp_path / "editions") as work:
        writing.catalog_rows(work, catalog.load(), pipeline.sources(["passport_index", "unhcr"]))
        work.connection.execute("update source set released = $1 where source_id = 'passport_index'", [released])
        writing.insert(work, "visa_rule_change", lists["visa_rule_change"])
        rule = {"origin_iso3": "TUR", "destination_iso3": "THA", "rule": "required", "source_ref": "row 1"}
        writing.insert(
            work, "visa_rule", pd.DataFrame([rule | {"provider_label": "visa required", "source_id": "passport_index"}])
        )
        assert why in visa_changes.fit(work)
        (told,) = work.connection.execute("from visa_model").df().to_dict("records")
        assert why in told["refusal"] and pd.isna(told["upper_95"]) and "Poisson" in told["method"]
