"""The workbook that a member fills in: lists to choose from, definitions as notes, last figures beside, headers locked.

`write` makes it; `etl.briefings.read` reads it back. Grey columns are for comparison and are never read.
"""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from corridors import catalog, paths
from corridors.problems import Refused
from corridors.store import atomic_files
from etl.briefings import model, versions

INK, RULE, GREY, GREY_INK, PAPER, HEAD = "#1f2933", "#b8c2cc", "#eceff1", "#5f6b76", "#ffffff", "#dbe4ee"


def made(book) -> SimpleNamespace:
    """The formats, added to a workbook; `open`, `day` and `number` are unlocked, everything else is locked."""
    box = {"font_color": INK, "border": 1, "border_color": RULE, "valign": "top", "text_wrap": True}
    cell = {**box, "locked": False, "bg_color": PAPER}
    head = {**box, "bold": True, "bg_color": HEAD, "valign": "vcenter"}
    formats = {
        "title": {"bold": True, "font_size": 14, "font_color": INK},
        "help": {"font_color": GREY_INK, "italic": True},
        "body": {"font_color": INK, "text_wrap": True, "valign": "top"},
        "header": head,
        "needed": {**head, "bottom": 2, "bottom_color": INK},
        "grey_header": {**head, "bg_color": GREY, "font_color": GREY_INK, "bold": False},
        "grey": {**box, "bg_color": GREY, "font_color": GREY_INK},
        "locked": {**box, "bg_color": GREY},
        "open": {**cell, "num_format": "@"},  # as text: Excel makes dates of 1-4 and 0-17
        "day": {**cell, "num_format": "yyyy-mm-dd", "align": "left"},
        "number": {**cell, "num_format": "#,##0.##"},
    }
    return SimpleNamespace(**{name: book.add_format(told) for name, told in formats.items()})


def _format(look: SimpleNamespace, column: model.Column) -> object:
    """The format of a cell to fill in; the counted thing follows from the measure and stays locked."""
    if column.id == "unit":
        return look.locked
    return {"date": look.day, "number": look.number}.get(column.kind, look.open)


def protected(page) -> None:
    """Protects a sheet without a password; widths, heights, sorting and filters stay free."""
    page.protect(
        "", {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True, "select_locked_cells": True}
    )


def printed(page, name: str) -> None:
    """A4 across, as wide as one page, the sheet's name and the page's number below."""
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer(f"&L{name}&RPage &P of &N")


HEADER = model.HEADER_ROW - 1  # from 0
HEADING = 24  # characters; what is shorter on the sheet Read me heads a part
SOURCES = Path(__file__).parent.parent / "sources"
SPARE = {"Figures": 120}  # empty rows to fill in; of other sheets 30


def write(out: Path, iso3: str, words: model.Vocabulary, data: Path, period: tuple[date, date]) -> Path:
    """The file `out`, an XLSX workbook for one member and period. Raises Refused if it exists or the member is unknown."""
    member = words.catalog.members.get(iso3)
    if member is None:
        near = words.catalog.find(iso3)
        how_to_fix = (
            f"Did you mean {near}?"
            if near in words.catalog.members
            else "Use one of: " + ", ".join(sorted(words.catalog.members)) + "."
        )
        raise Refused.of(str(out.name), f"the member “{iso3}”", "the ISO3 code of a member", how_to_fix)
    if out.suffix.lower() != ".xlsx":
        raise Refused.of(out.name, f"the ending “{out.suffix}”", ".xlsx", "Write for instance -o thailand.xlsx.")
    if out.exists():
        raise Refused.of(
            out.name,
            "a file of that name",
            "a new name",
            "It may be filled in already: move it away first, or choose another.",
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_files.whole(out) as part:
        book = xlsxwriter.Workbook(
            part, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        )
        book.set_properties(
            {"title": f"Country briefing of {member.name}", "comments": "Grey cells are for comparison only."}
        )
        _filled(book, made(book), iso3, words, data, period)
        book.close()
    return out


def _filled(book, look: SimpleNamespace, iso3: str, words: model.Vocabulary, data: Path, period: tuple[date, date]) -> None:
    pages = {
        name: book.add_worksheet(name)
        for name in (model.COVER_SHEET, *(s.name for s in model.SHEETS), model.README_SHEET, model.LISTS_SHEET)
    }
    lists = _lists(pages[model.LISTS_SHEET], look, words)
    _cover(pages[model.COVER_SHEET], look, words.catalog.members[iso3].name, lists, period)
    for sheet in model.SHEETS:
        page = pages[sheet.name]
        columns = _columns(sheet)
        _frame(page, look, sheet, columns)
        prepared = list(words.catalog.measures.values()) if sheet is model.FIGURES else []
        last = HEADER + len(prepared) + SPARE.get(sheet.name, 30)
        for position, column in enumerate(columns):
            if isinstance(column, model.Column):
                _choices(page, column, position, last, lists)
                for row in range(HEADER + 1, last + 1):
                    page.write_blank(row, position, None, _format(look, column))
        if sheet is model.FIGURES:
            before = _own(data, iso3, words, period[0]), _international(data, iso3, words)
            _measures(page, look, columns, prepared, last, lists, words, *before)
        page.autofilter(HEADER, 0, last, len(columns) - 1)
        page.print_area(0, 0, last, len(columns) - 1)
    _read_me(pages[model.README_SHEET], look, words)
    pages[model.COVER_SHEET].activate()


def _columns(sheet: model.Sheet) -> list[model.Column | str]:
    """The columns of a sheet as shown: those that a member is asked, and in Figures the comparison beside the number."""
    asked: list[model.Column | str] = [column for column in sheet.columns if column.asked]
    if sheet is model.FIGURES:
        after = next(n for n, column in enumerate(asked) if column.id == "upper") + 1
        asked[after:after] = model.NOT_READ
    return asked


def _frame(page, look: SimpleNamespace, sheet: model.Sheet, columns: list[model.Column | str]) -> None:
    """Title, help, locked headers with notes, widths, frozen panes, print set-up."""
    page.write_string(0, 0, sheet.name, look.title)
    page.write_string(1, 0, sheet.help, look.help)
    for position, column in enumerate(columns):
        if isinstance(column, model.Column):
            page.write_string(HEADER, position, column.title, look.needed if column.required else look.header)
            page.write_comment(HEADER, position, column.note, {"x_scale": 2})
            page.set_column(position, position, column.width)
        else:
            page.write_string(HEADER, position, column, look.grey_header)
            page.write_comment(HEADER, position, "For comparison only; this column is not read.")
            page.set_column(position, position, 22 if column == model.NOT_READ[-1] else 15)
    page.set_row(HEADER, 32)
    page.freeze_panes(HEADER + 1, 1)
    page.repeat_rows(HEADER)
    protected(page)
    printed(page, sheet.name)


def _lists(page, look: SimpleNamespace, words: model.Vocabulary) -> Mapping[str, str]:
    """The hidden sheet with every list; returns name → the range that a drop-down takes."""
    names = [*model.CHOICES, "measures", "forms", "factors", "routes", "caveats"]
    everything = {name: list(words.options(name).values()) for name in names}
    everything["caveats"] = [f"{key} {title}" for key, title in words.options("caveats").items()]
    everything["members"] = sorted(member.name for member in words.catalog.members.values())
    everything["places"] = sorted({words.catalog.place_name(iso3) for iso3 in words.catalog.countries})
    units = words.catalog.units
    everything["counted"] = [units[measure.unit]["many"] for measure in words.catalog.measures.values()]
    ranges = {}
    for position, (name, items) in enumerate(everything.items()):
        page.write_string(0, position, name, look.header)
        for n, item in enumerate(items, 1):
            page.write_string(n, position, item)
        letter = xl_col_to_name(position, col_abs=True)
        ranges[name] = f"={model.LISTS_SHEET}!{letter}$2:{letter}${len(items) + 1}"
    protected(page)
    page.hide()
    return ranges


def _choices(page, column: model.Column, position: int, last: int, lists: Mapping[str, str]) -> None:
    """The drop-down or the rule of one column. What a person may have to write otherwise is warned about, not barred."""
    rule: dict[str, object] = {"error_title": column.title[:32]}
    if column.kind in ("choice", "place"):
        rule |= {"validate": "list", "source": lists["places" if column.kind == "place" else column.options]}
        rule |= {"error_type": "stop" if column.kind == "choice" else "warning", "error_message": "Choose from the list."}
    elif column.kind == "date":
        rule |= {"validate": "date", "criteria": "between", "minimum": date(1990, 1, 1), "maximum": date(2100, 12, 31)}
        rule |= {"error_message": "A date, for instance 2025-03-31."}
    elif column.kind == "number":
        rule |= {"validate": "decimal", "criteria": ">=", "value": 0, "error_type": "warning"}
        either = "A plain number. If only a range may be told, use At least and At most, or write for instance <5."
        rule |= {"error_message": either}
    elif column.kind == "choices":
        options = ", ".join(model.CHOICES.get(column.options, ())) or "codes of the list on the sheet Read me"
        several = f"Several, with commas between: {options}"[:255]
        rule = {"validate": "any", "input_title": column.title[:32], "input_message": several}
    if "validate" in rule:
        page.data_validation(HEADER + 1, position, last, position, rule)


def _measures(
    page, look: SimpleNamespace, columns, prepared, last: int, lists, words: model.Vocabulary, own, international
) -> None:
    """A row for every measure with its counted thing and what was said before; spare rows spell the thing out by formula."""
    at = {column.id if isinstance(column, model.Column) else column: n for n, column in enumerate(columns)}
    for row, measure in enumerate(prepared, HEADER + 1):
        unit = words.catalog.units[measure.unit]
        page.write_string(row, at["measure"], measure.name, look.locked)
        indent = f"Part of: {words.catalog.measures[measure.part_of].name}. " if measure.part_of else ""
        other = f" Other end: {measure.partner_role}." if measure.partner_role else ""
        page.write_comment(row, at["measure"], f"{indent}{measure.definition}{other}", {"x_scale": 2.4, "y_scale": 1.6})
        page.write_string(row, at["unit"], unit["many"], look.locked)
        page.write_comment(row, at["unit"], unit["meaning"], {"x_scale": 2})
        mine, theirs = own.get(measure.id), international.get(measure.id)
        for title, shown_cell in zip(model.NOT_READ, (*(mine or ("", "")), *(theirs or ("", "")))):
            page.write_string(row, at[title], shown_cell, look.grey)
        if theirs:
            page.write_comment(row, at[model.NOT_READ[2]], measure.differs, {"x_scale": 2.4, "y_scale": 1.6})
    measures, counted = (lists[name].lstrip("=") for name in ("measures", "counted"))
    letter = xl_col_to_name(at["measure"], col_abs=True)
    for row in range(HEADER + 1 + len(prepared), last + 1):
        page.write_formula(
            row, at["unit"], f'=IFERROR(INDEX({counted},MATCH({letter}{row + 1},{measures},0)),"")', look.locked, ""
        )
        for title in model.NOT_READ:
            page.write_blank(row, at[title], None, look.grey)


def _own(data: Path, iso3: str, words: model.Vocabulary, before: date) -> dict[str, tuple[str, str]]:
    """Measure → the member's last total of a period that ended before a day, in any of its briefings, and that period."""
    said = [
        (row, b.cover.compiled)
        for b in versions.of_member(data, iso3, words)
        for row in b.figures
        if row.period_end and row.period_end < before
    ]
    said.sort(key=lambda one: (one[0].period_end, not one[1], one[0].period_start or date.min))  # its own word last
    own = {}
    for row, _ in said:
        if (row.partner, row.sex, row.age, row.form) == ("", "total", "total", "total"):
            own[row.measure] = (versions.figure_text(row), f"{row.period_start} to {row.period_end}")
    return own


def _international(data: Path, iso3: str, words: model.Vocabulary) -> dict[str, tuple[str, str]]:
    """Measure → the latest international figure that it compares with, and its source with the year."""
    wanted = {m.compares_with for m in words.catalog.measures.values() if m.compares_with}
    best: dict[str, tuple[str, str, dict]] = {}
    for path in sorted((data / paths.SOURCES).glob("*/figures.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            header = next(csv.reader(handle), [])
            mine = (line for line in handle if line.startswith(f"{iso3},,"))  # the tables are large, and few rows are wanted
            for row in csv.DictReader(mine, header):
                whole = not row["partner_iso3"] and row["sex"] == row["age"] == row["form"] == "total"
                if row["iso3"] == iso3 and row["indicator_id"] in wanted and whole:
                    if row["period_end"] > best.get(row["indicator_id"], ("", "", {}))[0]:
                        best[row["indicator_id"]] = (row["period_end"], path.parent.name, row)
    shown = {key: (_imported(row), f"{_publisher(source)}, {end[:4]}") for key, (end, source, row) in best.items()}
    return {m.id: shown[m.compares_with] for m in words.catalog.measures.values() if m.compares_with in shown}


def _imported(row: dict) -> str:
    values = {k: float(row[k]) if row[k] else None for k in ("value", "lower", "upper")}
    return versions.figure_text(model.FigureRow(measure="", status=row["status"], **values))


def _publisher(source: str) -> str:
    """The publisher's name as its card says; the source's id where there is no card to ask."""
    path = SOURCES / source / "source.toml"
    return catalog.read_source(path).publisher if path.is_file() else source


def _cover(page, look: SimpleNamespace, member: str, lists: Mapping[str, str], period: tuple[date, date]) -> None:
    page.write_string(0, 0, f"Country briefing of {member}", look.title)
    page.write_string(1, 0, "For the Working Group. Fill in the white cells.", look.help)
    answers = {"iso3": member, "period_start": period[0], "period_end": period[1], "compiled": "no"}
    sources = {"iso3": "members", "tlp": "tlp", "state": "states", "compiled": "yes_no", "calendar": "calendars"}
    for row, (name, title) in enumerate(model.COVER_TITLES.items(), HEADER + 1):
        page.write_string(row, 0, title, look.header)
        answer = answers.get(name)
        if isinstance(answer, date):
            page.write_datetime(row, 1, answer, look.day)
        else:
            page.write_string(row, 1, answer, look.open) if answer else page.write_blank(row, 1, None, look.open)
        page.write_string(row, 2, model.COVER_HELP[name], look.help)
        if name in sources:
            rule = {"error_title": title[:32], "error_message": "Choose from the list."}
            page.data_validation(row, 1, row, 1, {"validate": "list", "source": lists[sources[name]], **rule})
    page.write_comment(HEADER + 1 + list(model.COVER_TITLES).index("compiled"), 1, model.COMPILED)
    for position, width in enumerate((32, 44, 90)):
        page.set_column(position, position, width)
    protected(page)
    printed(page, model.COVER_SHEET)


def _read_me(page, look: SimpleNamespace, words: model.Vocabulary) -> None:
    page.set_column(0, 0, 120)
    limits = [
        f"{code}  {caveat.title}: {caveat.text}"
        for code, caveat in words.catalog.caveats.items()
        if not caveat.applies_later
    ]
    lines = [*model.READ_ME, "Known limits", *limits]
    for row, line in enumerate(lines):
        page.write_string(row, 0, line, look.title if len(line) < HEADING else look.body)
    protected(page)
    printed(page, model.README_SHEET)
