"""CTDC's k-anonymised data set as counts: case data that somebody else has already protected.

CTDC's terms allow derived tables for non-commercial use and forbid passing the original on. Its profiles are nearly the
original, so they are worked out here and left behind; what is kept are counts of up to three dimensions together. The publisher's file repeats a row for each person; equal rows are no duplicates but people who cannot be told apart. One
profile is one combination of what the publisher prints, with the number of people in it.
"""

import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import tomli_w

from corridors import catalog
from corridors.problems import Problem, SourceRefused, shortened
from corridors.store.cases import tables
from etl import frames, reading

SOURCE = "ctdc"
FOLDER = "ctdc"  # below data/cases/
PATTERNS = ["CTDC_global_kanon*.csv", "The Global Dataset*.csv"]
COLUMNS = ("yearOfRegistration gender ageBroad citizenship isForcedLabour isSexualExploit CountryOfExploitation").split()
ALPHA3 = {
    "citizenship": "nacionalidade_alpha3",
    "CountryOfExploitation": "pais_exploracao_alpha3",
}  # of one circulating copy
PROFILE_COLUMNS = (
    "detected_year crime form sex age_band citizenship exploitation_country age_published forced_labour sexual_exploitation weight"
).split()
K = 11
SUPPRESSED = "suppressed"
AGAIN = "Download the k-anonymised data set again from the publisher, after accepting its terms of use."
UNKNOWN_MARKS = ("", "-99")
SUPPRESSED_MARK = "0"
SEXES = {"Female": "female", "Male": "male"}
AGES = {
    "0--8": "0-17",
    "9--17": "0-17",
    "18--20": "18-29",
    "21--23": "18-29",
    "24--26": "18-29",
    "27--29": "18-29",
    "30--38": "30-47",
    "39--47": "30-47",
    "48+": "48+",
}
FLAGS = {"0": "no", "0.0": "no", "1": "yes", "1.0": "yes"}
# Both forms at once cannot be one of the forms of our format, and choosing one would lose the other.
FORMS = {("yes", "yes"): "forced_labour_and_sexual", ("no", "no"): "other"}
ISO2 = dict(
    pair.split(":")
    for pair in """
AE:ARE AF:AFG AL:ALB AR:ARG AT:AUT BA:BIH BD:BGD BF:BFA BG:BGR BH:BHR BO:BOL BY:BLR CD:COD CI:CIV CN:CHN CO:COL CY:CYP CZ:CZE
DK:DNK EC:ECU EG:EGY ER:ERI GH:GHA GN:GIN GW:GNB HK:HKG HT:HTI ID:IDN IN:IND IT:ITA JO:JOR JP:JPN KE:KEN KG:KGZ KH:KHM KR:KOR
KW:KWT KZ:KAZ LA:LAO LB:LBN LK:LKA LY:LBY MD:MDA MG:MDG MK:MKD ML:MLI MM:MMR MU:MUS MX:MEX MY:MYS NA:NAM NE:NER NG:NGA NP:NPL
OM:OMN PH:PHL PL:POL QA:QAT RO:ROU RS:SRB RU:RUS SA:SAU SG:SGP SL:SLE SN:SEN SY:SYR TH:THA TJ:TJK TM:TKM TR:TUR TT:TTO TW:TWN
UA:UKR UG:UGA US:USA UZ:UZB VN:VNM ZA:ZAF
""".split()
)
CARD = tomllib.loads(Path(__file__).with_name("card.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Profiles:
    """CTDC as profiles (one row a combination with its weight), as the counts that are kept, and its file."""

    rows: pd.DataFrame
    counts: pd.DataFrame
    persons: int
    inputs: tuple[frames.InputFile, ...]


def read(folder: Path) -> pd.DataFrame:
    """The publisher's rows as text with `_row`; nothing judged. Refuses a missing, cut or foreign file."""
    path = reading.find(folder, PATTERNS, SOURCE)
    reading.refuse_cut_end(path, SOURCE)
    return reading.read_table(path, COLUMNS, SOURCE)


def to_profiles(raw: pd.DataFrame, file: str, vocabulary: catalog.Catalog) -> pd.DataFrame:
    """Weighted profiles in PROFILE_COLUMNS, sorted; weights add up to the rows read.

    Refuses every value that the publisher's format does not have, and a file in which fewer than k people share a profile.
    """
    problems: list = []
    unknown = dict.fromkeys(UNKNOWN_MARKS, "")
    frame = pd.DataFrame(
        {
            "detected_year": _years(raw, file, problems),
            "crime": "trafficking",
            "sex": _mapped(raw, "gender", {**SEXES, **unknown}, file, problems),
            "age_published": raw["ageBroad"].where(~raw["ageBroad"].isin(UNKNOWN_MARKS), ""),
            "age_band": _mapped(raw, "ageBroad", {**AGES, **unknown}, file, problems),
            "citizenship": _places(raw, "citizenship", file, vocabulary, problems),
            "exploitation_country": _places(raw, "CountryOfExploitation", file, vocabulary, problems),
            "forced_labour": _mapped(raw, "isForcedLabour", {**FLAGS, **unknown}, file, problems),
            "sexual_exploitation": _mapped(raw, "isSexualExploit", {**FLAGS, **unknown}, file, problems),
        }
    )
    if problems:
        raise SourceRefused(shortened(problems, 20))
    frame["age_published"] = frame["age_published"].str.replace("--", "-")
    frame["form"] = [_form(labour, sexual) for labour, sexual in zip(frame["forced_labour"], frame["sexual_exploitation"])]
    keys = [c for c in PROFILE_COLUMNS if c != "weight"]
    rows = frame.groupby(keys, sort=True, dropna=False).size().rename("weight").reset_index()
    rare = rows[rows["weight"] < K]
    if len(rare):
        raise SourceRefused.of(
            file,
            f"{len(rare):,} profiles that fewer than {K} people share",
            f"a file that is k-anonymous with k = {K}",
            "This is another edition of the data set, or rows were removed from it. " + AGAIN,
        )
    return rows[PROFILE_COLUMNS]


def extract(folder: Path, data: Path) -> Profiles:
    """Reads the original in `folder` and writes counts and their card below `data`/cases/ctdc/; returns them with the profiles.

    Raises SourceRefused with every fault; then nothing was written.
    """
    raw = read(folder)
    path = reading.find(folder, PATTERNS, SOURCE)
    rows = to_profiles(raw, path.name, catalog.load())
    with tempfile.TemporaryDirectory() as place:
        frames.write_csv(rows, Path(place) / "profiles.csv")
        counts = tables.counted(Path(place) / "profiles.csv", "trafficking", K)
    counts = counts[[c for c in counts if c in PROFILE_COLUMNS or c == "value"]]
    counts = counts.sort_values(list(counts.columns), na_position="first", ignore_index=True)
    made = Profiles(rows, counts, int(rows["weight"].sum()), (frames.input_file(path, folder),))
    if made.persons != len(raw):
        raise frames.RowsLost(f"{path.name}: {len(raw):,} rows read, but the weights add up to {made.persons:,}.")
    target = data / "cases" / FOLDER
    frames.write_csv(counts, target / "counts.csv")
    card = {
        **CARD,
        "rows_read": len(raw),
        "counts": len(counts),
        "persons": made.persons,
        "first_year": int(rows["detected_year"].min()),
        "last_year": int(rows["detected_year"].max()),
        "files": [vars(f) for f in made.inputs],
    }
    part = target / "ctdc.toml.part"
    text = "# Written by “python -m etl extract”: where the counts beside this file came from, and what they cannot say.\n"
    part.write_text(text + tomli_w.dumps(card, multiline_strings=False), encoding="utf-8")
    part.replace(target / "ctdc.toml")
    return made


def _form(labour: str, sexual: str) -> str:
    if (labour, sexual) in FORMS:
        return FORMS[labour, sexual]
    if labour == "yes":
        return "forced_labour"
    return "sexual_exploitation" if sexual == "yes" else ""


def _years(raw: pd.DataFrame, file: str, problems: list) -> pd.Series:
    text = raw["yearOfRegistration"]
    bad = ~text.str.fullmatch(r"(19|20)\d\d")
    _named(raw, "yearOfRegistration", bad, file, "a year such as 2016", problems)
    return text.where(~bad, "0").astype(int)


def _mapped(raw: pd.DataFrame, column: str, known: dict[str, str], file: str, problems: list) -> pd.Series:
    _named(raw, column, ~raw[column].isin(known), file, "one of " + ", ".join(filter(None, known)), problems)
    return raw[column].map(known).fillna("")


def _places(raw: pd.DataFrame, column: str, file: str, vocabulary: catalog.Catalog, problems: list) -> pd.Series:
    """ISO3, `suppressed` or empty. Where the copy prints ISO3 beside ISO2, a disagreement is refused."""
    known = {**dict.fromkeys(UNKNOWN_MARKS, ""), SUPPRESSED_MARK: SUPPRESSED, **ISO2}
    expected = "a two-letter country code, 0 (suppressed) or nothing (unknown)"
    _named(raw, column, ~raw[column].isin(known), file, expected, problems)
    places = raw[column].map(known).fillna("")
    if ALPHA3[column] in raw:
        beside = raw[ALPHA3[column]]
        other = (beside != places.replace(SUPPRESSED, "")) & (beside != "")
        _named(raw, ALPHA3[column], other, file, f"the same country as in {column}", problems)
    foreign = sorted(set(places) - {"", SUPPRESSED} - set(vocabulary.countries))
    add = "Add it to corridors/catalog/countries.csv."
    problems += [Problem(file, f"the country {c}", "a country of the catalog", add, column=column) for c in foreign]
    return places


def _named(raw: pd.DataFrame, column: str, bad: pd.Series, file: str, expected: str, problems: list) -> None:
    """One problem for each different bad value of a column, with its first row."""
    for value, rows in raw.loc[bad].groupby(column)["_row"]:
        problems.append(
            Problem(file, f"“{value}” in {len(rows):,} rows", expected, AGAIN, column=column, row=int(rows.min()))
        )
