"""The member brief: every number with all that must be said, at most two pages, labelled, and nothing that the reader may not see."""

import json
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors import catalog
from corridors.charts import map_svg
from corridors.charts.map_layout import eastward
from corridors.export import drawing
from corridors.export.brief import document, parts
from corridors.store import labels
from corridors.store.queries import figures as reading
from corridors.views import maps
from corridors.views.figure import caveats_of
from tests.sampling import all_or

LOOKED_AT = all_or(("THA", "FJI", "NCL"), ("THA", "FJI", "NCL", "PRK", "AFG", "AUS", "TUR", "VNM"))


@pytest.fixture(scope="module")
def briefs(edition_id) -> dict[str, dict]:
    """What the briefs of very different members say, and how many pages each takes."""
    found = {}
    for iso3 in LOOKED_AT:
        facts, pages = document.fitted(labels.keyed(edition_id, "CLEAR"), iso3)
        found[iso3] = facts | {"pages": pages}
    return found


def test_every_brief_has_two_pages_its_readers_label_all_that_must_stand_beside_a_number_and_both_sides(briefs, edition_id):
    for iso3, facts in briefs.items():
        assert facts["pages"] <= 2 and facts["tlp"] == "CLEAR" and facts["edition"] == edition_id, iso3
        for entry in (*facts["cards"], *facts["factors"]):
            for name in ("amount", "unit", "period", "source", "grade", "caveat"):
                assert entry[name], (iso3, name, entry)
        names = [f["indicator"] for f in facts["factors"]]
        assert len(names) == len(set(names)) <= 5, iso3
        assert all(len(c["sides"]) >= 2 and c["reason"] for c in facts["conflicts"])
    assert {"Push", "Pull"} <= {f["side"] for f in briefs["THA"]["factors"]}


def test_a_masked_headline_is_a_range_and_says_that_it_is_masked(briefs):
    card = next(c for c in briefs["FJI"]["cards"] if c["label"].startswith("Persons convicted"))
    assert card["amount"] == "0–4" and card["status"] == "Masked"


def test_what_is_not_held_is_named_and_said_not_to_be_zero(briefs):
    assert "Detected victims of trafficking" in briefs["NCL"]["missing"]
    assert ["Trafficking: detected victims", "no figure held"] == briefs["NCL"]["gaps"][0][:2]
    assert b"which is not zero" in document.TEMPLATE.read_bytes()
    routes = briefs["NCL"]["routes"]
    assert routes["rows"] == [] and "New Caledonia" in routes["map"] and "none is described" in routes["alt"]


def test_the_file_is_a_tagged_pdf_and_the_same_for_the_same_edition(edition_id):
    key = labels.keyed(edition_id, "CLEAR")
    one, two = document.pdf(key, "TUR"), document.pdf(key, "TUR")
    assert one.startswith(b"%PDF-") and one == two
    assert b"pdfuaid" in one or b"StructTreeRoot" in one


def test_own_figures_above_the_readers_label_are_not_in_the_brief(edition_id):
    clear, _ = parts.own_figures(labels.keyed(edition_id, "CLEAR"), "AUS")
    wide, _ = parts.own_figures(labels.keyed(edition_id, "AMBER"), "AUS")
    rows = reading.ask(edition_id, "select tlp from briefing_annotated where iso3 = 'AUS'")
    assert len(clear) <= len(wide) and (set(rows.tlp) != {"CLEAR"} or len(clear) == len(wide))


def test_nobody_is_ranked(briefs):
    text = json.dumps([{k: v for k, v in facts.items() if k != "routes"} for facts in briefs.values()])
    assert not re.search(r"\b(rank|ranked|ranking|worst|best|top \d|number one)\b", text, re.I)
    assert "illegal migra" not in text.lower()


def test_an_edition_of_before_says_that_it_cannot_say_instead_of_none(edition_id, monkeypatch):
    def absent(*_):
        raise reading.OtherShape("no such table")

    monkeypatch.setattr(parts.actions, "actions", absent)
    monkeypatch.setattr(parts.quality, "conflicts", absent)
    facts, _ = document.fitted(edition_id, "THA")
    assert facts["joint"] is None and facts["conflicts"] is None
    assert document.TEMPLATE.read_text(encoding="utf-8").count("so it cannot say") == 2


def test_what_there_is_no_room_for_is_counted():
    limits = [{"title": f"T{n}"} for n in range(9)]
    everything = {
        "routes": {"rows": [[n] for n in range(20)]},
        "changes": {"said": ["a"] * 9, "totals": 40},
        "own": [[1]] * 9,
        "conflicts": [1] * 9,
        "limits": limits,
        "joint": ["a"] * 9,
        "factors": [],
        "ahead": ["a"] * 9,
    }
    cut = document.cut(everything, document.ROOMS[-1])
    assert cut["routes"]["left_out"] == 20 - len(cut["routes"]["rows"]) and cut["more_conflicts"] == 9 - len(
        cut["conflicts"]
    )
    assert cut["more_joint"] == 9 - len(cut["joint"]) and cut["more_ahead"] == 9 - len(cut["ahead"])
    assert cut["more_limits"] == [e["title"] for e in limits[len(cut["limits"]) :]]
    assert cut["changes"]["more"] == 40 - document.ROOMS[-1].changes


def test_nothing_in_a_brief_is_smaller_than_nine_and_a_half_points(briefs):
    """Words of the page, of its map and of its small trends, on the paper of 182 millimetres between the margins."""
    template = document.TEMPLATE.read_text(encoding="utf-8")
    body = float(re.search(r"#set text\(.*?size: ([\d.]+)pt", template).group(1))
    sizes = [float(n) * (body if unit == "em" else 1) for n, unit in re.findall(r"size: ([\d.]+)(em|pt)", template)]
    points = 182 / 25.4 * 72 / maps.BRIEF.width
    column = (182 / 25.4 * 72 / 3 - 10) / 160
    for facts in briefs.values():
        sizes += [float(n) * points for n in re.findall(r'font-size="([\d.]+)"', facts["routes"]["map"])]
        trends = [each["spark"] for each in facts["cards"] if each["spark"]]
        sizes += [float(n) * column for spark in trends for n in re.findall(r'font-size="([\d.]+)"', spark)]
    assert body == 9.5 and min(sizes) >= 9.4, min(sizes)


@settings(max_examples=8)
@given(st.text(min_size=1, max_size=40).filter(lambda s: s.isprintable() and "\ufffd" not in s))
def test_whatever_a_publisher_writes_is_text_and_never_markup_in_a_drawing(wild):
    drawn = drawing.svg(10, 10, [drawing.text(1, 1, wild, 8)], wild)
    assert "<script" not in drawn and drawn.count("<text") == 1


def test_commands_of_the_typesetter_in_a_title_stay_text(briefs):
    facts = briefs["NCL"] | {"missing": ["#panic(1) *x* $y$ [z] // \\"]}
    assert document.page_count(facts) in (1, 2)


@pytest.mark.parametrize("iso3", ["FJI", "USA", "WSM", "IND"])
def test_the_member_lies_on_the_paper_in_one_piece_across_the_antimeridian(edition_id, iso3):
    drawing = maps.member_map(edition_id, iso3, maps.BRIEF).drawing
    window, (lon, lat) = drawing.window, map_svg.extent(iso3)[0]
    x, y = window.at(eastward(lon), lat)
    assert 0 <= x <= maps.BRIEF.width and 0 <= y <= maps.BRIEF.height
    assert all(-1 <= x <= maps.BRIEF.width + 1 for line in drawing.lines for x, _ in line.points)


def test_width_of_a_line_says_nothing_so_it_is_the_same_for_all_trunks(briefs):
    for facts in briefs.values():
        lines = re.findall(r'<path[^>]*stroke-width="([\d.]+)" stroke-linecap="round"', facts["routes"]["map"])
        assert set(lines) <= {"1.8", "0.9"}  # a feeder is thinner: one of many origins


@pytest.mark.parametrize(("years", "breaks"), [([2015, 2016, 2019, 2020], ()), ([2015, 2016, 2017, 2018], [2017])])
def test_a_line_never_crosses_a_year_without_a_figure_or_a_break(years, breaks):
    bounds = {"lower": float("nan"), "upper": float("nan"), "status": "reported", "decimals": 0}
    rows = pd.DataFrame({"year": years, "value": [1.0, 2.0, 3.0, 4.0], **bounds})
    drawn = drawing.series(rows, drawing.Box(0, 0, 100, 50), breaks=breaks)
    lines = [p for p in drawn if p.startswith("<polyline")]
    assert len(lines) == 2 and all(p.count(",") == 2 for p in lines)


def test_the_names_of_files_are_plain_letters():
    members = catalog.load().members.values()
    names = [document.file_name("2026-01-01-00000001@GREEN", m) for m in members]
    assert len(set(names)) == len(names) == 45
    assert all(re.fullmatch(r"brief-[a-z0-9-]+-2026-01-01-00000001\.pdf", name) for name in names)


def test_the_most_serious_caveat_comes_first():
    codes = [c.id for c in catalog.load().caveats.values()]
    ordered = [c.severity for c in caveats_of(codes)]
    assert ordered == sorted(ordered, reverse=True)
