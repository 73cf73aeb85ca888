"""What a reader may not see is not there: an edition opened up to a TLP label.

`edition_id@LABEL` names an edition as a viewer up to LABEL sees it. Temporary views of the same names stand before every
table that bears labels, before what hangs on their rows by a foreign key, and before the edition's own views. So no query
has to remember the ceiling, and none can forget it. RED is shown to nobody: it is for the people in the room.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
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
SIGN = "@"
KEPT = 16  # cursors of one edition that wait for the next question
_unnamed = HIGHEST
_seen: ContextVar[set | None] = ContextVar("labels of the rows read", default=None)


def keyed(edition_id: str, ceiling: str) -> str:
    """The name of an edition as a viewer up to `ceiling` sees it: "2026-11-21-0a1b2c3d@GREEN"."""
    return f"{plain(edition_id)}{SIGN}{ceiling}"


def plain(key: str) -> str:
    """The edition's own id, as people are told it."""
    return key.partition(SIGN)[0]


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


def told(rows: pd.DataFrame, otherwise: set[str]) -> None:
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


class Door:
    """An edition opened read-only and locked, up to one label. Each question has a cursor to itself, used again afterwards."""

    def __init__(self, path: Path, ceiling: str):
        self._home = duckdb.connect(path, read_only=True, config=LOCKED)
        self._views = hiding(self._home, ceiling)
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._bears = self._strictest_of_each()

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that nobody else uses; after a failed question it is thrown away."""
        try:
            cursor = self._idle.pop()
        except IndexError:
            cursor = self._fresh()
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
        return {label for name, label in self._bears.items() if _asks(sql, name)}

    def _strictest_of_each(self) -> dict[str, str]:
        """The strictest label still to be seen in each table and view that holds any but CLEAR."""
        found: dict[str, str] = {}
        with self.cursor() as cursor:
            for table in _labelled(cursor):
                rows = cursor.execute(f"select distinct tlp from {_quoted(table)}").fetchall()
                label = tlp.strictest(row[0] for row in rows)
                found |= {table: label} if label != "CLEAR" else {}
            ties = _ties(cursor)
            for table in _parents_first({child for child, _, _, _ in ties}, ties):
                over = [found[parent] for child, _, parent, _ in ties if child == table and parent in found]
                if over and table not in found:  # what has no label of its own has that of what it hangs on
                    found[table] = tlp.strictest(over)
            for name, sql in _stored(cursor):
                inside = [label for table, label in found.items() if _asks(sql, table)]
                found |= {name: tlp.strictest(inside)} if inside else {}
        return found

    def _fresh(self) -> duckdb.DuckDBPyConnection:
        cursor = self._home.cursor()
        for view in self._views:  # temporary views belong to one cursor
            cursor.execute(view)
        return cursor


def hiding(connection: duckdb.DuckDBPyConnection, ceiling: str) -> list[str]:
    """The statements that put temporary views before what a viewer up to `ceiling` must not see; none where all may be seen.

    An edition never changes, so a table in which nothing is hidden needs no view, and costs nothing.
    """
    here = connection.execute("select current_database()").fetchone()[0]
    labelled, ties = set(_labelled(connection)), _ties(connection)
    scratch, made, hidden = connection.cursor(), [], set()
    for table in _parents_first(labelled | {child for child, _, _, _ in ties}, ties):
        seen = [_own(ceiling)] if table in labelled else []
        seen += [
            f"({column} is null or {column} in (select {key} from {_quoted(parent)}))"
            for child, column, parent, key in ties
            if child == table and parent in hidden
        ]
        whole = f"{_quoted(here)}.main.{_quoted(table)}"
        if seen and scratch.execute(f"select exists (from {whole} where not ({' and '.join(seen)}))").fetchone()[0]:
            made.append(f"create temp view {_quoted(table)} as select * from {whole} where {' and '.join(seen)}")
            scratch.execute(made[-1])
            hidden.add(table)
    scratch.close()
    return made + [sql.replace("CREATE VIEW", "CREATE TEMP VIEW", 1) for _, sql in _stored(connection)] if made else []


def _asks(sql: str, table: str) -> bool:
    """Whether a question takes rows of a table or view; a column of the same name is none."""
    return bool(re.search(rf'\b(?:from|join)[\s(]+"?{table}\b', sql, re.IGNORECASE))


def _labelled(connection) -> list[str]:
    """The edition's tables that have a column of labels."""
    return [
        name
        for (name,) in connection.execute("""
        select table_name from duckdb_columns() join duckdb_tables() using (database_name, schema_name, table_name)
        where column_name = 'tlp' and database_name = current_database() and schema_name = 'main'
        order by 1""").fetchall()
    ]


def _ties(connection) -> list[tuple[str, str, str, str]]:
    """The edition's foreign keys: table, column, table that it refers to, its column."""
    return connection.execute("""
        select table_name, constraint_column_names[1], referenced_table, referenced_column_names[1] from duckdb_constraints()
        where constraint_type = 'FOREIGN KEY' and database_name = current_database() order by all""").fetchall()


def _stored(connection) -> list[tuple[str, str]]:
    """The edition's own views and their text, in the order in which they were made."""
    return connection.execute("""
        select view_name, sql from duckdb_views() where not internal and database_name = current_database()
        order by view_oid""").fetchall()


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
