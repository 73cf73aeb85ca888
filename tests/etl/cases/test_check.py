"""Checking case files: what would let a wrong or a personal record in, or leave an official without how to fix it."""

import csv
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridors.problems import Refused
from corridors.store.cases import database
from etl.cases import format, kind, template
from etl.submissions import guard


def told(path, data) -> dict[str, str]:
    """Every fault by its code, as text."""
    return {fault.code: str(fault) for fault in kind.check(path, data).faults}


def test_a_good_file_has_no_fault_and_every_row_is_counted(case_file, data):
    report = kind.check(case_file({}, {}, {"citizenship": "", "weight": ""}), data)
    assert report.fine and not report.faults
    assert (report.rows_in, report.accepted, report.rejected) == (3, 3, 0)
    assert not (data / "private").exists(), "a check writes nothing at all"


CELLS = list(csv.DictReader(Path(__file__).with_name("cells_refused.csv").read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell['column']} {cell['written']}")
def test_a_wrong_cell_is_named_with_row_column_and_how_to_fix_it(case_file, data, cell):
    fault = told(case_file({}, {cell["column"]: cell["written"]}), data)[f"cell-{cell['column']}"]
    assert f"column “{cell['column']}”, row 3" in fault and cell["said"] in fault


ENDS = {"\r\n then \n": 3, "\n then \r\n": 1, "the last alone": 5, "\r then \n": 2}


@pytest.mark.parametrize("how, at", ENDS.items())
def test_lines_that_end_in_two_ways_are_all_read_and_it_is_said(case_file, data, how, at):
    path = case_file({}, {}, {}, {"citizenship": "LAO"}, {"citizenship": ""})
    lines = path.read_bytes().split(b"\r\n")[:-1]
    first, then = (b"\n", b"\r\n") if how.startswith("\n") else (b"\r" if how.startswith("\r ") else b"\r\n", b"\n")
    path.write_bytes(b"".join(line + (first if n < at else then) for n, line in enumerate(lines)))
    report = kind.check(path, data)
    assert report.fine and (report.rows_in, report.accepted) == (5, 5)
    assert [f.code for f in report.faults] == ["mixed-ends"] and f"first in row {at + 1}" in report.faults[0].found
    assert kind.accept(path, data).report.accepted == 5


def test_in_such_a_file_a_row_of_another_length_and_an_open_quotation_are_named(case_file, data):
    path = case_file({}, {}, {})
    content = path.read_bytes().replace(b"\r\n", b"\n", 1)
    path.write_bytes(content.replace(b"T-2,THA", b"T-2,THA,THA"))
    fault = told(path, data)["line"]
    assert "row 3" in fault and "18 cells" in fault and "expected 17 cells" in fault
    path.write_bytes(content.replace(b"T-2,THA", b'T-2,"THA'))
    with pytest.raises(Refused, match="quotation"):
        kind.check(path, data)


@pytest.mark.parametrize("above", [["Register of cases 2023"], ["Ministry, Division", "", "Printed 3 March 2024;x"]])
@pytest.mark.parametrize("separator", [",", ";"])
def test_titles_above_the_names_of_the_columns_are_passed_over_and_rows_keep_their_numbers(
    case_file, data, above, separator
):
    path = case_file({}, {"sex": "wimen"}, {})
    path.write_text("\n".join([*above, path.read_text(encoding="utf-8").replace(",", separator)]), encoding="utf-8")
    assert kind.recognises(path)
    said = told(path, data)
    assert f"{len(above)} row" in said["title-rows"] and f"row {len(above) + 3}" in said["cell-sex"]


def test_a_file_of_which_no_row_can_be_taken_is_told_why_and_not_to_send_it_again(case_file, data):
    assert set(told(case_file({"crime": ""}, {"crime": ""}), data)) == {"cell-crime"}
    assert "holds the names of the columns alone" in told(case_file(), data)["empty"]


@pytest.mark.parametrize("value", ["2024", " 2024 ", "2024.0", "\u00a02024", "২০২৪", "۲۰۲۴", "๒๐๒๔", "２０２４", "၂၀၂၄"])
def test_blanks_and_a_decimal_of_a_whole_number_are_no_fault(case_file, data, value):
    assert kind.check(
        case_file({"detected_year": value, "detected_month": "03", "sex": " Male", "citizenship": "mmr "}), data
    ).fine


@pytest.mark.parametrize(
    "record_id, words",
    [
        ("", "an empty cell"),
        ("somebody@example.org", "e-mail"),
        ("+66 81 000 0000", "telephone"),
        ("081-000-0000", "telephone"),
        ("Anna Example", "a name"),
        ("Example", "a name"),
        ("สมชาย", "a name"),
        ("MarySmith1", "a name"),
        ("mary.smith-01", "a name"),
        ("Somchai7", "a name"),
        ("P-1234567", "passports or identity cards"),
        ("AB/7654321", "passports or identity cards"),
        ("A7654321", "passports or identity cards"),
        ("1100700654321", "passports or identity cards"),
        ("900101-10-5000", "identity document"),
        ("1.23457E+12", "shortened"),
        ("x" * 70 + "1", "64 characters"),
        ("T-1 <script>", "signs other than"),
    ],
)
def test_a_record_id_that_may_tell_who_somebody_is_keeps_the_file_out_and_is_never_repeated(
    case_file, data, record_id, words
):
    report = kind.check(case_file(*[{}] * 300, {"record_id": record_id}), data)
    faults = [f for f in report.faults if words in f.found]
    assert faults and faults[0].code.endswith("record_id")
    if words not in ("an empty cell", "64 characters", "signs other than", "shortened"):
        assert faults[0].level == "error"
    everything = " ".join(str(f) for f in report.faults)
    assert not record_id or record_id not in everything


@pytest.mark.parametrize(
    "ids",
    [
        [f"R{n:07d}" for n in range(1, 40)],
        [f"R{n:07d}" for n in range(1234000, 1234040)],
        [f"{n:012d}" for n in range(40)],
        [f"2024{n:06d}" for n in range(40)],
        ["0f3a9c7e-1111-4222-8333-444455556666"],
        ["deadbeef", "beefdead"],
        ["TH/2024:17", "a_1", "REG-1234567", "Case12", "victim_7", "record-2024-17", "KHM1", "NRM_TH_3"],
        [f"T-{n:07d}" for n in range(1234000, 1234040)],
    ],
)
def test_numbers_of_a_register_are_not_taken_for_passports(case_file, data, ids):
    assert kind.check(case_file(*[{"record_id": i} for i in ids]), data).fine


def test_free_text_in_a_list_is_not_repeated_and_keeps_the_file_out(case_file, data):
    report = kind.check(case_file(*[{}] * 300, {"citizenship": "Anna Example"}), data)
    fault = next(f for f in report.faults if f.code == "cell-citizenship")
    assert fault.level == "error" and "Anna" not in str(fault) and "12 characters" in fault.found


def test_a_million_equal_faults_are_one_fault(case_file, data):
    path = case_file(*[{"citizenship": "XXQ"}] * 2000, {"citizenship": "XXY"})
    faults = [f for f in kind.check(path, data).faults if f.code == "cell-citizenship"]
    assert [f.found for f in faults] == ["“XXQ” in 2,000 rows (2, 3, 4 …)", "“XXY” in row 2,002"]


def test_few_wrong_rows_are_left_out_and_many_keep_the_file_out(case_file, data):
    few = kind.check(case_file(*[{}] * 199, {"detected_month": "13"}), data)
    many = kind.check(case_file(*[{}] * 9, {"detected_month": "13"}), data)
    assert few.fine and (few.rows_in, few.accepted, few.rejected) == (200, 199, 1)
    assert not many.fine and (many.rows_in, many.accepted, many.rejected) == (10, 9, 1)


def test_a_record_twice_in_a_file_is_named_and_another_state_may_use_the_same_pseudonym(case_file, data):
    twice = {"record_id": "T-1"}
    report = kind.check(case_file(twice, twice, {**twice, "report_state": "MYS"}), data)
    assert (report.accepted, report.rejected) == (2, 1)
    assert "in row 3" in next(f for f in report.faults if f.code == "repeated-record_id").found


def test_a_month_to_come_is_refused(case_file, data):
    today = date.today()
    row = {"detected_year": str(today.year), "detected_month": str(today.month)}
    assert kind.check(case_file(row), data).fine
    if today.month < 12:
        assert "future-detected_month" in told(case_file({**row, "detected_month": str(today.month + 1)}), data)


def test_smuggling_with_a_form_an_unknown_state_and_lost_zeros_are_warnings(case_file, data):
    path = case_file(
        {"crime": "smuggling"}, {"report_state": ""}, {"detected_year": ""}, {"record_id": "007"}, {"record_id": "12"}
    )
    report = kind.check(path, data)
    codes = {"form-form", "no_state-report_state", "no_year-detected_year", "zeros-record_id"}
    assert report.fine and {f.code for f in report.faults} == codes


def test_a_column_too_many_is_refused_and_a_column_too_few_is_said(case_file, data):
    path = case_file({"notes": "met at the market"}, columns=(*format.COLUMNS, "notes"))
    assert "“notes”" in told(path, data)["column"] and not kind.check(path, data).fine
    less = case_file({}, columns=[c for c in format.COLUMNS if c != "control"])
    assert kind.check(less, data).fine and "no column control" in told(less, data)["column"]
    with pytest.raises(Refused, match="crime"):
        kind.check(case_file({}, columns=[c for c in format.COLUMNS if c != "crime"]), data)


def test_broken_lines_are_counted_and_the_rows_after_them_keep_their_number(case_file, data):
    path = case_file({}, {}, {"citizenship": "XXQ"})
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text(
        "\n".join([lines[0], lines[1], "T-9,THA", lines[2], lines[3], "T-8" + ",x" * 20]) + "\n", encoding="utf-8"
    )
    report = kind.check(path, data)
    assert (report.rows_in, report.accepted, report.rejected) == (5, 2, 3)
    faults = {f.found.split(" in row")[0]: f.cell for f in report.faults}
    assert faults["“XXQ”"] == "row 5, column citizenship"
    assert faults["fewer cells than the header"] == "row 3" and faults["more cells than the header"] == "row 6"


def test_a_quotation_that_is_never_closed_keeps_the_file_out_because_rows_are_lost_in_it(case_file, data):
    path = case_file(*[{}] * 500)
    path.write_text(path.read_text(encoding="utf-8").replace("T-490,", '"T-490,'), encoding="utf-8")
    fault = next(f for f in kind.check(path, data).errors)
    assert "never closed" in fault.found and fault.cell == "row 491"


def test_a_guess_about_the_encoding_repeats_nothing_of_the_file(case_file, data):
    path = case_file({"record_id": "HIDDEN-1", "citizenship": "é"})
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    faults = " ".join(str(f) for f in kind.check(path, data).faults)
    assert "Windows-1252" in faults and "HIDDEN" not in faults and "IDDEN" not in faults


@pytest.mark.parametrize("encoding, separator", [("utf-8-sig", ";"), ("utf-16", "\t"), ("cp1252", ","), ("utf-8", "|")])
def test_other_encodings_and_separators_are_read(case_file, data, encoding, separator):
    path = case_file({"citizenship": ""}, {})
    path.write_text(path.read_text(encoding="utf-8").replace(",", separator), encoding=encoding)
    assert kind.recognises(path)
    report = kind.check(path, data)
    assert report.fine and report.accepted == 2


def test_parquet_and_a_workbook_are_judged_as_a_csv_is(case_file, data, tmp_path):
    path = case_file({}, {"citizenship": "XXQ"}, {"record_id": "T-1"})
    frame = pd.read_csv(path, keep_default_na=False)
    frame["detected_month"] = frame["detected_month"].astype(float)
    frame.loc[0, "detected_month"] = float("nan")
    import duckdb

    duckdb.from_df(frame).write_parquet(str(tmp_path / "cases.parquet"))
    with pd.ExcelWriter(tmp_path / "cases.xlsx", engine="openpyxl") as book:
        frame.to_excel(book, sheet_name="Cases", index=False)
    reports = [kind.check(tmp_path / name, data) for name in ("cases.csv", "cases.parquet", "cases.xlsx")]
    assert all(kind.recognises(r.path) for r in reports)
    assert {(r.rows_in, r.accepted, r.rejected) for r in reports} == {(3, 1, 2)}
    cells = [next(f.cell for f in r.faults if f.code == "cell-citizenship") for r in reports]
    assert cells == ["row 3, column citizenship", "row 2, column citizenship", "E3"]


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_digits_of_every_script_are_read_in_every_form(case_file, data, tmp_path, form):
    scripts = "๐໐၀០०০௦٠۰෦０༠᠐੦૦౦೦൦᭐"  # of the members' languages, and full-width
    columns = {"detected_year": "2023", "detected_month": "11", "weight": "7", "age_band": "18-29"}
    other = [
        {c: "".join(chr(ord(zero) + int(d)) if d.isdigit() else d for d in text) for c, text in columns.items()}
        for zero in scripts
    ]
    path = case_file(*other)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    if form == "parquet":
        path = tmp_path / "cases.parquet"
        frame.to_parquet(path)
    elif form == "xlsx":
        path = tmp_path / "cases.xlsx"
        frame.to_excel(path, index=False, engine="xlsxwriter")
    report = kind.check(path, data)
    assert report.fine and report.accepted == len(scripts), [str(f) for f in report.faults]
    assert f"{len(scripts)} rows for {7 * len(scripts)} persons, 2023" in report.facts


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"PK\x03\x04 cut", b"PAR1 record_id PAR1", b"MZ\x90\x00" * 50, b"a,b\n1,2\n"]
)
def test_what_is_no_case_file_is_refused_by_name(tmp_path, data, content):
    path = tmp_path / "cases.csv"
    path.write_bytes(content)
    with pytest.raises(Refused, match="cases.csv"):
        kind.check(path, data)


def test_the_template_is_recognised_and_holds_every_column_and_list(tmp_path, data):
    for name in ("t.csv", "t.xlsx"):
        path = template.write(tmp_path / name)
        assert kind.recognises(path)
        assert [f.code for f in kind.check(path, data).faults] == ["empty"]
    with pytest.raises(Refused):
        template.write(tmp_path / "t.pdf")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({c: st.text(max_size=12) for c in format.COLUMNS}), max_size=6))
def test_whatever_stands_in_the_cells_rows_in_are_accepted_and_rejected(case_file, data, rows):
    rows = [{k: v.replace("\0", "") for k, v in row.items()} for row in rows]
    report = kind.check(case_file(*rows), data)
    assert report.rows_in == report.accepted + report.rejected <= len(rows)
    assert report.rejected == 0 or report.faults


def test_the_app_never_sees_the_private_database():
    from tests.test_architecture import imported, python_files

    for file in python_files(
        "corridors.ui", "corridors.views", "pages", "dashboard", "corridors.export", "corridors.web.app", "corridors.charts"
    ):
        assert not {n for n in imported(file) if n.startswith(("corridors.store.cases",))}, file
    assert database.path_of.__module__ == "corridors.store.cases.database"


def test_a_column_by_another_name_is_to_be_renamed_before_it_is_to_be_deleted(data, tmp_path):
    path = tmp_path / "office.csv"
    path.write_text("record_id,year,country,crime\nA1,2023,THA,trafficking\n", encoding="utf-8")
    with pytest.raises(Refused) as refused:
        kind.check(path, data)
    said = str(refused.value)
    assert "the column “year”" in said and "give it that name: report_state, detected_year" in said
    assert "Else delete it" in said


@pytest.mark.parametrize(
    "page, place, sex",
    [
        *(("cp874", "เมียนมา", "ชาย"), ("cp932", "ミャンマー", "男"), ("gb18030", "缅甸", "男")),
        *(("cp1256", "ميانمار", "ذكر"), ("big5", "緬甸", "女"), ("cp949", "미얀마", "남성")),
    ],
)
def test_a_code_page_is_known_by_the_words_of_its_language_and_asked_about(case_file, data, monkeypatch, page, place, sex):
    path = case_file(*[{"citizenship": place, "sex": sex}] * 3)
    path.write_bytes(path.read_text(encoding="utf-8").encode(page))
    asked, *rest = kind.check(path, data).errors
    assert asked.code == "guessed" and f"check it with --code-page {page}" in asked.how_to_fix and "sample" not in str(asked)
    assert "Did you mean MMR (Myanmar)?" in {fault.how_to_fix for fault in rest}
    monkeypatch.setattr(guard, "said_code_page", page)
    assert [f.code for f in kind.check(path, data).errors] == ["cell-citizenship", "cell-sex"]


@pytest.mark.parametrize("word", ["Total", "GRAND TOTAL", "Sub-total", "รวม", "合计", "Jumlah"])
def test_a_row_of_totals_is_named_as_what_it_is(case_file, data, word):
    fault = told(case_file(*[{}] * 5, {"record_id": word}), data)["id-record_id"]
    assert "a row of totals in row 7" in fault and "leave the row out" in fault


def test_the_columns_of_a_case_file_are_those_that_records_are_kept_in(tmp_path):
    sql = (Path(database.__file__).parent.parent / "schema" / "private_records.sql").read_text(encoding="utf-8")
    kept = re.search(r"create table if not exists case_record \((.*?)\n\);", sql, re.S)[1]
    columns = re.findall(r"(\w+) (?:varchar|usmallint|utinyint|uinteger)", re.sub(r"--.*", "", kept))
    own = ["dataset_id", "batch_id", "record_key"]
    assert [c for c in columns if c not in own] == [c for c in format.COLUMNS if c != "record_id"]
