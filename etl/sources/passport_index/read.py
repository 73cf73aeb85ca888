"""Reads the Passport Index data set: one line of the CSV is one pair of passport and destination, and one cell.

The third column holds a number of days, -1 for a person's own country, or words. The days tell how long one may stay
without a visa; only that rule comes with a number. New Caledonia is not in the file and never inherits France's rules.
"""

from pathlib import Path

import pandas as pd

from corridors.catalog import Catalog
from corridors.problems import Problem, SourceRefused, shortened
from etl import frames, pairs, reading
from etl.frames import Extract, Raw

SOURCE, TABLE, FILE = "passport_index", "pairs", "passport-index-tidy-iso3.csv"
PASSPORT, DESTINATION, REQUIREMENT = COLUMNS = ["Passport", "Destination", "Requirement"]

WORDS = {
    "visa free": "free",
    "visa on arrival": "on_arrival",
    "eta": "electronic",  # an authorisation asked for before departure, as an e-visa is
    "e-visa": "electronic",
    "visa required": "required",
    "no admission": "refused",
    "covid ban": "refused",  # in editions of 2020 to 2022
}
HOME = "-1"
LONGEST_STAY = 366  # days; the publisher's numbers run from 7 to 360

SAME = "the holder's own country"
REPEATED = "The same pair stands more than once, and nothing says which rule is meant"
NOT_HOME = "Marked as the holder's own country, but the two ends differ"
ASK = "Ask the keepers of the data set for a corrected file; nothing can be done here."


def read(folder: Path) -> Raw:
    """The lines of `passport-index-tidy-iso3.csv` as text. Refuses when it is missing, cut off or of another format."""
    path = reading.find(folder, [FILE], SOURCE)
    frame = reading.read_table(path, COLUMNS, SOURCE)
    reading.refuse_cut_end(path, SOURCE)
    reading.refuse_no_lines(frame, path, SOURCE, "one line for each pair")
    return Raw({TABLE: frame[[*COLUMNS, "_row"]]}, {TABLE: path.name}, {}, (frames.input_file(path, folder),))


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """No figures, but the visa rule of every pair with a member at an end, and an account of the other pairs.

    `latest` is not used: the file names no year. Refuses unknown countries, words and numbers of days, all at once for
    each column.
    """
    rows = raw.tables[TABLE]
    found = pairs.of(raw, TABLE, (PASSPORT, DESTINATION), catalog, {})
    same, repeated = found["origin_iso3"] == found["destination_iso3"], found.duplicated(keep=False)
    found["source_ref"] = "row " + rows["_row"].astype(str)
    found["provider_label"] = rows[REQUIREMENT].str.strip()
    found["rule"], found["days"] = _rules(found["provider_label"].str.lower(), rows["_row"], raw.files[TABLE])
    return pairs.extract(
        raw,
        SOURCE,
        TABLE,
        found,
        catalog,
        {SAME: same},
        {NOT_HOME: found["rule"] == "", REPEATED: repeated},
        (PASSPORT, DESTINATION, REQUIREMENT),
        ASK,
        ("visas", frames.VISA_COLUMNS),
        _notes(found, catalog),
    )


def _rules(said: pd.Series, row: pd.Series, file: str) -> tuple[pd.Series, pd.Series]:
    """The house's rule for each requirement (empty for one's own country), and the days where a number is given.

    Refuses with every word or number that is not the publisher's, its first row and how often it stands.
    """
    number = pd.to_numeric(said.where(said.str.fullmatch(r"\d{1,4}")), errors="coerce").astype(float)
    days = number.where(number.between(1, LONGEST_STAY))
    rule = said.map(WORDS).mask(days.notna(), "free").mask(said == HOME, "")
    unknown = said[rule.isna()]
    counts, first = unknown.value_counts(), unknown.drop_duplicates()
    expected = f"days from 1 to {LONGEST_STAY}, {HOME}, or one of: {', '.join(WORDS)}"
    tell = f"Tell the reader of this source what it means: etl/sources/{SOURCE}/read.py."
    listed = [(int(row[i]), f"“{text}” ({counts[text]:,} rows)") for i, text in first.items()]
    if listed:
        problems = [Problem(file, found, expected, tell, column=REQUIREMENT, row=n) for n, found in listed]
        raise SourceRefused(shortened(problems))
    return rule.astype("str"), days


def _notes(found: pd.DataFrame, catalog: Catalog) -> tuple[str, ...]:
    absent = sorted(set(catalog.members) - set(found[pairs.ENDS].to_numpy().ravel()))
    names = ", ".join(catalog.place_name(iso3) for iso3 in absent)
    return (
        f"Members without a rule in the file: {names or 'none'}.",
        "Labels are the publisher's; a number is days without a visa.",
    )
