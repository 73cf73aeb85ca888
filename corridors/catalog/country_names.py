"""Names and two-letter codes of countries in the members' languages, from CLDR (Babel)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from babel import Locale, localedata
from babel.core import get_global
from babel.languages import get_official_languages

from corridors.catalog.person_names import LANGUAGES

# Official long names that CLDR has not, and what stands before or after the short one in names of countries.
OFFICIAL = {
    "中华人民共和国": "CHN",
    "中華人民共和國": "CHN",
    "中華人民共和国": "CHN",
    "日本国": "JPN",
    "日本國": "JPN",
    "大韓民国": "KOR",
    "大韩民国": "KOR",
    "大韓民國": "KOR",
    "朝鲜民主主义人民共和国": "PRK",
    "朝鮮民主主義人民共和国": "PRK",
    "조선민주주의인민공화국": "PRK",
}
BRACKETED = re.compile(r"(.+?)\s*[(（].+[)）]")
COUNTRY_OF = ("ประเทศ", "ປະເທດ", "ប្រទេស")
LATIN = ("en", "fr", "es", "pt", "id", "ms", "vi", "tr", "fil")


@lru_cache(maxsize=2)
def in_many_languages(iso3: frozenset[str]) -> Mapping[str, frozenset[str]]:
    """Case-folded name or two-letter code → the ISO3 keys that it may mean, of those asked for; 40 languages."""
    three = {two[0]: code for code, two in get_global("territory_aliases").items() if code in iso3 and len(code) == 3}
    meant: dict[str, set[str]] = {}
    for two, code in three.items():
        meant.setdefault(two.casefold(), set()).add(code)
    for language in (*LATIN, *LANGUAGES):
        for two, name in Locale.parse(language).territories.items():
            if two in three:
                outside = BRACKETED.fullmatch(name)  # “Myanmar (Burma)” is Myanmar too
                for said in (name, *(outside.groups() if outside else ())):
                    meant.setdefault(said.casefold(), set()).add(three[two])
    for name, code in OFFICIAL.items():
        if code in iso3:
            meant.setdefault(name, set()).add(code)
    for name in list(meant):
        for word in COUNTRY_OF:
            if name and ord(name[0]) >> 7 == ord(word[0]) >> 7:  # of the same script
                meant.setdefault(word + name, set()).update(meant[name])
    return MappingProxyType({name: frozenset(codes) for name, codes in meant.items()})


def own_names(iso3: str) -> list[str]:
    """What a country is called in its own official languages, as CLDR writes it: ไทย, Việt Nam; those that it knows."""
    two = next((two[0] for code, two in get_global("territory_aliases").items() if code == iso3), "")
    spoken = [language for language in get_official_languages(two, de_facto=True) if localedata.exists(language)]
    return list(dict.fromkeys(filter(None, (Locale.parse(language).territories.get(two) for language in spoken))))


@lru_cache(maxsize=1)
def regions() -> frozenset[str]:
    """Continents, their parts and the world, as CLDR calls them in the same languages, case-folded."""
    named = (Locale.parse(language).territories.items() for language in (*LATIN, *LANGUAGES))
    return frozenset(name.casefold() for names in named for code, name in names if code.isdecimal())
