"""What a figure may be used for follows from its caveats, breaks and status; the strictest wins."""

import tomllib

import pytest

from corridors import catalog
from corridors.catalog import uses, words
from corridors.store.queries import figures
from corridors.store.queries.figures import ask
from corridors.views.figure import barred_trend, card
from corridors.views.situation import regional_card
from tests.small_data import made

TOTAL = "partner_iso3 is null and sex = 'total' and age = 'total' and form = 'total'"


def one(edition_id, iso3, indicator, year):
    rows = ask(
        edition_id,
        f"from figure_annotated where iso3 = $iso3 and indicator_id = $indicator and year = $year and {TOTAL}",
        {"iso3": iso3, "indicator": indicator, "year": year},
    )
    assert len(rows) == 1
    return rows


@pytest.mark.parametrize(
    ("iso3", "indicator", "year", "answers"),
    [
        ("THA", "detected_victims", 2019, ("as a minimum", "since 2017", "with care", "yes")),
        ("THA", "detected_victims", 2022, ("as a minimum", "no", "with care", "yes")),
        ("THA", "detected_victims", 2015, ("as a minimum", "before 2017", "with care", "yes")),
        ("THA", "smuggling_offences", 2022, ("as a minimum", "yes", "no", "no")),
        ("IRN", "deaths_and_disappearances", 2024, ("as a minimum", "no", "no", "yes")),
        ("THA", "gdp_per_head_ppp", 2022, ("yes", "yes", "yes", "no")),
        ("THA", "rule_of_law", 2022, ("as a range", "yes", "with care", "no")),
    ],
)
def test_the_four_uses_of_a_figure(edition_id, iso3, indicator, year, answers):
    row = one(edition_id, iso3, indicator, year).iloc[0]
    assert (row.use_level, row.use_trend, row.use_compare, row.use_sum) == answers


def test_the_strictest_caveat_wins_on_every_figure(edition_id):
    library = catalog.load()
    rows = ask(
        edition_id,
        "select distinct caveats, coalesce(value is null and upper - lower > 0.01 * upper, false) as wide, status, use_level, use_trend, use_compare, "
        "use_sum, adds_over_members or adds_over_partners as adds from figure join indicator using (indicator_id) "
        "where year(period_end) in (2015, 2019, 2022)",
    )
    assert len(rows) > 100
    for row in rows.itertuples():
        for use in uses.ANSWERS:
            expected = max((uses.rank(use, library.caveats[c].uses.get(use, "yes")) for c in row.caveats), default=0)
            if use == "level" and row.wide:
                expected = max(expected, 2)
            if row.status == "not_reported":
                expected = len(uses.ANSWERS[use]) - 1
            if use == "sum" and not row.adds:
                expected = 1
            found = getattr(row, f"use_{use}")
            if use == "trend" and found.startswith(("since", "before")):
                assert expected < 2
            else:
                assert uses.rank(use, found) == expected or (use == "trend" and found == "yes" and expected == 1), row


@pytest.mark.parametrize(
    ("iso3", "indicator", "year", "limit", "use"),
    [
        ("THA", "smuggling_offences", 2022, "Definitions differ widely", "Quote as a minimum. No comparison or sum."),
        ("THA", "detected_victims", 2022, "2022 incomplete", "Quote as a minimum. No trend."),
        ("IRN", "deaths_and_disappearances", 2024, "One road dominates", "Quote as a minimum. No trend. No comparison."),
    ],
)
def test_a_card_says_the_answer_that_matters_and_the_most_serious_limit_of_this_figure(
    edition_id, iso3, indicator, year, limit, use
):
    shown = card(one(edition_id, iso3, indicator, year), "label", "key")
    assert (shown.limits.most_serious, shown.limits.use) == (limit, use)
    for question in uses.QUESTIONS.values():
        assert f"- {question}: **" in shown.limits.text


def test_regional_cards(edition_id):
    rows = figures.regional(edition_id)
    cards = {r.indicator_id: regional_card(rows.iloc[[n]]) for n, r in enumerate(rows.itertuples())}
    assert (
        cards["detected_victims"].limits.most_serious == cards["persons_convicted"].limits.most_serious == "2022 incomplete"
    )
    assert cards["detected_victims"].limits.use == "Quote as a minimum. No trend."
    assert cards["detected_victims"].interval == "between 51,647 and 51,663"
    note = cards["detected_victims"].note
    assert f"Pakistan alone is {words.share(0.5138)}" in note and f"three members are {words.share(0.9601)}" in note
    assert cards["deaths_and_disappearances"].limits.most_serious == "One road dominates"


def test_smuggling_offences_are_never_added_up_and_nobodys_answer_allows_nothing(edition_id):
    asked = "select distinct use_level, use_trend, use_compare, use_sum from figure where status = 'not_reported'"
    assert ask(edition_id, asked).to_numpy().tolist() == [["no", "no", "no", "no"]]
    rows = figures.regional(edition_id)
    rows = rows[rows.indicator_id == "smuggling_offences"]
    assert rows[["value", "lower", "upper"]].isna().all(axis=None) and rows.use_sum.tolist() == ["no"]
    shown = regional_card(rows)
    assert shown.amount == str(rows.members.iloc[0]) and shown.unit == "members of 45 reported"
    assert shown.note.startswith("No total is shown: definitions differ widely")


def test_the_build_counts_how_many_figures_allow_each_use(tmp_path):
    from etl.build import build

    done = build(made(tmp_path / "data"), tmp_path / "editions")
    total = done.accounts.figures.sum()
    assert (done.uses.groupby("use").figures.sum() == total).all() and set(done.uses.use) == set(uses.ANSWERS)


def test_a_use_that_does_not_exist_is_refused(tmp_path):
    import shutil

    folder = tmp_path / "catalog"
    shutil.copytree(catalog.HERE, folder)
    path = folder / "caveats.toml"
    text = path.read_text(encoding="utf-8")
    assert tomllib.loads(text)
    path.write_text(
        text.replace('uses = { level = "as a minimum" }', 'uses = { level = "perhaps", rank = "no" }', 1), encoding="utf-8"
    )
    with pytest.raises(catalog.CatalogFault) as fault:
        catalog.load.__wrapped__(folder)
    assert "level = “perhaps”; expected one of as a minimum, as a range, no" in str(fault.value)
    assert "rank = “no”; expected a use: level, trend, compare, sum" in str(fault.value)


def test_decisions_with_appeals_say_so_and_so_do_their_sums(edition_id):
    marked = ask(
        edition_id,
        "select iso3, partner_iso3, min(year) as first, max(year) as last from figure_annotated "
        "where list_contains(caveats, 'C39') and partner_iso3 is null group by all",
    ).set_index("iso3")
    assert tuple(marked.loc["KOR", ["first", "last"]]) == (2004, 2021) and "JPN" not in marked.index
    row = one(edition_id, "KOR", "decisions_rejected", 2019).iloc[0]
    assert row.provider_label == "worked out here" and row.use_compare == "no" and row.use_trend == "since 2004"
    plain = ask(
        edition_id,
        "select count(*) as n from figure where list_contains(caveats, 'C39') and indicator_id not like 'decisions_%'",
    )
    assert plain.n[0] == 0


@pytest.mark.parametrize(
    ("iso3", "indicator", "year", "barred"),
    [
        ("IRN", "deaths_and_disappearances", 2024, True),
        ("THA", "detected_victims", 2022, False),
        ("THA", "smuggling_offences", 2022, False),
    ],
)
def test_no_line_joins_years_whose_publisher_advises_against_a_trend(edition_id, iso3, indicator, year, barred):
    assert barred_trend(one(edition_id, iso3, indicator, year).iloc[0]) is barred
