"""What a reader may not see is not in the file that is opened for them: an edition is a file for each TLP label.

`edition_id@LABEL` names an edition as a viewer up to LABEL sees it. When an edition is published, each label gets a file
that holds what may be seen up to it and nothing else: rows above it are missing, and so is what hangs on them by a foreign
key. So no query has to remember the label, and none can forget it. RED is in no file: it is for the people in the room.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

import duckdb
import pandas as pd

from corridors.catalog import tlp

# Read-only alone still lets SQL read any file of the machine; these close that door and lock it.
LOCKED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "lock_configuration": "true",
}
HIGHEST = "AMBER+STRICT"
CEILINGS = tlp.LABELS[: tlp.LABELS.index(HIGHEST) + 1]  # the labels up to which somebody may read, widest first
TABLE = "table_label"  # in each file: table or view → the strictest label in it
SIGN = "@"
DRAFT = "draft-"  # how the name of an edition begins that is not published yet; see `drafts`
KEPT = 16  # cursors of one edition that wait for the next question
_unnamed = HIGHEST
_seen: ContextVar[set | None] = ContextVar("labels of the rows read", default=None)


def keyed(edition_id: str, ceiling: str) -> str:
    """The name of an edition as a viewer up to `ceiling` sees it: "2026-11-21-0a1b2c3d@GREEN"."""
    return f"{plain(edition_id)}{SIGN}{ceiling}"


def plain(key: str) -> str:
    """The edition's own id, as people are told it."""
    return key.partition(SIGN)[0]


def year_of(key: str) -> int:
    """The year in which an edition, or a draft, was built."""
    return int(key.removeprefix(DRAFT)[:4])


def split(key: str) -> tuple[str, str]:
    """(edition's id, label up to which it may be read); a label that nobody knows means CLEAR, and RED is never read."""
    edition_id, _, label = key.partition(SIGN)
    label = label if SIGN in key else _unnamed
    return edition_id, tlp.allowed(HIGHEST if label == "RED" else label)[-1]


def unnamed_means(label: str) -> None:
    """Decides for this process how far an id without a label reaches: CLEAR where visitors sign in, HIGHEST where none come."""
    global _unnamed
    _unnamed = label


@contextmanager
def labels_read() -> Iterator[set[str]]:
    """Collects the labels of all rows that are read inside the block; a row whose label is unknown counts as tlp.UNKNOWN."""
    seen: set[str] = set()
    before = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(before)


def note_labels(rows: pd.DataFrame, otherwise: set[str]) -> None:
    """Adds the labels of an answer to what is being collected; `otherwise` for an answer that says none, such as a count."""
    seen = _seen.get()
    if seen is not None:
        if "tlp" not in rows.columns:
            seen.update(otherwise)
        for column in rows.columns:
            if column == "tlp" or column.endswith("_tlp"):
                seen.update(
                    label if label in tlp.LABELS else tlp.UNKNOWN
                    for label in rows[column].unique()
                    if column == "tlp" or isinstance(label, str)
                )


class AboveLabel(Exception):
    """A file holds rows above the label up to which it was to be read: it was made by an earlier version, or by hand."""


class LabelledConnection:
    """The file of an edition for one label, opened read-only and locked. Each question has a cursor to itself, used again
    afterwards. Raises AboveLabel when the file holds more than the label allows."""

    def __init__(self, path: Path, ceiling: str):
        self._home = duckdb.connect(path, read_only=True, config=LOCKED)
        self._idle: list[duckdb.DuckDBPyConnection] = []
        with self.cursor() as cursor:
            noted = cursor.execute(f"select count(*) from duckdb_tables() where table_name = '{TABLE}'").fetchone()[0]
            self._strictest = dict(cursor.execute(f"from {TABLE}").fetchall()) if noted else strictest_of_each(cursor)
        if above := {label for label in self._strictest.values() if label not in tlp.allowed(ceiling)}:
            raise AboveLabel(
                f"{path.name} holds rows up to TLP:{tlp.strictest(above)} and was to be read up to TLP:{ceiling}. It was made "
                "by an earlier version of this system; run “python -m etl build”."
            )

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that nobody else uses; after a failed question it is thrown away."""
        try:
            cursor = self._idle.pop()
        except IndexError:
            cursor = self._home.cursor()
        try:
            yield cursor
        except BaseException:
            cursor.close()
            raise
        if len(self._idle) < KEPT:
            self._idle.append(cursor)
        else:
            cursor.close()

    def bears(self, sql: str) -> set[str]:
        """The strictest labels in the tables and views that a question names: what an answer without labels may rest on."""
        return {label for name, label in self._strictest.items() if name in tables_in(sql)}


def files_by_label(whole: Path) -> dict[str, Path]:
    """The files of an edition by label, widest first, made beside `whole` where they differ from the one before.

    Each notes in `table_label` the strictest label of each of its tables and views that hold any but CLEAR. `whole` itself
    is the widest where it holds nothing above that.
    """
    files: dict[str, Path] = {}
    for label in reversed(CEILINGS):
        files[label] = whole = _reduced(whole, label)
    for path in dict.fromkeys(files.values()):
        with duckdb.connect(path) as connection:
            connection.execute(f"create or replace table {TABLE} (name varchar primary key, tlp varchar not null)")
            for row in sorted(strictest_of_each(connection).items()):
                connection.execute(f"insert into {TABLE} values (?, ?)", row)
            connection.execute("checkpoint")
    return files


def _reduced(path: Path, label: str) -> Path:
    """A new file with what may be seen up to `label`; `path` itself where that is all that it holds."""
    target = path.with_name(f"{path.stem.partition(SIGN)[0]}{SIGN}{label}.duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{_text(path)}' as whole (read_only)")
        connection.execute("use whole")
        labelled, ties = set(_labelled(connection)), _ties(connection)
        own = _own(label)
        if not any(connection.execute(f"select exists (from {_quoted(t)} where not {own})").fetchone()[0] for t in labelled):
            return path
        connection.execute(f"attach '{_text(target)}' as part")
        connection.execute("copy from database whole to part (schema)")
        tables = {
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where database_name = 'whole'"
            ).fetchall()
        }
        for table in _parents_first(tables - {TABLE}, ties):
            seen = [own] if table in labelled else []
            seen += [
                f"({_quoted(column)} is null or {_quoted(column)} in (select {_quoted(key)} from part.{_quoted(parent)}))"
                for child, column, parent, key in ties
                if child == table and parent != child
            ]
            connection.execute(
                f"insert into part.{_quoted(table)} from whole.{_quoted(table)} where {' and '.join(seen) or 'true'}"
            )
    return target


def strictest_of_each(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The strictest label in each table and view of an edition that holds any but CLEAR."""
    found: dict[str, str] = {}
    for table in _labelled(connection):
        rows = connection.execute(f"select distinct tlp from {_quoted(table)}").fetchall()
        label = tlp.strictest(row[0] for row in rows)
        found |= {table: label} if label != "CLEAR" else {}
    ties = _ties(connection)
    for table in _parents_first({child for child, _, _, _ in ties}, ties):
        over = [found[parent] for child, _, parent, _ in ties if child == table and parent in found]
        if over and table not in found:  # what has no label of its own has that of what it hangs on
            found[table] = tlp.strictest(over)
    views = connection.execute("""
        select view_name, sql from duckdb_views() where not internal and database_name = current_database()
        order by view_oid""").fetchall()
    for name, sql in views:  # in the order in which they were made, so that a view comes after those that it reads
        inside = [found[table] for table in tables_in(sql.partition(" AS ")[2]) if table in found]
        found |= {name: tlp.strictest(inside)} if inside else {}
    return found


@lru_cache(maxsize=2000)
def tables_in(sql: str) -> frozenset[str]:
    """The names of all tables and views that a question reads, as DuckDB's own parser finds them. Raises ValueError for what
    is no question."""
    with duckdb.connect() as parser:
        tree = json.loads(parser.execute("select json_serialize_sql(?)", [sql]).fetchone()[0])
    if tree["error"]:
        raise ValueError(f"not a question: {tree['error_message']}")
    names, waiting = set(), [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("type") == "BASE_TABLE":
                names.add(node["table_name"])
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return frozenset(names)


def _labelled(connection) -> list[str]:
    """The edition's tables that have a column of labels, but for the note about them."""
    return [
        name
        for (name,) in connection.execute(f"""
        select table_name from duckdb_columns() join duckdb_tables() using (database_name, schema_name, table_name)
        where column_name = 'tlp' and database_name = current_database() and schema_name = 'main' and table_name <> '{TABLE}'
        order by 1""").fetchall()
    ]


def _ties(connection) -> list[tuple[str, str, str, str]]:
    """The edition's foreign keys: table, column, table that it refers to, its column."""
    return connection.execute("""
        select table_name, constraint_column_names[1], referenced_table, referenced_column_names[1] from duckdb_constraints()
        where constraint_type = 'FOREIGN KEY' and database_name = current_database() order by all""").fetchall()


def _own(ceiling: str) -> str:
    """The condition that a row's own label allows it to be seen."""
    names = [", ".join(f"'{label}'" for label in labels) for labels in (tlp.LABELS, tlp.allowed(ceiling))]
    return f"case when tlp in ({names[0]}) then tlp else '{tlp.UNKNOWN}' end in ({names[1]})"


def _parents_first(tables: set[str], ties: list[tuple]) -> list[str]:
    """The tables in an order in which each comes after those it hangs on."""
    order: list[str] = []

    def walk(table: str) -> None:
        if table not in order:
            for child, _, parent, _ in ties:
                if child == table and parent != child and parent in tables:
                    walk(parent)
            order.append(table)

    for table in sorted(tables):
        walk(table)
    return order


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(path: Path) -> str:
    """A path inside quotes of SQL."""
    return str(path).replace("'", "''")
