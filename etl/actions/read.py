"""The files of `data/editorial/actions` as tables of text, each row with its line in the file. Nothing is judged here but the form."""

import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from corridors import bounded
from corridors.catalog import people
from corridors.problems import Problem
from etl.routes_table import Table, open_table

HELD = tomllib.loads(Path(__file__).with_name("files.toml").read_text(encoding="utf-8"))
CSV: dict[str, list[str]] = HELD["csv"]


@dataclass(frozen=True)
class Form:
    """What an entry of a TOML file holds: texts that must be there, texts that may, and lists of texts that may."""

    section: str
    needed: tuple[str, ...]
    free: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """All columns of the table that it becomes, the entry's key first."""
        return [self.section, *self.needed, *self.free, *self.lists]


TOML = {
    name: Form(**{part: told if part == "section" else tuple(told) for part, told in form.items()})
    for name, form in HELD["toml"].items()
}
ANSWER, RESULT = TOML.pop("debrief_answers"), TOML.pop("debrief_results")
CURE_TOML = "Write the entry as data/editorial/actions/README.md shows."


def files(folder: Path, problems: list[Problem]) -> dict[str, Table | None]:
    """Every table of the folder by name, None for one that cannot be read; the reasons are added to `problems`."""
    found: dict[str, Table | None] = {
        name: open_table(folder / f"{name}.csv", columns, "actions", problems) for name, columns in CSV.items()
    }
    for name, form in TOML.items():
        found[name] = _toml(folder / f"{name}.toml", form, problems)
    return found


def debrief(path: Path, problems: list[Problem]) -> tuple[Table, Table] | None:
    """One debrief file as its answers and its results, both with `action` and `member`; None when it cannot be read."""
    content = _parsed(path, problems)
    if content is None:
        return None
    for name in sorted(content.keys() - {"action", "member", "answer", "outcome"}):
        problems.append(Problem(path.name, f"“{name}”", "action, member, answer or outcome", CURE_TOML, column=name))
    head = {}
    for name in ("action", "member"):
        value = content.get(name, "")
        head[name] = value.strip() if isinstance(value, str) else ""
        if not isinstance(value, str) or (name == "action" and not value.strip()):
            problems.append(Problem(path.name, _shown(value), "a text in quotation marks", CURE_TOML, column=name))
    tables = []
    for form in (ANSWER, RESULT):
        entries = content.get(form.section, [])
        if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
            problems.append(
                Problem(path.name, f"“{form.section}” of another form", f"[[{form.section}]] once for each", CURE_TOML)
            )
            continue
        lines = _lines(path, rf"^\s*\[\[\s*{form.section}\s*\]\]")
        if len(lines) != len(entries):  # written in another form of TOML: the entries count, their lines are not known
            lines = [1] * len(entries)
        rows = [{**_entry(path.name, e, form, n, form.section, problems), **head} for e, n in zip(entries, lines)]
        tables.append(Table(path.name, _frame(rows, [*form.columns[1:], "action", "member"])))
    return (tables[0], tables[1]) if len(tables) == 2 else None


def on_its_line(path: Path, fault: Problem) -> Problem:
    """A fault of an entry of a debrief, at the line of the field that it names: in the entry, else at the head of the file."""
    if not fault.row or not fault.column or not path.is_file():
        return fault
    lines = path.read_text(encoding="utf-8").split("\n")
    opens = [n for n, line in enumerate(lines, 1) if line.lstrip().startswith("[[")]
    after = next((n for n in opens if n > fault.row), len(lines) + 1)
    for first, last in ((fault.row, after), (1, min(opens, default=1))):
        for n in range(first, last):
            if re.match(rf"\s*{re.escape(fault.column)}\s*=", lines[n - 1]):
                return replace(fault, row=n)
    return fault


def items(text: str) -> list[str]:
    """The items of a list kept as text with "|"."""
    return [item for item in text.split("|") if item]


def _toml(path: Path, form: Form, problems: list[Problem]) -> Table | None:
    content = _parsed(path, problems)
    if content is None:
        return None
    entries = content.get(form.section)
    if (
        set(content) != {form.section}
        or not isinstance(entries, dict)
        or not all(isinstance(e, dict) for e in entries.values())
    ):
        problems.append(
            Problem(path.name, f"sections {', '.join(content) or 'of no name'}", f"entries [{form.section}.name]", CURE_TOML)
        )
        return None
    lines = dict(zip(entries, _lines(path, rf"^\s*\[\s*{form.section}\s*\.")))
    rows = [
        {**_entry(path.name, e, form, lines.get(key, 1), key, problems), form.section: key} for key, e in entries.items()
    ]
    return Table(path.name, _frame(rows, form.columns))


def _parsed(path: Path, problems: list[Problem]) -> dict | None:
    if not path.is_file():
        problems.append(Problem(path.name, "no such file", "a file in the folder of actions", "Put the file back."))
        return None
    try:
        return bounded.read_toml(path)
    except bounded.Unreadable as fault:
        problems.append(Problem(path.name, str(fault), "TOML in UTF-8", "Fix the line."))
        return None


def _entry(file: str, entry: dict, form: Form, line: int, key: str, problems: list[Problem]) -> dict:
    """The entry as text; lists become texts with "|". Fields unknown, missing or of another form are noted."""
    row: dict = {"_row": line}
    for name in sorted(entry.keys() - set(form.columns)):
        problems.append(
            Problem(file, f"an unknown field “{name}” of “{key}”", ", ".join(form.columns[1:]), CURE_TOML, row=line)
        )
    for name in form.columns[1:]:
        value = entry.get(name, [] if name in form.lists else "")
        if name in form.lists:
            fits = isinstance(value, list) and all(isinstance(v, str) and v.strip() and "|" not in v for v in value)
            row[name] = "|".join(v.strip() for v in value) if fits else ""
        else:
            fits = isinstance(value, str) and (bool(value.strip()) or name not in form.needed)
            row[name] = value.strip() if fits else ""
        if not fits:
            expected = "a list of texts" if name in form.lists else "a text in quotation marks"
            problems.append(Problem(file, _shown(value), expected, CURE_TOML, column=f"{key}.{name}", row=line))
    return row


def _shown(value) -> str:
    return "nothing" if value in ("", [], None) else people.shown(str(value)[:200], 60)


def _lines(path: Path, pattern: str) -> list[int]:
    return [n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if re.match(pattern, line)]


def _frame(rows: list[dict], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*columns, "_row"]).astype(dict.fromkeys(columns, "str"))
