"""Every code that the data holds has one word, in one table of the catalog: no medium may come upon a code it cannot say."""

from corridors import catalog
from corridors.catalog import words
from corridors.charts.route_map import DASHES
from corridors.store.queries import actions, figures, routes


def test_every_code_of_the_edition_has_a_word(edition_id):
    described, legs = routes.routes(edition_id), routes.legs(edition_id)
    periods, parties = actions.actions(edition_id), actions.participants(edition_id)
    library = catalog.load()
    codes = {
        "crime": (set(described.crime) | set(legs.crime), words.CRIME),
        "strength": (set(described.strength) | set(legs.strength), words.STRENGTH),
        "how strong": (set(described.strength), words.STRENGTH_MEANS),
        "mode": (set(legs["mode"]), words.MODE),
        "form": ({form for forms in described.forms for form in forms}, words.ROUTE_FORM),
        "role": (set(parties.role), words.ACTION_ROLE),
        "certainty": (set(parties.certainty) | set(periods.certainty), words.CERTAINTY),
        "side": ({factor.side for factor in library.factors.values()}, words.FACTOR_SIDE),
        "severity": ({caveat.severity for caveat in library.caveats.values()}, words.SEVERITY),
        "grade": (set(figures.latest_totals(edition_id, "THA").grade), words.GRADE_COLOUR),
    }
    for name, (held, table) in codes.items():
        assert held, f"no {name} is held, so this test says nothing of it"
        assert held <= set(table), (name, held - set(table))
    assert set(words.STRENGTH) == set(words.STRENGTH_MEANS) == set(DASHES) and set(words.GRADE) == set(words.GRADE_COLOUR)
