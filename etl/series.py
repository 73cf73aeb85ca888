"""Yearly series of countries: what the readers of indicators share once their file has one row for each cell.

A cell is one number for a country, a series and a year that the publisher prints; a blank is none. Readers say of every
cell where it stands; here it becomes a figure of a member, a rejected row, or is out of scope with the reason.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from corridors.catalog import Catalog
from corridors.problems import Problem, SourceRefused
from etl import frames, reading
from etl.frames import Extract, InputFile

FARTHEST = 2150  # publishers project up to 2100; a year beyond this is a slip
DECIMALS = 4  # some publishers print the noise of their arithmetic; no page shows more than three

OTHER_SERIES = "another series"
OLD = f"before {frames.FIRST_YEAR}"
GROUP = "a group of countries, or a place without a country code of its own"
NO_MEMBER = "the country is not a member"
PROJECTED = "a year that was not over when the file was made: a projection"
REPEATED = "The same country, series and year stand more than once, and nothing says which number is meant"
ASK = "Ask the publisher for a corrected file; nothing can be done here."

# What a reader says of each cell. `iso3` is empty for a group of countries; `why` holds a reason of the reader's own to
# leave the cell out; `observed` is the last year that was over when the file was made.
TEXT = ["series", "iso3", "text", "why", "file", "sheet", "column", "source_ref", "provider_label"]
CELLS = [*TEXT, "year", "row", "observed"]


@dataclass(frozen=True)
class Scale:
    """Between which numbers a series lies, and above which some are. Else the publisher changed its unit."""

    lowest: float
    highest: float
    above: float = 1.0


PER_CENT = Scale(0, 100)


@dataclass(frozen=True)
class Series:
    """A publisher's series that is imported: our indicator, its scale, and what a figure of it is."""

    indicator_id: str
    scale: Scale
    status: str = "reported"


def cells(row: pd.Series, file: str, column: str, sheet: str = "", **columns) -> pd.DataFrame:
    """The cells that stand in a column of a file, one in each row; nothing leaves any of them out unless `columns` say so."""
    at = {"file": file, "sheet": sheet, "column": column, "row": row, "source_ref": "row " + row.astype(str)}
    return pd.DataFrame({"why": "", **at, **columns})


def extract(
    source_id: str,
    cells: pd.DataFrame,
    imported: dict[str, Series],
    catalog: Catalog,
    inputs: tuple[InputFile, ...],
    notes: tuple[str, ...] = (),
    released: str = "",
) -> Extract:
    """Figures of members from `cells`, and an account of every cell.

    `cells` has the columns CELLS, and where there are any: bounds in `lower` and `upper`, the `day` of a stock, and in
    `doubt` why a cell cannot be used. `imported` is keyed by the publisher's name of a series. Refuses text among
    numbers and a series of another unit.
    """
    cells = cells.reset_index(drop=True)
    cells["value"] = _numbers(cells, imported)
    _refuse_other_unit(cells, imported)
    out, bad = _fates(cells, imported, catalog)
    figures = frames.finished(_figures(cells[(out == "") & (bad == "")], imported, catalog), source_id)
    return Extract(
        source_id=source_id,
        cells_read=len(cells),
        figures=figures,
        rejected=_rejected(cells, bad),
        out_of_scope=frames.counts(out),
        inputs=inputs,
        notes=(*notes, *_notes(cells, out, figures, catalog)),
        released=released,
    )


def _numbers(cells: pd.DataFrame, imported: dict[str, Series]) -> pd.Series:
    """The numbers of the imported series, NaN elsewhere. Refuses text in any file at once."""
    parts, problems = [], []
    wanted = cells[cells["series"].isin(list(imported))]
    for (file, sheet, column), some in wanted.groupby(["file", "sheet", "column"], sort=False):
        try:
            parts.append(reading.measures(some["text"], some["row"], file, column, sheet))
        except SourceRefused as refusal:
            problems += refusal.problems
    if problems:
        raise SourceRefused(problems)
    return pd.concat(parts).reindex(cells.index) if parts else pd.Series(np.nan, cells.index)


def _refuse_other_unit(cells: pd.DataFrame, imported: dict[str, Series]) -> None:
    problems = []
    for name, some in cells[cells["value"].notna()].groupby("series", sort=False):
        scale = imported[name].scale
        beyond = some[~some["value"].between(scale.lowest, scale.highest)]
        if beyond.empty and some["value"].max() > scale.above:
            continue
        first = (some if beyond.empty else beyond).iloc[0]
        found = first["text"] if len(beyond) else f"nothing above {scale.above:,g}"
        expected = f"numbers from {scale.lowest:,g} to {scale.highest:,g}"
        expected += f", some above {scale.above:,g}" if scale.above > scale.lowest else ""
        problems.append(
            Problem(
                first["file"],
                f"{found} in the series {name}",
                expected,
                "If the publisher changed the unit, tell the reader of this source; else download the file again.",
                sheet=first["sheet"],
                column=first["column"],
                row=int(first["row"]),
            )
        )
    if problems:
        raise SourceRefused(problems)


def _fates(cells: pd.DataFrame, imported: dict[str, Series], catalog: Catalog) -> tuple[pd.Series, pd.Series]:
    """For each cell why it is out of scope, and why it is rejected; both empty for one that becomes a figure."""
    asked = [  # the first reason that fits stands
        (cells["why"], cells["why"] != ""),
        (OTHER_SERIES, ~cells["series"].isin([*imported, reading.UNREAD])),
        (OLD, cells["year"] < frames.FIRST_YEAR),
        (GROUP, cells["iso3"] == ""),
        (NO_MEMBER, ~cells["iso3"].isin([*catalog.members, reading.UNREAD])),
        (PROJECTED, cells["year"] > cells["observed"]),
    ]
    out = frames.first_reason(asked, cells.index)
    twice = cells[out == ""].duplicated(["iso3", "series", "year"], keep=False).reindex(cells.index, fill_value=False)
    doubt = cells["doubt"] if "doubt" in cells else pd.Series("", cells.index)
    unread = (cells[["iso3", "series"]] == reading.UNREAD).any(axis=1)
    return out, doubt.mask(twice, REPEATED).mask(unread, reading.UNKNOWN_LABEL).where(out == "", "")


def _figures(cells: pd.DataFrame, imported: dict[str, Series], catalog: Catalog) -> pd.DataFrame:
    """Cells in scope as figures. A count of 0 is a zero unless the publisher's upper bound allows for more."""
    indicators = cells["series"].map({name: one.indicator_id for name, one in imported.items()})
    of = [catalog.indicators[i] for i in indicators]
    day = cells["day"] if "day" in cells else cells["year"].astype(str) + "-12-31"
    stock = np.array([i.stock_or_flow == "stock" for i in of], dtype=bool)
    first = day.where(stock, cells["year"].astype(str) + "-01-01")
    upper = cells["upper"] if "upper" in cells else pd.Series(np.nan, cells.index)
    none = np.array([i.kind == "count" for i in of], dtype=bool) & (cells["value"] == 0) & (upper.fillna(0) == 0)
    return pd.DataFrame(
        {
            "iso3": cells["iso3"],
            "indicator_id": indicators,
            "period_start": first,
            "period_end": day,
            "value": cells["value"].round(DECIMALS),
            "lower": cells["lower"].round(DECIMALS) if "lower" in cells else np.nan,
            "upper": upper.round(DECIMALS),
            "status": cells["series"].map({name: one.status for name, one in imported.items()}).mask(none, "zero"),
            "source_ref": cells["source_ref"],
            "provider_label": cells["provider_label"],
        }
    )


def _rejected(cells: pd.DataFrame, bad: pd.Series) -> pd.DataFrame:
    """The quarantined cells with the reason, in the order of the file."""
    those, reason = cells[bad != ""], bad[bad != ""]
    who = those["iso3"].mask(those["iso3"] == reading.UNREAD, "“" + those["provider_label"] + "”")
    found = who + " " + those["year"].astype(str) + ", " + those["series"] + ": " + those["text"]
    at = (those["file"], those["sheet"], those["column"])
    return frames.rejected(those.rename(columns={"row": "_row"}), *at, found, reason, reading.how_to_fix(reason, ASK))


def note(imported: dict[str, Series]) -> str:
    """A note that says once which series an indicator is, for labels that name the place."""
    pairs = "; ".join(f"{one.indicator_id} is {name}" for name, one in imported.items())
    return f"Labels are the publisher's keys of countries. Series: {pairs}."


def _notes(cells: pd.DataFrame, out: pd.Series, figures: pd.DataFrame, catalog: Catalog) -> list[str]:
    cut = cells[out == PROJECTED]
    absent = ", ".join(catalog.place_name(iso3) for iso3 in sorted(set(catalog.members) - set(figures["iso3"])))
    lines = []
    if len(cut):
        lines.append(f"{len(cut):,} numbers of members for years after {cut['observed'].max()} were cut: projections.")
    return [*lines, f"Members without a figure: {absent}."] if absent else lines
