"""Figures for statistical offices: SDMX 3.0, as a structure (SDMX-JSON) and its data (SDMX-CSV 2.0), both written by pysdmx.

Columns and code lists are those of the data package, so what its file of the asked ceiling does not hold is not here either.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pandas as pd
from pysdmx.io.csv.sdmx20.writer import write as csv_of
from pysdmx.io.json.sdmxjson2.writer.v2_0.structure import write as json_of
from pysdmx.io.pd import PandasDataset
from pysdmx.model import (
    Code,
    Codelist,
    Component,
    Components,
    Concept,
    ConceptScheme,
    Dataflow,
    DataStructureDefinition,
    DataType,
    ItemReference,
    Organisation,
    Role,
    Schema,
)
from pysdmx.model.dataflow import Group
from pysdmx.model.message import Header

from corridors.catalog import tlp
from corridors.store.queries import open_data

AGENCY, FLOW = "CORRIDORS", "FIGURES"
STRUCTURE, DATA = "sdmx-structure.json", "sdmx-figures.csv"
# SDMX's own codes where it has them: what is all, what does not apply, sexes, ages
STANDARD = {"total": "_T", "unknown": "_U", "other": "_O", "": "_Z", "female": "F", "male": "M"}
# SDMX's list of observation statuses, as far as it is used here, and which of ours each of them covers
OBS_STATUS = {
    "A": ("Normal value", ("reported", "zero", "derived", "corrected")),
    "E": ("Estimated value", ("estimated",)),
    "O": ("Missing value", ("not_reported",)),
    "P": ("Provisional value", ("provisional",)),
    "Q": ("Missing value; suppressed", ("masked",)),
}
OFFICIAL_VERSION = "2.2"
HIDDEN = "Q"  # also what is added up from parts of which some are hidden: it has bounds and no value


@dataclass(frozen=True)
class _Part:
    """One dimension, measure or attribute: the column of the figures that it holds, and the list of its codes where it has one."""

    id: str
    role: Role
    name: str
    column: str
    codes: str | None = None
    kind: DataType = DataType.STRING
    about: str = "O"  # what an attribute is said of: each observation, or all that share these dimensions
    required: bool = False

    def component(self, version: str) -> Component:
        owner = (
            f"SDMX:{self.codes}({OFFICIAL_VERSION})"
            if self.codes == "CL_OBS_STATUS"
            else f"{AGENCY}:{self.codes}({version})"
        )
        listed = f"urn:sdmx:org.sdmx.infomodel.codelist.Codelist={owner}"
        return Component(
            self.id,
            self.required or self.role == Role.DIMENSION,
            self.role,
            ItemReference("Concept", AGENCY, "CONCEPTS", version, self.id),
            local_dtype=self.kind,
            attachment_level=self.about if self.role == Role.ATTRIBUTE else None,
            local_enum_ref=listed if self.codes else None,
        )


def _said(column: str) -> str:
    return open_data.FIGURES.columns[column][2]


def _dimension(id: str, column: str, codes: str) -> _Part:
    return _Part(id, Role.DIMENSION, _said(column), column, codes)


def _attribute(id: str, column: str, codes: str | None = None, about: str = "O", **more) -> _Part:
    return _Part(id, Role.ATTRIBUTE, _said(column), column, codes, about=about, **more)


PARTS = (
    _dimension("REF_AREA", "place", "CL_AREA"),
    _dimension("COUNTERPART_AREA", "other_end", "CL_AREA"),
    _dimension("INDICATOR", "indicator", "CL_INDICATOR"),
    _dimension("SEX", "sex", "CL_SEX"),
    _dimension("AGE", "age", "CL_AGE"),
    _dimension("FORM", "form", "CL_FORM"),
    _dimension("SOURCE", "source", "CL_SOURCE"),
    _Part(
        "OCCURRENCE",
        Role.DIMENSION,
        "which of several figures that a publisher gives for the same; its wording tells them apart",
        "occurrence",
        kind=DataType.INTEGER,
    ),
    _Part(
        "TIME_PERIOD",
        Role.DIMENSION,
        "a year, a day, or a first day and how long",
        "period",
        kind=DataType.PERIOD,
    ),
    _Part("OBS_VALUE", Role.MEASURE, f"{_said('value')}; NaN there", "value", kind=DataType.DOUBLE, required=True),
    _Part(
        "OBS_STATUS",
        Role.ATTRIBUTE,
        "how the value came about, in SDMX's codes",
        "obs_status",
        "CL_OBS_STATUS",
        required=True,
    ),
    _attribute("STATUS", "status", "CL_STATUS", required=True),
    _attribute("LOWER_BOUND", "lower", kind=DataType.DOUBLE),
    _attribute("UPPER_BOUND", "upper", kind=DataType.DOUBLE),
    _attribute("UNIT_MEASURE", "unit", "CL_UNIT", "INDICATOR", required=True),
    _attribute("STOCK_FLOW", "stock_or_flow", about="INDICATOR", required=True),
    *(
        _attribute(f"USE_{use.upper()}", f"use_{use}", f"CL_USE_{use.upper()}", required=True)
        for use in ("level", "trend", "compare", "sum")
    ),
    _attribute("GRADE", "grade", "CL_GRADE", required=True),
    _attribute("GRADE_REASON", "grade_reason"),
    _Part("CAVEATS", Role.ATTRIBUTE, f"{_said('caveats')}, from CL_CAVEAT; “|” between them", "caveats", about="O"),
    _attribute("TLP", "tlp", "CL_TLP", required=True),
    _attribute("PUBLISHER", "publisher", about="SOURCE", required=True),
    _attribute("SOURCE_TITLE", "source_title", about="SOURCE", required=True),
    _attribute("SOURCE_EDITION", "source_edition", about="SOURCE"),
    _attribute("SOURCE_REFERENCE", "source_reference"),
    _attribute("PUBLISHERS_WORDING", "publishers_wording"),
    _attribute("FIGURE_ID", "figure_id", required=True),
)


def files(edition: str, dated: date, label: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, tuple[str, str, bytes]]:
    """Structure and data: name → title, media type, bytes. `tables`: the data package's, by their names, all cells as its CSV words them."""
    own = {"agency": AGENCY, "version": f"{dated.year}.{dated.month}.{dated.day}"}
    title = f"Corridors, edition {edition}, TLP:{label}"
    concepts = [Concept(part.id, name=part.id.replace("_", " ").capitalize(), description=part.name) for part in PARTS]
    components = Components([part.component(own["version"]) for part in PARTS])
    # What attributes are said of. (Without any group pysdmx 1.21 writes an empty list, which SDMX's schema forbids.)
    groups = [Group(id=f"OF_{each}", dimensions=[each]) for each in ("INDICATOR", "SOURCE")]
    definition = DataStructureDefinition(id=FLOW, name=title, components=components, groups=groups, **own)
    cite = f"TLP:{label} {tlp.MEANS[label]}. Cite the publishers, and: Corridors, edition {edition}."
    structure = json_of(
        [
            *_lists(own, tables),
            ConceptScheme(id="CONCEPTS", name="What a figure is described by", items=concepts, **own),
            definition,
            Dataflow(id=FLOW, name=title, description=cite, structure=definition, **own),
        ],
        header=Header(id=f"{AGENCY}-{edition}", prepared=datetime.combine(dated, time(), UTC), sender=Organisation(AGENCY)),
    )
    schema = Schema("dataflow", id=FLOW, components=components, **own)
    data = csv_of([PandasDataset(structure=schema, data=_rows(tables["figures"]))])
    media = "application/vnd.sdmx.{}+{};version=2.0.0".format
    return {
        STRUCTURE: (
            "Concepts, code lists and structure of the figures as SDMX",
            media("structure", "json"),
            structure.encode(),
        ),
        DATA: ("Figures as SDMX-CSV", media("data", "csv"), data.encode()),
    }


def _lists(own: Mapping[str, str], tables: Mapping[str, pd.DataFrame]) -> list[Codelist]:
    """Every code list: areas and units as the figures have them, statuses of SDMX, the others as the package words them."""
    rows, known = tables["figures"], tables["codes"]
    ends = [rows[[end, f"{end}_name"]].set_axis(["code", "label"], axis=1) for end in ("place", "other_end")]
    areas = pd.concat(ends).drop_duplicates("code").assign(meaning="")
    areas.loc[areas.code == "", "label"] = "no other end"
    lists = {
        "CL_AREA": areas.sort_values("code"),
        "CL_INDICATOR": tables["indicators"][["indicator", "name", "definition"]],
        "CL_UNIT": tables["indicators"][["unit", "unit", "unit"]].drop_duplicates(),
        "CL_SOURCE": tables["sources"][["source", "title", "citation"]],
        "CL_CAVEAT": tables["caveats"][["caveat", "title", "text"]],
    }
    for part in PARTS:
        if part.codes in lists or part.codes in (None, "CL_OBS_STATUS"):
            continue
        said = known[(known.column == part.column) & ~known.code.isin(("since", "before"))][["code", "label", "meaning"]]
        more = [(code, code, "") for code in sorted(set(rows[part.column]) - set(said.code))]  # a trend since some year
        lists[part.codes] = pd.concat([said, pd.DataFrame(more, columns=said.columns)])
    made = [
        Codelist(
            id=name,
            name=name.removeprefix("CL_").replace("_", " ").capitalize(),
            items=[Code(code_of(code), name=label, description=text or None) for code, label, text in each.to_numpy()],
            **own,
        )
        for name, each in lists.items()
    ]
    statuses = [Code(code, name=name) for code, (name, _) in OBS_STATUS.items()]
    official = {"agency": "SDMX", "version": OFFICIAL_VERSION, "is_partial": True}
    return [*made, Codelist(id="CL_OBS_STATUS", name="Observation status", items=statuses, **official)]


def code_of(value: str) -> str:
    """A value as an SDMX code: letters, digits and “_”, “-”, “@”, “$” only."""
    if value in STANDARD:
        return STANDARD[value]
    if years := re.fullmatch(r"(\d+)(?:-(\d+)|\+)", value):
        first, last = years.groups()
        return f"Y{first}T{last}" if last else f"Y_GE{first}"
    return re.sub(r"[^A-Za-z0-9_@$-]", "_", value)


def _rows(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures as observations, by their dimensions; a column for each part."""
    official = {ours: code for code, (_, covered) in OBS_STATUS.items() for ours in covered}
    hidden = (figures.value == "") & (figures.status != "not_reported")
    periods = figures.period_start + "/" + figures.period_end
    rows = figures.assign(
        period=periods.map({each: _period(*map(date.fromisoformat, each.split("/"))) for each in periods.unique()}),
        obs_status=figures.status.map(official).mask(hidden, HIDDEN),
    )
    keys = [part.column for part in PARTS if part.role == Role.DIMENSION and part.column != "occurrence"]
    rows = rows.sort_values([*keys, "publishers_wording", "source_reference", "figure_id"], ignore_index=True)
    rows["occurrence"] = rows.groupby(keys).cumcount() + 1
    made = {}
    for part in PARTS:
        cells = rows[part.column]
        if part.codes and part.codes != "CL_OBS_STATUS":
            cells = cells.map({value: code_of(value) for value in cells.unique()})
        made[part.id] = pd.to_numeric(cells) if part.kind == DataType.DOUBLE else cells
    return pd.DataFrame(made)


def _period(first: date, last: date) -> str:
    """A period as SDMX writes it: a year, a day, or the first day and how many years or days."""
    after = last + timedelta(days=1)
    if first == last:
        return f"{first}"
    if (first.month, first.day) != (after.month, after.day):
        return f"{first}/P{(after - first).days}D"
    whole = after.year - first.year
    return f"{first.year}" if (whole, first.month, first.day) == (1, 1, 1) else f"{first}/P{whole}Y"
