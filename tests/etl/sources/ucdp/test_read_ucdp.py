"""The reader of UCDP's country-years, on small files in both of the publisher's layouts, and what is held."""

from __future__ import annotations

import io
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog, paths
from etl import series
from etl.download import FetchPolicy
from etl.refresh import refresh
from etl.sources.ucdp import read as ucdp
from tests.etl.publisher_server import Answer, running
from tests.etl.sources.reader import Reader, held

READER = Reader("ucdp")
extracted, refusal = READER.extracted, READER.refusal

HERE = Path(__file__).parent
FILE = "organizedviolencecy_v25_1.csv"
SAMPLE = (HERE / "sample" / FILE).read_text(encoding="utf-8")
ZIP = "organizedviolencecy.zip"


def written(folder: Path, text: str = SAMPLE, name: str = FILE) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def zipped(folder: Path, **files: str) -> Path:
    """An archive with the files; by default one of the layout since version 26.1, with a Mac's leavings."""
    newer = "\ufeff" + SAMPLE.replace("_cy", "").replace("version", "Version")
    files = files or {"OrganizedViolenceCYDataSet26_1.csv": newer, "__MACOSX/._x.csv": "x", "codebook.pdf": "%PDF"}
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / ZIP, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return folder


def told(result) -> dict:
    f = result.figures
    numbers = f[["value", "lower", "upper"]].itertuples(index=False, name=None)
    return dict(zip(zip(f["iso3"], f["period_end"].str[:4]), numbers))


def test_every_line_is_a_figure_or_out_of_scope_with_the_reason(tmp_path):
    result = extracted(written(tmp_path))
    assert result.cells_read == 12 and len(result.figures) == 7 and result.rejected.empty
    assert result.out_of_scope == {series.OLD: 2, series.NO_MEMBER: 3}
    assert told(result)[("MMR", "2024")] == (2896, 2800, 5209), "the best estimate comes with its low and high"


def test_a_year_without_a_death_is_a_zero_unless_the_high_estimate_allows_for_some(tmp_path):
    f = extracted(written(tmp_path)).figures.set_index("iso3")
    assert (f.loc["TON", "value"], f.loc["TON", "status"], f.loc["TON", "upper"]) == (0, "zero", 0)
    assert (f.loc["BGD", "value"], f.loc["BGD", "status"], f.loc["BGD", "upper"]) == (0, "reported", 11)


def test_former_names_in_brackets_lead_to_the_country_of_today(tmp_path):
    labels = extracted(written(tmp_path)).figures.set_index("iso3")["provider_label"]
    assert labels["KHM"] == "Cambodia (Kampuchea)" and labels["VNM"] == "Vietnam (North Vietnam)"
    assert labels["WSM"] == "Samoa (Western Samoa)" and labels["TUR"] == "Turkey"


def test_the_new_layout_of_the_publisher_gives_the_same_figures_from_its_archive(tmp_path):
    plain = extracted(written(tmp_path / "plain")).figures
    newer = extracted(zipped(tmp_path / "newer"))
    pd.testing.assert_frame_equal(newer.figures, plain)
    assert [f.file for f in newer.inputs] == [ZIP]


def test_a_new_column_changes_nothing(tmp_path):
    lines = SAMPLE.splitlines()
    wider = "\n".join([f"{lines[0]},gwno_cy", *(f"{line},7" for line in lines[1:])]) + "\n"
    found = extracted(written(tmp_path, wider)).figures
    pd.testing.assert_frame_equal(found, extracted(written(tmp_path / "old")).figures)


def test_a_year_after_the_one_that_the_version_covers_is_cut_and_the_cut_is_told(tmp_path):
    result = extracted(written(tmp_path, SAMPLE.replace("Tonga,2024", "Tonga,2025")))
    assert ("TON", "2025") not in told(result) and result.out_of_scope[series.PROJECTED] == 1
    assert "1 numbers of members for years after 2024 were cut: projections." in result.notes


def test_a_best_estimate_outside_its_own_bounds_is_quarantined(tmp_path):
    result = extracted(written(tmp_path, SAMPLE.replace(",2896,5209,2800,", ",2896,2800,2700,")))
    assert result.rejected["reason"].tolist() == [ucdp.CROSSED] and ("MMR", "2024") not in told(result)


def test_two_lines_for_one_year_are_quarantined(tmp_path):
    result = extracted(written(tmp_path, SAMPLE.replace("Samoa (Western Samoa),2024", "Tonga,2024")))
    assert result.rejected["reason"].tolist() == [series.REPEATED] * 2 and ("TON", "2024") not in told(result)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("_orgvio_best_cy", "_orgvio_median_cy", "column “cumulative_total_deaths_in_orgvio_best”"),
        ("Tonga", "Tongga", "column “country”, row 10: found unknown label “Tongga” (1 rows)"),
        ("Turkey,2024", "Turkey,next", "column “year”, row 9: found “next”"),
        (",2896,", ",about 2900,", "row 3: found “about 2900”; expected a whole number, zero or more"),
        (",2896,", ",-5,", "row 3: found “-5”"),
        (",2896,", ",2896.5,", "row 3: found “2896.5”"),
        ("2800,25.1", "2800,26.0.8", "column “version”, row 3: found “25.1” and “26.0.8”"),
    ],
)
def test_a_file_that_lost_or_changed_a_part_is_refused_by_name(tmp_path, old, new, said):
    assert old in SAMPLE
    text = refusal(written(tmp_path, SAMPLE.replace(old, new, 1)))
    assert FILE in text and said in text


def test_an_archive_that_is_broken_or_holds_something_else_is_refused(tmp_path):
    path = zipped(tmp_path) / ZIP
    path.write_bytes(path.read_bytes()[:-30])
    assert ZIP in (text := refusal(tmp_path)) and "cannot be opened" in text and "etl refresh ucdp" in text
    zipped(tmp_path, **{"readme.txt": "moved"})
    assert "found no CSV; expected one CSV" in refusal(tmp_path)
    zipped(tmp_path, **{"a.csv": SAMPLE, "b.csv": SAMPLE})
    assert "found a.csv, b.csv" in refusal(tmp_path)
    zipped(tmp_path, **{"a.csv": SAMPLE.replace("Tonga", "Tongga")})
    assert "a.csv, column “country”" in refusal(tmp_path)


def test_a_refresh_follows_the_link_on_the_publishers_page_to_a_file_that_is_understood(tmp_path):
    card = catalog.read_source(Path(ucdp.__file__).with_name("source.toml"))
    page = (
        b'<a href="ged/ged261-csv.zip">CSV</a><a href="organizedviolencecy/organizedviolencecy-261-xlsx.zip">Excel</a>'
        b'<a href="organizedviolencecy/organizedviolencecy-261-csv.zip">CSV</a>'
    )
    archive = (zipped(tmp_path / "made") / ZIP).read_bytes()
    with running() as publisher:
        publisher.script["/downloads/"] = [Answer(page, type="text/html")]
        publisher.script["/downloads/organizedviolencecy/organizedviolencecy-261-csv.zip"] = [Answer(archive, type="zip")]
        policy = FetchPolicy(per_second=100_000, now=lambda: datetime(2026, 9, 28, tzinfo=UTC))
        (got,) = refresh([card], tmp_path, base=publisher.base, policy=policy)
    assert got.state == "new" and zipfile.is_zipfile(io.BytesIO(archive))
    assert len(extracted(tmp_path / "ucdp").figures) == 7


def test_members_without_a_line_are_the_three_that_are_no_states_and_the_note_names_them():
    f, card = held("ucdp"), catalog.read_source(Path(ucdp.__file__).with_name("source.toml"))
    assert set(catalog.load().members) - set(f["iso3"]) == {"HKG", "MAC", "NCL"}
    (note, *_) = tomllib.loads(paths.source_card(paths.DATA, "ucdp").read_text(encoding="utf-8"))["notes"]
    assert all(name in note for name in ("Hong Kong", "Macao", "New Caledonia"))
    assert f["status"].value_counts().to_dict() == {"zero": 692, "reported": 356}
    assert "not by nationality" in card.limits and "25" in card.limits
