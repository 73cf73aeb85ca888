"""An address restores everything: whoever opens what another sent sees the same page, equal in every number."""

import re

import pytest

# A matrix over every kind of choice that an address carries: members, partners, periods, filters, parts, selections.
MATRIX = [
    ("", {}),
    ("", {"member": "Fiji", "behind": "detected_victims"}),
    ("member", {"member": "Thailand"}),
    ("member", {"member": "Thailand", "theme": "displacement", "corridor": "refugees.partner", "intervals": "false"}),
    ("member", {"member": "Nauru", "theme": "missing"}),
    ("member", {"member": "AUS", "theme": "briefings"}),
    ("member", {"member": "Iran (Islamic Republic of)", "theme": "deaths"}),
    ("member", {"member": "Türkiye", "theme": "smuggling"}),
    ("routes", {"member": "Thailand", "route": "R10"}),
    ("routes", {"crime": "Trafficking", "mode": "Sea", "least": "Fair"}),
    ("routes", {"show": "Both", "member": "Bangladesh", "incident_years": ["2020", "2024"]}),
    ("routes", {"view": "Corridor", "origin": "Myanmar", "destination": "Bangladesh"}),
    ("routes", {"view": "corridor", "origin": "VNM", "destination": "AUS"}),
    ("factors", {"member": "Sri Lanka", "end": "destination"}),
    ("factors", {"factors": "early"}),
    ("expected", {"model": "stock"}),
    ("routes", {"view": "networks", "crime": "trafficking"}),
    ("cases", {"by": ["form", "sex"], "member": "Philippines", "whose": "citizenship"}),
    ("cases", {"by": "detected_year"}),
    ("quality", {"theme": "displacement"}),
    ("quality", {"part": "first", "member": "Malaysia"}),
    ("quality", {"part": "conflicts", "kind": "record"}),
    ("quality", {"part": "conflicts", "verdicts": "compared", "member": "Pakistan"}),
    ("quality", {"part": "Scorecard"}),
    ("quality", {"part": "words"}),
    ("multiple-systems", {}),
    ("action", {"period": "2015", "member": "Indonesia"}),
    ("action", {"action_part": "plans"}),
    ("action", {"action_part": "planning", "plan_from": "Myanmar", "plan_to": "Thailand"}),
    ("action", {"action_part": "lessons"}),
    ("action", {"action_part": "practices", "practice_part": "scenarios"}),
    ("member", {"member": "Tonga", "take": "open", "take_theme": "displacement"}),
    ("meeting", {}),
]


def seen(app, walk) -> list[tuple[str, str]]:
    """Every word, number, table and chart on the page, in order."""
    found = []
    for _, element in walk(app.main):
        if element.type in ("arrow_data_frame", "dataframe", "table"):
            found.append((element.type, element.value.to_csv()))
        elif element.type == "plotly_chart":
            found.append((element.type, element.proto.spec))
        elif element.type == "metric":
            found.append((element.label, element.value))
        elif hasattr(element, "value"):
            # the address in a citation is that of this view, which may say by now what it left to the page before
            found.append((element.type, re.sub(r"\*\*Cite as:\*\* .*", "", str(element.value))))
    return found


def plain(address) -> dict:
    """The address as it stands in the browser, one value or a list for each key."""
    return {
        key: values[0] if isinstance(values, list) and len(values) == 1 else values for key, values in dict(address).items()
    }


@pytest.mark.parametrize(("page", "address"), MATRIX)
def test_what_the_address_says_afterwards_opens_the_same_page_in_every_number(open_page, walk, page, address):
    first = open_page(page, **address)
    assert not first.exception, [e.message for e in first.exception]
    assert not [w.value for w in first.warning if "address" in w.value], "the matrix names something that is gone"
    sent = plain(first.query_params)
    again = open_page(page, **sent)
    assert not again.exception and not [w.value for w in again.warning if "address" in w.value]
    assert plain(again.query_params) == sent
    assert seen(again, walk) == seen(first, walk) and len(seen(first, walk)) > 3
    assert [h.value for h in again.title] == [h.value for h in first.title]


def test_the_address_leaves_out_what_nobody_chose(open_page):
    assert plain(open_page("quality").query_params) == {} and plain(open_page("member", member="Fiji").query_params) == {
        "member": "Fiji"
    }
