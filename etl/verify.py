"""Whether everything on disk is what was written: imported tables, originals, briefings, editions, and what kills left.

Nothing is changed here. Every checksum is worked out anew from the bytes, so a disk that rots is found as well.
"""

import csv
import os
import stat
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import typer

from corridors import paths
from corridors.catalog import Source
from corridors.problems import Problem, Refused, shortened
from corridors.store import bucket, editions, mirror
from corridors.store.atomic_files import sha256
from corridors.store.cases import database, snapshots
from corridors.store.queries import figures
from etl import pipeline, protection
from etl.briefings import versions

WRITTEN_BY_EXTRACT = (paths.SOURCES, "model", "cases")  # folders of data/
BUILD = "python -m etl build"
AGAIN = "Run “python -m etl extract --from DIR {source}”, or undo the edit."


class NotWell(Refused):
    """Something on disk is not what was written; `problems` names each fault with how to fix it. Nothing was changed."""

    heading = "Not all is well. Nothing was changed; readers see the newest whole edition. To be fixed:"


@dataclass
class Verified:
    """What was looked at (name → count), what is wrong, and what could not be judged."""

    looked: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def wrong(self, *words: str) -> None:
        """Notes what is wrong: file, found, expected, how to fix it."""
        self.problems.append(Problem(*words))

    def saw(self, what: str, number: int = 1) -> None:
        """Counts what was looked at."""
        self.looked[what] = self.looked.get(what, 0) + number


def register(app: typer.Typer) -> None:
    """Adds the verb `verify` to a command line."""

    @app.command("verify")
    def verify_command():
        """Check every checksum: imported tables, originals, briefings, editions; name what is wrong, with how to fix it."""
        found = verify(pipeline.DATA, editions.folder())
        _bucket(found, editions.folder())
        for note in found.notes:
            typer.echo(f"Note · {note}")
        if found.problems:
            raise NotWell(shortened(found.problems, 60))
        typer.echo(f"All is well: {', '.join(f'{n:,} {what}' for what, n in found.looked.items())}.")


def verify(data: Path, where: Path) -> Verified:
    """What is found below `data` and among the editions in `where`. Raises nothing for what is wrong: it is in `problems`."""
    found = Verified()
    cards = _imported(found, data)
    _originals(found, data, cards)
    _briefings(found, data)
    _secrets(found, data)
    _modes(found, data)
    _editions(found, where)
    _snapshots(found, data, where)
    return found


def _imported(found: Verified, data: Path) -> dict[str, dict]:
    """Tables against their cards; returns the cards that could be read, by source."""
    cards, old = {}, 0
    for source in pipeline.sources():
        path = paths.source_card(data, source.id)
        how_to_fix = AGAIN.format(source=source.id)
        try:
            card = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            found.wrong(_name(data, path), "no such file", "the card of an imported table", how_to_fix)
            continue
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            found.wrong(_name(data, path), f"a card that cannot be read ({fault})", "TOML", how_to_fix)
            continue
        found.saw("imported sources")
        cards[source.id] = card
        noted = card.get("tables", {})
        old += not noted
        for table, digest in noted.items():
            _same(found, data, path.with_name(table), digest, "the table that extract wrote", how_to_fix)
        _rows(found, data, source, card, how_to_fix)
    if old:
        found.notes.append(f"{old} cards in data/sources/ were written before tables had checksums: only rows were counted.")
    for folder in WRITTEN_BY_EXTRACT:
        for part in sorted((data / folder).rglob("*.part")):
            whole = part.name.endswith(pipeline.PROMISE)
            how_to_fix = f"Run “{BUILD}”: it finishes what that extract had promised."
            how_to_fix = how_to_fix if whole else "Extract that source again, or delete it."
            found.wrong(_name(data, part), "what an extract that was killed left", "nothing", how_to_fix)
    return cards


def _rows(found: Verified, data: Path, source: Source, card: dict, how_to_fix: str) -> None:
    """Counts the lines of the tables that a card speaks of: kept are incidents, rules or pairs where there are such."""
    tables = {name: paths.source_table(data, source.id, name) for name in paths.SOURCE_TABLES}
    kept = next((tables[n] for n in ("incidents", "visas", "pairs") if tables[n].is_file()), tables["figures"])
    for path, key in ((kept, "kept"), (tables["rejected"], "rejected")):
        if not card.get(key) and not path.is_file():
            continue  # a source of which nothing was rejected has no such table
        there, expected = _counted(path), f"{card.get(key)} rows"
        if there != expected:
            found.wrong(_name(data, path), there, f"{expected}, as its card says", how_to_fix)


def _counted(path: Path) -> str:
    """How many rows a table has below its header, in words."""
    if not path.is_file():
        return "no such file"
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            return f"{max(0, sum(1 for _ in csv.reader(handle)) - 1)} rows"
    except (csv.Error, UnicodeDecodeError) as fault:
        return f"a table that cannot be read ({fault})"


def _originals(found: Verified, data: Path, cards: dict[str, dict]) -> None:
    """Downloads against their own cards, and against the cards of the tables that were made of them."""
    folder = data / "originals"
    for card in sorted(folder.glob("*/*.card.toml")):
        path, source = card.with_name(card.name.removesuffix(".card.toml")), card.parent.name
        how_to_fix = f"Run “python -m etl refresh {source}”."
        try:
            noted = tomllib.loads(card.read_text(encoding="utf-8"))["sha256"]
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError):
            found.wrong(_name(data, card), "a card that cannot be read", "what refresh writes there", how_to_fix)
            continue
        found.saw("originals")
        if not _same(found, data, path, noted, "the file that was downloaded", how_to_fix):
            continue
        used = {f["file"]: f["sha256"] for f in cards.get(source, {}).get("files", ())}
        if used.get(path.name, noted) != noted:
            found.wrong(
                _name(data, paths.source_table(data, source, "figures")),
                f"a table made of an earlier {path.name}",
                "one made of the file on disk",
                f"Run “python -m etl extract --from data/originals {source}”.",
            )
    for part in sorted(folder.glob("*/*.part")):
        found.wrong(
            _name(data, part),
            "a download that was cut off",
            "nothing",
            f"Run “python -m etl refresh {part.parent.name}”: it begins anew. Or delete it.",
        )


def _briefings(found: Verified, data: Path) -> None:
    """What members sent, against the receipts of the versions made of it."""
    folder = versions.private(data)
    absent = 0
    for version in versions.listed(data):
        found.saw("versions of briefings")
        noted = versions.receipt(version).get("sha256", "")
        if not noted:
            continue
        kept = sorted(folder.glob(f"{noted}*"))
        if not kept and not folder.is_dir():
            absent += 1
        elif not kept:
            found.wrong(
                version.key,
                "no original",
                f"{noted[:12]}… in {_name(data, folder)}/",
                "Fetch it from where the file was accepted, or from a safe copy.",
            )
        elif versions.digest(kept[0]) != noted:
            found.wrong(
                version.key,
                "an original of other bytes",
                "what was sent",
                "Put it back from a safe copy; the rows of the version are untouched.",
            )
    if absent:
        found.notes.append(
            f"{absent} originals of briefings are not on this machine: they lie where the files were accepted."
        )
    for part in sorted([*(data / "briefings").rglob(f"{versions.PART}*"), *folder.glob(f"{versions.PART}*")]):
        found.wrong(
            _name(data, part), "what an accept that was killed left", "nothing", "The next accept sweeps it; or delete it."
        )


def _secrets(found: Verified, data: Path) -> None:
    """Salt and seed against the marks that are kept beside the case records."""
    found.problems += protection.secret_faults(data)
    if database.exists(data):
        found.saw("secrets", 2)


def _snapshots(found: Verified, data: Path, where: Path) -> None:
    """Whether the lake still holds the snapshot of which each edition was made."""
    if database.lake_of(data) is None or not database.exists(data):
        return
    made_of = {i: figures.recipe(i)[-1] for i in editions.listed(where) if not editions.fault_of(i, where)}
    made_of = {edition_id: snapshot for edition_id, snapshot in made_of.items() if snapshot is not None}
    found.saw("snapshots of editions", len(made_of))
    for edition_id, snapshot in snapshots.unreadable(data, made_of).items():
        found.wrong(
            f"edition {edition_id}",
            f"snapshot {snapshot}, which the lake does not hold",
            "the snapshot that it was made of",
            "Restore the lake’s catalogue from its copy; until then this edition can be read but not made again.",
        )


def _modes(found: Verified, data: Path) -> None:
    """Whether anything below data/private/ can be opened by others than its owner (POSIX)."""
    private = data / "private"
    for path in sorted([private, *private.rglob("*")]) if os.name == "posix" and private.is_dir() else ():
        found.saw("private files and folders")
        mode, expected = stat.S_IMODE(path.lstat().st_mode), "0700" if path.is_dir() else "0600"
        if mode & 0o077 and not path.is_symlink():
            what = f"mode {mode:04o}, which others on this machine can open"
            how_to_fix = "Run “chmod -R go= data/private”, and think about who may have read it."
            found.wrong(_name(data, path), what, f"mode {expected}", how_to_fix)


def _editions(found: Verified, where: Path) -> None:
    """Every edition against its checksum, the pointer, and what killed builds left."""
    unmarked = 0
    sealed = where / editions.SEALED
    kept = [(where, edition_id) for edition_id in editions.listed(where)]
    for folder, edition_id in [*kept, *((sealed, edition_id) for edition_id in editions.listed(sealed))]:
        found.saw("editions" if folder == where else "retracted editions")
        sums: dict[int, str] = {}  # several names may be one file
        files, reported = editions.files_of(edition_id, folder), set()
        for path in files:
            noted = editions.checksum_of(path)
            fault = editions.fault_of_file(path)
            if noted and not fault:  # not asked of what this process may have looked at before
                inode = path.stat().st_ino
                sums[inode] = sums.get(inode) or sha256(path)
                fault = "" if sums[inode] == noted else editions.DAMAGED
            unmarked += not noted and path == files[0]
            if fault and path.name not in reported:
                reported |= {p.name for p in files if p.exists() and path.exists() and p.samefile(path)}
                how_to_fix = f"Put it back from a safe copy, or delete the edition's files and run “{BUILD}”: "
                how_to_fix += "the same inputs give the same edition."
                how_to_fix = how_to_fix if folder == where else "Put it back from a safe copy; no reader ever sees it."
                place = path.relative_to(where.parent).as_posix()
                found.wrong(place, fault, "the file that was published", how_to_fix)
    for path in editions.unsealed(where):
        found.wrong(
            f"{where.name}/{path.name}",
            "a file of a retracted edition",
            f"it in {where.name}/{editions.SEALED}/; readers do not see it meanwhile",
            f"The next “{BUILD}” moves it there, and so does the same “retract” again.",
        )
    if unmarked:
        found.notes.append(
            f"{unmarked} editions have no checksum (from before these were kept): only their shape was looked at."
        )
    try:
        editions.pointer_target(where)
    except editions.NoEdition as fault:
        how_to_fix = (
            "The newest whole edition is shown meanwhile." if editions.listed(where) else "There is nothing to show yet."
        )
        found.wrong(f"{where.name}/{editions.POINTER}", str(fault), "the id of a whole edition", how_to_fix)
    for path in editions.leftovers(where):
        found.wrong(
            f"{where.name}/{path.name}",
            "what a build or prune that was killed left",
            "nothing",
            f"The next “{BUILD}” sweeps it.",
        )


def _bucket(found: Verified, where: Path) -> None:
    """Every object of a shared bucket against the list of editions and the checksums there; a replica's key is enough."""
    try:
        if not (there := editions.shared(where)):
            return
        bound, lying = mirror.Bound(where, there, *there.manifest()), there.names()
        bound.is_not_lost()
        named = {bucket.MANIFEST}
        for edition_id, entry in bound.manifest.editions.items():
            for name, digest in bound.named(edition_id).items():
                named.add(name)
                try:
                    fault = "" if there.digest(name) == digest else "other bytes than were published"
                except FileNotFoundError:
                    fault = "no such object"
                if fault:
                    how_to_fix = (
                        f"Delete it, if it is there, and run “python -m etl editions --share” where {edition_id} is whole."
                    )
                    found.wrong(f"{there.address}/{name}", fault, f"SHA-256 {digest[:12]}…", how_to_fix)
        found.saw("objects in the bucket", len(lying))
    except bucket.BucketRefused as fault:
        found.wrong(bucket.SETTING, str(fault), "a bucket that can be read", "Readers see what they have meanwhile.")
        return
    for name in sorted(lying.keys() - named):
        if name.partition("/")[0] in bound.manifest.retracted:
            how_to_fix = f"Run “python -m etl retract {name.partition('/')[0]} --reason again”: it deletes them."
            found.wrong(f"{there.address}/{name}", "a retracted edition's file", "nothing", how_to_fix)
    if left := [name for name in lying.keys() - named if name.partition("/")[0] not in bound.manifest.retracted]:
        found.notes.append(
            f"{len(left)} objects in the bucket belong to no edition: “python -m etl prune” deletes those older than an hour."
        )


def _same(found: Verified, data: Path, path: Path, noted: str, expected: str, how_to_fix: str) -> bool:
    """Whether a file has the bytes that were noted; names it otherwise."""
    if path.is_file() and sha256(path) == noted:
        return True
    there = "a file of other bytes" if path.is_file() else "no such file"
    found.wrong(_name(data, path), there, f"{expected} ({noted[:12]}…)", how_to_fix)
    return False


def _name(data: Path, path: Path) -> str:
    """A file as messages name it: below data/."""
    return f"data/{path.relative_to(data).as_posix()}"
