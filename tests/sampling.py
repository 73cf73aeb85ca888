"""How much a run of the tests looks at: a sample, or with CORRIDORS_TESTS=all everything, as CI does."""

import os
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")
ALL = os.environ.get("CORRIDORS_TESTS") == "all"
# Large and small, silent and much told of, in Asia, Europe, the Pacific and America, and a territory.
MEMBERS = ("THA", "BGD", "IRN", "MMR", "NCL", "NRU", "PRK", "USA")


def all_or(sample: T, everything: T) -> T:
    """`everything` where all is asked for, else the `sample`."""
    return everything if ALL else sample


def members(everything: Iterable[str]) -> list[str]:
    """The ISO 3166 codes of all members, or of the eight sampled ones."""
    return [iso3 for iso3 in everything if ALL or iso3 in MEMBERS]
