"""Opens a page as a visitor does: through the front door, then to the page, with an address."""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from corridors.ui.contents import ENTRIES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def pages() -> dict[str, str]:
    """Every page in the table of contents: its part of the address → its file."""
    found = {entry.name: f"pages/{entry.file}" for entry in ENTRIES}
    files = {p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8") for p in (ROOT / "pages").glob("*/*.py")}
    for file in files.keys() - found.values():  # a part, which its page takes in
        folder, name = file.removesuffix(".py").split("/")[1:]
        assert any(re.search(rf"from pages\.{folder} import .*\b{name}\b", files[page]) for page in found.values()), file
    return found


@pytest.fixture(scope="session")
def open_page(edition_id, pages) -> Callable[..., AppTest]:
    """`open_page("member", member="THA")` runs the app at that address and returns it."""
    logging.getLogger("streamlit").setLevel(logging.ERROR)

    def opened(page: str = "", **address: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=20)
        for key, value in address.items():
            app.query_params[key] = value
        app.run()
        if page:
            app.switch_page(pages[page]).run()
        return app

    return opened


@pytest.fixture(scope="session")
def walk() -> Callable[..., Iterator]:
    """`walk(block)` yields (parent, element) for everything on a page, popovers included."""

    def walked(block):
        for child in block.children.values():
            yield block, child
            if hasattr(child, "children"):
                yield from walked(child)

    return walked


@pytest.fixture(scope="session")
def texts(walk) -> Callable[..., str]:
    """`texts(block)`: all words under a block, one element a line."""

    def read(block) -> str:
        return "\n".join(str(e.value) for _, e in walk(block) if e.type in ("markdown", "caption", "header", "subheader"))

    return read
