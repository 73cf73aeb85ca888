"""One fact, one home: a headline and a gap read the same on the page, in the brief, on a slide and in the table."""

import pytest

from corridors import catalog
from corridors.catalog import uses, words
from corridors.catalog.meetings import Entry
from corridors.export import workbook
from corridors.export.brief import document
from corridors.export.slides import places
from corridors.store.queries import members
from corridors.views import member as member_view
from tests.sampling import all_or

SEVERAL = all_or(("THA", "NRU", "NCL"), ("THA", "BGD", "NRU", "NCL", "AUS", "USA"))


@pytest.fixture(scope="module")
def facts(edition_id):
    """The facts of each member's brief."""
    return {iso3: document.facts(edition_id, iso3) for iso3 in SEVERAL}


@pytest.mark.parametrize("iso3", SEVERAL)
def test_a_headline_is_the_same_card_on_every_medium(iso3, edition_id, facts, open_page):
    ready = member_view.headlines(edition_id, iso3)
    app = open_page("member", member=catalog.load().members[iso3].name)
    assert [(m.label, m.value) for m in app.metric][: len(ready.cards)] == [(c.short, c.amount) for c in ready.cards]
    page = "\n".join(str(e.value) for e in (*app.markdown, *app.caption))
    brief = {card["label"]: card for card in facts[iso3]["cards"]}
    slide = {f.label: f for f in places.member(edition_id, None, Entry(1, "member", {"member": iso3})).get("facts", ())}
    assert set(slide) <= {label for _, _, label in member_view.HEADLINES}
    for card in (*ready.cards, *ready.others):
        said = (card.amount, card.unit, card.period, card.status, words.GRADE[card.limits.grade], card.limits.most_serious)
        if card in ready.cards:
            assert card.line_with("") in page and words.capital(card.note) in page
            assert f"**Limit:** {card.limits.most_serious}  \n**Source:** {card.limits.source}" in page
            assert f"**{card.limits.use}**" in page and card.limits.use
            assert card.label in brief, "a core headline that is held stands in the brief"
        if card.label in brief:
            on_paper = brief[card.label]
            assert said == tuple(on_paper[k] for k in ("amount", "unit", "period", "status", "grade", "caveat"))
            assert on_paper["note"] == card.note
            assert (card.limits.source, card.limits.use) == (on_paper["source"], on_paper["use"])
        if card.label in slide:
            fact = slide[card.label]
            assert (fact.amount, fact.grade, fact.limit, fact.publisher) == (said[0], said[4], said[5], card.publisher)
            assert fact.line.startswith(f"{card.unit}, {card.period}") and fact.use == card.limits.use


@pytest.mark.parametrize("iso3", SEVERAL)
def test_a_headline_stands_in_the_table_with_the_same_amount_period_and_grade(iso3, edition_id):
    at = {column.name: n for n, column in enumerate(workbook.COLUMNS)}
    for card in member_view.headlines(edition_id, iso3).cards:
        indicator = catalog.load().indicators[card.key.rsplit("-", 1)[0]]
        rows = list(workbook.lines(members.everything(edition_id, iso3, indicator.theme)))
        same = [
            r
            for r in rows
            if r[at["indicator"]] == indicator.name and r[at["told"]] == card.amount and r[at["period"]] == card.period
        ]
        same = [r for r in same if r[at["grade"]] == card.limits.grade and r[at["publisher"]] == card.publisher]
        said = [uses.short({use: r[at[f"use_{use}"]] for use in uses.ANSWERS}) for r in same]
        assert card.limits.use in said, card.label


@pytest.mark.parametrize("iso3", SEVERAL)
def test_what_is_missing_has_one_answer(iso3, edition_id, facts, open_page):
    gaps = member_view.gaps(edition_id, iso3)
    assert [[g.theme, g.state, "; ".join(g.absent) or "nothing", g.who] for g in gaps] == facts[iso3]["gaps"]
    page = [m.value for m in open_page("member", member=catalog.load().members[iso3].name, theme="missing").markdown]
    for gap in gaps:
        expected = f"**{gap.theme}**: {gap.state}" + (f"  \nNot held: {'; '.join(gap.absent)}." if gap.absent else "")
        assert expected in page
    assert list(member_view.headlines(edition_id, iso3).missing) == facts[iso3]["missing"]
