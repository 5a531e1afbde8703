"""A log of many sends: its size, what a chart's query takes, what logging one more takes; each beside its rival.

`python -m tests.benchmarks.volume 200000` fills a database of so many sends; `make soak` takes 10 million.
"""

import contextlib
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median

from core import clock, database, ids, settings
from core.accounts import setups
from core.accounts.access import Access, access
from core.accounts.form import Form
from core.counting import headroom, quotas, recount, usage
from core.sending.reservation import Envelope, Recipient, Result, record
from tests.benchmarks import comparison
from tests.benchmarks.comparison import Comparison

SMALL, LARGE = 100_000, 10_000_000
DAYS, SHOWN = 365, 90
LOGIN = "shop@gmail.com"
FORM = Form(LOGIN, "smtp.gmail.com", 587, "starttls", LOGIN)
REPLY = "250 2.0.0 OK  {} d2e1a72fcca58-7a9c1d2sm{}b3a.112 - gsmtp"  # as long as Gmail's
MESSAGE_ID = "<{:016x}.{:020d}@mail.shop.example>"
GROUP_BY = (
    "SELECT created_at / 86400000, sum(to_count + cc_count + bcc_count + other_count) FROM sends"
    " WHERE account_id = ? AND created_at >= ? GROUP BY 1"
)
AT_A_TIME = 50_000  # sends
ROUNDS = 21


def main(sends: int = LARGE) -> None:
    """Fills two databases, a small and a large one, and prints the table."""
    with tempfile.TemporaryDirectory(prefix="mailgauge-volume-") as folder:
        taken: dict[int, float] = {}
        found: list[Comparison] = []
        for number in (SMALL, sends):
            with home(Path(folder) / str(number)) as mine:
                started = time.perf_counter()
                fill(mine, number)
                print(f"{number:,} sends written in {time.perf_counter() - started:.0f} s", flush=True)
                taken[number], measured = measure(mine, number)
                found += measured
        found.append(Comparison(f"90 days, {sends:,} sends", "ms", [taken[sends]], [taken[SMALL]], f"{SMALL:,}", 1.5))
    print(comparison.table(found))


@contextlib.contextmanager
def home(folder: Path) -> Iterator[Access]:
    """A fresh database there, for this process."""
    before = os.environ.get("MAILGAUGE_DATA_DIR")
    os.environ["MAILGAUGE_DATA_DIR"] = str(folder)
    settings.current.cache_clear()
    try:
        yield access()
    finally:
        database.close()
        settings.current.cache_clear()
        os.environ.pop("MAILGAUGE_DATA_DIR")
        if before is not None:
            os.environ["MAILGAUGE_DATA_DIR"] = before


def fill(mine: Access, sends: int) -> None:
    """Writes sends of a year, evenly spread, each with a To and a Cc; then counts them as `recount` does."""
    setup = setups.save(mine, FORM)
    with mine.write() as rows:
        quota = quotas.ensure(rows.connection, FORM)[0]
    for rows_of in batches(mine.account_id, setup, quota, sends):
        with database.raw() as connection:
            connection.execute("BEGIN IMMEDIATE")
            for table, values in rows_of.items():
                marks = ", ".join("?" * len(values[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608 - our own words
            connection.execute("COMMIT")
    recount.recount(mine)


def batches(account: int, setup: int, quota: int, sends: int) -> Iterator[dict[str, Sequence[tuple[object, ...]]]]:
    """Rows by table, in the order of their columns."""
    chance, end = Random(sends), clock.now()  # noqa: S311 - it makes figures up
    moments = (end - DAYS * clock.DAY_MS + i * (DAYS * clock.DAY_MS) // sends for i in range(sends))
    while batch := list(islice(moments, AT_A_TIME)):
        made: dict[str, list[tuple[object, ...]]] = {"sends": [], "recipients": [], "send_quotas": []}
        for at in batch:
            send, words = ids.new(), MESSAGE_ID.format(chance.getrandbits(64), at)
            reply = REPLY.format(at // 1000, chance.randrange(10**9))
            head = (account, send, setup, None, "relay", ids.digest(words), LOGIN, FORM.host)
            made["sends"].append((*head, "accepted", reply, at, 1, 1, 0, 0, 0, 0))
            people = (("to", f"customer{chance.randrange(10_000)}@customers.example"), ("cc", "books@shop.example"))
            made["recipients"] += [(account, send, i, *person, None, None) for i, person in enumerate(people)]
            made["send_quotas"].append((account, send, quota, at, 2))
        yield dict(made)


def measure(mine: Access, sends: int) -> tuple[float, list[Comparison]]:
    """What the 90-day series takes in milliseconds, and the figures of this database beside their rivals'."""
    quota = quotas.of(mine, FORM)
    assert quota is not None
    today = clock.local(clock.now()).date()
    ours = partial(series, mine, quota, today)
    scan = partial(group_by, mine.account_id, today)
    taken = comparison.in_turns({"ours": partial(timed, ours)}, ROUNDS)["ours"]
    scanned = [timed(scan) for _ in range(3)]
    state = [timed(partial(headroom.states, mine, FORM, zone=UTC)) for _ in range(ROUNDS)]
    size = database.file()
    assert size
    with database.raw() as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    bytes_each = size.stat().st_size / sends
    name = f"{sends:,} sends"
    return median(taken), [
        Comparison(f"90 days, {name}", "ms", taken, scanned, "GROUP BY over the log", 0.01 if sends > SMALL else None),
        Comparison(f"What remains, {name}", "ms", state, scanned, "GROUP BY over the log"),
        Comparison(f"Size of a send, {name}", "bytes", [bytes_each], [500], "500 bytes", 1),
        *logging(mine, name),
    ]


def series(mine: Access, quota: int, today: date) -> object:
    """Recipients of each of the last 90 days."""
    return usage.daily(mine, quota=quota, since=today - timedelta(days=SHOWN - 1), until=today, zone=UTC)


def group_by(account: int, today: date) -> object:
    """The same, counted from the log."""
    since = clock.stored(clock.midnight(today - timedelta(days=SHOWN - 1), UTC))
    with database.raw() as connection:
        return connection.execute(GROUP_BY, (account, since)).fetchall()


def logging(mine: Access, name: str) -> list[Comparison]:
    """Logging one send with two recipients, beside bare `sqlite3` with the same rows in a database of its own."""
    file = database.file()
    assert file
    bare = Bare(file, file.with_name("bare.db"), mine.account_id)
    chunks = {"ours": partial(timed, partial(log, mine)), "bare": partial(timed, bare.log)}
    comparison.in_turns(chunks, 2)
    taken = comparison.in_turns(chunks, ROUNDS)
    bare.close()
    rival = "bare sqlite3, the same rows, WAL, FULL"
    return [Comparison(f"Logging {CHUNK} sends, {name}", "ms", taken["ours"], taken["bare"], rival, 2)]


CHUNK = 100
PEOPLE = (Recipient("customer1@customers.example"), Recipient("books@shop.example", "cc"))


def log(mine: Access) -> None:
    """Sends that are logged one by one."""
    for i in range(CHUNK):
        message = MESSAGE_ID.format(i, clock.now())
        envelope = Envelope(FORM, PEOPLE, "relay", setup=1, message_id=message)
        record(mine, envelope, [Result("accepted", REPLY.format(1, i))] * 2)


class Bare:
    """The same tables in a file of their own, written by `sqlite3` alone."""

    def __init__(self, like: Path, file: Path, account: int) -> None:
        self.connection = sqlite3.connect(file, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        with contextlib.closing(sqlite3.connect(like)) as other:
            wanted = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
            for (statement,) in other.execute(wanted).fetchall():
                self.connection.execute(statement)
        self.account = account

    def log(self) -> None:
        """The rows that `log` writes."""
        run = self.connection.execute
        for i in range(CHUNK):
            send, at, message = ids.new(), clock.now(), MESSAGE_ID.format(i, clock.now())
            head = (self.account, send, 1, None, "relay", ids.digest(message), LOGIN, FORM.host)
            run("BEGIN IMMEDIATE")
            values = (*head, "accepted", REPLY.format(1, i), at, 1, 1, 0, 0, 0, 0)
            run(f"INSERT INTO sends VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608 - our own words
            for n, person in enumerate(PEOPLE):
                who = (self.account, send, n, person.kind, person.address, None, None)
                run("INSERT INTO recipients VALUES (?, ?, ?, ?, ?, ?, ?)", who)
            run("INSERT INTO send_quotas VALUES (?, ?, 1, ?, 2)", (self.account, send, at))
            run(USAGE, (self.account, at // clock.BUCKET_MS))
            for value in BROKEN_DOWN:
                run(BREAKDOWN, (self.account, at // clock.DAY_MS, *value))
            run("COMMIT")

    def close(self) -> None:
        """Lets the file go."""
        self.connection.close()


BROKEN_DOWN = (
    ("from", LOGIN, 2),
    ("source", "relay", 2),
    ("domain", "customers.example", 1),
    ("domain", "shop.example", 1),
)
USAGE = (
    "INSERT INTO usage VALUES (?, 1, ?, 1, 1, 1, 1, 0, 0, 0) ON CONFLICT DO UPDATE"
    ' SET messages = messages + 1, "to" = "to" + 1, cc = cc + 1'
)
BREAKDOWN = (
    "INSERT INTO breakdown VALUES (?, 1, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
    " SET recipients = recipients + excluded.recipients"
)


def timed(run: Callable[[], object]) -> float:
    """Milliseconds that it takes."""
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
