"""Named queries that lay two editions beside one another. Old editions may have another shape; that is said plainly.

Both are read by the same process and compared by fingerprint, so that only what differs is fetched.
"""

from pathlib import Path

import duckdb
import pandas as pd

from corridors.store import labels
from corridors.store.queries.figures import OtherShape, ask

KEY = ["figure_id"]


def differing(first: str, second: str, iso3: str | None = None) -> pd.DataFrame:
    """Figures that differ between two editions, of all places or of one at either end; one row each.

    Columns: figure_id, kind (new, revised, withdrawn) and, with the endings _before and _after, all that must be said with the
    figure. Raises UnknownEdition, and OtherShape in plain words when one was built by an earlier version.
    """
    prints = [
        _ask(
            edition,
            """
        select figure_id, hash(value, lower, upper, status, period_end) as print from figure
        where $iso3 is null or iso3 = $iso3 or partner_iso3 = $iso3""",
            {"iso3": iso3},
        )
        for edition in (first, second)
    ]
    both = prints[0].merge(prints[1], on=KEY, how="outer", suffixes=("_before", "_after"), indicator="found")
    changed = both[(both.found != "both") | (both.print_before != both.print_after)]
    sides = [
        _annotated(edition, changed.figure_id.tolist()).set_index(KEY).add_suffix(ending)
        for edition, ending in ((first, "_before"), (second, "_after"))
    ]
    kinds = changed.found.astype(str).map({"left_only": "withdrawn", "right_only": "new", "both": "revised"})
    return changed[KEY].assign(kind=kinds).join(sides[0], on=KEY).join(sides[1], on=KEY).reset_index(drop=True)


def _annotated(edition_id: str, figure_ids: list[str]) -> pd.DataFrame:
    return _ask(
        edition_id,
        """
        select figure_id, iso3, partner_iso3, place, partner, indicator_id, indicator, theme, unit_one, unit_many, stock_or_flow, decimals,
               period_start, period_end, year, sex, age, form, value, lower, upper, status, grade, tlp, caveats, source_id, publisher,
               source_title, source_edition
        from figure_annotated where figure_id in (select unnest($ids::varchar[]))""",
        {"ids": figure_ids},
    )


def uses(first: str, second: str) -> pd.DataFrame:
    """How often a figure that both editions hold has another answer to one of its four uses: use, before, after, figures."""
    sql = "select figure_id, use_level, use_trend, use_compare, use_sum from figure"
    both = _ask(first, sql).merge(_ask(second, sql), on=KEY, suffixes=("_before", "_after"))
    found = [
        both[both[f"{use}_before"] != both[f"{use}_after"]]
        .groupby([f"{use}_before", f"{use}_after"])
        .size()
        .rename_axis(["before", "after"])
        .reset_index(name="figures")
        .assign(use=use.removeprefix("use_"))
        for use in ("use_level", "use_trend", "use_compare", "use_sum")
    ]
    return pd.concat(found)[["use", "before", "after", "figures"]].reset_index(drop=True)


def briefings(first: str, second: str) -> pd.DataFrame:
    """Briefings that only one of two editions holds, or that have another version: iso3, period, before, after (versions)."""
    sql = "select iso3, period, version, sha256 from briefing"
    both = _ask(first, sql).merge(_ask(second, sql), on=["iso3", "period"], how="outer", suffixes=("_before", "_after"))
    other = (both.version_before != both.version_after) | (both.sha256_before.fillna("") != both.sha256_after.fillna(""))
    found = both[other].rename(columns={"version_before": "before", "version_after": "after"})
    return found[["iso3", "period", "before", "after"]].reset_index(drop=True)


def corrections(first: str, second: str) -> pd.DataFrame:
    """Known upstream errors that the second edition mends and the first did not: ids and the reason."""
    sql = "select source_id, indicator_id, iso3, partner_iso3, year, reason from correction_applied"
    before, after = _ask(first, sql), _ask(second, sql)
    known = set(before.astype(str).itertuples(index=False, name=None))  # as text: an empty cell equals an empty cell
    return after[[row not in known for row in after.astype(str).itertuples(index=False, name=None)]].reset_index(drop=True)


def sources(edition_id: str) -> pd.DataFrame:
    """Each source of an edition with the publisher's own name for its release."""
    return _ask(edition_id, "select source_id, publisher, title, edition, released from source order by source_id")


def _ask(edition_id: str, sql: str, parameters: dict | None = None) -> pd.DataFrame:
    try:
        return ask(edition_id, sql, parameters)
    except OtherShape as fault:
        raise OtherShape(
            f"Edition {labels.plain(edition_id)} was built by an earlier version of this system and holds "
            "its figures in another shape, so it cannot be compared. Choose a later edition, or build one anew from the same data with the present version."
        ) from fault


def different_tables(first: Path, second: Path) -> list[str]:
    """Names of the tables that do not hold the same rows in two files of editions, in whatever order they lie."""
    names, sums = {}, {}
    for path in (first, second):
        with duckdb.connect(path, read_only=True, config=labels.LOCKED) as connection:
            names[path] = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
            for name in names[path]:
                one = f'select count(*), sum(hash(row)::hugeint)::varchar from (from "{name}") as row'
                sums[path, name] = connection.execute(one).fetchone()
    every = sorted({*names[first], *names[second]})
    return [name for name in every if sums.get((first, name)) != sums.get((second, name))]
