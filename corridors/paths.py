"""Where everything below data/ lies: the one place in the code that knows. data/README.md says it to people."""

import os
from pathlib import Path

from corridors import ROOT

DATA = Path(os.environ.get("CORRIDORS_DATA") or ROOT / "data")  # another folder for trials and tests
GEO = ROOT / "data" / "geo"
MULTIPLE_SYSTEMS = ROOT / "data" / "multiple_systems"

# below a data folder
SOURCES = Path("sources")  # a folder for each source: its tables (SOURCE_TABLES) and card.toml
SOURCE_TABLES = ("figures", "rejected", "incidents", "visas", "pairs")
CARD = "card.toml"
ROUTES = Path("editorial/routes")
ACTIONS = Path("editorial/actions")
MEETINGS = Path("editorial/meetings")
VISA_CHANGES = Path("editorial/visas")
LAYOUTS = Path("layouts")  # members' own recurring tables, described
CORRECTIONS = Path("editorial/corrections.toml")
CONFLICTS = Path("editorial/conflicts.toml")
BREAKS = Path("editorial/breaks.toml")
OVERRIDES = Path("editorial/overrides.toml")


def source_table(data: Path, source_id: str, table: str) -> Path:
    """The CSV of one of SOURCE_TABLES of a source."""
    return data / SOURCES / source_id / f"{table}.csv"


def source_card(data: Path, source_id: str) -> Path:
    """The TOML file that says where the tables of a source came from."""
    return data / SOURCES / source_id / CARD
