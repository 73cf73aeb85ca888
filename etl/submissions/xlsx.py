"""The cells of an XLSX workbook, streamed: values, kinds, number formats, formulas, what is hidden.

Runs in the reading process of `etl.submissions.child`. The extent that a sheet declares (`dimension`) is not read at all.
"""

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from etl.submissions.archive import Relation, read_part, relations, stop
from etl.submissions.limits import Budget, UnsafeFile
from etl.submissions.sheets import place, printable

Emit = Callable[[list], None]
_WHOLE, _NUMBER = re.compile(r"[+-]?\d{1,15}", re.A), re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.A)
_DATE_IDS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_BUILT_IN = {9: "0%", 10: "0.00%", 14: "d/m/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 22: "d/m/yyyy h:mm", 49: "@"}
_NO_LETTERS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h|m|s)[^\]]*\]', re.I)


class Listed(NamedTuple):
    """A sheet as the workbook lists it."""

    name: str
    hidden: bool
    part: str


def workbook(archive: zipfile.ZipFile, budget: Budget) -> tuple[list[Listed], bool, list[str], dict[str, Relation]]:
    """The sheets in order, whether dates count from 1904, the names of sheets that hold a chart only, and the workbook's arrows."""
    arrows = relations(archive, "", budget)
    main = next((a.target for a in arrows.values() if a.kind == "officeDocument"), "xl/workbook.xml")
    if main not in archive.namelist():
        raise UnsafeFile.of("xlsx-without-sheets")
    targets = relations(archive, main, budget)
    sheets: list[Listed] = []
    charts: list[str] = []
    from_1904 = False

    def start(tag: str, attributes: dict) -> None:
        nonlocal from_1904
        if tag == "workbookPr":
            from_1904 = attributes.get("date1904", "0") in ("1", "true")
        elif tag == "sheet":
            arrow = next((targets[v] for k, v in attributes.items() if k.endswith(" id") and v in targets), None)
            name = attributes.get("name", f"Sheet {len(sheets) + 1}")
            if arrow is None or arrow.target not in archive.namelist():
                raise UnsafeFile.of("sheet-not-there", name=printable(name, 60))
            if arrow.kind == "worksheet":
                sheets.append(Listed(name, attributes.get("state", "visible") != "visible", arrow.target))
            else:
                charts.append(name)

    read_part(archive, main, budget, start)
    return sheets, from_1904, charts, targets


def strings(archive: zipfile.ZipFile, targets: dict[str, Relation], budget: Budget) -> list[str]:
    """The texts that cells refer to by number; readings of Japanese (`rPh`) are left out, as Excel does."""
    part = next((a.target for a in targets.values() if a.kind == "sharedStrings"), None)
    found: list[str] = []
    if part is None or part not in archive.namelist():
        return found
    pieces: list[str] = []
    inside = reading = False
    length = 0

    def start(tag: str, attributes: dict) -> None:
        nonlocal inside, reading
        if tag == "si":
            pieces.clear()
        elif tag == "rPh":
            reading = True
        elif tag == "t":
            inside = not reading

    def end(tag: str) -> None:
        nonlocal inside, reading
        if tag == "si":
            found.append(_unescaped("".join(pieces)))
        elif tag == "rPh":
            reading = False
        elif tag == "t":
            inside = False

    def text(piece: str) -> None:
        nonlocal length
        if inside:
            length += len(piece)
            if length > budget.limits.all_text:
                raise UnsafeFile.of("shared-text-too-long", all_text=budget.limits.all_text)
            pieces.append(piece)

    read_part(archive, part, budget, start, end, text)
    return found


def _unescaped(text: str) -> str:
    """Excel writes characters that XML cannot hold as _x000D_; here they become what they stand for."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def formats(archive: zipfile.ZipFile, targets: dict[str, Relation], budget: Budget) -> list[tuple[str, bool]]:
    """Per style: the number format's code, and whether it shows a date."""
    part = next((a.target for a in targets.values() if a.kind == "styles"), None)
    codes: dict[int, str] = {}
    styles: list[tuple[str, bool]] = []
    if part is None or part not in archive.namelist():
        return styles
    inside = False

    def start(tag: str, attributes: dict) -> None:
        nonlocal inside
        if tag == "numFmt":
            codes[_whole(attributes.get("numFmtId"))] = attributes.get("formatCode", "")[:200]
        elif tag == "cellXfs":
            inside = True
        elif tag == "xf" and inside:
            number = _whole(attributes.get("numFmtId"))
            code = codes.get(number, _BUILT_IN.get(number, ""))
            styles.append((code, _shows_date(code) if number in codes else number in _DATE_IDS))

    def end(tag: str) -> None:
        if tag == "cellXfs":
            stop()

    read_part(archive, part, budget, start, end)
    return styles


def _shows_date(code: str) -> bool:
    return bool(re.search("[dmyhs]", _NO_LETTERS.sub("", code.lower().replace("general", ""))))


def _whole(text: str | None, otherwise: int = 0) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def moment(serial: float, from_1904: bool) -> date | datetime | None:
    """The day, or day and time, that a number shows under a date format; None where no calendar has it."""
    if not 0 <= serial < 2_958_466:
        return None
    days = serial + 1462 if from_1904 else serial
    # Excel believes that 1900 was a leap year: before March 1900 its numbers are one day behind
    start = datetime(1899, 12, 31) if days < 60 and not from_1904 else datetime(1899, 12, 30)
    found = start + timedelta(days=days)
    found = (found + timedelta(microseconds=500_000)).replace(microsecond=0)
    return found.date() if days == int(days) else found


class SheetReader:
    """Reads one sheet and emits its rows: `["row", 7, [[3, "n", 12, "0", ""], …]]`, then what is hidden."""

    def __init__(
        self,
        listed: Listed,
        texts: list[str],
        styles: list[tuple[str, bool]],
        from_1904: bool,
        budget: Budget,
        emit: Emit,
        most_rows: int | None,
    ):
        self.name, self.part, self.texts, self.from_1904 = listed.name, listed.part, texts, from_1904
        self.styled = {str(number): style for number, style in enumerate(styles)}
        self.budget, self.emit, self.most_rows = budget, emit, most_rows
        self.row = self.column = 0
        self.line: list[list] = []
        self.type = self.style = self.value = self.formula = ""
        self.has_formula = self.has_value = self.row_hidden = self.phonetic = False
        self.inside = ""  # v, f or t: the text that is being read
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[tuple[int, int]] = []
        self.merged = 0

    def read(self, archive: zipfile.ZipFile) -> None:
        """Streams the sheet. Raises UnsafeFile at the first limit that is passed."""
        read_part(archive, self.part, self.budget, self.start, self.end, self.text)
        self.emit(["marks", self.hidden_rows, self.hidden_columns])

    def start(self, tag: str, attributes: dict) -> None:
        """A tag opens."""
        if tag == "c":
            self._cell(attributes)
        elif tag in ("v", "f") or (tag == "t" and not self.phonetic):
            self.inside = tag
            self.has_formula |= tag == "f"
            self.has_value |= tag == "v"
        elif tag == "row":
            self.row = self._row_number(attributes.get("r"))
            self.column, self.line, self.row_hidden = 0, [], attributes.get("hidden") in ("1", "true")
            if self.most_rows is not None and self.row > self.most_rows:
                stop()
        elif tag == "rPh":
            self.phonetic = True
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            self.hidden_columns.append((_whole(attributes.get("min"), 1), _whole(attributes.get("max"), 1)))
        elif tag == "mergeCell":
            self.merged = self.budget.take_merged(self.merged, self.name)

    def _row_number(self, said: str | None) -> int:
        number = self.row + 1 if said is None else _whole(said)
        if number <= self.row or number > 1_048_576:
            raise UnsafeFile.of("row-number", self.name, said=printable(said, 30))
        return number

    def _cell(self, attributes: dict) -> None:
        self.type, self.style = attributes.get("t", "n"), attributes.get("s", "")
        self.value = self.formula = ""
        self.has_formula = self.has_value = False
        self.column += 1
        if said := attributes.get("r"):
            spot = place(said)
            if not spot or spot[1] > 16_384:
                raise UnsafeFile.of("cell-name", self.name, said=printable(said, 30))
            if (spot[0] != self.row and self.line) or spot[1] < self.column:
                raise UnsafeFile.of("cell-order", self.name, said=printable(said, 30))
            self.row, self.column = spot

    def text(self, piece: str) -> None:
        """Text between tags."""
        if self.inside == "f":
            if len(self.formula) < 8_192:
                self.formula += piece
        elif self.inside:
            self.value += piece
            if len(self.value) > self.budget.limits.cell_text:
                raise UnsafeFile.of("cell-text-too-long", self.name, self.row, cell_text=self.budget.limits.cell_text)

    def end(self, tag: str) -> None:
        """A tag closes."""
        if tag in ("v", "f", "t"):
            self.inside = ""
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "c":
            self._closed()
        elif tag == "row" and self.line:
            self.emit(["row", self.row, self.line])
            if self.row_hidden:
                self.hidden_rows.append(self.row)

    def _closed(self) -> None:
        kind, value, code = self._judged()
        if kind == "x" and not self.has_formula:
            return
        self.budget.take_cell(self.row, self.column, len(value) if isinstance(value, str) else 8, self.name)
        formula = (self.formula or "a formula shared with other cells") if self.has_formula else ""
        self.line.append([self.column, kind, value, code, formula[:500]])

    def _judged(self) -> tuple[str, object, str]:
        """Kind (t, n, d, b, e, x), value and format of the cell that closes."""
        code, is_date = self.styled.get(self.style, ("", False))
        text = self.value
        if self.type == "s":
            number = _whole(text, -1)
            if not 0 <= number < len(self.texts):
                raise UnsafeFile.of("text-number", self.name, self.row, text=printable(text, 20))
            text = self.texts[number]
            return ("t", text, code) if text else ("x", None, code)
        if self.type in ("str", "inlineStr"):
            return ("t", _unescaped(text), code) if text or self.has_value else ("x", None, code)
        if not text:
            return "x", None, code
        if self.type == "b":
            return "b", text in ("1", "true"), code
        if self.type == "e":
            return "e", text, code
        if self.type == "d":
            return "d", text, code
        if not _NUMBER.fullmatch(text):
            return "e", printable(text, 40), code
        number = int(text) if _WHOLE.fullmatch(text) else float(text)
        if isinstance(number, float) and number in (float("inf"), float("-inf")):
            return "e", printable(text, 40), code
        if is_date and (found := moment(number, self.from_1904)) is not None:
            return "d", found.isoformat(), code
        return "n", number, code
