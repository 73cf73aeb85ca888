"""The format of a case file: its columns, its closed vocabularies, and which words a person may have meant."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from corridors import catalog
from corridors.catalog import people
from etl.submissions import nearest
from etl.submissions.values import MONTHS

SAID = tomllib.loads(Path(catalog.__file__).with_name("cases.toml").read_text(encoding="utf-8"))
COLUMNS = tuple(SAID["columns"])
STATES = ("report_state", "citizenship", "exploitation_country", "interception_country")
SHORT = re.compile(
    r"[A-Za-z0-9?.<>/+-]{1,3}|-?\d{1,4}([.,]\d+)?|(FY)?\d{4}[-–/]\d{2,4}|-|n/a|null|none|not known|#[A-Z0-9/!?]{1,9}", re.I
)  # names nobody
DATE = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4})( \d\d:\d\d(:\d\d)?)?"
    r"|\d{1,2}[- ][A-Za-z]{3}|[A-Za-z]{3}[- ]\d{2,4}"
)


@dataclass(frozen=True)
class Vocabulary:
    """What a case file may say: columns with their meaning, closed lists with theirs, codes of states."""

    columns: Mapping[str, str]
    required: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    meanings: Mapping[str, Mapping[str, str]]
    states: tuple[str, ...]
    first_year: int


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The vocabulary, made once of corridors/catalog/cases.toml and the countries of the catalog."""
    known = catalog.load()
    return Vocabulary(
        MappingProxyType(SAID["columns"]),
        tuple(SAID["required"]),
        MappingProxyType({name: tuple(values) for name, values in SAID["values"].items()}),
        MappingProxyType(SAID["values"]),
        tuple(code for code in known.countries if code != catalog.WORLD and code not in catalog.NO_PLACE),
        SAID["first_year"],
    )


def meant(column: str, found: str) -> str:
    """The value of the vocabulary that a person probably meant by `found`, or nothing where that is not clear."""
    text = found.strip()
    if column == "detected_month":
        return str(MONTHS.get(text.casefold(), ""))
    if column not in STATES:
        return nearest.meant(column, text, vocabulary().values.get(column, ()))
    near = _states(text)
    return near[0] if len(near) == 1 else ""


def _states(text: str) -> list[str]:
    match = nearest.country(text)
    return [code for code in (match.key, *match.candidates) if code in vocabulary().states]


def shown(column: str, found: str) -> str:
    """What may be printed of a value that is not of the format: the value, or only its length where it may name a person.

    A stray text in a closed column is often a name that slipped over from the column beside it; so it is shown only when
    it is short, looks like a number or a date, or is near to something known.
    """
    text = found.strip()
    if not text:
        return "an empty cell"
    plain = (
        SHORT.fullmatch(text)
        or DATE.fullmatch(text)
        or (len(text) <= 40 and (meant(column, text) or column in STATES and _states(text)))
        or _of_another_column(text)
    )
    if plain and not any(f.kind != people.NAME for f in people.found(text)):
        return f"“{text}”"
    return f"a text of {len(text)} characters (not repeated here: it may tell who somebody is)"


def _of_another_column(text: str) -> bool:
    word = text.casefold().replace(" ", "_")
    return any(word in values for values in vocabulary().values.values()) or catalog.load().find(text) is not None


def expected(column: str, latest: int) -> str:
    """What a cell of this column may hold, in words."""
    if column in STATES:
        return "an ISO3 code such as THA, or an empty cell for unknown"
    told = {
        "detected_year": f"a year from {vocabulary().first_year} to {latest}",
        "detected_month": "a month from 1 to 12, or an empty cell for unknown",
        "weight": "a whole number from 1 to 1,000,000, or an empty cell for 1",
        "record_id": "a pseudonym of 1 to 64 letters, digits and - _ . : / with at least one digit",
    }
    return told.get(column) or "one of " + ", ".join(vocabulary().values[column])
