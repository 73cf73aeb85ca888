"""The cells of an ODS workbook, streamed. Runs in the reading process of `etl.submissions.child`.

ODS says “this cell a million times” in one tag: repeats of something are counted as so many cells, repeats of nothing
are stepped over.
"""

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime

from etl.submissions.archive import read_part
from etl.submissions.limits import REFUSED, Budget, UnsafeFile
from etl.submissions.sheets import printable

Emit = Callable[[list], None]
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.A)
_ERROR = re.compile(r"#(REF|N/A|NAME\?|VALUE|DIV/0|NUM|NULL)!?|(Err|Error):\d{3}")
_SKIPPED = set(
    "annotation tracked-changes dde-links shapes forms named-expressions database-ranges frame custom-shape control".split()
)
_OUTSIDE = {entry["tag"] for entry in REFUSED.table.values() if "tag" in entry}


def _refuse_locked(archive: zipfile.ZipFile, budget: Budget) -> None:
    """Raises UnsafeFile for a workbook that was saved with a password; its parts are then noise."""
    if "META-INF/manifest.xml" not in archive.namelist():
        return

    def start(tag: str, attributes: dict) -> None:
        if tag in ("encryption-data", "encrypted-key"):
            raise UnsafeFile.of("ods-encrypted")

    read_part(archive, "META-INF/manifest.xml", budget, start)


class BookReader:
    """Reads `content.xml` in one pass and emits `["sheet", name, hidden]`, rows and marks as `etl.submissions.xlsx` does."""

    def __init__(self, budget: Budget, emit: Emit, most_rows: int | None):
        self.budget, self.emit, self.most_rows = budget, emit, most_rows
        self.skipping = 0  # depth inside what is not read
        self.in_sheet = 0  # tables may stand inside tables
        self.name, self.style = "", ""
        self.hidden_styles: set[str] = set()
        self.row = self.row_repeat = self.column = self.sheets = 0
        self.row_hidden = False
        self.line: list[list] = []
        self.cell: dict | None = None
        self.columns_seen = 0
        self.text_parts: list[str] = []
        self.text_length = self.paragraphs = 0
        self.merged = 0
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[tuple[int, int]] = []

    def read(self, archive: zipfile.ZipFile) -> None:
        """Streams the workbook. Raises UnsafeFile at the first limit that is passed."""
        _refuse_locked(archive, self.budget)
        if "content.xml" not in archive.namelist():
            raise UnsafeFile.of("ods-without-content")
        read_part(archive, "content.xml", self.budget, self.start, self.end, self.text)

    def start(self, tag: str, full: dict) -> None:
        """A tag opens."""
        if tag in _OUTSIDE:
            raise UnsafeFile.of(tag, self.name)
        if self.skipping or tag in _SKIPPED:
            self.skipping += 1
            return
        attributes = {k[k.rfind(" ") + 1 :]: v for k, v in full.items()}
        if tag == "style":
            self.style = attributes.get("name", "")
        elif tag == "table-properties" and attributes.get("display") == "false":
            self.hidden_styles.add(self.style)
        elif tag == "table":
            self._sheet(attributes)
        elif self.in_sheet != 1:
            return
        elif tag == "table-row" and self.most_rows is not None and self.row >= self.most_rows:
            self.skipping += 1
        elif tag == "table-row":
            self.row += 1
            self.row_repeat = self._count(attributes, "number-rows-repeated")
            self.row_hidden = attributes.get("visibility", "visible") != "visible"
            self.column, self.line = 0, []
        elif tag == "table-column":
            self._columns(attributes)
        elif tag in ("table-cell", "covered-table-cell"):
            self.cell = attributes
            self.text_parts, self.text_length, self.paragraphs = [], 0, 0
        elif self.cell is not None:
            self._inside_text(tag, attributes)

    def _sheet(self, attributes: dict) -> None:
        self.in_sheet += 1
        if self.in_sheet > 1:
            return
        self.sheets += 1
        if self.sheets > self.budget.limits.sheets:
            raise UnsafeFile.of("ods-too-many-sheets", sheets=self.budget.limits.sheets)
        self.name = attributes.get("name", f"Sheet {self.sheets}")
        self.emit(["sheet", self.name, attributes.get("style-name", "") in self.hidden_styles])
        self.row = self.columns_seen = 0
        self.merged, self.hidden_rows, self.hidden_columns = 0, [], []

    def _columns(self, attributes: dict) -> None:
        times = self._count(attributes, "number-columns-repeated")
        if attributes.get("visibility", "visible") != "visible":
            self.hidden_columns.append((self.columns_seen + 1, self.columns_seen + times))
        self.columns_seen += times

    def _inside_text(self, tag: str, attributes: dict) -> None:
        if tag == "p":
            self.paragraphs += 1
            if self.paragraphs > 1:
                self.text("\n")
        elif tag == "s":
            self.text(" " * min(self._count(attributes, "c"), self.budget.limits.cell_text + 1))
        elif tag in ("tab", "line-break"):
            self.text("\t" if tag == "tab" else "\n")

    def _count(self, attributes: dict, name: str) -> int:
        said = attributes.get(name, "1")
        if not (said.isascii() and said.isdigit() and len(said) < 10):
            raise UnsafeFile.of("repeat-no-number", self.name, self.row, said=printable(said, 30))
        return max(1, int(said))

    def text(self, piece: str) -> None:
        """Text between tags."""
        if self.cell is None or self.skipping or not self.paragraphs:
            return
        self.text_length += len(piece)
        if self.text_length > self.budget.limits.cell_text:
            raise UnsafeFile.of("cell-text-too-long", self.name, self.row, cell_text=self.budget.limits.cell_text)
        self.text_parts.append(piece)

    def end(self, tag: str) -> None:
        """A tag closes."""
        if self.skipping:
            self.skipping -= 1
        elif tag == "table":
            self.in_sheet -= 1
            if self.in_sheet == 0:
                self.emit(["marks", self.hidden_rows, self.hidden_columns])
        elif self.in_sheet != 1:
            return
        elif tag in ("table-cell", "covered-table-cell") and self.cell is not None:
            self._closed()
        elif tag == "table-row":
            self._row_closed()

    def _closed(self) -> None:
        attributes, self.cell = self.cell or {}, None
        times = self._count(attributes, "number-columns-repeated")
        first, self.column = self.column + 1, self.column + times
        shown = "".join(self.text_parts)
        kind, value = self._judged(attributes, shown)
        if self._count(attributes, "number-columns-spanned") * self._count(attributes, "number-rows-spanned") > 1:
            self.merged = self.budget.take_merged(self.merged, self.name)
        formula = attributes.get("formula", "")[:500]
        if kind == "x" and not formula:
            return
        length = len(value) if isinstance(value, str) else 8
        self.budget.take_cell(self.row + self.row_repeat - 1, self.column, length, self.name, times * self.row_repeat)
        shown = "" if kind == "t" else shown[:100]
        self.line += [[column, kind, value, "", formula, shown] for column in range(first, self.column + 1)]

    def _row_closed(self) -> None:
        last = self.row + self.row_repeat - 1
        if self.line:
            for row in range(self.row, last + 1):
                if self.most_rows is not None and row > self.most_rows:
                    break
                self.emit(["row", row, self.line])
                if self.row_hidden:
                    self.hidden_rows.append(row)
        self.row = last

    def _judged(self, attributes: dict, shown: str) -> tuple[str, object]:
        """Kind (t, n, d, b, e, x) and value of a cell by its attributes, or by its text where it has no type."""
        kind = attributes.get("value-type", "")
        if _ERROR.fullmatch(shown) and ("formula" in attributes or kind != "string"):
            return "e", shown
        if kind in ("float", "percentage", "currency"):
            said = attributes.get("value", "")
            if not _NUMBER.fullmatch(said):
                return "e", printable(said, 40)
            number = float(said)
            if number in (float("inf"), float("-inf")):
                return "e", printable(said, 40)
            return "n", int(number) if number.is_integer() and abs(number) < 1e15 else number
        if kind == "date":
            return _day(attributes.get("date-value", ""))
        if kind == "boolean":
            return "b", attributes.get("boolean-value") == "true"
        if kind == "time":
            return "t", shown or attributes.get("time-value", "")
        text = attributes.get("string-value", shown) if kind == "string" else shown
        return ("t", text) if text else ("x", None)


def _day(said: str) -> tuple[str, object]:
    try:
        found = datetime.fromisoformat(said) if "T" in said else date.fromisoformat(said)
    except ValueError:
        return "e", printable(said, 40)
    return "d", found.isoformat()
