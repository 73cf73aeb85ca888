"""From originals to imported tables: finds the sources by walking the folder, extracts each, writes text that can be read."""

import importlib
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd
import tomli_w

from corridors import catalog, paths
from corridors.catalog import Catalog, Source
from corridors.problems import Problem, Refused, SourceRefused
from corridors.store import atomic_files
from corridors.store.atomic_files import sha256
from etl import reading
from etl.frames import Extract, InputFile, write_csv
from etl.submissions.report.outcome import counted

SOURCES = Path(__file__).with_name("sources")
WRITTEN, PROMISE = ".new.part", ".all.part"  # endings of what extract has written, and of the card that says it is all there
DATA = paths.DATA
STEPS_BACK = "steps-back"  # the rule that keeps an older or a smaller release out


@dataclass(frozen=True)
class Imported:
    """The tables of one source below the folder `data`, and the card that says where they came from."""

    source: Source
    data: Path
    card: dict

    def path(self, table: str) -> Path:
        """The CSV of one of `paths.SOURCE_TABLES`; a source need not have all of them."""
        return paths.source_table(self.data, self.source.id, table)


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
    older: bool = False,
    before_writing: Callable[[str], object] = lambda line: None,
    write: bool = True,
) -> list[Extract]:
    """Reads the originals in `origin/<source>/` and writes the imported tables below `data`; returns what was read.

    Without `write` it only says what would change.

    Refuses an older release, a shorter span or a loss of more than a tenth of a source's figures unless `older`. All sources are read before anything is written, so one bad file changes nothing. Raises Refused with the problems
    of every source at once.
    """
    vocabulary = catalog.load()
    done, problems = [], []
    if not origin.is_dir():
        raise SourceRefused.of(
            str(origin),
            "no such folder",
            "a folder with one sub-folder per source",
            "Name it with --from, or run “python -m etl refresh”.",
        )
    for source in sources(wanted):
        on_source(source.id, None)
        try:
            result = read_source(source.id, origin / source.id, vocabulary)
        except Refused as refusal:
            problems += [f"{source.id}: {problem}" for problem in refusal.problems]
            continue
        problems += [] if older else [f"{source.id}: {problem}" for problem in steps_back(result, vocabulary, data)]
        done.append(result)
        on_source(source.id, result)
    if problems:
        raise SourceRefused(problems)
    for result in done:  # all of it is said before the first table is replaced
        before_writing(difference(result, data))
    for result in done if write else ():
        _write(result, data)
    return done


def read_source(source_id: str, folder: Path, vocabulary: Catalog) -> Extract:
    """What the reader of a source makes of the originals in a folder, with the release that they are of. Raises Refused."""
    reader = importlib.import_module(f"etl.sources.{source_id}.read")
    raw, notes = reading.mended(reader.read(folder))
    result = reader.to_figures(raw, vocabulary, date.today().year).balanced()
    released = result.released or _retrieved(folder, result)
    return replace(result, released=released, notes=(*result.notes, *notes))


def difference(result: Extract, data: Path) -> str:
    """What would replace what, in a sentence: figures, span and release of the kept tables and of what was read."""
    before, now = _kept(result.source_id, data), _summary(result)
    if before is None:
        return f"{result.source_id}: new, {counted(now['kept'], 'figure')} to {now['last'] or 'no day'}"
    content = [f"{name} {before[name]:,} → {now[name]:,}" for name in ("kept",) if before[name] != now[name]]
    content += [f"{name} {before[name]} → {now[name]}" for name in ("last", "released") if before[name] != now[name]]
    return f"{result.source_id}: {', '.join(content) or 'the same number, span and release'}"


def _summary(result: Extract) -> dict:
    last = result.figures["period_end"].astype("str").max() if len(result.figures) else ""
    return {"kept": result.kept, "last": last, "released": result.released}


def _kept(source_id: str, data: Path) -> dict | None:
    """The same of the tables that are kept; None where there are none that can be read."""
    card, table = paths.source_card(data, source_id), paths.source_table(data, source_id, "figures")
    if not card.is_file() or not table.is_file():
        return None
    content, fault = _card(card)
    if fault or "kept" not in content:
        return None
    try:
        last = pd.read_csv(table, usecols=["period_end"], dtype=str)["period_end"].dropna().max()
    except (ValueError, OSError):
        return None
    return {
        "kept": int(content["kept"]),
        "last": last if isinstance(last, str) else "",
        "released": content.get("released", ""),
    }


def steps_back(result: Extract, vocabulary: Catalog, data: Path) -> list[Problem]:
    """Why what was read would be a step back from what is kept below `data`; each has the code STEPS_BACK."""
    return [replace(problem, code=STEPS_BACK) for problem in _older(result, data) + _lost_members(result, vocabulary, data)]


def _older(result: Extract, data: Path) -> list[Problem]:
    before, now = _kept(result.source_id, data), _summary(result)
    if before is None:
        return []
    found = []
    if before["released"] and now["released"] and now["released"] < before["released"]:
        found.append(f"a release of {now['released']}, older than the kept one of {before['released']}")
    if now["last"] < before["last"]:
        found.append(f"figures to {now['last'] or 'no day'}, where the kept ones reach {before['last']}")
    if now["kept"] < 0.9 * before["kept"]:
        found.append(f"{now['kept']:,} figures, which would replace {before['kept']:,}")
    if not found:
        return []
    files = ", ".join(file.file for file in result.inputs)
    problem = Problem(
        files,
        "; ".join(found),
        "what is as new and as complete as the figures that are kept",
        "Fetch the newest release; or say --older to extract, if the step back is meant.",
    )
    return [problem]


def _lost_members(result: Extract, vocabulary: Catalog, data: Path) -> list[Problem]:
    """Why labels that nobody knows keep a file out: a member that has figures in the kept table has none, so one may be its name."""
    strange = result.rejected[result.rejected["reason"] == reading.UNKNOWN_LABEL]
    kept = paths.source_table(data, result.source_id, "figures")
    if strange.empty or not kept.is_file():
        return []
    ends = ["iso3", "partner_iso3"]
    before = pd.read_csv(kept, usecols=ends, dtype=str, keep_default_na=False)
    gone = set(before[ends].to_numpy().ravel()) & set(vocabulary.members) - set(result.figures[ends].to_numpy().ravel())
    if not gone:
        return []
    names = ", ".join(vocabulary.place_name(iso3) for iso3 in sorted(gone))
    first = strange.iloc[0]
    problem = Problem(
        first["file"],
        f"no figure of {names}, and labels that nobody knows, such as {first['found']}",
        "a figure of every member that has one in the kept table",
        f"{reading.ADD_LABEL} Or say --older to extract, if the member is meant to have none.",
        sheet=first["sheet"],
        column=first["column"],
        row=int(first["row"]),
    )
    return [problem]


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
    whoever comes next (`commit_files`) moves them; without it they are nobody's.
    """
    name = result.source_id
    commit_files(data)
    card = paths.source_card(data, name)
    _drop(card.parent)
    written = card.with_name(paths.CARD + WRITTEN)
    try:
        parts = {}
        for table in paths.SOURCE_TABLES:
            rows = getattr(result, table)
            if rows is not None and not (table == "rejected" and rows.empty):
                place = paths.source_table(data, name, table)
                parts[place.name] = part = place.with_name(place.name + WRITTEN)
                write_csv(rows, part)
        content = {
            **({"released": result.released} if result.released else {}),
            "cells_read": result.cells_read,
            "kept": result.kept,
            "rejected": len(result.rejected),
            "notes": list(result.notes),
            "tables": {table: sha256(part) for table, part in parts.items()},
            "out_of_scope": dict(sorted(result.out_of_scope.items())),
            "files": [vars(f) for f in result.inputs],
        }
        written.write_text(
            "# Written by “python -m etl extract”: where the rows of the tables beside this file came from.\n"
            + tomli_w.dumps(content),
            encoding="utf-8",
        )
        for part in (*parts.values(), written):
            atomic_files.flush(part)
    except OSError:  # a full disk: what was written must not take up what little room there is
        _drop(card.parent)
        raise
    written.replace(card.with_name(paths.CARD + PROMISE))
    commit_files(data)


def _drop(folder: Path) -> None:
    """Deletes what an extract wrote into a source's folder and never promised."""
    for part in folder.glob(f"*{WRITTEN}*"):
        part.unlink(missing_ok=True)


def commit_files(data: Path) -> None:
    """Finishes what an extract that was killed had promised: moves its tables into place, drops those that the source has
    no more, then moves the card."""
    for promise in sorted((data / paths.SOURCES).glob(f"*/{paths.CARD}{PROMISE}")):
        for part in sorted(promise.parent.glob(f"*.csv{WRITTEN}")):
            part.replace(part.with_name(part.name.removesuffix(WRITTEN)))
        named = tomllib.loads(promise.read_text(encoding="utf-8"))["tables"]
        for table in promise.parent.glob("*.csv"):
            if table.name not in named:
                table.unlink()
        promise.replace(promise.with_name(paths.CARD))


def imported(data: Path = DATA) -> list[Imported]:
    """The imported tables of every source. Refuses a table without its card, or a source without a table.

    Finishes first what an extract that was killed had promised.
    """
    commit_files(data)
    tables, problems = [], []
    for source in sources():
        card = paths.source_card(data, source.id)
        content, fault = _card(card) if card.is_file() else ({}, None)
        problems += [fault] if fault else []
        named = ["figures", *(["rejected"] if content.get("rejected") else [])]
        needed = [card, *(paths.source_table(data, source.id, table) for table in named)]
        gone = [path for path in needed if not path.is_file()]
        problems += [
            Problem(
                f"data/{path.relative_to(data).as_posix()}",
                "no such file",
                "the imported table and its card",
                f"Run “python -m etl extract --from DIR {source.id}”.",
            )
            for path in gone
        ]
        if content.get("released"):  # the file knows its date better than source.toml
            day = date.fromisoformat(content["released"])
            source = replace(source, released=content["released"], edition=f"as of {day.day} {day:%B %Y}")
        tables.append(Imported(source, data, content))
    if problems:
        raise SourceRefused(problems)
    return tables


def _card(path: Path) -> tuple[dict, Problem | None]:
    """What an imported table's card says, or what is wrong with it."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        dict(content["out_of_scope"]), int(content["cells_read"]), [InputFile(**file) for file in content["files"]]
        date.fromisoformat(content.get("released", "2000-01-01"))
        return content, None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as fault:
        return {}, Problem(
            f"data/{paths.SOURCES}/{path.parent.name}/{path.name}",
            f"a card that cannot be understood ({fault})",
            "what extract writes there",
            f"Undo the edit, or run “python -m etl extract --from DIR {path.parent.name}”.",
        )


def input_files(card: dict) -> list[InputFile]:
    """The publisher's files named on a card."""
    return [InputFile(**f) for f in card["files"]]
