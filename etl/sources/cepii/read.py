"""Reads CEPII's GeoDist: one row of the sheet is one ordered pair of countries, and one cell.

The sheet is an old Excel workbook inside a ZIP archive. Its codes are those of about 2000: some were replaced since,
and some stand for States that are no more, whose pairs belong to none of their parts.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import python_calamine

from corridors.catalog import OTHER, STATELESS, UNKNOWN, WORLD, Catalog
from corridors.problems import Problem, SourceRefused, shortened
from etl import frames, reading
from etl.frames import Extract, Raw

SOURCE, TABLE, ARCHIVE, BOOK = "cepii", "pairs", "dist_cepii.zip", "dist_cepii.xls"
ORIGIN, DESTINATION, DISTANCE = "iso_o", "iso_d", "dist"
FLAGS = {"contig": "contiguous", "comlang_off": "common_language", "colony": "colonial_tie"}
COLUMNS = [ORIGIN, DESTINATION, *FLAGS, DISTANCE]
AGAIN = reading.again(SOURCE)

RENAMED = {"TMP": "TLS", "ROM": "ROU", "ZAR": "COD", "PAL": "PSE"}
GONE = {"YUG": "Serbia and Montenegro", "ANT": "Netherlands Antilles"}
FARTHEST = 20_100  # km, half way round the Earth

SAME = "a country and itself"
NO_MEMBER = "no member at either end"
DISSOLVED = f"one end is no more: {', '.join(GONE.values())}"
REPEATED = "The same pair stands more than once, and nothing says which distance is meant"
ASK = "Ask CEPII for a corrected file; nothing can be done here."


def read(folder: Path) -> Raw:
    """The rows of `dist_cepii.xls` as text, packed or not. Refuses when it is missing or of another format."""
    path = reading.find(folder, [ARCHIVE, BOOK], SOURCE)
    rows, sheet = _rows(_workbook(path), path.name)
    frame = pd.DataFrame([[_text(cell) for cell in row] for row in rows[1:]], columns=[_text(cell) for cell in rows[0]])
    reading.require_columns(frame, COLUMNS, path.name, SOURCE, sheet)
    frame = frame[COLUMNS].assign(_row=range(2, len(frame) + 2))
    return Raw({TABLE: frame}, {TABLE: path.name}, {TABLE: sheet}, (frames.input_file(path, folder),))


def _workbook(path: Path) -> bytes:
    """The workbook's bytes. Refuses an archive that is broken, without the workbook, or too large when unpacked."""
    if path.suffix != ".zip":
        return path.read_bytes()
    try:
        with zipfile.ZipFile(path) as archive, archive.open(BOOK) as entry:
            content = entry.read(reading.LARGEST + 1)  # the size an archive declares can be a lie
    except KeyError:
        raise SourceRefused(Problem(path.name, "an archive without it", f"the entry “{BOOK}”", AGAIN)) from None
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as fault:
        found = f"a file that is no ZIP archive, or a download that was cut off ({fault})"
        raise SourceRefused(Problem(path.name, found, "a ZIP archive", AGAIN)) from None
    if len(content) > reading.LARGEST:
        found = "an archive that unpacks to more than that"
        raise SourceRefused(Problem(path.name, found, f"at most {reading.LARGEST:,} bytes", AGAIN))
    return content


def _rows(content: bytes, file: str) -> tuple[list[list], str]:
    """The rows of the first sheet and its name. Refuses what is no workbook, and one without rows."""
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.sheet_names[0]
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, zipfile.BadZipFile, IndexError) as fault:
        found = f"a workbook that cannot be opened ({fault})"
        raise SourceRefused(Problem(file, found, "an Excel workbook", AGAIN)) from None
    if len(rows) < 2:
        raise SourceRefused(Problem(file, f"{len(rows)} rows", "a header and a row for each pair", AGAIN, sheet=sheet))
    return rows, sheet


def _text(cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """No figures, but the facts of every ordered pair with a member at an end, and an account of the other pairs.

    `latest` is not used: the file names no year. Refuses unknown countries, distances that are none, and flags other
    than 0 and 1, all at once for each column.
    """
    rows, file, sheet = raw.tables[TABLE], raw.files[TABLE], raw.sheets[TABLE]
    known = {iso3: iso3 for iso3 in catalog.countries if iso3 not in (UNKNOWN, STATELESS, OTHER, WORLD)}
    known |= RENAMED | {code: "" for code in GONE}
    member = reading.of_a_member(rows[ORIGIN], catalog) | reading.of_a_member(rows[DESTINATION], catalog)
    at = (rows["_row"], known, file)
    pairs = pd.DataFrame(
        {
            "origin_iso3": reading.known_codes(rows[ORIGIN], *at, ORIGIN, sheet, carries=member),
            "destination_iso3": reading.known_codes(rows[DESTINATION], *at, DESTINATION, sheet, carries=member),
            "distance_km": _kilometres(rows[DISTANCE], rows["_row"], file, sheet),
            **{name: _flag(rows[column], rows["_row"], file, sheet) for column, name in FLAGS.items()},
        }
    )
    out = _reasons(rows, pairs, catalog)
    unread = (pairs[["origin_iso3", "destination_iso3"]] == reading.UNREAD).any(axis=1)
    repeated = (out == "") & ~unread & pairs.duplicated(["origin_iso3", "destination_iso3"], keep=False)
    bad = pd.Series("", rows.index).mask(repeated, REPEATED).mask(unread, reading.UNKNOWN_LABEL)
    kept = pairs[(out == "") & (bad == "")].sort_values(["origin_iso3", "destination_iso3"], kind="stable")
    return Extract(
        source_id=SOURCE,
        cells_read=len(rows),
        figures=frames.finished(pd.DataFrame(columns=frames.FIGURE_COLUMNS), SOURCE),
        rejected=_rejected(rows[bad != ""], bad[bad != ""], file, sheet),
        out_of_scope={str(reason): int(n) for reason, n in out[out != ""].value_counts().items()},
        inputs=raw.inputs,
        pairs=kept[frames.PAIR_COLUMNS].reset_index(drop=True),
        notes=(
            f"Read as today's codes: {', '.join(f'{old} as {new}' for old, new in RENAMED.items())}.",
            "Distance is the publisher's column dist, in kilometres; 1 means yes, 0 no.",
        ),
    )


def _kilometres(text: pd.Series, row: pd.Series, file: str, sheet: str) -> pd.Series:
    """Distances in whole kilometres, at least 1. Refuses text, and numbers that no two places on Earth are apart."""
    number = pd.to_numeric(text, errors="coerce").astype(float)
    wrong = text[~number.between(0, FARTHEST, inclusive="right")]
    _refuse(wrong, row, f"kilometres, above 0 and up to {FARTHEST:,}", file, sheet)
    return number.round().clip(lower=1).astype(int)


def _flag(text: pd.Series, row: pd.Series, file: str, sheet: str) -> pd.Series:
    """0 or 1 for each row. Refuses anything else."""
    _refuse(text[~text.isin(["0", "1"])], row, "0 or 1", file, sheet)
    return (text == "1").astype(int)


def _refuse(wrong: pd.Series, row: pd.Series, expected: str, file: str, sheet: str) -> None:
    if len(wrong):
        raise SourceRefused(
            shortened(
                [
                    Problem(file, f"“{text}”", expected, ASK, sheet=sheet, column=str(wrong.name), row=int(row[i]))
                    for i, text in wrong.items()
                ]
            )
        )


def _reasons(rows: pd.DataFrame, pairs: pd.DataFrame, catalog: Catalog) -> pd.Series:
    """Why each pair is out of scope, in the order in which one asks; empty where it is imported."""
    members = list(catalog.members)
    unread = (pairs[["origin_iso3", "destination_iso3"]] == reading.UNREAD).any(axis=1)
    asked = {
        NO_MEMBER: ~unread & ~(pairs["origin_iso3"].isin(members) | pairs["destination_iso3"].isin(members)),
        SAME: ~unread & (rows[ORIGIN] == rows[DESTINATION]),
        DISSOLVED: ~unread & ((pairs["origin_iso3"] == "") | (pairs["destination_iso3"] == "")),
    }
    return pd.Series(np.select(list(asked.values()), list(asked), default=""), index=rows.index, dtype=object)


def _rejected(rows: pd.DataFrame, bad: pd.Series, file: str, sheet: str) -> pd.DataFrame:
    """The quarantined pairs with the reason, in the order of the file."""
    found = rows[ORIGIN] + " to " + rows[DESTINATION] + ": " + rows[DISTANCE]
    return frames.rejected(rows, file, sheet, DISTANCE, found, bad, reading.how_to_fix(bad, ASK))
