"""An edition opened up to a label: what lies above it is neither returned nor counted, whatever a query asks."""

import dataclasses
import io
import shutil
import threading
from functools import cache

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.catalog import tlp
from corridors.export import package
from corridors.store import editions, labels
from corridors.store.queries import actions, briefings, figures, open_data, routes
from etl import checks
from tests.planted import EDITION, MARKS

PLANTED = ".*(zqx|CHILDMARK|PURPLEMARK).*"
CEILINGS = tlp.LABELS[:-1]


@pytest.fixture(scope="module")
def planted(planted_folder):
    """A copy of the edition with rows of every label in it; reads come from its folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORRIDORS_EDITIONS", str(planted_folder))
        patch.setattr(figures, "TIMEOUT", 60.0)  # every row of every table is read, perhaps on a busy machine
        yield EDITION


@cache
def everything(key: str) -> str:
    """All planted rows that any table or view of an edition gives, as text."""
    names = figures.ask(
        key,
        """
        select table_name as name from duckdb_tables() where database_name = current_database()
        union select view_name from duckdb_views() where not internal and database_name = current_database()""",
    ).name
    names = names[
        ~names.isin(["figure", "figure_annotated"])
    ]  # half a million rows, none of them planted: a check holds them CLEAR
    return "\n".join(
        figures.ask(key, f'from "{name}" as r where r::varchar similar to $planted', {"planted": PLANTED}).to_csv()
        for name in names
    )


@pytest.mark.parametrize("ceiling", CEILINGS)
def test_no_table_or_view_of_an_edition_holds_a_mark_above_the_viewers_ceiling(planted, ceiling):
    text = everything(labels.keyed(planted, ceiling))
    for label in tlp.LABELS:
        seen = [mark for mark in MARKS[label] if mark in text]
        assert seen == (MARKS[label] if label in tlp.allowed(ceiling) else []), label


def test_red_is_read_by_nobody_not_even_without_a_ceiling_or_with_one_of_red(planted):
    for key in (planted, labels.keyed(planted, "RED")):
        text = everything(key)
        assert not [mark for mark in MARKS["RED"] if mark in text] and MARKS["AMBER+STRICT"][0] in text


def test_a_label_that_nobody_knows_counts_as_amber_strict(planted):
    sees = {c: "PURPLEMARK" in everything(labels.keyed(planted, c)) for c in CEILINGS}
    assert sees == {"CLEAR": False, "GREEN": False, "AMBER": False, "AMBER+STRICT": True}


def test_what_hangs_on_a_hidden_row_is_hidden_with_it_even_where_its_own_label_is_wider(planted):
    """A CLEAR step of an AMBER plan, a leg of an AMBER route, a cell of an AMBER data set would each tell of it."""
    for ceiling, told in (("GREEN", False), ("AMBER", True)):
        text = everything(labels.keyed(planted, ceiling))
        assert ("CHILDMARK" in text) is told, ceiling
        legs = routes.legs(labels.keyed(planted, ceiling))
        assert ("ZAMBER" in set(legs.route_id)) is told


def test_counts_named_queries_and_search_know_no_more_than_the_rows(planted):
    counted = {}
    for ceiling in CEILINGS:
        key = labels.keyed(planted, ceiling)
        counted[ceiling] = (
            len(briefings.figures(key, "THA")),
            len(actions.plans(key)),
            len(routes.routes(key)),
        )
        assert int(figures.ask(key, "select count(*) as n from investigation_plan").n[0]) == counted[ceiling][1]
        assert set(actions.plans(key).tlp) <= {*tlp.allowed(ceiling)}
    assert counted["CLEAR"] < counted["GREEN"] < counted["AMBER"] < counted["AMBER+STRICT"]


def test_an_edition_without_restricted_rows_is_one_file_under_four_names(edition_id, editions_folder):
    files = editions.files_of(edition_id, editions_folder)
    assert len(files) == len(CEILINGS) and len({editions.checksum_of(path) for path in files}) == 1, (
        "imported data is all CLEAR"
    )


@pytest.mark.parametrize("ceiling", CEILINGS)
def test_no_byte_above_a_label_is_in_the_file_of_that_label(planted, ceiling):
    """Not even between the rows: what was deleted from a database stays in its blocks, so each file is written afresh."""
    raw = editions.path_of(planted, ceiling=ceiling).read_bytes()
    with duckdb.connect(editions.path_of(planted, ceiling=ceiling), read_only=True, config=labels.LOCKED) as connection:
        for table in labels._labelled(connection):
            found = {row[0] for row in connection.execute(f'select distinct tlp from "{table}"').fetchall()}
            assert found <= {*tlp.allowed(ceiling), "PURPLE"} and ("PURPLE" not in found or ceiling == labels.HIGHEST), table
    above = [word for label in tlp.LABELS if label not in tlp.allowed(ceiling) for word in MARKS[label]]
    assert not [word for word in above if word.encode() in raw]


def test_every_table_that_bears_labels_has_a_row_of_every_label_planted_or_is_held_clear(
    planted, edition_id, editions_folder
):
    """A table that nobody planted a row in would not be tested by anything here."""
    held_clear = {"figure", "source"}  # checks stop an edition in which one is restricted
    with duckdb.connect(editions.path_of(planted), read_only=True, config=labels.LOCKED) as connection:
        for table in set(labels._labelled(connection)) - held_clear:
            found = {row[0] for row in connection.execute(f'select distinct tlp from "{table}"').fetchall()}
            assert set(tlp.LABELS[1:-1]) <= found, (table, found)


def test_a_file_with_more_in_it_than_its_name_says_is_not_read(planted, tmp_path, monkeypatch):
    shutil.copytree(editions.folder(), tmp_path / "swapped")
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path / "swapped"))
    green = editions.path_of(planted, ceiling="GREEN")
    (tmp_path / "swapped" / f"{planted}{editions.CHECKSUM}").unlink()
    green.unlink()
    with pytest.raises(editions.UnknownEdition, match="no file for TLP:GREEN"):
        figures.ask(labels.keyed(planted, "GREEN"), "from route")
    shutil.copy(editions.path_of(planted), green)
    with pytest.raises(figures.OtherShape, match="up to TLP:AMBER.STRICT and was to be read up to TLP:GREEN"):
        figures.ask(labels.keyed(planted, "GREEN"), "from route")


def test_viewers_of_different_ceilings_asking_at_once_never_get_each_others_rows(planted):
    wrong = []

    def ask(ceiling):
        for _ in range(15):
            seen = set(figures.ask(labels.keyed(planted, ceiling), "select distinct tlp from route_evidence").tlp) - {
                "PURPLE"
            }
            if seen != set(tlp.allowed(ceiling)):
                wrong.append((ceiling, seen))

    threads = [threading.Thread(target=ask, args=(c,)) for c in CEILINGS * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_restricted_connection_is_as_locked_as_any_other(planted, tmp_path):
    key = labels.keyed(planted, "GREEN")
    target = tmp_path / "out.csv"
    for escape in (
        "set lock_configuration = false",
        f"copy (select 1) to '{target}'",
        f"attach '{tmp_path / 'x.duckdb'}'",
        f"from read_csv('{target}')",
        "set enable_external_access = true",
    ):
        with pytest.raises(duckdb.Error):
            figures.ask(key, escape)
    assert not target.exists()


def test_a_question_that_fails_does_not_spoil_the_next_one(planted):
    key = labels.keyed(planted, "GREEN")
    for _ in range(3):
        with pytest.raises(figures.OtherShape):
            figures.ask(key, "select nothing_of_this_name from route")
        assert "RED" not in set(figures.ask(key, "from route_evidence").tlp)


def test_where_visitors_sign_in_a_query_without_a_ceiling_gets_what_everybody_may_see(planted):
    labels.unnamed_means("CLEAR")
    try:
        assert set(figures.ask(planted, "from route_evidence").tlp) == {"CLEAR"}
    finally:
        labels.unnamed_means(labels.HIGHEST)


def test_labels_of_all_rows_read_are_collected_for_the_mark_of_the_page(planted):
    key = labels.keyed(planted, "AMBER")
    with labels.labels_read() as seen:
        briefings.figures(key, "THA")
        with labels.labels_read() as inner:
            figures.ask(key, "select 1 as n")
    assert "AMBER" in seen and not inner
    with labels.labels_read() as seen:  # a count says no label, and may still rest on what has one
        figures.ask(key, "select count(*) as n from briefing_annotated")
    assert seen == {"AMBER"}


@given(st.text(max_size=40))
def test_no_name_of_an_edition_however_odd_opens_more_than_the_widest_ceiling(text):
    own_id, ceiling = labels.split(text)
    assert ceiling in CEILINGS and labels.SIGN not in own_id
    assert labels.plain(labels.keyed(text, "GREEN")) == own_id
    if labels.SIGN in text and text.partition("@")[2] not in tlp.LABELS:
        assert ceiling == "CLEAR"


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("figure", "every figure and every source may be shared publicly"),
        ("source", "every figure and every source may be shared publicly"),
        ("route_evidence", "what is listed as a conflict may be shared publicly"),
    ],
)
def test_a_restricted_row_that_sums_and_lists_are_worked_out_from_stops_the_edition_with_a_cure(
    edition_id, editions_folder, tmp_path, table, name
):
    copy = tmp_path / "draft.duckdb"
    shutil.copy(editions.path_of(edition_id, editions_folder), copy)
    copy.chmod(0o644)
    check = next(c for c in checks.CHECKS if c.name == name)
    with duckdb.connect(copy) as connection:
        assert check.must and not connection.execute(check.sql).fetchall()
        asked = ", 'a question' as conflict" if table == "route_evidence" else ""
        key = {"figure": "figure_id", "source": "source_id", "route_evidence": "evidence_id"}[table]
        connection.execute(f"create or replace temp view shown as select min({key}) as key from {table}")
        connection.execute(
            f"create temp table changed as select * replace ('AMBER' as tlp{asked}) from {table} where {key} = (select key from shown)"
        )
        connection.execute(f"create or replace temp view {table} as select * from changed")
        said = [row[0] for row in connection.execute(check.sql).fetchall()]
    assert len(said) >= 1 and "AMBER" in said[0] and ("briefing" in said[0] or "data/editorial/routes" in said[0])


def test_nothing_above_the_ceiling_is_in_any_file_of_a_data_package_and_its_label_stands_in_all_descriptions(
    planted, monkeypatch
):
    for name in ("figures", "incidents"):  # none of them planted, and long
        table = open_data.TABLES[name]
        monkeypatch.setitem(open_data.TABLES, name, dataclasses.replace(table, order=f"{table.order} limit 5"))
    seen = {}
    for ceiling in ("CLEAR", "AMBER"):
        files = dict(package.files(labels.keyed(planted, ceiling)))
        text = b"".join(data for name, data in files.items() if not name.endswith(".parquet")).decode()
        text += "".join(pd.read_parquet(io.BytesIO(files[n])).to_csv() for n in files if n.endswith(".parquet"))
        seen[ceiling] = {label for label in tlp.LABELS for mark in MARKS[label] if mark in text}
        assert all(
            f"TLP:{ceiling} " in files[n].decode()
            for n in ("README.txt", "datapackage.json", "dcat.jsonld", "croissant.json", "sdmx-structure.json")
        )
    assert seen == {"CLEAR": set(), "AMBER": {"GREEN", "AMBER"}}
