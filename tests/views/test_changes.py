"""What changed between two editions: what a delegate is told in a meeting, and what is refused because it cannot be compared."""

import shutil

import duckdb
import pytest

from corridors.store import editions, labels
from corridors.views import changes


@pytest.fixture
def reading_from(two_editions, monkeypatch):
    """Readers look into the folder of the two editions."""
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(two_editions[2]))
    return two_editions


def totals(found: changes.Changes, kind: str):
    rows = found.rows[(found.rows.kind == kind) & found.rows.whole]
    return rows[rows.source_id == "unodc_glotip"]


def test_a_revised_figure_is_told_with_both_values_and_its_size(reading_from):
    first, second, _ = reading_from
    (row,) = totals(changes.between(first, second, "THA"), "revised").itertuples()
    assert (row.indicator_id, row.year, row.value_after) == ("detected_victims", 2019, 1600)
    assert row.value_before == 1541 and row.size == 59
    assert row.after == "1,600 (2019)"


def test_new_and_withdrawn_figures_are_not_taken_for_zeros(reading_from):
    first, second, _ = reading_from
    found = changes.between(first, second, "THA")
    (new,), (gone,) = totals(found, "new").itertuples(), totals(found, "withdrawn").itertuples()
    assert (new.year, new.before, new.value_after) == (2018, "", 417)
    assert gone.indicator_id == "persons_convicted" and gone.after == "" and gone.before.endswith("(2019)")
    assert new.size != new.size and gone.size != gone.size  # no size where one side has no figure


def test_a_member_that_nothing_happened_to_hears_nothing(reading_from):
    first, second, _ = reading_from
    found = changes.between(first, second, "FJI")
    assert found.rows.empty and found.counts.empty and changes.sentences(found) == []
    assert "0 new, 0 revised and 0 withdrawn" in changes.summary(found)


def test_counts_are_by_member_and_theme_and_agree_with_the_rows_and_the_other_way_round_what_was_new_is_withdrawn(
    reading_from,
):
    first, second, _ = reading_from
    found, back = changes.between(first, second), changes.between(second, first)
    assert found.number["new"] == back.number["withdrawn"] and found.number["revised"] == back.number["revised"]
    victims = found.counts[(found.counts.iso3 == "THA") & (found.counts.theme == "victims")].iloc[0]
    rows = found.rows[(found.rows.theme == "victims") & ((found.rows.iso3 == "THA") | (found.rows.partner_iso3 == "THA"))]
    assert {k: int(victims[k]) for k in changes.KINDS} == {k: int((rows.kind == k).sum()) for k in changes.KINDS}


def test_the_sentence_names_figure_unit_both_sides_and_that_no_reason_is_known(reading_from):
    first, second, _ = reading_from
    said = changes.sentences(changes.between(first, second, "THA"))
    assert said[0].startswith("Detected victims: 1,600 (2019) victims; before ") and "no reason is on record" in said[0]
    assert any("withdrawn:" in s for s in said) and any("new:" in s for s in said)


def test_a_summary_tells_the_editions_as_people_know_them(reading_from):
    first, second, _ = reading_from
    found = changes.between(labels.keyed(first, "GREEN"), labels.keyed(second, "GREEN"), "THA")
    assert found.first == first and "@" not in changes.summary(found) and "1 January 2026" in changes.summary(found)


def test_an_edition_of_another_shape_is_refused_in_plain_words(reading_from, tmp_path, monkeypatch):
    first, second, where = reading_from
    old = "2020-01-01-0badc0de"
    for name in (first, second):
        shutil.copy(where / f"{name}.duckdb", tmp_path / f"{name}.duckdb")
    with duckdb.connect(tmp_path / f"{old}.duckdb") as made:
        made.execute("create table figure (figure_id varchar, amount double)")
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path))
    with pytest.raises(changes.NotComparable, match="earlier version") as refusal:
        changes.between(old, second, "THA")
    assert "Error" not in str(refusal.value) and "column" not in str(refusal.value)


def test_an_edition_beside_itself_or_an_unknown_one_is_refused(reading_from):
    with pytest.raises(changes.NotComparable, match="nothing to compare"):
        changes.between(reading_from[0], reading_from[0])
    with pytest.raises(editions.UnknownEdition, match="2020-01-01-00000000"):
        changes.between("2020-01-01-00000000", reading_from[1])
