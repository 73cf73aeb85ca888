"""Named queries about protected case tables. What is not in `case_cell` is withheld; nobody can ask deeper than it goes."""

import pandas as pd

from corridors.store.queries.figures import ask

# What the text of a query may name. Nothing else ever becomes part of one.
DIMENSIONS = (
    "form",
    "sex",
    "age_band",
    "citizenship",
    "exploitation_country",
    "interception_country",
    "detected_year",
    "recruitment",
    "control",
    "network",
)
WITHHELD = "withheld"


class TooDetailed(Exception):
    """The question names more dimensions than a protected table may have."""


def datasets(edition_id: str) -> pd.DataFrame:
    """Every data set with what must be said of it, those protected by their publisher first; `total` is null where withheld."""
    held = ask(edition_id, "select 1 from information_schema.tables where table_name = 'case_dataset'")
    if held.empty:  # an edition from before there were case tables, to which one may roll back
        return pd.DataFrame()
    return ask(
        edition_id,
        """
        select case_dataset.*, value as total from case_dataset
        left join case_table on case_table.dataset_id = case_dataset.dataset_id and len(dims) = 0
        order by perturbed, title, crime""",
    )


def categories(edition_id: str, dataset_id: str) -> pd.DataFrame:
    """The values that tables of a data set list, in their order: dimension, value, position."""
    return ask(
        edition_id,
        """
        select dimension, value, position from case_category where dataset_id = $dataset order by dimension, position""",
        {"dataset": dataset_id},
    )


def counts(edition_id: str, dataset_id: str, by: tuple[str, ...], fixed: tuple[tuple[str, str], ...] = ()) -> pd.DataFrame:
    """What can be shown of one table: a column for each dimension of `by`, and value. Cells that are not here are withheld.

    `fixed` keeps one value of further dimensions, pairs (dimension, value); they count towards the depth. Raises
    TooDetailed, and ValueError for a name that is no dimension or stands twice.
    """
    named = [*by, *(d for d, _ in fixed)]
    if len(set(named)) < len(named) or not set(named) <= set(DIMENSIONS):
        raise ValueError(f"not a question about different dimensions: {', '.join(named)}")
    depth = ask(edition_id, "select depth from case_dataset where dataset_id = $dataset", {"dataset": dataset_id}).depth
    if len(depth) and len(named) > depth[0]:
        raise TooDetailed(f"{len(named)} dimensions were asked for; protected tables have at most {depth[0]}")
    shape = " and ".join(f"{d} is {'not ' if d in named else ''}null" for d in DIMENSIONS)
    kept = "".join(f" and {d} = $fixed{n}" for n, (d, _) in enumerate(fixed))
    listed = "".join(f"{d}, " for d in by)
    return ask(
        edition_id,
        f"""
        select {listed}value from case_cell where dataset_id = $dataset and {shape}{kept}
        order by {listed}value""",
        {"dataset": dataset_id} | {f"fixed{n}": value for n, (_, value) in enumerate(fixed)},
    )


def table(edition_id: str, dataset_id: str, by: tuple[str, ...], fixed: tuple[tuple[str, str], ...] = ()) -> pd.DataFrame:
    """The whole table: every combination of listed values in their order, with value and status (reported or withheld).

    A withheld row has no value and says nothing else: it stands wherever no count can be shown, whether somebody is behind
    it or not. Raises as `counts` does.
    """
    found = counts(edition_id, dataset_id, by, fixed)
    if not by:
        return found.assign(status="reported") if len(found) else pd.DataFrame({"value": [None], "status": [WITHHELD]})
    listed = categories(edition_id, dataset_id)
    grid = pd.MultiIndex.from_product([listed.value[listed.dimension == d] for d in by], names=list(by)).to_frame(
        index=False
    )
    whole = grid.merge(found, on=list(by), how="left")
    return whole.assign(
        value=whole.value.astype("Int64"), status=whole.value.isna().map({True: WITHHELD, False: "reported"})
    )


def everything(edition_id: str, dataset_id: str) -> pd.DataFrame:
    """Every number of a data set that an edition holds: all dimensions (null = all together) and value. For audits."""
    return ask(
        edition_id,
        f"select {', '.join(DIMENSIONS)}, value from case_cell where dataset_id = $dataset",
        {"dataset": dataset_id},
    )
