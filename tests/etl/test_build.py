"""The build: the same edition from the same inputs, and nothing at all when an imported row says what it must not say."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
import tomli_w

from corridors.problems import CheckFailed, SourceRefused
from corridors.store import editions
from corridors.store.queries import figures
from etl import corrections, pipeline
from etl.build import build, inputs_digest
from etl.corrections import StaleCorrection
from tests.sampling import ALL
from tests.small_data import DAY, THAILAND_2019, balance, rows_of, spoil, write_rows

NEXT_DAY = date(2026, 1, 2)
FROM_MYANMAR = {"iso3": "MYS", "partner_iso3": "MMR", "indicator_id": "refugees", "period_end": "2025-12-31"}


@pytest.fixture
def data(small, tmp_path) -> Path:
    """A copy of the small data that a test may spoil."""
    return Path(shutil.copytree(small / "data", tmp_path / "data"))


@pytest.fixture
def where(tmp_path, monkeypatch) -> Path:
    """A folder of editions of the test's own."""
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path / "editions"))
    return tmp_path / "editions"


@pytest.fixture
def first(small, where) -> str:
    """The id of the edition of the data as they were, built on DAY and published in the test's own folder."""
    shutil.copytree(small / "editions", where)
    return editions.current(where)


def refused(data: Path, where: Path, kind=CheckFailed) -> str:
    """The message of a build that is refused; nothing may be left of it."""
    before = sorted(p.name for p in where.iterdir()) if where.is_dir() else []
    with pytest.raises(kind) as refusal:
        build(data, where, NEXT_DAY)
    assert (sorted(p.name for p in where.iterdir()) if where.is_dir() else []) == before
    return str(refusal.value)


def rewrite(data: Path, source: str, change) -> None:
    """Passes an imported table's rows through `change`, which returns the new rows."""
    path = data / "sources" / source / "figures.csv"
    rows = rows_of(path)
    columns = list(rows[0])
    write_rows(path, change(rows), columns)


def differing_tables(one: Path, other: Path) -> dict[str, int]:
    """Tables of two editions whose rows differ, with how many; when the edition was built is left out."""
    connection = duckdb.connect()
    connection.execute(f"attach '{one}' as a (read_only); attach '{other}' as b (read_only)")
    tables = [
        t
        for (t,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'a' order by 1"
        ).fetchall()
    ]
    assert {"figure", "incident", "edition", "member", "regional_total", "coverage", "rejected_row"} <= set(tables)
    different = {}
    for table in tables:
        columns = "* exclude (built_at)" if table == "edition" else "*"
        rows = connection.execute(f"""
            select count(*) from (
                (select {columns} from a.{table} except all select {columns} from b.{table}) union all
                (select {columns} from b.{table} except all select {columns} from a.{table}))
            """).fetchone()[0]
        if rows:
            different[table] = rows
    connection.close()
    return different


def test_the_same_inputs_on_the_same_day_give_the_same_edition_anywhere(
    edition_id, editions_folder, data, where, first, tmp_path
):
    """Of all that is imported where everything is asked for, else of a few rows."""
    if ALL:
        data = pipeline.DATA
    else:
        editions_folder, edition_id = where, first
    again = build(data, tmp_path / "again", date.fromisoformat(edition_id[:10]))
    assert again.edition_id == edition_id and again.new
    both = [editions.path_of(edition_id, folder) for folder in (editions_folder, tmp_path / "again")]
    assert differing_tables(*both) == {}


def test_a_second_build_of_nothing_new_only_points_at_the_edition_that_is_there(data, where, first):
    path = editions.path_of(first, where)
    stamp = path.stat().st_mtime_ns
    other = build(data, where, NEXT_DAY)
    again = build(data, where, DAY)
    assert (other.new, again.new) == (True, False)
    assert again.edition_id == first == editions.current(where) and path.stat().st_mtime_ns == stamp


def test_an_edition_is_named_by_its_day_and_by_everything_that_decides_its_content(data, where):
    made = build(data, where, DAY)
    assert made.edition_id == f"2026-01-01-{inputs_digest(data)[:8]}" and made.new and made.changes.empty
    names = {inputs_digest(data)}
    spoil(data, "unhcr", FROM_MYANMAR, value="140239")
    names.add(inputs_digest(data))
    (data / "editorial" / "corrections.toml").write_text("# still none\n", encoding="utf-8")
    names.add(inputs_digest(data))
    balance(data, "unodc_cts", read=1)
    names.add(inputs_digest(data))
    assert len(names) == 4


def test_rows_that_say_what_they_must_not_stop_the_edition_and_are_all_named_at_once(data, where, first):

    def spoilt(rows: list[dict]) -> list[dict]:
        whole = {name: THAILAND_2019[name] for name in THAILAND_2019 if name != "period_end"}
        victims = [r for r in rows if all(r[name] == value for name, value in whole.items())]
        by_year = {r["period_end"][:4]: r for r in victims}
        by_year["2013"].update(value="-680")
        by_year["2014"].update(iso3="ZZZ")
        by_year["2015"].update(iso3="DEU")
        by_year["2016"].update(status="masked")
        by_year["2017"].update(value="")
        by_year["2018"].update(period_end="2031-12-31")
        by_year["2019"].update(lower="1", upper="4")
        by_year["2020"].update(status="zero")
        return [*rows, dict(by_year["2022"])]

    rewrite(data, "unodc_glotip", spoilt)
    balance(data, "unodc_glotip")
    text = refused(data, where)
    for named in (
        "no count is negative or endless: 1 offenders, first unodc_glotip, detected_victims, THA, 2013 (row",
        "places are known to the catalog: 1 offenders, first unodc_glotip, detected_victims, ZZZ, 2014 (row",
        "a member stands at one end of every figure: 2 offenders, first unodc_glotip, detected_victims",
        "DEU, 2015 (row",
        "a masked figure shows bounds and no value: 1 offenders, first unodc_glotip, detected_victims, THA, 2016 (row",
        "a zero is zero and a reported figure has a value: 2 offenders, first unodc_glotip, detected_victims, THA, 20",
        "no figure lies in the future: 1 offenders, first unodc_glotip, detected_victims, THA, 2031 (row",
        "a value lies inside its own bounds: ",
        "a series has one total a year: 1 offenders, first unodc_glotip, detected_victims, THA, 2022",
    ):
        assert named in text, (named, text)
    assert text.startswith("Nothing was published.") and editions.current(where) == first
    assert figures.edition(first)["edition_id"] == first


def test_words_that_the_house_does_not_know_are_named_with_their_row(data, where):
    spoil(data, "unodc_cts", {"iso3": "THA", "period_end": "2022-12-31"}, indicator_id="smuggling_offence")
    spoil(data, "unodc_glotip", THAILAND_2019, status="certain")
    spoil(data, "unhcr", FROM_MYANMAR, sex="both")
    text = refused(data, where)
    named = ("THA, 2022 (row", "smuggling_offence", "THA, 2019 (row", "certain", "MYS and MMR, 2025 (population", "both")
    assert all(each in text for each in named), text


def test_a_number_that_is_none_is_not_counted(data, where):
    spoil(data, "unodc_cts", {"iso3": "THA", "period_end": "2022-12-31"}, value="nan")
    spoil(data, "unodc_glotip", THAILAND_2019, value="inf")
    text = refused(data, where)
    assert "THA, 2022 (row" in text and "THA, 2019 (row" in text and "endless" in text


def test_tables_of_another_shape_are_refused_with_file_row_column_and_cure(data, where):
    spoil(data, "unodc_cts", {"iso3": "THA", "period_end": "2022-12-31"}, value="45 094")
    spoil(data, "unodc_glotip", THAILAND_2019, period_end="31/12/2019")
    path = data / "sources" / "unhcr" / "figures.csv"
    path.write_bytes(path.read_bytes()[:-30])
    sheet = data / "sources" / "iom_missing_migrants" / "figures.csv"
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("provider_label", "label", 1), encoding="utf-8")
    text = refused(data, where, SourceRefused)
    for named in (
        "data/sources/unodc_cts/figures.csv, column “value”, row ",
        "“45 094”",
        "column “period_end”, row ",
        "“31/12/2019”",
        "data/sources/unhcr/figures.csv, row ",
        "a line of ",
        "data/sources/iom_missing_migrants/figures.csv, column “provider_label”",
        "python -m etl extract",
    ):
        assert named in text, (named, text)


def test_imported_tables_that_are_none_are_refused_together(data, where):
    latin = "THA,,smuggling_offences,2012-01-01,2012-12-31,total,total,total,1,,,reported,row 9,Türkiye\n"
    tables = {source: data / "sources" / source / "figures.csv" for source in ("iom_missing_migrants", "unhcr", "unodc_cts")}
    tables["iom_missing_migrants"].write_bytes(b"")
    tables["unhcr"].write_bytes(b"<html><body>Sign in</body></html>")
    tables["unodc_cts"].write_bytes(tables["unodc_cts"].read_bytes() + latin.encode("latin-1"))
    lines = refused(data, where, SourceRefused).splitlines()
    for source, says in zip(tables, ("an empty file", "other columns (<html>", "not UTF-8")):
        assert any(f"data/sources/{source}/figures.csv" in line and says in line for line in lines), lines


def test_a_row_that_got_lost_on_its_way_stops_the_edition(data, where):
    rewrite(data, "unhcr", lambda rows: rows[:-1])
    text = refused(data, where)
    assert "cells read = kept + rejected + out of scope" in text and "unhcr: 306 read, 305 accounted for" in text


def test_every_source_accounts_for_every_cell_in_the_edition(data, where):
    left = data / "sources" / "unodc_glotip" / "rejected.csv"
    left.write_text(
        left.read_text(encoding="utf-8").replace("how_to_fix", "cure", 1), encoding="utf-8"
    )  # of an earlier version
    made = build(data, where, DAY)
    accounts = made.accounts.set_index("source_id")
    assert (accounts.cells_read == accounts.kept + accounts.rejected + accounts.out_of_scope).all()
    assert accounts.loc["unhcr"].kept == len(rows_of(data / "sources" / "unhcr" / "figures.csv"))
    incidents = rows_of(data / "sources" / "iom_missing_migrants" / "incidents.csv")
    assert accounts.loc["iom_missing_migrants"].kept == len(incidents)
    assert accounts.loc["unodc_glotip"].rejected == len(rows_of(left)) > 0
    assert list(accounts.index) == sorted(s.id for s in pipeline.sources())


@pytest.mark.parametrize(
    "gone", ["sources/unhcr/figures.csv", "sources/unodc_cts/card.toml", "sources/unodc_glotip/rejected.csv"]
)
def test_an_imported_table_or_card_that_is_gone_is_named_with_the_command_that_makes_it(data, where, gone):
    (data / gone).unlink()
    text = refused(data, where, SourceRefused)
    source = gone.split("/")[1]
    assert f"data/{gone}" in text and f"extract --from DIR {source}" in text


def test_a_source_that_fell_to_less_than_half_is_an_open_question_and_no_silent_loss(data, where, first):
    rewrite(data, "unhcr", lambda rows: rows[: len(rows) // 3])
    balance(data, "unhcr")
    made = build(data, where, NEXT_DAY)
    assert "no source fell by more than half since the last edition" in {check.name for check, _ in made.open_questions}


def correction(**entry) -> str:
    """An entry of corrections.toml."""
    return tomli_w.dumps({"corrections": [entry]})


VICTIMS = {"source": "unodc_glotip", "indicator": "detected_victims", "iso3": "THA", "year": 2019, "reason": "a slip"}


def test_a_right_correction_is_applied_logged_and_reaches_the_sums(data, where):
    of = {"source": "unhcr", "indicator": "refugees", "iso3": "MYS", "partner": "MMR", "year": 2025}
    entry = correction(**of, found=140238, corrected=140000, reason="announced by the publisher")
    (data / "editorial" / "corrections.toml").write_text(entry, encoding="utf-8")
    edition_id = build(data, where, DAY).edition_id
    row = figures.corridors(edition_id, "MYS", "refugees", "place").set_index("partner_iso3").loc["MMR"]
    assert (row.value, row.status) == (140000, "corrected")
    abroad = figures.corridors(edition_id, "MMR", "refugees", "partner").value.sum()
    totals = figures.abroad(edition_id, "MMR", "displacement").query("indicator_id == 'refugees'").set_index("year")
    assert totals.loc[2025].value == abroad
    (logged,) = figures.corrections(edition_id).to_dict("records")
    assert (logged["found"], logged["corrected"], logged["partner_iso3"]) == (140238, 140000, "MMR")
    assert logged["reason"] == "announced by the publisher"


def test_corrections_that_no_longer_fit_stop_the_build_and_are_all_named_with_the_cure(data, where):
    entries = [
        {"found": 1540, "corrected": 1541},
        {"found": 1541, "corrected": 1, "year": 1999},
        {"found": 3, "corrected": 1, "form": "sexual_exploitation", "year": 2021},
    ]
    (data / "editorial" / "corrections.toml").write_text(
        "".join(correction(**{**VICTIMS, **e}) for e in entries), encoding="utf-8"
    )
    text = refused(data, where, StaleCorrection)
    assert text.count("data/editorial/corrections.toml: found") == 3 and text.count("remove the entry") == 3
    assert "found 1541 for detected_victims, THA, 2019; expected 1540" in text
    assert "found no such figure for detected_victims, THA, 1999; expected 1541" in text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[[corrections]\n", "corrections.toml"),
        (correction(source="unhcr"), "indicator"),
        (correction(**VICTIMS, found="many", corrected=1), "column “found”: found 'many' (entry 1); expected a number"),
        (correction(**VICTIMS, found=1, value=3), "value"),
    ],
)
def test_a_correction_that_cannot_be_read_is_refused_by_name(tmp_path, content, says):
    (tmp_path / "corrections.toml").write_text(content, encoding="utf-8")
    with pytest.raises(StaleCorrection) as refusal:
        corrections.load(tmp_path / "corrections.toml")
    assert says in str(refusal.value) and "corrections.toml" in str(refusal.value)


def test_what_is_new_revised_or_withdrawn_since_the_edition_before_is_told(data, where, first):
    spoil(data, "unodc_glotip", THAILAND_2019, value="1542")
    rewrite(data, "unodc_cts", lambda rows: [r for r in rows if (r["iso3"], r["period_end"]) != ("THA", "2022-12-31")])
    new = dict.fromkeys(("sex", "age", "form"), "total") | {"iso3": "THA", "indicator_id": "smuggling_offences"}
    new |= {"period_start": "2012-01-01", "period_end": "2012-12-31", "value": "7", "status": "reported"}
    new |= {"source_ref": "row 9", "provider_label": "Smuggling of migrants (CTS)"}
    rewrite(data, "unodc_cts", lambda rows: [*rows, new])
    second = build(data, where, NEXT_DAY)
    kinds = second.changes.set_index(["source_id", "kind"]).figures.to_dict()
    assert kinds == {("unodc_cts", "new"): 1, ("unodc_cts", "withdrawn"): 1, ("unodc_glotip", "revised"): 1}
    told = figures.ask(second.edition_id, "from change order by kind").fillna("").to_dict("records")
    assert [(t["kind"], t["year"], t["before"], t["after"]) for t in told] == [
        ("new", 2012, "", "7"),
        ("revised", 2019, "1541", "1542"),
        ("withdrawn", 2022, "45094", ""),
    ]
    apart = figures.difference(first, second.edition_id).sort_values("kind")
    assert apart.kind.tolist() == ["new", "revised", "withdrawn"] and apart.year.tolist() == [2012, 2019, 2022]
    assert figures.edition(second.edition_id)["previous_id"] == first
    assert figures.changes(second.edition_id).figures.sum() == 3


def test_a_figure_that_becomes_masked_is_told_as_revised(data, where, first):
    spoil(data, "unodc_glotip", THAILAND_2019, value="", lower="1", upper="4", status="masked")
    second = build(data, where, NEXT_DAY)
    (row,) = figures.difference(first, second.edition_id).to_dict("records")
    assert figures.difference(second.edition_id, second.edition_id).empty
    assert (row["kind"], row["said_before"], row["said_after"]) == ("revised", "1541", "1–4")
