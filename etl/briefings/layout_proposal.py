"""A first description of a member's own table, guessed from the file, for the analyst to correct."""

import re
from collections.abc import Iterable
from pathlib import Path

from corridors.catalog import tlp
from corridors.catalog.calendars import CALENDARS, NOWRUZ, plain_digits
from corridors.paths import LAYOUTS
from corridors.problems import Refused
from corridors.store import atomic_files
from etl.briefings import read
from etl.briefings.layouts import NAME, NAMED, TOTAL, period
from etl.briefings.model import CHOICES, Vocabulary
from etl.submissions import guard, nearest, values
from etl.submissions.sheets import NUMBER, Cell, Sheet, letters, printable

DEEPEST = 60  # rows among which the first row of figures is looked for
HEADERS = 3  # rows of headings above it, at most
SAMPLES = 4
LISTS = {"sex": "sexes", "age": "ages", "form": "forms", "measure": "measures"}
ERA = re.compile(
    r"(?:B\.?E\.?|FY|พ\.?\s?ศ\.?)?\s*\d{4}(\s*[-–—/]\s*(\d{2}|\d{4})|\s*年度?|\s*년)?", re.IGNORECASE
)  # a year, or two


def write(path: Path, member: str, name: str, data: Path, words: Vocabulary) -> Path:
    """Writes data/layouts/MEMBER-NAME.toml with what was guessed; the place. Raises Refused; never writes over one that is there."""
    iso3 = words.catalog.find(member) or ""
    if iso3 not in words.catalog.members:
        raise Refused.of("--member", read.shown(member), "one of the members", "Write its code, such as THA.")
    key = f"{iso3}-{name}"
    if not NAME.fullmatch(key):
        raise Refused.of("--name", read.shown(name), "small letters, digits and hyphens", "Write it as victims-by-year.")
    target = data / LAYOUTS / f"{key}.toml"
    if target.exists():
        raise Refused.of(
            f"data/layouts/{key}.toml", "a layout of that name", "a new name", "Edit it, or choose another name."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    atomic_files.replace(target, proposed(path, iso3, words))
    return target


def proposed(path: Path, iso3: str, words: Vocabulary) -> str:
    """The layout as TOML. Raises Refused for a file without a table of figures."""
    tables = guard.open_tables(path)
    sheet = max((s for s in tables.sheets if s.rows), key=lambda s: sum(map(_figure, s.cells())), default=None)
    shape = _shape(sheet) if sheet else None
    if shape is None:
        raise Refused.of(
            path.name, "no table of figures", "rows of numbers under headings", "Send the table itself, not a picture of it."
        )
    first, labels, figures = shape
    body = [n for n in sorted(sheet.rows) if n >= first and any(_figure(sheet.cell(n, c)) for c in figures)]
    headers = [n for n in range(max(1, first - HEADERS), first) if any(not sheet.cell(n, c).blank for c in figures)]
    calendar, lines, unknown, named = "gregorian", [], {}, set()
    known = words.catalog.fiscal_years.get(iso3, ())
    begins = next((entry.first_day(2020).month for entry in reversed(known) if entry.begins not in ("", NOWRUZ)), 0)

    def guess(found: Iterable[Cell]) -> tuple[str, list[str]]:
        nonlocal calendar
        said = list(dict.fromkeys(read.plain(c.text) for c in found if not c.blank))
        name, era, strange = _names(said, words)
        calendar = era or calendar
        if name in named:
            return "", said
        named.update({name} - {""})
        unknown.update({word: nearest.synonym(name, word, _listed(name, words)) for word in strange if name})
        return name, said

    rows = [(c, *guess(sheet.cell(n, c) for n in body)) for c in labels]
    tops = [(n, *guess(sheet.cell(n, c) for c in figures)) for n in headers]
    lines += [
        f"# Guessed from {printable(path.name, 80)}. Look at every line, then: python -m etl check FILE --layout NAME",
        f'member = "{iso3}"',
        'title = ""  # what the table is called',
        f'sheet = "{_toml(sheet.name)}"' if not sheet.plain else "sheet = 1",
        f"headers = {headers}",
        f"first = {first}  # first row of figures",
        f"last = {body[-1]}  # leave it out where the table grows",
        'skip = ["Source", "Note"]  # rows that begin so hold no figures',
        f'calendar = "{calendar}"  # {", ".join(CALENDARS)}',
        f"{'# ' if begins else ''}year_begins = {begins or 1}  # the month in which the office's year begins, where it says 2023 alone",
        f'tlp = ""  # {", ".join(tlp.KEPT)}',
        'office = ""',
        'state = ""  # provisional or final',
        "",
        "[always]  # what holds for every figure",
    ]
    if "measure" not in named:
        lines.append('measure = ""  # an id such as victims_identified; python -m etl template lists them')
    if "period" not in named:
        lines.append('period = ""  # a year')
    lines += ["", f"[rows]  # what each column names: {', '.join(NAMED)}, or nothing"]
    lines += [f'{letters(c)} = "{name}"  # {_samples(said)}' for c, name, said in rows]
    spans = _span(figures)
    lines += [
        "",
        "[columns]",
        f'figures = "{spans}"',
        f"named_by = [{', '.join(chr(34) + name + chr(34) for _, name, _ in tops)}]",
    ]
    lines += [f"# row {n}: {_samples(said)}" for n, _, said in tops]
    lines += ["", "[words]  # the office's own words and the catalog's; none may stay empty"]
    lines += [f'"{_toml(word)}" = "{ours}"' for word, ours in unknown.items()]
    lines += ["", '[sums]  # cells that must hold the sum of others, such as "B5:B9" = "B10"', ""]
    return "\n".join(lines)


def _shape(sheet: Sheet) -> tuple[int, list[int], list[int]] | None:
    """The first row of figures, the columns of labels and those of figures; None for a sheet without a table."""
    best = None
    for first in sorted(n for n in sheet.rows if n <= DEEPEST):
        body = [n for n in sheet.rows if n >= first]
        figures = []
        for column in range(1, min(sheet.width, 200) + 1):
            filled = [cell for n in body if not (cell := sheet.cell(n, column)).blank]
            if filled and sum(map(_figure, filled)) >= 0.7 * len(filled) and not _labels(filled):
                figures.append(column)
        here = [c for c in figures if _figure(sheet.cell(first, c))]
        if here and len(here) >= 0.5 * len(figures):
            best = (first, [c for c in range(1, here[0])], [c for c in figures if c >= here[0]])
            break
    return best


def _labels(filled: list[Cell]) -> bool:
    """Whether numbers of a column name its rows: years, or 1, 2, 3 …"""
    if all(_era(read.plain(cell.text)) for cell in filled):
        return True
    return len(filled) > 2 and [cell.text for cell in filled] == [str(n + 1) for n in range(len(filled))]


def _figure(cell: Cell) -> bool:
    """Whether a cell holds a number, a range or a mark for a hidden one, and no year."""
    if cell.blank or _era(read.plain(cell.text)):
        return False
    if cell.kind == NUMBER:
        return True
    return values.as_number(cell).status != values.UNREADABLE


def _era(said: str) -> str:
    """The calendar of which a text names a year; empty for none."""
    if not ERA.fullmatch(plain_digits(said)):
        return ""
    return next((calendar for calendar in CALENDARS if period(said, calendar, 7).first), "")


def _names(said: list[str], words: Vocabulary) -> tuple[str, str, list[str]]:
    """What a list of words names, the calendar of its years, and those of its words that are not known."""
    plain = [word for word in said if word.casefold() not in TOTAL]
    eras = {era for word in plain if (era := _era(word))}
    if plain and len(eras) == 1 and all(_era(word) for word in plain):
        return "period", eras.pop(), []
    known = {"partner": lambda word: nearest.country(word, words.catalog).accepted}
    for name in LISTS:
        known[name] = lambda word, listed=_listed(name, words): nearest.word(word, listed).accepted
    guessed = {n: lambda word, n=n: known[n](word) or bool(nearest.synonym(n, word, _listed(n, words))) for n in LISTS}
    share = {n: sum(map(guessed.get(n, knows), plain)) / len(plain) for n, knows in known.items()} if plain else {}
    best = max(share, key=share.get, default="")
    if not best or share[best] < 0.4:
        return "", "", []
    return best, "", [word for word in plain if not known[best](word)] if best != "partner" else []


def _listed(name: str, words: Vocabulary) -> dict[str, str]:
    """The options of what a column can name, by id; none for countries and periods."""
    options = LISTS.get(name, "")
    return dict(CHOICES[options] if options in CHOICES else words.options(options) if options else {})


def _span(columns: list[int]) -> str:
    parts, start = [], None
    for n, column in enumerate(columns):
        start = start or column
        if n + 1 == len(columns) or columns[n + 1] != column + 1:
            parts.append(letters(start) if start == column else f"{letters(start)}:{letters(column)}")
            start = None
    return ", ".join(parts)


def _samples(said: list[str]) -> str:
    return "; ".join(printable(word, 40) for word in said[:SAMPLES]) + (" …" if len(said) > SAMPLES else "")


def _toml(word: str) -> str:
    return printable(word, 80).replace("\\", "\\\\").replace('"', '\\"')
