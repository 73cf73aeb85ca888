"""The other parts of a member's brief as plain text: routes, push and pull, joint action, own figures, conflicts, gaps, limits."""

from __future__ import annotations

import math

import pandas as pd

from corridors import catalog
from corridors.catalog import Member, words
from corridors.charts import strip
from corridors.export.brief import figures as brief_figures
from corridors.export.brief import map
from corridors.store import labels
from corridors.store.queries import actions, briefings, quality
from corridors.store.queries import factors as factor_reading
from corridors.store.queries import figures as reading
from corridors.store.queries import routes as route_reading

RECENT = 5  # years after which a factor says little about today


def routes(edition_id: str, member: Member) -> dict:
    """The routes that touch a member: map and legend as SVG, alternative text, and one row a route."""
    everything = route_reading.routes(edition_id)
    mine = route_reading.routes_of_member(edition_id, member.iso3)
    seen = everything[everything.route_id.isin(mine.route_id)].set_index("route_id")
    legs = route_reading.legs(edition_id)
    legs = legs[legs.route_id.isin(mine.route_id)].reset_index(drop=True)
    rows = []
    for row in mine.itertuples():
        about = seen.loc[row.route_id]
        span = (
            ""
            if words.missing(about.last_year)
            else f"{int(about.figures)} {'figure' if about.figures == 1 else 'figures'}, latest {int(about.last_year)}"
        )
        modes = (
            ""
            if not isinstance(about.modes, (list, tuple)) and not hasattr(about.modes, "tolist")
            else ", ".join(about.modes)
        )
        rows.append(
            [
                row.route_id,
                row.name,
                words.listing(list(row.roles)),
                words.CRIME[row.crime],
                modes,
                f"{words.STRENGTH[row.strength].lower()}{' (' + span + ')' if span and row.strength != 'none' else ''}",
            ]
        )
    return {
        "map": map.draw(member, legs, route_reading.places(edition_id)),
        "legend": map.legend(list(mine.crime), list(mine.strength)),
        "alt": map.in_words(member, mine),
        "rows": rows,
        "count": len(everything),
        "unverified": int((seen.verified != "yes").sum()),
        "boundaries": map.BOUNDARIES,
    }


def factors(edition_id: str, iso3: str, most: int = 5) -> list[dict]:
    """The most telling push and pull factors of a member, one indicator each: value, year, where it lies, change, source.

    Telling is: far out among the members in the direction of more pressure or draw, moving that way, and recent. The order is
    a choice of what to read first, not a measure of importance. At least one push and one pull where there is one.
    """
    vocabulary = catalog.load()
    wanted = {k for f in vocabulary.factors.values() for k in f.worse}
    place, partner = (
        sorted(k for k in wanted if "@" not in k),
        sorted(k.removesuffix("@partner") for k in wanted if "@" in k),
    )
    series = factor_reading.series(edition_id, iso3, place, partner)
    others = factor_reading.latest_of_members(edition_id, place, partner)
    moved = {
        (r.indicator_id + ("@partner" if r.view == "partner" else "")): r
        for r in brief_figures.held(quality.trends, edition_id, iso3).itertuples()
    }
    this_year = pd.Timestamp(reading.edition(edition_id)["dated"]).year
    last_of = {r.key: r for r in series.drop_duplicates("key", keep="last").itertuples()}
    middles = {key: rows.tolist() for key, rows in others.groupby("key").middle}
    found: dict[str, tuple[float, dict]] = {}
    for factor in vocabulary.factors.values():
        for key, direction in factor.worse.items():
            if key not in last_of or not math.isfinite(middle_of(last := last_of[key])):
                continue
            among = middles.get(key) or [middle_of(last)]
            weight = _telling(last, among, direction, moved.get(key), this_year)
            made = _factor_row(vocabulary, factor, key, last, among, moved.get(key))
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


def middle_of(row) -> float:
    """The value of a row, or the middle of its range; not a number where neither is known."""
    return float((row.lower + row.upper) / 2 if words.missing(row.value) else row.value)


def _telling(last, among: list[float], direction: str, trend, this_year: int) -> float:
    below = (sum(v < middle_of(last) for v in among) + 0.5 * sum(v == middle_of(last) for v in among)) / len(among)
    position = below if direction == "higher" else 1 - below
    towards = {"higher": "rose", "lower": "fell"}[direction]
    moving = 0.5 if trend is not None and trend.verdict == towards else 0.0
    return position + moving - 0.15 * max(0, this_year - int(last.year) - RECENT)


def _factor_row(vocabulary, factor, key: str, last, among: list[float], trend) -> dict:
    indicator = vocabulary.indicators[key.removesuffix("@partner")]
    name = brief_figures.name_of(vocabulary, indicator.id) + (", from here in all places" if "@" in key else "")
    change = {"rose": "rose", "fell": "fell", "no clear change": "no clear change"}.get(
        getattr(trend, "verdict", ""), "no verdict"
    )
    if change != "no verdict":
        change += f" {int(trend.first_year)}–{int(trend.last_year)}"
    told = brief_figures.figure(last)
    if indicator.unit == "us-dollar" and abs(middle_of(last)) >= 1e6:  # to the dollar would be false precision
        size, name_ = (1e9, "billion") if abs(middle_of(last)) >= 1e9 else (1e6, "million")
        told["amount"] = f"{words.ABOUT}{words.number(middle_of(last) / size, 1)} {name_}"
    return {
        "factor": factor.name,
        "publisher": last.publisher,
        "indicator": name,
        "position": strip.in_words(middle_of(last), among),
        "change": change,
        **told,
    }


def joint_action(edition_id: str, iso3: str) -> list[str] | None:
    """The Joint Periods of Action that a member is on record with, and investigation plans, a sentence each.

    None where the edition was built before such records were carried.
    """
    periods = brief_figures.held(actions.actions, edition_id)
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
            told = f"{period.name} ({period.when_text}): {roles}{'; ' + doubt if doubt else ''}{held_}."
            said.append(f"{told} Source: {mine.publisher.iloc[0]}, {mine.source_title.iloc[0]}.")
    for plan in brief_figures.held(actions.plans, edition_id, labels.split(edition_id)[1]).itertuples():
        if iso3 in list(plan.partners):
            said.append(
                f"Investigation plan on public record: {plan.title} ({plan.when_text}). Source: {plan.publisher}, {plan.source_title}."
            )
    return said


def own_figures(edition_id: str, iso3: str) -> tuple[list[list[str]], str]:
    """A member's own figures from its briefings: rows (what, figure, period, standing, source), and a note."""
    rows = brief_figures.held(briefings.figures, edition_id, iso3, labels.split(edition_id)[1])
    if rows.empty:
        return [], ""
    whole = rows[(rows.sex == "total") & (rows.age == "total") & (rows.form == "total")]
    shown = whole.drop_duplicates(["measure_id", "partner_iso3"])  # newest first, as read
    made = []
    for row in shown.itertuples():
        status = (
            catalog.load().statuses[row.status].label.lower() if row.status not in ("reported", "derived") else "reported"
        )
        amount = f"{'about ' if row.approx else ''}{words.amount(row.value, row.lower, row.upper)} {words.unit(row)}"
        standing = f"{status}; {row.state}" + ("; compiled from public statements" if row.compiled else "")
        other = f", {row.partner_role or 'other end'} {row.partner}" if isinstance(row.partner, str) else ""
        made.append(
            [
                row.measure + other,
                amount,
                words.period(row.period_start, row.period_end, "flow"),
                standing,
                f"{row.source}. {words.GRADE[row.grade]}",
            ]
        )
    note = f"{len(rows)} {'figure is' if len(rows) == 1 else 'figures are'} in the member's briefings; of each quantity the newest stands here. "
    note += "Own and international figures are never averaged: definitions and periods may differ."
    return made, note


def conflicts(edition_id: str, iso3: str) -> list[dict] | None:
    """What disagrees about a member, each with all its sides in words: one of every kind of reason first, newest first.

    None where the edition was built before conflicts were listed.
    """
    found = brief_figures.held(quality.conflicts, edition_id)
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
    """What is not held, theme by theme: title, latest year, what is absent, who could provide it. Absent is not zero."""
    vocabulary = catalog.load()
    coverage = reading.coverage(edition_id)
    latest = set(reading.latest_totals(edition_id, iso3).indicator_id)
    rows = []
    for row in coverage[coverage.iso3 == iso3].sort_values("position").itertuples():
        theme = vocabulary.themes[row.theme]
        absent = [
            i.short_name or i.name
            for i in vocabulary.indicators.values()
            if i.theme == row.theme and i.id not in latest and i.main
        ]
        state = "no figure held" if words.missing(row.latest) else f"latest figure {int(row.latest)}"
        rows.append([theme.title, state, "; ".join(absent) or "nothing of the main figures", theme.who_could_provide])
    return rows


def limits(codes: list[str]) -> list[dict]:
    """The caveats of the headline figures in words, gravest first."""
    return [
        {"title": c.title, "gravity": words.SEVERITY[c.severity].lower(), "text": c.text}
        for c in brief_figures.by_gravity(codes)
    ]
