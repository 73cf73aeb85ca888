"""Reads CEPII's GeoDist: one row of the sheet is one ordered pair of countries, and one cell.

The sheet is an old Excel workbook inside a ZIP archive. Its codes are those of about 2000: some were replaced since,
and some stand for States that are no more, whose pairs belong to none of their parts.
"""

import io
import zipfile
import zlib
from pathlib import Path

import pandas as pd
import python_calamine

from corridors.catalog import Catalog
from corridors.problems import SourceRefused
from etl import frames, pairs, reading
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
        raise SourceRefused.of(path.name, "an archive without it", f"the entry “{BOOK}”", AGAIN) from None
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as fault:
        found = f"a file that is no ZIP archive, or a download that was cut off ({fault})"
        raise SourceRefused.of(path.name, found, "a ZIP archive", AGAIN) from None
    if len(content) > reading.LARGEST:
        found = "an archive that unpacks to more than that"
        raise SourceRefused.of(path.name, found, f"at most {reading.LARGEST:,} bytes", AGAIN)
    return content


def _rows(content: bytes, file: str) -> tuple[list[list], str]:
    """The rows of the first sheet and its name. Refuses what is no workbook, and one without rows."""
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.sheet_names[0]
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, zipfile.BadZipFile, IndexError) as fault:
        found = f"a workbook that cannot be opened ({fault})"
        raise SourceRefused.of(file, found, "an Excel workbook", AGAIN) from None
    if len(rows) < 2:
        raise SourceRefused.of(file, f"{len(rows)} rows", "a header and a row for each pair", AGAIN, sheet=sheet)
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
    rows, at = raw.tables[TABLE], (raw.tables[TABLE]["_row"], raw.files[TABLE])
    ends = pairs.of(raw, TABLE, (ORIGIN, DESTINATION), catalog, RENAMED | {code: "" for code in GONE})
    columns = {"distance_km": _kilometres(rows[DISTANCE], *at, raw.sheets[TABLE])}
    columns |= {name: _flag(rows[column], *at, raw.sheets[TABLE]) for column, name in FLAGS.items()}
    return pairs.extract(
        raw,
        SOURCE,
        TABLE,
        ends.assign(**columns),
        catalog,
        {SAME: rows[ORIGIN] == rows[DESTINATION], DISSOLVED: (ends == "").any(axis=1)},
        {REPEATED: ends.duplicated(keep=False)},
        (ORIGIN, DESTINATION, DISTANCE),
        ASK,
        ("pairs", frames.PAIR_COLUMNS),
        (
            f"Read as today's codes: {', '.join(f'{old} as {new}' for old, new in RENAMED.items())}.",
            "Distance is the publisher's column dist, in kilometres; 1 means yes, 0 no.",
        ),
    )


def _kilometres(text: pd.Series, row: pd.Series, file: str, sheet: str) -> pd.Series:
    """Distances in whole kilometres, at least 1. Refuses text, and numbers that no two places on Earth are apart."""
    number = pd.to_numeric(text, errors="coerce").astype(float)
    wrong, expected = text[~number.between(0, FARTHEST, inclusive="right")], f"kilometres, above 0 and up to {FARTHEST:,}"
    reading.refuse_cells(wrong, row, file, DISTANCE, expected, sheet, ASK)
    return number.round().clip(lower=1).astype(int)


def _flag(text: pd.Series, row: pd.Series, file: str, sheet: str) -> pd.Series:
    """0 or 1 for each row. Refuses anything else."""
    reading.refuse_cells(text[~text.isin(["0", "1"])], row, file, str(text.name), "0 or 1", sheet, ASK)
    return (text == "1").astype(int)
