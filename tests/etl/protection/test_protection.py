"""Protection of case records: the same cell is the same number, few and none look alike, and no record leaves."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from corridors.statistics import cell_keys
from corridors.store import editions
from corridors.store.cases import database
from corridors.store.cases import tables as case_tables
from corridors.store.queries import cases as case_reading
from corridors.store.queries import figures
from etl import lake, protection
from tests.etl import case_records
from tests.etl.case_records import DATASET, publish

ROOT = Path(__file__).resolve().parents[3]
NAMES = list(case_records.VALUES)
SECRET_COLUMNS = {"record_hash", "record_key", "record_id", "ckey", "pvalue", "batch_id", "rkey", "cell_key", "salt", "seed"}


def test_every_cell_is_the_same_number_however_it_is_asked_for(data, where):
    case_records.accept(data, case_records.invented(900, 5))
    edition_id = publish(data, 1)
    by_sex = case_reading.counts(edition_id, DATASET, ("sex",)).set_index("sex").value
    for value in ("female", "male"):
        fixed = case_reading.counts(edition_id, DATASET, (), (("sex", value),))
        assert fixed.value.tolist() == [by_sex[value]]
        # all records have one year and one citizenship: a cell of the same people must not become another number
        deeper = case_reading.counts(edition_id, DATASET, ("citizenship", "detected_year"), (("sex", value),))
        assert deeper.value.tolist() == [by_sex[value]]
    pair = case_reading.counts(edition_id, DATASET, ("sex", "age_band")).set_index(["sex", "age_band"]).value
    other = case_reading.counts(edition_id, DATASET, ("age_band",), (("sex", "female"),)).set_index("age_band").value
    assert pair["female"].to_dict() == other.to_dict()


def test_numbers_are_those_of_the_cell_key_method_on_the_records(data, where):
    """The query in the database against the plain rule, cell by cell; weights count people."""
    records = case_records.invented(4000, 8).assign(weight=lambda f: 1 + f.record_key % 2)
    case_records.accept(data, records)
    edition_id = publish(data, 1)
    noise = cell_keys.perturbation_table(protection.RULES.d, protection.RULES.variance, protection.seed(data))
    for by in (["form"], ["sex", "age_band"], ["form", "age_band", "recruitment"]):
        cells = records.groupby(by).agg(n=("weight", "sum"), key=("record_key", "sum")).reset_index()
        assert cells.n.max() > cell_keys.LARGEST or len(by) == 3, "rows that serve larger counts are not tried"
        wanted = {
            tuple(r[:-2]): cell_keys.shown(r[-2], r[-1], noise, protection.RULES.threshold)
            for r in cells.itertuples(index=False)
        }
        got = case_reading.counts(edition_id, DATASET, tuple(by))
        assert {tuple(r[:-1]): r[-1] for r in got.itertuples(index=False)} == {
            k: v for k, v in wanted.items() if v is not None
        }


def test_totals_are_moved_on_their_own_and_are_no_sums(data, where):
    case_records.accept(data, case_records.invented(3000, 9))
    edition_id = publish(data, 1)
    differ = 0
    for name in NAMES:
        parts = case_reading.counts(edition_id, DATASET, (name,)).value
        total = case_reading.counts(edition_id, DATASET, ()).value[0]
        assert abs(total - 3000) <= protection.RULES.d
        differ += parts.sum() != total
    assert differ >= 2, "a total that always equals its parts has no noise of its own"


def test_no_number_below_the_threshold_and_no_zero_is_in_an_edition(data, where):
    case_records.accept(data, case_records.invented(250, 3))
    held = case_reading.everything(publish(data, 1), DATASET)
    assert len(held) and held.value.min() >= protection.RULES.threshold


def test_a_cell_of_few_people_and_a_cell_of_nobody_look_the_same(data, where):
    """Otherwise the page says “somebody was there”, which for one person in one place is already too much."""
    records = case_records.invented(300, 4)
    records = records[(records.form != "other") | (records.sex != "male")]
    case_records.accept(data, records)
    edition_id = publish(data, 1)
    whole = case_reading.table(edition_id, DATASET, ("form", "sex"))
    withheld = whole[whole.status == "withheld"]
    assert withheld.value.isna().all()
    pairs = set(zip(withheld.form, withheld.sex))
    assert {("other", "male"), ("forced_marriage", "male")} <= pairs
    assert set(whole.columns) == {"form", "sex", "value", "status"}


def test_a_country_with_few_people_is_not_even_named(data, where):
    records = case_records.invented(400, 6)
    records.loc[records.index[:2], "citizenship"] = "TUV"
    case_records.accept(data, records)
    edition_id = publish(data, 1)
    listed = case_reading.categories(edition_id, DATASET)
    assert set(listed.value[listed.dimension == "citizenship"]) <= {"MMR", "unknown"}
    tables = figures.ask(edition_id, "select table_name from information_schema.tables where table_name like 'case_%'")
    for name in tables.table_name:
        assert "TUV" not in figures.ask(edition_id, f"from {name}").to_string()


def test_a_question_too_deep_or_about_anything_else_is_refused(data, where):
    case_records.accept(data, case_records.invented(100, 1))
    edition_id = publish(data, 1)
    with pytest.raises(case_reading.TooDetailed):
        case_reading.counts(edition_id, DATASET, tuple(NAMES))
    with pytest.raises(case_reading.TooDetailed):
        case_reading.counts(edition_id, DATASET, ("form", "sex"), (("age_band", "0-17"), ("recruitment", "broker")))
    for names in (("form; drop table case_cell",), ("record_key",), ("form", "form")):
        with pytest.raises(ValueError):
            case_reading.counts(edition_id, DATASET, names)


def test_smuggling_and_trafficking_are_never_one_number(data, where):
    both = pd.concat([case_records.invented(200, 1), case_records.invented(100, 2).assign(crime="smuggling")])
    case_records.accept(data, both)
    case_records.accept(data, case_records.invented(300, 2), batch="b2", dataset="hotline")
    sets = case_reading.datasets(publish(data, 1)).set_index("dataset_id")
    assert set(sets.index) == {"register.trafficking", "register.smuggling", "hotline.trafficking"}
    assert abs(sets.total["hotline.trafficking"] - 300) <= protection.RULES.d, "nor are two data sets"
    assert abs(sets.total["register.trafficking"] - 200) <= protection.RULES.d
    assert abs(sets.total["register.smuggling"] - 100) <= protection.RULES.d
    assert "victim" not in sets.unit_many["register.smuggling"]
    assert "exploitation_country" not in sets.dimensions["register.smuggling"]


def test_imported_data_set_of_ctdc_is_told_as_its_publisher_counts_it(where):
    tables = protection.tables(ROOT / "data", catalog.load())
    row = tables["case_dataset"].set_index("dataset_id").loc["ctdc"]
    cube = tables["case_cell"]
    cube = cube[cube.dataset_id == "ctdc"]
    depth = cube[list(case_tables.ALL)].notna().sum(axis=1)
    assert cube.value[depth == 0].tolist() == [48_773]
    assert not row.perturbed and row.k == 11 and "not moved again" in row.method
    assert cube.value.min() >= 11
    citizens = cube[(depth == 1) & cube.citizenship.notna()].set_index("citizenship").value
    assert citizens["suppressed"] == 8_858 and citizens["unknown"] == 278, "removed and not recorded are two things"
    assert "recruitment" not in row.dimensions, "what nobody recorded is no dimension"


def held(edition_id: str) -> pd.DataFrame:
    return figures.ask(edition_id, "select table_name, column_name from information_schema.columns")


def test_no_record_and_no_key_of_one_is_in_an_edition(data, where):
    records = case_records.invented(500, 2)
    case_records.accept(data, records)
    edition_id = publish(data, 1)
    columns = held(edition_id)
    assert not SECRET_COLUMNS & set(columns.column_name)
    cells = case_reading.everything(edition_id, DATASET)
    assert not cells.duplicated(list(case_reading.DIMENSIONS)).any(), "one row a cell: no row stands for a record"
    assert cells[list(case_reading.DIMENSIONS)].notna().sum(axis=1).max() <= case_tables.DEPTH
    raw = editions.path_of(edition_id).read_bytes()
    assert protection.seed(data).hex().encode() not in raw and protection.seed(data) not in raw


def test_no_record_is_in_the_edition_that_is_shipped(edition_id):
    columns = held(edition_id)
    assert not SECRET_COLUMNS & set(columns.column_name)
    cases = {name for name in columns.table_name if "case" in name}
    assert cases == {"case_dataset", "case_cell", "case_table", "case_category"}


def test_the_app_never_opens_the_private_database():
    """Everything that a visitor's request can reach is loaded; what opens the private database is not among it."""
    packages = ("ui", "views", "export", "charts", "statistics", "catalog", "store/queries")
    modules = [
        ".".join(p.relative_to(ROOT).with_suffix("").parts)
        for package in packages
        for p in (ROOT / "corridors" / package).rglob("*.py")
        if p.name not in ("__init__.py", "__main__.py")
    ]
    modules += ["corridors.store.editions"]
    script = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        "print([m for m in sys.modules if m.startswith('corridors.store.cases.') or m == 'etl'])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip().splitlines()[-1] == "[]", done.stdout + done.stderr[-2000:]
    for page in [ROOT / "dashboard.py", ROOT / "corridors" / "web" / "app.py", *(ROOT / "pages").glob("*/*.py")]:
        text = page.read_text(encoding="utf-8")
        assert "private" not in text and "case_tables" not in text, page


def test_withdrawn_records_are_in_no_table(data, where):
    case_records.accept(data, case_records.invented(200, 1))
    case_records.accept(data, case_records.invented(400, 2), batch="b2")
    case_records.withdraw(data, "b2")
    total = case_reading.datasets(publish(data, 1)).total[0]
    assert abs(total - 200) <= protection.RULES.d


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_seed_is_made_once_for_the_owner_alone_and_stays(bare):
    first = protection.seed(bare)
    assert len(first) == 32 and protection.seed(bare) == first
    assert stat.S_IMODE((bare / "private" / "seed").stat().st_mode) == 0o600
    assert stat.S_IMODE((bare / "private").stat().st_mode) == 0o700
    (bare / "private" / "seed").chmod(0o644)  # others could read it
    with pytest.raises(protection.ProtectionRefused, match="chmod 600"):
        protection.seed(bare)


def test_damaged_or_missing_seed_is_refused_and_never_replaced(bare, monkeypatch, tmp_path):
    protection.seed(bare)
    (bare / "private" / "seed").write_text("half a se", encoding="ascii")
    with pytest.raises(protection.ProtectionRefused, match="backup"):
        protection.seed(bare)
    monkeypatch.setenv("CORRIDORS_SEED_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(protection.ProtectionRefused, match="CORRIDORS_SEED_FILE"):
        protection.seed(bare)


def test_a_lost_seed_is_refused_and_never_replaced_once_records_were_protected_with_it(bare):
    case_records.accept(bare, case_records.invented(200, 1))
    protection.tables(bare, catalog.load())
    path = bare / "private" / "seed"
    kept = path.read_text(encoding="ascii")
    path.unlink()
    with pytest.raises(protection.ProtectionRefused, match="backup"):
        protection.tables(bare, catalog.load())
    assert not path.exists()
    path.write_text("0123456789abcdef" * 4, encoding="ascii")
    path.chmod(0o600)
    with pytest.raises(protection.ProtectionRefused, match="another seed"):
        protection.tables(bare, catalog.load())
    path.write_text(kept, encoding="ascii")
    assert len(protection.tables(bare, catalog.load())["case_cell"])


def test_unchanged_records_are_not_counted_again_and_changed_ones_are(data):
    case_records.accept(data, case_records.invented(300, 1))
    made = protection.tables(data, catalog.load())["case_cell"]
    (kept_file,) = (data / "private" / "protected").glob("*.parquet")
    written, before = kept_file.stat().st_mtime_ns, protection.fingerprint(data)
    again = protection.tables(data, catalog.load())["case_cell"]
    assert kept_file.stat().st_mtime_ns == written and again.value.tolist() == made.value.tolist()
    assert again.isna().equals(made.isna()), "all together must stay all together in what is kept"
    case_records.accept(data, case_records.invented(50, 2), batch="b2")
    protection.tables(data, catalog.load())
    (left,) = (data / "private" / "protected").glob("*.parquet")
    assert left.name != kept_file.name, "what is kept has no former edition's counts"
    assert protection.fingerprint(data) != before
    values = protection.tables(data, catalog.load())["case_cell"].value.tolist()
    assert "1 data set" in lake.renew(data)
    assert protection.tables(data, catalog.load())["case_cell"].value.tolist() != values, "renewed noise gives other numbers"


def test_two_builds_at_once_never_note_two_states_that_differ_by_few_records(data, monkeypatch):
    """The second build settles in the moment between the first one's look and its note."""
    case_records.accept(data, case_records.invented(300, 1))
    sole, others = database.sole_writer, iter([True])

    def after_another(where):
        if next(others, False):
            case_records.accept(where, case_records.invented(5, 2), batch="b2")
            protection.note_states(where)
        return sole(where)

    monkeypatch.setattr(database, "sole_writer", after_another)
    protection.note_states(data)
    assert case_tables.states(data).batches.map(list).tolist() == [["b1", "b2"]]


def test_unprotected_counts_of_a_run_that_was_killed_are_swept(data):
    case_records.accept(data, case_records.invented(300, 1))
    folder = database.folder(data) / "protected"
    folder.mkdir()
    for name in ("x.counted", "x.parquet.part"):
        (folder / name).write_bytes(b"counts of people")
    protection.tables(data, catalog.load())
    assert {path.suffix for path in folder.iterdir()} == {".parquet"}


def test_without_case_records_no_secret_is_made(bare):
    """A build on a machine that holds no records must not leave a seed behind, nor need a writable private folder."""
    made = protection.tables(bare, catalog.load())
    assert made["case_dataset"].empty and protection.fingerprint(bare) == ""
    assert not (bare / "private").exists()


def test_imported_data_set_with_a_broken_card_is_refused_by_name(data):
    folder = data / "cases" / "ctdc"
    folder.mkdir(parents=True)
    (folder / "ctdc.toml").write_text('dataset_id = "ctdc"\n', encoding="utf-8")
    with pytest.raises(protection.ProtectionRefused, match="ctdc.toml"):
        protection.tables(data, catalog.load())


def test_build_while_somebody_accepts_a_file_is_refused_with_the_cure(data):
    case_records.accept(data, case_records.invented(30, 1))
    script = "import sys, duckdb\nc = duckdb.connect(sys.argv[1])\nprint('open', flush=True)\nsys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(database.path_of(data))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline().strip() == "open"
        with pytest.raises(protection.ProtectionRefused, match="build again"):
            protection.tables(data, catalog.load())
    finally:
        holder.communicate("")
