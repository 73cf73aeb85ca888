"""Outlooks of an edition: the years that may be looked at together, and what earlier editions said held against what came."""

import shutil
from collections import namedtuple
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from corridors.store import editions
from corridors.store import outlooks as outlook_store
from corridors.store.queries import figures
from corridors.store.queries import outlooks as asked
from etl import outlooks
from etl.build import build
from tests import small_data

Row = namedtuple("Row", "year value status use_trend tlp broken lower upper ranged", defaults=(None, None, False))
STEADY = [round(1000 * 1.15**n * f) for n, f in enumerate(np.exp(np.random.default_rng(4).normal(0, 0.04, 25)))]


def series(values=STEADY, last=2025, **changes):
    """Rows of a series that ends in `last`; `changes`: year (as y2012) → fields that are other."""
    rows = [Row(last - len(values) + 1 + n, v, "reported", "yes", "CLEAR", False) for n, v in enumerate(values)]
    return [row._replace(**changes.get(f"y{row.year}", {})) for row in rows]


def said(rows, newest=2025):
    return outlooks.judged(rows, newest)[0]


def test_a_steady_series_has_three_years_to_come_and_six_that_were_tried():
    told, ahead, past = outlooks.judged(series(), 2025)
    assert told["refusal"] is None and (told["first_year"], told["last_year"], told["years"]) == (2001, 2025, 25)
    assert [each["year"] for each in ahead] == [2026, 2027, 2028] and [each["year"] for each in past] == list(
        range(2020, 2026)
    )
    assert sum(each["worst"] for each in past) == 1 and past[-1]["came"] == STEADY[-1]
    for each in ahead:  # three digits and no more
        assert all(float(f"{value:.3g}") == value for key, value in each.items() if key != "year")


def test_a_sum_of_which_little_is_masked_is_looked_ahead_from_the_middle_of_its_range():
    told, _, past = outlooks.judged(
        series(y2025={"value": 30006.5, "lower": 29993.0, "upper": 30020.0, "ranged": True}), 2025
    )
    assert (told["last_value"], told["last_lower"], told["last_upper"]) == (30006.5, 29993.0, 30020.0)
    assert past[-1]["came"] == 30000 and "last_lower" not in said(series())


MASKED = {"value": None, "status": "masked"}


@pytest.mark.parametrize(
    "rows, first, years, why",
    [
        (series(y2013={"broken": True}), 2013, 13, "2013 begins a new series"),
        (series(y2025={"use_trend": "since 2012"}), 2012, 14, "2012 begins a new series"),
        (series(y2010=MASKED), 2011, 15, "2010 is masked"),
        (series(y2010={"value": 12}), 2011, 15, "2010 has 12, and counts of 30 or fewer move by chance"),
        ([row for row in series() if row.year != 2009], 2010, 16, "2009 has no figure"),
        (series(y2008={"value": 90_000}), 2009, 17, "from 90,000 to 2,868 in 2009, a possible break"),
        (series(last=2026, y2026={"status": "provisional"}), 2002, 24, ""),
    ],
)
def test_a_series_is_shortened_to_what_belongs_together(rows, first, years, why):
    told = said(rows, 2026)
    assert (told["first_year"], told["years"]) == (first, years) and why in (told["shortened"] or "")


@pytest.mark.parametrize(
    "rows, why",
    [
        (
            series(y2024={"broken": True}),
            "2 years without a gap or break; 13 are needed, 7 to learn from and 6 for the record; 2024 begins a new series",
        ),
        (series(y2025=MASKED), "2025 is masked or has no single number"),
        (series(y2025={"use_trend": "no"}), "no trend may be spoken of"),
        (series(last=2021), "the last figure is of 2021, while the source has 2025"),
        (series([0] * 20), "counts of 30 or fewer"),
        (series([4000]), "1 years without a gap or break"),
        (series([500], y2025={"status": "provisional"}), "no year that is over"),
        (series([400] * 13), "the same number every year"),
    ],
)
def test_what_cannot_be_looked_ahead_is_refused_with_its_reason(rows, why):
    told, ahead, past = outlooks.judged(rows, 2025)
    assert why in told["refusal"] and not ahead and not past and "method" not in told


ASKED = {"iso3": "MYS", "partner_iso3": "MMR", "indicator_id": "asylum_applications_new"}
LATEST = ASKED | {"period_end": "2025-12-31", "sex": "total", "age": "total", "form": "total"}


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """(an edition that knows nothing of 2025 for a pair, id of the next, which does, folder, the figure that came)."""
    folder = tmp_path_factory.mktemp("outlooks")
    data, where = small_data.made(folder / "data"), folder / "editions"
    path = data / "sources" / "unhcr" / "figures.csv"
    rows = small_data.rows_of(path)
    (latest,) = [row for row in rows if all(row[key] == value for key, value in LATEST.items())]
    pair = [
        latest | {"period_start": f"{y}-01-01", "period_end": f"{y}-12-31", "value": str(n), "source_ref": f"year {y}"}
        for y, n in enumerate(STEADY, 2001)
    ]
    rows = [row for row in rows if not ASKED.items() <= row.items()] + pair
    came = pair[-1]
    small_data.write_rows(path, [row for row in rows if row is not came], list(rows[0]))
    small_data.balance(data, "unhcr")
    shutil.copytree(data, folder / "before")
    first = build(data, where, date(2026, 1, 1))
    small_data.write_rows(path, rows, list(rows[0]))
    small_data.balance(data, "unhcr")
    second = build(data, where, date(2026, 2, 1)).edition_id
    return first, second, where, float(came["value"])


def test_what_an_edition_said_is_kept_and_scored_when_the_figure_comes(two, monkeypatch):
    made, second, where, came = two
    first = made.edition_id
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(where))
    figures.opened.cache_clear()
    before = asked.outlooks(first)
    (one,) = before[(before.iso3 == "MYS") & (before.partner_iso3 == "MMR")].itertuples()
    assert one.last_year == 2024
    ahead = asked.years(first, one.outlook_id).set_index("year")
    kept = asked.published(second)
    assert set(kept.edition_id) == {first} and len(kept) == 3 * len(before)
    kept = kept[(kept.iso3 == "MYS") & (kept.partner_iso3 == "MMR")].set_index("year")
    assert kept.came[2025] == came and kept.came[[2026, 2027]].isna().all()
    assert (kept.middle == ahead.middle).all() and (kept.lower_80 == ahead.lower_80).all()
    assert asked.published(first).empty
    months = asked.seasons_published(second)
    assert set(months.edition_id) == {first} and set(months.starts.dt.date) == {date(2026, 2, 1)}
    assert months.came.isna().all()


def test_months_that_were_looked_ahead_are_scored_when_their_years_are_over():
    with duckdb.connect() as connection:
        connection.execute("""
            create table season_count as select 'sea a' as season_id, 2024 as year, month, 2 as incidents, 7 as people
                from unnest(range(0, 13)) as _(month) where month <> 3;
            create table season_published as select 'sea a' as season_id, measure, starts, null::double as came
                from unnest(['incidents', 'people']) as _(measure), unnest([date '2024-02-01', date '2024-08-01']) as _(starts)""")
        connection.execute("insert into season_count values ('sea a', 2025, 1, 40, 90)")
        outlook_store.score_months(namedtuple("Work", "connection")(connection))
        found = connection.execute("select measure, month(starts), came from season_published order by all").fetchall()
    # February to July without March, of which nothing is recorded; August to January
    assert found == [("incidents", 2, 10), ("incidents", 8, 50), ("people", 2, 35), ("people", 8, 125)]


def test_the_same_inputs_give_the_same_outlooks(two, tmp_path):
    first, _, where, _ = two
    again = build(where.parent / "before", tmp_path / "again", date(2026, 1, 1))
    assert again.outlooks == first.outlooks and again.edition_id == first.edition_id
    shutil.copytree(where, tmp_path / "first")  # a reader may hold the other open
    tables = [outlook_tables(editions.path_of(first.edition_id, tmp_path / folder)) for folder in ("first", "again")]
    assert tables[0] == tables[1] and all(tables[0])


def outlook_tables(path):
    with duckdb.connect(str(path), read_only=True) as connection:
        return [
            connection.execute(f"from {name} order by all").fetchall()
            for name in ("outlook", "outlook_year", "outlook_record", "season", "season_month", "season_record")
        ]


RECORDED = [(year, False) for year in range(2014, 2026)]


def incidents(**changes):
    """Rows of a sea, one incident of three people in each month of 2014 to 2025, but for `changes`: y2019=0 for no incident at all."""
    years = {year: changes.get(f"y{year}", 1) for year, _ in RECORDED}
    rows = [
        {"season_id": "sea a", "name": "A", "source_id": "x", "year": y, "month": m, "incidents": n, "people": 3 * n}
        for y, n in years.items()
        for m in range(1, 13)
        if n
    ]
    return pd.DataFrame(rows)


def test_months_that_come_are_those_after_the_edition_and_hold_what_earlier_years_had():
    told, months, past = outlooks.season_judged(incidents(), "incidents", RECORDED, date(2026, 12, 1))
    assert (told["first_year"], told["last_year"], told["total"]) == (2014, 2025, 144) and told["middle"] == 6
    assert [each["month"] for each in months] == list(range(1, 13)) and all(each["middle"] == 1 for each in months)
    assert [each["starts"] for each in past] == [date(year, 12, 1) for year in range(2019, 2025)]
    assert all(each["came"] == 6 for each in past)  # December and five months of the year after


@pytest.mark.parametrize(
    "rows, recorded, why",
    [
        (incidents(), RECORDED[-9:], "9 years without a gap or break"),
        (
            incidents(),
            [*RECORDED[:6], *RECORDED[7:]],
            "5 years without a gap or break",
        ),  # a year of which nothing at all is held
        (incidents(), [(year, year == 2024) for year, _ in RECORDED], "2 years without a gap or break"),
        (incidents(**{f"y{year}": 0 for year in range(2016, 2026)}), RECORDED, "24 recorded in all years together, too few"),
        (incidents().iloc[:1], RECORDED, "1 recorded in all years together, too few"),
        (incidents(), [], "0 years without a gap or break"),
    ],
)
def test_months_of_a_sea_are_refused_with_their_reason(rows, recorded, why):
    for measure in ("incidents", "people"):
        told, months, past = outlooks.season_judged(rows, measure, recorded, date(2026, 12, 1))
        assert why in told["refusal"] and not months and not past and "middle" not in told


def test_what_cannot_be_laid_on_a_month_is_left_out_and_counted():
    rows = incidents()
    rows.loc[0, "month"] = 0
    told, months, _ = outlooks.season_judged(rows, "people", RECORDED, date(2026, 12, 1))
    assert told["left_out"] == 3 and told["total"] == 3 * 143 and months[0]["middle"] < 3
