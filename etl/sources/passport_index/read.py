"""Reads the Passport Index data set: one line of the CSV is one pair of passport and destination, and one cell.

The third column holds a number of days, -1 for a person's own country, or words. The days tell how long one may stay
without a visa; only that rule comes with a number. New Caledonia is not in the file and never inherits France's rules.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from corridors.catalog import OTHER, STATELESS, UNKNOWN, WORLD, Catalog
from corridors.problems import Problem, SourceRefused, shortened
from etl import frames, reading
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
NO_MEMBER = "no member at either end"
REPEATED = "The same pair stands more than once, and nothing says which rule is meant"
NOT_HOME = "Marked as the holder's own country, but the two ends differ"
ASK = "Ask the keepers of the data set for a corrected file; nothing can be done here."


def read(folder: Path) -> Raw:
    """The lines of `passport-index-tidy-iso3.csv` as text. Refuses when it is missing, cut off or of another format."""
    path = reading.find(folder, [FILE], SOURCE)
    frame = reading.read_table(path, COLUMNS, SOURCE)
    reading.refuse_cut_end(path, SOURCE)
    reading.refuse_no_lines(frame, path, SOURCE)
    return Raw({TABLE: frame[[*COLUMNS, "_row"]]}, {TABLE: path.name}, {}, (frames.input_file(path, folder),))


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """No figures, but the visa rule of every pair with a member at an end, and an account of the other pairs.

    `latest` is not used: the file names no year. Refuses unknown countries, words and numbers of days, all at once for
    each column.
    """
    rows, file = raw.tables[TABLE], raw.files[TABLE]
    known = {iso3: iso3 for iso3 in catalog.countries if iso3 not in (UNKNOWN, STATELESS, OTHER, WORLD)}
    member = reading.of_a_member(rows[PASSPORT], catalog) | reading.of_a_member(rows[DESTINATION], catalog)
    pairs = pd.DataFrame(
        {
            "origin_iso3": reading.known_codes(rows[PASSPORT], rows["_row"], known, file, PASSPORT, carries=member),
            "destination_iso3": reading.known_codes(
                rows[DESTINATION], rows["_row"], known, file, DESTINATION, carries=member
            ),
            "source_ref": "row " + rows["_row"].astype(str),
            "provider_label": rows[REQUIREMENT].str.strip(),
        }
    )
    pairs["rule"], pairs["days"] = _rules(pairs["provider_label"].str.lower(), rows["_row"], file)
    out, bad = _fates(pairs, catalog)
    kept = pairs[(out == "") & (bad == "")].sort_values(["origin_iso3", "destination_iso3"], kind="stable")
    return Extract(
        source_id=SOURCE,
        cells_read=len(rows),
        figures=frames.finished(pd.DataFrame(columns=frames.FIGURE_COLUMNS), SOURCE),
        rejected=_rejected(rows, bad, file),
        out_of_scope={str(reason): int(n) for reason, n in out[out != ""].value_counts().items()},
        inputs=raw.inputs,
        visas=kept[frames.VISA_COLUMNS].reset_index(drop=True),
        notes=_notes(pairs, catalog),
    )


def _rules(said: pd.Series, row: pd.Series, file: str) -> tuple[pd.Series, pd.Series]:
    """The house's rule for each requirement (empty for one's own country), and the days where a number is given.

    Refuses with every word or number that is not the publisher's, its first row and how often it stands.
    """
    number = pd.to_numeric(said.where(said.str.fullmatch(r"\d{1,4}")), errors="coerce").astype(float)
    days = number.where(number.between(1, LONGEST_STAY))
    rule = said.map(WORDS).mask(days.notna(), "free").mask(said == HOME, "")
    unknown = said[rule.isna()]
    if len(unknown):
        counts = unknown.value_counts()
        raise SourceRefused(
            shortened(
                [
                    Problem(
                        file,
                        f"“{text}” ({counts[text]:,} rows)",
                        f"days from 1 to {LONGEST_STAY}, {HOME}, or one of: {', '.join(WORDS)}",
                        f"Tell the reader of this source what it means: etl/sources/{SOURCE}/read.py.",
                        column=REQUIREMENT,
                        row=int(row[i]),
                    )
                    for i, text in unknown.drop_duplicates().items()
                ]
            )
        )
    return rule.astype("str"), days


def _fates(pairs: pd.DataFrame, catalog: Catalog) -> tuple[pd.Series, pd.Series]:
    """For each pair why it is out of scope, and why it is rejected; both empty for one that is imported."""
    members = list(catalog.members)
    unread = (pairs[["origin_iso3", "destination_iso3"]] == reading.UNREAD).any(axis=1)
    same = pairs["origin_iso3"] == pairs["destination_iso3"]
    asked = {
        NO_MEMBER: ~unread & ~(pairs["origin_iso3"].isin(members) | pairs["destination_iso3"].isin(members)),
        SAME: ~unread & same,
    }
    out = pd.Series(np.select(list(asked.values()), list(asked), default=""), pairs.index, dtype=object)
    doubts = {
        reading.UNKNOWN_LABEL: unread,
        NOT_HOME: pairs["rule"] == "",
        REPEATED: pairs.duplicated(["origin_iso3", "destination_iso3"], keep=False),
    }
    bad = pd.Series(np.select(list(doubts.values()), list(doubts), default=""), pairs.index, dtype=object)
    return out, bad.where(out == "", "")


def _rejected(rows: pd.DataFrame, bad: pd.Series, file: str) -> pd.DataFrame:
    """The quarantined pairs with the reason, in the order of the file."""
    those, reason = rows[bad != ""], bad[bad != ""]
    found = those[PASSPORT] + " to " + those[DESTINATION] + ": " + those[REQUIREMENT]
    return frames.rejected(those, file, "", REQUIREMENT, found, reason, reading.how_to_fix(reason, ASK))


def _notes(pairs: pd.DataFrame, catalog: Catalog) -> tuple[str, ...]:
    absent = sorted(set(catalog.members) - set(pairs["origin_iso3"]) - set(pairs["destination_iso3"]))
    names = ", ".join(catalog.place_name(iso3) for iso3 in absent)
    return (
        f"Members without a rule in the file: {names or 'none'}.",
        "Labels are the publisher's; a number is days without a visa.",
    )
