"""The vocabulary's shapes: frozen dataclasses that mirror the TOML files beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Member:
    """One of the 45 members: ISO3 key, names, where it lies, and how sure its membership is."""

    iso3: str
    name: str  # UN short name
    listed_as: str  # the wording of the membership list that was read
    subregion: str  # UN M49
    capital: str
    lat: float  # town-level, WGS 84
    lon: float
    ad_hoc_group: bool
    verified: bool
    verified_from: str
    short_name: str = ""  # only where the name is long
    aliases: tuple[str, ...] = ()
    note: str = ""
    kind: str = "state"  # state, special administrative region, territory


@dataclass(frozen=True)
class Country:
    """Any place that can stand at the other end of a corridor: ISO3 (or an agreed code) and UN short name."""

    iso3: str
    name: str
    m49: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Theme:
    """What is asked about a member, and what part of its page answers it."""

    id: str
    title: str
    tab: str  # a word or two for a button
    part: str  # of a member's page: one or two themes
    question: str
    who_could_provide: str
    in_coverage: bool = True  # counted in the table of what is known of whom


@dataclass(frozen=True)
class Indicator:
    """One counted quantity: its unit, whether stock or flow, and what the two ends of a corridor mean for it."""

    id: str
    name: str
    theme: str
    unit: str  # a key of units in indicators.toml
    stock_or_flow: str
    definition: str
    place_role: str  # what iso3 is: "country of detection", "country of asylum"
    partner_role: str = ""  # what partner_iso3 is: "citizenship", "country of origin"
    iccs: str = ""
    short_name: str = ""
    adds_over_partners: bool = False  # may a total over partners be derived?
    adds_over_members: bool = False  # may a regional sum be shown at all?
    headline: int = 0  # order among the headline cards; 0 = not one of them
    headline_view: str = "place"  # "place" or "partner": which end the members stand at
    spoken: str = ""  # "{value} … in {period}": how an official would say it
    order: int = 0
    decimals: int = 0
    kind: str = "count"  # or "measure": a rate, an index, an amount of money; may be negative
    chance: bool = False  # independent events: the count has an interval of chance (Poisson). People come in groups: none
    tested: bool = True  # is a trend tested? Not where growth is the rule everywhere, so that a rise says nothing
    main: bool = True  # stands on a corridor's page; the others are detail
    outlook: bool = False  # are its yearly series looked ahead with?


@dataclass(frozen=True)
class CaveatRule:
    """What a caveat applies to. Empty fields match everything; a rule with all fields empty is refused."""

    indicators: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    members: tuple[str, ...] = ()  # at either end unless `end` says which; WLD = sums over all places
    end: str = ""  # "place" or "partner": where the member must stand
    statuses: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    first_year: int = 0  # 0 = no bound
    last_year: int = 0
    when: str = ""  # what the build must have found out about the figure; one of catalog.WHEN


@dataclass(frozen=True)
class Caveat:
    """A limit of a figure, in plain words, with what would remove it."""

    id: str  # C01 …
    title: str  # a few words, fit for a badge
    text: str
    family: str
    severity: int  # 3 changes the meaning, 2 limits comparison, 1 worth knowing
    remedy: str
    uses: Mapping[str, str] = field(default_factory=dict)  # use → the answer that it limits it to; see uses.py
    applies: tuple[CaveatRule, ...] = ()
    applies_later: str = ""  # what will carry it, while nothing in the tables does


@dataclass(frozen=True)
class Factor:
    """Something that the literature says pushes people out, draws them in, or makes it easier; and what stands for it."""

    id: str
    name: str
    side: str  # push, pull, pair, enabler, modulator
    ends: tuple[str, ...]  # origin, transit, destination, corridor
    mechanism: str
    literature: tuple[str, ...]
    indicators: tuple[str, ...]  # ids; "@partner" reads the other end; none = named but unmeasured
    worse: Mapping[str, str]  # indicator → "higher" or "lower": the direction of more pressure or draw
    cannot_say: str
    who_could_measure: str


@dataclass(frozen=True)
class Measure:
    """What a member may report in its briefing: the counted thing, what it is part of, and what it can be laid beside."""

    id: str
    name: str
    unit: str  # a key of units, in indicators.toml or measures.toml
    crime: str  # smuggling, trafficking, both: never added across
    stage: str  # a key of stages in measures.toml
    definition: str
    differs: str  # why it need not agree with the international figure, or why there is none
    part_of: str = ""  # the measure that holds this one
    after: str = ""  # the measure of the stage before: the same people seldom pass both in one period
    confused_with: str = ""  # a measure of another counted thing that is easily typed for this one
    compares_with: str = ""  # an indicator
    partner_role: str = ""  # what the other end is; empty = none is asked
    by_form: bool = False  # may be split by form of exploitation
    iccs: str = ""
    caveats: tuple[str, ...] = ()  # carried by every figure of it


@dataclass(frozen=True)
class Sea:
    """A sea in which drownings are counted by month."""

    id: str
    name: str
    box: tuple[float, float, float, float]  # west, south, east, north


@dataclass(frozen=True)
class Status:
    """What a cell of the figure table is: reported, zero, masked … never mixed."""

    id: str
    label: str
    meaning: str


@dataclass(frozen=True)
class SeriesBreak:
    """A year from which a series can no longer be compared with what came before."""

    year: int  # first year of the new series
    reason: str
    sources: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    kind: str = "break"  # or "change": the numbers did change so, however far; nothing is cut


@dataclass(frozen=True)
class Source:
    """A publisher's data set as described in `etl/sources/<id>/source.toml`."""

    id: str
    title: str
    publisher: str
    licence: str
    licence_url: str
    attribution: str
    address: str  # a page where a reader can check
    cadence: str
    edition: str  # the release that the imported figures come from
    released: str  # ISO date of that release
    method: str
    method_class: str  # how its figures come about, a key of statistics.quality.METHOD
    reliability: str  # Admiralty letter of the source
    credibility: str  # Admiralty digit of its figures unless a figure says otherwise
    tlp: str
    limits: str
    methods: dict = field(default_factory=dict)  # indicator → another class than the source's
    every_days: int | None = None  # about how many days lie between two releases; None where there is no rhythm
    downloads: tuple[Download, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Download:
    """One file of a source at the publisher's own address."""

    file: str  # name under data/originals/<source>/
    url: str
    kind: str  # file, linked_file, unhcr_pages or inform_scores; see etl/refresh.py
    options: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Agreement:
    """Two series that the build compares; `by` of the second names the breakdown whose parts are added up."""

    id: str
    title: str
    first: Mapping[str, str]  # indicator, source
    second: Mapping[str, str]  # indicator, source and, for parts, by
    relation: str
    independent: bool
    doubts: str
    reason: str

    @property
    def by(self) -> str:
        """The breakdown of the second series; empty when totals are compared."""
        return self.second.get("by", "")
