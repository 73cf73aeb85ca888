"""UNODC's workbooks all have one layout: two lines above the header in row 3, the date of release among them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from etl import frames, reading

BANNER = "banner"
HEADER_ROW = 3


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
