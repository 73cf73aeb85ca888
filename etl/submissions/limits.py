"""How much a member's file may hold before it is refused, and the word by which the readers below refuse."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from corridors.problems import Wording

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds of one file or folder. A briefing needs a thousandth of them; a case file of 25,000 records fits."""

    file_bytes: int = 25 * MEGABYTE  # of a workbook, and of a folder of text files together
    text_bytes: int = 60 * MEGABYTE  # of one CSV
    entries: int = 2_000  # files inside a workbook's archive
    directory_bytes: int = 1 * MEGABYTE  # the archive's list of contents
    unpacked_bytes: int = 150 * MEGABYTE  # all files of the archive, counted while they are unpacked
    ratio: int = 200  # unpacked to packed, once more than 10 MB came out
    sheets: int = 200
    last_row: int = 200_000
    last_column: int = 1_000
    area: int = 5_000_000  # last row × last column of a sheet
    cells: int = 500_000  # cells that hold something, of all sheets
    elements: int = 2_500_000  # tags of all XML that is read
    cell_text: int = 32_767  # characters; what Excel itself allows
    all_text: int = 20_000_000  # characters of all cells
    merged: int = 20_000
    line: int = 1_000_000  # characters of one line of a text file
    files: int = 100  # CSV files of a folder
    seconds: float = 4.0  # of the processor's work for reading a file; the process is stopped then
    waiting: float = 300.0  # by the clock, whatever else the machine does: work is what is measured
    memory: int = 160 * MEGABYTE  # address space of the reading process
    code_page: str = ""  # of text that is no UTF-8, where somebody who can read it has said which


REFUSED = Wording(Path(__file__).with_name("refused.toml"))


class UnsafeFile(Exception):
    """A reader met what it must not go on with. Becomes a `Refused` that names the file."""

    def __init__(self, found: str, expected: str, how_to_fix: str, sheet: str = "", row: int | None = None):
        self.found, self.expected, self.how_to_fix, self.sheet, self.row = found, expected, how_to_fix, sheet, row
        super().__init__(found)

    @classmethod
    def of(cls, rule: str, sheet: str = "", row: int | None = None, **told) -> Self:
        """The refusal that refused.toml has under this name."""
        said = REFUSED.problem(rule, "", **told)
        return cls(said.found, said.expected, said.how_to_fix, sheet, row)


class Budget:
    """What one file has used of its limits so far. Each `take…` raises UnsafeFile as soon as a limit is passed."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.cells = self.elements = self.text = 0

    def take_element(self) -> None:
        """Counts one more XML tag."""
        self.elements += 1
        if self.elements > self.limits.elements:
            raise UnsafeFile.of("too-many-tags", elements=self.limits.elements)

    def take_merged(self, before: int, sheet: str) -> int:
        """Counts one more block of merged cells on a sheet; the number of them so far."""
        if before >= self.limits.merged:
            raise UnsafeFile.of("too-many-merged", sheet, merged=self.limits.merged)
        return before + 1

    def take_cell(self, row: int, column: int, text: int, sheet: str, number: int = 1) -> None:
        """Counts `number` cells of `text` characters each; the last of them stands at `row`, `column`, both from 1."""
        limits = self.limits
        if row > limits.last_row or column > limits.last_column or row * column > limits.area:
            raise UnsafeFile.of(
                "sheet-too-wide",
                sheet,
                last=row,
                width=column,
                last_row=limits.last_row,
                last_column=limits.last_column,
                area=limits.area,
            )
        if text > limits.cell_text:
            raise UnsafeFile.of("cell-too-long", sheet, row, text=text, cell_text=limits.cell_text)
        self.cells += number
        self.text += text * number
        if self.cells > limits.cells:
            raise UnsafeFile.of("too-many-cells", sheet, cells=limits.cells)
        if self.text > limits.all_text:
            raise UnsafeFile.of("too-much-text", sheet, all_text=limits.all_text)
