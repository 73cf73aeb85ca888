"""Everything that can be found by name or alias, and where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from corridors import catalog
from corridors.catalog import words
from corridors.store.queries import routes

MEMBER, ROUTES, SOURCES = "pages/members/member.py", "pages/routes/route_map.py", "pages/evidence/sources.py"
# words that people say, beside those of the data
ALSO_CALLED = {
    "sea": "boat, ship",
    "forced_criminality": "scam compounds",
    "protection_seeking": "refugees",
    "forced_marriage": "brides",
}


@dataclass(frozen=True)
class Entry:
    """One thing that can be found: the page it leads to, and what is chosen there."""

    page: str
    state: Mapping[str, str] = field(default_factory=dict)


def entries(edition_id: str) -> dict[str, Entry]:
    """What the search box offers, by label; a label holds the names and the words by which people look for the thing."""
    vocabulary = catalog.load()
    found: dict[str, Entry] = {}
    for iso3, member in sorted(vocabulary.members.items(), key=lambda item: item[1].name):
        others = dict.fromkeys([*member.aliases, member.short_name, member.listed_as, iso3])
        others = [name for name in others if name and name != member.name]
        found[f"{member.name} ({', '.join(others)}) · member"] = Entry(MEMBER, {"member": iso3})
    legs = routes.legs(edition_id)
    for row in routes.routes(edition_id).itertuples():
        modes = set(legs["mode"][legs.route_id == row.route_id])
        spoken = [
            *(words.ROUTE_FORM[f].lower() for f in row.forms),
            *(ALSO_CALLED[w] for w in (*sorted(modes), *row.forms) if w in ALSO_CALLED),
        ]
        found[f"{row.route_id} · {row.name} ({', '.join(spoken)}) · route"] = Entry(ROUTES, {"route": row.route_id})
    for row in routes.places(edition_id).sort_values("name").itertuples():
        found[f"{row.name}, {vocabulary.place_name(row.iso3)} · place on the route map"] = Entry(
            ROUTES, {"place": row.place_id, "route": ""}
        )
    for indicator in vocabulary.indicators.values():
        theme = vocabulary.themes[indicator.theme]
        label = indicator.name + (f" ({indicator.short_name})" if indicator.short_name else "")
        found[f"{label} · figure, {theme.title.lower()}"] = Entry(MEMBER, {"theme": indicator.theme})
    for caveat in vocabulary.caveats.values():
        found[f"{caveat.title} · caveat {caveat.id}"] = Entry(SOURCES, {"part": "caveats"})
    for row in routes.source_names(edition_id).itertuples():
        found[f"{row.publisher}: {row.title} · source"] = Entry(SOURCES, {"part": "sources"})
    for term in sorted(vocabulary.glossary.values(), key=lambda t: t["term"].casefold()):
        found[f"{term['term']} · word"] = Entry(SOURCES, {"part": "words"})
    return found
