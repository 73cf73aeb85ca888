"""`python -m etl verify`: whoever keeps the machine learns of every file that is not what was written, and what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import tomli_w

from corridors.store import editions, publishing
from corridors.store.atomic_files import sha256
from corridors.store.cases import database
from etl import pipeline, protection, verify
from etl.briefings import versions
from etl.download import Card, write_card
from tests import small_data
from tests.etl import case_records, killing
from tests.etl.sources.reader import spoil
from tests.etl.test_command_line import originals

ROOT = Path(__file__).resolve().parents[2]
ONE = "2026-01-01-00000001"


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """Imported tables, an original with its card, a briefing with its receipt, and an edition: all well."""
    folder = tmp_path_factory.mktemp("sound")
    data = small_data.made(folder / "data")
    for card in (data / "sources").glob("*/card.toml"):
        tell(card, tables={p.name: sha256(p) for p in card.parent.glob("*.csv")})
    original = data / "originals" / "unodc_cts" / "cts.xlsx"
    original.parent.mkdir(parents=True)
    original.write_bytes(b"PK as downloaded")
    write_card(original, Card("https://example.org/cts.xlsx", "2026-01-01T00:00:00Z", 16, sha256(original)))
    tell(data / "sources" / "unodc_cts" / "card.toml", files=[{"file": "cts.xlsx", "bytes": 16, "sha256": sha256(original)}])
    sent = folder / "sent.csv"
    sent.write_text("what a member sent\n", encoding="utf-8")
    with versions.writing(data):
        receipt = {"receipt": {"sha256": versions.digest(sent), "original": "sent.csv"}}
        versions.store(data, "THA", "2031", {"cover.toml": tomli_w.dumps(receipt)}, sent, versions.digest(sent))
    killing.publish(str(folder / "editions"), ONE)
    return folder


@pytest.fixture
def place(sound, tmp_path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(sound, tmp_path / "place"))


def tell(card: Path, **entries) -> None:
    """Writes other entries into a card."""
    card.write_text(tomli_w.dumps(tomllib.loads(card.read_text(encoding="utf-8")) | entries), encoding="utf-8")


def found(place: Path) -> list[str]:
    """What is not well, in words."""
    return [str(problem) for problem in verify.verify(place / "data", place / "editions").problems]


def test_when_all_is_well_nothing_is_named_and_everything_was_looked_at(place):
    told = verify.verify(place / "data", place / "editions")
    assert told.problems == [] and told.notes == []
    assert told.looked["imported sources"] == len(pipeline.sources()) and told.looked["editions"] == 1
    assert told.looked["originals"] == 1 and told.looked["versions of briefings"] >= 1


def replaced(path: str, old: str, new: str):
    """Changes a text as an editor would."""
    return path, lambda place: spoil(place / path, old, new)


def written(path: str, content: bytes = b"x"):
    """Puts a file there."""
    return path, lambda place: (
        (place / path).parent.mkdir(parents=True, exist_ok=True),
        (place / path).write_bytes(content),
    )


def gone(path: str):
    """Deletes a file."""
    return path, lambda place: (place / path).unlink()


CTS, GLOTIP, WGI = (f"data/sources/{source}" for source in ("unodc_cts", "unodc_glotip", "wgi"))
UNHCR, EDITION = "data/sources/unhcr/figures.csv", f"editions/{ONE}.duckdb"
XLSX, BRIEFING = "data/originals/unodc_cts/cts.xlsx", "briefing THA 2031 v1"
FAULTS = {  # what happened → the file that is named, how, part of what is said
    "an imported number was changed by hand": (
        *replaced(f"{CTS}/figures.csv", ",reported,", ",estimated,"),
        "extract --from DIR unodc_cts",
    ),
    "an imported table lost its last row": (UNHCR, lambda place: shorter(place / UNHCR), "rows, as its card says"),
    "an imported table is gone": (*gone(f"{GLOTIP}/rejected.csv"), "no such file"),
    "an imported table is of another encoding": (*written(f"{GLOTIP}/rejected.csv", b"file\n\xff\n"), "cannot be read"),
    "a card is gone": (*gone(f"{WGI}/card.toml"), "the card of an imported table"),
    "a card is garbage": (*written(f"{WGI}/card.toml", b"\xff\x00"), "cannot be read"),
    "an extract was killed": (*written(f"{WGI}/figures.csv.new.part"), "killed"),
    "an original was changed": (*written(XLSX, b"PK other"), "etl refresh unodc_cts"),
    "an original is gone": (*gone(XLSX), "no such file"),
    "an original's card is garbage": (*written(f"{XLSX}.card.toml", b"= ="), "etl refresh unodc_cts"),
    "a download was cut off": (*written("data/originals/unhcr/population.csv.part"), "it begins anew"),
    "a download is newer than its table": (
        f"{CTS}/figures.csv",
        lambda place: tell(place / f"{CTS}/card.toml", files=[{"file": "cts.xlsx", "bytes": 9, "sha256": "0" * 64}]),
        "an earlier cts.xlsx",
    ),
    "what a member sent was changed": (BRIEFING, lambda place: original_of(place).write_text("other words"), "safe copy"),
    "what a member sent is gone": (BRIEFING, lambda place: original_of(place).unlink(), "no original"),
    "an accept was killed": (*written("data/private/briefings/.part-1-aa"), "sweeps"),
    "a private file was opened to others": (
        "data/private/notes",
        lambda place: (write(place, "data/private/notes"), (place / "data/private/notes").chmod(0o640)),
        "mode 0640, which others on this machine can open",
    ),
    "the private folder was opened to others": (
        "data/private",
        lambda place: (place / "data" / "private").chmod(0o755),
        "chmod -R go= data/private",
    ),
    "an edition was changed": (EDITION, lambda place: flipped(place / EDITION), "safe copy"),
    "the pointer is garbage": (*written("editions/current", b"latest"), "rollback"),
    "a build was killed": (*written("editions/draft-1-aa.duckdb"), "etl build"),
    "a prune was killed": (*written("editions/2025-01-01-00000009.sha256"), "etl build"),
    "a writer died with its lock": (*written("editions/writing", b"4711 1"), "killed"),
}


def write(place: Path, path: str, content: bytes = b"x") -> None:
    written(path, content)[1](place)


def shorter(path: Path) -> None:
    """A table without its last row."""
    rows = small_data.rows_of(path)
    small_data.write_rows(path, rows[:-1], list(rows[0]))


def original_of(place: Path) -> Path:
    """The original of the briefing, which its keeper may write."""
    (version,) = [v for v in versions.listed(place / "data") if v.period == "2031"]
    return next((place / "data" / "private" / "briefings").glob(f"{versions.receipt(version)['sha256']}*"))


def flipped(path: Path) -> None:
    """Flips a byte of a read-only file."""
    path.chmod(0o644)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)


@pytest.mark.parametrize("what", FAULTS)
def test_what_is_not_well_is_named_with_its_file_and_its_cure(place, what):
    file, how, said = FAULTS[what]
    how(place)
    before = {p: p.read_bytes() for p in place.rglob("*") if p.is_file()}
    told = found(place)
    assert any(line.startswith(f"{file}: found ") and said in line for line in told), told
    assert len(told) <= 3 and {p: p.read_bytes() for p in place.rglob("*") if p.is_file()} == before


def test_a_byte_that_rots_after_the_process_has_looked_is_found_all_the_same(place):
    where, path = place / "editions", place / "editions" / f"{ONE}.duckdb"
    assert editions.fault_of(ONE, where) == ""
    stamp = path.stat().st_mtime_ns
    flipped(path)
    os.utime(path, ns=(stamp, stamp))
    assert any("damaged" in line for line in found(place))


def test_a_retracted_edition_must_lie_under_lock_with_the_bytes_that_were_published(place):
    where, files = place / "editions", {p.name: p.read_bytes() for p in (place / "editions").glob(f"{ONE}*.duckdb")}
    publishing.retract(ONE, "wrong", where)
    assert [line for line in found(place) if "current" not in line] == []  # no edition is left for the pointer
    flipped(where / "retracted" / f"{ONE}.duckdb")
    assert any(line.startswith(f"editions/retracted/{ONE}.duckdb: found ") and "damaged" in line for line in found(place))
    for name, content in files.items():
        (where / name).write_bytes(content)
    told = [line for line in found(place) if "a file of a retracted edition" in line]
    assert [line.partition(":")[0] for line in told] == [f"editions/{name}" for name in sorted(files)]


def test_what_belongs_to_a_build_at_work_is_no_leftover(place):
    write(place, "editions/draft-1-aa.duckdb")
    handle = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(place / "editions")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert handle.stdout.readline() == "held\n"
    write(place, "editions/draft-2-bb.duckdb")
    assert found(place) == []
    handle.kill()
    handle.communicate()
    assert [line.split(":")[0] for line in found(place)] == ["editions/draft-2-bb.duckdb", "editions/writing"]
    killing.publish(str(place / "editions"), "2026-01-02-00000002")
    assert found(place) == []


HOLDS = """
import sys, time
from pathlib import Path
from corridors.store import publishing
with publishing.writing(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_originals_of_briefings_that_lie_elsewhere_are_a_note_and_no_fault(place):
    shutil.rmtree(place / "data" / "private")
    told = verify.verify(place / "data", place / "editions")
    assert told.problems == [] and "1 originals of briefings are not on this machine" in told.notes[0]


def test_tables_and_editions_from_before_checksums_are_noted(place):
    for card in (place / "data" / "sources").glob("*/card.toml"):
        tell(card, tables={})
    (place / "editions" / f"{ONE}.sha256").unlink()
    told = verify.verify(place / "data", place / "editions")
    assert told.problems == [] and len(told.notes) == 2


def test_extract_writes_the_checksums_that_verify_reads(tmp_path):
    origin = originals(tmp_path / "originals")
    pipeline.extract(origin, ["unodc_cts"], tmp_path / "data")
    card = pipeline._card(tmp_path / "data" / "sources" / "unodc_cts" / "card.toml")[0]
    assert card["tables"] == {"figures.csv": sha256(tmp_path / "data" / "sources" / "unodc_cts" / "figures.csv")}
    assert not list(tmp_path.rglob("*.part"))


def test_the_date_of_a_download_counts_only_for_the_bytes_that_it_brought(tmp_path):
    origin = originals(tmp_path / "originals")
    path = origin / "unodc_cts" / "data_cts_corruption_and_economic_crime.xlsx"
    write_card(path, Card("https://example.org/x", "2026-03-04T00:00:00Z", 1, "0" * 64))
    (told,) = pipeline.extract(origin, ["unodc_cts"], tmp_path / "data")
    assert told.released != "2026-03-04"
    path.with_name(path.name + ".card.toml").write_bytes(b"\xff = garbage")
    assert pipeline.extract(origin, ["unodc_cts"], tmp_path / "data")[0].released == told.released


def test_a_card_that_was_spoilt_is_refused_by_the_build_with_the_command_that_writes_it_anew(place):
    write(place, "data/sources/wgi/card.toml", b"cells_read = [")
    write(place, "data/sources/unhcr/card.toml", b"released = 'soon'\ncells_read = 1\nfiles = []\n[out_of_scope]\n")
    with pytest.raises(verify.Refused) as told:
        pipeline.imported(place / "data")
    assert "data/sources/wgi/card.toml" in str(told.value) and "extract --from DIR unhcr" in str(told.value)


def test_the_command_says_that_all_is_well_or_ends_with_1(place):
    shown = "import typer; from etl import verify; app = typer.Typer(); app.callback()(lambda: None); verify.register(app); app(standalone_mode=False)"
    environment = {**os.environ, "CORRIDORS_DATA": str(place / "data"), "CORRIDORS_EDITIONS": str(place / "editions")}

    def run():
        return subprocess.run(
            [sys.executable, "-c", shown, "verify"], cwd=ROOT, env=environment, capture_output=True, text=True
        )

    well = run()
    assert well.returncode == 0 and well.stdout.startswith("All is well: 13 imported sources"), (well.stdout, well.stderr)
    write(place, "editions/current", b"latest")
    ill = run()
    assert ill.returncode == 1 and "Not all is well" in ill.stderr and "editions/current: found" in ill.stderr


def test_a_seed_or_salt_that_is_another_one_is_named(tmp_path):
    case_records.accept(tmp_path, case_records.invented(60, 1))
    assert protection.secret_faults(tmp_path) == []
    protection.seed(tmp_path)
    with database.writer(tmp_path) as connection:
        connection.execute("insert into installation values ('the mark of another salt')")
    (tmp_path / "private" / "seed").write_text("ab" * 32, encoding="ascii")
    assert [(problem.file, problem.found) for problem in protection.secret_faults(tmp_path)] == [
        ("data/private/salt", "no salt"),
        ("data/private/seed", "another seed"),
    ]
