"""The one door to rows: every statement made here names its account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Delete, Select, Table, Update, delete, insert, select, union, update

from core import clock, database, ids, prepared, tables
from core.i18n import N_
from core.told import NotFound


class Rows:
    """One account's rows within one connection."""

    def __init__(self, connection: Connection, account_id: int) -> None:
        self.connection = connection
        self.account_id = account_id

    def select(self, table: Table, *columns: Any) -> Select[Any]:
        """SELECT of this account's rows; all columns where none are named."""
        return select(*(columns or (table,))).select_from(table).where(self._mine(table))

    def update(self, table: Table) -> Update:
        """UPDATE of this account's rows."""
        return update(table).where(self._mine(table))

    def delete(self, table: Table) -> Delete:
        """DELETE of this account's rows."""
        return delete(table).where(self._mine(table))

    def insert(self, table: Table, *values: dict[str, Any]) -> None:
        """INSERT of rows that become this account's."""
        if values:
            self.connection.execute(insert(table), [{"account_id": self.account_id} | row for row in values])

    def append(self, table: Table, *values: dict[str, Any]) -> None:
        """INSERT of rows that become this account's, every other column given: the quick way, for the log."""
        if values:
            prepared.insertion(table)(self.connection, *({"account_id": self.account_id} | row for row in values))

    def add(self, table: Table, *values: dict[str, Any], counted: tuple[str, ...]) -> None:
        """The same, but where a row has the key already, the counted columns are added to it."""
        if values:
            mine = ({"account_id": self.account_id} | row for row in values)
            prepared.sum_of(table, counted)(self.connection, *mine)

    def all(self, statement: Select[Any]) -> list[Any]:
        """Every row of a statement."""
        return list(self.connection.execute(statement))

    def first(self, statement: Select[Any]) -> Any:
        """The first row of a statement, or None."""
        return self.connection.execute(statement).first()

    def run(self, statement: Update | Delete) -> int:
        """Executes a change; how many rows it met."""
        return self.connection.execute(statement).rowcount

    def _mine(self, table: Table) -> Any:
        column: Column[int] = table.c.id if table is tables.accounts else table.c.account_id
        return column == self.account_id


@dataclass(frozen=True, slots=True)
class Access:
    """The right to one account's rows."""

    account_id: int

    @contextmanager
    def read(self) -> Iterator[Rows]:
        """Rows to read."""
        with database.read() as connection:
            yield Rows(connection, self.account_id)

    @contextmanager
    def write(self) -> Iterator[Rows]:
        """Rows to change, under the write lock from the start, on disk at the end."""
        with database.write() as connection:
            yield Rows(connection, self.account_id)


def access(name: str | None = None) -> Access:
    """The right to an account by its name; without a name to the only user's, the oldest. Raises NotFound."""
    wanted = select(tables.accounts.c.id).where(~tables.accounts.c.sample).order_by(tables.accounts.c.id).limit(1)
    if name is not None:
        wanted = wanted.where(tables.accounts.c.name == name)
    with database.read() as connection:
        found = connection.execute(wanted).scalar()
    if found is None and name is None:
        raise NotFound(N_("The database holds no account: put a backup in its place."))
    if found is None:
        raise NotFound(N_("No account is named “{name}”."), name=name)
    return Access(found)


def sample() -> Access | None:
    """The right to the sample account, None where none is loaded."""
    with database.read() as connection:
        found = connection.execute(select(tables.accounts.c.id).where(tables.accounts.c.sample)).scalar()
    return Access(found) if found is not None else None


def everyone() -> list[Access]:
    """The right to each account in turn, for core's own upkeep."""
    with database.read() as connection:
        return [Access(number) for number in connection.execute(select(tables.accounts.c.id)).scalars()]


def create(**values: Any) -> Access:
    """A new account with these columns; like each, it begins with the Default mode active."""
    made = ids.new()
    default = {"id": ids.new(), "name": "default", "mode": "default", "active": True, "created_at": clock.now()}
    with database.write() as connection:
        connection.execute(insert(tables.accounts).values(id=made, created_at=clock.now(), **values))
        connection.execute(insert(tables.setups).values(account_id=made, **default))
    return Access(made)


def remove(access: Access) -> None:
    """Removes an account with everything that is its own, and the quotas that nobody else uses."""
    with database.write() as connection:
        connection.execute(delete(tables.accounts).where(tables.accounts.c.id == access.account_id))
        counted = (tables.send_quotas, tables.usage, tables.limits, tables.breakdown, tables.elsewhere)
        used = [select(table.c.quota_id) for table in counted]
        connection.execute(delete(tables.quotas).where(tables.quotas.c.id.not_in(union(*used))))
