"""Who reported: every page counts the members that printed a total, and sums know that “<5” may be none."""

import pytest

from corridors.store.queries import figures, quality
from corridors.store.queries.figures import ask
from corridors.views.situation import situation


@pytest.mark.parametrize(("year", "members"), [(2017, 27), (2021, 21), (2022, 22)])
def test_situation_grid_and_coverage_count_the_same_members(edition_id, year, members):
    grid = quality.matrix(edition_id, "victims")
    assert (grid[(grid.year == year)].state.isin(["reported", "masked", "zero"])).sum() == members
    total = ask(
        edition_id, "from regional_total where indicator_id = 'detected_victims' and year = $year", {"year": year}
    ).iloc[0]
    assert total.members == members
    held = figures.regional_members(edition_id, "detected_victims", year)
    assert held.iso3.nunique() == members


def test_the_scorecard_counts_only_members_with_a_total(edition_id):
    state = quality.state_of(edition_id)
    latest = figures.coverage(edition_id)
    assert state["any_figure"] == latest.latest.notna().sum()
    assert state["recent"] == (latest.latest >= int(edition_id[:4]) - 4).sum()
    assert set(latest[latest.theme == "victims"].dropna(subset="latest").iso3) == set(
        ask(
            edition_id,
            "select distinct iso3 from figure where indicator_id = 'detected_victims' and partner_iso3 is null "
            "and sex = 'total' and age = 'total' and form = 'total' and iso3 in (select iso3 from member)",
        ).iso3
    )


@pytest.mark.parametrize(
    ("indicator", "lower", "upper"), [("detected_victims", 51_647, 51_663), ("persons_convicted", 1_096, 1_128)]
)
def test_a_sum_allows_for_none_where_a_count_is_hidden(edition_id, indicator, lower, upper):
    row = ask(
        edition_id, "from regional_total where indicator_id = $indicator and year = 2022", {"indicator": indicator}
    ).iloc[0]
    assert (row.lower, row.upper) == (lower, upper)


def test_the_situation_says_of_how_many_members_a_sum_is(edition_id):
    card = next(c for c in situation(edition_id).cards if c.key == "detected_victims")
    assert "22 of 45 members" in card.note
