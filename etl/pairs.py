"""Facts about ordered pairs of places: what the readers share whose files have one row for each origin and destination."""

from collections.abc import Mapping

import pandas as pd

from corridors.catalog import OTHER, STATELESS, UNKNOWN, WORLD, Catalog
from etl import frames, reading
from etl.frames import Extract, Raw

ENDS = ["origin_iso3", "destination_iso3"]
NO_MEMBER = "no member at either end"


def of(raw: Raw, table: str, columns: tuple[str, str], catalog: Catalog, more: Mapping[str, str]) -> pd.DataFrame:
    """The ISO3 codes of both ends (ENDS) of each row; `more`: codes of the publisher's own. Refuses unknown ones."""
    rows, file, sheet = raw.tables[table], raw.files[table], raw.sheets.get(table, "")
    known = {iso3: iso3 for iso3 in catalog.countries if iso3 not in (UNKNOWN, STATELESS, OTHER, WORLD)} | more
    member = reading.of_a_member(rows[columns[0]], catalog) | reading.of_a_member(rows[columns[1]], catalog)
    codes = {
        end: reading.known_codes(rows[column], rows["_row"], known, file, column, sheet, carries=member)
        for end, column in zip(ENDS, columns)
    }
    return pd.DataFrame(codes)


def extract(
    raw: Raw,
    source_id: str,
    table: str,
    pairs: pd.DataFrame,
    catalog: Catalog,
    out_of_scope: Mapping[str, pd.Series],
    doubts: Mapping[str, pd.Series],
    columns: tuple[str, str, str],
    ask: str,
    part: tuple[str, list[str]],
    notes: tuple[str, ...],
) -> Extract:
    """No figures, but the facts of every pair with a member at an end, and an account of the other pairs.

    `out_of_scope` and `doubts`: reason → whether it fits a row. `columns`: those of the origin, the destination and of what is
    said of the pair. `part`: the table of the extract that is filled and its columns.
    """
    rows, members = raw.tables[table], list(catalog.members)
    unread = (pairs[ENDS] == reading.UNREAD).any(axis=1)
    asked = {NO_MEMBER: ~pairs[ENDS].isin(members).any(axis=1), **out_of_scope}
    out = frames.first_reason({reason: fits & ~unread for reason, fits in asked.items()}, pairs.index)
    bad = frames.first_reason({reading.UNKNOWN_LABEL: unread, **doubts}, pairs.index).where(out == "", "")
    kept = pairs[(out == "") & (bad == "")].sort_values(ENDS, kind="stable")
    those, reason = rows[bad != ""], bad[bad != ""]
    found = those[columns[0]] + " to " + those[columns[1]] + ": " + those[columns[2]]
    at = (raw.files[table], raw.sheets.get(table, ""), columns[2])
    return Extract(
        source_id=source_id,
        cells_read=len(rows),
        figures=frames.finished(pd.DataFrame(columns=frames.FIGURE_COLUMNS), source_id),
        rejected=frames.rejected(those, *at, found, reason, reading.how_to_fix(reason, ask)),
        out_of_scope=frames.counts(out),
        inputs=raw.inputs,
        notes=notes,
        **{part[0]: kept[part[1]].reset_index(drop=True)},
    )
