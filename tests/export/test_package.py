"""The data package: read back by the libraries of the field, the same as the edition, the same bytes each time, nothing above its label."""

import dataclasses
import gzip
import hashlib
import io
import json
import re
import zipfile
from datetime import date

import pandas as pd
import pytest
from frictionless import Package
from pysdmx.io import get_datasets
from pysdmx.model import Role
from typer.testing import CliRunner

from corridors import catalog
from corridors.export import __main__ as command_line
from corridors.export import package, sdmx
from corridors.store import labels
from corridors.store.queries import open_data


@pytest.fixture(scope="module")
def folder(edition_id, tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    for name, data in package.files(labels.keyed(edition_id, "CLEAR")):
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def described(folder):
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def test_frictionless_finds_no_fault_in_descriptor_or_rows(folder):
    found = Package(str(folder / "datapackage.json"))
    assert {r.name for r in found.resources} >= {
        "figures",
        "incidents",
        "routes",
        "evidence",
        "actions",
        "codes",
        "figures-parquet",
    }
    report = found.validate(limit_rows=3000)  # each of the 200,000 figures takes it as long as a test may
    assert report.valid, [error.message for task in report.tasks for error in task.errors][:5]
    assert sum(task.stats["rows"] for task in report.tasks if task.stats.get("rows")) > 6000


def test_every_row_of_the_edition_is_in_both_forms_and_masked_zero_and_missing_stay_apart(edition_id, folder):
    rows = open_data.whole(labels.keyed(edition_id, "CLEAR"), "figures").set_index("figure_id")
    numbers, texts = ["value", "lower", "upper"], ["status", "unit", "publisher", "use_level", "use_sum", "grade", "tlp"]
    kept, blank = ["figure_id", "caveats", *numbers, *texts], dict.fromkeys(numbers, [""])
    read = pd.read_csv(folder / "figures.csv.gz", usecols=kept, keep_default_na=False, na_values=blank)
    read = read.set_index("figure_id").loc[rows.index]
    parquet = pd.read_parquet(folder / "figures.parquet").set_index("figure_id").loc[rows.index]
    for column in ("value", "lower", "upper"):
        pd.testing.assert_series_equal(read[column].astype(float), rows[column])
        pd.testing.assert_series_equal(parquet[column], rows[column])
    for column in texts:
        assert (read[column] == rows[column]).all() and (parquet[column] == rows[column]).all()
    assert (read.caveats == rows.caveats.map("|".join)).all() and (parquet.caveats.map(list) == rows.caveats.map(list)).all()
    masked = read[read.status == "masked"]
    assert len(masked) and masked.value.isna().all() and masked.upper.notna().all()
    assert (read[read.status == "zero"].value == 0).all() and set(read.status) >= {"reported", "masked"}


def test_every_column_says_what_it_is_and_codes_units_licences_and_citations_are_there(described, folder):
    for resource in described["resources"]:
        for field in resource.get("schema", {}).get("fields", []):
            assert field["description"] and field["type"], field
    figures = next(each for each in described["resources"] if each["name"] == "figures")
    fields = {field["name"]: field for field in figures["schema"]["fields"]}
    assert fields["use_sum"]["constraints"]["enum"] == ["yes", "no"] and "unit" in fields
    assert all(each["license"] and each["citation"] and each["path"].startswith("http") for each in described["sources"])
    codes = pd.read_csv(folder / "codes.csv", keep_default_na=False)
    rows = pd.read_parquet(folder / "figures.parquet")
    for column in ("status", "grade", "tlp", "sex", "age", "form", "use_level", "use_trend", "use_compare", "use_sum"):
        assert set(rows[column].str.replace(r" \d{4}$", "", regex=True)) <= set(codes[codes.column == column].code), column


def test_checksums_are_those_of_the_files_in_every_description(described, folder):
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert set(sums) == {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    assert all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest for name, digest in sums.items())
    assert {each["path"]: each["hash"] for each in described["resources"]} == {
        name: f"sha256:{digest}"
        for name, digest in sums.items()
        if ".csv" in name or ".parquet" in name or name == "sdmx-structure.json"
    }
    dcat, croissant = (json.loads((folder / name).read_text(encoding="utf-8")) for name in ("dcat.jsonld", "croissant.json"))
    for one in dcat["dcat:distribution"]:
        assert one["spdx:checksum"]["spdx:checksumValue"] == sums[one["dcat:downloadURL"]]
    files = {one["@id"]: one["sha256"] for one in croissant["distribution"]}
    assert all(sums[name] == digest for name, digest in files.items())
    for records in croissant["recordSet"]:  # each column that is described is one of the file
        columns = pd.read_parquet(folder / f"{records['name']}.parquet").columns
        assert [field["source"]["extract"]["column"] for field in records["field"]] == list(columns)


@pytest.fixture(scope="module")
def observations(folder):
    """The figures as pysdmx reads them with their structure, which it holds against SDMX's own schema first."""
    data = gzip.decompress((folder / "sdmx-figures.csv.gz").read_bytes()).decode()
    (read,) = get_datasets(data, (folder / "sdmx-structure.json").read_text(encoding="utf-8"), validate=True)
    return read


def test_sdmx_holds_every_figure_once_by_its_dimensions_and_each_code_is_in_its_list(edition_id, observations, described):
    rows = open_data.whole(labels.keyed(edition_id, "CLEAR"), "figures").set_index("figure_id")
    parts, read = observations.structure.components, observations.data
    assert len(read) == len(rows) and set(read.FIGURE_ID) == set(rows.index)
    assert {part.id for part in parts} == set(read.columns)
    assert not read.duplicated([part.id for part in parts if part.role == Role.DIMENSION]).any()
    assert observations.short_urn == f"Dataflow=CORRIDORS:FIGURES({re.sub('-0?', '.', described['created'][:10])})"
    coded = {part.id: [code.id for code in part.enumeration] for part in parts if part.enumeration}
    assert {"REF_AREA", "INDICATOR", "SEX", "AGE", "STATUS", "OBS_STATUS", "USE_LEVEL", "USE_TREND", "USE_SUM"} <= set(coded)
    for name, codes in coded.items():
        assert set(read[name]) <= set(codes) and len(codes) == len(set(codes)), name
    assert all(code.name for part in parts if part.enumeration for code in part.enumeration)
    for part in parts:  # how pysdmx writes that something mandatory is not there
        assert not part.required or not (read[part.id].astype(str) == "#N/A").any(), part.id


def test_sdmx_says_of_each_figure_what_the_edition_says_and_masked_zero_and_missing_stay_apart(edition_id, observations):
    rows = open_data.whole(labels.keyed(edition_id, "CLEAR"), "figures").set_index("figure_id")
    read = observations.data.set_index("FIGURE_ID").loc[rows.index].set_index(rows.index)
    for name, column in (("OBS_VALUE", "value"), ("LOWER_BOUND", "lower"), ("UPPER_BOUND", "upper")):
        read[name] = read[name].astype(float)  # Arrow's own numbers tell NaN from nothing
        assert (read[name].fillna(-1) == rows[column].fillna(-1)).all(), name
    for column in ("publisher", "source", "status", "tlp", "grade"):
        assert (read[column.upper()] == rows[column]).all(), column
    for use in ("level", "trend", "compare", "sum"):
        assert (read[f"USE_{use.upper()}"] == rows[f"use_{use}"].str.replace(" ", "_")).all()
    assert (read.UNIT_MEASURE == rows.unit.str.replace(" ", "_")).all() and (read.REF_AREA == rows.place).all()
    assert (read.CAVEATS.fillna("") == rows.caveats.map("|".join)).all()
    assert (read.COUNTERPART_AREA == rows.other_end.fillna("_Z")).all()
    by_status = {status: of_status for status, of_status in read.groupby("STATUS")}
    assert set(by_status["masked"].OBS_STATUS) == {"Q"} and by_status["masked"].OBS_VALUE.isna().all()
    assert set(by_status["zero"].OBS_STATUS) == {"A"} and (by_status["zero"].OBS_VALUE == 0).all()
    assert set(by_status["not_reported"].OBS_STATUS) == {"O"} and by_status["not_reported"].UPPER_BOUND.isna().all()
    suppressed = read[read.OBS_STATUS == "Q"]  # also what is added up from masked parts
    assert suppressed.OBS_VALUE.isna().all() and suppressed.UPPER_BOUND.notna().all()
    assert read.OBS_VALUE.notna().equals(~read.OBS_STATUS.isin(["Q", "O"]))
    start, end = (pd.to_datetime(rows[column]) for column in ("period_start", "period_end"))
    years = (start.dt.strftime("%m-%d") == "01-01") & (end.dt.strftime("%m-%d") == "12-31") & (start.dt.year == end.dt.year)
    assert years.any() and (read.TIME_PERIOD[years] == end.dt.year.astype(str)[years]).all()


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2020-01-01", "2020-12-31", "2020"),
        ("2021-06-30", "2021-06-30", "2021-06-30"),
        ("2017-07-01", "2018-06-30", "2017-07-01/P1Y"),
        ("2015-01-01", "2019-12-31", "2015-01-01/P5Y"),
        ("2025-01-01", "2025-09-08", "2025-01-01/P251D"),
        ("2020-02-29", "2021-02-28", "2020-02-29/P366D"),
    ],
)
def test_a_period_is_written_as_sdmx_does(first, last, said):
    assert sdmx._period(*map(date.fromisoformat, (first, last))) == said


def test_every_status_of_ours_has_one_of_sdmx_and_every_value_a_code():
    covered = [ours for _, several in sdmx.OBS_STATUS.values() for ours in several]
    assert sorted(covered) == sorted(catalog.load().statuses)
    said = {"total": "_T", "18+": "Y_GE18", "0-17": "Y0T17", "AMBER+STRICT": "AMBER_STRICT", "since 2017": "since_2017"}
    said |= {"US dollars": "US_dollars", "": "_Z"}
    assert {each: sdmx.code_of(each) for each in said} == said


def few(monkeypatch, **columns):
    """Only the first figures and incidents, some columns with other words."""
    real, long = open_data.whole, ("figures", "incidents")
    select = {
        name: dataclasses.replace(open_data.TABLES[name], order=f"{open_data.TABLES[name].order} limit 5") for name in long
    }
    monkeypatch.setattr(open_data, "TABLES", open_data.TABLES | select)
    monkeypatch.setattr(open_data, "whole", lambda *asked: real(*asked).assign(**columns.get(asked[1], {})))


def test_the_same_edition_gives_the_same_bytes_and_the_download_holds_the_same_files(edition_id, folder, monkeypatch):
    assert sum(path.stat().st_size for path in folder.iterdir()) < 40_000_000
    few(monkeypatch)
    key = labels.keyed(edition_id, "CLEAR")
    once = package.zipped(key)
    assert once == package.zipped(key)
    with zipfile.ZipFile(io.BytesIO(once)) as archive:
        assert archive.testzip() is None and {name: archive.read(name) for name in archive.namelist()} == dict(
            package.files(key)
        )


def test_tags_of_hxl_stand_in_the_second_line_and_the_descriptor_passes_over_it(edition_id, tmp_path, monkeypatch):
    few(monkeypatch)
    files = dict(package.files(labels.keyed(edition_id, "CLEAR"), hxl=True))
    head, tags = files["figures.csv"].decode().splitlines()[:2]
    named = dict(zip(head.split(","), tags.split(",")))
    assert (
        named["value"] == "#indicator+value+num"
        and named["place"] == "#country+code"
        and named["use_sum"] == "#meta+use_sum"
    )
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    report = Package(str(tmp_path / "datapackage.json")).validate()
    assert report.valid and next(t for t in report.tasks if t.name == "figures").stats["rows"] == 5


def test_a_formula_is_text_in_a_csv_and_itself_in_parquet(edition_id, monkeypatch):
    few(monkeypatch, figures={"publishers_wording": "=1+1", "value": -10.0})
    files = dict(package.files(labels.keyed(edition_id, "CLEAR")))
    assert ",'=1+1," in files["figures.csv"].decode() and ",-10," in files["figures.csv"].decode()
    assert set(pd.read_parquet(io.BytesIO(files["figures.parquet"])).publishers_wording) == {"=1+1"}


def test_a_large_table_is_compressed_the_same_each_time():
    table = open_data.TABLES["members"]
    rows = pd.DataFrame({"member": [f"{n:03}" for n in range(300_000)], "name": "a member", "subregion": "somewhere"})
    one, again = (package._csv(table, rows, False) for _ in range(2))
    assert one.path == "members.csv.gz" and one.data == again.data
    assert gzip.decompress(one.data).count(b"\n") == 300_001


def test_the_command_writes_the_package_and_refuses_in_words(edition_id, tmp_path, monkeypatch):
    few(monkeypatch)
    said = CliRunner().invoke(command_line.app, ["data", "-o", str(tmp_path / "all"), "--hxl"])
    assert said.exit_code == 0 and "27 files in" in said.output and "TLP:CLEAR" in said.output
    assert "second line of each CSV but SDMX's" in (tmp_path / "all" / "README.txt").read_text(encoding="utf-8")
    (tmp_path / "file").touch()
    refused = CliRunner().invoke(command_line.app, ["data", "-o", str(tmp_path / "file")])
    assert refused.exit_code == 1 and "cannot be written" in str(refused.exception)
    assert "expected one of CLEAR" in str(
        CliRunner().invoke(command_line.app, ["data", "-o", "x", "--tlp", "RED"]).exception
    )
