"""What the makers of slides share: a figure as a fact, and the foot that limits it."""

import pandas as pd

from corridors.catalog import uses, words
from corridors.export.slides.model import Fact
from corridors.views.figure import Card, caveats_of, period_of, source_of, uses_of

NOT_ZERO = "That is not zero: no source imported here has published a figure."
NOT_PREVALENCE = "Recorded figures show what authorities and agencies found, not how much there is"


def fact(card: Card) -> Fact:
    """A card as a fact of a slide."""
    line = (
        f"{card.unit}, {card.period}"
        + (f" ({card.status.lower()})" if card.status else "")
        + (f"; {card.note.replace('**', '')}" if card.note else "")
    )
    return Fact(
        card.label,
        card.amount,
        line,
        words.GRADE[card.limits.grade],
        card.limits.most_serious,
        card.publisher,
        card.limits.use,
    )


def foot(rows: pd.DataFrame) -> dict:
    """Sources, period, unit, grade and most serious limit of the rows on a slide, and what the notes add."""
    if rows.empty:
        return {}
    newest = rows.sort_values("year").tail(1) if rows.indicator_id.nunique() == 1 else rows
    used = {uses.short(uses_of(row)) for row in newest.itertuples() if uses_of(row)}
    last = next(rows.tail(1).itertuples())
    codes = {code for row in rows.itertuples() for code in row.caveats}
    caveats = caveats_of(codes)
    return {
        "sources": tuple(dict.fromkeys(source_of(r) for r in rows.itertuples())),
        "period": span(rows),
        "unit": words.listing(list(dict.fromkeys(rows.unit_many))),
        "grade": grades(rows),
        "limit": caveats[0].title if caveats else "",
        "use": used.pop() if len(used) == 1 else "",
        "labels": list(rows.tlp),
        "details": (
            *([f"{uses.short(uses_of(last))} ({last.indicator})"] if uses_of(last) else []),
            f"{words.GRADE[last.grade]}. {last.grade_reason}.",
            *(f"{c.title}: {c.text}" for c in caveats),
        ),
    }


def grades(rows: pd.DataFrame) -> str:
    """The grade of one series is that of its newest figure; of several things, all letters."""
    if rows.indicator_id.nunique() == 1:
        return words.GRADE[rows.sort_values("year").grade.iloc[-1]]
    letters = sorted(set(rows.grade))
    return words.GRADE[letters[0]] if len(letters) == 1 else "Grades " + words.listing(letters) + ", each beside its figure"


def span(rows: pd.DataFrame) -> str:
    """First to last year of the rows, or the period of a single one."""
    if len(rows) == 1:
        return period_of(next(rows.itertuples()))
    first, last = int(rows.year.min()), int(rows.year.max())
    return str(last) if first == last else f"{first}–{last}"
