"""The reader of World Bank indicators, on small files in both of the publisher's formats."""

from __future__ import annotations

import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from etl import series, world_bank
from etl.download import FetchPolicy
from etl.refresh import refresh
from etl.sources.world_bank import read as bank
from tests.etl import bank_answers
from tests.etl.publisher_server import Answer, running
from tests.etl.sources.reader import Reader, held, spoil
from tests.etl.sources.reader import by_year as told

READER = Reader("world_bank")
extracted, refusal = READER.extracted, READER.refusal

MANY, ONE = "worldDevelopmentIndicatorsSample.csv", "WDI_BX.TRF.PWKR.CD.DT_remittances_sample.csv"
POPULATION, GROWTH = "SP.POP.TOTL", "NY.GDP.PCAP.KD.ZG"


def answers(folder: Path, *codes: str) -> None:
    """An answer of the interface for each of `codes`: Thailand and the World in 2022 to 2024, one year unanswered."""
    for code in codes:
        rows = [
            bank_answers.row(code, "THA", year, value, "TH") for year, value in ((2024, None), (2023, 9.25), (2022, 9.5))
        ]
        bank_answers.write(folder, code, [bank_answers.row(code, "WLD", 2024, 3.5, "1W", "World"), *rows])


def test_every_printed_number_is_a_figure_or_out_of_scope_with_the_reason(folder):
    result = extracted(folder)
    assert result.cells_read == 11 + 26 and result.rejected.empty and len(result.figures) == 22
    assert result.out_of_scope == {
        series.OLD: 1,
        series.GROUP: 1 + 2,
        series.NO_MEMBER: 3 + 2,
        series.OTHER_SERIES: 2,
        bank.ELSEWHERE["CC.EST"]: 2,
        bank.ELSEWHERE["SM.POP.RHCR.EO"]: 2,
    }
    assert ("NRU", "2023") not in told(result, "inflation"), "two dots are no zero"
    assert ("THA", "2025") not in told(result, "remittances_received"), "nor is an empty cell"


def test_codes_of_former_times_lead_to_the_country_of_today(folder):
    assert told(extracted(folder), "population")[("TLS", "2023")] == 1_384_286
    codes = pd.Series(["TMP", "ZAR", "ROM", "ADO", "WBG", "KSV", "ANT"])
    found = world_bank.places(codes, pd.Series(range(7)), catalog.load(), "file.csv", "Country Code")
    assert found.tolist() == ["TLS", "COD", "ROU", "AND", "PSE", "XKX", ""]


def downloaded(folder: Path, code: str, ends: str = "\n", packed: bool = False) -> Path:
    """A series as the Bank's page hands it out, with a column without a name at the end; packed beside its metadata."""
    lines = [
        '"Data Source","World Development Indicators",',
        "",
        '"Last Updated Date","2025-06-05",',
        "",
        '"Country Name","Country Code","Indicator Name","Indicator Code","1999","2022","2023","2024",',
        f'"Thailand","THA","x","{code}","5","9.5","9.25","",',
        f'"World","WLD","x","{code}","5","3","3.5","3.75",',
        "",
    ]
    text, name = "\ufeff" + ends.join(lines), f"API_{code}_DS2_en_csv_v2_1234"
    if not packed:
        (folder / f"{name}.csv").write_bytes(text.encode())
        return folder / f"{name}.csv"
    with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
        archive.writestr(f"{name}.csv", text)
        archive.writestr(f"Metadata_Country_{name}.csv", '"Country Code","Region"\n"THA","x"\n')
        archive.writestr(f"Metadata_Indicator_{name}.csv", '"INDICATOR_CODE"\n"x"\n')
    return folder / f"{name}.zip"


@pytest.mark.parametrize("ends, packed", [("\n", False), ("\r\n", False), ("\n", True), ("\r\n", True)])
def test_the_download_of_the_publishers_page_gives_the_figures_of_the_interface(folder, tmp_path, ends, packed):
    interface = Path(shutil.copytree(folder, tmp_path / "interface"))
    rates = (GROWTH, "FP.CPI.TOTL.ZG", "SL.UEM.TOTL.ZS")
    answers(interface, *rates)
    for code in rates:
        downloaded(folder, code, ends, packed)
    one, other = extracted(folder), extracted(interface)
    assert told(one, "gdp_per_head_growth") == {("THA", "2023"): 9.25, ("THA", "2022"): 9.5}
    columns = ["iso3", "indicator_id", "period_end", "value"]
    pd.testing.assert_frame_equal(one.figures[columns], other.figures[columns])


def test_a_download_goes_before_tables_and_an_archive_without_its_table_is_named(folder):
    growth = downloaded(folder, GROWTH)
    assert told(extracted(folder), "gdp_per_head_growth") == {("THA", "2022"): 9.5, ("THA", "2023"): 9.25}
    growth.unlink()
    with zipfile.ZipFile(folder / f"API_{GROWTH}_DS2_en_csv_v2_9.zip", "w") as archive:
        archive.writestr("Metadata_Country.csv", "x\n")
    assert f"API_{GROWTH}_DS2_en_csv_v2_9.zip: found no CSV" in refusal(folder)


def test_a_modelled_rate_is_told_as_estimated_and_a_stock_on_one_day(folder):
    f = extracted(folder).figures
    assert set(f.loc[f["indicator_id"] == "unemployment_modelled", "status"]) == {"estimated"}
    (figure,) = f[(f["indicator_id"] == "population") & (f["value"] == 71_702_435)].itertuples()
    assert (figure.status, figure.period_start, figure.period_end) == ("estimated", "2023-07-01", "2023-07-01")
    (figure,) = f[(f["indicator_id"] == "inflation") & (f["value"] == 1.228)].itertuples()
    assert (figure.status, figure.period_start, figure.period_end) == ("reported", "2023-01-01", "2023-12-31")


def test_lines_above_the_table_a_byte_order_mark_and_a_new_column_do_not_hide_it(folder):
    before = extracted(folder).figures
    lines = (folder / MANY).read_text(encoding="utf-8").splitlines()
    lines = ["Database," + lines[0], *(f"WDI,{line}" for line in lines[1:])]
    (folder / MANY).write_text("\n".join(lines) + "\n", encoding="utf-8")
    pd.testing.assert_frame_equal(extracted(folder).figures, before)
    path = folder / ONE
    preamble = '\ufeff"Data Source","World Development Indicators",\n\n"Last Updated Date","2025-07-01",\n\n'
    path.write_text(preamble + path.read_text(encoding="utf-8"), encoding="utf-8")
    f = extracted(folder).figures
    assert told(extracted(folder), "remittances_received")[("THA", "2024")] == 9456168895.2896
    assert f.loc[(f["iso3"] == "THA") & (f["period_end"] == "2024-12-31"), "source_ref"].tolist() == ["row 7"]


def test_a_projection_is_cut_and_the_cut_is_told(folder):
    spoil(folder / ONE, "9456168895.28965,\n", "9456168895.28965,9900000000\n")
    assert ("THA", "2025") in told(extracted(folder), "remittances_received")  # over in 2026, and the file prints no date
    result = extracted(folder, latest=2025)
    assert ("THA", "2025") not in told(result, "remittances_received") and result.out_of_scope[series.PROJECTED] == 1
    assert "1 numbers of members for years after 2024 were cut: projections." in result.notes


def test_a_year_after_the_date_that_the_file_prints_is_cut(folder):
    spoil(folder / MANY, "06/05/2025", "06/05/2023")
    result = extracted(folder)
    assert set(told(result, "population")) == {("THA", "2022"), ("TLS", "2022")}
    assert result.out_of_scope[series.PROJECTED] == 8


def test_two_numbers_for_one_year_are_quarantined(folder):
    spoil(folder / MANY, "Romania,ROM", "Thailand,THA")
    result = extracted(folder)
    assert result.rejected["reason"].tolist() == [series.REPEATED] * 4 and ("THA", "2023") not in told(result, "population")
    assert result.rejected["found"].tolist()[0] == "THA 2022, SP.POP.TOTL: 71735329"


def test_an_answer_of_the_interface_goes_before_the_table_made_by_hand(folder):
    answers(folder, GROWTH)
    result = extracted(folder)
    assert told(result, "gdp_per_head_growth") == {("THA", "2022"): 9.5, ("THA", "2023"): 9.25}
    assert result.out_of_scope[bank.OTHER_FILE] == 4 and f"{GROWTH}.json" in [f.file for f in result.inputs]
    assert told(result, "inflation")[("THA", "2023")] == 1.228


def test_answers_alone_suffice_and_their_day_is_told(tmp_path):
    for code in bank.SERIES:
        value = 5_000_000 if code in (POPULATION, "BX.TRF.PWKR.CD.DT") else 5
        bank_answers.write(tmp_path, code, [bank_answers.row(code, "THA", 2024, value, "TH", "Thailand")])
    result = extracted(tmp_path)
    assert len(result.figures) == 5 and result.released == "2026-07-15"
    assert set(result.figures["source_ref"]) == {"answer row 1"} and set(result.figures["provider_label"]) == {"THA"}


def test_a_year_after_the_answers_own_update_is_cut(folder):
    code = GROWTH
    rows = [bank_answers.row(code, "THA", year, 3.5, "TH") for year in (2023, 2024, 2025)]
    bank_answers.write(folder, code, rows, lastupdated="2025-04-01")
    result = extracted(folder)
    assert set(told(result, "gdp_per_head_growth")) == {("THA", "2023"), ("THA", "2024")}
    assert result.out_of_scope[series.PROJECTED] == 1


def test_groups_that_an_answer_leaves_without_a_code_are_out_of_scope(folder):
    nameless = bank_answers.row(GROWTH, "", 2024, 3.0) | {"country": {"id": "Z4", "value": "East Asia & Pacific"}}
    bank_answers.write(folder, GROWTH, [nameless, bank_answers.row(GROWTH, "THA", 2024, 2.5, "TH")])
    result = extracted(folder)
    assert told(result, "gdp_per_head_growth") == {("THA", "2024"): 2.5} and result.out_of_scope[series.GROUP] == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"message":[{"id":"120","key":"Invalid value","value":"The value is not valid"}]}]', "Invalid value"),
        ('[{"page":0,"pages":0,"per_page":0,"total":0},null]', "0 of 0 rows"),
        ('{"error": "busy"}', "JSON of another shape"),
        ('[{"page":1,"pages":1,"total":1},[{"date":"2024"}]]', "row 1: found a row of another shape"),
        (bank_answers.text([bank_answers.row(GROWTH, "THA", 2024, 2.5, "TH")], pages=3, total=700), "page 1 of 3"),
        (bank_answers.text([bank_answers.row(GROWTH, "THA", 2024, 2.5, "TH")], total=2), "1 of 2 rows"),
        (bank_answers.text([bank_answers.row(GROWTH, "THA", 2024, None, "TH")]), "1 rows without a number"),
        (bank_answers.text([bank_answers.row("FP.CPI.TOTL.ZG", "THA", 2024, 2.5, "TH")]), "the series FP.CPI.TOTL.ZG"),
        (bank_answers.text([bank_answers.row(GROWTH, "THA", 2024, "about 2", "TH")]), "row 1: found “about 2”"),
        (bank_answers.text([bank_answers.row(GROWTH, "THX", 2024, 2.5, "TH")]), "unknown label “THX”"),
        (bank_answers.text([bank_answers.row(GROWTH, "THA", 2024, 2.5, "TH")])[:-9], "not complete JSON"),
        ("<html><body>503</body></html>", "a web page"),
        ("", "an empty file"),
    ],
)
def test_an_answer_that_is_none_is_refused_by_name(folder, text, said):
    (folder / f"{GROWTH}.json").write_text(text, encoding="utf-8")
    assert f"{GROWTH}.json" in (found := refusal(folder)) and said in found


def test_a_refresh_brings_answers_that_the_reader_understands(tmp_path):
    card = catalog.read_source(Path(bank.__file__).with_name("source.toml"))
    policy = FetchPolicy(per_second=100_000, now=lambda: datetime(2026, 9, 28, tzinfo=UTC))
    with running() as publisher:
        for download in card.downloads:
            code = download.file.removesuffix(".json")
            value = 8e6 if code in (POPULATION, "BX.TRF.PWKR.CD.DT") else 8
            body = bank_answers.text([bank_answers.row(code, "MMR", 2024, value, "MM", "Myanmar")]).encode()
            publisher.script[f"/v2/country/all/indicator/{code}"] = [Answer(body, type="application/json")]
        fetched = refresh([card], tmp_path, base=publisher.base, policy=policy)
        asked = [path for path, *_ in publisher.asked]
    assert [f.state for f in fetched] == ["new"] * 5 and all("format=json" in path and "per_page=" in path for path in asked)
    assert set(extracted(tmp_path / "world_bank").figures["indicator_id"]) == {s.indicator_id for s in bank.SERIES.values()}


def test_every_series_without_a_file_is_named_with_the_command_that_fetches_it(folder):
    (folder / MANY).unlink()
    text = refusal(folder)
    assert POPULATION in text and GROWTH in text and "BX.TRF" not in text.replace("WDI_BX.TRF", "")
    assert "etl refresh world_bank" in text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Country Code", "Code", "column “Country Code”"),
        ("Series Code", "Series", "column “Series Code or Indicator Code”"),
        ("2022 [YR2022],2023 [YR2023]", "first,second", "unused columns: Series Name, Series Code, first, second"),
        ("Romania,ROM", "Thailand,THX", "column “Country Code”, row 13: found unknown label “THX” (2 rows)"),
        ("71735329", "about 71 million", "column “2022 [YR2022]”, row 5: found “about 71 million”"),
        ("0.94,0.733", '"0,94",0.733', "column “2022 [YR2022]”, row 4: found “0,94”"),
        ("0.94,0.733", "0,94,0,733", "row 4: found a line with more cells (8) than the header"),
        (",6.07741228434321,1.22802623546169", "", "row 3: found a line with fewer cells (4) than the header"),
        (",0.94,0.733", ",940,733", "row 4: found 940 in the series SL.UEM.TOTL.ZS; expected numbers from 0 to 100"),
        ("6.07741228434321", "inf", "row 3: found “inf”"),
        ("Timor-Leste,TMP,GDP", "Timor-Leste,,GDP", "row 8: found numbers without a country code"),
        ("[YR2022],2023 [YR2023]", "[YR2022],1800 [YR1800]", "found “1800”; expected a year from 1900 to 2150"),
    ],
)
def test_a_table_that_lost_or_changed_a_part_is_refused_by_name(folder, old, new, said):
    spoil(folder / MANY, old, new)
    text = refusal(folder)
    assert MANY in text and said in text


def test_text_after_a_closing_quotation_mark_is_refused(folder):
    spoil(folder / ONE, '"Personal', '"Personal"x')
    assert ONE in (text := refusal(folder)) and "expected after" in text


def test_shares_where_per_cent_stood_are_refused(folder):
    for old, new in (("0.94,0.733", "0.0094,0.00733"), ("1.537,1.521", "0.01537,0.01521")):
        spoil(folder / MANY, old, new)
    assert "nothing above 1 in the series SL.UEM.TOTL.ZS" in refusal(folder)


def test_the_card_asks_the_interface_for_every_series_that_is_read():
    card = catalog.read_source(Path(bank.__file__).with_name("source.toml"))
    assert {d.file for d in card.downloads} == {f"{code}.json" for code in bank.SERIES}
    assert all(d.kind == "file" and d.file.removesuffix(".json") in d.url for d in card.downloads)


def test_every_member_has_its_population_in_every_year():
    f = held("world_bank").query("indicator_id == 'population'")
    years = {str(year) for year in range(2004, 2024)}
    assert set(zip(f["iso3"], f["period_end"].str[:4])) == {(m, year) for m in catalog.load().members for year in years}
