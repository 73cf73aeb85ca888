"""Names that a sender writes in its own way: known exactly, known by another name, or only near to one that is known.

A near name is never taken for the real one: whoever sent it says which was meant.
"""

import csv
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process

from corridors import ROOT, catalog
from corridors.catalog import Catalog
from corridors.catalog.calendars import plain_digits
from corridors.catalog.country_names import in_many_languages, regions
from corridors.catalog.person_names import folded
from etl.submissions.sheets import repaired

PEOPLES = ROOT / "etl" / "sources" / "unodc_glotip" / "citizenship.csv"  # as UNODC writes citizenships
_WRITTEN = tomllib.loads(Path(__file__).with_name("synonyms.toml").read_text(encoding="utf-8"))
MORE_PEOPLES, SHORT = _WRITTEN["peoples"], _WRITTEN["short"]
TOTALS, GROUPS = frozenset(_WRITTEN["totals"]), frozenset(_WRITTEN["groups"])
SYNONYMS = {
    kind: {word: meant for meant, words in meanings.items() for word in words}
    for kind, meanings in _WRITTEN["synonyms"].items()
}
SHARED = {name: tuple(places) for name, places in _WRITTEN["shared"].items()}
EXACT, ALIAS, NEAR, UNKNOWN = "exact", "alias", "near", "unknown"
CLOSE = 0.72  # share of letters in common (rapidfuzz's ratio) from which a name is offered; below it the offers were noise
WITHIN = 0.08  # where another name is this little behind the best one, none is clearly nearest and none is offered
OFFERED = 3  # countries at most that a word of the dictionary may mean, to be offered
LONGEST = 80  # characters: what is longer is a sentence, and is not compared
DROPPED = frozenset(("the", "of", "and"))


@dataclass(frozen=True)
class Match:
    """What a text names. `key` only when exact or by another name; otherwise the candidates, the nearest first."""

    how: str  # exact, alias, near, unknown
    key: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the text may stand for `key`."""
        return self.how in (EXACT, ALIAS)


def country(text: str, vocabulary: Catalog | None = None) -> Match:
    """The place that a text names, by code, UN short name (exact), other name or spelling (alias), or the nearest name.

    Codes and short names are exact whatever their case. Accents, hyphens, points, “the”, “S.” for South and the like make
    an alias. A name that two countries share is near to both. Raises nothing.
    """
    vocabulary = vocabulary or catalog.load()
    if (again := repaired(text)) != text:
        match = country(again, vocabulary)
        return Match(NEAR, candidates=(match.key,)) if match.key else match
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    key = vocabulary.find(text) or vocabulary.find(text.replace(".", "")) if len(text) > 3 else vocabulary.find(text)
    if key:
        plain = text.casefold()
        proper = {
            key.casefold(),
            vocabulary.countries[key].name.casefold() if key in vocabulary.countries else "",
            vocabulary.place_name(key).casefold(),
        }
        return Match(EXACT if plain in proper else ALIAS, key)
    names = _names(vocabulary)
    reduced = reduce(text)
    first, _, rest = text.partition(",")
    if reduced not in names and reduce(f"{rest} {first}") in names:  # “Korea, South”
        reduced = reduce(f"{rest} {first}")
    if reduced in SHARED:
        return Match(NEAR, candidates=SHARED[reduced])
    if reduced in names:
        return Match(ALIAS, names[reduced])
    dictionary = _dictionary(tuple(vocabulary.countries))
    as_written, bare = dictionary.get(text.casefold(), ()), dictionary.get(reduced, ())
    if known := dictionary.get(f"code {text}") or tuple(dict.fromkeys((*as_written, *bare))):
        return Match(NEAR, candidates=known) if len(known) <= OFFERED else Match(UNKNOWN)
    near = _near(reduced, names) if len(text) > 2 else ()  # codes are near to too much
    return Match(NEAR if near else UNKNOWN, candidates=near)


def is_total(text: str) -> bool:
    """Whether a text says all together, in a column that names one of many."""
    plain = text.strip().casefold()
    return plain in TOTALS or reduce(text) in TOTALS


def is_region(text: str) -> bool:
    """Whether a text names a continent, a part of one, a group of countries or the world."""
    plain = text.strip().casefold()
    return plain in regions() or re.sub(r"^(non|other)[ -]", "", plain) in GROUPS


def synonym(column: str, text: str, options: Iterable[str]) -> str:
    """The option that offices mean by a word or, for an age, by a number; empty where the dictionary has none."""
    known, plain = list(options), reduce(text)
    if column in ("age", "age_band"):
        column = "age"
        if found := AGE.fullmatch(plain_digits(text).casefold().strip()):
            return _age_band(int(found["age"]), bool(found["below"]), bool(found["above"] or found["more"]), known)
    if is_total(text) and "total" in known:
        return "total"
    said = _synonyms(column).get(plain, "")
    return next((option for option in said.split() if option in known), "")


AGE = re.compile(  # 17, <18, under 18, 18+, 18 years and over
    r"(?P<below><|under|below|less than)?(?P<above>>=?|≥|over|above)?\s*(?P<age>\d{1,3})\s*(?:years?|yrs?)?"
    r"\s*(?P<more>\+|(?:and|or)?\s*(?:over|above|older|more))?"
)


def _age_band(age: int, below: bool, above: bool, known: list[str]) -> str:
    """The band that an age lies in, or that an age with “under” or “and over” is; empty where none is."""
    if below or above:
        return next((band for band in known if band == (f"0-{age - 1}" if below else f"{age}+")), "")
    bands = [(band, re.fullmatch(r"(\d+)(?:-(\d+)|\+)", band)) for band in known]
    return next((b for b, ends in bands if ends and int(ends[1]) <= age <= int(ends[2] or 999)), "")


@lru_cache(maxsize=4)
def _synonyms(column: str) -> dict[str, str]:
    return {reduce(word): option for word, option in SYNONYMS.get(column, {}).items()}


@lru_cache(maxsize=2)
def _dictionary(countries: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Two-letter codes (also as “code TH”, for those in capitals), peoples, and names in the members' languages, as they are and
    without accents → every ISO3 key that they may mean."""
    meant: dict[str, set[str]] = {}
    for name, codes in in_many_languages(frozenset(countries)).items():
        for form in (name, reduce(name)):
            meant.setdefault(form, set()).update(codes)
        if len(name) == 2 and name.isascii():
            meant[f"code {name.upper()}"] = set(codes)
    coded = set().union(*meant.values())  # a people without a country of its own is near to none
    with PEOPLES.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["iso3"] in coded:
                meant.setdefault(reduce(row["label"]), set()).add(row["iso3"])
    for people_, code in MORE_PEOPLES.items():
        meant[people_] = {code}
    meant.pop("", None)
    return {name: tuple(sorted(codes)) for name, codes in meant.items()}


@lru_cache(maxsize=2)
def words_of_other_scripts(countries: tuple[str, ...]) -> frozenset[str]:
    """Names of countries in the members' languages and words of sex that hold more than ASCII, by which a code page is known."""
    words = (*in_many_languages(frozenset(countries)), *SYNONYMS["sex"])
    return frozenset(word.casefold() for word in words if not word.isascii())


def word(text: str, options: Mapping[str, str] | Iterable[str]) -> Match:
    """The option that a text names, by its id (exact) or its label (alias), else the nearest ids."""
    labels = dict(options) if isinstance(options, Mapping) else {option: option for option in options}
    plain = reduce(text)
    if text in labels:
        return Match(EXACT, text)
    names = {reduce(label): key for key, label in labels.items()} | {reduce(key): key for key in labels}
    if plain in names:
        return Match(ALIAS, names[plain])
    near = _near(plain, names)
    return Match(NEAR if near else UNKNOWN, candidates=near)


def meant(column: str, text: str, options: Mapping[str, str] | Iterable[str]) -> str:
    """The option of a list that offices mean by a word, or that is clearly nearest to it; empty where none is."""
    known = dict(options) if isinstance(options, Mapping) else list(options)
    if said := synonym(column, text, known):
        return said
    if column in ("age", "age_band") and re.search(r"\d", text):  # an age that no band is: “<18” is not near to 18+
        return ""
    match = word(text, known)
    return match.key or next(iter(match.candidates), "")


def reduce(text: str) -> str:
    """A name as it is compared: lower case, no accents, no punctuation, short forms written out, small words dropped."""
    plain = folded(re.sub(r"['’]s?\b", "", text.replace("&", " and "))).replace("ı", "i")
    words = re.findall(r"[^\W_]+", plain)
    return " ".join(full for w in words if w not in DROPPED for full in SHORT.get(w, w).split())


@lru_cache(maxsize=4)
def _table(names: tuple[tuple[str, str], ...]) -> dict[str, str]:
    table: dict[str, str] = {}
    for name, key in names:
        table.setdefault(reduce(name), key)
    table.pop("", None)
    return table


def _names(vocabulary: Catalog) -> dict[str, str]:
    """Reduced name → ISO3. Codes are left out: three letters are near to too much."""
    return _table(tuple((name, key) for name, key in vocabulary.iso3_by_name.items() if name != key.casefold()))


@lru_cache(maxsize=2048)
def _scored(text: str, names: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
    found = process.extract(text, names, scorer=fuzz.ratio, score_cutoff=100 * CLOSE, limit=None)
    return tuple(sorted(((score / 100, name) for name, score, _ in found), key=lambda pair: (-pair[0], pair[1])))


def _near(text: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """The key of the one name that is clearly nearest; also of a name that the text holds whole, or that begins with it (“Viet”)."""
    if not 2 <= len(text) <= LONGEST:
        return ()
    long = tuple(name for name in names if len(name) >= 5) if len(text) >= 5 else ()  # short words are like too many others
    scored = _scored(text, long) if long else ()
    best = [names[name] for ratio, name in scored if ratio >= scored[0][0] - WITHIN]
    if not best and len(text) >= 3:
        best = [
            key
            for name, key in names.items()
            if len(name) >= 4 and f" {name} " in f" {text} " or name.startswith(f"{text} ")
        ]
    found = tuple(dict.fromkeys(best))
    return found if len(found) == 1 else ()
