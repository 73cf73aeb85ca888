"""The small line of a card: what it shows is also said, and a small change does not look like a large one."""

import base64
import re

from hypothesis import given
from hypothesis import strategies as st

from corridors.charts import spark

YEARS = st.lists(st.integers(2000, 2030), min_size=2, max_size=12, unique=True).map(sorted)
VALUES = st.floats(0, 1e9, allow_nan=False)


def drawn(points) -> list[tuple[float, float]]:
    address = spark.draw(points)
    assert address.startswith("data:image/svg+xml;base64,"), "an address on another host would be fetched"
    svg = base64.b64decode(address.partition(",")[2]).decode()
    pairs = re.search(r'polyline points="([^"]+)"', svg)[1].split()
    return [tuple(map(float, pair.split(","))) for pair in pairs]


@given(years=YEARS, values=st.data())
def test_every_year_is_drawn_in_order_and_inside_the_picture(years, values):
    points = [(year, values.draw(VALUES)) for year in years]
    found = drawn(points)
    assert [x for x, _ in found] == sorted(x for x, _ in found) and len(found) == len(points)
    assert all(0 <= x <= spark.WIDTH and 0 <= y <= spark.HEIGHT for x, y in found)


def test_a_rise_of_one_per_cent_is_no_steep_climb_zeros_lie_on_the_ground_and_every_year_is_heard():
    (_, before), (_, after) = drawn([(2021, 1000.0), (2022, 1010.0)])
    assert before - after < 1
    assert {y for _, y in drawn([(2020, 0.0), (2021, 0.0)])} == {spark.HEIGHT - spark.PAD}
    assert spark.in_words([(2021, 1541.0), (2022, 295.0)]) == "2021: 1,541; 2022: 295"


def test_no_line_comes_to_a_year_after_a_gap_or_a_break():
    svg = base64.b64decode(
        spark.draw([(2016, 1.0), (2017, 2.0), (2018, 3.0), (2021, 4.0)], [2017, 2021]).partition(",")[2]
    ).decode()
    assert [line.count(",") for line in re.findall(r'points="([^"]+)"', svg)] == [1, 2, 1]
