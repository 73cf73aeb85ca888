"""From an agenda and an edition to slides: what each says, and with what it must be said. Screen, slide file and pack show the same.

Rows above the ceiling are dropped before anything is worked out from them. A slide for which nothing is held says so.
"""

from __future__ import annotations

from typing import Callable

import pandas as pd

import catalog
import charts.coverage
import charts.trend
from catalog import meetings, tlp, words
from catalog.meetings import Entry, Known, Meeting
from store import action_reading, ceilings, editions, factor_reading, quality_reading, reading, route_reading

from . import brief_figures, brief_parts, changes, faults
from .slide_model import Deck, Fact, RouteMap, Series, Slide, Stack

MEMBER_CHARTS = ("detected_victims", "smuggling_offences", "persons_convicted", "refugees", "asylum_seekers")
PAIR_CHARTS = ("refugees", "asylum_applications_new", "asylum_seekers", "detected_victims", "migrant_stock")
CRIMES = {"smuggling": "smuggling", "trafficking": "trafficking", "both": "smuggling and trafficking"}
SCHEMATIC = "Routes are schematic; no line is a track, and width shows nothing"
NOT_ZERO = "That is not zero: no source carried here has published a figure."
NOT_PREVALENCE = "Recorded figures show what authorities and agencies found, not how much there is"


def held(query: Callable[..., pd.DataFrame], *asked) -> pd.DataFrame:
    """The answer, or an empty frame where an edition of an earlier version has not got what is asked for."""
    try:
        return query(*asked)
    except reading.OtherShape:
        return pd.DataFrame()


def known(edition_id: str) -> Known:
    """What an agenda may name of this edition. An edition of an earlier version may lack periods and scenarios."""
    periods, cases = held(action_reading.actions, edition_id), held(action_reading.scenarios, edition_id)
    return Known(
        frozenset(held(route_reading.routes, edition_id).get("route_id", ())), frozenset(periods.get("action", ())),
        frozenset(cases.get("scenario", ())), frozenset(editions.listed()),
    )  # fmt: skip


def deck(edition_id: str, meeting: Meeting, ceiling: str, on_slide: Callable[[int, int], None] | None = None) -> Deck:
    """All slides of a meeting that a viewer up to `ceiling` may see; `on_slide` is told (done, of how many)."""
    up_to = meetings.lower(ceiling, meeting.tlp_ceiling)
    plain = ceilings.plain(edition_id)
    entries, made = meeting.shown(ceiling), []
    for number, entry in enumerate(entries, 1):
        made.append(slide(edition_id, meeting, entry, number, up_to))
        if on_slide:
            on_slide(number, len(entries))
    dated = pd.Timestamp(reading.edition(edition_id)["dated"]).date()
    return Deck(meeting.key, meeting.title, meeting.place, meeting.date, plain, dated, up_to,
                tlp.strictest(s.tlp for s in made), tuple(made))  # fmt: skip


def slide(edition_id: str, meeting: Meeting, entry: Entry, number: int, ceiling: str) -> Slide:
    """One slide; `ceiling` is already the narrower of the meeting's and the viewer's."""
    edition_id = ceilings.keyed(edition_id, meetings.lower(ceiling, ceilings.split(edition_id)[1]))  # rows above it are not there
    base = {"number": number, "kind": entry.kind, "note": entry.note, "minutes": entry.minutes, "tlp": entry.tlp}
    try:
        made = MAKERS[entry.kind](edition_id, meeting, entry, ceiling)
    except reading.OtherShape:
        made = {"title": "This edition cannot show this slide", "lead": "It was built by an earlier version of the system and does not hold what is asked for."}
    labels = [entry.tlp, *made.pop("labels", [])]
    return Slide(**{**base, **made, "tlp": tlp.strictest(labels)})


def visible(rows: pd.DataFrame, ceiling: str) -> pd.DataFrame:
    """The rows whose label the ceiling allows; a row without a known label is handled as AMBER+STRICT."""
    if "tlp" not in rows or rows.empty:
        return rows
    return rows[rows.tlp.where(rows.tlp.isin(tlp.LABELS), tlp.UNKNOWN).isin(tlp.allowed(ceiling))]


def fact(row, label: str, note: str = "") -> Fact:
    """One figure of `figure_told` as a fact."""
    told = brief_figures.figure(row)
    line = f"{told['unit']}, {told['period']}" + (f" ({told['status'].lower()})" if told["status"] else "") + (f"; {note}" if note else "")
    return Fact(label, told["amount"], line, told["grade"], told["caveat"], row.publisher)


def foot(rows: pd.DataFrame) -> dict:
    """Sources, period, unit, grade and gravest limit of the rows on a slide, and what the notes add."""
    if rows.empty:
        return {}
    last = next(rows.tail(1).itertuples())
    codes = {code for row in rows.itertuples() for code in row.caveats}
    carried = brief_figures.by_gravity(codes)
    return {
        "sources": tuple(dict.fromkeys(brief_figures.source(r) for r in rows.itertuples())),
        "period": span(rows), "unit": words.listing(list(dict.fromkeys(rows.unit_many))), "grade": grades(rows),
        "limit": carried[0].title if carried else "", "labels": list(rows.tlp),
        "told": (f"{words.GRADE[last.grade]}. {last.grade_reason}.", *(f"{c.title}: {c.text}" for c in carried)),
    }  # fmt: skip


def grades(rows: pd.DataFrame) -> str:
    """The grade of one series is that of its newest figure; of several things, all letters."""
    if rows.indicator_id.nunique() == 1:
        return words.GRADE[rows.sort_values("year").grade.iloc[-1]]
    letters = sorted(set(rows.grade))
    return words.GRADE[letters[0]] if len(letters) == 1 else "Grades " + words.listing(letters) + ", each beside its figure"


def span(rows: pd.DataFrame) -> str:
    """First to last year of the rows, or the period of a single one."""
    if len(rows) == 1:
        row = next(rows.itertuples())
        return words.period(row.period_start, row.period_end, getattr(row, "stock_or_flow", "flow"))
    first, last = int(rows.year.min()), int(rows.year.max())
    return str(last) if first == last else f"{first}–{last}"


def _title(edition_id: str, meeting: Meeting, entry: Entry, ceiling: str) -> dict:
    dated = pd.Timestamp(reading.edition(edition_id)["dated"]).date()
    when = ", ".join(part for part in (words.day(meeting.date) if meeting.date else "", meeting.place) if part)
    return {
        "title": meeting.title, "lead": when,
        "points": (f"Figures of the edition of {words.day(dated)}", f"Shown up to TLP:{ceiling}: {tlp.MEANS[ceiling]}",
                   NOT_PREVALENCE),
    }  # fmt: skip


def _situation(edition_id: str, meeting: Meeting, entry: Entry, ceiling: str) -> dict:
    rows = visible(reading.regional(edition_id), ceiling)
    if rows.empty:
        return {"title": "No regional figure is held", "lead": NOT_ZERO}
    facts = []
    for row in rows.itertuples():
        note = f"{row.members} of 45 members"
        if row.dominant_share > 0.5:
            note += f"; {row.dominant} alone is {words.share(row.dominant_share)}"
        facts.append(fact(row, words.capital(catalog.load().indicators[row.indicator_id].spoken), note))
    low, high = int(rows.members.min()), int(rows.members.max())
    return {
        "title": f"Each headline figure stands on {low} to {high} of the 45 members" if low < high else f"Each headline figure stands on {low} of the 45 members",
        "lead": f"{NOT_PREVALENCE}.", "facts": tuple(facts[:6]), **foot(rows), "unit": "as under each figure",
    }  # fmt: skip


def _changes(edition_id: str, meeting: Meeting, entry: Entry, ceiling: str) -> dict:
    plain = ceilings.plain(edition_id)
    first = entry.wanted.get("since") or reading.edition(edition_id).get("previous_id")
    iso3 = entry.wanted.get("member")
    who = f" on {catalog.load().place_name(iso3)}" if iso3 else ""
    if not isinstance(first, str) or first not in editions.listed() or first == plain:
        return {"title": f"What changed{who} cannot be said", "lead": "No earlier edition is kept beside this one.",
                "points": ("Earlier editions are kept when “python -m etl build” runs again on new data",)}  # fmt: skip
    try:
        found = changes.between(ceilings.keyed(first, ceiling), edition_id, iso3)
    except faults.NotComparable:
        return {"title": f"What changed{who} cannot be said", "lead": f"Edition {first} was built by an earlier version of the system."}
    rows = visible(found.rows, ceiling)
    number = {kind: int((rows.kind == kind).sum()) for kind in changes.KINDS}
    dated = f"between the editions of {words.day(found.first_dated)} and {words.day(found.second_dated)}"
    if first[:10] == plain[:10]:
        dated = f"between editions {first[-8:]} and {plain[-8:]}, both of {words.day(found.second_dated)}"
    facts_ = {"period": dated, "unit": "figures in the record", "labels": list(rows.tlp),
              "sources": tuple(dict.fromkeys(f"{r.publisher}, {r.source_title}" for r in rows.itertuples()))[:3] or ("Both editions",),
              "grade": "Counts of records have no grade", "limit": "A change of the record is not a change of what it counts"}  # fmt: skip
    if not len(rows):
        return {"title": f"No figure{who} is new, revised or withdrawn", "lead": f"Compared {dated}.", **facts_,
                "points": ("The record is the same; what has changed in the field since is for members to say",)}
    told = changes.Changes(**{**found.__dict__, "rows": rows})
    return {
        "title": f"{number['new']:,} figures{who} are new, {number['revised']:,} revised, {number['withdrawn']:,} withdrawn",
        "points": tuple(changes.sentences(told, 4)), **facts_,
    }  # fmt: skip


def _route_map(edition_id: str, meeting: Meeting, entry: Entry, ceiling: str) -> dict:
    rows, vocabulary = visible(route_reading.routes(edition_id), ceiling), catalog.load()
    member, crime, route = (entry.wanted.get(k) for k in ("member", "crime", "route"))
    if member:
        rows = rows[rows.touched.map(lambda codes: member in codes)]
    if crime:
        rows = rows[rows.crime.isin([crime, "both"])]
    if route:
        rows = rows[rows.route_id == route]
    what = f" touch {vocabulary.place_name(member)}" if member else ""
    kind = f" of {crime}" if crime else ""
    if rows.empty:
        return {"title": f"None of the described routes{kind}{what or ' is in view'}", "lead": "That does not mean that there is none."}
    legs = route_reading.legs(edition_id)
    legs = legs[legs.route_id.isin(rows.route_id)].reset_index(drop=True)
    strong = int((rows.strength == "strong").sum())
    n = len(rows)
    title = f"{n} {'route' if n == 1 else 'routes'}{kind} described in public literature{what if n != 1 else what.replace('touch', 'touches')}; evidence is strong for {strong}"
    points, told = (), tuple(f"{r.route_id} {r.name}: {CRIMES[r.crime]}, evidence {r.strength if r.strength != 'none' else 'without a figure'}."
                             for r in rows.itertuples())  # fmt: skip
    if route:
        row = next(rows.itertuples())
        title = f"{row.route_id} · {row.name}: {CRIMES[row.crime]}, evidence {row.strength if row.strength != 'none' else 'without a figure'}"
        points = (words.capital(row.summary.split(". ")[0].rstrip(".") + "."),) if isinstance(row.summary, str) else ()
    years = rows[["first_year", "last_year"]].dropna()
    return {
        "title": title, "points": points, "picture": RouteMap(legs, route_reading.places(edition_id), "Map: " + " ".join(told)),
        "sources": (f"{int(rows.figures.sum())} published figures; each is named on the page Route map",),
        "period": f"figures of {int(years.first_year.min())}–{int(years.last_year.max())}" if len(years) else "no dated figure",
        "unit": "routes", "grade": "Line pattern: how good the best published figure is", "limit": SCHEMATIC,
        "labels": list(rows.tlp), "told": told,
    }  # fmt: skip


def _member(edition_id: str, meeting: Meeting, entry: Entry, ceiling: str) -> dict:
    vocabulary, iso3 = catalog.load(), entry.wanted["member"]
    member = vocabulary.members[iso3]
    name = member.short_name or member.name
    latest = visible(reading.latest_totals(edition_id, iso3), ceiling)
    if latest.empty:
        return {"title": f"No figure is held on {name}", "lead": NOT_ZERO}
    wanted = [entry.wanted["indicator"]] if entry.wanted.get("indicator") else list(MEMBER_CHARTS)
    everything = factor_reading.series(edition_id, iso3, wanted, [])
    shown = visible(everything, ceiling)
    rows = _longest(shown, wanted)
    labels = {(i, v): label for i, v, label in brief_figures.HEADLINES}
    held = {(latest.indicator_id.iloc[n], latest["view"].iloc[n]): latest.iloc[[n]] for n in range(len(latest))}
    chart = rows.indicator_id.iloc[0] if len(rows) else None
    chosen = [key for key in labels if key in held and key != (chart, "place")][:3]
    facts_rows = pd.concat([held[k] for k in chosen]) if chosen else latest.iloc[:0]
    facts = tuple(fact(next(held[k].itertuples()), labels[k]) for k in chosen)
    if rows.empty:
        return {"title": f"{name}: the newest figures held", "lead": "No series of several years is held for what is asked.", "facts": facts, **foot(facts_rows)}
    verdict = "" if len(everything) != len(shown) else _verdict(edition_id, iso3, chart, "place")
    made = _series(edition_id, rows, f"{name}, {brief_figures.name_of(vocabulary, chart)[0].lower()}{brief_figures.name_of(vocabulary, chart)[1:]}")
    below = foot(pd.concat([facts_rows, rows]) if len(facts_rows) else rows)
    return {**below, **made, "lead": verdict, "facts": facts, "period": f"chart {span(rows)}", "unit": made["unit"], "grade": f"Chart: {grades(rows)[:1].lower()}{grades(rows)[1:]}"}


def _corridor(edition_id: str, meeting: Meeting, entry: Entry, ceiling: str) -> dict:
    vocabulary = catalog.load()
    origin, destination = entry.wanted["origin"], entry.wanted["destination"]
    pair = f"{vocabulary.place_name(origin)} to {vocabulary.place_name(destination)}"
    rows = visible(route_reading.corridor_series(edition_id, origin, destination), ceiling)
    between = route_reading.routes_between(edition_id, origin, destination)
    allowed = visible(route_reading.routes(edition_id), ceiling)
    between = between[between.route_id.isin(allowed.route_id)]
    through = tuple(f"{r.route_id} {r.name}" for r in between.itertuples())
    points = (f"Routes described: {'; '.join(through[:3])}" + (f"; and {len(through) - 3} more" if len(through) > 3 else ""),) if through else (
        "No route between the two is described in the literature carried here",)  # fmt: skip
    if rows.empty:
        return {"title": f"{pair}: no figure is held", "lead": NOT_ZERO, "points": points}
    wanted = [entry.wanted["indicator"]] if entry.wanted.get("indicator") else list(PAIR_CHARTS)
    single = rows.drop_duplicates(["indicator_id", "year"], keep=False)
    line = _longest(single, wanted)
    newest = rows[rows.year == rows.groupby("indicator_id").year.transform("max")].drop_duplicates("indicator_id", keep=False)
    chart = line.indicator_id.iloc[0] if len(line) else None
    beside = newest[newest.indicator_id.isin(PAIR_CHARTS) & (newest.indicator_id != chart)].head(2)
    facts = tuple(fact(r, brief_figures.name_of(vocabulary, r.indicator_id)) for r in beside.itertuples())
    if line.empty:
        return {"title": f"{pair}: the newest figures held", "facts": facts, "points": points, **foot(beside)}
    name = brief_figures.name_of(vocabulary, chart)
    made = _series(edition_id, line, f"{pair}, {name[0].lower()}{name[1:]}")
    return {**foot(pd.concat([beside, line])), **made, "facts": facts, "points": points, "period": f"chart {span(line)}",
            "grade": f"Chart: {grades(line)[:1].lower()}{grades(line)[1:]}"}  # fmt: skip


def _longest(rows: pd.DataFrame, wanted: list[str]) -> pd.DataFrame:
    """The rows of the first wanted indicator with four known years, else of the one with most; of one source."""
    best = rows.iloc[:0]
    for indicator_id in wanted:
        part = rows[rows.indicator_id == indicator_id]
        if len(part):
            part = part[part.source_id == part.source_id.iloc[-1]].sort_values("year")
        if len(part) >= 4:
            return part
        best = part if len(part) > max(len(best), 1) else best
    return best


def _series(edition_id: str, rows: pd.DataFrame, name: str) -> dict:
    last = next(rows.tail(1).itertuples())
    breaks = tuple(brief_figures.breaks_for(reading.breaks(edition_id), last))
    return {"title": f"{name}: {charts.trend.headline(rows, list(breaks))}", "unit": last.unit_many, "picture": Series(rows, breaks, last.unit_many)}


def _verdict(edition_id: str, iso3: str, indicator_id: str, view: str) -> str:
    rows = held(quality_reading.trends, edition_id, iso3)
    rows = rows[(rows.indicator_id == indicator_id) & (rows["view"] == view)] if len(rows) else rows
    return words.verdict(next(rows.itertuples())) + "." if len(rows) else ""


def _factors(edition_id: str, meeting: Meeting, entry: Entry, ceiling: str) -> dict:
    member = catalog.load().members[entry.wanted["member"]]
    name = member.short_name or member.name
    with ceilings.labels_read() as labels:  # the edition is already opened up to the ceiling
        told = brief_parts.factors(edition_id, member.iso3, most=4)
    if not told:
        return {"title": f"No push or pull factor of {name} has a figure here", "lead": NOT_ZERO}
    publishers = sorted(reading.sources(edition_id).publisher, key=len)
    facts = tuple(Fact(f"{f['side']}: {f['factor']}", f["amount"], f"{f['indicator']}: {f['unit']}, {f['period']}; {f['position']}; {f['change']}",
                       f["grade"], f["caveat"], next((p for p in publishers if f["source"].startswith(p)), "")) for f in told)  # fmt: skip
    names = [(name[0].lower() + name[1:]).split(",")[0] for name in (f["factor"] for f in told)]
    return {
        "title": words.capital(f"{words.listing(names)} {'stands' if len(names) == 1 else 'stand'} out for {name}"), "lead": "Push and pull factors: an indicator stands for some of a factor and shows no cause.",
        "facts": facts, "sources": tuple(dict.fromkeys(f["source"] for f in told)), "period": "as under each figure", "unit": "as under each figure",
        "grade": "Grade beside each figure", "limit": "A position among members is no rank", "labels": sorted(labels),
        "told": tuple(f"{f['factor']}: {f['grade']}. {f['why']}." for f in told),
    }  # fmt: skip


def _quality(edition_id: str, meeting: Meeting, entry: Entry, ceiling: str) -> dict:
    rows = reading.coverage(edition_id)
    this_year = int(edition_id[:4])
    table = charts.coverage.counted(rows, this_year)
    return {
        "title": charts.coverage.headline(rows, this_year).replace("**", ""),
        "picture": Stack(tuple(table.title), tuple((charts.coverage.NAMES[k].format(year=this_year - charts.coverage.RECENT), tuple(int(v) for v in table[k]))
                                                   for k in charts.coverage.KINDS), "members", 45),
        "sources": (f"All {reading.edition(edition_id)['sources']} sources of this edition, counted here",), "period": f"newest year held, by {this_year}",
        "unit": "members", "grade": "Counts of records have no grade", "limit": "No figure held is not zero",
    }  # fmt: skip


def _action(edition_id: str, meeting: Meeting, entry: Entry, ceiling: str) -> dict:
    rows = action_reading.actions(edition_id)
    asked = entry.wanted.get("action") or rows.action.iloc[-1]
    row = next(rows[rows.action == asked].itertuples())
    outcomes = action_reading.outcomes(edition_id, asked, ceiling)
    plans = action_reading.plans(edition_id, ceiling)
    mine = plans[plans.action == asked]
    points = [f"{_amount(r)} {r.unit}: {r.metric[0].lower()}{r.metric[1:]}" + (f" ({r.scope})" if not r.scope.startswith("all ") else "") for r in outcomes.head(5).itertuples()]
    points += [f"Investigation plan: {title}" for title in mine.title[: 6 - len(points)]]
    if outcomes.empty:
        points.append("No result is on public record. That does not mean that there was none")
    title = f"{row.name}: {len(outcomes)} results on public record" if len(outcomes) else f"{row.name}: no result on public record yet"
    sources = dict.fromkeys(f"{r.publisher}, {r.source_title}" for r in [row, *outcomes.itertuples(), *mine.itertuples()])
    return {
        "title": title if row.held == "yes" else f"{row.name}: not known to have taken place", "lead": words.capital(row.when_text) + ".",
        "points": tuple(points[:6]), "sources": tuple(sources)[:3], "period": row.when_text,
        "unit": "as in each line", "grade": "Not graded: reported by the participants", "limit": "Periods counted other things and are never added up",
        "labels": [*outcomes.tlp, *mine.tlp], "told": (row.summary,),
    }  # fmt: skip


def _amount(row) -> str:
    if not words.missing(row.value) or not (words.missing(row.lower) or words.missing(row.upper)):
        return words.amount(row.value, row.lower, row.upper)
    low = not words.missing(row.lower)
    return f"{row.bound_note} {words.number(row.lower if low else row.upper)}"


def _text(edition_id: str, meeting: Meeting, entry: Entry, ceiling: str) -> dict:
    source = entry.wanted.get("source")
    return {"title": entry.wanted["title"], "points": entry.points, "sources": (source,) if source else (f"Own words for this meeting, {meeting.title}",)}


def _scenario(edition_id: str, meeting: Meeting, entry: Entry, ceiling: str) -> dict:
    rows = action_reading.scenarios(edition_id)
    row = next(rows[rows.scenario == entry.wanted["scenario"]].itertuples())
    return {
        "title": row.title, "lead": row.setting, "points": tuple(row.questions)[:6],
        "sources": (f"Written for this product after the subjects of: {row.publisher}, {row.source_title}",), "limit": "Invented; no State is meant",
        "told": ("What happens next:", *(f"{n}. {i}" for n, i in enumerate(row.injects, 1)), f"Around the table: {words.listing(list(row.roles))}."),
    }  # fmt: skip


MAKERS: dict[str, Callable[[str, Meeting, Entry, str], dict]] = {
    "title": _title, "situation": _situation, "changes": _changes, "route_map": _route_map, "member": _member, "corridor": _corridor,
    "factors": _factors, "quality": _quality, "action": _action, "text": _text, "scenario": _scenario,
}  # fmt: skip
