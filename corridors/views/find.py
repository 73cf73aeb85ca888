"""Everything that can be found by a name, another name, a subject or a word, and where it leads."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import fuzz, process

from corridors import catalog
from corridors.catalog import words
from corridors.catalog.country_names import in_many_languages, own_names
from corridors.catalog.person_names import folded
from corridors.store.queries import routes
from corridors.views import corridor, maps

SYNONYMS = catalog.HERE / "synonyms.toml"
MEMBERS, ROUTES, FIGURES, WORDS = GROUPS = ("Members", "Routes", "Figures", "Words and pages")
LONGEST = 60  # characters of an answer
MOST = 4  # answers of a group
CLOSE = 82  # rapidfuzz's ratio from which a word counts as misspelt; below it answers were noise
SMALL = set("a an the of in on to by for from and is are what how many who my".split())


@dataclass(frozen=True)
class Answer:
    """One thing that can be found: what it is called, the page's address that it leads to, and what is chosen there."""

    key: str  # as synonyms.toml names it: "member:THA"
    label: str
    group: str
    page: str  # the address: "member"; empty is the first page
    state: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Index:
    """What can be found in one edition: answers by key, and each compared name with the keys it stands for, best first."""

    answers: Mapping[str, Answer]
    names: Mapping[str, tuple[str, ...]]
    subjects: Mapping[str, tuple[str, ...]]


def compared(text: str) -> str:
    """A text as it is compared: folded, without punctuation, one space between words."""
    return " ".join(re.findall(r"[^\W_]+|<\d+", folded(text)))


def index(edition_id: str) -> Index:
    """What the search knows of an edition. Raises KeyError for a synonym that leads nowhere."""
    vocabulary, answers, names = catalog.load(), {}, {}

    def add(key: str, label: str, group: str, page: str, state: Mapping[str, str], called: list[str]) -> None:
        answers[key] = Answer(key, _cut(label), group, page, state)
        for name in dict.fromkeys(filter(None, map(compared, called))):
            names.setdefault(name, {})[key] = None

    spoken: dict[str, list[str]] = {}
    for name, keys in in_many_languages(frozenset(vocabulary.countries)).items():
        for iso3 in keys if len(keys) == 1 else ():
            spoken.setdefault(iso3, []).append(name)
    for iso3, member in sorted(vocabulary.members.items(), key=lambda item: item[1].name):
        called = [member.name, member.short_name, member.listed_as, *member.aliases, iso3, *spoken.get(iso3, ())]
        add(f"member:{iso3}", member.name, MEMBERS, "member", {"member": iso3}, called)
    for iso3 in corridor.places(edition_id):
        if iso3 in vocabulary.countries and iso3 not in vocabulary.members:
            country = vocabulary.countries[iso3]
            called = [country.name, *country.aliases, iso3, *spoken.get(iso3, ())]
            add(f"corridor:{iso3}", f"{country.name}: people from there", ROUTES, "corridor", {"origin": iso3}, called)
    for family in maps.families(edition_id).values():
        add(f"family:{family.id}", f"{family.name}, routes", ROUTES, "routes", {"family": family.id}, [family.name])
    for row in routes.routes(edition_id).itertuples():
        called = [row.route_id, row.route_id.replace("R0", "R"), row.name, *(words.ROUTE_FORM[f] for f in row.forms)]
        add(f"route:{row.route_id}", f"{row.route_id} {row.name}", ROUTES, "routes", {"route": row.route_id}, called)
    for row in routes.places(edition_id).sort_values("name").itertuples():
        where = row.name if words.missing(row.iso3) else f"{row.name}, {vocabulary.place_name(row.iso3)}"
        add(f"place:{row.place_id}", where, ROUTES, "routes", {"place": row.place_id, "route": ""}, [row.name])
    for indicator in vocabulary.indicators.values():
        called = [indicator.name, indicator.short_name, vocabulary.themes[indicator.theme].title]
        add(f"figure:{indicator.id}", indicator.name, FIGURES, "member", {"theme": indicator.theme}, called)
    for term in sorted(vocabulary.glossary.values(), key=lambda t: t["term"].casefold()):
        add(f"word:{term['term']}", f"{term['term']}: what it means", WORDS, "sources", {"part": "words"}, [term["term"]])
    for caveat in vocabulary.caveats.values():
        called = [caveat.title, caveat.id]
        add(f"caveat:{caveat.id}", f"{caveat.title}: a limit of figures", WORDS, "sources", {"part": "caveats"}, called)
    for row in routes.source_names(edition_id).itertuples():
        label = f"{row.publisher}: {row.title}"
        add(f"source:{label}", label, WORDS, "sources", {"part": "sources"}, [row.publisher, row.title])
    subjects = {}
    for subject in tomllib.loads(SYNONYMS.read_text(encoding="utf-8"))["subject"]:
        keys = []
        for key in subject["to"]:
            if key.startswith("page:"):
                add(key := f"{key} {subject['title']}", subject["title"], WORDS, key.split()[0][5:], {}, [subject["title"]])
            if key not in answers and key.partition(":")[0] in ("family", "route"):
                continue  # what is labelled above this reader is not in its file, so it cannot be found either
            keys.append(answers[key].key)
        subjects |= {compared(text): tuple(keys) for text in subject["words"]}
    return Index(answers, {name: tuple(keys) for name, keys in names.items()}, subjects)


@lru_cache(maxsize=1)
def other_names() -> Mapping[str, str]:
    """Names of members that their own does not hold, in their languages too, as a chooser shows them: name → code."""
    return {
        name: member.iso3
        for member in catalog.load().members.values()
        for name in dict.fromkeys([*own_names(member.iso3), *member.aliases])
        if name.casefold() not in member.name.casefold() and len(name) < 20 and not set(name) & set("(),.")
    }


def search(known: Index, text: str) -> dict[str, list[Answer]]:
    """Answers to a text by group, the group of the best answer first, at most four each; empty where nothing fits."""
    asked = compared(text)[:80]
    plain = " ".join(w for w in asked.split() if w not in SMALL)
    if not plain and asked not in known.names:  # “TO” is no code of Tonga in a sentence, but “to” alone is nothing else
        return {}
    plain = plain or asked
    scores: dict[str, float] = {}

    def note(keys: tuple[str, ...], score: float) -> None:
        for place, key in enumerate(keys):
            scores[key] = max(scores.get(key, 0), score - place / 10)

    for pool, extra in ((known.subjects, 0.5), (known.names, 0.0)):
        for name, keys in pool.items():
            if score := max(_fit(asked, name), _fit(plain, name)):
                note(keys, score + extra)
    if not scores and len(plain) >= 4:
        for pool in (known.names, known.subjects):
            for name, ratio, _ in process.extract(plain, pool.keys(), scorer=_misspelt, score_cutoff=CLOSE, limit=12):
                note(pool[name], ratio * 0.7)
    order = {key: n for n, key in enumerate(known.answers)}
    found: dict[str, list[Answer]] = {}
    for key in sorted(scores, key=lambda key: (-scores[key], order[key])):
        group = found.setdefault(known.answers[key].group, [])
        if len(group) < MOST:
            group.append(known.answers[key])
    return found


def _fit(asked: str, name: str) -> float:
    """How well a name answers without a typing error: the whole name, its beginning, its words, a part of it; 0 for not."""
    if asked == name:
        return 100
    if len(asked) >= 2 and name.startswith(asked):
        return 92 - min(len(name) - len(asked), 30) / 30
    own = name.split()
    if len(asked) >= 3 and all(any(word.startswith(part) for word in own) for part in asked.split()):
        return 86
    if len(asked) >= 4 and asked in name:
        return 80
    if len(name) >= 4 and f" {name} " in f" {asked} ":
        return 78 + len(name) / 100
    return 0


def _misspelt(asked: str, name: str, *, score_cutoff: float = 0, **_) -> float:
    """The likeness of two texts with the same first letter, by whole text or by each word's nearest."""
    if asked[0] != name[0]:
        return 0
    whole = fuzz.ratio(asked, name)
    parts = [max(fuzz.ratio(part, word) for word in name.split()) for part in asked.split()]
    return max(whole, min(parts) * 0.95)


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1].rstrip(' ,')}…"
