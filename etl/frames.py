"""The frames that pass from a reader to the pipeline, and their contracts.

A *cell* is one number (or mask) that a publisher printed. A reader accounts for every cell it read: it became a figure,
or it was rejected with a reason, or it lies outside what the product carries, also with a reason.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from corridors.problems import Problem, RowsLost, SourceRefused, shortened
from corridors.store.atomic_files import sha256

FIRST_YEAR = 2000  # figures older than this are out of scope

FIGURE_COLUMNS = [
    "iso3",  # the place where the thing was counted; WLD = everywhere together
    "partner_iso3",  # the other end of the corridor, empty = no breakdown by partner
    "indicator_id",
    "period_start",  # ISO date; a stock has the same start and end
    "period_end",
    "sex",  # total, female, male, other, unknown
    "age",  # total, 0-17, 18+, unknown
    "form",  # total, or a form of exploitation
    "value",  # empty when masked
    "lower",  # bounds, when masked or uncertain
    "upper",
    "status",
    "source_ref",  # where in the publisher's file: table, row
    "provider_label",  # the publisher's own wording
]
REJECTED_COLUMNS = ["file", "sheet", "row", "column", "found", "reason", "how_to_fix"]
INCIDENT_COLUMNS = (
    "incident_id main_id date year month iso3 origin_iso3 region dead missing dead_and_missing survivors "
    "women men children cause route lat lon source_quality kind source_ref"
).split()
VISA_COLUMNS = ["origin_iso3", "destination_iso3", "rule", "days", "source_ref", "provider_label"]
PAIR_COLUMNS = "origin_iso3 destination_iso3 distance_km contiguous common_language colonial_tie".split()
SEXES = ("total", "female", "male", "other", "unknown")
AGES = ("total", "0-17", "18+", "unknown")
FORMS = ("total", "sexual_exploitation", "forced_labour", "other", "other_unlabelled")
FIGURE_STATUSES = ("reported", "zero", "masked", "not_reported", "estimated", "provisional")


@lru_cache(maxsize=1)
def contract():
    """What every table of figures holds, as pandera judges it; made when it is first asked for: a check of a file needs none."""
    import pandera.pandas as pa

    return pa.DataFrameSchema(
        {
            "iso3": pa.Column(str, pa.Check.str_matches(r"^[A-Z]{3}$")),
            "partner_iso3": pa.Column(str, pa.Check.str_matches(r"^([A-Z]{3})?$")),
            "indicator_id": pa.Column(str, pa.Check.str_length(min_value=1)),
            "period_start": pa.Column(str, pa.Check.str_matches(r"^\d{4}-\d\d-\d\d$")),
            "period_end": pa.Column(str, pa.Check.str_matches(r"^\d{4}-\d\d-\d\d$")),
            "sex": pa.Column(str, pa.Check.isin(SEXES)),
            "age": pa.Column(str, pa.Check.isin(AGES)),
            "form": pa.Column(str, pa.Check.isin(FORMS)),
            "value": pa.Column(float, nullable=True),  # that counts are not negative is a check of the build
            "lower": pa.Column(float, nullable=True),
            "upper": pa.Column(float, nullable=True),
            "status": pa.Column(str, pa.Check.isin(FIGURE_STATUSES)),
            "source_ref": pa.Column(str, pa.Check.str_length(min_value=1)),
            "provider_label": pa.Column(str, pa.Check.str_length(min_value=1)),
        },
        checks=[
            pa.Check(
                lambda f: ~((f["status"] == "masked") & (f["value"].notna() | f["lower"].isna() | f["upper"].isna())),
                error="a masked figure has bounds and no value",
            ),
            pa.Check(
                lambda f: ~(f["status"].isin(["reported", "provisional"]) & f["value"].isna()),
                error="a reported figure has a value",
            ),
            pa.Check(
                lambda f: ~((f["status"] == "not_reported") & f[["value", "lower", "upper"]].notna().any(axis=1)),
                error="a figure that nobody reported has neither value nor bounds",
            ),
            pa.Check(lambda f: ~((f["status"] == "zero") & (f["value"] != 0)), error="a zero is a value of 0"),
            pa.Check(lambda f: f["lower"].isna() | (f["lower"] <= f["upper"]), error="lower bound above upper bound"),
            pa.Check(lambda f: f["period_start"] <= f["period_end"], error="a period that ends before it starts"),
        ],
        strict=True,
        ordered=True,
    )


@dataclass(frozen=True)
class InputFile:
    """One file that was read: name relative to the source's folder, size and checksum."""

    file: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Raw:
    """What `read` returns: the publisher's tables as text, by name, each with `_row`; and the files they came from."""

    tables: dict[str, pd.DataFrame]
    files: dict[str, str]  # table → file name
    sheets: dict[str, str]  # table → sheet name, where there is one
    inputs: tuple[InputFile, ...]


@dataclass(frozen=True)
class Extract:
    """All that a source gave: figures, rejected cells, cells out of scope (reason → count), and the files read."""

    source_id: str
    cells_read: int
    figures: pd.DataFrame
    rejected: pd.DataFrame
    out_of_scope: dict[str, int]
    inputs: tuple[InputFile, ...]
    incidents: pd.DataFrame | None = None
    visas: pd.DataFrame | None = None
    pairs: pd.DataFrame | None = None  # facts about two places that do not change with the years
    notes: tuple[str, ...] = field(default_factory=tuple)
    released: str = ""  # ISO date that the file itself prints, when it prints one

    @property
    def kept(self) -> int:
        """Cells that were taken over: figures, or the incidents, visa rules or pairs that a source consists of."""
        others = (self.incidents, self.visas, self.pairs)
        return len(next((rows for rows in others if rows is not None), self.figures))

    def balanced(self) -> Extract:
        """Itself, if every cell read is accounted for. Raises RowsLost otherwise."""
        kept = self.kept
        accounted = kept + len(self.rejected) + sum(self.out_of_scope.values())
        if accounted != self.cells_read:
            raise RowsLost(
                f"{self.source_id}: {self.cells_read:,} cells read, but {kept:,} kept + {len(self.rejected):,} "
                f"rejected + {sum(self.out_of_scope.values()):,} out of scope = {accounted:,}. "
                "This is a fault of the reader, not of the file; report it."
            )
        return self


def first_reason(asked: Mapping[str, pd.Series] | Iterable[tuple[str, pd.Series]], index: pd.Index) -> pd.Series:
    """For each row the first reason that fits, in the order in which one asks; empty where none does."""
    reasons, fits = zip(*(asked.items() if isinstance(asked, Mapping) else asked))
    return pd.Series(np.select(fits, reasons, default=""), index, dtype=object)


def counts(reasons: pd.Series) -> dict[str, int]:
    """How many rows each reason was given for; rows without one do not count."""
    return {str(reason): int(n) for reason, n in reasons[reasons != ""].value_counts().items()}


def empty_rejected() -> pd.DataFrame:
    """No rejected cells, with the right columns."""
    return pd.DataFrame({c: pd.Series(dtype="str") for c in REJECTED_COLUMNS})


def rejected(rows: pd.DataFrame, file: str, sheet: str, column, found, reason, how_to_fix) -> pd.DataFrame:
    """The rejected table of `rows` (each with `_row`), in the order of the file; words are one text for all, or one for each."""
    if rows.empty:
        return empty_rejected()
    words = {"column": column, "found": found, "reason": reason, "how_to_fix": how_to_fix}
    made = pd.DataFrame({"file": file, "sheet": sheet, "row": rows["_row"].astype(str), **words}, index=rows.index)
    return made.reset_index(drop=True)[REJECTED_COLUMNS].astype("str")


def year_period(years: pd.Series, stock: bool) -> tuple[pd.Series, pd.Series]:
    """First and last day of each year as ISO text; a stock is counted on the last day."""
    text = years.astype(int).astype(str)
    end = text + "-12-31"
    return (end if stock else text + "-01-01"), end


def finished(figures: pd.DataFrame, source_id: str) -> pd.DataFrame:
    """Figures in the house's columns and order, sorted so that a second run writes the same bytes.

    Where a column is left out there is no partner, and sexes, ages and forms stand all together. Raises SourceRefused when the frame breaks its contract; every offending column is listed.
    """
    if other := sorted(set(figures) - set(FIGURE_COLUMNS)):  # a misspelt column would else be taken for all together
        known = ", ".join(FIGURE_COLUMNS)
        raise SourceRefused.of(source_id, f"columns {', '.join(other)}", known, "Mend the reader.")
    together = {"partner_iso3": "", "sex": "total", "age": "total", "form": "total"}
    defaults = {column: text for column, text in together.items() if column not in figures}
    frame = figures.assign(**defaults).reindex(columns=FIGURE_COLUMNS)
    for column in ("value", "lower", "upper"):
        frame[column] = frame[column].astype(float)
    for column in frame.columns.difference(["value", "lower", "upper"]):
        frame[column] = frame[column].fillna("").astype(str)
    frame = frame.sort_values(
        ["indicator_id", "iso3", "partner_iso3", "period_end", "form", "sex", "age", "source_ref"], kind="stable"
    ).reset_index(drop=True)
    from pandera.errors import SchemaErrors

    try:
        return contract().validate(frame, lazy=True)
    except SchemaErrors as faults:
        cases = faults.failure_cases.drop_duplicates(["column", "check", "failure_case"])
        raise SourceRefused(
            shortened(
                [
                    Problem(
                        source_id,
                        f"{case.failure_case!r}",
                        str(case.check),
                        "Mend the reader or the file.",
                        column=str(case.column),
                    )
                    for case in cases.itertuples()
                ]
            )
        ) from None


def input_file(path: Path, folder: Path) -> InputFile:
    """The card of one input: its name below `folder`, size and checksum."""
    return InputFile(path.relative_to(folder).as_posix(), path.stat().st_size, sha256(path))


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """The frame as UTF-8 CSV with plain numbers, the same bytes for the same rows; replaces `path` in one step."""
    frame = frame.copy()
    for column in frame.select_dtypes("float").columns:
        frame[column] = [
            "" if pd.isna(x) else str(int(x)) if float(x).is_integer() else repr(float(x)) for x in frame[column]
        ]
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(part, index=False, encoding="utf-8", lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    part.replace(path)
