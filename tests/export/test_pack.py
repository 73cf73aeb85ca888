"""The pack: complete or not there, and nothing in it asks anything of a network."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corridors.catalog import meetings
from corridors.export import __main__ as commands
from corridors.export import faults, pack
from corridors.export.slides import deck as slides
from corridors.store import labels

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def deck(edition_id):
    return slides.deck(
        labels.keyed(edition_id, "CLEAR"), meetings.read("default", slides.known(edition_id), meetings.HERE), "CLEAR"
    )


@pytest.fixture
def run(edition_id, editions_folder):
    """`run("pack", …)` calls the command; returns exit code and what was printed."""
    return lambda *words: CliRunner().invoke(commands.app, list(words))


def test_the_pack_has_a_page_for_each_slide_is_small_and_links_only_to_itself(deck, tmp_path):
    folder = pack.write(deck, tmp_path)
    there = {p.name for p in folder.iterdir()}
    assert len([n for n in there if n.endswith(".html")]) == len(deck.slides) + 1
    assert sum(p.stat().st_size for p in folder.iterdir()) < pack.MOST
    for page in folder.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert set(re.findall(r'(?:href|src)="([^"#]+)"', text)) - {"data:,"} <= there, page.name
        assert re.findall(r"<script.*?</script>", text, re.S) == [f"<script>{pack.KEYS}</script>"], "one program: the keys"
        assert text.count("<script") == 1 and "@import" not in text and not re.search(r"url\((?!#)", text), page.name
        assert pack.POLICY in text and "TLP:CLEAR" in text and 'lang="en-GB"' in text


def test_every_page_says_source_grade_limits_and_edition(deck):
    for slide in deck.slides:
        text = pack.slide_page(deck, slide).replace("&#x27;", "'").replace("&amp;", "&")
        assert all(s in text for s in slide.sources) and slide.grade in text and slide.limit in text
        assert deck.edition_id in text
        assert slide.note not in text or not slide.note, "speaker's notes stay with the speaker"


def test_a_page_of_the_pack_bears_the_strictest_label_of_all_that_it_names(deck):
    """The titles of the slides before and after stand on it as links; the first page lists every title."""
    slides_ = tuple(
        replace(slide, tlp=label, number=n)
        for n, (slide, label) in enumerate(zip(deck.slides, ("CLEAR", "CLEAR", "AMBER", "GREEN", "CLEAR")), 1)
    )
    small = replace(deck, slides=slides_, tlp="AMBER")
    bars = [re.findall(r'class="mark"><span>TLP:([A-Z+]+)', pack.slide_page(small, slide)) for slide in slides_]
    assert bars == [["CLEAR"] * 2, ["AMBER"] * 2, ["AMBER"] * 2, ["AMBER"] * 2, ["GREEN"] * 2]
    assert re.findall(r'class="mark"><span>TLP:([A-Z+]+)', pack.index(small)) == ["AMBER"] * 2


def test_the_table_of_a_chart_holds_every_year_with_unit_and_grade(deck):
    slide = next(s for s in deck.slides if s.kind == "corridor")
    table = pack.table(slide)
    assert table.count("<tr>") == len(slide.picture.rows) + 1 and slide.picture.unit in table


def test_a_pack_is_replaced_whole_and_nothing_is_left_over(deck, tmp_path):
    first = pack.write(deck, tmp_path)
    (first / "99-old.html").write_text("old", encoding="utf-8")
    assert pack.write(deck, tmp_path) == first
    assert not (first / "99-old.html").exists() and [p.name for p in tmp_path.iterdir()] == [first.name]


def test_a_folder_that_is_somebody_elses_is_not_touched(deck, tmp_path):
    mine = tmp_path / deck.file_stem
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(faults.NotWritable, match="no pack of this program"):
        pack.write(deck, tmp_path)
    assert (mine / "thesis.txt").read_text(encoding="utf-8") == "years of work" and len(list(tmp_path.iterdir())) == 1


def test_a_pack_that_would_be_too_large_is_refused_before_anything_is_written(deck, tmp_path, monkeypatch):
    monkeypatch.setattr(pack, "MOST", 1000)
    with pytest.raises(pack.TooLarge):
        pack.write(deck, tmp_path)
    assert not list(tmp_path.iterdir())


def test_both_commands_write_what_they_say(run, tmp_path):
    for command, ending in (("pack", ""), ("slides", ".pptx")):
        outcome = run(command, "-o", str(tmp_path))
        assert outcome.exit_code == 0 and "TLP:CLEAR" in outcome.output, outcome.output
        assert list(tmp_path.glob(f"corridors-default-*{ending}"))


def test_an_agenda_with_faults_is_refused_with_all_of_them_unless_asked_otherwise(run, tmp_path, monkeypatch):
    agendas = tmp_path / "agendas"
    agendas.mkdir()
    (agendas / "mine.toml").write_text(
        'title = "M"\n[[slides]]\nkind = "title"\n[[slides]]\nkind = "member"\nmember '
        '= "Atlantis"\n[[slides]]\nkind = "film"\n'
    )
    monkeypatch.setenv("CORRIDORS_MEETINGS", str(agendas))
    outcome = run("pack", "--meeting", "mine", "-o", str(tmp_path / "out"))
    assert isinstance(outcome.exception, commands.FaultyAgenda)
    assert "slide 2: found member “Atlantis”" in str(outcome.exception) and "slide 3: found the kind “film”" in str(
        outcome.exception
    )
    assert not (tmp_path / "out").exists()
    assert run("pack", "--meeting", "mine", "-o", str(tmp_path / "out"), "--only-sound").exit_code == 0


@pytest.mark.parametrize(
    "words, said",
    [
        (("--meeting", "../x"), "There is no agenda"),
        (("--tlp", "PURPLE"), "expected one of CLEAR"),
        (("--tlp", "RED"), "not written to files"),
    ],
)
def test_what_cannot_be_made_is_refused_in_words(run, tmp_path, words, said):
    outcome = run("slides", "-o", str(tmp_path), *words)
    assert isinstance(outcome.exception, faults.Refused) and said in str(outcome.exception)


def test_what_a_pack_is_made_with_draws_without_streamlit():
    said = subprocess.run(
        [sys.executable, "-c", "import sys, corridors.export.__main__; print('streamlit' in sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.strip() == "False"
