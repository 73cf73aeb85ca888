"""Everything that is open to other programs as one data package: CSV, Parquet and SDMX, described for four kinds of catalogue.

The descriptor is a Frictionless Data Package (version 1); the same is said as DCAT (JSON-LD) and Croissant. All is read from the file of
the asked ceiling, and the same edition gives the same bytes: nothing in it tells when, or by whom, it was made.
"""

import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from corridors import catalog
from corridors.catalog import tlp, uses, words
from corridors.export import sdmx
from corridors.store import labels
from corridors.store.queries import figures, open_data

NAME = "corridors"
OWN_LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}
PACKED_FROM = 5_000_000  # bytes of a CSV above which it is compressed
BETWEEN = "|"  # the items of a list in a CSV
# the earliest that a ZIP can say: an entry's own date would differ from one making to the next, and so would the bytes
UNPACKED_DATE = (1980, 1, 1, 0, 0, 0)
CONTEXTS = {
    "dcat": {
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "spdx": "http://spdx.org/rdf/terms#",
    },
    "croissant": {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "extract": "cr:extract",
        "field": "cr:field",
        "fileObject": "cr:fileObject",
        "recordSet": "cr:recordSet",
        "sc": "https://schema.org/",
        "source": "cr:source",
    },
}
CROISSANT_KINDS = {"integer": "sc:Integer", "number": "sc:Float", "date": "sc:Date", "boolean": "sc:Boolean"}
# Humanitarian Exchange Language 1.1: tags of the columns that have one of its own; the others are “#meta” with their name
HXL = {
    "place": "#country+code",
    "place_name": "#country+name",
    "member": "#country+code",
    "other_end": "#country+code+other",
    "other_end_name": "#country+name+other",
    "origin": "#country+code+origin",
    "indicator": "#indicator+code",
    "indicator_name": "#indicator+name",
    "value": "#indicator+value+num",
    "lower": "#indicator+value+min",
    "upper": "#indicator+value+max",
    "period_start": "#date+start",
    "period_end": "#date+end",
    "first_day": "#date+start",
    "last_day": "#date+end",
    "date": "#date",
    "year": "#date+year",
    "month": "#date+month",
    "latitude": "#geo+lat",
    "longitude": "#geo+lon",
    "dead": "#affected+killed",
    "missing": "#affected+missing",
    "status": "#status",
    "source": "#meta+source",
    "licence": "#meta+license",
    "address": "#meta+url",
}
README = """Corridors: migration-crime figures for the members of the Bali Process. Edition {edition}, TLP:{label} ({means}).

Each figure stands in a row with its unit, period, source, grade, caveats and what it may be used for (columns use_…). Read these before
the number. Never rank places by it, never add up where use_sum is “no”, and speak of a trend only as far as use_trend says. An empty value
with bounds is masked or a range: it is not zero. A place that is not there has no figure: that is not zero either.

datapackage.json describes every table and column; codes.csv says what codes mean; sources.csv has each source's licence and how to cite it:
figures keep their publishers' licences. What is Corridors' own has the licence {licence}.
Cite the publishers, and: Corridors, edition {edition}.

In a CSV, text that a spreadsheet would run as a formula begins with an apostrophe, and “{between}” stands between the items of a list; a name
that ends in .gz is compressed. The Parquet files hold the same rows as they are.

sdmx-structure.json and sdmx-figures.csv hold the figures as SDMX 3.0 (SDMX-CSV 2.0). NaN there is no value: OBS_STATUS, STATUS and the
bounds say why.{tags}
"""


@dataclass(frozen=True)
class _File:
    """One file of the package, its checksum, and the table that it holds."""

    path: str
    data: bytes
    table: open_data.Table
    media: str

    @property
    def described(self) -> bool:
        """Whether the descriptor tells its columns: a CSV of ours, for SDMX and Parquet have that in their own files."""
        return ".csv" in self.path and bool(self.table.columns)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def label(edition_id: str) -> str:
    """The strictest label of what the package of this edition and ceiling holds."""
    return tlp.strictest(open_data.labels_held(edition_id))


def files(edition_id: str, hxl: bool = False) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file of the package; `hxl`: a second line of tags in each CSV that is not SDMX's."""
    made: list[_File] = []
    worded: dict[str, pd.DataFrame] = {}
    for table, rows in _tables(edition_id):
        text = pd.DataFrame({name: _as_text(rows[name], kind) for name, (_, kind, _) in table.columns.items()})
        worded[table.name] = text.fillna("")
        for one in (_csv(table, text, hxl), _parquet(table, rows)):
            made.append(one)
            yield one.path, one.data
    about = _About(edition_id)
    for name, (title, media, data) in sdmx.files(about.edition, about.dated, about.label, worded).items():
        one = _packed(name, data, open_data.Table(name, title, "", (), {}, ""), media)
        made.append(one)
        yield one.path, one.data
    described = {
        "datapackage.json": _datapackage(about, made, hxl),
        "dcat.jsonld": _dcat(about, made),
        "croissant.json": _croissant(about, made),
    }
    last = [(name, json.dumps(each, indent=1, ensure_ascii=False).encode()) for name, each in described.items()]
    tags = "\nThe second line of each CSV but SDMX's has the tags of HXL." if hxl else ""
    means, licence = tlp.MEANS[about.label], OWN_LICENCE["title"]
    text = README.format(edition=about.edition, label=about.label, means=means, licence=licence, between=BETWEEN, tags=tags)
    last.append(("README.txt", text.encode()))
    yield from last
    sums = [(one.sha256, one.path) for one in made] + [(hashlib.sha256(data).hexdigest(), name) for name, data in last]
    yield "SHA256SUMS", "".join(f"{digest}  {name}\n" for digest, name in sums).encode()


def zipped(edition_id: str) -> bytes:
    """The package as one ZIP."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files(edition_id):
            packed = name.endswith((".gz", ".parquet"))
            entry = zipfile.ZipInfo(name, UNPACKED_DATE)
            archive.writestr(entry, data, zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def file_name(edition_id: str) -> str:
    """The name of the ZIP."""
    return f"{NAME}-{labels.plain(edition_id)}.zip"


class _About:
    """What every description says of the package."""

    def __init__(self, edition_id: str):
        row = figures.edition(edition_id)
        self.edition, self.dated = labels.plain(edition_id), pd.Timestamp(row["dated"]).date()
        self.label = label(edition_id)
        self.title = "Corridors: migration-crime figures for the members of the Bali Process"
        self.text = (
            f"Edition {self.edition}, TLP:{self.label} ({tlp.MEANS[self.label]}). Figures with unit, period, source, grade, caveats and uses in "
            "the same row; incidents, routes with their evidence, and Joint Periods of Action."
        )
        self.citation = f"Corridors, edition {self.edition}; and the publishers as named in sources.csv"
        self.sources = open_data.whole(edition_id, "sources").to_dict("records")


CODES = open_data.Table(
    "codes",
    "What codes mean",
    "",
    ("column", "code"),
    {
        "column": ("", "string", "the column that holds the code, in whatever table"),
        "code": ("", "string", "code"),
        "label": ("", "string", "in a few words"),
        "meaning": ("", "string", "what it means"),
    },
    "",
)


def _tables(edition_id: str) -> Iterator[tuple[open_data.Table, pd.DataFrame]]:
    for name, table in open_data.TABLES.items():
        yield table, open_data.whole(edition_id, name)
    yield CODES, pd.DataFrame(_codes(), columns=list(CODES.columns))


def _codes() -> list[tuple[str, str, str, str]]:
    """The code lists of the vocabulary: column, code, label, meaning."""
    known = catalog.load()
    rows = [("status", each.id, each.label, each.meaning) for each in known.statuses.values()]
    rows += [
        ("grade", code, *said.split(": ", 1)) if ": " in said else ("grade", code, said, said)
        for code, said in words.GRADE.items()
    ]
    rows += [("tlp", code, f"TLP:{code}", means) for code, means in tlp.MEANS.items() if code in tlp.KEPT]
    for column, said in words.BREAKDOWN.items():
        said = {"total": "all"} | (dict(known.forms) if column == "form" else {}) | said
        rows += [(column, code, text, text) for code, text in said.items()]
    for use, answers in uses.ANSWERS.items():
        said = [*answers, "before"] if use == "trend" else answers
        year = {"since": " the year that follows", "before": " the year that follows"}
        rows += [(f"use_{use}", each, each, f"{uses.QUESTIONS[use]}: {each}{year.get(each, '')}") for each in said]
    return rows


def _csv(table: open_data.Table, text: pd.DataFrame, hxl: bool) -> _File:
    head = [",".join(text.columns)]
    if hxl:
        head.append(",".join(HXL.get(name, f"#meta+{name}") for name in text.columns))
    data = ("\n".join(head) + "\n" + text.to_csv(index=False, header=False, lineterminator="\n")).encode()
    return _packed(f"{table.name}.csv", data, table, "text/csv")


def _packed(name: str, data: bytes, table: open_data.Table, media: str) -> _File:
    if len(data) < PACKED_FROM:
        return _File(name, data, table, media)
    return _File(f"{name}.gz", gzip.compress(data, 6, mtime=0), table, "application/gzip")


def _as_text(column: pd.Series, kind: str) -> pd.Series:
    """A column as the words of a CSV; empty where there is nothing, so that no text of one's own is empty."""
    if kind == open_data.LISTS:
        column = column.map(lambda items: "" if words.missing(items) else BETWEEN.join(items))
    elif kind == "date":
        return pd.to_datetime(column).dt.strftime("%Y-%m-%d")
    elif kind in ("number", "integer"):
        return column.map(lambda v: "" if pd.isna(v) else str(int(v)) if float(v).is_integer() else repr(float(v)))
    elif kind == "boolean":
        return column.map({True: "true", False: "false"})
    column = column.astype("str")
    return column.where(~column.str.startswith(words.DANGEROUS, na=False), "'" + column)


def _parquet(table: open_data.Table, rows: pd.DataFrame) -> _File:
    kinds = {name: kind for name, (_, kind, _) in table.columns.items()}
    typed = rows.assign(
        **{name: pd.to_datetime(rows[name]).dt.date for name, kind in kinds.items() if kind == "date"},
        **{name: rows[name].astype("Int64") for name, kind in kinds.items() if kind == "integer"},
    )
    buffer = io.BytesIO()
    typed.to_parquet(buffer, index=False, compression="zstd")
    return _File(f"{table.name}.parquet", buffer.getvalue(), table, "application/vnd.apache.parquet")


def _datapackage(about: _About, made: list[_File], hxl: bool) -> dict:
    return {
        "profile": "data-package",
        "name": NAME,
        "id": f"{NAME}-{about.edition}",
        "title": about.title,
        "description": about.text,
        "version": about.edition,
        "created": f"{about.dated}T00:00:00Z",
        "tlp": about.label,
        "citation": about.citation,
        "licenses": [OWN_LICENCE, *_licences(about)],
        "sources": [
            {
                "title": f"{each['publisher']}, {each['title']}, {each['edition']}",
                "path": each["address"],
                "code": each["source"],
                "license": each["licence"],
                "citation": each["citation"],
            }
            for each in about.sources
        ],
        "resources": [_resource(one, hxl) for one in made if one.described]
        + [_plain(one) for one in made if not one.described],
    }


def _licences(about: _About) -> list[dict]:
    """The publishers' licences that have an address."""
    found = {
        each["licence_address"]: each["licence"] for each in about.sources if not words.missing(each["licence_address"])
    }
    return [{"title": title, "path": address} for address, title in found.items() if address != OWN_LICENCE["path"]]


def _plain(one: _File) -> dict:
    """A file as every description names it."""
    return {
        "name": one.path.replace(".csv", "").replace(".gz", "").replace(".", "-"),
        "title": one.table.title,
        "path": one.path,
        "type": "table" if one.described else "file",  # what reads the descriptor does not open the other form of a table
        "mediatype": one.media,
        "bytes": len(one.data),
        "hash": f"sha256:{one.sha256}",
    }


def _resource(one: _File, hxl: bool) -> dict:
    table = one.table
    keys = [
        {"fields": [name], "reference": {"resource": f"{name}s", "fields": [name]}}
        for name in ("indicator", "source")
        if table.name in ("figures", "incidents") and name in table.columns
    ]
    return {
        **_plain(one),
        "profile": "tabular-data-resource",
        "format": "csv",
        "encoding": "utf-8",
        **({"compression": "gz"} if one.path.endswith(".gz") else {}),
        **({"dialect": {"commentRows": [2]}} if hxl else {}),
        "schema": {
            "fields": [_field(name, kind, text, name in table.key) for name, (_, kind, text) in table.columns.items()],
            "primaryKey": list(table.key),
            "foreignKeys": keys,
            "missingValues": [""],
        },
    }


def _field(name: str, kind: str, text: str, required: bool) -> dict:
    known: dict[str, list[str]] = {}
    for column, code, _, _ in _codes():
        known.setdefault(column, []).append(code)
    closed = name in ("grade", "tlp", "use_level", "use_compare", "use_sum")
    limits = ({"required": True} if required else {}) | ({"enum": known[name]} if closed else {})
    listed = f"; {BETWEEN} between the items" if kind == open_data.LISTS else ""
    return {
        "name": name,
        "type": "string" if kind == open_data.LISTS else kind,
        "description": f"{text}{listed}",
        **({"constraints": limits} if limits else {}),
    }


def _dcat(about: _About, made: list[_File]) -> dict:
    return {
        "@context": CONTEXTS["dcat"],
        "@type": "dcat:Dataset",
        "dct:identifier": f"{NAME}-{about.edition}",
        "dct:title": about.title,
        "dct:description": about.text,
        "dct:issued": f"{about.dated}",
        "dcat:version": about.edition,
        "dct:license": {"@id": OWN_LICENCE["path"]},
        "dct:accessRights": f"TLP:{about.label}: {tlp.MEANS[about.label]}",
        "dct:bibliographicCitation": about.citation,
        "dct:source": [
            {
                "dct:title": each["title"],
                "dct:publisher": each["publisher"],
                "dct:license": each["licence"],
                "dct:bibliographicCitation": each["citation"],
            }
            for each in about.sources
        ],
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dct:title": one.table.title,
                "dcat:downloadURL": one.path,
                "dcat:mediaType": one.media,
                "dcat:byteSize": len(one.data),
                "spdx:checksum": {"spdx:algorithm": "SHA256", "spdx:checksumValue": one.sha256},
            }
            for one in made
        ],
    }


def _croissant(about: _About, made: list[_File]) -> dict:
    parquet = [one for one in made if one.path.endswith(".parquet")]
    return {
        "@context": CONTEXTS["croissant"],
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": NAME,
        "description": about.text,
        "version": about.edition,
        "datePublished": f"{about.dated}",
        "license": OWN_LICENCE["path"],
        "citeAs": about.citation,
        "url": "datapackage.json",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": one.path,
                "name": one.path,
                "contentUrl": one.path,
                "contentSize": f"{len(one.data)} B",
                "encodingFormat": "application/x-parquet",
                "sha256": one.sha256,
            }
            for one in parquet
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": one.table.name,
                "name": one.table.name,
                "description": one.table.title,
                "field": [
                    {
                        "@type": "cr:Field",
                        "@id": f"{one.table.name}/{name}",
                        "name": name,
                        "description": text,
                        "dataType": CROISSANT_KINDS.get(kind, "sc:Text"),
                        "source": {"fileObject": {"@id": one.path}, "extract": {"column": name}},
                    }
                    for name, (_, kind, text) in one.table.columns.items()
                ],
            }
            for one in parquet
        ],
    }
