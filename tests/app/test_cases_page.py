"""The cases page as a visitor meets it: kept in the address, never deeper than is safe, never an empty chart."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from corridors import catalog
from corridors.store import editions, publishing, writing
from etl import protection
from tests.etl import case_records

ROOT = Path(__file__).resolve().parents[2]
EDITION = "2026-11-21-0ca5e5ca"
OURS = "register.trafficking"


@pytest.fixture(scope="module")
def cases_edition(edition_id, editions_folder, tmp_path_factory):
    """The shipped edition with an invented register beside CTDC."""
    folder = tmp_path_factory.mktemp("page")
    shutil.copytree(ROOT / "data" / "cases", folder / "data" / "cases")
    case_records.accept(folder / "data", case_records.invented(500, 1))
    where = folder / "editions"
    where.mkdir()
    path = where / "draft-cases.duckdb"
    shutil.copyfile(editions.path_of(edition_id, editions_folder), path)
    work = publishing.Draft(path, duckdb.connect(str(path)))
    for name in ("case_category", "case_cell", "case_dataset"):
        work.connection.execute(f"delete from {name}")
    for name, frame in protection.tables(folder / "data", catalog.load()).items():
        writing.insert(work, name, frame)
    publishing.publish(work, EDITION, where)
    os.environ["CORRIDORS_EDITIONS"] = str(where)
    yield EDITION
    os.environ["CORRIDORS_EDITIONS"] = str(editions_folder)


@pytest.fixture
def ask(cases_edition, open_page):
    """`ask(by="Sex")` opens the page at that address; several values as a list."""

    def asked(**address) -> AppTest:
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30)
        for key, value in address.items():
            app.query_params[key] = value
        app.run().switch_page("pages/evidence/cases.py").run()
        assert not app.exception and not app.error, [e.value for e in [*app.exception, *app.error]]
        return app

    return asked


def words_of(app: AppTest) -> str:
    return "\n".join(e.value for kind in (app.markdown, app.caption, app.info, app.warning) for e in kind)


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def test_page_opens_on_ctdc_with_source_period_unit_grade_and_what_it_cannot_say(ask):
    app = ask()
    said = words_of(app)
    assert app.title[0].value == "Cases" and charts(app) == 1
    assert "48,773 identified victims of trafficking in all, 2002–2018" in said
    assert "CTDC" in said and "Grade" in said and "TLP:CLEAR" in said and "Not prevalence" in said


def test_question_in_the_address_by_code_is_asked_and_written_out(ask):
    app = ask(cases=OURS, by=["form", "sex"])
    assert app.pills(key="by").value == ["form", "sex"]
    assert app.query_params["by"] == ["Form of exploitation", "Sex"], "or a reload loses the choice"
    assert "by form of exploitation and sex" in words_of(app) and charts(app) == 1


def test_filter_in_the_address_is_kept_and_counts_as_a_dimension(ask):
    app = ask(by=["form", "sex"], only_citizenship="PHL")
    assert app.selectbox(key="only_citizenship").value == "PHL" and "only citizenship Philippines" in words_of(app)
    deeper = ask(by=["form", "sex"], only_citizenship="PHL", only_detected_year="2016")
    assert "Too detailed to show safely" in words_of(deeper) and charts(deeper) == 0


def test_four_dimensions_are_answered_in_words_and_without_a_chart(ask):
    app = ask(by=["form", "sex", "age_band", "detected_year"])
    assert "Too detailed to show safely" in app.info[0].value and charts(app) == 0 and not app.dataframe


def test_nobody_to_show_is_said_and_is_no_zero(ask):
    app = ask(cases=OURS, member="Fiji")
    assert "Everything in this table is withheld" in app.info[0].value and charts(app) == 0
    assert not app.metric


def test_member_chosen_above_filters_by_place_or_by_citizenship(ask):
    assert "only country of exploitation Thailand" in words_of(ask(member="Thailand"))
    assert "only citizenship Thailand" in words_of(ask(member="Thailand", whose="citizenship"))
    assert "only" not in words_of(ask(member="Thailand", whose="all")).split("victims of trafficking by")[1].split("\n")[0]


def test_text_in_the_address_that_is_no_value_is_said_without_markup(ask):
    for address in ({"by": "![x](http://example.invalid/x.png)"}, {"only_sex": "<script>"}, {"only_citizenship": "TUV"}):
        app = ask(**address)
        assert app.warning and not set(app.warning[0].value) & set("[]<>!`"), address


def test_table_opens_with_withheld_as_a_word_and_without_shares(ask):
    app = ask(cases=OURS, by=["form", "sex"])
    app.session_state["table-cases"] = True
    app.run()
    table = app.dataframe[0].value
    last = table.iloc[:, -1]
    assert "withheld" in set(last) and not table.astype(str).apply(lambda c: c.str.contains("%")).any().any()


def test_data_set_handed_in_for_the_group_bears_its_own_label(ask):
    said = words_of(ask(cases=OURS))
    assert "TLP:AMBER+STRICT" in said and "Counts moved by chance" in said
