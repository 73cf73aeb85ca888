"""The outlooks of an edition: each yearly series cut to the years that may be looked at together, then asked what comes next; and the
months of the year on seas and roads.

A series is looked at from its newest year back to the first that does not belong: a gap, a masked year, a break that is known or
possible, a count so small that it moves by chance, or a year across which no trend may be spoken of. What is left out is said.
"""

from dataclasses import asdict
from datetime import date
from itertools import groupby

import pandas as pd

from corridors.catalog import Catalog, tlp
from corridors.statistics import outlook, season
from corridors.statistics.outlook import NoOutlook
from corridors.store import outlooks, writing
from corridors.store.publishing import Draft

KEY = ["outlook_id", "iso3", "partner_iso3", "indicator_id", "source_id"]
STEP, STEP_PEOPLE = 20, 1000  # as in the step "steps" of derive.sql: a possible break
NOT_SPOKEN = "no trend may be spoken of, so nothing is said of years to come"


def look_ahead(work: Draft, vocabulary: Catalog) -> dict[str, int]:
    """Fills the tables of outlooks and seasons; returns how many yearly outlooks there are and how many refusals."""
    indicators = [i.id for i in vocabulary.indicators.values() if i.outlook]
    rows = outlooks.series(work, indicators)
    newest = rows.groupby(["indicator_id", "source_id"]).year.max()
    said, years, record = [], [], []
    for _, group in groupby(rows.itertuples(), key=lambda row: row.outlook_id):
        mine = list(group)
        one = {name: getattr(mine[0], name) for name in KEY} | {"tlp": tlp.strictest(row.tlp for row in mine)}
        judgement, ahead, past = judged(mine, int(newest[one["indicator_id"], one["source_id"]]))
        said.append(one | judgement)
        years += [{"outlook_id": one["outlook_id"], **each} for each in ahead]
        record += [{"outlook_id": one["outlook_id"], **each} for each in past]
    for table, made in (("outlook", said), ("outlook_year", years), ("outlook_record", record)):
        writing.insert(work, table, pd.DataFrame(made))
    _look_at_months(work, vocabulary)
    shown = sum(each["refusal"] is None for each in said)
    return {"shown": shown, "refused": len(said) - shown}


def _look_at_months(work: Draft, vocabulary: Catalog) -> None:
    """Fills season_count, season, season_month and season_record, for the six months after the edition's."""
    box = ("west", "south", "east", "north")
    seas = [
        {"id": sea.id, "name": sea.name, "position": n, **dict(zip(box, sea.box))}
        for n, sea in enumerate(vocabulary.seas.values())
    ]
    counted, recorded = outlooks.count_months(work, seas), outlooks.recorded_years(work)
    dated = outlooks.dated(work)
    starts = date(dated.year + dated.month // 12, dated.month % 12 + 1, 1)
    said, months, record = [], [], []
    for season_id, rows in counted.groupby("season_id"):
        for measure in ("incidents", "people"):
            key = {"season_id": season_id, "measure": measure}
            judgement, usual, past = season_judged(rows, measure, recorded, starts)
            said.append(key | {"name": rows.name.iloc[0], "source_id": rows.source_id.iloc[0]} | judgement)
            months += [key | each for each in usual]
            record += [key | each for each in past]
    for table, made in (("season", said), ("season_month", months), ("season_record", record)):
        writing.insert(work, table, pd.DataFrame(made))


def season_judged(
    rows: pd.DataFrame, measure: str, recorded: list[tuple[int, bool]], starts: date
) -> tuple[dict, list[dict], list[dict]]:
    """What is said of a time of the year (columns of the table season), of each month, and of the half-years that were tried.

    `rows` as `outlooks.count_months` gives them, of one sea or road; a month of a recorded year that is not there had none.
    """
    years: list[int] = []
    for year, broken in reversed(recorded):
        if years and year != years[0] - 1:
            break
        years.insert(0, year)
        if broken:
            break
    mine = rows[rows.year.isin(years)]
    table = mine[mine.month > 0].pivot(index="year", columns="month", values=measure)
    table = table.reindex(index=years, columns=range(1, 13)).fillna(0)
    said = {"years": len(years), "total": int(table.to_numpy().sum()), "left_out": int(mine[mine.month == 0][measure].sum())}
    said |= {"refusal": None, "no_outlook": None, "starts": starts}
    if years:
        said |= {"first_year": years[0], "last_year": years[-1]}
    events = int(mine[mine.month > 0].incidents.sum())
    if (
        len(years) >= season.FEWEST and events <= season.SMALLEST
    ):  # one wreck with many people says as little of a month as one with few
        return said | {"refusal": f"{events} recorded in all years together, too few to tell months apart"}, [], []
    try:
        found = season.season(table.to_numpy(), starts.month)
    except NoOutlook as fault:
        return said | {"refusal": str(fault)}, [], []
    said |= {"no_outlook": found.refusal or None, "skill": round(found.skill, 3), "coverage": round(found.coverage, 3)}
    said |= {"tried": found.tried} | _ends(found.expected, (80,))
    months = [{"month": n} | _ends(each, season.LEVELS) for n, each in enumerate(found.months, start=1)]
    record = [
        {"starts": starts.replace(year=years[0] + tried.index), "came": tried.came} | _ends(tried.expected, (80,))
        for tried in found.record
    ]
    return said, months, record


def _ends(each: outlook.Expected, levels: tuple[int, ...]) -> dict:
    """The columns middle, lower and upper of these levels."""
    ends = {f"{end}_{k}": _rounded(v) for k in levels for end, v in zip(("lower", "upper"), each.intervals[k])}
    return {"middle": _rounded(each.middle)} | ends


def judged(rows: list, newest: int) -> tuple[dict, list[dict], list[dict]]:
    """What is said of one series (columns of the table outlook), of the years to come, and of those tried.

    `rows` as `outlooks.series` gives them, one series, oldest first; `newest`: the latest year that its source has at all.
    """
    run, shortened = latest_run(rows)
    said = {"years": len(run), "shortened": shortened or None, "refusal": None}
    if not run:
        return said | {"refusal": shortened}, [], []
    last = run[-1]
    said |= {"first_year": run[0].year, "last_year": last.year, "last_value": last.value}
    if last.ranged:
        said |= {"last_lower": last.lower, "last_upper": last.upper}
    if last.use_trend == "no":
        return said | {"refusal": NOT_SPOKEN}, [], []
    if last.year < newest - 1:
        return said | {"refusal": f"the last figure is of {last.year}, while the source has {newest}"}, [], []
    try:
        found = outlook.look_ahead([row.value for row in run])
    except NoOutlook as fault:
        refusal = f"{fault}{f'; {shortened}' if shortened else ''}"
        return said | {"refusal": refusal} | _unseen(fault.unseen), [], []
    said |= _unseen(found.unseen) | {
        "method": outlook.MEAN,
        "skill": round(found.skill, 3),
        "mase": round(found.mase, 3),
        "coverage": round(found.coverage, 3),
        "tried": found.tried,
    }
    ahead = [{"year": last.year + each.ahead} | _ends(each, outlook.LEVELS) for each in found.expected]
    past = [
        {
            "year": run[tried.index].year,
            "came": _rounded(tried.came) if run[tried.index].ranged else tried.came,
            "worst": tried is found.worst,
        }
        | _ends(tried.expected, (80,))
        for tried in found.record
    ]
    return said, ahead, past


def _unseen(unseen: outlook.Unseen | None) -> dict:
    return {f"unseen_{name}": value for name, value in asdict(unseen).items()} if unseen else {}


def latest_run(rows: list) -> tuple[list, str]:
    """(the newest years that may be looked at together, why none or no earlier ones); a year that is not over is left out."""
    while rows and rows[-1].status == "provisional":
        rows = rows[:-1]
    if not rows:
        return [], "no year that is over"
    if pd.isna(rows[-1].value):
        return [], f"{rows[-1].year} is masked or has no single number"
    since = rows[-1].use_trend.removeprefix("since ") if rows[-1].use_trend.startswith("since ") else ""
    run = [rows[-1]]
    for row in reversed(rows[:-1]):
        after = run[-1]
        if why := _apart(row, after, int(since or 0)):
            return run[::-1], why
        run.append(row)
    return run[::-1], ""


def _apart(row, after, since: int) -> str:
    """Why a year does not belong to the run that begins with the year `after`; empty where it does."""
    if row.year != after.year - 1:
        return f"{after.year - 1} has no figure"
    if after.broken or row.year < since:
        return f"{after.year} begins a new series"
    if pd.isna(row.value):
        return f"{row.year} is masked or has no single number"
    if row.value <= outlook.SMALLEST:
        return f"{row.year} has {row.value:,.0f}, and counts of {outlook.SMALLEST} or fewer move by chance"
    small, large = sorted((row.value, after.value))
    if large > STEP_PEOPLE and large > STEP * max(small, 1):
        return f"from {row.value:,.0f} to {after.value:,.0f} in {after.year}, a possible break"
    return ""


def _rounded(value: float) -> float:
    """Three significant digits: more would claim more than is known."""
    return float(f"{value:.3g}")
