"""What free text may name without naming a person: places, offices, treaties, peoples, and ordinary words."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from corridors import catalog

NOT_PERSONS = Path(__file__).with_name("allowlist.txt")
PLACES = Path(__file__).resolve().parents[2] / "data" / "routes" / "places.csv"
WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
SECTIONS = ("known", "ordinary", "before", "after")


@dataclass(frozen=True)
class Known:
    """What is no person: phrases (places, offices, treaties), single words, words that make a name of what is beside."""

    phrases: frozenset[tuple[str, ...]]  # folded words
    words: frozenset[str]  # folded: single words of the list, ordinary words, and words of the house's own texts
    before: frozenset[str]  # “Port X Y”: heads that cover what follows
    after: frozenset[str]  # “X Y Province”: heads that cover what stands before
    longest: int  # words in the longest phrase


def folded(text: str) -> str:
    """The text in lower case without accents and without a possessive s, for comparing words."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"'s?$", "", plain)


def folded_words(text: str) -> tuple[str, ...]:
    """The words of a text, folded; hyphens part words, so that “Viet-Nam” is “Viet Nam”."""
    return tuple(folded(word) for word in WORD.findall(text.replace("-", " ")))


@lru_cache(maxsize=1)
def known() -> Known:
    """What the catalog, the places of the routes and `allowlist.txt` know. Raises OSError without the list."""
    vocabulary = catalog.load()
    names: list[str] = []
    for country in vocabulary.countries.values():
        names += [country.name, *country.aliases]
    for member in vocabulary.members.values():
        names += [member.name, member.listed_as, member.short_name, member.capital, member.subregion, *member.aliases]
    if PLACES.is_file():
        with PLACES.open(encoding="utf-8", newline="") as handle:
            names += [row["name"] for row in csv.DictReader(handle)]
    lists: dict[str, list[tuple[str, ...]]] = {section: [] for section in SECTIONS}
    section = SECTIONS[0]
    for line in NOT_PERSONS.read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif line:
            lists[section] += [folded_words(part) for part in line.split(",")]
    phrases = {*map(folded_words, names), *lists["known"]} - {()}
    single = {phrase[0] for phrase in phrases if len(phrase) == 1}
    before, after = (frozenset(word for phrase in lists[side] for word in phrase) for side in ("before", "after"))
    ordinary = {word for phrase in lists["ordinary"] for word in phrase}
    words = frozenset(single | ordinary | before | after | _own_words())
    return Known(frozenset(phrases), words, before, after, max(len(phrase) for phrase in phrases))


def _own_words() -> set[str]:
    """Words that the catalog writes in lower case; with a capital they might be a name that a text of ours mentions."""
    vocabulary = catalog.load()
    texts: list[str] = []
    for caveat in vocabulary.caveats.values():
        texts += [caveat.title, caveat.text, caveat.remedy]
    for factor in vocabulary.factors.values():
        texts += [factor.name, factor.mechanism, factor.cannot_say, factor.who_could_measure]
    texts += [f"{indicator.name} {indicator.definition}" for indicator in vocabulary.indicators.values()]
    texts += [entry["meaning"] for entry in vocabulary.glossary.values()]
    return {folded(word) for text in texts for word in WORD.findall(text.replace("-", " ")) if word.islower()}
