"""Withheld counts on a chart: a bar must not say what the table does not."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.charts import case_bars

COUNTS = st.lists(st.one_of(st.none(), st.integers(11, 90_000)), min_size=1, max_size=8).filter(lambda v: any(v))


def rows(values, groups=None) -> pd.DataFrame:
    labels = [f"a{n}" for n in range(len(values))]
    return pd.DataFrame({"label": labels, "value": pd.array(values, "Int64"), "known": True, "group": groups or ""})


def drawn_bars(figure) -> list[tuple[str, float, str, bool]]:
    return [(y, x, text, bool(t.marker.pattern.shape)) for t in figure.data for y, x, text in zip(t.y, t.x, t.text)]


@given(COUNTS)
def test_every_withheld_bar_has_one_length_that_follows_from_shown_counts_alone(values):
    bars = drawn_bars(case_bars.draw(rows(values)))
    top = max(v for v in values if v)
    assert len(bars) == len(values)
    for label, length, text, hatched in bars:
        value = values[int(label[1:])]
        if value is None:
            assert hatched and text == "withheld" and length == pytest.approx(top * case_bars.STUB)
        else:
            assert not hatched and text == f"{value:,}" and length == value


@given(COUNTS)
def test_the_axis_and_the_order_do_not_depend_on_what_is_withheld(values):
    figure = case_bars.draw(rows(values))
    assert figure.layout.xaxis.range[1] == pytest.approx(1.2 * max(v for v in values if v))
    assert list(figure.layout.yaxis.categoryarray) == [f"a{n}" for n in range(len(values))][::-1]


def test_a_table_with_nothing_to_show_is_never_an_empty_chart_and_another_word_may_stand_for_a_count():
    bars = drawn_bars(case_bars.draw(rows([40, None]), instead="none in the file"))
    assert ("a1", "none in the file") in {(label, text) for label, _, text, _ in bars}
    with pytest.raises(ValueError, match="say so"):
        case_bars.draw(rows([None, None]))


def test_groups_keep_their_place_and_withheld_ones_no_colour_of_a_group():
    frame = rows([40, None, None, 30], ["f", "m", "f", "m"]).assign(label=["x", "x", "y", "y"])
    figure = case_bars.draw(frame, ["f", "m"])
    shown = {t.name: t for t in figure.data if not t.marker.pattern.shape}
    assert list(shown["f"].x) == [40] and list(shown["m"].x) == [30]
    hidden = [t for t in figure.data if t.marker.pattern.shape]
    assert {t.offsetgroup for t in hidden} == {"0", "1"}
    assert all(t.marker.color == case_bars.NEUTRAL and not t.showlegend for t in hidden)


def test_what_is_not_recorded_is_drawn_apart_from_what_is_known():
    frame = rows([40, 30]).assign(known=[True, False])
    colours = {t.y[0]: t.marker.color for t in case_bars.draw(frame).data}
    assert colours == {"a0": None, "a1": case_bars.NEUTRAL}


def test_no_two_groups_share_a_colour_whatever_is_withheld():
    """The theme has six colours and gives them by the order of traces; hatched ones must not use them up."""
    names = ["a", "b", "c", "d", "not recorded"]
    frame = rows([20, 30, 40, 50, 60, *[None] * 5], names * 2)
    frame = frame.assign(label=["x"] * 5 + ["y"] * 5, known=frame.group != "not recorded")
    traces = case_bars.draw(frame, names).data
    assert [t.name for t in traces[:5]] == names[::-1] and not any(t.marker.pattern.shape for t in traces[:5])
    assert {t.name for t in traces[:5] if t.marker.color == case_bars.NEUTRAL} == {"not recorded"}
