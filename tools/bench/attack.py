"""`python -m tools.bench.attack`: what attacks on protected tables find, over twenty invented registers. Figures, no bounds.

The bounds are tests: tests/etl/protection/test_protection_attack.py.
"""

import tempfile
from itertools import combinations
from pathlib import Path

import pandas as pd

from corridors import catalog
from etl import protection
from tests.etl import case_records
from tests.etl.protection.test_protection_attack import DIMENSIONS, cube, strangers
from tools import attack

SEEDS = 20


def main() -> None:
    """Prints persons singled out and read whole, and attributes read from one added record: protected and unprotected."""
    totals = {
        "people alone": 0,
        "singled out": 0,
        "read whole": 0,
        "unprotected: singled out": 0,
        "unprotected: read whole": 0,
    }
    attributes = 0
    for seed in range(SEEDS):
        with tempfile.TemporaryDirectory() as folder:
            data, records = Path(folder), strangers(seed)
            case_records.accept(data, records)
            protected = attack.whole_persons(cube(data, protection.RULES), records, DIMENSIONS)
            counts = [
                records.groupby(list(by)).size().reset_index(name="value")
                for n in (1, 2, 3)
                for by in combinations(DIMENSIONS, n)
            ]
            open_ = attack.whole_persons(pd.concat(counts), records, DIMENSIONS)
            alone = pd.concat([records[~records.duplicated(list(by), keep=False)] for by in combinations(DIMENSIONS, 2)])
            for name, number in zip(totals, (alone.index.nunique(), *protected, *open_)):
                totals[name] += number
            before = protection.tables(data, catalog.load(), case_records.DATED)["case_cell"]
            one = strangers(seed + 500).head(1)
            case_records.accept(data, one, batch="b2")
            after = protection.tables(data, catalog.load(), case_records.DATED)["case_cell"]
            attributes += attack.of_one_record(before, after, DIMENSIONS, one.iloc[0].to_dict())
    print(f"{SEEDS} registers of 300 people, {len(DIMENSIONS)} attributes:")
    for name, number in totals.items():
        print(f"  {name}: {number}")
    print(f"  attributes read from one added record: {attributes} of {SEEDS * len(DIMENSIONS)}")


if __name__ == "__main__":
    main()
