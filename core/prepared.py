"""Statements of the hot path, compiled once: SQLAlchemy's look at a statement takes longer than SQLite's work at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ClauseElement


class Prepared:
    """A statement whose values all have names (its columns', or those of `bindparam`), and are what the driver takes:
    numbers, texts, None.
    """

    def __init__(self, statement: ClauseElement, names: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._names = names
        self._compiled: dict[str, tuple[str, Sequence[str] | None]] = {}

    def __call__(self, connection: Connection, *values: Mapping[str, Any]) -> Any:
        """Executes it for each of some values, by the driver itself; its cursor, the last one's. Raises its errors."""
        sql, order = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        cursor = connection.connection.cursor()
        for each in values:
            cursor.execute(sql, [each[name] for name in order] if order is not None else each)
        return cursor

    def _compile(self, dialect: Dialect) -> tuple[str, Sequence[str] | None]:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._names)
        made = self._compiled[dialect.name] = (str(compiled), getattr(compiled, "positiontup", None))
        return made


@lru_cache
def insertion(table: Table) -> Prepared:
    """INSERT of a row with every column given."""
    return Prepared(insert(table), [column.name for column in table.c])


@lru_cache
def sum_of(table: Table, counted: tuple[str, ...]) -> Prepared:
    """INSERT of a row with every column given; where one has the key already, the counted columns are added to it."""
    statement = sqlite.insert(table)
    sums = {table.c[name]: table.c[name] + statement.excluded[name] for name in counted}
    adding = statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=sums)
    return Prepared(adding, [column.name for column in table.c])
