"""Reads UNODC's trafficking in persons workbook (GLOTIP): one row of the sheet is one cell.

What the file says, and what is made of it:

- `<5` is masked with the bounds 0 and 4. The publisher prints no 0 and no 1 to 4 at all, and in most groups of parts the
  printed total leaves no room for one person in each (Thailand 2018): `<5` can hide none.
- From 2017 on the sheet has rows by form and by age for countries that report no total of that quantity and year: the
  questionnaire's categories, printed as `<5` for everybody. Such a row is not reported, neither masked nor zero.
- Citizenship is free text. `citizenship.csv` reads every label; NATIONALS stands for the reporting country itself, JUNK
  for text that is no citizenship (quarantined). "Congo" is read as the Congo, because the questionnaire lists
  "Congolese (DRC)" apart; "Nigerin" as Niger, listed apart from "Nigerians". A State that no longer exists (Former
  Yugoslavia) has several successors and becomes OTH. Several labels of one reporter that mean one country ("China",
  "Chinese") stay separate figures and are never added up. A country's own name beside "Nationals" with the same count
  is most likely one group printed twice (Solomon Islands 2019: 8 and 8): "Nationals" is kept, the other quarantined.
- Repeated keys. "Other forms of exploitation" stands up to five times under one key: sub-forms whose label is lost.
  Each is kept as its own figure, form `other_unlabelled`, numbered in the order of the file. They overlap with one
  another and with the named forms (Thailand 2019: 500 is also its number for forced labour), so they add up to nothing.
  Any other repeated key is quarantined as a whole: there the label of the age group is lost (Australia 2019, male: <5
  and 21 are the boys and the men), so that a part would pass for a total. The parts stand elsewhere with their age.
- 128 rows hold the questionnaire's own field number instead of a count (Q6.1_10 of 2019 became 61,102,019). They are
  quarantined wherever they stand.
- Country of repatriation is not imported: its labels do not settle which end reports.
"""

import csv
from functools import lru_cache
from pathlib import Path

import pandas as pd

from corridors.catalog import Catalog
from corridors.problems import Problem, SourceRefused
from etl import frames, reading, unodc
from etl.frames import Extract, Raw

ID = "unodc_glotip"
TABLE = "data_glotip"
LABELS = Path(__file__).with_name("citizenship.csv")
IN_WORDS = f"etl/sources/{ID}/citizenship.csv"

INDICATORS = {
    "Detected trafficking victims": "detected_victims",
    "Persons brought into formal contact": "persons_formal_contact",
    "Persons prosecuted": "persons_prosecuted",
    "Persons convicted": "persons_convicted",
    "Offences of trafficking in persons": "trafficking_offences",
}
TOTAL, BY_FORM, BY_CITIZENSHIP = "Total", "by form of exploitation", "by citizenship"
BY_REPATRIATION = "by country of repatriation"
DIMENSIONS = (TOTAL, BY_FORM, BY_CITIZENSHIP, BY_REPATRIATION)
OTHER_FORMS = "Other forms of exploitation"
FORMS = {"Sexual exploitation": "sexual_exploitation", "Forced labour": "forced_labour", OTHER_FORMS: "other"}
SEXES = {"Total": "total", "Female": "female", "Male": "male", "Other": "other", "Unknown": "unknown"}
AGES = {"Total": "total", "0 to 17 years": "0-17", "18 years or over": "18+", "Unknown": "unknown"}
COLUMNS = [*unodc.COLUMNS, "txtVALUE"]
KEY = COLUMNS[:8]

ADD_COUNTRY = "Add it to corridors/catalog/countries.csv."

NATIONALS, JUNK = "NATIONALS", "JUNK"
MASKED, FEWEST, MOST = "<5", 0, 4
PADDED_FROM = 2017  # the questionnaire whose categories are printed for everybody
FIELD_NUMBERS_FROM = 6_000_000  # the largest count of the file is 32,022; the smallest field number 6,112,019
FIELD_NAME = r"Q\d+\.\d+_\d+s?_\d{4}"

REPATRIATION = "country of repatriation: the publisher's labels do not settle which end reports"
OLD = f"before {frames.FIRST_YEAR}"
NO_MEMBER = "neither the reporting country nor the citizenship is a member"
FIELD_NUMBER = "A field number of UNODC's questionnaire stands where the count should be"
NO_CITIZENSHIP = "The citizenship label is empty: nobody can tell whom the number counts"
NOT_A_CITIZENSHIP = "The label is not a citizenship, so nobody can tell whom the number counts"
NO_COUNTRY = "The row has no ISO3 code, and the catalog does not know the country's name"
NO_VALUE = "The cell is empty: it may be none, few or many"
TWICE = "The country's own name beside “Nationals” with the same count: most likely one group printed twice"
REPEATED = "The same key stands more than once: a label is lost (mostly the age group); a part would pass for a total"
ASK_UNODC = "Ask UNODC for a corrected release; nothing can be done here."
CURES = {  # and for every other reason: ASK_UNODC
    NOT_A_CITIZENSHIP: f"If it names people after all, give it an ISO3 code in {IN_WORDS}; else ask UNODC.",
    reading.UNKNOWN_LABEL: f"{reading.ADD_LABEL} A citizenship belongs with its ISO3 code into {IN_WORDS}.",
    NO_COUNTRY: "Add the name as an alias to its country in corridors/catalog/countries.csv.",
    TWICE: "Read the row “Nationals” of the same year; it is imported. Ask UNODC whether it is one group.",
    REPEATED: "Read the rows of the same year with an age group; they are imported. Ask UNODC for the lost label.",
}
AT_FAULT = {FIELD_NUMBER: "txtVALUE", NO_VALUE: "txtVALUE", NO_COUNTRY: "Iso3_code", REPEATED: "Age"}  # else: Category


def read(folder: Path) -> Raw:
    """The rows of the newest `data_glotip*.xlsx` in `folder` as text, and the two lines above them.

    Raises SourceRefused when the file is missing, is no workbook, is cut off, or lacks a column.
    """
    return unodc.read(folder, "data_glotip*.xlsx", ID, TABLE, COLUMNS)


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """Figures of trafficking in persons with a member at either end, and an account of every other row.

    Raises SourceRefused with every unknown label, impossible year, or count that is no whole number.
    """
    rows = raw.tables[TABLE].copy()
    file, sheet = raw.files[TABLE], raw.sheets[TABLE]
    # a country's own name is a citizenship too; what the list of labels says of it goes first
    known = {folded(name): iso3 for name, iso3 in catalog.iso3_by_name.items() if len(name) > 3} | citizenships()
    unknown = _unknown(rows, catalog, known, file, sheet)
    rows["year"] = reading.years(rows["Year"], rows["_row"], file, "Year", latest, sheet)
    rows = _with_ends(rows, catalog, known)
    fated = out, bad = _fates(rows, unknown, catalog)
    figures = _figures(rows[(out == "") & (bad == "")], file, sheet)
    return unodc.extract(ID, raw, fated, figures, _rejected(rows, bad, unknown, file, sheet), _notes(figures))


@lru_cache(maxsize=1)
def citizenships() -> dict[str, str]:
    """Each citizenship label, folded (case and spaces), to its ISO3 key, NATIONALS or JUNK."""
    with LABELS.open(encoding="utf-8", newline="") as handle:
        return {folded(row["label"]): row["iso3"] for row in csv.DictReader(handle)} | {"": JUNK}


def folded(label: str) -> str:
    """The label without regard to case and runs of spaces: authorities write one word in many ways."""
    return " ".join(label.split()).casefold()


def _unknown(rows: pd.DataFrame, catalog: Catalog, known: dict[str, str], file: str, sheet: str) -> pd.Series:
    """The column in which a row has a label that the reader does not know; empty for the others. Refuses such labels as
    `reading.unknown_labels` does: citizenships only where a member reports them.
    """
    forms, citizenship = rows["Dimension"] == BY_FORM, rows["Dimension"] == BY_CITIZENSHIP
    tell = "Tell the reader of this source what the label means: etl/sources/unodc_glotip/read.py."
    name_it = f"Add the label with its ISO3 code (or OTH, XXX, XXA, NATIONALS, JUNK) to {IN_WORDS}."
    countries = [*catalog.countries, ""]
    strange = citizenship & ~rows["Category"].str.fullmatch(FIELD_NAME) & ~rows["Category"].map(folded).isin(list(known))
    questions = [
        ("Iso3_code", ~rows["Iso3_code"].isin(countries), "a country of the catalog", ADD_COUNTRY),
        ("Indicator", ~rows["Indicator"].isin(list(INDICATORS)), "one of the five counted quantities", tell),
        ("Dimension", ~rows["Dimension"].isin(DIMENSIONS), "a known breakdown", tell),
        ("Category", (rows["Dimension"] == TOTAL) & (rows["Category"] != "Total"), "“Total”", tell),
        ("Category", forms & ~rows["Category"].isin(list(FORMS)), "a known form of exploitation", tell),
        ("Category", strange, "a known citizenship", name_it),
        ("Sex", ~rows["Sex"].isin(list(SEXES)), "a known sex", tell),
        ("Age", ~rows["Age"].isin(list(AGES)), "a known age group", tell),
        ("Unit of measurement", rows["Unit of measurement"] != "Counts", "“Counts”", tell),
    ]
    problems = [
        Problem(IN_WORDS, f"“{code}” for “{label}”", "an ISO3 code of the catalog", "Mend the line.", column="iso3")
        for label, code in known.items()
        if code not in (NATIONALS, JUNK) and code not in catalog.countries
    ]
    if problems:
        raise SourceRefused(problems)
    partner = rows["Category"].map(folded).map(known).isin(list(catalog.members)) & citizenship
    return reading.unknown_labels(rows, questions, reading.of_a_member(rows["Iso3_code"], catalog) | partner, file, sheet)


def _with_ends(rows: pd.DataFrame, catalog: Catalog, known: dict[str, str]) -> pd.DataFrame:
    """Adds `iso3` (empty when nobody knows the country) and `partner` (empty where there is no citizenship)."""
    named = {country: catalog.find(country) or "" for country in rows.loc[rows["Iso3_code"] == "", "Country"].unique()}
    rows["iso3"] = rows["Iso3_code"].where(rows["Iso3_code"] != "", rows["Country"].map(named))
    labels = rows["Category"].map(folded).map(known).fillna(JUNK)
    partner = labels.where(rows["Dimension"] == BY_CITIZENSHIP, "")
    rows["partner"] = partner.where(partner != NATIONALS, rows["iso3"])
    return rows


def _fates(rows: pd.DataFrame, unknown: pd.Series, catalog: Catalog) -> unodc.Fates:
    citizenship = rows["Dimension"] == BY_CITIZENSHIP
    size = pd.to_numeric(rows["txtVALUE"].str.replace(",", "", regex=False), errors="coerce")
    field_number = citizenship & ((size >= FIELD_NUMBERS_FROM) | rows["Category"].str.fullmatch(FIELD_NAME))
    member = rows["iso3"].isin(list(catalog.members)) | rows["partner"].isin(list(catalog.members))
    repeated = rows.duplicated(KEY, keep=False) & (rows["Category"] != OTHER_FORMS)
    asked = (
        (False, OLD, rows["year"] < frames.FIRST_YEAR),
        (False, REPATRIATION, rows["Dimension"] == BY_REPATRIATION),
        (True, FIELD_NUMBER, field_number),
        (True, reading.UNKNOWN_LABEL, unknown != ""),
        (True, NO_COUNTRY, rows["iso3"] == ""),
        (True, NO_CITIZENSHIP, (rows["partner"] == JUNK) & (rows["Category"] == "")),
        (True, NOT_A_CITIZENSHIP, rows["partner"] == JUNK),
        (False, NO_MEMBER, ~member),
        (True, TWICE, _own_name_again(rows)),
        (True, REPEATED, repeated),
        (True, NO_VALUE, rows["txtVALUE"] == ""),
    )
    return unodc.fates(asked, rows.index)


def _own_name_again(rows: pd.DataFrame) -> pd.Series:
    """Whether a row names the reporting country itself where “Nationals” of the same key has the same count."""
    own = (rows["Dimension"] == BY_CITIZENSHIP) & (rows["partner"] == rows["iso3"]) & (rows["iso3"] != "")
    nationals = rows["Category"].map(folded).map(citizenships()) == NATIONALS
    key = ["iso3", "Indicator", "Sex", "Age", "year", "txtVALUE"]
    said = set(rows[own & nationals][key].itertuples(index=False, name=None))
    same = pd.Series([cells in said for cells in rows[key].itertuples(index=False, name=None)], rows.index)
    return own & ~nationals & same


def _padded(rows: pd.DataFrame, masked: pd.Series) -> pd.Series:
    """Whether a row is a masked category of a quantity of which the country reports no total for the year."""
    key = ["iso3", "Indicator", "year"]
    whole = (rows["Dimension"] == TOTAL) & (rows["Sex"] == "Total") & (rows["Age"] == "Total")
    totals = set(rows[whole][key].itertuples(index=False, name=None))
    alone = pd.Series([cells not in totals for cells in rows[key].itertuples(index=False, name=None)], rows.index)
    return masked & alone & (rows["Dimension"] != BY_CITIZENSHIP) & (rows["year"] >= PADDED_FROM)


def _figures(rows: pd.DataFrame, file: str, sheet: str) -> pd.DataFrame:
    """Rows in scope as figures. Raises SourceRefused for a count that is neither masked nor a whole number."""
    masked = rows["txtVALUE"] == MASKED
    value = reading.whole_numbers(rows["txtVALUE"].where(~masked, ""), rows["_row"], file, "txtVALUE", sheet)
    form, label = _forms_and_labels(rows)
    padded = _padded(rows, masked)
    status = pd.Series("reported", rows.index).mask(value == 0, "zero").mask(masked, "masked").mask(padded, "not_reported")
    bound = pd.Series(float("nan"), rows.index)
    return unodc.figures(
        rows,
        value,
        iso3=rows["iso3"],
        partner_iso3=rows["partner"],
        indicator_id=rows["Indicator"].map(INDICATORS),
        sex=rows["Sex"].map(SEXES),
        age=rows["Age"].map(AGES),
        form=form,
        lower=bound.mask(masked & ~padded, FEWEST),
        upper=bound.mask(masked & ~padded, MOST),
        status=status,
        provider_label=label,
    )


def _forms_and_labels(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The form of exploitation, and the publisher's wording; lost sub-forms are numbered in the order of the file."""
    by_form = rows["Dimension"] == BY_FORM
    form = rows["Category"].map(FORMS).where(by_form, "total")
    label = rows["Category"].where(rows["Dimension"] != TOTAL, rows["Indicator"])
    same = rows.groupby(KEY)["_row"]
    number, of = same.cumcount() + 1, same.transform("size")
    lost = by_form & (of > 1)
    numbered = label + " (label lost, " + number.astype(str) + " of " + of.astype(str) + ")"
    return form.mask(lost, "other_unlabelled"), label.mask(lost, numbered)


def _rejected(rows: pd.DataFrame, bad: pd.Series, unknown: pd.Series, file: str, sheet: str) -> pd.DataFrame:
    """The quarantined rows with the reason, in the order of the file."""
    those = rows[bad != ""]
    if those.empty:
        return frames.empty_rejected()
    reason = bad[those.index]
    who = those["Iso3_code"].where(those["Iso3_code"] != "", those["Country"])
    what = ["Indicator", "Category", "Sex", "Age"]
    found = those[what].apply(lambda cells: ", ".join(dict.fromkeys(t for t in cells if t)), axis=1)
    column = reason.map(AT_FAULT).fillna(unknown[those.index].replace("", "Category"))
    found = who + " " + those["Year"] + ", " + found + ": " + those["txtVALUE"]
    return frames.rejected(those, file, sheet, column, found, reason, reason.map(CURES).fillna(ASK_UNODC))


def _notes(figures: pd.DataFrame) -> tuple[str, ...]:
    lost = int((figures["form"] == "other_unlabelled").sum())
    ends = figures[figures["partner_iso3"] != ""]
    same = ends.duplicated(["iso3", "partner_iso3", "indicator_id", "period_end", "sex", "age"], keep=False)
    return (
        f"{int((figures['status'] == 'not_reported').sum()):,} rows are categories printed as “<5” for a country that reports "
        "no total of that year: not reported.",
        f"{lost:,} figures of “{OTHER_FORMS}” share a key with another: their label is lost; they are never added up.",
        f"{int(same.sum()):,} figures by citizenship share a country with another label of the same reporter and year.",
    )
