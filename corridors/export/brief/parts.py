"""The other parts of a member's brief as plain text: routes, push and pull, joint action, own figures, conflicts, gaps, limits."""

import math

import pandas as pd

from corridors import catalog
from corridors.catalog import Member, words
from corridors.charts import strip
from corridors.export import drawing
from corridors.store.queries import actions, briefings, quality
from corridors.store.queries import factors as factor_reading
from corridors.store.queries import figures as reading
from corridors.store.queries import routes as route_reading
from corridors.views import maps
from corridors.views import member as member_view
from corridors.views.briefings import shelves
from corridors.views.factors import by_end
from corridors.views.figure import Card, barred_trend, breaks_for, card, caveats_of, if_held

HEADLINES = 6  # at most
RECENT = 5  # years after which a factor says little about today


def cards(edition_id: str, iso3: str) -> tuple[list[dict], list[str], list[str]]:
    """Up to six headline figures as text with a small trend; labels of the core ones not held; the codes of all their caveats."""
    ready = member_view.headlines(edition_id, iso3)
    chosen = [*ready.cards, *ready.others][:HEADLINES]
    verdicts, breaks = member_view.verdicts(edition_id, iso3), reading.breaks(edition_id)
    keys = [tuple(each.key.rsplit("-", 1)) for each in chosen]
    series = factor_reading.series(
        edition_id, iso3, [i for i, view in keys if view == "place"], [i for i, view in keys if view == "partner"]
    )
    made = []
    for each, (indicator_id, view) in zip(chosen, keys):
        rows = series[
            (series.key == indicator_id + ("@partner" if view == "partner" else "")) & (series.source_id == each.source_id)
        ]
        joined = len(rows) and not barred_trend(next(rows.tail(1).itertuples()))
        starts = [year for year, _ in breaks_for(breaks, next(rows.itertuples()))] if len(rows) else []
        made.append(
            figure(each)
            | {
                "label": each.label,
                "spark": drawing.spark(rows, starts, f"{each.label}, by year") if joined else "",
                "verdict": (verdict := verdicts.get((indicator_id, view), "")),
                "short": verdict.partition(";")[0].partition(". ")[0].rstrip("."),
                "publisher": each.publisher,
            }
        )
    return made, list(ready.missing), list(dict.fromkeys(code for each in chosen for code in each.caveats))


def figure(about: Card) -> dict:
    """A card as the texts of the brief: amount, unit, period, status, grade and why, source, most serious caveat."""
    return {
        "amount": about.amount,
        "unit": about.unit,
        "period": about.period,
        "status": about.status,
        "note": about.note,
        "use": about.limits.use,
        "grade": words.GRADE[about.limits.grade],
        "why": about.limits.grade_reason,
        "source": about.limits.source,
        "caveat": about.limits.most_serious,
    }


def routes(edition_id: str, member: Member) -> dict:
    """The routes that touch a member: the map as SVG with its alternative text, and one row a route."""
    everything = route_reading.routes(edition_id)
    mine = route_reading.routes_of_member(edition_id, member.iso3)
    seen = everything[everything.route_id.isin(mine.route_id)].set_index("route_id")
    drawn = maps.member_map(edition_id, member.iso3, maps.BRIEF)
    rows = []
    for row in mine.itertuples():
        about = seen.loc[row.route_id]
        span = (
            ""
            if words.missing(about.last_year)
            else f"{int(about.figures)} {'figure' if about.figures == 1 else 'figures'}, latest {int(about.last_year)}"
        )
        strength = f"{words.STRENGTH[row.strength].lower()}{f' ({span})' if span and row.strength != 'none' else ''}"
        rows.append([row.route_id, row.name, words.listing(list(row.roles)), words.CRIME[row.crime], strength])
    return {
        "map": drawn.svg(font=drawing.FONT),
        "alt": drawn.alt,
        "rows": rows,
        "count": len(everything),
        "unverified": int((seen.verified != "yes").sum()),
    }


def factors(edition_id: str, iso3: str, most: int = 5) -> list[dict]:
    """The most telling push and pull factors of a member, one indicator each: value, year, where it lies, change, source.

    Telling is: in an outer third of the members in the direction of more pressure or draw, moving that way, and recent. The order is
    a choice of what to read first, not a measure of importance. At least one push and one pull where there is one.
    """
    vocabulary = catalog.load()
    place, partner = by_end({k for f in vocabulary.factors.values() for k in f.worse})
    series = factor_reading.series(edition_id, iso3, place, partner)
    others = factor_reading.latest_of_members(edition_id, place, partner)
    moved = {
        (r.indicator_id + ("@partner" if r.view == "partner" else "")): r
        for r in if_held(quality.trends, edition_id, iso3).itertuples()
    }
    this_year = pd.Timestamp(reading.edition(edition_id)["dated"]).year
    newest = series.drop_duplicates("key", keep="last")
    last_of = {r.key: r for r in newest.itertuples()}
    middles = {key: rows.tolist() for key, rows in others.groupby("key").middle}
    found: dict[str, tuple[float, dict]] = {}
    for factor in vocabulary.factors.values():
        for key, direction in factor.worse.items():
            if key not in last_of or not math.isfinite(drawing.middle(last := last_of[key])):
                continue
            among = middles.get(key) or [drawing.middle(last)]
            weight = _telling(last, among, direction, moved.get(key), this_year)
            made = _factor_row(card(newest[newest.key == key], factor.name, key), last, among, moved.get(key))
            if "middle third" in made["position"]:
                continue
            if factor.id not in found or weight > found[factor.id][0]:
                found[factor.id] = (weight, made | {"side": words.FACTOR_SIDE[factor.side]})
    ordered = [row for _, row in sorted(found.values(), key=lambda entry: -entry[0])]
    chosen = []
    for side in ("Push", "Pull"):
        chosen += [row for row in ordered if row["side"] == side][:1]
    for row in ordered:  # two factors may be read through one indicator; it is shown once
        if len(chosen) < most and row not in chosen and row["indicator"] not in {c["indicator"] for c in chosen}:
            chosen.append(row)
    return sorted(chosen, key=lambda row: (list(words.FACTOR_SIDE.values()).index(row["side"]), row["factor"]))


def _telling(last, among: list[float], direction: str, trend, this_year: int) -> float:
    below = strip.share(drawing.middle(last), among)
    position = below if direction == "higher" else 1 - below
    towards = {"higher": "rose", "lower": "fell"}[direction]
    moving = 0.5 if trend is not None and trend.verdict == towards else 0.0
    return position + moving - 0.15 * max(0, this_year - int(last.year) - RECENT)


def _factor_row(about: Card, last, among: list[float], trend) -> dict:
    indicator = catalog.load().indicators[about.key.removesuffix("@partner")]
    name = member_view.name_of(indicator) + (", from here in all places" if "@" in about.key else "")
    change = "no verdict"
    if getattr(trend, "verdict", "") in ("rose", "fell", "no steady rise or fall"):
        change = f"{trend.verdict} {int(trend.first_year)}–{int(trend.last_year)}"
    return figure(about) | {
        "factor": about.label,
        "publisher": about.publisher,
        "indicator": name,
        "position": strip.in_words(drawing.middle(last), among),
        "change": change,
    }


def joint_action(edition_id: str, iso3: str) -> list[str] | None:
    """The Joint Periods of Action that a member is on record with, and investigation plans, a sentence each.

    None where the edition was built before such records were imported.
    """
    periods = if_held(actions.actions, edition_id)
    if periods.columns.empty:
        return None
    part = actions.participants(edition_id)
    part = part[part.party == iso3]
    said = []
    for period in periods.itertuples():
        mine = part[part.action == period.action]
        if len(mine):
            roles = words.listing(list(dict.fromkeys(words.ACTION_ROLE[r].lower() for r in mine.role)))
            doubt = words.listing(sorted({words.CERTAINTY[c] for c in mine.certainty if c not in ("verified", "founding")}))
            held_ = "" if period.held == "yes" else "; not known to have taken place"
            line = f"{period.name} ({period.when_text}): {roles}{'; ' + doubt if doubt else ''}{held_}."
            said.append(f"{line} Source: {mine.publisher.iloc[0]}, {mine.source_title.iloc[0]}.")
    for plan in if_held(actions.plans, edition_id).itertuples():
        if iso3 in list(plan.partners):
            said.append(
                f"Investigation plan on public record: {plan.title} ({plan.when_text}). Source: {plan.publisher}, {plan.source_title}."
            )
    return said


def own_figures(edition_id: str, iso3: str) -> tuple[list[list[str]], str]:
    """A member's own figures from its briefings: rows (what, figure, period, standing, source), and a note."""
    rows = if_held(briefings.figures, edition_id, iso3)
    if rows.empty:
        return [], ""
    rows, about = shelves(rows)
    figures = "figure is" if len(about) == 1 else "figures are"
    rest = f"{len(about)} {figures} said about it by others and stand on its page. "
    if rows.empty:
        return [], rest
    whole = rows[(rows.sex == "total") & (rows.age == "total") & (rows.form == "total")]
    shown = whole.drop_duplicates(["measure_id", "partner_iso3"])  # newest first, as read
    made = []
    for row in shown.itertuples():
        status = "reported" if row.status == "derived" else catalog.load().statuses[row.status].label.lower()
        amount = f"{'about ' if row.approx else ''}{words.amount(row.value, row.lower, row.upper)} {words.unit(row)}"
        standing = f"{status}; {row.state}" + ("; compiled from public statements" if row.compiled else "")
        other = f", {row.partner_role or 'other end'} {row.partner}" if isinstance(row.partner, str) else ""
        period = words.period_of_member(row.iso3, row.period_start, row.period_end)
        made.append([row.measure + other, amount, period, standing, f"{row.source}. {words.GRADE[row.grade]}"])
    note = f"{len(rows)} {'figure is' if len(rows) == 1 else 'figures are'} said by the member; of each quantity the newest stands here. "
    if len(about):
        note += rest
    note += "Own and international figures are never averaged: definitions and periods may differ."
    return made, note


def conflicts(edition_id: str, iso3: str) -> list[dict] | None:
    """What disagrees about a member, each with all its sides in words: one of every kind of reason first, newest first.

    None where the edition was built before conflicts were listed.
    """
    found = if_held(quality.conflicts, edition_id)
    if found.columns.empty:
        return None
    if found.empty:
        return []
    mine = found[[iso3 in list(p) for p in found.places]].sort_values(
        "year", ascending=False, kind="stable", na_position="last"
    )
    mine = mine.assign(_again=mine.groupby("reason").cumcount(), _routes=mine.kind != "figures")
    mine = mine.sort_values(["_again", "_routes"], kind="stable")
    sides = quality.conflict_sides(edition_id)
    return [
        {
            "title": row.title,
            "reason": row.reason,
            "sides": [
                f"{s.said} ({s.source}, {s.period})" for s in sides[sides.conflict_id == row.conflict_id].itertuples()
            ],
        }
        for row in mine.itertuples()
    ]


def gaps(edition_id: str, iso3: str) -> list[list[str]]:
    """What is not held, theme by theme: title, latest year, what is absent, who could provide it."""
    return [[g.theme, g.state, "; ".join(g.absent) or "nothing", g.who] for g in member_view.gaps(edition_id, iso3)]


def limits(codes: list[str]) -> list[dict]:
    """The caveats of the headline figures in words, most serious first."""
    return [{"title": c.title, "gravity": words.SEVERITY[c.severity].lower(), "text": c.text} for c in caveats_of(codes)]
