"""Faults of words: a place or an id that the catalog does not know, with what it may have meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from corridors.catalog import NO_PLACE, people
from corridors.problems import WARNING, Problem
from etl.briefings.model import At, Column, Vocabulary
from etl.submissions import nearest

SHOWN = 60  # characters of a cell that a message repeats


def quoted(text: str) -> str:
    """A cell's text for a message: in quotation marks and short, or masked where it may tell who a person is."""
    if not text.strip():
        return "an empty cell"
    return people.shown(text, SHOWN)


def shown(number: float | None) -> str:
    """A number for a message: separators, and decimals only where it has any."""
    if number is None:
        return "nothing"
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,}"


def place(text: str, at: At, column: str, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Faults of a place: none for a code, a warning for another name, an error naming the nearest for anything else."""
    catalog = vocabulary.catalog
    match = nearest.country(text, catalog)
    if match.accepted:
        # The reader keeps the code; what was typed stands beside it.
        typed = at.raw.get(column, "")
        if text != match.key:
            typed = text
        elif not typed or "," in typed or "|" in typed or ";" in typed:
            return
        how = nearest.country(typed, catalog)
        if how.key == match.key and how.how == nearest.ALIAS and match.key not in NO_PLACE:
            name = catalog.place_name(match.key)
            kept = text == match.key
            told = {"level": WARNING, "how_to_fix": f"It was taken as {name}; write it so, to be sure."} if kept else {}
            yield at.fault("place-alias", column, said=quoted(typed), name=name, iso3=match.key, **told)
        return
    rule = "place-near" if match.how == nearest.NEAR else "place-unknown"
    if nearest.is_total(text) or nearest.is_region(text):
        rule = "place-total" if nearest.is_total(text) else "place-region"
    meant = " or ".join(f"{catalog.place_name(key)} ({key})" for key in match.candidates)
    yield at.fault(rule, column, said=quoted(text), meant=meant)


def one(text: str, options: Mapping[str, str], at: At, column: Column) -> Iterator[Problem]:
    """A fault where `text` is none of the ids of a list; it names the nearest."""
    if text in options:
        return
    near = nearest.meant(column.id, text, options)
    named = f"{near} ({options[near]})" if near and options[near] != near else near
    meant = f"Did you mean {named}?" if near else ""
    yield at.fault("word-unknown", column.id, said=quoted(text), listed=column.options, how_to_fix=meant)
