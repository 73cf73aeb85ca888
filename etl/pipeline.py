"""From originals to carried tables: finds the sources by walking the folder, extracts each, writes text that can be read."""

from __future__ import annotations

import importlib
import os
import tomllib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Callable, Iterable

import tomli_w

import catalog
from catalog import Source

from .faults import Problem, Refused, SourceRefused
from .frames import Extract, InputFile, write_csv

ROOT = Path(__file__).resolve().parent.parent
SOURCES = Path(__file__).with_name("sources")
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
        raise Refused([
            Problem("command line", f"source “{name}”", "one of " + ", ".join(found), "Check the spelling.")
            for name in unknown
        ])  # fmt: skip
    return [catalog.read_source(path) for name, path in found.items() if not wanted or name in set(wanted)]


def extract(
    origin: Path, wanted: Iterable[str] = (), data: Path = DATA, on_source: Callable[[str, Extract | None], None] = lambda *_: None
) -> list[Extract]:
    """Reads the originals in `origin/<source>/` and writes the carried tables below `data`; returns what was read.

    All sources are read before anything is written, so one bad file changes nothing. Raises Refused with the problems
    of every source at once.
    """
    vocabulary = catalog.load()
    latest = date.today().year
    done, problems = [], []
    if not origin.is_dir():
        raise SourceRefused(Problem(str(origin), "no such folder", "a folder with one sub-folder per source",
                                    "Name it with --from, or run “python -m etl refresh”."))  # fmt: skip
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
    """The day of the newest download among the files read (from the cards that `refresh` writes); empty without one."""
    cards = [folder / f"{f.file}.card.toml" for f in result.inputs]
    days = [str(tomllib.loads(c.read_text(encoding="utf-8"))["retrieved"])[:10] for c in cards if c.is_file()]
    return max(days, default="")


def _write(result: Extract, data: Path) -> None:
    name = result.source_id
    write_csv(result.figures, data / "figures" / f"{name}.csv")
    write_csv(result.rejected, data / "rejected" / f"{name}.csv")
    if result.visas is not None:
        write_csv(result.visas, data / "visas" / f"{name}.csv")
    if result.pairs is not None:
        write_csv(result.pairs, data / "pairs" / f"{name}.csv")
    if result.incidents is not None:
        write_csv(result.incidents, data / "incidents" / f"{name}.csv")
    card = {
        **({"released": result.released} if result.released else {}),
        "cells_read": result.cells_read,
        "kept": result.kept,
        "rejected": len(result.rejected),
        "notes": list(result.notes),
        "out_of_scope": dict(sorted(result.out_of_scope.items())),
        "files": [vars(f) for f in result.inputs],
    }
    part = data / "figures" / f"{name}.toml.part"
    part.write_text(
        "# Written by “python -m etl extract”: where the rows of the table beside this file came from.\n" + tomli_w.dumps(card),
        encoding="utf-8",
    )
    part.replace(data / "figures" / f"{name}.toml")


def carried(data: Path = DATA) -> list[Carried]:
    """The carried tables of every source. Refuses a table without its card, or a source without a table."""
    tables, problems = [], []
    for source in sources():
        figures, card = data / "figures" / f"{source.id}.csv", data / "figures" / f"{source.id}.toml"
        rejected, incidents = data / "rejected" / f"{source.id}.csv", data / "incidents" / f"{source.id}.csv"
        gone = [p for p in (figures, card, rejected) if not p.is_file()]
        problems += [
            Problem(f"data/{p.parent.name}/{p.name}", "no such file", "the carried table and its card",
                    f"Run “python -m etl extract --from DIR {source.id}”.")
            for p in gone
        ]  # fmt: skip
        if not gone:
            told = tomllib.loads(card.read_text(encoding="utf-8"))
            if told.get("released"):  # the file knows its date better than source.toml
                day = date.fromisoformat(told["released"])
                source = replace(source, released=told["released"], edition=f"as of {day.day} {day:%B %Y}")
            visas, pairs = data / "visas" / f"{source.id}.csv", data / "pairs" / f"{source.id}.csv"
            tables.append(Carried(source, figures, rejected, incidents, visas, pairs, told))
    if problems:
        raise SourceRefused(problems)
    return tables


def input_files(card: dict) -> list[InputFile]:
    """The publisher's files named on a card."""
    return [InputFile(**f) for f in card["files"]]
