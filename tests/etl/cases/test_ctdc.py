"""CTDC: equal rows are people and are never merged away; what is hidden and what is unknown stay apart."""

from pathlib import Path

import pandas as pd
import pytest

from corridors.problems import Refused
from corridors.store.cases import tables
from etl.pipeline import DATA
from etl.sources.ctdc import read

ORIGINALS = Path(__file__).resolve().parents[4] / "shared" / "originals" / "ctdc"
DIMENSIONS = ["form", "sex", "age_band", "citizenship", "exploitation_country", "detected_year"]
HEADER = ",".join([*read.COLUMNS, *read.ALPHA3.values()])
SAMPLE = [  # twelve and fourteen people who cannot be told apart, and eleven of whom little is known
    *["2016,Female,9--17,PH,0.0,1.0,0,PHL,"] * 12,
    *["2017,Male,30--38,NA,1.0,1.0,TH,NAM,THA"] * 14,
    *["2017,Male,,0,,,,,"] * 11,
]


def original(folder: Path, lines: list[str], header: str = HEADER) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "CTDC_global_kanon_sample.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return folder


def test_people_who_cannot_be_told_apart_become_one_profile_with_their_number(tmp_path):
    made = read.extract(original(tmp_path / "ctdc", SAMPLE), tmp_path / "data")
    assert made.persons == 37 and list(made.rows["weight"]) == [12, 11, 14]
    told = made.rows.to_dict("records")
    assert told[0]["citizenship"] == "PHL" and told[0]["exploitation_country"] == "suppressed"
    assert told[0]["form"] == "sexual_exploitation"
    assert told[1]["citizenship"] == "suppressed" and told[1]["exploitation_country"] == "" and told[1]["form"] == ""
    assert told[2]["citizenship"] == "NAM" and told[2]["form"] == "forced_labour_and_sexual"
    assert told[2]["age_band"] == "30-47"
    again = kept(tmp_path / "data")
    assert again[again[DIMENSIONS].eq("").all(axis=1)].value.tolist() == [37]
    women = (again.sex == "female") & again[[d for d in DIMENSIONS if d != "sex"]].eq("").all(axis=1)
    assert again[women].value.tolist() == [12]


def test_what_is_kept_is_no_copy_of_the_original(tmp_path):
    read.extract(original(tmp_path / "ctdc", SAMPLE), tmp_path / "data")
    assert sorted(p.name for p in (tmp_path / "data").rglob("*") if p.is_file()) == ["counts.csv", "ctdc.toml"]
    assert ((kept(tmp_path / "data")[DIMENSIONS] != "").sum(axis=1) <= 3).all()
    assert "may not be passed on" in (tmp_path / "data/cases/ctdc/ctdc.toml").read_text(encoding="utf-8")


def test_the_kept_counts_give_the_same_cube_as_the_profiles(tmp_path):
    made = read.extract(original(tmp_path / "ctdc", SAMPLE), tmp_path / "data")
    made.rows.to_csv(tmp_path / "profiles.csv", index=False)
    direct = tables.counted(tmp_path / "profiles.csv", "trafficking", 11)
    again = tables.kept_counts(tmp_path / "data/cases/ctdc/counts.csv", "trafficking", 11)
    assert list(direct) == list(again)
    same = [sorted(map(str, frame.fillna("").itertuples(index=False))) for frame in (direct, again)]
    assert same[0] == same[1]


@pytest.mark.parametrize("line", ["3,,,,,,9\n", "unknown,male,0-17,PHL,,,40\n", ",,,,,,37\n"])
def test_counts_that_a_hand_made_finer_smaller_or_twice_are_refused(tmp_path, line):
    read.extract(original(tmp_path / "ctdc", SAMPLE), tmp_path / "data")
    path = tmp_path / "data/cases/ctdc/counts.csv"
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")
    with pytest.raises(ValueError):
        tables.kept_counts(path, "trafficking", 11)


@pytest.mark.parametrize(
    "line, words",
    [
        ("2016,Woman,9--17,PH,0.0,1.0,,PHL,", "“Woman”"),
        ("2016,Female,17,PH,0.0,1.0,,PHL,", "“17”"),
        ("16,Female,9--17,PH,0.0,1.0,,PHL,", "“16”"),
        ("2016,Female,9--17,ZZ,0.0,1.0,,,", "“ZZ”"),
        ("2016,Female,9--17,PH,0.0,2.0,,PHL,", "“2.0”"),
        ("2016,Female,9--17,PH,0.0,1.0,,THA,", "“THA”"),
        ("2016,Female,9--17,UA,0.0,1.0,,UKR,", "fewer than 11"),
    ],
)
def test_another_format_or_a_file_that_is_not_anonymous_is_refused_and_nothing_is_written(tmp_path, line, words):
    with pytest.raises(Refused, match=words):
        read.extract(original(tmp_path / "ctdc", [*SAMPLE, line]), tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_missing_file_or_column_is_refused(tmp_path):
    with pytest.raises(Refused, match="no such f"):
        read.extract(tmp_path / "none", tmp_path)
    with pytest.raises(Refused, match="ageBroad"):
        read.extract(original(tmp_path / "ctdc", SAMPLE, HEADER.replace("ageBroad", "age")), tmp_path)


def kept(data: Path) -> pd.DataFrame:
    path = data / "cases/ctdc/counts.csv"
    return pd.read_csv(path, dtype=dict.fromkeys(DIMENSIONS, "str"), keep_default_na=False)


def test_the_kept_counts_are_complete():
    cube = kept(DATA)
    alone = {d: cube[(cube[d] != "") & cube[[o for o in DIMENSIONS if o != d]].eq("").all(axis=1)] for d in DIMENSIONS}
    assert (len(cube), cube.value.max(), cube.value.min()) == (4_840, 48_773, 11)
    by_year = alone["detected_year"].set_index("detected_year").value
    assert by_year["2016"] == 16_399 and (by_year.index.min(), by_year.index.max()) == ("2002", "2018")
    by_citizenship = alone["citizenship"].set_index("citizenship").value
    assert by_citizenship["suppressed"] == 8_858 and by_citizenship["unknown"] == 278


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the originals lie beside the project in development only")
def test_the_original_gives_the_kept_counts_byte_for_byte(tmp_path):
    made = read.extract(ORIGINALS, tmp_path)
    assert made.persons == 48_773
    for name in ("counts.csv", "ctdc.toml"):
        assert (tmp_path / "cases/ctdc" / name).read_bytes() == (DATA / "cases/ctdc" / name).read_bytes()
