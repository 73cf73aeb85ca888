"""Figures by address, for other programs: everything under /api/v1/, for whoever may take figures away, up to their label.

An answer holds with each figure what must be said beside it. The same question to the same edition is answered with the same
bytes; what cannot be answered is told as problem details (RFC 9457) with how to fix it.
"""

import datetime as dt
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlencode

import pandas as pd
from fastapi import FastAPI, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz import fuzz, process
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from corridors.catalog import load as catalog
from corridors.catalog import roles, tlp, words
from corridors.problems import Refused
from corridors.store import editions, labels, tokens
from corridors.store.queries import figures as reading
from corridors.store.queries import open_data
from corridors.web import http

ROOT = "/api/v1"
VERSION = "1.0"  # of what answers hold; who has one of another is answered anew
PAGE, MOST_PAGE = 500, 5000  # figures of one answer: unless asked otherwise, and at most
STEADY, BURST = 20.0, 200.0  # answers a second that one asker gets in the long run; how many at once
FORMATS = {"json": "application/json", "csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
GEOJSON = "application/geo+json"


class Problem(Exception):
    """What cannot be answered: HTTP status, what is wrong, how to fix it."""

    def __init__(self, status: int, title: str, how_to_fix: str, **fields: str):
        super().__init__(title)
        self.status, self.body, self.fields = status, {"title": title, "status": status, "how_to_fix": how_to_fix}, fields

    def response(self) -> Response:
        """The answer, never to be kept."""
        return Response(
            json.dumps(self.body, ensure_ascii=False), self.status, self.fields | {"cache-control": "no-store"}, http.PROBLEM
        )


class Pace:
    """How often each asker may ask: `BURST` at once, then `STEADY` a second."""

    def __init__(self, steady: float = STEADY, burst: float = BURST):
        self.steady, self.burst = steady, burst
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def wait(self, who: str, now: float) -> float:
        """Seconds to wait before asking again; 0 when the question may be answered now."""
        with self._lock:
            left, when = self._left.pop(who, (self.burst, now))
            left = min(self.burst, left + (now - when) * self.steady)
            self._left[who] = (max(0.0, left - 1) if left >= 1 else left, now)
            while len(self._left) > 10_000:
                del self._left[next(iter(self._left))]
        return 0.0 if left >= 1 else (1 - left) / self.steady


@dataclass(frozen=True)
class Asking:
    """What is asked of which edition: the form of the answer, and the tag by which the same answer is known again."""

    key: str  # the edition with the asker's ceiling: "2026-11-21-0a1b2c3d@GREEN"
    form: str
    etag: str

    @property
    def edition(self) -> str:
        return labels.plain(self.key)


FORM = "Else the header Accept decides."


class Asked(BaseModel):
    """What every address may be asked. `FORMS`: how it can be answered."""

    model_config = ConfigDict(extra="forbid")
    FORMS: ClassVar[tuple[str, ...]] = ("json",)
    edition: str | None = Field(
        None, max_length=40, description="Id of an edition; the one that readers see where none is named."
    )
    format: Literal["json"] | None = Field(None, description=FORM)


class AskedTable(Asked):
    """A table."""

    FORMS: ClassVar[tuple[str, ...]] = (*FORMATS,)
    format: Literal["json", "csv", "parquet"] | None = Field(None, description=FORM)


class AskedLines(Asked):
    """A table of lines on a map."""

    FORMS: ClassVar[tuple[str, ...]] = (*FORMATS, "geojson")
    format: Literal["json", "csv", "parquet", "geojson"] | None = Field(None, description=FORM)


class Chosen(AskedTable):
    """Which figures. A place is a code such as THA, or a name."""

    place: list[str] = Field([], max_length=60, description="Places where people are counted. Several: place=THA&place=MYS.")
    other_end: list[str] = Field([], max_length=60, description="Other ends of corridors.")
    indicator: list[str] = Field([], max_length=60, description="Codes of indicators.")
    first_year: int | None = Field(None, ge=1900, le=2200, description="Years from this one on.")
    last_year: int | None = Field(None, ge=1900, le=2200, description="Years up to this one.")
    page: int = Field(1, ge=1, le=100_000, description="Which page, from 1.")
    size: int = Field(PAGE, ge=1, le=MOST_PAGE, description="Figures on a page.")


class Compared(AskedTable):
    """What changed between two editions."""

    since: str = Field(max_length=40, description="Id of the edition to compare with.")
    page: int = Field(1, ge=1, le=100_000, description="Which page, from 1.")


class Api:
    """The application under /api/v1/.

    `visitor(scope)`: the role of a signed-in visitor and their digest, or None; `table()`: the roles as they stand now. `note(who,
    edition, filters, file)` writes the line of the trail and says whether it could.
    """

    def __init__(
        self,
        visitor: Callable[[Mapping], tuple[roles.Role, str] | None],
        table: Callable[[], roles.Access],
        note: Callable[..., bool] = lambda **fields: True,
    ):
        self.visitor, self.table, self.note, self.pace = visitor, table, note, Pace()

    def asker(self, request: Request) -> tuple[roles.Role, str]:
        """Who asks: by a key, or by the sign-in of a browser. Raises Problem 401, 403 or 429."""
        role, who = self._known(request)
        # who sits at the machine itself takes nothing from others
        if role is not roles.LOCAL and (seconds := self.pace.wait(who, time.monotonic())):
            raise Problem(429, "That was asked too often.", "Wait a moment.", **{"retry-after": str(int(seconds) + 1)})
        return role, who

    def _known(self, request: Request) -> tuple[roles.Role, str]:
        kind, _, text = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and text.strip():
            return self._holder(text.strip())
        found = None if kind else self.visitor(request.scope)
        if found is None:
            raise Problem(
                401,
                "This needs a key.",
                "Send “Authorization: Bearer …”; a steward makes keys.",
                **{"www-authenticate": "Bearer"},
            )
        if not found[0].may_ask:
            raise Problem(403, "This role takes no figures away.", "Whoever looks after the roles can change that.")
        return found

    def questioner(self, scope: Mapping) -> tuple[str, Callable[[str, list[tuple[str, str]]], None]]:
        """The edition as whoever asks questions at /mcp may see it, and what notes each of them. Both raise Problem."""
        role, who = self.asker(Request(scope))
        edition = _current()
        return labels.keyed(edition, role.ceiling), lambda tool, words: self._noted(who, edition, words, f"question-{tool}")

    def _noted(self, who: str, edition: str, filters: list[tuple[str, str]], file: str) -> None:
        if not self.note(who=who, edition=edition, filters=filters, file=file):
            said = "Whoever runs this server finds the reason in its log."
            raise Problem(503, "It could not be written down who asks.", said)

    def _holder(self, text: str) -> tuple[roles.Role, str]:
        bearer = {"www-authenticate": 'Bearer error="invalid_token"'}
        try:
            token = tokens.find(text)
            known = {role.id: role for role in self.table().roles}
        except (Refused, OSError, roles.BadAccess):
            raise Problem(503, "Keys cannot be read now.", "Whoever runs this server finds the reason in its log.") from None
        if token is None:
            raise Problem(401, "This key is not known.", "Ask a steward for one.", **bearer)
        if ended := token.ended(dt.date.today()):
            raise Problem(401, f"This key has ended. {ended}", "Ask a steward for another.", **bearer)
        role = known.get(token.role)
        if role is None or not role.may_ask:
            raise Problem(403, "The role of this key takes no figures away any more.", "Ask a steward for another key.")
        return role, f"token-{token.id}"

    def __call__(self, request: Request, asked: Asked) -> Asking:
        """Whoever asks, their edition, and the form of the answer; what they have already is told by `NotModified`."""
        role, who = self.asker(request)
        form = _form(asked.format, request.headers.get("accept", "*/*"), asked.FORMS)
        edition = asked.edition or _current()
        for named in (edition, getattr(asked, "since", edition)):
            try:
                if named.startswith(labels.DRAFT):  # a draft is nobody's but its analysts'
                    raise editions.UnknownEdition
                editions.path_of(named, ceiling=role.ceiling)
            except editions.UnknownEdition:
                raise Problem(404, "There is no such edition.", f"Ask {ROOT}/editions for those that are kept.") from None
        name = request.url.path.removeprefix(ROOT).strip("/").partition("/")[0] or "start"
        asked_of = [VERSION, request.url.path, sorted(request.query_params.multi_items()), form, edition, role.ceiling]
        asked_of += [_current(), *editions.listed()] if name == "editions" else []
        etag = f'"{hashlib.sha256(json.dumps(asked_of).encode()).hexdigest()[:24]}"'
        if http.matches(request.headers.get("if-none-match", ""), etag):
            raise NotModified(etag)
        filters = [pair for pair in request.query_params.multi_items() if pair[0] not in ("page", "size", "format")]
        filters += [("figure", id_)] if (id_ := request.path_params.get("figure_id")) else []
        self._noted(who, edition, filters, f"{name}.{form}")
        return Asking(key=labels.keyed(edition, role.ceiling), form=form, etag=etag)


class NotModified(Exception):
    """The asker has this very answer."""


def mounted(api: Api) -> Mount:
    """The application at its address; a line break in an address does not lead past it to the pages' server."""
    route = Mount(ROOT, app=made(api))
    route.path_regex = re.compile(route.path_regex.pattern, re.DOTALL)
    return route


def made(api: Api) -> FastAPI:
    """The application, with a description of itself under /openapi.json."""
    said = {"content": {http.PROBLEM: {"schema": {"type": "object", "required": ["title", "status", "how_to_fix"]}}}}
    why = {
        400: "A question that cannot be asked",
        401: "No key",
        403: "A role that takes nothing away",
        404: "Not there",
        406: "No such form",
        429: "Too often",
        503: "Not now",
    }
    app = FastAPI(
        title="Corridors",
        version="1",
        description="Figures of migration crime with what must be said beside each of them.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses={status: {"description": text, **said} for status, text in why.items()},
    )
    app.add_exception_handler(Problem, lambda request, problem: problem.response())
    app.add_exception_handler(NotModified, lambda request, had: Response(status_code=304, headers=_kept(str(had))))
    app.add_exception_handler(RequestValidationError, lambda request, fault: _invalid(fault).response())
    app.add_exception_handler(HTTPException, lambda request, fault: _elsewhere(fault).response())
    app.add_exception_handler(
        reading.TooSlow,
        lambda request, fault: Problem(503, "The question took too long.", "Ask for fewer years or one place.").response(),
    )
    app.add_exception_handler(
        reading.OtherShape,
        lambda request, fault: Problem(
            404, "This edition was made by an earlier version and lacks what is asked for.", "Ask for a later edition."
        ).response(),
    )

    @app.get("/openapi.json", include_in_schema=False)
    def description() -> Response:
        return Response(_description(app), media_type="application/json")

    @app.get("/", summary="What can be asked, with examples")
    def start(request: Request, asked: Annotated[Asked, Query()]) -> Response:
        html = "text/html" in request.headers.get("accept", "") and not asked.format
        asking = api(request, asked.model_copy(update={"format": "json"}))
        if html:
            other = replace(asking, etag=f'{asking.etag[:-1]}h"')
            return _respond(other, _page(asking.edition), "text/html; charset=utf-8")
        content = {"edition": asking.edition, "addresses": examples(asking.edition), "description": f"{ROOT}/openapi.json"}
        return _respond(asking, _text(content), FORMATS["json"])

    @app.get("/editions", summary="Editions that are kept, oldest first")
    def kept(request: Request, asked: Annotated[Asked, Query()]) -> Response:
        asking = api(request, asked)
        rows = [
            {"edition": one, "readers_see_it": one == _current(), "address": f"{ROOT}/figures?edition={one}"}
            for one in editions.listed()
        ]
        return _json(asking, {"editions": rows})

    @app.get("/figures", summary="Figures by place, other end, indicator and years")
    def figures(request: Request, chosen: Annotated[Chosen, Query()]) -> Response:
        asking, choice = api(request, chosen), _choice(chosen)
        count = _count(asking.key, choice)
        skip = (chosen.page - 1) * chosen.size
        if skip >= max(1, count):
            raise Problem(404, f"There is no page {chosen.page}.", f"The last page is {max(1, -(-count // chosen.size))}.")
        following = _address(request, page=chosen.page + 1) if skip + chosen.size < count else None
        links = {"link": f'<{following}>; rel="next"'} if following else {}
        if asking.form != "json":
            return _rows(asking, "figures", lambda: open_data.figures(asking.key, choice, chosen.size, skip), links)
        rows = _page_of(asking.key, choice, chosen.size, skip)
        return _figures(asking, rows, {"count": count, "page": chosen.page, "next": following}, links)

    @app.get("/figures/{figure_id}", summary="One figure, by the address with which it is cited")
    def figure(
        request: Request, figure_id: Annotated[str, Path(max_length=40)], asked: Annotated[Asked, Query()]
    ) -> Response:
        asking = api(request, asked)
        rows = open_data.figures_json(asking.key, open_data.Choice(figure=figure_id), 1)
        if rows.empty:
            raise Problem(404, "There is no such figure in this edition.", f"Look for it under {ROOT}/figures.")
        return _figures(asking, rows, {"count": 1, "page": 1, "next": None}, {})

    @app.get("/changes", summary="Figures that differ between two editions")
    def changes(request: Request, compared: Annotated[Compared, Query()]) -> Response:
        asking = api(request, compared)
        rows, seen = _changes(labels.keyed(compared.since, labels.split(asking.key)[1]), asking.key)
        skip = (compared.page - 1) * MOST_PAGE
        if skip >= max(1, len(rows)):
            raise Problem(
                404, f"There is no page {compared.page}.", f"The last page is {max(1, -(-len(rows) // MOST_PAGE))}."
            )
        return _rows(
            asking, "changes", lambda: rows.iloc[skip : skip + MOST_PAGE], {}, seen, count=len(rows), since=compared.since
        )

    @app.get("/routes", summary="Routes, also as GeoJSON")
    def routes(request: Request, asked: Annotated[AskedLines, Query()]) -> Response:
        asking = api(request, asked)
        if asking.form == "geojson":
            return _respond(asking, _text(open_data.routes_geojson(asking.key)), GEOJSON)
        return _rows(asking, "routes", lambda: open_data.whole(asking.key, "routes"), {})

    def table_of(name: str):
        def table(request: Request, asked: Annotated[AskedTable, Query()]) -> Response:
            asking = api(request, asked)
            return _rows(asking, name, lambda: open_data.whole(asking.key, name), {})

        return table

    for name in ("members", "indicators", "sources", "caveats", "incidents", "evidence", "actions"):
        app.add_api_route(f"/{name}", table_of(name), summary=open_data.TABLES[name].title, operation_id=name)
    return app


def examples(edition: str) -> dict[str, str]:
    """Questions that can be asked as they stand, with what they ask."""
    return {
        f"{ROOT}/members": "The members",
        f"{ROOT}/figures?place=THA&indicator=detected_victims": "Detected victims in Thailand, every year",
        f"{ROOT}/figures?place=Bangladesh&other_end=Myanmar&first_year=2020": "The corridor from Myanmar to Bangladesh since 2020",
        f"{ROOT}/figures?place=MYS&format=csv": "All figures of Malaysia as CSV",
        f"{ROOT}/routes?format=geojson": "Routes for a map",
        f"{ROOT}/sources?edition={edition}": "Sources with licences and citations, of this very edition",
        f"{ROOT}/caveats": "What the codes of caveats mean",
        f"{ROOT}/editions": "Which editions are kept",
    }


def _page(edition: str) -> str:
    """The same for people: a page with links."""
    lines = "".join(
        f'<li><a href="{escape(to)}">{escape(to)}</a><br>{escape(said)}</li>' for to, said in examples(edition).items()
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Corridors by address</title><h1>Figures by address</h1>'
        f"<p>Edition {edition}. Each figure comes with unit, period, source, uses, caveats, label and citation. {ADDING}</p>"
        f'<ul>{lines}<li><a href="{ROOT}/openapi.json">{ROOT}/openapi.json</a><br>The description for programs</li></ul></html>'
    )


def _current() -> str:
    try:
        return editions.current()
    except editions.NoEdition:
        raise Problem(503, "There is no edition to read.", "Whoever runs this server builds one.") from None


def _form(wanted: str | None, accept: str, forms: tuple[str, ...]) -> str:
    """The form of the answer: as the question names it, else the first that the header Accept takes."""
    if wanted in forms:
        return wanted
    types = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    if not wanted:
        plain = {**{form: FORMATS.get(form, GEOJSON).partition(";")[0] for form in forms}}
        for kind in types:
            if kind in ("", "*/*", "application/*"):
                return forms[0]
            if found := next((form for form in forms if plain[form] == kind), None):
                return found
    raise Problem(406, "There is no such form of this answer.", f"Ask for one of: {', '.join(forms)}, with format=….")


def _choice(chosen: Chosen) -> open_data.Choice:
    """The choice by codes; every name that nobody knows is told at once, with the nearest."""
    vocabulary, faults = catalog(), []

    def code(text: str, known: Mapping, find: Callable[[str], str | None]) -> str:
        if found := text if text in known else find(text):
            return found
        near = (
            process.extractOne(text.casefold(), list(known), scorer=fuzz.ratio, score_cutoff=50) if len(faults) < 5 else None
        )
        faults.append(f"“{text[:40]}”" + (f" (near: {near[0]})" if near else ""))
        return ""

    def places(texts: list[str]) -> list[str]:
        known = {"WLD": "", **vocabulary.countries, **dict.fromkeys(vocabulary.iso3_by_name)}
        return [
            code(text, {**known, "WLD": ""}, vocabulary.find)
            if text not in vocabulary.iso3_by_name
            else vocabulary.iso3_by_name[text]
            for text in texts
        ]

    ends = places(chosen.place), places(chosen.other_end)
    indicators = [code(text, vocabulary.indicators, lambda text: None) for text in chosen.indicator]
    if faults:
        raise Problem(
            400, f"Nobody knows {', '.join(faults[:20])}.", f"Codes stand under {ROOT}/members and {ROOT}/indicators."
        )
    if None not in (chosen.first_year, chosen.last_year) and chosen.first_year > chosen.last_year:
        raise Problem(400, "The first year is after the last.", "Change their order.")
    return open_data.Choice(*map(tuple, (*ends, indicators)), chosen.first_year, chosen.last_year)


# An edition never changes: what somebody has just asked for is kept for the next who does.
@lru_cache(maxsize=16)
def _page_of(key: str, choice: open_data.Choice, size: int, skip: int) -> pd.DataFrame:
    return open_data.figures_json(key, choice, size, skip)


@lru_cache(maxsize=256)
def _count(key: str, choice: open_data.Choice) -> int:
    return open_data.count(key, choice)


def _address(request: Request, **changed) -> str:
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k not in changed]
    return f"{request.url.path}?{urlencode([*pairs, *changed.items()])}"


def _figures(asking: Asking, rows: pd.DataFrame, head: dict, fields: dict[str, str]) -> Response:
    """Figures with the words behind their codes: each caveat, source and use that they name, once."""
    named = _words(asking.key, "caveats"), _words(asking.key, "sources")
    codes = sorted({code for held in rows.caveats for code in held}), sorted(set(rows.source_id))
    words = [",".join(f"{json.dumps(code)}:{known[code]}" for code in used) for known, used in zip(named, codes)]
    head = {"edition": asking.edition, "tlp": tlp.strictest(rows.tlp), **head, "adding": ADDING}
    body = f'{_text(head)[:-1]},"figures":[{",".join(rows.record)}],"caveats":{{{words[0]}}},"sources":{{{words[1]}}}}}'
    return _respond(asking, body, FORMATS["json"], **fields)


ADDING = "Nothing here adds up unless use_sum says yes; members are never ranked; an empty value with bounds is no zero."


@lru_cache(maxsize=16)
def _words(key: str, name: str) -> dict[str, str]:
    """Of one of the small tables each row by its code, as JSON."""
    rows = open_data.whole(key, name)
    return {row[open_data.TABLES[name].key[0]]: _text(row) for row in _records(rows)}


_comparing = threading.Lock()


def _changes(before: str, after: str) -> tuple[pd.DataFrame, frozenset[str]]:
    """What changed between two editions, and the labels of what was read; one comparison at a time, for it holds both whole."""
    with _comparing:
        return _compared(before, after)


@lru_cache(maxsize=4)
def _compared(before: str, after: str) -> tuple[pd.DataFrame, frozenset[str]]:
    with labels.labels_read() as seen:
        return open_data.changes(before, after), frozenset(seen)


def _records(rows: pd.DataFrame) -> list[dict]:
    """Rows as JSON knows them: days as 2026-11-24, lists as lists, nothing as null."""
    return (
        json.loads(rows.to_json(orient="records", date_format="iso", date_unit="s", force_ascii=False)) if len(rows) else []
    )


def _text(content) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _json(asking: Asking, content: dict) -> Response:
    return _respond(asking, _text(content), FORMATS["json"])


def _rows(
    asking: Asking,
    name: str,
    read: Callable[[], pd.DataFrame],
    fields: dict[str, str],
    before: set[str] = frozenset(),
    **head,
) -> Response:
    """A table in the form that was asked for, with the strictest label of what was read; its file's name bears the edition."""
    with labels.labels_read() as seen:
        rows = read()
    label = tlp.strictest({"CLEAR"} | seen | before)
    rows = rows.assign(**{c: rows[c].dt.strftime("%Y-%m-%d") for c in rows.select_dtypes("datetime")})
    fields = fields | {"x-corridors-edition": asking.edition, "x-corridors-tlp": label}
    if asking.form == "json":
        return _respond(
            asking, _text({"edition": asking.edition, "tlp": label, **head, name: _records(rows)}), FORMATS["json"], **fields
        )
    fields["content-disposition"] = f'attachment; filename="corridors-{name}-{asking.edition}.{asking.form}"'
    if asking.form == "parquet":
        return _respond(asking, rows.to_parquet(index=False), FORMATS["parquet"], **fields)
    lists = [
        c
        for c in rows.columns
        if len(rows) and hasattr(rows[c].iloc[0], "__iter__") and not isinstance(rows[c].iloc[0], str)
    ]
    flat = rows.assign(**{c: rows[c].map(lambda held: " ".join(held) if held is not None else "") for c in lists})
    texts = flat.select_dtypes(exclude=["number", "bool"])
    flat = flat.assign(**{c: texts[c].map(words.disarmed, na_action="ignore") for c in texts})
    return _respond(asking, flat.to_csv(index=False, lineterminator="\r\n"), FORMATS["csv"], **fields)


def _respond(asking: Asking, body: str | bytes, kind: str, **fields: str) -> Response:
    return Response(body, 200, fields | _kept(asking.etag), kind)


def _kept(etag: str) -> dict[str, str]:
    return {"etag": etag, "cache-control": "private, no-cache", "vary": "Accept, Authorization, Cookie"}


def _invalid(fault: RequestValidationError) -> Problem:
    """Every part of a question that is of the wrong kind, at once."""
    said = [
        f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}, found {str(one.get('input'))[:40]!r}"
        for one in fault.errors()[:20]
    ]
    return Problem(400, "; ".join(said), f"{ROOT}/openapi.json says what can be asked.")


def _elsewhere(fault: HTTPException) -> Problem:
    if fault.status_code == 405:
        return Problem(405, "Figures are read, never written, here.", "Ask with GET.", **{"allow": "GET"})
    return Problem(fault.status_code, "There is nothing here.", f"Ask {ROOT}/ for what there is.")


@lru_cache(maxsize=1)
def _description(app: FastAPI) -> str:
    """OpenAPI: addresses, questions, forms, problems, and how a key is sent."""
    description = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, servers=[{"url": ROOT}]
    )
    description["components"] = description.get("components", {}) | {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}
    }
    description["security"] = [{"key": []}]
    for path in description["paths"].values():
        for asked in path.values():
            asked["responses"].pop("422", None)
            kinds = [FORMATS["json"], *map(FORMATS.get, ("csv", "parquet")), GEOJSON]
            asked["responses"]["200"] = {
                "description": "The answer",
                "content": {kind.partition(";")[0]: {} for kind in kinds},
            }
            asked["responses"]["304"] = {"description": "What the asker has already"}
    return _text(description)
