"""Briefings as a kind of incoming file: recognise, check, accept, withdraw. See etl/submissions/report/outcome.py for the contract."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from corridors import catalog
from corridors.catalog import people
from corridors.problems import ERROR, Problem, Refused, shortened
from etl.briefings import layouts, read, rules, versions
from etl.briefings.model import SHEETS, Briefing, Column, Sheet, Vocabulary
from etl.briefings.tables import strictest
from etl.submissions.report.outcome import Accepted, Progress, Report, counted, silent

NAME = "briefing"
OF_THE_FILE = ("unknown-column", "no-header", "column-twice", "layout-heading", "sum-of-layout")  # codes
LABELLED_RED = "a row labelled TLP:RED"
READABLE = ("choice", "choices", "place", "places", "number", "date")  # kinds of cells that hold nobody's words


def recognises(path: Path) -> bool:
    """Whether this file or folder is a briefing: it has a cover. Opens little and raises nothing."""
    return read.recognises(path)


def check(path: Path, data: Path, progress: Progress = silent, layout: str = "") -> Report:
    """The report of a briefing; writes nothing. Raises Refused for what cannot be opened at all.

    With the name of a `layout` the file is a member's own table, read as `layouts` describes it.
    """
    report, _, _, _ = _checked(path, data, progress, layout)
    return report


def accept(path: Path, data: Path, progress: Progress = silent, partial: bool = False, layout: str = "") -> Accepted:
    """Checks again and stores a new version with the original; says what changed.

    Raises Refused, and nothing was written, where the report has errors. With `partial` the sound rows are taken and each
    rejected one is kept with its reasons; a fault of the cover or of the file itself still keeps everything out.
    """
    stamp = _stamp(path)
    report, briefing, rejects, words = _checked(path, data, progress, layout)
    stopping = [f for f in report.errors if not (partial and _row(f))]
    if stopping:
        lines = shortened([str(f) for f in stopping], 40)
        if not partial and all(_row(f) for f in stopping):
            sound = f"{report.accepted} of {report.rows_in} rows are sound"
            lines = [*lines, f"{sound}; accept --partial takes those and keeps the others with their reasons."]
        raise Refused(lines)
    iso3, period = briefing.cover.iso3, briefing.cover.period
    progress("Storing", 0, None)
    checksum = versions.digest(path)
    if _stamp(path) != stamp:
        raise versions.changed(path)
    with versions.writing(data):
        stands = versions.of(data, iso3, period)
        before = read.kept(stands.folder, words).briefing if stands else None
        same = stands and not versions.between(before, briefing, words)
        if same and (versions.receipt(stands).get("sha256") == checksum or _same(stands, rejects)):
            return Accepted(
                stands.key, report, (f"Nothing changed: {stands.key.removeprefix('briefing ')} says the same already.",)
            )
        receipt = ({"layout": layout} if layout else {}) | {
            "original": _harmless(path.name),
            "sha256": checksum,
            "bytes": sum(size for _, size, _ in stamp),
            "rows_in": report.rows_in,
            "accepted": report.accepted,
            "rejected": report.rejected,
        }
        original: Path | None = path
        if any(row["found"] == LABELLED_RED for row in rejects):  # the file itself would carry what is RED
            original, receipt = None, receipt | {"original": "not kept: it holds rows of TLP:RED", "sha256": ""}
        files = versions.files(briefing, receipt, rejects)
        _reads_back(files, briefing)
        made = versions.store(data, iso3, period, files, original, checksum)
    lines = versions.between(before, briefing, words) or ("The words and numbers are the same; the rows left out differ.",)
    return Accepted(made.key, report, lines)


def withdraw(key: str, data: Path, why: str = "") -> Accepted:
    """Takes a version back: the one before stands again, nothing is deleted. Raises Refused for an unknown key."""
    words = read.vocabulary(catalog.load(), data)
    with versions.writing(data):
        version = versions.named(data, key)
        before = read.kept(version.folder, words).briefing
        stood = versions.of(data, version.iso3, version.period)
        versions.withdraw(version, why or "no reason was given", date.today())
        now = versions.of(data, version.iso3, version.period)
    if stood is None or stood.number != version.number:
        return Accepted(version.key, None, (f"{stood.key} stands as before.",) if stood else ())
    after = read.kept(now.folder, words).briefing if now else None
    line = f"{now.key} stands again." if now else f"No briefing of {version.iso3} for {version.period} stands now."
    return Accepted(version.key, None, (line, *versions.between(before, after, words)))


def _checked(path: Path, data: Path, progress: Progress, layout: str) -> tuple[Report, Briefing, list[dict], Vocabulary]:
    """The report, the briefing without its rejected rows, these with their reasons, and the vocabulary."""
    words = read.vocabulary(catalog.load(), data)
    progress("Opening", 0, None)
    described = layouts.load(layout, data) if layout else None
    got = layouts.read_with(path, described, words, progress) if described else read.read(path, words, progress)
    briefing = replace(got.briefing, cover=replace(got.briefing.cover, received=got.briefing.cover.received or date.today()))
    before = _before(data, briefing, words)
    progress("Checking", 0, None)
    faults, kept, again = list(got.faults), briefing, False
    while True:  # a row that falls may take the ground from another, such as the total that it is part of
        new = [f for one in before for f in rules.faults(kept, one, words) if f not in faults]
        # rows that all fall are named one by one; only a file that never had any is told that it has none
        new = [f for f in dict.fromkeys(new) if not (got.rows_in and f.code == "empty-briefing")]
        if again:  # a rest that only the rows that fell have made says nothing of the file
            new = [f for f in new if f.code != "parts-below-total"]
        faults += new
        again = True
        fewer = _without(kept, faults)
        if fewer == kept or not new:
            kept = fewer
            break
        kept = fewer
    rejects = _rejected(briefing, kept, faults)
    lost = len({(r["sheet"], r["row"]) for r in rejects})
    place = words.catalog.place_name(briefing.cover.iso3) if briefing.cover.iso3 else "a member not named"
    counts = (
        ", ".join(counted(len(kept.rows(s)), s.name.lower().removesuffix("s")) for s in SHEETS if kept.rows(s)) or "no row"
    )
    facts = (
        f"{counts}; TLP:{briefing.cover.tlp or 'not given, counts as AMBER+STRICT'}; {briefing.cover.state or 'status not given'}",
        *got.facts,
    )
    report = Report(
        NAME,
        path,
        f"Country briefing of {place}, {briefing.cover.period.replace('_', ' to ')}",
        tuple(faults),
        got.rows_in,
        got.rows_in - lost,
        lost,
        facts,
        briefing.cover.iso3 or "",
    )
    return report, kept, rejects, words


def _before(data: Path, briefing: Briefing, words: Vocabulary) -> list[Briefing | None]:
    """What a briefing is compared with: the version that it replaces, the one of the period before; [None] for the first."""
    cover = briefing.cover
    if not (cover.period_start and cover.period_end):
        return [None]
    stands = versions.of(data, cover.iso3, cover.period)
    ended = [
        b
        for b in versions.of_member(data, cover.iso3, words)
        if b.cover.period_end and b.cover.period_end < cover.period_start
    ]
    found = [read.kept(stands.folder, words).briefing] if stands else []
    found += sorted(ended, key=lambda b: (b.cover.period_end, b.cover.period_start or date.min))[-1:]
    return found or [None]


def _row(fault: Problem) -> int:
    """The row that a fault speaks of; 0 for the cover and for the file itself."""
    of_cover = fault.sheet.casefold() == "cover" or fault.file.startswith("cover.")
    return 0 if of_cover or fault.code in OF_THE_FILE else fault.row or 0


def _place(row) -> tuple[str, str, int]:
    return (row.at.file, row.at.sheet.casefold(), row.at.row)


def _faulty(faults: list[Problem]) -> dict[tuple[str, str, int], list[Problem]]:
    """The rows that errors speak of."""
    places: dict = {}
    for fault in faults:
        if fault.level == ERROR and _row(fault):
            places.setdefault((fault.file, fault.sheet.casefold(), _row(fault)), []).append(fault)
    return places


def _without(briefing: Briefing, faults: list[Problem]) -> Briefing:
    """The briefing without the rows that errors speak of."""
    places = _faulty(faults)
    return replace(
        briefing, **{s.name.lower(): tuple(r for r in briefing.rows(s) if _place(r) not in places) for s in SHEETS}
    )


def _rejected(briefing: Briefing, kept: Briefing, faults: list[Problem]) -> list[dict]:
    """A line for every error of every row that is left out, with the row's codes and numbers and nobody's words."""
    places = _faulty(faults)
    lines = []
    for sheet, row in ((sheet, row) for sheet in SHEETS for row in briefing.rows(sheet) if _place(row) in places):
        at = {"sheet": sheet.name, "row": row.at.row}
        if _red(row):
            how_to_fix = "Agree with the source on a part that may be shared."
            told = {"column": "", "found": LABELLED_RED, "reason": "nothing of such a row is kept", "how_to_fix": how_to_fix}
            lines.append(at | told | {"readable": "", "tlp": "AMBER+STRICT"})
            continue
        more = {"readable": _readable(row, sheet), "tlp": strictest(getattr(row, "tlp", ""), briefing.cover.tlp)}
        for fault in places[_place(row)]:
            told = {"column": fault.cell, "found": _harmless(fault.found), "reason": f"expected {fault.expected}"}
            lines.append(at | told | {"how_to_fix": fault.how_to_fix} | more)
    return sorted(lines, key=lambda line: line["found"] != LABELLED_RED)


def _red(row) -> bool:
    """Whether a row is labelled RED, however it is written."""
    return "RED" in re.findall("[A-Z]+", getattr(row, "tlp", "").upper())


def _harmless(found: str) -> str:
    """What somebody wrote, unless it may tell of a person: the original is kept privately, this is not."""
    return "(not repeated: it may tell of a person)" if people.found(found) else found


def _readable(row, sheet: Sheet) -> str:
    """The row's codes, numbers and dates: those cells that could be understood. Free text is left out."""
    return "; ".join(
        f"{column.id}={versions.written(getattr(row, column.id), column)}"
        for column in sheet.columns
        if column.kind in READABLE and column.id not in row.at.broken and _understood(row, column)
    )


def _understood(row, column: Column) -> bool:
    value = getattr(row, column.id)
    known = re.compile(r"[A-Za-z0-9_+|. -]{1,40}")
    return value not in (None, "", (), column.default) and bool(known.fullmatch(versions.written(value, column) or "-"))


def _stamp(path: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of every file that was sent."""
    return [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in versions.parts(path)]


def _same(stands: versions.Version, rejects: list[dict]) -> bool:
    """Whether a version holds the same rejected rows."""
    return versions.rejected(stands.folder) == [{k: read.plain(str(v)) for k, v in row.items()} for row in rejects]


def _reads_back(files: Mapping[str, str], briefing: Briefing) -> None:
    """Refuses to store a text that is longer than its rows: the form has one line a row."""
    for sheet in SHEETS:
        lines = files.get(sheet.file, "").count("\n")
        if lines and lines != len(briefing.rows(sheet)) + 1:
            raise Refused.of(
                sheet.file, f"{lines} lines", f"{len(briefing.rows(sheet)) + 1}", "This is a fault of the writer; report it."
            )
