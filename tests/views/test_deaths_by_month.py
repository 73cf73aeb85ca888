"""Deaths and disappearances: no line over years, which their collector advises against, but the year's minimum and its months."""

from corridors import catalog
from corridors.store.queries import figures
from corridors.views import member, situation

DEATHS = "deaths_and_disappearances"


def test_the_months_of_a_year_add_up_to_its_figure_for_every_member(edition_id):
    seen = 0
    for iso3 in catalog.load().members:
        rows = figures.figures(edition_id, iso3, "deaths")
        whole = rows[(rows.indicator_id == DEATHS) & (rows.form == "total")]
        for row in whole.itertuples():
            assert figures.deaths_by_month(edition_id, iso3, row.year).people.sum() == row.value, f"{iso3} {row.year}"
            seen += 1
    assert seen == 155


def test_the_card_says_the_minimum_and_the_months_and_draws_no_line(edition_id):
    ready = member.headlines(edition_id, "MMR")
    card = next(c for c in (*ready.cards, *ready.others) if c.key == f"{DEATHS}-place")
    assert card.note.startswith("by month, most in ") and card.note.startswith(f"by month, {card.change}")
    assert card.limits.use.startswith("Quote as a minimum. No trend.")
    region = next(c for c in situation.situation(edition_id).cards if c.key == DEATHS)
    assert "; by month, most in " in region.note and not region.spark


def test_the_theme_shows_the_months_as_bars_that_hold_the_figures_limits(edition_id):
    view = member.theme_view(edition_id, "MMR", "deaths")
    months = next(c for c in view.first if c.key == f"{DEATHS}-by-month")
    yearly = next(c for c in view.first if c.key == f"{DEATHS}-place")
    latest = yearly.rows[yearly.rows.year == yearly.rows.year.max()]
    assert months.rows.value.sum() == latest.value.iloc[0] and months.limits.grade == yearly.limits.grade
    assert months.title.endswith(months.rows.period_end.iloc[0].strftime("%Y"))
