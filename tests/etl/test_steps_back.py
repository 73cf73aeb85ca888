"""An older or thinner release never replaces what is kept unless it is asked for; what would change is said before it does."""

import shutil
from pathlib import Path

import pytest

from corridors import paths
from corridors.problems import Refused
from etl import pipeline
from tests.etl.sources.unodc_glotip import test_read_unodc_glotip as glotip

SOURCE = "unodc_glotip"
SOURCES_OF_TESTS = Path(__file__).with_name("sources")
TWENTY = [glotip.row(str(40 + n), year=2003.0 + n) for n in range(20)]


def release(tmp_path, rows, day="14/04/2025"):
    """The folder of an invented release with these rows."""
    folder = tmp_path / "originals"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / SOURCE).mkdir(parents=True)
    glotip.workbook(folder / SOURCE, rows, banner=(["UNODC"], [day]))
    return folder


@pytest.fixture
def data(tmp_path):
    pipeline.extract(release(tmp_path, TWENTY), [SOURCE], tmp_path / "data")
    return tmp_path / "data"


def figures(data) -> bytes:
    return paths.source_table(data, SOURCE, "figures").read_bytes()


@pytest.mark.parametrize(
    "rows, day, words",
    [
        (TWENTY, "30/05/2023", "a release of 2023-05-30, older than the kept one of 2025-04-14"),
        (TWENTY[:17], "14/04/2026", "17 figures, which would replace 20"),
        (TWENTY[:19], "14/04/2026", "figures to 2021-12-31, where the kept ones reach 2022-12-31"),
        (TWENTY[:2], "30/05/2023", "2 figures, which would replace 20"),
    ],
)
def test_a_step_back_is_refused_unless_it_is_asked_for(data, tmp_path, rows, day, words):
    before, folder = figures(data), release(tmp_path, rows, day)
    with pytest.raises(Refused, match=words) as refusal:
        pipeline.extract(folder, [SOURCE], data)
    assert figures(data) == before and "--older" in str(refusal.value)
    pipeline.extract(folder, [SOURCE], data, older=True)
    assert figures(data) != before or len(rows) == len(TWENTY)


def test_a_newer_release_and_the_same_one_again_are_taken_and_what_changes_is_said_before_it_is_written(data, tmp_path):
    before, seen = figures(data), []
    more = [*TWENTY, glotip.row("99", year=2023.0)]
    for rows, day in ((TWENTY, "14/04/2025"), (more, "14/04/2026")):
        pipeline.extract(
            release(tmp_path, rows, day), [SOURCE], data, before_writing=lambda line: seen.append((line, figures(data)))
        )
    assert [on_disk for _, on_disk in seen] == [before, before] and figures(data) != before
    assert "the same number, span and release" in seen[0][0]
    assert "kept 20 → 21, last 2022-12-31 → 2023-12-31, released 2025-04-14 → 2026-04-14" in seen[1][0]


def test_an_unknown_label_that_may_be_the_name_of_a_member_without_figures_keeps_the_file_out(tmp_path):
    """A label that is like no member's may still be one: then a member that had figures has none."""
    folder, data = tmp_path / "originals" / "ucdp", tmp_path / "data"
    shutil.copytree(SOURCES_OF_TESTS / "ucdp" / "sample", folder)
    pipeline.extract(folder.parent, ["ucdp"], data)
    (file,) = folder.iterdir()
    sound = file.read_text(encoding="utf-8")
    file.write_text(sound + sound.splitlines()[9].replace("Tonga", "Lemuria") + "\n", encoding="utf-8")
    (taken,) = pipeline.extract(folder.parent, ["ucdp"], data)
    assert list(taken.rejected["found"]) == ["“Lemuria” 2024, cumulative_total_deaths_in_orgvio: 0"]
    file.write_text(sound.replace(",Tonga,", ",Friendly Islands,"), encoding="utf-8")
    with pytest.raises(Refused, match="no figure of Tonga, and labels that nobody knows, such as “Friendly Islands” 2024"):
        pipeline.extract(folder.parent, ["ucdp"], data)
    assert len(pipeline.extract(folder.parent, ["ucdp"], data, older=True)[0].rejected) == 1
