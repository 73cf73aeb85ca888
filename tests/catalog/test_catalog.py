"""The vocabulary: 45 members, what is counted, the caveats; and that a slip of the pen is refused by name."""

from __future__ import annotations

import shutil
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from corridors import catalog
from etl import pipeline
from etl.frames import FORMS
from tests.etl.sources.reader import spoil

MEMBERS = """AFG AUS BGD BTN BRN KHM CHN PRK FJI NCL HKG IND IDN IRN IRQ JPN JOR KIR LAO MAC MYS MDV MNG MMR NRU NPL NZL
PAK PLW PNG PHL KOR WSM SGP SLB LKA SYR THA TLS TON TUR ARE USA VUT VNM""".split()
AD_HOC_GROUP = "AFG AUS BGD IND IDN LKA MYS MDV MMR NZL PAK PHL THA ARE USA VNM".split()
# The codes of the caveat library that the Working Group's reference names, by family of figures.
CAVEATS = """C01 C02 C03 C04 C05 C06 C10 C11 C12 C13 C20 C21 C22 C23 C30 C31 C32 C33 C34 C40 C41 C42 C43 C50 C51 C52 C60
C61 C70 C71 C72 C73 C80 C81 C90 C98 C99""".split()


@pytest.fixture(scope="module")
def vocabulary():
    return catalog.load()


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the vocabulary that a test may spoil."""
    copy = tmp_path / "catalog"
    copy.mkdir()
    for path in [*catalog.HERE.glob("*.toml"), *catalog.HERE.glob("*.csv")]:
        shutil.copy(path, copy)
    return copy


def fault(folder: Path) -> str:
    with pytest.raises(catalog.CatalogFault) as refused:
        catalog.load(folder)
    return str(refused.value)


def test_the_members_are_the_45_of_the_bali_process_of_which_16_form_the_ad_hoc_group(vocabulary):
    assert sorted(vocabulary.members) == sorted(MEMBERS) and len(MEMBERS) == 45
    assert {i for i, m in vocabulary.members.items() if m.ad_hoc_group} == set(AD_HOC_GROUP) and len(AD_HOC_GROUP) == 16
    assert {vocabulary.members[i].kind for i in ("HKG", "MAC")} == {"special administrative region"}
    assert "FRA" not in vocabulary.members and "France" in vocabulary.members["NCL"].listed_as
    assert vocabulary.find("France") == "FRA" and "FRA" in vocabulary.countries


def test_every_member_says_where_it_was_verified_and_has_a_capital_on_earth_to_town_level_and_no_finer(vocabulary):
    for member in vocabulary.members.values():
        assert member.verified_from.strip() and isinstance(member.verified, bool), member.iso3
        assert member.capital and member.subregion and member.name
        assert -60 < member.lat < 60 and -180 <= member.lon <= 180
        assert member.lat == round(member.lat, 2) and member.lon == round(member.lon, 2), member.iso3
    east = {i for i, m in vocabulary.members.items() if m.lon < 0}
    assert east == {"USA", "WSM", "TON"}, "each on its side of the antimeridian"


CALLED = {
    "MMR": ["Burma", "myanmar"],
    "TUR": ["Türkiye", "Turkey"],
    "VNM": ["Viet Nam", "Vietnam"],
    **{
        "LAO": ["Laos"],
        "HKG": ["Hong Kong"],
        "THA": ["  THA "],
        "IRN": ["Iran"],
        "KOR": ["South Korea"],
        "PRK": ["North Korea"],
    },
    **{"MAC": ["Macau"], "TLS": ["East Timor"], "SYR": ["Syria"], "BRN": ["Brunei"], None: ["Atlantis", ""]},
}


@pytest.mark.parametrize(("iso3", "said"), [(iso3, said) for iso3, names in CALLED.items() for said in names])
def test_a_member_is_found_under_the_name_that_people_use_and_what_nobody_knows_is_not_guessed(vocabulary, iso3, said):
    assert vocabulary.find(said) == iso3


def test_no_name_leads_to_two_countries(vocabulary):
    owners: dict[str, set[str]] = {}
    for place in [*vocabulary.countries.values(), *vocabulary.members.values()]:
        for name in (place.name, *place.aliases):
            owners.setdefault(name.casefold(), set()).add(place.iso3)
    assert not {name: who for name, who in owners.items() if len(who) > 1}


def test_every_place_prints_a_name_even_the_ends_that_are_no_country(vocabulary):
    for iso3 in [*MEMBERS, "FRA", catalog.WORLD, catalog.UNKNOWN, catalog.STATELESS, catalog.OTHER]:
        assert vocabulary.place_name(iso3) not in ("", iso3)


def test_every_indicator_says_unit_theme_definition_and_whether_stock_or_flow(vocabulary):
    for indicator in vocabulary.indicators.values():
        assert indicator.unit in vocabulary.units and indicator.theme in vocabulary.themes
        assert indicator.stock_or_flow in ("stock", "flow")
        assert len(indicator.definition) > 40 and indicator.place_role, indicator.id
    for theme in vocabulary.themes.values():
        assert theme.question.endswith("?") and len(theme.who_could_provide) > 20


def test_trafficking_and_smuggling_carry_the_codes_of_the_international_classification(vocabulary):
    of = {i.id: i.iccs for i in vocabulary.indicators.values() if i.iccs}
    assert of["detected_victims"] == of["persons_convicted"] == of["trafficking_offences"] == "0204"
    assert of["smuggling_offences"] == "08051" and set(of.values()) == {"0204", "08051"}


def test_events_victims_perpetrators_persons_movements_and_cases_are_different_units(vocabulary):
    wanted = {"event", "victim", "perpetrator", "person", "person-movement", "case"}
    assert wanted <= set(vocabulary.units)
    assert len({(u["one"], u["meaning"]) for u in vocabulary.units.values()}) == len(vocabulary.units)


def test_a_stock_is_never_told_as_a_flow(vocabulary):
    warned = {i for rule in vocabulary.caveats["C73"].applies for i in rule.indicators}
    assert {"refugees", "asylum_seekers", "stateless_persons", "internally_displaced"} <= warned
    assert all(vocabulary.indicators[i].stock_or_flow == "stock" for i in warned)
    counted = {i.id for i in vocabulary.indicators.values() if i.stock_or_flow == "stock" and i.theme == "displacement"}
    assert counted <= warned


def test_five_figures_head_the_region_in_a_fixed_order(vocabulary):
    heads = sorted((i.headline, i.id) for i in vocabulary.indicators.values() if i.headline)
    wanted = "detected_victims persons_convicted smuggling_offences asylum_applications_new deaths_and_disappearances"
    assert [i for _, i in heads] == wanted.split()


def test_the_statuses_of_a_cell_are_those_of_the_house_with_zero_masked_and_not_reported(vocabulary):
    assert {"reported", "zero", "masked", "not_reported", "estimated", "derived", "corrected", "provisional"} == set(
        vocabulary.statuses
    )
    assert len({s.label for s in vocabulary.statuses.values()}) == len(vocabulary.statuses)


def test_every_caveat_says_what_would_remove_it_and_none_of_the_references_is_missing(vocabulary):
    assert not set(CAVEATS) - set(vocabulary.caveats)
    for caveat in vocabulary.caveats.values():
        assert caveat.title and len(caveat.text) > 40 and len(caveat.remedy) > 10 and caveat.severity in (1, 2, 3)
        assert bool(caveat.applies) != bool(caveat.applies_later), caveat.id


def test_caveats_and_breaks_name_only_sources_and_forms_that_exist(vocabulary):
    sources = {p.parent.name for p in pipeline.SOURCES.glob("*/source.toml")}
    for rule in [r for c in vocabulary.caveats.values() for r in c.applies]:
        assert set(rule.sources) <= sources and set(rule.forms) <= set(FORMS)
    assert all(set(b.sources) <= sources for b in vocabulary.breaks)
    assert [(b.year, b.sources) for b in vocabulary.breaks if "unodc_glotip" in b.sources] == [(2017, ("unodc_glotip",))]


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("caveats.toml", '[{ indicators = ["detected_victims"] }]', "[{ }]", ["C01", "names nothing"]),
        ("caveats.toml", '"detected_victims"', '"detected_victim"', ["C01", "unknown indicator “detected_victim”"]),
        ("caveats.toml", 'members = ["AUS"]', 'members = ["AUT"]', ["C17", "unknown member “AUT”"]),
        ("caveats.toml", 'statuses = ["estimated"]', 'statuses = ["guessed"]', ["C70", "unknown status “guessed”"]),
        ("caveats.toml", "severity = 3", "severity = 7", ["C01", "severity", "7"]),
        ("caveats.toml", 'applies = [{ indicators = ["detected_victims"] }]', "", ["C01", "applies to nothing"]),
        ("caveats.toml", 'remedy = "', 'cure = "', ["C01", "unknown field “cure”", "remedy"]),
        ("indicators.toml", 'unit = "victim"', 'unit = "victims"', ["detected_victims", "unit “victims”"]),
        ("indicators.toml", 'theme = "victims"', 'theme = "victim"', ["detected_victims", "theme “victim”"]),
        ("indicators.toml", 'stock_or_flow = "flow"', 'stock_or_flow = "both"', ["detected_victims", "stock or flow"]),
        ("indicators.toml", "headline = 1", "head_line = 1", ["detected_victims", "unknown field “head_line”"]),
        ("indicators.toml", 'definition = "', 'meaning = "', ["detected_victims", "definition"]),
        ("members.toml", "lat = ", "latitude = ", ["unknown field “latitude”"]),
        ("members.toml", "lat = ", "lat = 9", ["coordinates out of range"]),
        ("breaks.toml", 'sources = ["unodc_glotip"]', 'indicators = ["victims"]', ["2017", "“victims”"]),
        ("breaks.toml", "reason = ", "why = ", ["unknown field “why”"]),
        ("members.toml", '"', "", ["catalog/members.toml", "line"]),
    ],
)
def test_a_slip_of_the_pen_is_refused_by_name(folder, file, old, new, says):
    spoil(folder / file, old, new)
    text = fault(folder)
    assert all(part in text for part in [file, *says])


def test_all_slips_are_told_at_once(folder):
    spoil(folder / "caveats.toml", "severity = 3", "severity = 9")
    spoil(folder / "indicators.toml", 'unit = "victim"', 'unit = "head"')
    text = fault(folder)
    assert "severity" in text and "“head”" in text


def test_a_source_with_an_unknown_field_is_refused_by_name(tmp_path):
    card = tmp_path / "unhcr" / "source.toml"
    card.parent.mkdir()
    card.write_text((pipeline.SOURCES / "unhcr" / "source.toml").read_text(encoding="utf-8"), encoding="utf-8")
    spoil(card, "licence = ", "license = ")
    with pytest.raises(catalog.CatalogFault, match="unhcr/source.toml.*license"):
        catalog.read_source(card)


def test_nobody_can_change_the_vocabulary_while_it_is_in_use(vocabulary):
    with pytest.raises(TypeError):
        vocabulary.members["FRA"] = None
    with pytest.raises(FrozenInstanceError):
        vocabulary.members["THA"].name = "Siam"
