"""What every page reads: known answers, nothing without its source and caveats, nothing shown as what it is not."""

from __future__ import annotations

import inspect
import threading
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pandas as pd
import pytest

from corridors import catalog
from corridors.store import editions
from corridors.store.queries import figures
from etl.pipeline import DATA, sources
from tests.sampling import all_or

NOBODY = "2020-01-01-00000000"
IN_A_REGION = (
    "select sum(dead_and_missing) as people, count(*) as incidents from incident where region = $region and year = $year"
)


@pytest.fixture(scope="module")
def ask(edition_id):
    """A question in SQL to the edition of the imported data."""
    return lambda sql, parameters=None: figures.ask(edition_id, sql, parameters)


@pytest.fixture(scope="module")
def number(ask):
    """The one number that a question in SQL is answered with."""
    return lambda sql: ask(sql).iloc[0, 0]


def totals(edition_id: str, iso3: str, theme: str, indicator: str) -> pd.DataFrame:
    rows = figures.figures(edition_id, iso3, theme)
    whole = (rows.sex == "total") & (rows.age == "total") & (rows.form == "total")
    return rows[(rows.indicator_id == indicator) & whole].set_index("year")


def test_a_members_totals_are_those_that_the_publisher_prints(edition_id):
    rows = totals(edition_id, "THA", "victims", "detected_victims")
    printed = {2009: 145, 2013: 680, 2015: 982, 2019: 1541, 2020: 155, 2022: 295}
    assert rows.value[list(printed)].to_dict() == printed
    assert set(zip(rows.status, rows.unit_many, rows.publisher)) == {("reported", "victims", "UNODC")}
    row = totals(edition_id, "THA", "smuggling", "smuggling_offences").loc[2022]
    assert row.value == 45094 and "C35" in row.caveats, "with the warning against ranking"
    rows = totals(edition_id, "MMR", "smuggling", "smuggling_offences").loc[2013:2022]
    assert (rows.value.min(), rows.value.max()) == (17, 131)
    rows = totals(edition_id, "AUS", "displacement", "asylum_applications_new")
    assert 2024 not in rows.index and "C17" in rows.loc[2023].caveats and "C17" in rows.loc[2025].caveats, (
        "a gap, and no zero"
    )
    deaths = figures.ask(edition_id, IN_A_REGION, {"region": "South-eastern Asia", "year": 2023})
    assert deaths.values.tolist() == [[427, 22]]


@pytest.mark.parametrize(("asylum", "people"), [("BGD", 1178003), ("MYS", 140238), ("THA", 80411)])
def test_refugees_from_myanmar_are_those_that_unhcr_prints(edition_id, asylum, people):
    abroad = figures.corridors(edition_id, "MMR", "refugees", "partner").set_index("iso3")
    here = figures.corridors(edition_id, asylum, "refugees", "place").set_index("partner_iso3")
    assert abroad.loc[asylum].value == here.loc["MMR"].value == people
    assert abroad.loc[asylum].year == 2025 and abroad.loc[asylum].period_start == abroad.loc[asylum].period_end


def test_corridors_come_largest_first_so_that_a_chart_of_ten_shows_the_ten_largest(edition_id):
    rows = figures.corridors(edition_id, "MMR", "refugees", "partner")
    assert rows.iso3.tolist()[:2] == ["BGD", "MYS"] and "WLD" not in set(rows.iso3)
    assert rows.value.fillna(rows.upper).is_monotonic_decreasing


def test_every_figure_is_told_with_source_unit_grade_period_and_a_caveat_and_none_is_lost(number):
    bare = """
        select count(*) from figure_annotated where publisher is null or source_title is null or source_edition is null
        or unit_many is null or trim(grade) = '' or trim(grade_reason) = '' or trim(source_ref) = '' or place is null
        or trim(provider_label) = '' or released is null or tlp is null or period_end is null or len(caveats) = 0
        or (partner_iso3 is not null and partner is null)"""
    assert number(bare) == 0
    assert number("select count(*) from figure") == number("select count(*) from figure_annotated") > 140_000
    imported = sum(len(pd.read_csv(p, usecols=["iso3"])) for p in (DATA / "sources").glob("*/figures.csv"))
    assert number("select count(*) from figure where provider_label <> 'worked out here'") == imported
    without = "(select distinct unnest(caveats) as c from figure) where c not in (select caveat_id from caveat)"
    assert number(f"select count(*) from {without}") == 0, "a caveat without words"


def test_a_masked_figure_a_zero_and_a_missing_year_are_three_things(ask, number, edition_id):
    states = ask("select status, count(value) as valued, count(lower) as bounded, count(*) as n from figure group by 1")
    states = states.set_index("status")
    assert states.loc["masked"].valued == 0 and states.loc["masked"].bounded == states.loc["masked"].n > 5000
    assert states.loc["zero"].valued == states.loc["zero"].n > 0
    # a best estimate of 0 with an upper bound above it is not "none"; a rate of 0.0 is rounded, not counted
    none = "kind = 'count' and value = 0 and coalesce(upper, 0) = 0 and status not in ('zero', 'derived')"
    assert number(f"select count(*) from figure_annotated where {none}") == 0
    assert number("select count(*) from figure where (value is null and lower is null) <> (status = 'not_reported')") == 0
    assert totals(edition_id, "PRK", "victims", "detected_victims").empty  # nothing published: no row at all
    unhcr = "source_id = 'unhcr' and (value = 0 or status = 'zero')"
    assert number(f"select count(*) from figure where {unhcr}") == 0, "a zero of UNHCR may be anything"


def test_metropolitan_france_is_a_partner_and_never_a_member(ask, number, edition_id):
    ends = ask("""select count(*) as n, count(*) filter (where partner_iso3 in (select iso3 from member)) as with_member
                  from figure where iso3 = 'FRA'""")
    assert ends.n[0] == ends.with_member[0] > 0
    for where in (
        "member where iso3 = 'FRA'",
        "coverage where iso3 = 'FRA'",
        "figure where partner_iso3 = 'FRA' and iso3 = 'WLD'",
    ):
        assert number(f"select count(*) from {where}") == 0
    for row in figures.regional(edition_id).itertuples():
        behind = figures.regional_members(edition_id, row.indicator_id, row.year)
        assert "FRA" not in set(behind.iso3) | set(behind.partner_iso3.dropna())


def summed(parts: pd.DataFrame, end: str) -> pd.DataFrame:
    """Sums of UNHCR's imported counts by hand: value where nothing is masked, else bounds."""
    known = parts.assign(
        low=parts.value.fillna(parts.lower), high=parts.value.fillna(parts.upper), hidden=parts.value.isna()
    )
    by = known.groupby([end, "indicator_id", "year"])
    sums = by.agg(low=("low", "sum"), high=("high", "sum"), hidden=("hidden", "any"), parts=("low", "size"))
    return sums.rename_axis(["who", "indicator_id", "year"])


@pytest.mark.parametrize("end", ["iso3", "partner_iso3"])
def test_totals_worked_out_here_are_the_sums_of_their_parts_bounds_included(ask, end):
    members, indicators = catalog.load().members, catalog.load().indicators
    blank = dict.fromkeys(("value", "lower", "upper"), [""])
    parts = pd.read_csv(DATA / "sources" / "unhcr" / "figures.csv", keep_default_na=False, na_values=blank)
    adds = [i for i in indicators if indicators[i].adds_over_partners]
    parts = parts[(parts.partner_iso3 != "") & parts[end].isin(list(members)) & parts.indicator_id.isin(adds)]
    expected = summed(parts.assign(year=parts.period_end.str[:4].astype(int)), end)
    who = "partner_iso3 is null" if end == "iso3" else "iso3 = 'WLD'"
    told = ask(f"""select {end} as who, indicator_id, year(period_end) as year, value, lower, upper, source_ref, caveats
                   from figure where source_id = 'unhcr' and {who} and status = 'derived'""")
    told = told.set_index(["who", "indicator_id", "year"]).sort_index()
    assert told.index.is_unique and set(told.index) == set(expected.index) and len(told) > 3000
    expected = expected.loc[told.index]
    assert (told.value.isna() == expected.hidden).all()
    assert (told.value.fillna(told.lower) == expected.low).all() and (told.value.fillna(told.upper) == expected.high).all()
    assert (told.source_ref == "sum of " + expected.parts.astype(str) + " published counts").all()
    assert all("C97" in c for c in told.caveats)


def test_a_sum_carries_the_caveats_of_its_parts(number):
    """A place's own stay with it, and so does what is said of one number: few events, an old figure."""
    lost = """
        with part as (select distinct indicator_id, iso3, period_end, unnest(caveats) as caveat
                      from figure where source_id = 'unhcr' and partner_iso3 is not null and iso3 <> 'WLD'),
             whole as (select * from figure where source_id = 'unhcr' and partner_iso3 is null and status = 'derived')
        select count(*) from whole join part using (indicator_id, iso3, period_end)
        where not list_contains(whole.caveats, part.caveat)
        and part.caveat not in (select caveat_id from caveat_rule where iso3 is not null or "when" is not null)"""
    assert number(lost) == 0


def test_no_total_is_made_where_the_publisher_prints_its_own(number):
    ours = "provider_label = 'worked out here' and source_id in ('unodc_glotip', 'unodc_cts')"
    assert number(f"select count(*) from figure where {ours}") == 0
    twice = """
        select count(*) from (
            select 1 from figure where partner_iso3 is null and sex = 'total' and age = 'total' and form = 'total'
            group by source_id, indicator_id, iso3, period_end having count(*) > 1)"""
    assert number(twice) == 0


def test_a_regional_total_names_the_members_that_dominate_it(edition_id):
    regional = figures.regional(edition_id)
    assert list(regional.indicator_id) == [
        "detected_victims",
        "persons_convicted",
        "smuggling_offences",
        "asylum_applications_new",
        "deaths_and_disappearances",
    ]
    for row in regional.itertuples():
        behind = figures.regional_members(edition_id, row.indicator_id, row.year)
        middle = behind.value.fillna((behind.lower + behind.upper) / 2)
        who = behind.partner_iso3 if row.view == "partner" else behind.iso3
        assert row.members == len(behind) == who.nunique() <= 45
        most = middle.sort_values(ascending=False)
        assert row.largest[0] == who[middle.idxmax()] and set(row.largest) == set(who[most.index[:3]])
        one, three = most.iloc[0] / middle.sum(), most.iloc[:3].sum() / middle.sum()
        assert (pd.notna(row.one_share), pd.notna(row.three_share)) == (one >= 0.4, three >= 0.8 and row.members > 3)
        assert pd.isna(row.one_share) or row.one_share == pytest.approx(one)
        low, high = behind.value.fillna(behind.lower).sum(), behind.value.fillna(behind.upper).sum()
        if row.use_sum == "no":
            assert pd.isna(row.value) and pd.isna(row.lower) and pd.isna(row.upper)
        else:
            assert (row.value, row.value) == (low, high) if pd.notna(row.value) else (row.lower, row.upper) == (low, high)
        dominated = {"C95"} if pd.notna(row.one_share) or pd.notna(row.three_share) else set()
        assert set().union(*behind.caveats) | dominated == set(row.caveats)
    dominates = regional.set_index("indicator_id").one_share.notna()
    assert dominates["detected_victims"] and dominates["smuggling_offences"] and not dominates["persons_convicted"]


def test_the_yearly_line_compares_the_same_members_in_each_of_six_years(edition_id):
    panel = figures.panel(edition_id)
    for _, line in panel.groupby("indicator_id"):
        assert line.members.nunique() == 1 and len(line) == 6 and line.year.diff().dropna().eq(1).all()


def test_coverage_speaks_of_all_45_members_on_every_theme_even_where_nothing_is_held(edition_id):
    rows = figures.coverage(edition_id)
    themes = [t for t in catalog.load().themes.values() if t.in_coverage]
    assert len(rows) == 45 * len(themes) and rows.groupby("theme").iso3.nunique().eq(45).all()
    silent = rows[rows.latest.isna()]
    assert {("PRK", "victims"), ("NCL", "victims")} <= set(zip(silent.iso3, silent.theme)) and (silent.figures == 0).all()


def test_every_cell_that_was_read_is_kept_rejected_or_out_of_scope(edition_id):
    told = figures.sources(edition_id).set_index("source_id")
    assert (told.cells_read == told.kept + told.rejected + told.out_of_scope).all() and len(told) == len(sources())
    reasons = figures.out_of_scope(edition_id).groupby("title").cells.sum()
    assert (told.set_index("title").out_of_scope.sort_index() == reasons.sort_index()).all()


def test_what_was_rejected_says_why_how_often_and_where(edition_id):
    rows = figures.rejected(edition_id)
    junk = rows[rows.reason.str.contains("field number")].iloc[0]
    assert junk.cells == 128 and junk.publisher == "UNODC" and junk.first_row > 3 and junk.how_to_fix
    assert rows[["reason", "file", "example", "how_to_fix"]].notna().all().all()


def test_the_edition_says_when_it_was_built_from_what_and_what_was_asked_of_it(edition_id):
    row = figures.edition(edition_id)
    assert row["edition_id"] == edition_id and row["sources"] == len(sources()) and row["oldest"]["publisher"]
    files = figures.input_files(edition_id)
    assert files.sha256.str.fullmatch("[0-9a-f]{64}").all() and files.title.nunique() == len(sources())
    checks = figures.checks(edition_id)
    assert checks.must.sum() > 10 and (checks[checks.must].offenders == 0).all()


def test_a_members_queries_speak_of_that_member_only(edition_id):
    themes = list(catalog.load().themes)
    for number, iso3 in enumerate([*catalog.load().members][:: all_or(6, 2)]):
        theme = themes[number % len(themes)]
        assert set(figures.figures(edition_id, iso3, theme).iso3) <= {iso3}
        assert set(figures.abroad(edition_id, iso3, theme).partner_iso3) <= {iso3}
        assert not figures.latest_totals(edition_id, iso3).duplicated(["indicator_id", "view"]).any()


def test_every_query_about_a_whole_edition_answers(edition_id):
    """Found by walking the module, so that a new query cannot be forgotten."""
    queries = [q for q in vars(figures).values() if inspect.isfunction(q) and q.__module__ == figures.__name__]
    asked = [q for q in queries if list(inspect.signature(q).parameters) == ["edition_id"]]
    assert {figures.regional, figures.changes, figures.checks, figures.breaks, figures.caveats} <= set(asked)
    for query in asked:
        assert query(edition_id) is not None, query.__name__
    assert {"UNHCR", "UNODC", "IOM"} <= set(figures.newest(edition_id).publisher) and len(figures.caveats(edition_id))


def escapes(folder) -> list[str]:
    return [
        f"copy (select 1) to '{folder}/stolen.csv'",
        "from read_csv('/etc/passwd')",
        "from read_text('/etc/hostname')",
        "from read_blob('/etc/hostname')",
        "from '/etc/passwd'",
        "from glob('/*')",
        f"attach '{folder}/other.duckdb' as other",
        "install httpfs",
        "load httpfs",
        "from read_csv('https://example.org/data.csv')",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "pragma enable_external_access = true",
        f"export database '{folder}/all'",
        f"import database '{folder}/all'",
        "select getenv('HOME')",
        "create table mine as select 1",
        "delete from figure",
        "update figure set value = 1",
        "drop view figure_annotated",
        "from read_parquet('/etc/passwd')",
        f"copy figure from '{folder}/figure.csv'",
    ]


def test_the_readers_connection_cannot_reach_the_machine_the_network_or_the_data(edition_id, tmp_path):
    for sql in escapes(tmp_path):
        with pytest.raises((duckdb.Error, figures.OtherShape)):
            figures.ask(edition_id, sql)
    assert list(tmp_path.iterdir()) == []
    assert figures.ask(edition_id, "select count(*) as n from member").n[0] == 45


def test_what_a_reader_types_is_a_value_and_never_sql(edition_id):
    for wild in ("THA' or '1'='1", "'; drop table figure; --", "THA\0", "%", "x" * 100_000):
        assert figures.figures(edition_id, wild, "victims").empty
        assert figures.corridors(edition_id, "THA", wild, "place").empty


def test_eight_people_reading_at_once_get_the_same_answers(edition_id):
    asked = [{"region": "South-eastern Asia", "year": year} for year in range(2014, 2024)]
    questions = [lambda values=values: figures.ask(edition_id, IN_A_REGION, values) for values in asked]
    questions += [
        lambda: figures.coverage(edition_id),
        lambda: figures.figures(edition_id, "THA", "deaths"),
        lambda: figures.sources(edition_id),
    ]
    alone = [question() for question in questions]
    begin = threading.Barrier(8)

    def reader(number: int) -> int:
        begin.wait()
        order = [(n + number) % len(questions) for n in range(60)]
        return sum(not questions[n]().equals(alone[n]) for n in order)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(reader, range(8))) == [0] * 8


def test_a_question_that_takes_too_long_is_stopped_with_a_word_of_advice(edition_id, monkeypatch):
    monkeypatch.setattr(figures, "TIMEOUT", 0.2)
    with pytest.raises(figures.TooSlow, match="fewer years or one member"):
        figures.ask(edition_id, "select count(*) from range(1000000) a, range(1000000) b where a.range % 7 = b.range % 5")
    assert figures.ask(edition_id, "select 1 as one").one[0] == 1


def test_an_edition_that_does_not_exist_is_refused_by_every_query(edition_id):
    for query in (figures.edition, figures.regional, figures.coverage, figures.checks):
        with pytest.raises(editions.UnknownEdition, match=edition_id):
            query(NOBODY)


@pytest.mark.parametrize(
    ("parts", "grade"),
    [
        ([("A", 80), ("D", 20)], "A"),
        ([("A", 79), ("D", 21)], "D"),
        ([("B", 50), ("C", 40), ("U", 10)], "C"),
        ([("C", 79), ("U", 21)], "U"),
        ([("D", 0), ("C", 0)], "D"),
    ],
)
def test_a_sum_takes_the_grade_that_four_fifths_of_it_reach(edition_id, parts, grade):
    values = ", ".join(f"('{letter}', {weight})" for letter, weight in parts)
    asked = f"select grade_of_most(letter, weight) as g from (values {values}) as t (letter, weight)"
    assert figures.ask(edition_id, asked).g[0] == grade
