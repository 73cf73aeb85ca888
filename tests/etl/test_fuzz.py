"""Whatever bytes arrive: rows or a named refusal, never another fault, and never a cell lost on the way.

CORRIDORS_TESTS=all tries four times as many examples; CORRIDORS_FUZZ multiplies them.
"""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridors import catalog
from corridors.problems import Problem, Refused, RowsLost
from etl.submissions.guard import open_tables
from tests.etl.submissions import samples
from tests.etl.test_command_line import originals
from tests.sampling import all_or

LATEST = 2026
FUZZ = int(os.environ.get("CORRIDORS_FUZZ", "1"))
SAMPLES = Path(__file__).parent / "sources"
ODD = [
    *(
        b"",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"nan",
        b"inf",
        b"-1",
        b"1e999",
        b"<5",
        b'"',
        b"'",
        b",",
        b";",
        b"\n",
        b"\r",
        b"\t",
    ),
    *(b"0" * 400, b"99999999999999999999", b"\xe2\x80\x93", b"null", b"true", b"[]", b"{}", b"2025", b"0000", b"-", b".."),
    *(b"1,234", "٣".encode(), b"=1+1", b"AUS", b"\xc2\xa0", b"1e3", b"0x10", b"1_000", b"31/12/2019", b"2026-02-30"),
]


@st.composite
def changes(draw) -> list[tuple]:
    """What happens to a file: places in it as shares of its length, and what is done there."""
    share = st.floats(0, 1, allow_nan=False)
    one = st.one_of(
        st.tuples(st.just("flip"), share, st.integers(1, 255)),
        st.tuples(st.just("cut"), share, st.just(0)),
        st.tuples(st.just("put"), share, st.sampled_from(ODD)),
        st.tuples(st.just("word"), share, st.sampled_from(ODD)),
        st.tuples(st.just("drop"), share, st.integers(1, 200)),
        st.tuples(st.just("repeat"), share, st.integers(1, 200)),
        st.tuples(st.just("line twice"), share, st.just(0)),
        st.tuples(st.just("line gone"), share, st.just(0)),
    )
    return draw(st.lists(one, min_size=1, max_size=4))


def changed(whole: bytes, what: list[tuple]) -> bytes:
    """The bytes after the changes; a "word" replaces what stands between two separators."""
    for how, share, value in what:
        at = int(share * len(whole))
        if how == "flip" and at < len(whole):
            whole = whole[:at] + bytes([whole[at] ^ value]) + whole[at + 1 :]
        elif how == "cut":
            whole = whole[:at]
        elif how == "put":
            whole = whole[:at] + value + whole[at:]
        elif how == "word":
            left = max(whole.rfind(sign, 0, at) for sign in (b",", b"\n", b":", b">")) + 1
            ends = [end for end in (whole.find(sign, at) for sign in (b",", b"\n", b"}", b"<")) if end >= 0]
            whole = whole[:left] + value + whole[min(ends, default=len(whole)) :]
        elif how == "drop":
            whole = whole[:at] + whole[at + value :]
        elif how == "repeat":
            whole = whole[:at] + whole[at : at + value] * 2 + whole[at + value :]
        else:
            lines = whole.splitlines(keepends=True)
            number = min(int(share * len(lines)), len(lines) - 1)
            if number >= 0:
                lines[number : number + 1] = lines[number : number + 1] * (2 if how == "line twice" else 0)
            whole = b"".join(lines)
    return whole


def inside(workbook: bytes, what: list[tuple]) -> bytes:
    """A workbook with changes inside its sheet, packed again, so that they pass the archive's own checksums."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(
                name, changed(text, what) if "sheet1" in name or "sharedStrings" in name or "s1.xml" in name else text
            )
    return made.getvalue()


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, Path]:
    """Folders of sound originals of five sources, of a few rows each."""
    folder = originals(tmp_path_factory.mktemp("whole"))
    found = {name: folder / name for name in ("unhcr", "iom_missing_migrants", "unodc_cts", "unodc_glotip")}
    return (
        found
        | {name: SAMPLES / name / "sample" for name in ("world_bank", "ucdp")}
        | {"interface": SAMPLES / "unhcr" / "sample_interface"}
    )


def rows_or_refusal(folder: Path, source: str) -> str:
    """Reads a folder as the pipeline does; "rows" or "refused". Anything else is a fault of ours."""
    reader = import_module(f"etl.sources.{source}.read")
    try:
        result = reader.to_figures(reader.read(folder), catalog.load(), LATEST).balanced()
    except RowsLost:
        raise
    except Refused as refusal:
        assert refusal.problems and all(str(p).strip() for p in refusal.problems)
        assert all(p.found and p.expected and p.how_to_fix for p in refusal.problems if isinstance(p, Problem))
        return "refused"
    assert result.cells_read == result.kept + len(result.rejected) + sum(result.out_of_scope.values())
    return "rows"


@pytest.mark.parametrize("name", ["unhcr", "interface", "iom_missing_migrants", "unodc_cts", "unodc_glotip"])
def test_a_publishers_file_with_any_damage_gives_rows_or_a_named_refusal(whole, tmp_path, name):
    source = "unhcr" if name == "interface" else name
    assert rows_or_refusal(whole[name], source) == "rows"
    files = sorted(p.name for p in whole[name].iterdir())
    seen = set()

    @settings(
        max_examples=all_or(2, 8) * FUZZ, deadline=None, derandomize=FUZZ == 1, suppress_health_check=list(HealthCheck)
    )
    @given(st.sampled_from(files), changes(), st.booleans())
    def tried(file, what, packed_again):
        folder = tmp_path / "tried"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(whole[name], folder)
        path = folder / file
        as_workbook = packed_again and path.suffix == ".xlsx"
        path.write_bytes(inside(path.read_bytes(), what) if as_workbook else changed(path.read_bytes(), what))
        seen.add(rows_or_refusal(folder, source))

    tried()
    assert seen <= {"rows", "refused"} and seen


def refused(folder: Path, file: str, content: bytes) -> str:
    """What is said of a file of UNHCR's when it holds `content`."""
    (folder / file).write_bytes(content)
    with pytest.raises(Refused) as told:
        import_module("etl.sources.unhcr.read").read(folder)
    return str(told.value)


def test_a_cell_too_many_never_puts_a_number_under_its_neighbours_name(whole, tmp_path):
    folder = Path(shutil.copytree(whole["unhcr"], tmp_path / "unhcr"))
    head, *rows = (folder / "flows.csv").read_bytes().splitlines(keepends=True)
    told = refused(folder, "flows.csv", head + b"".join(row.rstrip() + b",\n" for row in rows))
    assert "flows.csv, row 2: found a line with more cells" in told


def test_a_quotation_that_is_never_closed_is_refused_in_a_large_file_too(whole, tmp_path):
    folder = Path(shutil.copytree(whole["unhcr"], tmp_path / "unhcr"))
    head, *rows = (folder / "flows.csv").read_bytes().splitlines(keepends=True)
    told = refused(folder, "flows.csv", head + b'"' + b"".join(rows) * (200_000 // len(b"".join(rows)) + 1))
    assert "flows.csv: found field larger than field limit" in told


SENT = {
    "a.csv": "Year,Country,Number\n2025,Thailand,12\n2025,“Viet Nam”,<5\n".encode(),
    "a.xlsx": samples.packed(samples.parts('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>45000.5</v></c></row>')),
    "a.ods": samples.ods(
        '<table:table-row><table:table-cell office:value-type="float" office:value="12"><text:p>12</text:p>'
        "</table:table-cell></table:table-row>"
    ),
}


@pytest.mark.parametrize("name", SENT)
def test_what_a_member_sends_with_any_damage_is_read_or_refused_by_name(tmp_path, name):
    @settings(
        max_examples=all_or(1, 3) * FUZZ, deadline=None, derandomize=FUZZ == 1, suppress_health_check=list(HealthCheck)
    )
    @given(changes(), st.booleans())
    def tried(what, packed_again):
        path = tmp_path / name
        zipped = name != "a.csv" and packed_again
        path.write_bytes(inside(SENT[name], what) if zipped else changed(SENT[name], what))
        try:
            tables = open_tables(path)
        except Refused as refusal:
            assert name in str(refusal) and "; expected " in str(refusal)
        else:
            assert all(row > 0 for sheet in tables.sheets for row in sheet.rows)

    tried()
