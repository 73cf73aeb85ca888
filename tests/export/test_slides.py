"""Slides: what they say, what must stand beside it, what a ceiling keeps out; and the slide file read back."""

import dataclasses
import io
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pptx import Presentation
from pptx.util import Pt

from corridors.catalog import meetings, words
from corridors.catalog.meetings import Entry, Meeting
from corridors.charts import map_svg
from corridors.export import drawing
from corridors.export.slides import deck as slides
from corridors.export.slides import html, pdf, pptx, svg
from corridors.export.slides.model import Deck, Series, Slide, Stack
from corridors.store import editions, labels, publishing
from corridors.views import maps
from tests import office
from tests.planted import reopened

TLP = re.compile(r"TLP:(CLEAR|GREEN|AMBER(\+STRICT)?|RED)")


def meeting(*entries: Entry, ceiling: str = "CLEAR") -> Meeting:
    return Meeting("m", "A meeting", None, "", ceiling, tuple(entries), ())


def entry(kind: str, tlp: str = "CLEAR", points=(), note: str = "", **wanted) -> Entry:
    return Entry(1, kind, wanted, points, note, 2, tlp)


def one(edition_id: str, kind: str, ceiling: str = "CLEAR", **wanted) -> Slide:
    return slides.slide(edition_id, meeting(), entry(kind, **wanted), 1, ceiling)


@pytest.fixture(scope="module")
def deck(edition_id) -> Deck:
    agenda = meetings.read("default", slides.known(edition_id), meetings.HERE)
    assert not agenda.faults, "the agenda that everybody starts with must be sound: " + "; ".join(map(str, agenda.faults))
    return slides.deck(labels.keyed(edition_id, "CLEAR"), agenda, "CLEAR")


def test_every_kind_is_in_the_default_agenda_so_that_all_are_looked_at(deck, edition_id):
    agenda = meetings.read("default", slides.known(edition_id), meetings.HERE)
    assert {e.kind for e in agenda.entries} == set(meetings.KINDS) == set(slides.MAKERS)
    assert {s.kind for s in deck.slides} == set(meetings.KINDS) - {"changes"}, "no edition before: nothing to say, no slide"
    assert "cannot be said" in one(edition_id, "changes").title


def test_a_slide_is_one_sentence_one_picture_and_one_line_and_the_rest_is_in_the_notes(deck, edition_id):
    for slide in deck.slides:
        if slide.picture is not None:
            assert not (slide.facts or slide.points), slide.kind
            assert not slide.lead or slide.lead.endswith("a projection, not a figure"), slide.kind
            assert len(slide.source_line) <= 190 and "Source: " in slide.source_line, slide.source_line
        assert slide.source_line in html.body(slide, 9, edition_id).replace("&#x27;", "'").replace("&amp;", "&")
    member = next(s for s in deck.slides if s.kind == "member")
    assert "victims · Quote as a minimum. No trend" in member.source_line
    assert any(line.startswith("Persons convicted of trafficking: 248. ") for line in member.details)


def test_what_past_years_suggest_stands_on_the_slide_itself_as_a_projection_in_every_medium(deck, edition_id):
    slide = one(edition_id, "corridor", origin="MMR", destination="MYS", indicator="asylum_applications_new")
    said = slide.lead.replace("'", "&#x27;")
    assert re.fullmatch(r"2026: past years suggest [\d,]+ to [\d,]+ people, a projection, not a figure", slide.lead)
    assert said in html.body(slide, 1, edition_id) and slide.lead not in slide.details
    assert html.picture_height(slide) == html.picture_height(dataclasses.replace(slide, lead="")) - 3
    page = Presentation(io.BytesIO(pptx.pptx_bytes(dataclasses.replace(deck, slides=(slide,))))).slides[0]
    assert any(shape.has_text_frame and slide.lead == shape.text_frame.text for shape in page.shapes)
    # the same years stand behind the last figure: a band and a dashed line, and nothing of it where nothing is expected
    ahead, rows = slide.picture.ahead, slide.picture.rows
    assert ahead.year.min() == rows.year.max() + 1 and slide.lead.startswith(f"{ahead.year.min()}: ")
    assert words.number(ahead.upper_80.iloc[0]) in slide.lead and words.number(ahead.lower_80.iloc[0]) in slide.lead
    drawn = html.picture_svg(slide)
    assert "<polygon" in drawn and "stroke-dasharray=" in drawn and f">{ahead.year.max()}</text>" in drawn
    assert f"{ahead.year.max()}: {words.number(ahead.lower_80.iloc[-1])}" in html.alt(slide) and "no figure" in html.alt(
        slide
    )
    chart = next(shape.chart for shape in page.shapes if shape.has_chart)
    assert list(chart.plots[0].categories)[-len(ahead) :] == ahead.year.map(str).tolist()
    years = list(chart.plots[0].categories)
    expected = {line.name: list(line.values)[len(years) - len(ahead) :] for line in chart.plots[0].series}
    for name, end in pptx.AHEAD.items():
        assert expected.pop(f"projection, {name}") == ahead[end].tolist()
    assert all(value is None for values in expected.values() for value in values), "no figure of a year to come"
    without = one(edition_id, "member", member="THA", indicator="refugees")
    assert not without.lead and without.picture.ahead is None and "<polygon" not in html.picture_svg(without)


def test_only_what_stands_in_an_outer_third_stands_out(edition_id):
    for iso3 in ("THA", "MMR", "AUS", "FJI"):
        slide = one(edition_id, "factors", member=iso3)
        assert slide.facts and not [f for f in slide.facts if "middle third" in f.line]


def test_the_back_row_reads_every_map(edition_id):
    """At 1920 by 1080 no name, number, legend or disclaimer of a map is under 24 pixels, under the longest title, too."""
    asked = [{"family": family} for family in maps.families(edition_id)]
    asked += [{"member": iso3} for iso3 in ("THA", "PRK", "LAO", "AUS", "TUR")] + [{}]
    for wanted in asked:
        slide = one(edition_id, "route_map", **wanted)
        sheet, drawing_ = slide.picture.sheet, slide.picture.drawing
        pixels = min(svg.WIDTH / sheet.width, html.picture_height(slide) * svg.UNIT / sheet.height)
        names = [*drawing_.labels, *drawing_.tabs, *(drawing_.inset[0].labels if drawing_.inset else ())]
        sizes = [sheet.fine, map_svg.LETTERS, *(name.size for name in names)]
        assert min(sizes) * pixels >= 24, (wanted, min(sizes) * pixels)


def test_a_slide_has_a_message_of_two_lines_a_label_its_edition_and_no_number_without_unit_period_grade_and_source(deck):
    for slide in deck.slides:
        assert slide.title and len(slide.title) <= 140 and "\n" not in slide.title
        said = html.body(slide, len(deck.slides), deck.edition_id)
        assert said.count("<svg xmlns") == (slide.picture is not None)
        assert f"TLP:{slide.tlp}" in said and f"{slide.number} / {len(deck.slides)}" in said
        assert deck.edition_id in said and html.STANDING in said
        for fact in slide.facts:
            assert fact.line and fact.grade in words.GRADE.values() and fact.limit and fact.publisher, slide.kind
        if slide.picture is not None or slide.facts:
            assert slide.sources and slide.period and slide.unit and slide.grade and slide.limit, slide.kind


@pytest.mark.parametrize(
    "kind, wanted",
    [
        ("member", {"member": "NRU"}),
        ("member", {"member": "PLW"}),
        ("member", {"member": "THA", "indicator": "migrant_stock"}),
        ("corridor", {"origin": "NRU", "destination": "KIR"}),
        ("factors", {"member": "NRU"}),
        ("route_map", {"member": "MNG"}),
        ("action", {"action": "2020-22"}),
        ("action", {"action": "2018"}),
        ("route_map", {"crime": "smuggling"}),
        ("route_map", {"route": "R02"}),
    ],
)
def test_a_chair_may_ask_for_what_is_hardly_held_and_the_slide_says_so_and_never_zero(edition_id, kind, wanted):
    slide = one(edition_id, kind, **wanted)
    said = html.body(slide, 1, edition_id)
    assert slide.title and TLP.search(said)
    if not slide.facts and slide.picture is None and not slide.points:
        assert "not zero" in slide.lead or "does not mean" in slide.lead


def test_an_earlier_edition_of_another_shape_gives_a_kind_word(edition_id, monkeypatch):
    from corridors.store.queries import figures

    def other(*_):
        raise figures.OtherShape("older")

    monkeypatch.setitem(slides.MAKERS, "quality", other)
    assert "cannot show this slide" in one(edition_id, "quality").title


@pytest.fixture(scope="module")
def labelled(edition_id, editions_folder) -> str:
    """An edition in which Thailand's detected victims are AMBER and two routes GREEN, kept beside the others."""
    made = f"{edition_id[:10]}-00a3be12"
    with reopened(editions.path_of(edition_id), editions_folder, made) as connection:
        connection.execute("update figure set tlp = 'AMBER' where iso3 = 'THA' and indicator_id = 'detected_victims'")
        connection.execute("update route set tlp = 'GREEN' where route_id in ('R01', 'R02')")
    publishing.set_current(edition_id, editions_folder)
    yield made
    for path in editions.files_of(made, editions_folder):
        path.unlink()


def test_figures_above_the_ceiling_are_on_no_slide_and_in_no_note(labelled):
    shut, open_ = (one(labelled, "member", ceiling, member="THA") for ceiling in ("CLEAR", "AMBER"))
    assert "detected victims" in open_.title and open_.tlp == "AMBER"
    assert "detected victims" not in str(shut).lower() and shut.tlp == "CLEAR"


def test_routes_above_the_ceiling_are_neither_drawn_nor_counted_nor_named(labelled, edition_id):
    everything, shut, open_ = (one(edition_id, "route_map"), one(labelled, "route_map"), one(labelled, "route_map", "GREEN"))
    assert shut.title != everything.title and open_.title == everything.title and open_.tlp == "GREEN"
    drawn = {line.route.id for line in shut.picture.drawing.lines}
    assert len(drawn) > 30 and not drawn & {"R01", "R02"} and "R01" not in "".join(shut.details) + shut.picture.alt
    assert "R01" not in str(one(labelled, "corridor", origin="MMR", destination="MYS").points)


def test_the_viewers_own_ceiling_holds_whatever_the_agenda_says(labelled):
    agenda = meeting(
        entry("member", member="THA"), entry("text", tlp="AMBER", title="Inside", points=("secret",)), ceiling="AMBER"
    )
    for key, ceiling in (
        (labels.keyed(labelled, "CLEAR"), "AMBER"),
        (labelled, "CLEAR"),
        (labels.keyed(labelled, "AMBER"), "CLEAR"),
    ):
        made = slides.deck(key, agenda, ceiling)
        assert "detected victims" not in str(made.slides[0]).lower(), (key, ceiling)
    assert "secret" not in str(slides.deck(labelled, agenda, "CLEAR"))
    assert slides.deck(labelled, agenda, "AMBER").tlp == "AMBER"


def test_a_meeting_on_paper_is_one_page_a_slide_tagged_and_the_same_for_the_same_edition(deck):
    one, two = pdf.pdf_bytes(deck), pdf.pdf_bytes(deck)
    assert one.startswith(b"%PDF-") and one == two and b"StructTreeRoot" in one
    assert len(pdf.pictures(deck, ppi=20)) == len(deck.slides), "no slide runs over its page"
    sizes = re.findall(r"size: (?:if [^{]*{ )?([\d.]+)pt", pdf.TEMPLATE.read_text(encoding="utf-8"))
    assert min(map(float, sizes)) >= 12 and "30pt" in pdf.TEMPLATE.read_text(encoding="utf-8"), "24 and 60 pixels of 1920"


def test_words_of_an_agenda_are_text_and_never_markup(edition_id):
    evil = '<img src="https://x.example/a.png" onerror=alert(1)>'
    slide = slides.slide(edition_id, meeting(), entry("text", title=evil, points=(evil,), note=evil), 1, "CLEAR")
    assert "<img" not in html.body(slide, 1, edition_id)


def rows(years, values=None, lower=None, upper=None, status="reported") -> pd.DataFrame:
    bounds = {name: given or float("nan") for name, given in (("value", values), ("lower", lower), ("upper", upper))}
    unit = {"status": status, "decimals": 0, "unit_one": "victim", "unit_many": "victims"}
    return pd.DataFrame({"year": years, **bounds, **unit}).astype({"value": float, "lower": float, "upper": float})


def test_a_missing_year_is_a_gap_and_a_masked_one_a_hatched_range():
    table = pd.concat([rows([2015, 2016, 2019], [5.0, 7.0, 4.0]), rows([2020], lower=[1.0], upper=[4.0], status="masked")])
    drawn = svg.series(Series(table, (), "victims"), "x")
    assert drawn.count("<polyline") == 1 and drawn.count("<circle") == 3 and drawn.count('fill="url(#hatch)"') == 1


def test_no_line_is_drawn_across_a_break():
    drawn = svg.series(Series(rows([2015, 2016, 2017, 2018], [1.0, 2.0, 3.0, 4.0]), ((2017, "new law"),), "victims"), "x")
    assert drawn.count("<polyline") == 2 and ">break<" in drawn


KNOWN = st.tuples(st.integers(2000, 2026), st.floats(-1e6, 1e9), st.floats(0, 1e9))


@given(st.lists(KNOWN, min_size=1, max_size=27, unique_by=lambda r: r[0]))
def test_any_series_is_drawn_with_text_of_at_least_32_pixels(known):
    table = rows([y for y, *_ in known], lower=[low for _, low, _ in known], upper=[low + wide for _, low, wide in known])
    drawn = svg.series(Series(table, ((2010, "x"),), "victims"), "x")
    assert min(map(float, re.findall(r'font-size="([\d.]+)"', drawn))) >= 24 and "nan" not in drawn.lower()


@given(st.floats(-1e9, 0), st.floats(0.01, 1e9))
def test_the_axis_begins_at_or_below_and_ends_at_or_above_what_is_shown(low, high):
    ticks = svg.steps(low, high)
    assert ticks[0] <= low + 1e-5 and ticks[-1] >= high and 2 <= len(ticks) <= 12 and any(abs(t) < 1e-9 for t in ticks)


@pytest.fixture(scope="module")
def written(deck) -> bytes:
    return pptx.pptx_bytes(deck)


def text_of(page) -> str:
    return "\n".join(shape.text_frame.text for shape in page.shapes if shape.has_text_frame)


def test_the_slide_file_has_a_page_for_each_slide_with_title_foot_and_notes(deck, written):
    pages = list(Presentation(io.BytesIO(written)).slides)
    assert len(pages) == len(deck.slides)
    for page, slide in zip(pages, deck.slides):
        said = text_of(page)
        assert page.shapes.title.text_frame.text == slide.title
        assert f"TLP:{slide.tlp}" in said and f"{slide.number} / {len(pages)}" in said and deck.edition_id in said
        notes = page.notes_slide.notes_text_frame.text
        assert slide.source_line in said and all(source in notes for source in slide.sources)
        assert slide.grade in notes and slide.limit in notes
        assert (slide.note or "No note") in notes and all(line in notes for line in slide.details)


def test_charts_in_the_slide_file_are_native_and_hold_the_same_numbers_with_gaps(deck, written):
    pages = list(Presentation(io.BytesIO(written)).slides)
    seen = 0
    for page, slide in zip(pages, deck.slides):
        charts = [shape.chart for shape in page.shapes if shape.has_chart]
        if isinstance(slide.picture, Series):
            seen += 1
            points = {int(r.year): drawing.middle(r) for r in slide.picture.rows.itertuples() if not drawing.wide(r)}
            years = list(charts[0].plots[0].categories)
            found = {int(y): v for part in charts[0].plots[0].series for y, v in zip(years, part.values) if v is not None}
            assert found == pytest.approx(points) and years == [str(y) for y in range(int(years[0]), int(years[-1]) + 1)]
        elif slide.kind != "route_map":
            assert bool(charts) == (slide.picture is not None)
    assert seen == 2


def deck_of(*made: Slide) -> Deck:
    from datetime import date

    return Deck("m", "M", "", None, "2026-01-01-0a1b2c3d", date(2026, 1, 1), "CLEAR", "CLEAR", made)


def test_no_title_of_the_slide_file_runs_into_what_stands_beneath_it_and_all_has_one_font(deck, edition_id):
    """Lines are counted with letters of 0.55 of their size, wider than any text in the font of the file on average."""
    families = [one(edition_id, "route_map", family=family) for family in maps.families(edition_id)]
    long = [one(edition_id, kind, member=iso3) for kind in ("member", "route_map", "factors") for iso3 in ("PRK", "LAO")]
    file = Presentation(io.BytesIO(pptx.pptx_bytes(deck_of(*deck.slides, *families, *long))))
    for page in file.slides:
        title = page.shapes.title
        (run,) = title.text_frame.paragraphs[0].runs
        needed = pptx.lines(run.text, run.font.size.pt) * run.font.size.pt * 1.2
        assert run.font.size.pt >= 30 and title.height.pt >= needed, run.text
        others = [s for s in page.shapes if s.shape_id != title.shape_id and s.top.pt < 7.0 * 72]
        beneath = [s for s in others if s.top + s.height > title.top]
        assert [s.text_frame.text for s in others if s not in beneath] == ["TLP:CLEAR"], "the label in the corner above"
        assert all(s.top >= title.top + title.height - 9525 for s in beneath), run.text
        fonts = {r.font.name for s in page.shapes if s.has_text_frame for p in s.text_frame.paragraphs for r in p.runs}
        assert fonts <= {None}, "the font of the file's theme"
    theme = next(p.blob for p in file.part.package.iter_parts() if "theme" in str(p.partname)).decode()
    assert len(set(re.findall(r'<a:(?:major|minor)Font>\s*<a:latin typeface="([^"]+)"', theme))) == 1


def test_masked_years_are_said_in_words_and_are_gaps_in_the_chart():
    table = pd.concat([rows([2015, 2016], [5.0, 0.0]), rows([2018], lower=[1.0], upper=[4.0], status="masked")])
    page = Presentation(
        io.BytesIO(pptx.pptx_bytes(deck_of(Slide(1, "member", "T", picture=Series(table, (), "victims")))))
    ).slides[0]
    (chart,) = (s.chart for s in page.shapes if s.has_chart)
    assert list(chart.plots[0].series[0].values) == [5.0, 0.0, None, None]  # a zero is a point; missing and masked are not
    assert "Only a range is known" in text_of(page) and "2018: 1–4" in text_of(page)


@given(st.text(max_size=60), st.sampled_from(["=1+1", "+cmd", "@x", "-2"]))
def test_any_words_give_a_file_that_opens_and_no_formula(words_, formula):
    bars = Stack((formula + words_,), (("people", (1,)),), 1)
    made = Slide(1, "text", words_ or "T", points=(words_,), note=words_, picture=bars)
    page = Presentation(io.BytesIO(pptx.pptx_bytes(deck_of(made)))).slides[0]
    (chart,) = (s.chart for s in page.shapes if s.has_chart)
    assert str(list(chart.plots[0].categories)[0]).startswith("'")


def test_nothing_on_a_page_of_the_slide_file_is_smaller_than_ten_points_or_outside_the_page(written):
    file = Presentation(io.BytesIO(written))
    for page in file.slides:
        for shape in page.shapes:
            assert -9525 <= shape.left and shape.left + shape.width <= file.slide_width + 9525, shape.name
            sizes = (
                [r.font.size for p in shape.text_frame.paragraphs for r in p.runs if r.font.size]
                if shape.has_text_frame
                else []
            )
            assert all(size >= Pt(10) for size in sizes), shape.name


def test_the_slide_file_opens_in_libreoffice(written, tmp_path):
    (tmp_path / "deck.pptx").write_bytes(written)
    assert office.converted(tmp_path / "deck.pptx", "pdf", tmp_path / "out").read_bytes().startswith(b"%PDF")


def test_every_list_of_fonts_in_a_drawing_is_one_that_a_browser_takes():
    """A name of several words of which one begins with a digit must stand in quotes; else the browser falls back to a serif."""
    for fonts in (svg.FONT, drawing.FONT, map_svg.FONT):
        plain = [name.strip() for name in fonts.split(",") if name.strip()[0] != "'"]
        assert plain and all(word[0].isalpha() for name in plain for word in name.split()), fonts
