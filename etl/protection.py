"""Case records made fit to be shown: the rules of protection, the installation's secret seed, and the protected tables.

Rules, and what may be published of them: `D` is the most by which a count is moved, `VARIANCE` the variance of the noise at
and above the threshold (below it the smallest that is possible), `THRESHOLD` the smallest count that is shown. The seed and
the keys of records are secret: with them the noise could be taken off again.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import pandas as pd

from corridors import catalog
from corridors.catalog import Catalog
from corridors.statistics import cell_keys, quality
from corridors.store.cases import database
from corridors.store.cases import tables as case_tables
from etl.faults import Problem, Refused

# Noise may reach further than the threshold: a count of 1 must be able to become more than 11, or no whole number of the 256
# keys keeps the mean at 0. A standard deviation of 3 keeps totals useful.
D, VARIANCE, THRESHOLD = 15, 9, 11
SEED_BYTES = 32
CARRIED = "cases"  # below data/: one folder for each data set that its publisher has protected
LISTED_BY_COUNT = ("citizenship", "exploitation_country", "interception_country", "detected_year")
NOT_SAID = (case_tables.UNKNOWN, "suppressed")
UNITS = {
    "trafficking": ("identified victim of trafficking", "identified victims of trafficking"),
    "smuggling": ("smuggled migrant recorded", "smuggled migrants recorded"),
}
CAVEATS = {"trafficking": ["C01", "C02", "C04", "C05", "C06"], "smuggling": ["C31"]}
PERTURBED = (
    f"Protected by the cell-key method. Every count is moved by a random amount of at most {D}, on average by nothing; "
    f"from {THRESHOLD} on the variance is {VARIANCE} (standard deviation {VARIANCE**0.5:g}), below that the smallest possible. "
    "The same cell is the same number in every table. Totals are moved on their own, so parts need not add up to them. "
    f"What comes out below {THRESHOLD} is withheld; nobody and a few people then look the same. Tables of more than three "
    "dimensions are not made."
)
AS_PUBLISHED = (
    "Its publisher has protected this data set: at least {k} people share every combination that it holds. The counts are its own "
    "and are not moved again. Where it holds nobody, people may have been removed or a value hidden: that is told as none in the file "
    "and is not zero."
)


class ProtectionRefused(Refused):
    """Case records cannot be protected: the seed is open to others, damaged, or the private database is in use."""

    heading = "Nothing was published. These must be mended first:"


@dataclass(frozen=True)
class Told:
    """What is said of a data set beside its counts."""

    dataset_id: str
    crime: str
    title: str
    publisher: str
    source: str
    released: date | None
    licence: str
    attribution: str
    address: str
    k: int | None
    note: str
    limits: tuple[str, ...]
    method_class: str
    reliability: str
    credibility: str
    tlp: str


def seed(data: Path) -> bytes:
    """The installation's secret seed, made on first use (data/private/seed, mode 0600; or where CORRIDORS_SEED_FILE says).

    It must be kept: with another seed every protected count becomes another number, and two editions that differ in
    their noise tell more together than either. Raises ProtectionRefused.
    """
    named = os.environ.get("CORRIDORS_SEED_FILE")
    path = Path(named) if named else database.folder(data) / "seed"
    if not path.exists() and not named:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(SEED_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
    shown = "the file that CORRIDORS_SEED_FILE names" if named else "data/private/seed"
    if not path.is_file():
        raise ProtectionRefused(
            Problem(shown, "no file", "the seed of this installation", "Bring it back from your backup.")
        )
    if os.name == "posix" and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
        raise ProtectionRefused(
            Problem(
                shown,
                f"mode {mode:04o}, which others can open",
                "mode 0600",
                "Run “chmod 600” on it; if others may have read it, treat the seed as known.",
            )
        )
    text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != SEED_BYTES:
        raise ProtectionRefused(
            Problem(
                shown,
                f"{len(text)} characters",
                f"{SEED_BYTES * 2} hexadecimal digits",
                "Bring it back from your backup; a new seed changes every protected count.",
            )
        )
    return found


def files(data: Path) -> list[Path]:
    """What decides the protected tables and is a file of the project: the carried data sets and the code. For the digest."""
    code = (cell_keys.__file__, case_tables.__file__, __file__)
    return [*sorted((data / CARRIED).glob("*/*.csv")), *sorted((data / CARRIED).glob("*/*.toml")), *map(Path, code)]


def fingerprint(data: Path) -> str:
    """A text that changes whenever the private records or the seed do; says nothing about either. Empty without records."""
    standing = _batches(data)
    if not standing:
        return ""
    return hmac.new(seed(data), repr(sorted(standing.items())).encode(), hashlib.sha256).hexdigest()


def tables(data: Path, vocabulary: Catalog, dated: date) -> dict[str, pd.DataFrame]:
    """The frames of `case_dataset`, `case_cell` and `case_category`: carried data sets, then the private ones.

    A private data set whose records, seed and rules are as before is taken from the shelf. Raises ProtectionRefused with
    every fault.
    """
    problems, made = [], []
    for card in sorted((data / CARRIED).glob("*/*.toml")):
        try:
            told = _carried(card)
            made.append((told, case_tables.counted(card.with_name("profiles.csv"), told.crime, THRESHOLD)))
        except (KeyError, ValueError, OSError) as fault:
            problems.append(
                Problem(
                    f"data/{CARRIED}/{card.parent.name}/{card.name}",
                    f"{type(fault).__name__}: {fault}",
                    "a card and profiles as “python -m etl extract” writes them",
                    "Run the extract again.",
                )
            )
    if problems:
        raise ProtectionRefused(problems)
    standing = _batches(data)
    for row in _standing(data).itertuples():
        told = _private(row)
        made.append((told, _protected(data, row.dataset_id, row.crime, standing[row.dataset_id])))
    rows, counts, categories = [], [], []
    for told, cube in made:
        listed = _categories(told, cube)
        rows.append(_dataset(told, cube, dated, vocabulary))
        counts.append(cube.assign(dataset_id=told.dataset_id))
        categories.append(listed)
    return {
        "case_dataset": pd.DataFrame(rows),
        "case_cell": pd.concat(counts, ignore_index=True) if counts else pd.DataFrame(),
        "case_category": pd.concat(categories, ignore_index=True) if categories else pd.DataFrame(),
    }


def _batches(data: Path) -> dict[str, str]:
    try:
        return case_tables.batches(data)
    except database.PrivateBusy:
        raise _busy() from None


def _standing(data: Path) -> pd.DataFrame:
    try:
        return case_tables.standing(data)
    except database.PrivateBusy:
        raise _busy() from None


def _busy() -> ProtectionRefused:
    return ProtectionRefused(
        Problem(
            "data/private/cases.duckdb",
            "another process that writes to it",
            "nobody writing",
            "Wait until the other command has ended, then build again.",
        )
    )


@lru_cache(maxsize=2)
def _noise(secret: bytes) -> pd.DataFrame:
    return cell_keys.perturbation_table(D, VARIANCE, THRESHOLD, secret)


def _protected(data: Path, dataset_id: str, crime: str, records: str) -> pd.DataFrame:
    """The protected cube of one private data set, from the shelf where records, seed, rules and code are as before."""
    secret = seed(data)
    code = [hashlib.sha256(Path(f).read_bytes()).hexdigest() for f in (cell_keys.__file__, case_tables.__file__)]
    content = repr((dataset_id, crime, records, D, VARIANCE, THRESHOLD, code)).encode()
    shelf = database.folder(data) / "protected"
    shelf.mkdir(exist_ok=True, mode=0o700)
    name = hashlib.sha256(f"{dataset_id}/{crime}".encode()).hexdigest()[:16]
    path = shelf / f"{name}-{hmac.new(secret, content, hashlib.sha256).hexdigest()[:32]}.parquet"
    if not path.is_file():
        try:
            case_tables.protect(data, dataset_id, crime, _noise(secret), THRESHOLD, path)
        except database.PrivateBusy:
            raise _busy() from None
        for old in set(shelf.glob(f"{name}-*")) - {path}:
            old.unlink()
    return case_tables.kept(path)


def _carried(path: Path) -> Told:
    card = tomllib.loads(path.read_text(encoding="utf-8"))
    return Told(
        card["dataset_id"],
        card.get("crime", "trafficking"),
        card["title"],
        card["publisher"],
        f"{card['publisher']}, {card['edition']}",
        date.fromisoformat(card["released"]),
        card["licence"],
        card["attribution"],
        card["address"],
        int(card["k"]),
        card.get("terms", ""),
        tuple(card["limits"]),
        card["method_class"],
        card["reliability"],
        card["credibility"],
        card["tlp"],
    )


def _private(row) -> Told:
    """A data set of accepted batches. Its handling is not known, so it counts as TLP:AMBER+STRICT until somebody says."""
    return Told(
        f"{row.dataset_id}.{row.crime}",
        row.crime,
        row.title,
        row.source,
        f"{row.source}, received {row.received:%Y-%m-%d}",
        row.received,
        "Handed in for the Working Group; not to be passed on",
        row.source,
        "not published",
        None,
        "",
        ("Only cases that this source has recorded and handed in.",),
        "linked unit records",
        "B",
        "3",
        "AMBER+STRICT",
    )


def _single(cube: pd.DataFrame) -> pd.DataFrame:
    """The tables of one dimension."""
    return cube[cube[list(case_tables.ALL)].notna().sum(axis=1) == 1]


def _dataset(told: Told, cube: pd.DataFrame, dated: date, vocabulary: Catalog) -> dict:
    single = _single(cube)
    said = {d for d in case_tables.DIMENSIONS[told.crime] if (single[d].notna() & ~single[d].isin(NOT_SAID)).any()}
    years = sorted(int(y) for y in single.detected_year.dropna() if y.isdigit())
    age = max(dated.year - years[-1], 0) if years else None
    graded = quality.grade(None, age, told.method_class, told.reliability, told.credibility)
    one, many = UNITS[told.crime]
    missing = [c for c in CAVEATS[told.crime] if c not in vocabulary.caveats]
    if missing:
        raise catalog.CatalogFault(f"caveats.toml: no entry {', '.join(missing)}, which case data carry")
    return {
        "dataset_id": told.dataset_id,
        "crime": told.crime,
        "title": told.title,
        "publisher": told.publisher,
        "source": told.source,
        "released": told.released,
        "licence": told.licence,
        "attribution": told.attribution,
        "address": told.address,
        "unit_one": one,
        "unit_many": many,
        "method": AS_PUBLISHED.format(k=told.k) if told.k else PERTURBED,
        "perturbed": told.k is None,
        "threshold": THRESHOLD,
        "d": None if told.k else D,
        "variance": None if told.k else float(VARIANCE),
        "k": told.k,
        "depth": case_tables.DEPTH,
        "dimensions": [d for d in case_tables.DIMENSIONS[told.crime] if d in said],
        "first_year": years[0] if years else None,
        "last_year": years[-1] if years else None,
        "note": told.note or None,
        "caveats": CAVEATS[told.crime],
        "limits": list(told.limits),
        "reliability": told.reliability,
        "credibility": told.credibility,
        "tlp": told.tlp,
        "grade": graded.letter,
        "grade_reason": graded.reason,
    }


@lru_cache(maxsize=1)
def _closed() -> dict[str, tuple[str, ...]]:
    """The closed vocabularies of case files in their own order."""
    text = (Path(catalog.__file__).parent / "cases.toml").read_text(encoding="utf-8")
    return {name: tuple(values) for name, values in tomllib.loads(text)["values"].items()}


def _categories(told: Told, cube: pd.DataFrame) -> pd.DataFrame:
    """The values that tables of this data set list. Countries and years only where a count of their own can be shown."""
    single = _single(cube)
    rows = []
    for dimension in case_tables.DIMENSIONS[told.crime]:
        found = set(single[dimension].dropna())
        closed = () if dimension in LISTED_BY_COUNT else _closed()[dimension]
        if told.k:  # a publisher's own vocabulary may lack some of ours; what it holds is public
            closed = tuple(v for v in closed if v in found)
        values = [*(v for v in closed if v not in NOT_SAID), *sorted(found - set(closed) - set(NOT_SAID))]
        values += [v for v in NOT_SAID if v in found or (v in closed and not told.k)]
        rows += [
            {"dataset_id": told.dataset_id, "dimension": dimension, "value": v, "position": n} for n, v in enumerate(values)
        ]
    return pd.DataFrame(rows)
