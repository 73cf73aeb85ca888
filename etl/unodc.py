"""UNODC's workbooks all have one layout: two lines above the header in row 3, the date of release among them, and a row for each cell."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from etl import frames, reading

BANNER = "banner"
HEADER_ROW = 3
COLUMNS = "Iso3_code|Country|Indicator|Dimension|Category|Sex|Age|Year|Unit of measurement".split("|")
Fates = tuple[pd.Series, pd.Series]  # for each row why it is out of scope, and why it is rejected; both empty for a figure


def read(folder: Path, pattern: str, source_id: str, table: str, columns: list[str]) -> frames.Raw:
    """The rows of the newest workbook that matches `pattern`, as text, as `table`; and the lines above them as BANNER.

    Raises SourceRefused when the file is missing, is no workbook, is cut off, or lacks a column.
    """
    path = reading.find(folder, [pattern], source_id)
    frame, sheet, banner = reading.read_sheet_and_banner(path, columns, source_id, HEADER_ROW, wherever=True)
    frame = frame[(frame[columns] != "").any(axis=1)].reset_index(drop=True)
    lines = pd.DataFrame({"text": pd.Series(banner, dtype="str"), "_row": range(1, len(banner) + 1)})
    return frames.Raw(
        tables={table: frame[[*columns, "_row"]], BANNER: lines},
        files={table: path.name, BANNER: path.name},
        sheets={table: sheet, BANNER: sheet},
        inputs=(frames.input_file(path, folder),),
    )


def fates(asked: Iterable[tuple[bool, str, pd.Series]], index: pd.Index) -> Fates:
    """The fate of each row; the first reason that fits stands. `asked`: whether a row is then rejected, why, and which rows."""
    out, bad = pd.Series("", index), pd.Series("", index)
    for rejects, reason, those in asked:
        (bad if rejects else out)[those & (out == "") & (bad == "")] = reason
    return out, bad


def figures(rows: pd.DataFrame, value: pd.Series, **more) -> pd.DataFrame:
    """Rows in scope as figures of their year, reported or zero; with `more` columns, or others in place of these."""
    start, end = frames.year_period(rows["year"], stock=False)
    columns = {
        "iso3": rows["Iso3_code"],
        "period_start": start,
        "period_end": end,
        "value": value,
        "status": pd.Series("reported", rows.index).mask(value == 0, "zero"),
        "source_ref": "row " + rows["_row"].astype(str),
    }
    return pd.DataFrame({**columns, **more}, index=rows.index)


def extract(
    source_id: str, raw: frames.Raw, fated: Fates, figures: pd.DataFrame, rejected: pd.DataFrame, notes: Iterable[str] = ()
) -> frames.Extract:
    """The figures and an account of every other row, with the release that is printed above the table."""
    released = reading.printed_date(raw.tables[BANNER]["text"].to_list())
    dated = f"Release of {released}, as printed above the table." if released else "The file prints no date of release."
    return frames.Extract(
        source_id=source_id,
        cells_read=len(fated[0]),
        figures=frames.finished(figures, source_id),
        rejected=rejected,
        out_of_scope=frames.counts(fated[0]),
        inputs=raw.inputs,
        notes=(dated, *notes),
        released=released,
    )
