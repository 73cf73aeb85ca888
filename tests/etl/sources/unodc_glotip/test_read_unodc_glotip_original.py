"""The reader of UNODC's trafficking workbook on the publisher's own file, where it is at hand."""

from __future__ import annotations

import pandas as pd
import pytest

from corridors import catalog
from etl.sources.unodc_glotip import read as glotip
from tests.etl.sources.reader import LATEST, Reader

READER = Reader("unodc_glotip")
ORIGINALS, pytestmark = READER.originals, READER.on_the_originals


@pytest.fixture(scope="module")
def original():
    return glotip.to_figures(glotip.read(ORIGINALS), catalog.load(), LATEST).balanced()


def test_thailand_finds_its_own_totals(original):
    f = original.figures
    totals = f[
        (f["iso3"] == "THA")
        & (f["indicator_id"] == "detected_victims")
        & (f["partner_iso3"] == "")
        & (f["form"] == "total")
        & (f["sex"] == "total")
        & (f["age"] == "total")
    ]
    by_year = dict(zip(totals["period_end"].str[:4], totals["value"]))
    known = {"2009": 145, "2013": 680, "2015": 982, "2019": 1541, "2020": 155, "2022": 295}
    assert {year: by_year[year] for year in known} == known


def test_every_row_is_accounted_for_and_the_junk_is_quarantined(original):
    assert original.cells_read == 58_769
    assert len(original.figures) == 12_280
    assert original.out_of_scope == {glotip.NO_MEMBER: 44_287, glotip.REPATRIATION: 1_918}
    assert original.rejected["reason"].value_counts().to_dict() == {
        glotip.FIELD_NUMBER: 128,
        glotip.NO_CITIZENSHIP: 88,
        glotip.NOT_A_CITIZENSHIP: 34,
        glotip.REPEATED: 30,
        glotip.TWICE: 4,
    }
    assert original.figures["value"].max() == 32_022


def test_members_that_never_replied_have_no_row(original):
    assert not original.figures["iso3"].isin(["PRK", "NCL"]).any()


def test_no_series_has_two_totals_in_a_year(original):
    f = original.figures
    whole = f[(f["partner_iso3"] == "") & (f["form"] != "other_unlabelled")]
    assert not whole.duplicated(["iso3", "indicator_id", "period_end", "sex", "age", "form"]).any()
    key = ["iso3", "partner_iso3", "indicator_id", "period_end", "sex", "age", "form", "provider_label"]
    assert not f.duplicated(key).any()


def test_thailand_keeps_37_rows_whose_label_is_lost(original):
    f = original.figures
    assert ((f["iso3"] == "THA") & (f["form"] == "other_unlabelled")).sum() == 37


def test_the_release_of_the_original_is_told_and_a_second_reading_is_the_same(original):
    assert original.notes[0] == "Release of 2025-04-14, as printed above the table."
    again = glotip.to_figures(glotip.read(ORIGINALS), catalog.load(), LATEST)
    pd.testing.assert_frame_equal(original.figures, again.figures)
    pd.testing.assert_frame_equal(original.rejected, again.rejected)


def test_exact_totals_show_that_less_than_five_can_also_hide_none(original):
    """Thailand 2018: 150 + 62 + 48 + 157 = 417, the printed total, and yet three more parts are printed as <5."""
    f = original.figures
    those = f[
        (f["iso3"] == "THA")
        & (f["indicator_id"] == "detected_victims")
        & (f["partner_iso3"] == "")
        & (f["form"] == "total")
        & (f["period_end"] == "2018-12-31")
    ]
    total = those[(those["sex"] == "total") & (those["age"] == "total")]["value"].iloc[0]
    parts = those[(those["sex"] != "total") & (those["age"] != "total")]
    assert total == parts["value"].sum() == 417 and (parts["status"] == "masked").sum() == 3


def test_members_whose_only_rows_are_padding_report_nothing(original):
    """16 members in 2022 and 17 in 2021 have nothing but “Other forms <5”; 22 and 21, and 27 in 2017, have a total."""
    f = original.figures[original.figures.iso3.isin(list(catalog.load().members))]
    f = f[(f.indicator_id == "detected_victims") & (f.partner_iso3 == "")]
    whole = (f.sex == "total") & (f.age == "total") & (f.form == "total")
    year = f.period_end.str[:4].astype(int)
    assert [f[whole & (year == y)].iso3.nunique() for y in (2017, 2021, 2022)] == [27, 21, 22]
    padded = f.status == "not_reported"
    assert f[padded].groupby(year).iso3.nunique()[[2021, 2022]].tolist() == [17, 16]
    assert f[padded].assign(year=year).groupby(["iso3", "year"]).ngroups == 78
    assert not (f[padded].assign(year=year).merge(f[whole].assign(year=year), on=["iso3", "year"]).shape[0])
