"""Case records made fit to be shown: the rules of protection, the installation's secret seed, and the protected tables.

`RULES` may be published; the seed and the keys of records are secret: with them the noise could be taken off again.

Two sets of tables that differ by one record would show that record. So tables are made anew only when at least `APART`
records came or went since each set that was ever made, and stay as they are until then. The exception are records that
are withdrawn for a person's sake: they go at once, and the data set gets other noise, so that no difference is that of the
records.
"""

import hashlib
import hmac
import os
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import pandas as pd

from corridors import catalog
from corridors.catalog import Catalog
from corridors.problems import Problem, Refused
from corridors.statistics import cell_keys, quality
from corridors.store import editions
from corridors.store.cases import database
from corridors.store.cases import tables as case_tables
from corridors.store.queries import figures
from etl.cases import format
from etl.cases.secret_file import SALT, SEED

# What is shown lies within 5 of the truth. A count under 6 can never reach the threshold; that counts under 4 are withheld
# must not rest on that alone.
Counter = Callable[[str, str, list[str], int | None, Path], None]  # data set, crime, batches, snapshot, file to fill
RULES = case_tables.Rules(d=5, variance=6, threshold=11, least=4)
APART = 30  # records that must have come or gone before tables are made anew
PUBLISHED = "cases"  # below data/: one folder for each data set that its publisher has protected
LISTED_BY_COUNT = ("citizenship", "exploitation_country", "interception_country", "detected_year")
NOT_SAID = (case_tables.UNKNOWN, "suppressed")
UNITS = {
    "trafficking": ("identified victim of trafficking", "identified victims of trafficking"),
    "smuggling": ("smuggled migrant recorded", "smuggled migrants recorded"),
}
CAVEATS = {"trafficking": ["C01", "C02", "C04", "C05", "C06"], "smuggling": ["C31"]}
PERTURBED = (
    f"Protected by the cell-key method. Every count is moved by a random amount of at most {RULES.d}, on average by nothing, with "
    f"the variance {RULES.variance:g} (standard deviation {RULES.variance**0.5:.2g}). From {RULES.threshold} on, the same cell is the same "
    "number in every table. Totals are moved on their own, so parts need not add up to them. "
    f"What comes out below {RULES.threshold} is withheld, as are fewer than {RULES.least} people and people who are alike in "
    "everything recorded: nobody and a few people then look the same. Tables of more than three dimensions are not made, and "
    f"tables are made anew only when at least {APART} records have come or gone."
)
KEPT = " These tables are of {day:%-d %B %Y}: fewer than {apart} records have come or gone since."
AS_PUBLISHED = (
    "Its publisher has protected this data set: at least {k} people share every combination that it holds. The counts are its own "
    "and are not moved again. Where it holds nobody, people may have been removed or a value hidden: that is told as none in the file "
    "and is not zero."
)


class ProtectionRefused(Refused):
    """Case records cannot be protected: the seed is open to others, damaged, or the private database is in use."""

    heading = "Nothing was published. These must be fixed first:"


AS_TOLD = "dataset_id title publisher licence attribution address reliability credibility tlp".split()  # by a card


@dataclass(frozen=True)
class ProtectionSummary:
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


@contextmanager
def _unless_busy() -> Iterator[None]:
    """Refuses in words where another process writes to the case records."""
    try:
        yield
    except database.PrivateBusy:
        where, how_to_fix = "data/private/cases.duckdb", "Wait until the other command has ended, then build again."
        raise ProtectionRefused.of(where, "another process that writes to it", "nobody writing", how_to_fix) from None


_batches, _standing = _unless_busy()(case_tables.batches), _unless_busy()(case_tables.standing)


@_unless_busy()
def seed(data: Path) -> bytes:
    """The installation's secret seed, made on first use (data/private/seed, mode 0600; or where CORRIDORS_SEED_FILE says).

    With another seed every protected count becomes another number, and two noises over the same records tell more than
    either. So a mark of the first seed is kept beside the records, and a seed that is lost or is another one is refused,
    never replaced. Raises ProtectionRefused.
    """
    database.folder(data)
    mark = _mark_kept(data)
    if not SEED.path(data).exists() and not os.environ.get(SEED.environment) and not mark:
        SEED.made(data)
    fault = SEED.fault(data, mark)
    if fault:
        raise ProtectionRefused(fault)
    found = SEED.read(data)
    if not mark and database.exists(data):
        with database.writer(data) as connection, database.alone(data):
            connection.execute(
                "insert into protection_seed select ? where not exists (from protection_seed)", [SEED.mark(found)]
            )
        return seed(data)  # another machine may have been first, with another seed
    return found


def secret_faults(data: Path) -> list[Problem]:
    """What is wrong with salt and seed; nothing without case records."""
    try:
        with database.reader(data) as connection:
            marks = connection.execute("select salt_check from installation").fetchone()
        mark = _mark_kept(data)
    except (database.NoPrivateData, database.PrivateBusy):
        return []
    salt = SALT.fault(data, marks[0] if marks else "") if marks or SALT.path(data).exists() else None
    return [fault for fault in (salt, SEED.fault(data, mark) if mark else None) if fault]


@_unless_busy()
def _mark_kept(data: Path) -> str:
    """The mark of the seed with which the records were protected first; empty where none ever were."""
    try:
        with database.reader(data) as connection:
            row = connection.execute("select seed_check from protection_seed").fetchone()
    except database.NoPrivateData:
        return ""
    return row[0] if row else ""


def fingerprint(data: Path, version: int | None = None) -> str:
    """A text that changes whenever the private records or the seed do; says nothing about either. Empty without records.

    `version`, here and below: the snapshot of a lake to read at.
    """
    standing = _batches(data, version)
    if not standing:
        return ""
    return hmac.new(seed(data), repr(sorted(standing.items())).encode(), hashlib.sha256).hexdigest()


@_unless_busy()
def note_states(data: Path) -> int | None:
    """Notes of which batches tables are made from now on, and returns the snapshot of the lake at which to read them.

    None where records lie in a file, which has no snapshots, or where there are none. Raises ProtectionRefused.
    """
    with database.kept_open(data):
        _refuse_forgotten(data)
        for row in _standing(data).itertuples():
            _note_state(data, row.dataset_id, row.crime)
        return database.snapshot(data)


def _refuse_forgotten(data: Path) -> None:
    """A catalogue restored from an older copy has forgotten which tables were published since. Raises ProtectionRefused."""
    newest = database.snapshot(data)
    if newest is None:
        return
    renewed = case_tables.last_renewal(data)
    for edition_id in editions.listed():
        if editions.fault_of(edition_id):
            continue
        try:
            built_at, _, snapshot = figures.recipe(edition_id)
        except editions.UnknownEdition:  # it says nothing of a snapshot
            continue
        if snapshot is not None and snapshot > newest and not (renewed and renewed > built_at):
            raise ProtectionRefused.of(
                f"edition {edition_id}",
                f"snapshot {snapshot}, while the newest of the lake is {newest}: an older copy of the catalogue was restored",
                "a lake that knows which tables were published",
                "Run “python -m etl renew”: all tables of case records get other noise, so that none can be compared with those.",
            )


def tables(data: Path, vocabulary: Catalog, version: int | None = None) -> dict[str, pd.DataFrame]:
    """The frames of `case_dataset`, `case_cell` and `case_category`: imported data sets, then the private ones.

    Private ones are made of the batches that `note_states` noted; without a `version` it is asked to. A private data set whose records, seed and rules are as before is taken from those kept. Raises ProtectionRefused with
    every fault.
    """
    version = note_states(data) if version is None else version
    problems, made = [], []
    for card in sorted((data / PUBLISHED).glob("*/*.toml")):
        try:
            summary = _imported(card)
            made.append((summary, case_tables.kept_counts(card.with_name("counts.csv"), summary.crime, RULES.threshold)))
        except (KeyError, ValueError, OSError) as fault:
            problems.append(
                Problem(
                    f"data/{PUBLISHED}/{card.parent.name}/{card.name}",
                    f"{type(fault).__name__}: {fault}",
                    "a card and counts as “python -m etl extract” writes them",
                    "Run the extract again.",
                )
            )
    if problems:
        raise ProtectionRefused(problems)
    with database.kept_open(data), database.kept_open(data, version):
        standing = _batches(data, version)
        for row in _standing(data, version).itertuples():
            if not _states(data, row.dataset_id, row.crime, version):
                continue  # it came in after `note_states` had looked: the next build has it
            cube, kept_from = _protected(data, row.dataset_id, row.crime, standing.get(row.dataset_id, ()), version)
            note = KEPT.format(day=kept_from, apart=APART).strip() if kept_from else ""
            made.append((_private(row, note), cube))
    rows, counts, categories = [], [], []
    for summary, cube in made:
        listed = _categories(summary, cube)
        rows.append(_dataset(summary, cube, vocabulary))
        counts.append(cube.assign(dataset_id=summary.dataset_id))
        categories.append(listed)
    return {
        "case_dataset": pd.DataFrame(rows),
        "case_cell": pd.concat(counts, ignore_index=True) if counts else pd.DataFrame(),
        "case_category": pd.concat(categories, ignore_index=True) if categories else pd.DataFrame(),
    }


@lru_cache(maxsize=4)
def _noise(secret: bytes) -> pd.DataFrame:
    return cell_keys.perturbation_table(RULES.d, RULES.variance, secret)


def _shifts(secret: bytes, crime: str) -> pd.DataFrame:
    """What each table adds to the keys of small counts: columns number and shift."""
    return pd.DataFrame(
        [
            (number, hmac.new(secret, f"table/{','.join(names)}".encode(), hashlib.sha256).digest()[0])
            for number, names in case_tables.tables_of(crime).items()
        ],
        columns=["number", "shift"],
    )


def prepare(data: Path, count: Counter) -> list[str]:
    """Protects every private data set from what another engine counts of it, and keeps that for the next build; their names.

    Raises ProtectionRefused.
    """
    version = note_states(data)
    standing = _batches(data, version)
    rows = list(_standing(data, version).itertuples())
    rows = [row for row in rows if _states(data, row.dataset_id, row.crime, version)]
    for row in rows:
        _protected(data, row.dataset_id, row.crime, standing.get(row.dataset_id, ()), version, count)
    return [f"{row.dataset_id}.{row.crime}" for row in rows]


@_unless_busy()
def _protected(
    data: Path, dataset_id: str, crime: str, batches: tuple[str, ...], version: int | None, count: Counter | None = None
) -> tuple[pd.DataFrame, date | None]:
    """The protected cube of one private data set, and the day of its tables where they are kept although records changed."""
    state = _states(data, dataset_id, crime, version)[-1]
    secret = _secret(data, dataset_id, state["renewed"])
    folder = database.folder(data) / "protected"
    folder.mkdir(exist_ok=True, mode=0o700)
    name = database.table_name(dataset_id, crime)
    code = [hashlib.sha256(Path(f).read_bytes()).hexdigest() for f in (cell_keys.__file__, case_tables.__file__)]
    content = repr((dataset_id, crime, state["batches"], state["renewed"], RULES, code)).encode()
    path = folder / f"{name}-{hmac.new(secret, content, hashlib.sha256).hexdigest()[:32]}.parquet"
    for left in (
        *folder.glob("*.counted"),
        *folder.glob("*.part"),
    ):  # of a run that was killed: counts of people, unprotected
        left.unlink(missing_ok=True)
    if not path.is_file():
        noise, shifts = _noise(secret), _shifts(secret, crime)
        counted = path.with_suffix(".counted") if count else None
        try:
            if count and counted:
                counted.touch(mode=0o600)  # for the owner alone: unlike what is made of them, these counts tell of people
                count(dataset_id, crime, state["batches"], version, counted)
            case_tables.protect(data, dataset_id, crime, state["batches"], noise, shifts, RULES, path, version, counted)
        finally:
            if counted:
                counted.unlink(missing_ok=True)
        for old in set(folder.glob(f"{name}-*.parquet")) - {path}:
            old.unlink()
    kept = None if state["batches"] == list(batches) else state["made"]
    return case_tables.kept(path), kept


def _secret(data: Path, dataset_id: str, renewed: int) -> bytes:
    """The seed, or another for each time that the noise of a data set was renewed."""
    return seed(data) if not renewed else hmac.new(seed(data), f"{dataset_id}/{renewed}".encode(), hashlib.sha256).digest()


def _states(data: Path, dataset_id: str, crime: str, version: int | None = None) -> list[dict]:
    """Every state that tables of a data set were ever made of: batches, renewed, made; the last one is on show."""
    rows = case_tables.states(data, version)
    rows = rows[(rows["dataset_id"] == dataset_id) & (rows["crime"] == crime)]
    return [
        {"batches": list(row.batches), "renewed": int(row.renewed), "made": pd.Timestamp(row.made).date()}
        for row in rows.itertuples()
    ]


@_unless_busy()
def _note_state(data: Path, dataset_id: str, crime: str) -> None:
    """Notes of which batches tables are to be shown: of those that stand, unless they differ from an earlier state too little.

    What is due is looked at again once nobody else can write: two who looked at the same time would note two states that
    differ by few records.
    """
    if _due(data, dataset_id, crime):
        with database.sole_writer(data) as connection:
            if state := _due(data, dataset_id, crime):
                case_tables.note_state(connection, dataset_id, crime, **state)


def _due(data: Path, dataset_id: str, crime: str) -> dict | None:
    """The state that tables are to be made of from now on; None where the last one stays."""
    batch_ids = list(_batches(data).get(dataset_id, ()))
    now = {"batches": batch_ids, "renewed": case_tables.renewals(data).get(dataset_id, 0)}
    history = _states(data, dataset_id, crime)
    comparable = [state for state in history if state["renewed"] == now["renewed"]]
    same = next((state for state in comparable if state["batches"] == batch_ids), None)
    if same is None and any(
        case_tables.changed(data, dataset_id, crime, state["batches"], batch_ids) < APART for state in comparable
    ):
        return None
    if history and {**now, "made": history[-1]["made"]} == history[-1]:
        return None
    return {"batch_ids": batch_ids, "renewed": now["renewed"], "made": same["made"] if same else date.today()}


def _imported(path: Path) -> ProtectionSummary:
    card = tomllib.loads(path.read_text(encoding="utf-8"))
    return ProtectionSummary(
        **{name: card[name] for name in (*AS_TOLD, "method_class")},
        crime=card.get("crime", "trafficking"),
        source=f"{card['publisher']}, {card['edition']}",
        released=date.fromisoformat(card["released"]),
        k=int(card["k"]),
        note=card.get("terms", ""),
        limits=tuple(card["limits"]),
    )


def _private(row, note: str) -> ProtectionSummary:
    """A data set of accepted batches. Its handling is not known, so it counts as TLP:AMBER+STRICT until somebody says."""
    return ProtectionSummary(
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
        note,
        ("Only cases that this source has recorded and handed in.",),
        "linked unit records",
        "B",
        "3",
        "AMBER+STRICT",
    )


def _single(cube: pd.DataFrame) -> pd.DataFrame:
    """The tables of one dimension."""
    return cube[cube[list(case_tables.ALL)].notna().sum(axis=1) == 1]


def _dataset(summary: ProtectionSummary, cube: pd.DataFrame, vocabulary: Catalog) -> dict:
    single = _single(cube)
    said = {d for d in case_tables.DIMENSIONS[summary.crime] if (single[d].notna() & ~single[d].isin(NOT_SAID)).any()}
    years = sorted(int(y) for y in single.detected_year.dropna() if y.isdigit())
    graded = quality.grade(None, summary.method_class, summary.reliability, summary.credibility)
    one, many = UNITS[summary.crime]
    missing = [c for c in CAVEATS[summary.crime] if c not in vocabulary.caveats]
    if missing:
        raise catalog.CatalogFault(f"caveats.toml: no entry {', '.join(missing)}, which case data carry")
    return {name: getattr(summary, name) for name in (*AS_TOLD, "crime", "source", "released", "k")} | {
        "unit_one": one,
        "unit_many": many,
        "method": AS_PUBLISHED.format(k=summary.k) if summary.k else PERTURBED,
        "perturbed": summary.k is None,
        "threshold": RULES.threshold,
        "d": None if summary.k else RULES.d,
        "variance": None if summary.k else float(RULES.variance),
        "depth": case_tables.DEPTH,
        "dimensions": [d for d in case_tables.DIMENSIONS[summary.crime] if d in said],
        "first_year": years[0] if years else None,
        "last_year": years[-1] if years else None,
        "note": summary.note or None,
        "caveats": CAVEATS[summary.crime],
        "limits": list(summary.limits),
        "grade": graded.letter,
        "grade_reason": graded.reason,
    }


def _categories(summary: ProtectionSummary, cube: pd.DataFrame) -> pd.DataFrame:
    """The values that tables of this data set list. Countries and years only where a count of their own can be shown."""
    single = _single(cube)
    rows = []
    for dimension in case_tables.DIMENSIONS[summary.crime]:
        found = set(single[dimension].dropna())
        closed = () if dimension in LISTED_BY_COUNT else format.vocabulary().values[dimension]
        if summary.k:  # a publisher's own vocabulary may lack some of ours; what it holds is public
            closed = tuple(v for v in closed if v in found)
        values = [*(v for v in closed if v not in NOT_SAID), *sorted(found - set(closed) - set(NOT_SAID))]
        values += [v for v in NOT_SAID if v in found or (v in closed and not summary.k)]
        rows += [
            {"dataset_id": summary.dataset_id, "dimension": dimension, "value": v, "position": n}
            for n, v in enumerate(values)
        ]
    return pd.DataFrame(rows)
