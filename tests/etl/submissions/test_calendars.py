"""Years of other calendars and fiscal years: the days that they have; how they are written stands in dates.csv."""

from datetime import date

import pytest

from corridors import catalog
from corridors.catalog import calendars
from etl.submissions import values
from etl.submissions.sheets import DATE, Cell


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


def test_every_fiscal_year_has_twelve_months_and_its_source_and_is_known_by_its_days():
    known = catalog.load().fiscal_years
    assert len(known) == 22
    for member, entries in known.items():
        assert all(entry.source and entry.reference for entry in entries)
        for year in range(1990, 2026):
            if span := catalog.load().fiscal_year(member, year):
                assert (span[1] - span[0]).days in (364, 365)
                assert catalog.load().fiscal_name(member, *span) == f"fiscal year {year}/{(year + 1) % 100:02}"


def test_a_cell_that_is_a_date_outside_the_years_is_refused_too():
    day = date(2566, 1, 1)
    assert "2023" in values.as_date(Cell(1, 1, DATE, day, "2566-01-01")).fault.how_to_fix


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
