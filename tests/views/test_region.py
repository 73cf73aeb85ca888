"""The map of who reported: counted from the edition, told in words for those who cannot see it, never by amount."""

import xml.etree.ElementTree as ET

import pandas as pd
import pytest

from corridors import catalog
from corridors.catalog import words
from corridors.store.queries import figures
from corridors.views import member, region


@pytest.mark.parametrize("theme", region.THEMES)
def test_each_member_has_one_state_and_the_title_counts_them(edition_id, theme):
    found = region.report_map(edition_id, theme)
    assert set(found.states) == set(catalog.load().members) and set(found.states.values()) <= set(region.STATES)
    assert found.title.startswith(f"{list(found.states.values()).count('reported')} of {len(found.states)} members")
    assert str(found.year) in found.title and "which is not zero" in found.alt


def test_a_member_is_reported_only_where_its_own_total_of_that_year_is_held(edition_id):
    found = region.report_map(edition_id, "victims")
    for iso3, state in found.states.items():
        rows = figures.figures(edition_id, iso3, "victims")
        years = set(
            rows[
                (rows.indicator_id == "detected_victims")
                & (rows[["sex", "age", "form"]] == "total").all(axis=1)
                & (rows.status != "not_reported")
            ].year
        )
        expected = "reported" if found.year in years else "older" if years and min(years) < found.year else "none"
        assert state == expected, iso3


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_member_can_be_chosen_on_the_map_and_its_tint_says_only_its_state(edition_id, dark):
    found = region.report_map(edition_id, "victims")
    root = ET.fromstring(region.draw(found, dark))
    tints: dict[str, set[str]] = {}
    for part in root.iter():
        if iso3 := part.get("data-member"):
            tints.setdefault(iso3, set()).add(part.get("fill"))
            assert part.get("tabindex") == "0" and part.get("aria-label")
    assert set(tints) == set(catalog.load().members)
    for iso3, fills in tints.items():
        assert fills == {region.TINTS[dark][found.states[iso3]]}, iso3


@pytest.mark.parametrize("iso3", ["THA", "KIR", "IND"])
def test_a_subregion_adds_up_only_what_no_use_forbids_and_names_who_reported(edition_id, iso3):
    of_area = {m.iso3 for m in catalog.load().members.values() if m.subregion == catalog.load().members[iso3].subregion}
    latest = pd.concat(figures.latest_totals(edition_id, each) for each in of_area)
    for row in member.beside_subregion(edition_id, iso3):
        indicator_id, view = row.second.key.rsplit("-", 1)
        rows = latest[(latest.indicator_id == indicator_id) & (latest["view"] == view)]
        rows = rows[rows.year == int(row.second.period[-4:])]
        assert f"{len(rows)} of {len(of_area)} members" in row.second.note and row.said.startswith("Compare: ")
        low, high = rows.value.fillna(rows.lower), rows.value.fillna(rows.upper)
        if (rows.use_sum == "no").any():
            assert "Added up" not in row.second.note
        elif len(rows) > 1:
            assert row.second.amount == words.amount(
                low.sum() if low.sum() == high.sum() else None, low.sum(), high.sum(), 0
            )
