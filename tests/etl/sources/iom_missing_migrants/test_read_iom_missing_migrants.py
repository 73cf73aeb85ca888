"""IOM Missing Migrants: the sample follows the publisher's CSV and yearly JSON; real codes, no real descriptions."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from corridors import catalog
from etl import frames
from etl.sources.iom_missing_migrants import read as iom
from tests.etl.sources.reader import Reader, held, spoil

READER = Reader("iom_missing_migrants")
extracted, refusal = READER.extracted, READER.refusal

WHOLE = "Missing_Migrants_Global_Figures_allData.csv"
YEARLY = "2025-json.json"
NUMBERS = ["Incident Year", "Number of Dead", "Total Number of Dead and Missing", "Number of Survivors"]


def as_workbook(folder: Path) -> Path:
    """Replaces the sample CSV by a workbook of the same cells, counts as numbers as IOM's workbook has them."""
    book = openpyxl.Workbook()
    with (folder / WHOLE).open(encoding="utf-8", newline="") as handle:
        lines = list(csv.reader(handle))
    for line in lines:
        cells = zip(lines[0], line)
        book.active.append([float(c) if name in NUMBERS and c.lstrip("-").isdigit() else c or None for name, c in cells])
    (folder / WHOLE).unlink()
    path = folder / "Missing_Migrants_Global_Figures_allData_to-2025-04.xlsx"
    book.save(path)
    return path


def incident(result, main_id: str) -> pd.Series:
    return result.incidents.set_index("main_id").loc[main_id]


def people(result, iso3: str, partner: str, year: int) -> list[float]:
    f = result.figures
    here = (f["indicator_id"] == "deaths_and_disappearances") & (f["iso3"] == iso3) & (f["partner_iso3"] == partner)
    return f.loc[here & (f["period_start"] == f"{year}-01-01"), "value"].tolist()


def test_workbook_and_csv_give_the_same_incidents_and_sums_and_a_refreshed_csv_wins_over_an_old_workbook(folder):
    from_csv, kept = extracted(folder), (folder / WHOLE).read_bytes()
    path = as_workbook(folder)
    from_workbook = extracted(folder)
    pd.testing.assert_frame_equal(from_csv.incidents, from_workbook.incidents)
    pd.testing.assert_frame_equal(from_csv.figures, from_workbook.figures)
    (folder / WHOLE).write_bytes(kept)
    assert iom.read(folder).files["all"] == WHOLE
    (folder / WHOLE).unlink()
    path.write_bytes(path.read_bytes()[:-500])
    assert path.name in (text := refusal(folder)) and "cut off" in text


def test_a_year_with_its_own_file_is_never_counted_from_both(folder):
    result = extracted(folder)
    assert result.out_of_scope[iom.FROM_YEARLY] == 1
    assert people(result, "THA", "", 2025) == [1]
    (folder / YEARLY).unlink()
    assert set(extracted(folder).incidents.query("year == 2025")["main_id"]) == {"2025.MMP0012"}


def test_what_a_row_that_says_little_keeps(folder):
    result = extracted(folder)
    row = incident(result, "2020.MMP01097")
    assert (row["date"], row["year"]) == ("", 2020) and pd.isna(row["month"]), "without a date: the year of its id"
    row = incident(result, "2020.MMP01343")
    assert (row["date"], row["year"], row["month"]) == ("", 2020, 9), "a date of 0: the month that the publisher names"
    assert incident(result, "2019.MMP00358")["source_quality"] == 3, "of several qualities the lowest"
    first, second = incident(result, "2025.MMP0040")["source_quality"]
    assert first == 5 and pd.isna(second), "no quality stays unknown"
    assert pd.isna(incident(result, "2023.MMP2622")["survivors"]), "unknown survivors are not none"
    assert incident(result, "2020.MMP00151")["men"] == 0, "a printed 0 stays"
    assert pd.isna(incident(result, "2020.MMP00661")["survivors"]) and people(result, "IDN", "MMR", 2020) == [1]
    assert any("row 7: survivors below zero" in note for note in result.notes)


def test_a_cumulative_row_can_be_told_from_one_event(folder):
    kinds = extracted(folder).incidents.set_index("incident_id")["kind"]
    assert kinds["2023.MMP2622"] == "cumulative" and kinds["2020.MMP00151"] == "incident"
    assert kinds["2019.MMP00358352,2019.MMP00358353"] == "split" and kinds["2025.MMP0040/2"] == "split"


def test_each_death_is_counted_where_it_happened_and_for_whom_it_is_known(folder):
    result = extracted(folder)
    assert incident(result, "2019.MMP00358")["origin_iso3"] == "", "people of several origins are given to none of them"
    assert people(result, "THA", "", 2019) == [10] and people(result, "THA", "MMR", 2019) == []
    assert incident(result, "2024.MMP1232")["iso3"] == "HKG" and incident(result, "2025.MMP0220")["iso3"] == "PRK"
    assert "&#039;" not in " ".join(result.figures["provider_label"])
    assert people(result, "LBY", "BGD", 2018) == [2] and people(result, "LBY", "", 2018) == [], (
        "a citizen who died elsewhere"
    )
    assert result.out_of_scope[iom.ELSEWHERE] == 2
    assert people(result, "MYS", "", 2025) == [3], "groups of one incident that differ are all counted"
    years = result.figures.groupby("status")["period_end"].unique()
    assert list(years["provisional"]) == ["2025-05-12"] and "2025-05-12" not in years["reported"], "it is not over"


def test_an_incident_at_sea_between_two_countries_stays_in_its_region(folder):
    spoil(folder / WHOLE, ",Bangladesh,,", ',"Bangladesh,Myanmar",,')
    row = incident(extracted(folder), "2020.MMP00151")
    assert (row["iso3"], row["region"], row["dead_and_missing"]) == ("", "South-eastern Asia", 65)


def test_a_record_sent_twice_is_counted_once_and_shown_as_rejected(folder):
    result = extracted(folder)
    assert people(result, "THA", "MMR", 2025) == [1]
    assert incident(result, "2025.MMP0592")["kind"] == "incident"
    rejected = result.rejected[["file", "row", "column", "found"]]
    assert rejected.values.tolist() == [[YEARLY, "2", "web_id", "2025.MMP0592"]]


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ("21,44,65,71", "21,44,66,71", "Total Number of Dead and Missing", "do not add up"),
        ("21,44,65,71", "67,-2,65,71", "Minimum Estimated Number of Missing", "fewer than no people"),
        ("21,44,65,71", "0,,0,71", "Total Number of Dead and Missing", "nobody dead or missing"),
        ("20.62715573, 92.34168619", "92.34168619, 20.62715573", "Coordinates", "the wrong way round"),
        ("20.62715573, 92.34168619", "somewhere", "Coordinates", "not a latitude and a longitude"),
        ("2020-02-11,2020", "2019-02-11,2020", "Incident Date", "another year"),
    ],
)
def test_a_row_that_contradicts_itself_is_set_aside_with_its_reason(folder, old, new, column, reason):
    (folder / YEARLY).unlink()
    spoil(folder / WHOLE, old, new)
    result = extracted(folder)
    row = result.rejected.iloc[0]
    assert len(result.rejected) == 1 and (row["file"], row["row"], row["column"]) == (WHOLE, "6", column)
    assert reason in row["reason"] and "2020.MMP00151" in row["how_to_fix"] and people(result, "BGD", "", 2020) == []


def test_no_links_and_no_descriptions_of_places_are_imported(folder):
    result = extracted(folder)
    assert list(result.incidents.columns) == frames.INCIDENT_COLUMNS
    imported = result.incidents.to_csv() + result.figures.to_csv() + result.rejected.to_csv()
    assert "http" not in imported and "a place in words" not in imported


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (WHOLE, "Number of Dead", "Dead", ["column “Number of Dead”", "download the file again"]),
        (WHOLE, ",Libya,", ",Lybia,", ["Country of Incident", "row 3", "“Lybia”", "countries.csv"]),
        (WHOLE, '"Myanmar,Viet Nam"', '"Myanmar,Vietnahm"', ["Country of Origin", "row 5", "“Myanmar,Vietnahm”"]),
        (WHOLE, "2018-03-04,2018", "2028-03-04,2028", ["Incident Year", "row 4", "“2028”", "2026"]),
        (WHOLE, "9,,9,", "-9,,9,", ["Number of Dead", "row 4", "“-9”"]),
        (WHOLE, "9,,9,", "9,,nine,", ["Total Number of Dead and Missing", "row 4", "“nine”"]),
        (WHOLE, "9,,9,", "9,some,9,", ["Minimum Estimated Number of Missing", "row 4", "“some”"]),
        (WHOLE, "2018-03-04", "04/03/2018", ["Incident Date", "row 4", "“04/03/2018”"]),
        (WHOLE, '"3,5"', '"3,six"', ["Source Quality", "row 5", "“3,six”"]),
        (WHOLE, "Cumulative Incident", "Collective Incident", ["Incident Type", "row 10", "KINDS"]),
        (YEARLY, '"Malaysia"', '"Malaisia"', ["country_of_incident", "row 6", "“Malaisia”"]),
        (YEARLY, '"2025-01-05"', '"2031-01-05"', ["reported_date", "row 8", "2031"]),
        (YEARLY, '"number_dead": "10"', '"number_dead": "-10"', ["number_dead", "row 8", "“-10”"]),
        (YEARLY, '"number_dead": "10"', '"number_dead": "ten"', ["number_dead", "row 8", "“ten”"]),
    ],
)
def test_a_bad_cell_or_heading_is_refused_with_file_column_row_and_cure(folder, file, old, new, says):
    spoil(folder / file, old, new)
    text = refusal(folder)
    assert all(part in text for part in [file, *says]), text


@pytest.mark.parametrize(
    ("file", "spoilt", "says"),
    [
        (WHOLE, lambda data: data[:-120], "The download was cut off"),
        (YEARLY, lambda data: b"[]", "JSON of another shape"),
        (YEARLY, lambda data: data.replace(b"location_coodinates", b"coordinates"), "column “location_coodinates”"),
        (YEARLY, lambda data: data.replace(b"a newspaper", "Notícias".encode("latin-1")), "not complete JSON"),
    ],
)
def test_a_spoilt_or_cut_off_file_is_refused(folder, file, spoilt, says):
    (folder / file).write_bytes(spoilt((folder / file).read_bytes()))
    assert file in (text := refusal(folder)) and says in text


def test_the_card_of_the_source_says_where_its_files_are():
    card = catalog.read_source(Path(iom.__file__).with_name("source.toml"))
    assert [d.kind for d in card.downloads] == ["file", "file"] and card.downloads[0].file == WHOLE
    assert card.downloads[1].file.format(year=2025) == YEARLY and card.downloads[1].options["years"] == [2025, "now"]


def test_south_eastern_asia_2023_is_the_427_people_in_22_rows_that_iom_has():
    rows = held("iom_missing_migrants", "incidents").query("year == 2023 and region == 'South-eastern Asia'")
    assert (len(rows), rows["dead_and_missing"].sum()) == (22, 427)


def test_sums_by_country_equal_the_incidents_behind_them():
    f, rows = held("iom_missing_migrants"), held("iom_missing_migrants", "incidents")
    members = rows[rows["iso3"].isin(list(catalog.load().members))]
    totals = f[(f["partner_iso3"] == "") & (f["indicator_id"] != "fatal_incidents")]
    assert totals["value"].sum() == members["dead_and_missing"].sum()
    others = members[members["iso3"] != "USA"]
    assert (len(others), others["dead_and_missing"].sum()) == (5181, 12560)


@READER.on_the_originals
def test_the_known_totals_of_the_members_hold_for_the_workbook_alone(tmp_path):
    shutil.copy(next(READER.originals.glob("*.xlsx")), tmp_path)
    rows = extracted(tmp_path).incidents
    members = rows[rows["iso3"].isin(set(catalog.load().members) - {"USA"})]
    assert (len(members), members["dead_and_missing"].sum()) == (4854, 11707)
    assert (members["iso3"] == "IRN").sum() == 3958


def malaysia(folder: Path) -> dict[int, tuple[str, str, float]]:
    """Year → end of the period, status and people dead or missing in Malaysia."""
    rows = extracted(folder).figures
    rows = rows[(rows.iso3 == "MYS") & (rows.partner_iso3 == "") & (rows.indicator_id == "deaths_and_disappearances")]
    return {int(r.period_end[:4]): (r.period_end, r.status, r.value) for r in rows.itertuples()}


def died(day: str, dead: int) -> dict:
    """An invented incident as the yearly file writes one."""
    told = dict.fromkeys(iom.FIELDS.values(), "") | {"web_id": f"{day[:4]}.MMP{day[5:7]}{day[8:]}", "reported_date": day}
    told |= {"number_dead": str(dead), "number_missing": "0", "total_dead_and_missing": str(dead)}
    return told | {"region": "South-eastern Asia", "country_of_incident": "Malaysia", "source_quality": "4"}


def tables(folder: Path, whole: list[tuple[str, int]], yearly: dict[int, list[tuple[str, int]]]) -> Path:
    """A folder whose files hold these days and numbers of dead."""
    folder.mkdir()
    ours = [name for name in iom.HEADINGS if name in iom.FIELDS]
    with (folder / WHOLE).open("w", encoding="utf-8", newline="") as handle:
        lines = csv.DictWriter(handle, iom.HEADINGS.values())
        lines.writeheader()
        for n, (day, dead) in enumerate(whole, 1):
            told = died(day, dead)
            line = {iom.HEADINGS[name]: told[iom.FIELDS[name]] for name in ours}
            lines.writerow(
                dict.fromkeys(iom.HEADINGS.values(), "")
                | line
                | {"Incident ID": f"{line['Main ID']}.{n}", "Incident Type": "Incident", "Incident Year": day[:4]}
            )
    for year, days in yearly.items():
        (folder / f"{year}-json.json").write_text(json.dumps([died(*day) for day in days]), encoding="utf-8")
    return folder


def test_a_year_in_which_its_table_stops_early_is_provisional_though_another_table_goes_on(tmp_path):
    found = malaysia(tables(tmp_path / "x", [("2024-12-30", 5), ("2025-04-10", 1)], {2026: [("2026-02-11", 7)]}))
    assert found == {
        2024: ("2024-12-31", "reported", 5),
        2025: ("2025-04-10", "provisional", 1),
        2026: ("2026-02-11", "provisional", 7),
    }


def test_a_yearly_file_that_ends_before_the_whole_file_does_not_replace_it_and_the_report_says_so(tmp_path):
    days = [("2025-02-01", 1), ("2025-12-29", 36), ("2026-03-09", 2)]
    folder = tables(tmp_path / "x", days, {2025: [("2025-02-01", 1), ("2025-04-10", 3)]})
    assert malaysia(folder)[2025] == ("2025-12-31", "reported", 37)
    assert any("2025 is taken from" in n and "2025-12-29" in n and "2025-04-10" in n for n in extracted(folder).notes)
    assert extracted(folder).out_of_scope == {iom.FROM_WHOLE: 2}


@pytest.mark.parametrize(
    "last, end, status", [("2025-12-30", "2025-12-31", "reported"), ("2025-08-02", "2025-08-02", "provisional")]
)
def test_a_fresher_yearly_file_replaces_its_year_and_is_whole_only_when_it_reaches_the_end(tmp_path, last, end, status):
    folder = tables(tmp_path / "x", [("2025-04-10", 1), ("2024-05-01", 2)], {2025: [(last, 9)], 2026: [("2026-01-02", 1)]})
    assert malaysia(folder)[2025] == (end, status, 9)


def test_the_row_of_tags_below_the_header_is_no_incident(folder):
    lines = (folder / WHOLE).read_text(encoding="utf-8-sig").splitlines(keepends=True)
    before = extracted(folder)
    columns = range(len(next(csv.reader(lines[:1]))))
    tags = ",".join("#affected+dead" if n == 11 else "#meta+id" if n % 2 else "" for n in columns)
    (folder / WHOLE).write_text("".join([lines[0], tags + "\n", *lines[1:]]), encoding="utf-8")
    after = extracted(folder)
    assert after.cells_read == before.cells_read and after.figures.drop(columns="source_ref").equals(
        before.figures.drop(columns="source_ref")
    )
