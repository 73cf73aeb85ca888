"""Changes of visa rules: dated ones as editors list them, those between two editions of the source, and what went together with them.

Both lists are checked tables: every fault is named with row, column and cure.
"""

from datetime import date
from functools import cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import pandas as pd

from corridors.catalog import Catalog
from corridors.problems import Problem, Refused
from corridors.statistics import gravity
from corridors.store import writing
from corridors.store.publishing import Draft
from etl.routes_table import Table, is_day, open_table

COLUMNS = ["destination", "origin", "since", "change", "what", "publisher", "title", "address", "not_followed"]
CHANGES = ("eased", "tightened")
SEEN = ["origin", "destination", "seen_before", "seen_after", "rule_before", "rule_after"]
# whether a visa must be got before the journey; electronic ones are left out: the source had no word for them in its first edition, and
# later moved whole destinations to it at once, whatever had changed there
NEEDED = {"required": 1, "refused": 1, "free": 0, "on_arrival": 0, "authorisation": 0, "electronic": None}
NAMED = date(2020, 11, 19)  # since then the source tells electronic visas from authorisations
BANS = (2020, 2021)  # years of travel bans, whatever the rule
FEWEST = 20  # changes
TERM = "the visa rule"  # as a refusal names it
LEVELS = (80, 95)  # per cent
ENDS = ("origin_iso3", "destination_iso3")


class VisaChangesRefused(Refused):
    """The list of changes of visa rules has faults; nothing of it was taken over."""

    heading = "The changes of visa rules were not taken over. These must be fixed first:"


def tables(folder: Path, vocabulary: Catalog) -> dict[str, pd.DataFrame]:
    """The frames of `visa_change` and `visa_rule_change`. Raises VisaChangesRefused."""
    problems: list[Problem] = []
    dated = open_table(folder / "changes.csv", COLUMNS, "visas", problems)
    seen = open_table(folder / "rules.csv", SEEN, "visas", problems)
    made = {
        name: read(table, vocabulary)
        for name, table, read in (("visa_change", dated, _dated), ("visa_rule_change", seen, _seen))
        if table is not None
    }
    problems += [problem for table in (dated, seen) if table is not None for problem in table.sorted_problems()]
    if problems:
        raise VisaChangesRefused(problems)
    return made


def _ends(table: Table, vocabulary: Catalog, members: str) -> None:
    """Both ends are known places and not the same; `members` says of which columns one has to be a member."""
    frame = table.frame
    for end in ("destination", "origin"):
        table.one_of(end, vocabulary.countries, "Use the code of ISO 3166, such as THA.", "a country's code")
    asked = ["destination", "origin"] if members == "either" else [members]
    outside = ~frame[asked].isin(vocabulary.members).any(axis=1) & frame[asked].isin(vocabulary.countries).all(axis=1)
    found, expected = (
        ("two places that are no members", "a member at one end at least")
        if members == "either"
        else ("no member", "a member")
    )
    table.fault(outside, "origin", "visa-no-member", found=found, expected=expected)
    table.fault(frame.destination.eq(frame.origin) & (frame.origin != ""), "origin", "visa-same-place")


def _seen(table: Table, vocabulary: Catalog) -> pd.DataFrame:
    """Rules that differ between two editions of the source, checked; the days as dates where the table is sound."""
    frame = table.frame
    _ends(table, vocabulary, "origin")
    for column in ("rule_before", "rule_after"):
        table.one_of(column, NEEDED)
    table.filled(["seen_before", "seen_after"])
    for column in ("seen_before", "seen_after"):
        table.dates(column)
    table.fault((frame.seen_before >= frame.seen_after) & (frame.seen_after != ""), "seen_after", "visa-days-order")
    table.fault(frame.rule_before.eq(frame.rule_after), "rule_after", "visa-same-rule")
    table.unique(["origin", "destination", "seen_before"])
    return frame.rename(columns={"origin": "origin_iso3", "destination": "destination_iso3"}).drop(columns="_row")


def _dated(table: Table, vocabulary: Catalog) -> pd.DataFrame:
    """Changes with their day, as editors found them told in public, checked."""
    frame = table.frame
    table.filled(["what", "publisher", "title"])
    _ends(table, vocabulary, "either")
    table.one_of("change", CHANGES)
    whole = frame.since + frame.since.str.len().eq(len("2025-01")).map({True: "-01", False: ""})
    table.fault(~whole.map(is_day), "since", "visa-day")
    table.pattern("address", r"https?://[^\s/]+/\S*", "the address of a page")
    table.unique(["destination", "origin", "since"])
    table.no_persons()
    named = frame.rename(columns={end: f"{end}_iso3" for end in ("destination", "origin")}).drop(columns="_row")
    return named.assign(year=pd.to_numeric(frame.since.str[:4], errors="coerce"))


RULES = """
    select origin_iso3, destination_iso3, case when lower(provider_label) = 'eta' then 'authorisation' else rule end as rule, released
    from visa_rule join source using (source_id) where origin_iso3 in (select origin_iso3 from visa_rule_change)"""
APPLIED = """
    select partner_iso3 as origin_iso3, iso3 as destination_iso3, year(period_end) as year, coalesce(value, (lower + upper) / 2) as applied
    from figure where indicator_id = 'asylum_applications_new' and source_id = 'unhcr' and sex = 'total' and age = 'total'
        and form = 'total' and status <> 'provisional' and iso3 <> 'WLD' and partner_iso3 is not null"""
METHOD = (
    "A gravity model (Poisson) in which each pair, each origin in each year and each destination in each year has a level of its own; what "
    "is left goes together with whether a visa must be got before the journey, and is no effect of it. Electronic visas are left out."
)


def fit(work: Draft) -> str:
    """Fits the model of changes of rules into the table visa_model; returns what became of it, in a few words."""
    ask = work.connection.execute
    rules, changes = ask(RULES).df(), ask("from visa_rule_change order by all").df()
    about = {"method": METHOD}
    try:
        if changes.empty or rules.empty or changes.seen_after.max() != rules.released.max():
            raise gravity.CannotFit(
                "stale",
                "the list of changes of rules does not end on the day of the rules that are held: add those since to data/editorial/visas/rules.csv",
            )
        rows = panel(rules, changes, ask(APPLIED).df()).rename(columns={"needed": TERM})
        found = gravity.within_pairs(rows, "applied", TERM, "pair", ["origin_year", "destination_year"], FEWEST)
    except gravity.CannotFit as refusal:
        writing.insert(work, "visa_model", pd.DataFrame([about | {"refusal": str(refusal)}]))
        return f"refused: {refusal}"
    days = sorted({*changes.seen_before, *changes.seen_after})
    about |= {"n": found.n, "pairs": found.pairs, "changed": found.changed, "freedom": round(found.freedom, 1)}
    about |= {"years": sorted(map(int, rows.year.unique())), "seen": [day.date() for day in days]}
    for level in LEVELS:
        about |= {f"{end}_{level}": float(f"{at:.3g}") for end, at in zip(("lower", "upper"), found.times(level / 100))}
    writing.insert(work, "visa_model", pd.DataFrame([about]))
    return f"{found.changed:,} changes"


def panel(rules: pd.DataFrame, changes: pd.DataFrame, applied: pd.DataFrame) -> pd.DataFrame:
    """One row for each pair and year whose rule is known and whose destination counted applications of anybody: applied (none counted is
    0, a masked number the middle of its range), needed (0 or 1), year, pair, origin_year, destination_year.

    The rule of a year is known when the editions before its January and after its September, and those between, agree; of the years of
    the first and the last edition, when the edition fell near the end or the beginning. A pair without a row in `changes` had today's
    rule whenever its origin was read.
    """
    unclear = changes.rule_before.eq("authorisation") & (changes.seen_before < pd.Timestamp(NAMED))
    changes = changes.assign(rule_before=changes.rule_before.mask(unclear, "electronic"))
    in_pairs = changes.sort_values([*ENDS], kind="stable").itertuples()
    own = {pair: list(part) for pair, part in groupby(in_pairs, attrgetter(*ENDS))}
    read = {o: sorted({*part.seen_before, *part.seen_after}) for o, part in changes.groupby("origin_iso3")}
    years = sorted(set(applied.year) - set(BANS))
    of_years = cache(lambda known: [(y, needed) for y in years if (needed := _of_year(known, y)) is not None])
    rows = []
    for origin, destination, rule in rules[[*ENDS, "rule"]].itertuples(index=False):
        steps = own.get((origin, destination), [])
        known = tuple((day, NEEDED.get(_rule_on(day, steps, rule))) for day in read[origin])
        rows += [(origin, destination, *found) for found in of_years(known)]
    made = pd.DataFrame(rows, columns=[*ENDS, "year", "needed"])
    made = made.merge(applied[["destination_iso3", "year"]].drop_duplicates()).merge(applied, how="left")
    at = made.year.astype(str)
    return made.assign(
        applied=made.applied.fillna(0.0),
        pair=made.origin_iso3 + made.destination_iso3,
        origin_year=made.origin_iso3 + at,
        destination_year=made.destination_iso3 + at,
    )


def _rule_on(day, changes: list, today: str) -> str:
    """The rule of a pair on a day; empty on one between the two editions that differ."""
    for change in changes:
        if day <= change.seen_before:
            return change.rule_before
        if day < change.seen_after:
            return ""
    return changes[-1].rule_after if changes else today


def _of_year(known: tuple[tuple, ...], year: int) -> int | None:
    """Whether a visa was needed in a year, from what is known on some days; None where that does not say."""
    begin, end = pd.Timestamp(year, 1, 31), pd.Timestamp(year, 10, 1)
    before, after = [d for d, _ in known if d <= begin], [d for d, _ in known if d >= end]
    if before and after:
        inside = {needed for day, needed in known if before[-1] <= day <= after[0]}
        return inside.pop() if len(inside) == 1 else None
    edge = before[-1:] if before else after[:1]
    return next((needed for day, needed in known if [day] == edge and day.year == year), None)
