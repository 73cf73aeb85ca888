"""How the template looks and prints: formats of cells, protection, page set-up."""

from __future__ import annotations

from dataclasses import dataclass

from etl.briefings.model import Column

INK, RULE, GREY, GREY_INK, PAPER, HEAD = "#1f2933", "#b8c2cc", "#eceff1", "#5f6b76", "#ffffff", "#dbe4ee"


@dataclass(frozen=True)
class Looks:
    """The formats of one workbook; `open` and its kin are unlocked, everything else is locked."""

    title: object
    help: object
    body: object
    header: object
    needed: object
    grey_header: object
    grey: object
    locked: object
    open: object
    day: object
    number: object

    def of(self, column: Column) -> object:
        """The format of a cell to fill in; the counted thing follows from the measure and stays locked."""
        if column.id == "unit":
            return self.locked
        return {"date": self.day, "number": self.number}.get(column.kind, self.open)


def made(book) -> Looks:
    """The formats, added to a workbook."""
    box = {"font_color": INK, "border": 1, "border_color": RULE, "valign": "top", "text_wrap": True}
    cell = {**box, "locked": False, "bg_color": PAPER}
    head = {**box, "bold": True, "bg_color": HEAD, "valign": "vcenter"}
    return Looks(
        title=book.add_format({"bold": True, "font_size": 14, "font_color": INK}),
        help=book.add_format({"font_color": GREY_INK, "italic": True}),
        body=book.add_format({"font_color": INK, "text_wrap": True, "valign": "top"}),
        header=book.add_format(head),
        needed=book.add_format({**head, "bottom": 2, "bottom_color": INK}),
        grey_header=book.add_format({**head, "bg_color": GREY, "font_color": GREY_INK, "bold": False}),
        grey=book.add_format({**box, "bg_color": GREY, "font_color": GREY_INK}),
        locked=book.add_format({**box, "bg_color": GREY}),
        open=book.add_format({**cell, "num_format": "@"}),  # as text: Excel makes dates of 1-4 and 0-17
        day=book.add_format({**cell, "num_format": "yyyy-mm-dd", "align": "left"}),
        number=book.add_format({**cell, "num_format": "#,##0.##"}),
    )


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
