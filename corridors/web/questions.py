"""Questions of assistants, by the Model Context Protocol: few tools, and no number without all that must be said beside it.

What the uses of a figure forbid (adding, ranking, a trend across a break) is refused with the reason. The same tools serve by
HTTP, under /mcp behind the server's doors, and by standard input and output: `corridors ask`.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Annotated, Any, Literal

import pandas as pd
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import Field
from rapidfuzz import fuzz, process
from starlette.types import ASGIApp

from corridors.catalog import load as catalog
from corridors.catalog import uses
from corridors.store import editions, labels
from corridors.store.queries import figures as figures_store
from corridors.store.queries import open_data
from corridors.store.queries.open_data import Choice
from corridors.web import api

PATH = "/mcp"
MOST = 100  # figures of one answer
SAID = (
    "Figures of migration crime for the members of the Bali Process. Say no number without its unit, period, source, grade and "
    "caveats. A masked or missing figure is no zero. Never rank members. Never add figures up or tell a trend yourself: ask "
    "the tool reckon, which knows whether that is allowed."
)
_key_of: ContextVar[Callable[[], str]] = ContextVar("the edition as whoever asks may see it")
_note: ContextVar[Callable[[str, list[tuple[str, str]]], None]] = ContextVar("what notes a question")
Place = Annotated[str, Field(max_length=80, description="A place: code such as THA, or a name.")]
Year = Annotated[int, Field(ge=1900, le=2200)]


@contextmanager
def asking(
    key: Callable[[], str], note: Callable[[str, list[tuple[str, str]]], None] = lambda tool, words: None
) -> Iterator[None]:
    """Inside the block questions are answered from the edition that `key()` names: "2026-11-21-0a1b2c3d@GREEN".

    `note` writes each question into the trail before it is answered; where it raises Problem, none is.
    """
    tokens = _key_of.set(key), _note.set(note)
    try:
        yield
    finally:
        _key_of.reset(tokens[0])
        _note.reset(tokens[1])


def _noted(tool: Callable) -> Callable:
    @wraps(tool)
    def asked(**words):
        several = {name: value if isinstance(value, list) else [value] for name, value in words.items() if value is not None}
        try:
            _note.get()(tool.__name__, [(name, str(one)) for name, value in several.items() for one in value])
        except api.Problem as problem:
            raise ToolError(f"{problem} {problem.body['how_to_fix']}") from None
        return tool(**words)

    return asked


def _place(name: str) -> str:
    found = "WLD" if name == "WLD" else catalog().find(name)
    if not found:
        names = [name for name in catalog().iso3_by_name]
        near = process.extractOne(name.casefold(), names, scorer=fuzz.WRatio, score_cutoff=60)
        raise ToolError(f"Nobody knows the place “{name}”." + (f" Near: {near[0]}." if near else "") + " Ask the tool find.")
    return found


def _indicator(code: str) -> str:
    if code not in catalog().indicators:
        raise ToolError(f"There is no indicator “{code}”. There are: {', '.join(catalog().indicators)}.")
    return code


def _records(choice: Choice, most: int = MOST, skip: int = 0) -> list[dict[str, Any]]:
    """Figures, each with the words of its caveats and, for each use, the answer and why."""
    rows = open_data.figures_json(_key_of.get()(), choice, most, skip)
    return [_whole(json.loads(record)) for record in rows.record]


def _whole(figure: dict[str, Any]) -> dict[str, Any]:
    known = [catalog().caveats[code] for code in figure["caveats"] if code in catalog().caveats]
    answers = {use: figure.pop(f"use_{use}") for use in uses.QUESTIONS}
    said = [{"use": question, "answer": answer, "why": why} for question, answer, why in uses.full(answers, known)]
    return {**figure, "uses": said, "caveats": {c.id: c.title for c in known}}


def find(text: Annotated[str, Field(min_length=2, max_length=80)]) -> dict[str, Any]:
    """Places, indicators, routes and sources whose names are near to a text, nearest first, with their codes."""
    names = {("place", iso3): name for name, iso3 in catalog().iso3_by_name.items()}
    names |= {("indicator", key): indicator.name for key, indicator in catalog().indicators.items()}
    for kind, column in (("routes", "name"), ("sources", "title")):
        rows = open_data.whole(_key_of.get()(), kind)
        names |= {
            (kind.removesuffix("s"), row[0]): row[1]
            for row in rows[[kind.removesuffix("s"), column]].itertuples(index=False)
        }
    found = process.extract(text, names, scorer=fuzz.WRatio, limit=8, score_cutoff=70, processor=str.casefold)
    return {"found": [{"kind": key[0], "code": key[1], "name": name} for name, _, key in found]}


def figures(
    place: Place,
    indicator: str | None = None,
    other_end: Place | None = None,
    first_year: Year | None = None,
    last_year: Year | None = None,
    page: Annotated[int, Field(ge=1, le=100_000)] = 1,
) -> dict[str, Any]:
    """Figures of a place, each with unit, period, source, uses, caveats, label and citation; at most 100 on a page."""
    ends = [_place(other_end)] if other_end else []
    choice = Choice([_place(place)], ends, [_indicator(indicator)] if indicator else [], first_year, last_year)
    count = open_data.count(_key_of.get()(), choice)
    return {
        "edition": labels.plain(_key_of.get()()),
        "count": count,
        "page": page,
        "figures": _records(choice, MOST, (page - 1) * MOST),
    }


def member(place: Place) -> dict[str, Any]:
    """The newest figures of the headline indicators of one member, and the routes that it lies on."""
    iso3 = _place(place)
    if iso3 not in catalog().members:
        raise ToolError(f"{catalog().place_name(iso3)} is not a member. Ask the tool figures.")
    headlines = [indicator for indicator in catalog().indicators.values() if indicator.headline]
    choices = [
        Choice(["WLD"], [iso3], [i.id]) if i.headline_view == "partner" else Choice([iso3], (), [i.id]) for i in headlines
    ]
    held = [one for choice in choices if (one := _newest(choice))]
    routes = open_data.whole(_key_of.get()(), "routes")
    on = routes[[iso3 in {*row.origins, *row.transits, *row.destinations} for row in routes.itertuples()]]
    return {"member": catalog().place_name(iso3), "figures": held, "routes": json.loads(on.to_json(orient="records"))}


def corridor(origin: Place, destination: Place) -> dict[str, Any]:
    """What is counted between two places, newest of each indicator, and routes from one to the other. Never a sum of both ways."""
    start, end = _place(origin), _place(destination)
    held = [one for key in catalog().indicators if (one := _newest(Choice([end], [start], [key])))]
    routes = open_data.whole(_key_of.get()(), "routes")
    between = routes[[start in row.origins and end in row.destinations for row in routes.itertuples()]]
    return {"origin": start, "destination": end, "figures": held, "routes": json.loads(between.to_json(orient="records"))}


def compare(indicator: str, places: Annotated[list[Place], Field(min_length=2, max_length=6)], year: Year) -> dict[str, Any]:
    """One indicator in several places in one year, side by side by name. Each says whether it may be compared; none is ranked."""
    codes, key = [_place(place) for place in places], _indicator(indicator)
    held = [one for code in codes if (one := _newest(Choice([code], indicators=[key], first_year=year, last_year=year)))]
    raw = [one for figure in held if (one := _raw(figure["figure_id"]))]
    if barred := [f"{one['place_name']}: {_why(one, 'compare')}" for one in raw if one["use_compare"] == "no"]:
        raise ToolError(f"These must not be compared. {' '.join(barred)}")
    missing = sorted(catalog().place_name(code) for code in codes if code not in {one["place"] for one in held})
    return {
        "figures": sorted(held, key=lambda one: one["place_name"]),
        "no_figure_for": missing,
        "said": "A missing figure is no zero. They are in the order of names, which is no order of size.",
    }


def reckon(
    kind: Literal["sum", "change", "rank"],
    figure_ids: Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=60)],
) -> dict[str, Any]:
    """Adds figures up, or tells the change from one to another, where their uses allow it; else says why not. Never ranks."""
    if kind == "rank":
        raise ToolError(
            "Members are never ranked: what was recorded depends on the law, the police and who counts, in each."
        )
    held = [one for figure in dict.fromkeys(figure_ids) if (one := _raw(figure))]
    if len(held) < max(2, len(set(figure_ids))):
        raise ToolError(
            "Name two figures or more, by the figure_id that other tools give. These are not all in this edition."
        )
    why = _not_added(held) if kind == "sum" else _why_not_quoted(held)
    if why:
        raise ToolError(f"This {'sum' if kind == 'sum' else 'change'} is not allowed: {' '.join(dict.fromkeys(why))}")
    answer: dict[str, Any] = {"figures": [_whole(dict(one)) for one in held], "unit": held[0]["unit"]}
    made = ", ".join(sorted({catalog().statuses[one["status"]].label.lower() for one in held}))
    if kind == "sum":
        level = uses.strictest("level", [one["use_level"] for one in held])
        said = f"The parts are: {made}. {uses.LEVEL_WORDS[level]}"
        return {**answer, "sum": sum(one["value"] for one in held), "said": said}
    first, last = sorted(held, key=lambda one: one["period_end"])
    said = f"The figures are: {made}. What was counted or estimated changed, which is not the same as what happened."
    return {
        **answer,
        "from": first["period_end"],
        "to": last["period_end"],
        "change": last["value"] - first["value"],
        "said": said,
    }


def _not_added(held: list[dict]) -> list[str]:
    """Why figures must not be added up; empty when they may."""
    one, indicator = held[0], catalog().indicators[held[0]["indicator"]]
    same = ("indicator", "unit", "period_start", "period_end", "sex", "age", "form", "source")
    why = [f"They differ in {name}." for name in same if len({figure[name] for figure in held}) > 1]
    if any(figure["value"] is None for figure in held):
        why.append("One is masked, a range or not reported: it has no value, which is no zero.")
    if barred := [figure for figure in held if figure["use_level"] == "no"]:
        why += [f"{figure['place_name']}, level: {_why(figure, 'level')}" for figure in barred]
    if any(figure["use_sum"] != "yes" for figure in held):
        why += [f"{figure['place_name']}: {_why(figure, 'sum')}" for figure in held if figure["use_sum"] != "yes"]
    places, ends = {figure["place"] for figure in held}, {figure["other_end"] for figure in held}
    if "WLD" in places | ends or (None in ends and len(ends) > 1):
        why.append("One holds others in it.")
    if len(places) > 1 and not indicator.adds_over_members:
        why.append(f"{one['indicator_name']} of several places count some people twice.")
    if len(ends) > 1 and not indicator.adds_over_partners:
        why.append(f"{one['indicator_name']} of several other ends count some people twice.")
    return why


def _why_not_quoted(held: list[dict]) -> list[str]:
    """Why no change may be told from one figure to another; empty when it may."""
    if len(held) != 2:
        return ["A change is from one figure to another: name two."]
    same = ("place", "other_end", "indicator", "sex", "age", "form", "source")
    why = [f"They differ in {name}." for name in same if held[0][name] != held[1][name]]
    first, last = sorted(int(figure["period_end"][:4]) for figure in held)
    for figure in held:
        if figure["value"] is None:
            why.append("One is masked, a range or not reported: it has no value, which is no zero.")
        answer, _, year = figure["use_trend"].partition(" ")
        allowed = {"yes": True, "before": year and last < int(year or 0), "since": year and first >= int(year or 0)}
        if not allowed.get(answer, False):
            why.append(f"Trend: {figure['use_trend']}. {_why(figure, 'trend')}")
    for broken in figures_store.breaks(_key_of.get()()).itertuples():
        of = {"indicator_id": "indicator", "source_id": "source", "iso3": "place"}
        if first < broken.year <= last and all(
            pd.isna(at := getattr(broken, c)) or at == held[0][name] for c, name in of.items()
        ):
            why.append(f"The series breaks in {broken.year}: {broken.reason}")
    return why


def _why(figure: Mapping[str, Any], use: str) -> str:
    known = [catalog().caveats[code] for code in figure["caveats"] if code in catalog().caveats]
    answers = {name: figure[f"use_{name}"] for name in uses.QUESTIONS}
    return next(f"{why}." for question, _, why in uses.full(answers, known) if question == uses.QUESTIONS[use])


def sources() -> dict[str, Any]:
    """All sources with licence, citation, method and what they cannot say."""
    return {"sources": json.loads(open_data.whole(_key_of.get()(), "sources").to_json(orient="records", date_format="iso"))}


def caveats(codes: Annotated[list[str], Field(min_length=1, max_length=80)]) -> dict[str, Any]:
    """What the codes of caveats mean, and what would remove them."""
    rows = open_data.whole(_key_of.get()(), "caveats")
    return {"caveats": json.loads(rows[rows.caveat.isin(codes)].to_json(orient="records"))}


def _raw(figure_id: str) -> dict[str, Any] | None:
    rows = open_data.figures_json(_key_of.get()(), Choice(figure=figure_id), 1)
    return json.loads(rows.record[0]) if len(rows) else None


def _newest(choice: Choice) -> dict[str, Any] | None:
    """The newest total of a choice, with all that belongs to it."""
    newest = open_data.newest_total(_key_of.get()(), choice)
    raw = newest and _raw(newest)
    return _whole(raw) if raw else None


def made() -> MCPServer:
    """The server with its tools."""
    server = MCPServer("Corridors", instructions=SAID, version="1", log_level="WARNING")
    for tool in (find, figures, compare, reckon, member, corridor, sources, caveats):
        server.tool()(_noted(tool))
    return server


class Endpoint:
    """ASGI application at /mcp: who asks is asked as under /api/v1/, and sees what their role may see."""

    def __init__(self, server: MCPServer, doors: api.Api):
        unbound = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # the server's doors look at the name
        self.app: ASGIApp = server.streamable_http_app(json_response=True, stateless_http=True, transport_security=unbound)
        self.doors = doors

    async def __call__(self, scope, receive, send) -> None:
        try:
            key, note = await asyncio.to_thread(self.doors.questioner, scope)
        except api.Problem as problem:
            return await problem.response()(scope, receive, send)
        with asking(lambda: key, note):
            await self.app(scope, receive, send)


def locally(ceiling: str):
    """Inside the block questions are answered from the edition that readers see by then, up to a label."""
    return asking(lambda: labels.keyed(editions.current(), ceiling))
