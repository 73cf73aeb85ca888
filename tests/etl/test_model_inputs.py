"""What the model knows of every country: read by the sources' own readers, members or not."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from corridors.problems import SourceRefused
from etl import model_inputs, pipeline

ORIGINALS = Path(__file__).resolve().parents[3] / "shared" / "originals"
on_the_originals = pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the publishers' files are not on this machine")


@pytest.fixture(scope="module")
def terms() -> pd.DataFrame:
    return model_inputs.country_terms(ORIGINALS, catalog.load())


def number(terms: pd.DataFrame, iso3: str, indicator_id: str) -> float:
    (row,) = terms[(terms["iso3"] == iso3) & (terms["indicator_id"] == indicator_id)].itertuples()
    return row.value


def test_to_the_readers_every_country_is_a_member_and_members_keep_their_names():
    vocabulary = catalog.load()
    everyone = model_inputs._everyone(vocabulary)
    assert {"DEU", "THA", "XKX"} <= set(everyone.members) and len(everyone.members) > 240
    assert not {catalog.WORLD, catalog.UNKNOWN, catalog.STATELESS, catalog.OTHER} & set(everyone.members)
    assert everyone.members["THA"] == vocabulary.members["THA"] and everyone.find("Burma") == "MMR"
    assert everyone.place_name("DEU") == "Germany" and "DEU" not in vocabulary.members


def test_originals_that_are_missing_are_named_for_every_source_at_once_and_the_command_writes_nothing(
    tmp_path, monkeypatch, capsys
):
    with pytest.raises(SourceRefused) as refused:
        model_inputs.country_terms(tmp_path, catalog.load())
    for source in model_inputs.TERMS.values():
        assert f"· {source}: {source}/" in str(refused.value)
    monkeypatch.setattr(pipeline, "DATA", tmp_path / "data")
    assert model_inputs.main(["--from", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert "ucdp" in told.err and "Traceback" not in told.err and not (tmp_path / "data").exists()


def test_deaths_are_summed_over_five_years_and_other_terms_are_of_one(tmp_path):
    def rows(indicator_id: str) -> pd.DataFrame:
        years = [2009, *range(2010, 2018)]
        days = {"period_start": [f"{y}-01-01" for y in years], "period_end": [f"{y}-12-31" for y in years]}
        about = {"iso3": "MMR", "indicator_id": indicator_id, "provider_label": "Myanmar (Burma)"}
        numbers = {"value": [float(y - 2000) for y in years], "source_ref": [f"row {y}" for y in years]}
        return pd.DataFrame(about | days | numbers)

    (deaths,) = model_inputs._term(rows("conflict_deaths")).itertuples()
    assert deaths.value == 11 + 12 + 13 + 14 + 15
    assert deaths.source_ref == "row 2011, row 2012, row 2013, row 2014, row 2015"
    assert (deaths.period_start, deaths.period_end) == ("2011-01-01", "2015-12-31")
    (people,) = model_inputs._term(rows("population")).itertuples()
    assert (people.value, people.source_ref, people.period_end) == (15, "row 2015", "2015-12-31")


@on_the_originals
def test_known_numbers_of_members_and_of_others_are_there(terms):
    assert number(terms, "MMR", "population") == 51_089_056 and 80e6 < number(terms, "DEU", "population") < 83e6
    assert number(terms, "THA", "gdp_per_head_ppp") > number(terms, "MMR", "gdp_per_head_ppp") > 4_000
    assert number(terms, "AFG", "conflict_deaths") == 54_044 and number(terms, "NZL", "conflict_deaths") == 0


@on_the_originals
def test_every_value_says_where_it_comes_from_and_no_country_has_two(terms):
    assert list(terms.columns) == model_inputs.COLUMNS and terms.notna().all(axis=None)
    assert not terms.duplicated(["iso3", "indicator_id"]).any() and set(terms["iso3"]) <= set(catalog.load().countries)
    assert terms.groupby("indicator_id")["source_id"].first().to_dict() == model_inputs.TERMS
    assert (terms["source_ref"].str.len() > 4).all() and (terms["value"] >= 0).all()


@on_the_originals
def test_the_members_that_a_term_lacks_are_these_and_no_others(terms):
    members = set(catalog.load().members)
    lacking = {name: members - set(part["iso3"]) for name, part in terms.groupby("indicator_id")}
    assert lacking.pop("conflict_deaths") == {"HKG", "MAC", "NCL"}
    assert lacking == {"population": set(), "gdp_per_head_ppp": {"NCL", "PRK"}}


@on_the_originals
def test_the_imported_table_is_what_the_originals_give(tmp_path, monkeypatch, capsys):
    imported = (pipeline.DATA / "model" / "country_terms.csv").read_bytes()
    monkeypatch.setattr(pipeline, "DATA", tmp_path)
    assert model_inputs.main(["--from", str(ORIGINALS)]) == 0
    assert (tmp_path / "model" / "country_terms.csv").read_bytes() == imported
    assert "members without one: NCL, PRK" in capsys.readouterr().out
