"""Years of other calendars and fiscal years: refused with the reading that is offered, never taken without a word."""

from datetime import date
from functools import partial

import pytest

from corridors import catalog
from etl.submissions import calendars, values
from etl.submissions.sheets import DATE, TEXT, Cell


@pytest.mark.parametrize(
    "year, first, last",
    [
        (1399, "2020-03-20", "2021-03-20"),
        (1402, "2023-03-21", "2024-03-19"),
        (1403, "2024-03-20", "2025-03-20"),
        (1375, "1996-03-20", "1997-03-20"),
    ],
)
def test_a_solar_hijri_year_begins_at_the_equinox(year, first, last):
    assert calendars.solar_hijri(year) == (date.fromisoformat(first), date.fromisoformat(last))


def test_every_solar_hijri_year_begins_where_the_one_before_ended():
    for year in range(1369, 1407):
        (first, last), (following, _) = calendars.solar_hijri(year), calendars.solar_hijri(year + 1)
        assert first.month == 3 and first.day in (20, 21) and (following - last).days == 1


@pytest.mark.parametrize(
    "year, words",
    [
        (2566, "Buddhist era? 2566 of the Buddhist era is 2023."),
        (1402, "Solar Hijri? 1402 runs from 21 March 2023 to 19 March 2024."),
        (1444, "Hijri? 1444 of the Hijri calendar falls in 2022 and 2023."),
        (2080, "Bikram Sambat? 2080 runs from the middle of April 2023 to the middle of April 2024."),
        (1907, ""),
        (2023, ""),
        (2300, ""),
    ],
)
def test_the_reading_of_a_year_is_offered(year, words):
    assert calendars.reading(year) == words


@pytest.mark.parametrize(
    "said",
    [
        "2566",
        "๒๕๖๖",
        "2566-01-01",
        "31/12/2566",
        "1 January 2566",
        "1402-01-01",
        "۱۴۰۲",
        "2080-05-01",
        "1444",
        "1989",
        "2099-01-01",
    ],
)
def test_a_day_of_another_calendar_is_never_taken(said):
    got = values.as_date(Cell(1, 1, TEXT, said, said))
    assert got.first is None and got.fault.code == "year-of-no-figures"
    hint = next((f"{y}" for y in (2566, 1402, 2080, 1444) if str(y) in calendars.plain_digits(said)), "")
    assert (f"? {hint} " in got.fault.how_to_fix) == bool(hint)


@pytest.mark.parametrize(
    "said, words",
    [
        ("2011/12", "the fiscal year 2011/12, or December 2011"),
        ("2011-12", "the fiscal year 2011/12, or December 2011"),
        ("2005-06", "the fiscal year 2005/06, or June 2005"),
        ("FY2011-12", "the fiscal year 2011/12"),
        ("2011-2012", "the fiscal year 2011/12"),
        ("2023/24", "the fiscal year 2023/24"),
        ("1999/00", "the fiscal year 1999/00"),
    ],
)
def test_a_fiscal_year_is_never_read_as_a_month(said, words):
    got = values.as_date(Cell(1, 1, TEXT, said, said))
    assert got.first is None and got.fault.code == "fiscal-year" and words in got.fault.found
    assert "2011-04-01 and 2012-03-31" in got.fault.how_to_fix


@pytest.mark.parametrize(
    "member, said, first, last, month",
    [
        ("IND", "2011/12", "2011-04-01", "2012-03-31", "December 2011"),
        ("IND", "2011-12", "2011-04-01", "2012-03-31", "December 2011"),
        ("AUS", "2023/24", "2023-07-01", "2024-06-30", ""),
        ("THA", "FY2011-12", "2011-10-01", "2012-09-30", ""),
        ("JPN", "२०११-२०१२", "2011-04-01", "2012-03-31", ""),
        ("IRN", "2023/24", "2023-03-21", "2024-03-19", ""),
        ("NPL", "2023–24", "2023-07-16", "2024-07-15", ""),
    ],
)
def test_a_fiscal_year_has_the_days_of_its_member_and_says_which_month_it_may_be(member, said, first, last, month):
    got = values.as_date(Cell(1, 1, TEXT, said, said), fiscal=partial(catalog.load().fiscal_year, member))
    assert (str(got.first), str(got.last), got.status) == (first, last, values.REPORTED)
    assert bool(got.fault) == bool(month)
    if month:
        assert got.fault.level == "warning" and f"If {month} is meant, write “{month}”" in got.fault.how_to_fix


@pytest.mark.parametrize("member, said", [("CHN", "2011/12"), ("MMR", "2021/22"), ("LAO", "2017/18"), ("", "2011-12")])
def test_a_fiscal_year_without_a_sourced_month_is_a_question(member, said):
    got = values.as_date(Cell(1, 1, TEXT, said, said), fiscal=partial(catalog.load().fiscal_year, member))
    assert got.first is None and got.fault.code == "fiscal-year" and "2011-04-01 and 2012-03-31" in got.fault.how_to_fix


@pytest.mark.parametrize(
    "said, calendar, first, last",
    [("๒๕๖๕/๖๖", "buddhist", "2022-10-01", "2023-09-30"), ("พ.ศ. 2565-2566", "buddhist", "2022-10-01", "2023-09-30")],
)
def test_a_fiscal_year_of_the_buddhist_era_is_converted(said, calendar, first, last):
    got = values.as_date(Cell(1, 1, TEXT, said, said), calendar=calendar, fiscal=partial(catalog.load().fiscal_year, "THA"))
    assert (str(got.first), str(got.last), got.fault) == (first, last, None)


@pytest.mark.parametrize(
    "said, words",
    [
        ("1402/03", "It may be a fiscal year"),
        ("2078/79", "Bikram Sambat? 2078 runs from the middle of April 2021"),
        ("FY2023", "2011-04-01 and 2012-03-31"),
        ("2023年度", "2011-04-01 and 2012-03-31"),
        ("令和5年", "令和5年 is the year 2023."),
        ("R5", "R5 is the year 2023."),
        ("民國112年", "民國112年 is the year 2023."),
    ],
)
def test_years_that_may_be_of_two_meanings_are_asked_about(said, words):
    calendar = "solar_hijri" if said.startswith("14") else ""
    got = values.as_date(Cell(1, 1, TEXT, said, said), calendar=calendar)
    assert got.first is None and words in got.fault.how_to_fix


def test_every_fiscal_year_has_twelve_months_and_its_source_and_is_known_by_its_days():
    known = catalog.load().fiscal_years
    assert len(known) == 22
    for member, entries in known.items():
        assert all(entry.source and entry.reference for entry in entries)
        for year in range(1990, 2026):
            if span := catalog.load().fiscal_year(member, year):
                assert (span[1] - span[0]).days in (364, 365)
                assert catalog.load().fiscal_name(member, *span) == f"fiscal year {year}/{(year + 1) % 100:02}"


@pytest.mark.parametrize(
    "said, first, last",
    [
        ("2025-06", "2025-06-01", "2025-06-30"),
        ("2023", "2023-01-01", "2023-12-31"),
        ("2011-10", "2011-10-01", "2011-10-31"),
        ("2023年3月", "2023-03-01", "2023-03-31"),
    ],
)
def test_months_and_years_of_our_calendar_are_read_as_before(said, first, last):
    got = values.as_date(Cell(1, 1, TEXT, said, said))
    assert (str(got.first), str(got.last), got.fault) == (first, last, None)


def test_a_cell_that_is_a_date_outside_the_years_is_refused_too():
    day = date(2566, 1, 1)
    assert "2023" in values.as_date(Cell(1, 1, DATE, day, "2566-01-01")).fault.how_to_fix


@pytest.mark.parametrize(
    "said, first, last",
    [
        ("Q1 2023", "2023-01-01", "2023-03-31"),
        ("2023-Q4", "2023-10-01", "2023-12-31"),
        ("2023Q2", "2023-04-01", "2023-06-30"),
        ("H1 2023", "2023-01-01", "2023-06-30"),
        ("2023 H2", "2023-07-01", "2023-12-31"),
        ("1H2023", "2023-01-01", "2023-06-30"),
        ("2023/Q2", "2023-04-01", "2023-06-30"),
        ("Third quarter 2023", "2023-07-01", "2023-09-30"),
        ("first half of 2023", "2023-01-01", "2023-06-30"),
        ("4th quarter, 2023", "2023-10-01", "2023-12-31"),
        ("Jan-Mar 2023", "2023-01-01", "2023-03-31"),
        ("January to March 2023", "2023-01-01", "2023-03-31"),
        ("Jan-23..Mar-23", "2023-01-01", "2023-03-31"),
        ("Nov 2023 – Feb 2024", "2023-11-01", "2024-02-29"),
    ],
)
def test_quarters_half_years_and_runs_of_months_are_periods(said, first, last):
    got = values.as_date(Cell(1, 1, TEXT, said))
    assert (got.first, got.last, got.fault) == (date.fromisoformat(first), date.fromisoformat(last), None)


@pytest.mark.parametrize("said", ["Q5 2023", "H3 2023", "Mar-Jan 2023", "Foo-Bar 2023", "Q1 2566"])
def test_what_is_no_such_period_is_refused(said):
    assert values.as_date(Cell(1, 1, TEXT, said)).status == values.UNREADABLE


def test_a_month_with_two_digits_is_read_as_a_year_and_doubted():
    got = values.as_date(Cell(1, 1, TEXT, "Jan-23"))
    assert (got.first, got.last) == (date(2023, 1, 1), date(2023, 1, 31)) and "day or a year" in got.fault.how_to_fix


@pytest.mark.parametrize(
    "said, calendar, first, last",
    [
        ("2566", "buddhist", "2023-01-01", "2023-12-31"),
        ("๒๕๖๗-๐๒", "buddhist", "2024-02-01", "2024-02-29"),
        ("31/12/2566", "buddhist", "2023-12-31", "2023-12-31"),
        ("1402", "solar_hijri", "2023-03-21", "2024-03-19"),
        ("۱۴۰۲-۰۱-۰۱", "solar_hijri", "2023-03-21", "2023-03-21"),
        ("1402/12/29", "solar_hijri", "2024-03-19", "2024-03-19"),
        ("1402-07", "solar_hijri", "2023-09-23", "2023-10-22"),
        ("30/12/1403", "solar_hijri", "2025-03-20", "2025-03-20"),
    ],
)
def test_dates_of_another_calendar_have_their_days_in_ours(said, calendar, first, last):
    assert calendars.days(said, calendar) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("said", ["1402-13", "1402-12-30", "1402-07-31", "1402-00", "soon", "14", "2023-02-30"])
def test_what_is_no_day_of_that_calendar_has_none(said):
    assert calendars.days(said, "solar_hijri") is None


def test_the_days_of_solar_hijri_years_follow_one_another_without_a_gap():
    for year in (1402, 1403):
        months = [calendars.days(f"{year}-{month}", "solar_hijri") for month in range(1, 13)]
        assert (months[0][0], months[-1][1]) == calendars.solar_hijri(year)
        assert all((then[0] - now[1]).days == 1 for now, then in zip(months, months[1:]))
