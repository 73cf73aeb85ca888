"""The valid briefings as tables of an edition: lists split, TLP and limits on every row, figures graded."""

from collections import Counter
from dataclasses import fields
from pathlib import Path

import pandas as pd

from corridors.catalog import Catalog, tlp
from corridors.problems import ERROR, Refused, shortened
from corridors.statistics import quality
from etl.briefings import versions
from etl.briefings.model import CAVEATS, FACTORS, FIGURES, NETWORKS, NEW_ROUTE, ROUTES, TLP, Cover, FigureRow
from etl.briefings.read import Read, kept
from etl.briefings.read import vocabulary as words_of

BY_STATUS = {"masked": "C07", "estimated": "C70", "provisional": "C98"}  # what a status itself says about a figure
ROW_TABLES = {"briefing_route": ROUTES, "briefing_factor": FACTORS, "briefing_network": NETWORKS}
RENAMED = {"partner": "partner_iso3", "measure": "measure_id", "route": "route_id", "factor": "factor_id"}


class BriefingsRefused(Refused):
    """An imported briefing cannot be read; nothing was built."""

    heading = "The imported briefings were not taken over. These must be fixed first:"


def tables(data: Path, vocabulary: Catalog) -> dict[str, pd.DataFrame]:
    """The frames of `measure`, `briefing` and its rows, by name of table, in the order in which they must be inserted.

    Raises BriefingsRefused with every fault of the imported text that keeps a row from being read.
    """
    words, problems = words_of(vocabulary, data), []
    rows: dict[str, list[dict]] = {
        name: [] for name in ("briefing", "briefing_figure", *ROW_TABLES, "briefing_caveat", "briefing_rejected")
    }
    counts = Counter((v.iso3, v.period) for v in versions.listed(data))
    for version in versions.standing(data):
        read = kept(version.folder, words)
        here = version.key.removeprefix("briefing ")
        problems += [f"{here}, {fault}" for fault in read.faults if fault.level == ERROR] + _unfit(
            here, version, read, vocabulary
        )
        if problems:
            continue
        made_rows = _briefing(version, read, counts[version.iso3, version.period])
        rejected = versions.rejected(version.folder)
        rows["briefing"].append(made_rows)
        same = {"briefing_id": made_rows["briefing_id"], "iso3": version.iso3}
        for n, row in enumerate(read.briefing.figures, 1):
            rows["briefing_figure"].append(
                same | _figure(row, read.briefing.cover, vocabulary) | {"figure_id": f"{made_rows['briefing_id']}-{n}"}
            )
        for name, sheet in ROW_TABLES.items():
            rows[name] += [same | _plain(row, read.briefing.cover) for row in read.briefing.rows(sheet)]
        rows["briefing_caveat"] += [same | _named(row) | {"tlp": made_rows["tlp"]} for row in read.briefing.rows(CAVEATS)]
        rows["briefing_rejected"] += [
            same | row | {"row": int(row["row"]), "tlp": strictest(row.get("tlp", ""), made_rows["tlp"])} for row in rejected
        ]
    if problems:
        raise BriefingsRefused(shortened(problems, 40))
    for row in rows["briefing_factor"]:
        row["side"] = row["side"] or vocabulary.factors[row["factor_id"]].side
    for row in rows["briefing_network"]:
        row["read_in"] = row["read_in"] == "yes"
    for row in rows["briefing_route"]:
        row["route_id"] = None if row["route_id"] == NEW_ROUTE else row["route_id"]
    return {"measure": _measures(vocabulary), **{name: _frame(entries) for name, entries in rows.items()}}


def strictest(row: str, cover: str) -> str:
    """The stricter of a row's own TLP label, where it has one, and its cover's; what is not known counts as AMBER+STRICT."""
    return tlp.strictest((row or cover, cover))


def _unfit(here: str, version: versions.Version, read: Read, catalog: Catalog) -> list[str]:
    """What a hand that edited the imported text may have broken: ends of our own form, ids that are gone."""
    cover, briefing = read.briefing.cover, read.briefing
    made_rows = []
    if (cover.iso3, cover.period) != (version.iso3, version.period):
        made_rows.append(
            f"{here}, cover.toml: found {cover.iso3} {cover.period}; expected what its folder says. Fix one of them."
        )
    if cover.tlp not in TLP or cover.state not in ("provisional", "final"):
        made_rows.append(
            f"{here}, cover.toml: found TLP “{cover.tlp}”, state “{cover.state}”; "
            f"expected one of {', '.join(TLP)}, and provisional or final."
        )
    for sheet, column, known in ((FIGURES, "measure", catalog.measures), (FACTORS, "factor", catalog.factors)):
        made_rows += [
            f"{here}, {sheet.file}, {row.at.cell(column)}: found “{getattr(row, column)}”; "
            "expected an id of the catalog. Fix the row."
            for row in briefing.rows(sheet)
            if getattr(row, column) not in known
        ]
    made_rows += [
        f"{here}, figures.csv, {row.at.cell()}: found no period; expected one on the row or the cover. Fill it in."
        for row in briefing.figures
        if not (row.period_start and row.period_end)
    ]
    return made_rows


def _briefing(version: versions.Version, read: Read, count: int) -> dict:
    cover, receipt = read.briefing.cover, read.receipt
    kept = len({(row["sheet"], row["row"]) for row in versions.rejected(version.folder)})
    told = {name: getattr(cover, name) for name in "period_start period_end tlp office state compiled received".split()}
    return told | {
        "briefing_id": f"{version.iso3}-{version.period}-v{version.number}",
        "iso3": version.iso3,
        "period": version.period,
        "version": version.number,
        "versions": count,
        "sha256": receipt.get("sha256"),
        "note": cover.note or None,
        "rows_in": read.rows_in + kept,
        "accepted": read.rows_in,
        "rejected": kept,
    }


def _figure(row: FigureRow, cover: Cover, catalog: Catalog) -> dict:
    """One figure with its grade, and with the limits of its measure and its status beside those that it names."""
    grade = quality.grade(_coverage(row), row.method, row.reliability, row.credibility)
    limits = {*row.caveats, *catalog.measures[row.measure].caveats} | {
        code for status, code in BY_STATUS.items() if status == row.status
    }
    if cover.state == "provisional":
        limits.add(BY_STATUS["provisional"])
    made_rows = _plain(row, cover) | {
        "caveats": sorted(limits),
        "approx": row.approx == "yes",
        "grade": grade.letter,
        "grade_reason": grade.reason,
    }
    return {name: value for name, value in made_rows.items() if name != "unit"}


def _coverage(row: FigureRow) -> float | None:
    """Reports received ÷ expected; None unless both are told."""
    if not row.reports_expected or row.reports_received is None:
        return None
    return row.reports_received / row.reports_expected


def _plain(row, cover: Cover) -> dict:
    """A row as it is, with the source and TLP that stand on the cover where it names none."""
    return _named(row) | {"tlp": strictest(row.tlp, cover.tlp), "source": row.source or cover.office}


def _named(row) -> dict:
    values = {RENAMED.get(f.name, f.name): getattr(row, f.name) for f in fields(row) if f.compare}
    return {k: list(v) if isinstance(v, tuple) else v if v != "" or k == "side" else None for k, v in values.items()}


def _measures(catalog: Catalog) -> pd.DataFrame:
    plain, or_none = (
        "name unit crime stage definition differs by_form".split(),
        "part_of compares_with partner_role iccs".split(),
    )
    return _frame(
        [
            {
                "measure_id": m.id,
                **{name: getattr(m, name) for name in plain},
                **{name: getattr(m, name) or None for name in or_none},
                "unit_one": catalog.units[m.unit]["one"],
                "unit_many": catalog.units[m.unit]["many"],
                "stage_name": catalog.stages[m.stage],
                "caveats": list(m.caveats),
                "position": n,
            }
            for n, m in enumerate(catalog.measures.values())
        ]
    )


def _frame(rows: list[dict]) -> pd.DataFrame:
    """Rows as a frame whose empty columns stay empty: dates and numbers by their own type, lists as lists."""
    frame = pd.DataFrame(rows)
    for column in frame.columns:
        if column in ("value", "lower", "upper", "reports_expected", "reports_received", "cases"):
            frame[column] = frame[column].astype(float)
        elif column in ("period_start", "period_end", "received"):
            frame[column] = pd.to_datetime(frame[column]).dt.date
        elif frame[column].isna().all():
            frame[column] = frame[column].astype("str").where(frame[column].notna(), None)
    return frame
