"""From originals to carried tables: finds the sources by walking the folder, extracts each, writes text that can be read."""

from __future__ import annotations

import importlib
import os
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import tomli_w

from corridors import ROOT, catalog
from corridors.catalog import Source
from corridors.problems import Problem, Refused, SourceRefused
from corridors.store import atomic_files
from etl.frames import Extract, InputFile, sha256, write_csv

SOURCES = Path(__file__).with_name("sources")
WRITTEN, PROMISE = ".new.part", ".all.part"  # endings of what extract has written, and of the card that says it is all there
DATA = Path(os.environ.get("CORRIDORS_DATA") or ROOT / "data")  # another folder for trials and tests


@dataclass(frozen=True)
class Carried:
    """The carried tables of one source: paths of its text files and the card that says where they came from."""

    source: Source
    figures: Path
    rejected: Path
    incidents: Path
    visas: Path
    pairs: Path
    card: dict


def sources(wanted: Iterable[str] = ()) -> list[Source]:
    """The sources of the folder, in order of name; only `wanted` when given. Refuses an unknown name."""
    found = {p.parent.name: p for p in sorted(SOURCES.glob("*/source.toml"))}
    unknown = [name for name in wanted if name not in found]
    if unknown:
        raise Refused(
            [
                Problem("command line", f"source “{name}”", "one of " + ", ".join(found), "Check the spelling.")
                for name in unknown
            ]
        )
    return [catalog.read_source(path) for name, path in found.items() if not wanted or name in set(wanted)]


def extract(
    origin: Path,
    wanted: Iterable[str] = (),
    data: Path = DATA,
    on_source: Callable[[str, Extract | None], None] = lambda *_: None,
) -> list[Extract]:
    """Reads the originals in `origin/<source>/` and writes the carried tables below `data`; returns what was read.

    All sources are read before anything is written, so one bad file changes nothing. Raises Refused with the problems
    of every source at once.
    """
    vocabulary = catalog.load()
    latest = date.today().year
    done, problems = [], []
    if not origin.is_dir():
        raise SourceRefused(
            Problem(
                str(origin),
                "no such folder",
                "a folder with one sub-folder per source",
                "Name it with --from, or run “python -m etl refresh”.",
            )
        )
    for source in sources(wanted):
        on_source(source.id, None)
        reader = importlib.import_module(f"etl.sources.{source.id}.read")
        try:
            result = reader.to_figures(reader.read(origin / source.id), vocabulary, latest).balanced()
            result = replace(result, released=result.released or _retrieved(origin / source.id, result))
        except Refused as refusal:
            problems += [f"{source.id}: {problem}" for problem in refusal.problems]
            continue
        done.append(result)
        on_source(source.id, result)
    if problems:
        raise SourceRefused(problems)
    for result in done:
        _write(result, data)
    return done


def _retrieved(folder: Path, result: Extract) -> str:
    """The day of the newest download among the files read (from the cards that `refresh` writes); empty without one.

    A card of other bytes says nothing: a refresh was cut off before it wrote the new one, or the file came by hand.
    """
    days = []
    for file in result.inputs:
        try:
            card = tomllib.loads((folder / f"{file.file}.card.toml").read_text(encoding="utf-8"))
        except (FileNotFoundError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            continue
        if card.get("sha256") == file.sha256:
            days.append(str(card.get("retrieved", ""))[:10])
    return max(days, default="")


def _write(result: Extract, data: Path) -> None:
    """Puts the tables of one source and their card in place, all or none whatever moment the power goes.

    Everything is written beside its place first. Once the card lies under the name PROMISE all parts are whole, and
    whoever comes next (`settle`) moves them; without it they are nobody's.
    """
    name = result.source_id
    settle(data)
    _drop(data, name)
    rooms = {
        "figures": result.figures,
        "rejected": result.rejected,
        "visas": result.visas,
        "pairs": result.pairs,
        "incidents": result.incidents,
    }
    card = data / "figures" / f"{name}.toml{WRITTEN}"
    try:
        parts = {}
        for room, rows in rooms.items():
            if rows is not None:
                parts[f"{room}/{name}.csv"] = part = data / room / f"{name}.csv{WRITTEN}"
                write_csv(rows, part)
        told = {
            **({"released": result.released} if result.released else {}),
            "cells_read": result.cells_read,
            "kept": result.kept,
            "rejected": len(result.rejected),
            "notes": list(result.notes),
            "tables": {table: sha256(part) for table, part in parts.items()},
            "out_of_scope": dict(sorted(result.out_of_scope.items())),
            "files": [vars(f) for f in result.inputs],
        }
        card.write_text(
            "# Written by “python -m etl extract”: where the rows of the table beside this file came from.\n"
            + tomli_w.dumps(told),
            encoding="utf-8",
        )
        for part in (*parts.values(), card):
            atomic_files.flush(part)
    except OSError:  # a full disk: what was written must not take up what little room there is
        _drop(data, name)
        raise
    card.replace(card.with_name(f"{name}.toml{PROMISE}"))
    settle(data)


def _drop(data: Path, name: str) -> None:
    """Deletes what an extract of this source wrote and never promised."""
    for part in [*data.glob(f"*/{name}.csv{WRITTEN}*"), *data.glob(f"*/{name}.toml{WRITTEN}")]:
        part.unlink(missing_ok=True)


def settle(data: Path) -> None:
    """Finishes what an extract that was killed had promised: moves its tables, then their card, into place."""
    for promise in sorted((data / "figures").glob(f"*.toml{PROMISE}")):
        name = promise.name.removesuffix(f".toml{PROMISE}")
        for part in sorted(data.glob(f"*/{name}.csv{WRITTEN}")):
            part.replace(part.with_name(part.name.removesuffix(WRITTEN)))
        promise.replace(promise.with_name(promise.name.removesuffix(PROMISE)))


def carried(data: Path = DATA) -> list[Carried]:
    """The carried tables of every source. Refuses a table without its card, or a source without a table.

    Finishes first what an extract that was killed had promised.
    """
    settle(data)
    tables, problems = [], []
    for source in sources():
        figures, card = data / "figures" / f"{source.id}.csv", data / "figures" / f"{source.id}.toml"
        rejected, incidents = data / "rejected" / f"{source.id}.csv", data / "incidents" / f"{source.id}.csv"
        gone = [p for p in (figures, card, rejected) if not p.is_file()]
        problems += [
            Problem(
                f"data/{p.parent.name}/{p.name}",
                "no such file",
                "the carried table and its card",
                f"Run “python -m etl extract --from DIR {source.id}”.",
            )
            for p in gone
        ]
        if not gone:
            told, fault = _card(card)
            problems += [fault] if fault else []
            if told.get("released"):  # the file knows its date better than source.toml
                day = date.fromisoformat(told["released"])
                source = replace(source, released=told["released"], edition=f"as of {day.day} {day:%B %Y}")
            visas, pairs = data / "visas" / f"{source.id}.csv", data / "pairs" / f"{source.id}.csv"
            tables.append(Carried(source, figures, rejected, incidents, visas, pairs, told))
    if problems:
        raise SourceRefused(problems)
    return tables


def _card(path: Path) -> tuple[dict, Problem | None]:
    """What a carried table's card says, or what is wrong with it."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        dict(told["out_of_scope"]), int(told["cells_read"]), [InputFile(**file) for file in told["files"]]
        date.fromisoformat(told.get("released", "2000-01-01"))
        return told, None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as fault:
        return {}, Problem(
            f"data/figures/{path.name}",
            f"a card that cannot be understood ({fault})",
            "what extract writes there",
            f"Undo the edit, or run “python -m etl extract --from DIR {path.stem}”.",
        )


def input_files(card: dict) -> list[InputFile]:
    """The publisher's files named on a card."""
    return [InputFile(**f) for f in card["files"]]
