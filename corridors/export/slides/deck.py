"""From an agenda and an edition to slides: what each says, and with what it must be said. Screen, slide file and pack
show the same.

Nothing above the ceiling is in the file that is read. A slide for which nothing is held says so.
"""

from collections.abc import Callable

import pandas as pd

from corridors import catalog
from corridors.catalog import meetings, tlp, words
from corridors.catalog.meetings import Entry, Known, Meeting
from corridors.charts import coverage
from corridors.export.slides import places
from corridors.export.slides import words as slide_words
from corridors.export.slides.model import Deck, Slide, Stack
from corridors.store import editions
from corridors.store import labels as ceilings
from corridors.store.queries import actions, routes
from corridors.store.queries import figures as reading
from corridors.views import changes, situation
from corridors.views.actions import amount
from corridors.views.figure import if_held

ONE = {"people": "person", "companies": "company", "countries": "country"}  # units whose singular is not found by rule


def known(edition_id: str) -> Known:
    """What an agenda may name of this edition. An edition of an earlier version may lack periods and scenarios."""
    periods, cases = (if_held(actions.actions, edition_id), if_held(actions.scenarios, edition_id))
    return Known(
        frozenset(if_held(routes.routes, edition_id).get("route_id", ())),
        frozenset(if_held(routes.families, edition_id).get("family_id", ())),
        frozenset(periods.get("action", ())),
        frozenset(cases.get("scenario", ())),
        frozenset(editions.listed()),
    )


def deck(edition_id: str, meeting: Meeting, ceiling: str, on_slide: Callable[[int, int], None] | None = None) -> Deck:
    """All slides of a meeting that a viewer up to `ceiling` may see; `on_slide` is told (done, of how many)."""
    up_to = meetings.lower(ceiling, meeting.tlp_ceiling)
    plain = ceilings.plain(edition_id)
    entries, made = shown(edition_id, meeting, ceiling), []
    for number, entry in enumerate(entries, 1):
        made.append(slide(edition_id, meeting, entry, number, up_to))
        if on_slide:
            on_slide(number, len(entries))
    dated = pd.Timestamp(reading.edition(edition_id)["dated"]).date()
    return Deck(
        meeting.key,
        meeting.title,
        meeting.place,
        meeting.date,
        plain,
        dated,
        up_to,
        tlp.strictest(s.tlp for s in made),
        tuple(made),
    )


def shown(edition_id: str, meeting: Meeting, ceiling: str) -> tuple[Entry, ...]:
    """The entries that a viewer up to `ceiling` may see and that have something to say: no change is no slide."""
    key = ceilings.keyed(
        edition_id, meetings.lower(meetings.lower(ceiling, meeting.tlp_ceiling), ceilings.split(edition_id)[1])
    )
    return tuple(e for e in meeting.shown(ceiling) if e.kind != "changes" or not _changes(key, meeting, e).get("silent"))


def slide(edition_id: str, meeting: Meeting, entry: Entry, number: int, ceiling: str) -> Slide:
    """One slide; `ceiling` is already the narrower of the meeting's and the viewer's."""
    edition_id = ceilings.keyed(
        edition_id, meetings.lower(ceiling, ceilings.split(edition_id)[1])
    )  # rows above it are not there
    base = {"number": number, "kind": entry.kind, "note": entry.note, "minutes": entry.minutes, "tlp": entry.tlp}
    try:
        made = MAKERS[entry.kind](edition_id, meeting, entry)
    except reading.OtherShape:
        made = {
            "title": "This edition cannot show this slide",
            "lead": "It was built by an earlier version of the system and does not hold what is asked for.",
        }
    labels = [entry.tlp, *made.pop("labels", [])]
    made.pop("silent", None)
    ahead = made.pop("ahead", "")
    if (
        made.get("picture") is not None
    ):  # one sentence and one picture, and what past years suggest; the rest is in the notes, for whoever asks
        facts = [
            f"{f.label}: {f.amount}. {words.capital(f.line)}; {f.use or f.grade} {f.limit}; {f.publisher}."
            for f in made.pop("facts", ())
        ]
        made["details"] = (*filter(None, [made.pop("lead", "")]), *facts, *made.pop("points", ()), *made.get("details", ()))
        made["lead"] = ahead  # what is no figure says so where everybody sees it
    behind = [f"{line}." for line in (made.get("grade", ""), made.get("limit", "")) if line]
    made["details"] = tuple(dict.fromkeys([*made.get("details", ()), *made.get("sources", ()), *behind]))
    return Slide(**{**base, **made, "tlp": tlp.strictest(labels)})


def _title(edition_id: str, meeting: Meeting, entry: Entry) -> dict:
    dated, up_to = pd.Timestamp(reading.edition(edition_id)["dated"]).date(), ceilings.split(edition_id)[1]
    when = ", ".join(part for part in (words.day(meeting.date) if meeting.date else "", meeting.place) if part)
    return {
        "title": meeting.title,
        "lead": when,
        "points": (
            f"Figures of the edition of {words.day(dated)}",
            f"Shown up to TLP:{up_to}: {tlp.MEANS[up_to]}",
            slide_words.NOT_PREVALENCE,
        ),
    }


def _situation(edition_id: str, meeting: Meeting, entry: Entry) -> dict:
    rows = reading.regional(edition_id)
    if rows.empty:
        return {"title": "No regional figure is held", "lead": slide_words.NOT_ZERO}
    facts = [slide_words.fact(situation.regional_card(rows.iloc[[n]])) for n in range(len(rows))]
    low, high = int(rows.members.min()), int(rows.members.max())
    of = f"{low} to {high}" if low < high else f"{low}"
    return {
        "title": f"Each headline figure stands on {of} of the {len(catalog.load().members)} members",
        "facts": tuple(facts[:6]),
        **(foot := slide_words.foot(rows)),
        "details": (f"{slide_words.NOT_PREVALENCE}.", *foot["details"]),
        "unit": "as under each figure",
    }


def _changes(edition_id: str, meeting: Meeting, entry: Entry) -> dict:
    plain = ceilings.plain(edition_id)
    first = entry.wanted.get("since") or reading.edition(edition_id).get("previous_id")
    iso3 = entry.wanted.get("member")
    who = f" on {catalog.load().place_name(iso3)}" if iso3 else ""
    nothing = {"silent": True, "title": f"What changed{who} cannot be said"}
    if not isinstance(first, str) or first not in editions.listed() or first == plain:
        return nothing | {"lead": "No earlier edition is kept beside this one."}
    try:
        found = changes.between(ceilings.keyed(first, ceilings.split(edition_id)[1]), edition_id, iso3)
    except changes.NotComparable:
        return nothing | {"lead": f"Edition {first} was built by an earlier version of the system."}
    rows = found.rows
    number = found.number
    dated = f"between the editions of {words.day(found.first_dated)} and {words.day(found.second_dated)}"
    if first[:10] == plain[:10]:
        dated = f"between editions {first[-8:]} and {plain[-8:]}, both of {words.day(found.second_dated)}"
    facts_ = {
        "period": dated,
        "unit": "figures in the record",
        "labels": list(rows.tlp),
        "sources": tuple(dict.fromkeys(f"{r.publisher}, {r.source_title}" for r in rows.itertuples()))[:3]
        or ("Both editions",),
        "grade": "Counts of records have no grade",
        "limit": "A change of the record is not a change of what it counts",
    }
    if not len(rows):
        return {
            "silent": True,
            "title": f"No figure{who} is new, revised or withdrawn",
            "lead": f"Compared {dated}.",
            **facts_,
            "points": ("The record is the same; what has changed in the field since is for members to say",),
        }
    return {
        "title": f"{number['new']:,} figures{who} are new, {number['revised']:,} revised, {number['withdrawn']:,} withdrawn",
        "points": tuple(changes.sentences(found, 4)),
        **facts_,
    }


def _quality(edition_id: str, meeting: Meeting, entry: Entry) -> dict:
    rows = reading.coverage(edition_id)
    this_year = ceilings.year_of(edition_id)
    table = coverage.counted(rows, this_year)
    return {
        "title": coverage.headline(rows, this_year).replace("**", ""),
        "picture": Stack(
            tuple(table.title),
            tuple(
                (coverage.NAMES[k].format(year=this_year - coverage.RECENT), tuple(int(v) for v in table[k]))
                for k in coverage.KINDS
            ),
            len(catalog.load().members),
        ),
        "sources": (f"All {reading.edition(edition_id)['sources']} sources of this edition, counted here",),
        "period": f"newest year held, by {this_year}",
        "unit": "members",
        "grade": "Counts of records have no grade",
        "limit": "No figure held is not zero",
    }


def _action(edition_id: str, meeting: Meeting, entry: Entry) -> dict:
    rows = actions.actions(edition_id)
    asked = entry.wanted.get("action") or rows.action.iloc[-1]
    row = next(rows[rows.action == asked].itertuples())
    outcomes = actions.outcomes(edition_id, asked)
    plans = actions.plans(edition_id)
    mine = plans[plans.action == asked]
    points = [
        f"{r.metric}: {_counted(r)}" + (f" ({r.scope})" if not r.scope.startswith("all ") else "")
        for r in outcomes.head(5).itertuples()
    ]
    points += [f"Investigation plan: {title}" for title in mine.title[: 6 - len(points)]]
    if outcomes.empty:
        points.append("No result is on public record. That does not mean that there was none")
    results = f"{len(outcomes)} results on public record" if len(outcomes) else "no result on public record yet"
    sources = dict.fromkeys(f"{r.publisher}, {r.source_title}" for r in [row, *outcomes.itertuples(), *mine.itertuples()])
    return {
        "title": f"{row.name}: {results if row.held == 'yes' else 'not known to have taken place'}",
        "lead": words.capital(row.when_text) + ".",
        "points": tuple(points[:6]),
        "sources": tuple(sources)[:3],
        "period": row.when_text,
        "unit": "as in each line",
        "grade": "Not graded: reported by the participants",
        "limit": "Periods counted other things and are never added up",
        "labels": [*outcomes.tlp, *mine.tlp],
        "details": (row.summary,),
    }


def _counted(row) -> str:
    """A result with what was counted: "59 people", "1 charge", "more than 70 people"."""
    said = amount(row)
    if row.unit.lower() == row.metric.lower():
        return said
    single = ONE.get(row.unit, row.unit.removesuffix("s"))
    return f"{said} {single if said == '1' else row.unit}"


def _text(edition_id: str, meeting: Meeting, entry: Entry) -> dict:
    source = entry.wanted.get("source")
    return {
        "title": entry.wanted["title"],
        "points": entry.points,
        "sources": (source,) if source else (f"Own words for this meeting, {meeting.title}",),
    }


def _scenario(edition_id: str, meeting: Meeting, entry: Entry) -> dict:
    rows = actions.scenarios(edition_id)
    row = next(rows[rows.scenario == entry.wanted["scenario"]].itertuples())
    return {
        "title": row.title,
        "lead": row.setting,
        "points": tuple(row.questions)[:6],
        "sources": (f"Written for this product after the subjects of: {row.publisher}, {row.source_title}",),
        "limit": "Invented; no State is meant",
        "details": (
            "What happens next:",
            *(f"{n}. {i}" for n, i in enumerate(row.injects, 1)),
            f"Around the table: {words.listing(list(row.roles))}.",
        ),
    }


MAKERS: dict[str, Callable[[str, Meeting, Entry], dict]] = {
    "title": _title,
    "situation": _situation,
    "changes": _changes,
    "route_map": places.route_map,
    "member": places.member,
    "corridor": places.corridor,
    "factors": places.factors,
    "quality": _quality,
    "action": _action,
    "text": _text,
    "scenario": _scenario,
}
