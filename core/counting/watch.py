"""The Sent folders that are watched: how far each is read, how it stands, and what to do where it cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core import clock, i18n, tables
from core.accounts.access import Access, Rows
from core.i18n import N_

SENT, INBOX = "sent", "inbox"  # roles of folders
WAITING, READING, CURRENT = "waiting", "reading", "current"
DAYS = 90  # before its first day that a folder is read back; addresses are not kept any longer by default


@dataclass(frozen=True, slots=True)
class State:
    """What a state means to a person, and for how many minutes nothing is tried then but on demand."""

    sentence: str
    minutes: int


STATES = {
    WAITING: State(N_("The Sent folder is about to be read."), 0),
    READING: State(N_("Reading the Sent folder: {found} of {total} messages."), 0),
    CURRENT: State(N_("The Sent folder is read every five minutes."), 5),
    "empty": State(
        N_(
            "The Sent folder holds nothing of the last 90 days. If mail was sent, the mailbox keeps no copies of what "
            "programs send: switch that on in its settings (“save copies of sent mail”)."
        ),
        15,
    ),
    "no_password": State(N_("No password is stored for this setup: type it on the page Email protocol and save."), 5),
    "no_place": State(N_("The IMAP server of this provider is not known: add the volume by hand."), 60),
    "refused": State(
        N_(
            "{host} refused the log-in. Make a new app password, save it in the setup, and look whether reading by "
            "IMAP is allowed for the mailbox."
        ),
        6 * 60,  # each try may bring the lock-out nearer
    ),
    "imap_off": State(N_("{host} lets nobody read this mailbox: switch IMAP on in the mailbox's settings."), 60),
    "no_folder": State(
        N_("The mailbox has no Sent folder that IMAP shows. In Gmail: Settings, Labels, Sent, “Show in IMAP”."), 60
    ),
    "throttled": State(N_("{host} was asked too often, by us or by others. It is tried again in half an hour."), 30),
    "unreachable": State(N_("{host} does not answer. It is tried again in a quarter of an hour."), 15),
    "untrusted": State(
        N_(
            "The certificate of {host} is not trusted, so the password was not sent. Look whether the network or an "
            "antivirus program interferes with the connection."
        ),
        60,
    ),
    "unencrypted": State(N_("{host} offers no encryption that we speak, so the password was not sent."), 60),
    "garbled": State(N_("{host} answers in a way that we do not understand. Its words stand below."), 60),
    "error": State(N_("This is a fault of Mailgauge, not of your mailbox. The log of Mailgauge tells more."), 60),
}
STOPPED = N_("The Sent folder of this setup is not watched.")


@dataclass(frozen=True, slots=True)
class Watch:
    """One watched folder. `state` is a key of STATES; `found` messages of `total` were read, None after the first run;
    `counted` of them were new to the log in this reading. Times are UTC milliseconds.
    """

    setup: int
    state: str
    reply: str
    found: int
    total: int | None
    read_at: int | None
    bounces: bool
    host: str = ""
    counted: int = 0

    @property
    def read(self) -> bool:
        """Whether the folder was read to its end."""
        return self.state in (CURRENT, "empty")

    @property
    def sentence(self) -> str:
        """How it stands and what to do, to be translated; `values` fill its placeholders."""
        return STATES[self.state].sentence

    @property
    def values(self) -> dict[str, object]:
        """What stands in the sentence."""
        return {"host": self.host, "found": self.found, "total": self.total or self.found}

    def told(self, language: str) -> str:
        """The watch as `watch` prints it: how much was counted, how it stands, what the server said."""
        words = N_("{counted} messages of the Sent folder were new to the log; {found} were read so far.")
        counted = i18n.translate(language, words, counted=self.counted, found=self.found)
        stands = i18n.translate(language, self.sentence, **self.values)
        return "\n".join(filter(None, [counted, stands, self.reply]))

    def document(self) -> dict[str, Any]:
        """The watch as `watch --json` prints it."""
        return {name: value for name, value in asdict(self).items() if name != "setup"}


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a folder is read: all from `low` to `high`, and below `low` what is not older than `since` is to come.

    `low` is None once nothing is. UIDs hold only as long as `validity` does (RFC 3501 section 2.3.1.1), which two
    mailboxes may share: `owner` is log-in and host.
    """

    owner: str
    name: str
    validity: int
    since: str
    high: int
    low: int | None

    def of(self, owner: str, name: str, validity: int) -> bool:
        """Whether it holds for a folder as it is now."""
        return (self.owner, self.name, self.validity) == (owner, name, validity)


class Overtaken(Exception):
    """Another reader moved the mark, or the folder is not watched any more: nothing was written."""


def put(access: Access, setup: int, *, bounces: bool) -> None:
    """Watches a setup's folders from now on."""
    table = tables.watches
    values = {"setup_id": setup, "bounces": bounces, "folders": {}, "state": WAITING, "created_at": clock.now()}
    with access.write() as rows:
        if not rows.run(rows.update(table).where(table.c.setup_id == setup).values(bounces=bounces)):
            rows.insert(table, values)


def drop(access: Access, setup: int) -> None:
    """Watches no longer; what was counted stays."""
    with access.write() as rows:
        rows.run(rows.delete(tables.watches).where(tables.watches.c.setup_id == setup))


def find(access: Access, setup: int) -> Watch | None:
    """The watch of a setup, None where there is none."""
    with access.read() as rows:
        row = _row(rows, setup)
    return _watch(row) if row else None


def due(access: Access) -> list[int]:
    """The setups of an account whose folders are to be read now."""
    now = clock.now()
    with access.read() as rows:
        found = map(_watch, rows.all(rows.select(tables.watches)))
        pauses = {one.setup: (one.read_at or 0) + STATES[one.state].minutes * 60_000 for one in found}
    return [setup for setup, until in pauses.items() if until <= now]


def mark(rows: Rows, setup: int, role: str) -> Mark | None:
    """How far the folder of a role is read."""
    row = _row(rows, setup)
    found = row.folders.get(role) if row else None
    return Mark(**found) if found else None


def advance(rows: Rows, setup: int, role: str, marks: tuple[Mark | None, Mark], **values: Any) -> None:
    """Moves a mark, within the transaction of what was read; other columns with it. Raises Overtaken."""
    row, (before, after) = _row(rows, setup), marks
    if row is None or row.folders.get(role) != (asdict(before) if before else None):
        raise Overtaken
    values |= {"folders": row.folders | {role: asdict(after)}}
    rows.run(rows.update(tables.watches).where(tables.watches.c.setup_id == setup).values(values))


def seen(rows: Rows, setup: int) -> int:
    """How many messages of a watched folder were read."""
    row = _row(rows, setup)
    return int(row.found) if row else 0


def note(access: Access, setup: int, **values: Any) -> Watch | None:
    """Writes how it stands; nothing where it is not watched any more."""
    with access.write() as rows:
        rows.run(rows.update(tables.watches).where(tables.watches.c.setup_id == setup).values(values))
        row = _row(rows, setup)
    return _watch(row) if row else None


def renew(rows: Rows, setup: int) -> None:
    """Has a watched folder read at the next look, whatever it waited for; nothing where it is not watched."""
    values = {"state": WAITING, "reply": None, "read_at": None}
    rows.run(rows.update(tables.watches).where(tables.watches.c.setup_id == setup).values(values))


def _row(rows: Rows, setup: int) -> Any:
    return rows.first(rows.select(tables.watches).where(tables.watches.c.setup_id == setup))


def _watch(row: Any) -> Watch:
    names: Mapping[str, Any] = row._mapping
    same = {name: names[name] for name in ("state", "found", "total", "read_at", "bounces")}
    return Watch(setup=row.setup_id, reply=row.reply or "", **same)
