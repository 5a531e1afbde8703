"""One reading of a Sent folder, in batches, each written together with how far it is read: nothing counts twice."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from core import clock
from core.accounts.access import Access, Rows
from core.accounts.form import Form
from core.counting import bounces, copies, watch
from core.counting import log as sent
from core.counting.copies import Copy
from core.counting.watch import INBOX, SENT, Mark
from core.sending import reservation
from core.sending.reservation import Envelope, Result
from core.smtp import mailbox
from core.smtp.mailbox import Folder, Mailbox, Place, Unread
from core.smtp.transcript import Transcript

SOURCE = "sent-folder"
Head = tuple[bytes, datetime | None]  # headers and the time of arrival
BATCH = 250  # messages that are read and written together


class Later(Exception):
    """The reading took its turn; it goes on where it is at the next look."""


@dataclass
class Reading:
    """One reading of one mailbox, in its thread; `counted` sends were new to the log."""

    access: Access
    setup: int
    form: Form
    place: Place
    until: float
    bounces: bool = False
    counted: int = 0

    def read(self, connection: socket.socket) -> None:
        """Reads what is new, then what is older. Raises Unread, Overtaken, Later, and what the database raises."""
        with mailbox.opened(connection, self.place, self.form) as box:
            name = box.sent(self.place.sent)
            if name is None:
                raise Unread("no_folder")
            self._folder(box, box.examine(name))
            if self.bounces:
                self._inbox(box, box.examine("INBOX"))

    @property
    def owner(self) -> str:
        """Whose mailbox it is: a setup may be changed to another log-in."""
        return f"{self.form.username} {self.place.host}"

    def redact(self, text: str) -> str:
        """A text without the password."""
        return Transcript(self.form.secrets).redact(text)

    def _folder(self, box: Mailbox, folder: Folder) -> None:
        with self.access.read() as rows:
            found = watch.mark(rows, self.setup, SENT)
        if found and found.of(self.owner, folder.name, folder.validity):
            mark = self._ahead(box, folder, found)
        else:
            mark = self._begin(box, folder, found)
        if mark.low is not None:
            self._back(box, folder, mark)

    def _begin(self, box: Mailbox, folder: Folder, old: Mark | None) -> Mark:
        """A mark above everything: the newest come first, so that the last 24 hours are right at once."""
        high, since = _highest(box, folder), _today() - timedelta(days=watch.DAYS)
        mark = Mark(self.owner, folder.name, folder.validity, since.isoformat(), high, high + 1)
        self._advance(old, mark, state=watch.READING, reply=None, found=0, total=None)
        return mark

    def _ahead(self, box: Mailbox, folder: Folder, mark: Mark) -> Mark:
        """What is above the mark, upwards."""
        for uids in _batches(_above(box, folder, mark.high)):
            mark = self._batch(box, uids, mark, replace(mark, high=uids[-1]))
        return mark

    def _back(self, box: Mailbox, folder: Folder, mark: Mark) -> None:
        """What is below the mark, downwards to its first day."""
        below = mark.low or 0
        found = box.search(folder, ["SINCE", date.fromisoformat(mark.since)])
        rest = sorted({uid for part in found for uid in part if uid < below}, reverse=True)
        with self.access.read() as rows:
            total = watch.seen(rows, self.setup) + len(rest)
        self._advance(mark, mark, total=total)
        for uids in _batches(rest):
            mark = self._batch(box, uids, mark, replace(mark, low=uids[-1]))
        self._advance(mark, replace(mark, low=None), total=None)

    def _batch(self, box: Mailbox, uids: Sequence[int], before: Mark, after: Mark) -> Mark:
        """Reads some messages and writes them together with the mark that is then reached."""
        if time.monotonic() > self.until:
            raise Later
        found = [copies.read(raw, arrived) for raw, arrived in _headers(box, uids).values()]
        with self.access.write() as rows:
            seen = watch.seen(rows, self.setup) + len(uids)
            watch.advance(rows, self.setup, SENT, (before, after), found=seen)
            counted = self._count(rows, found)
        self.counted += counted
        return after

    def _inbox(self, box: Mailbox, folder: Folder) -> None:
        """Marks the recipients whose mail came back since the inbox was first looked at."""
        with self.access.read() as rows:
            found = watch.mark(rows, self.setup, INBOX)
        if not found or not found.of(self.owner, folder.name, folder.validity):
            now = Mark(self.owner, folder.name, folder.validity, _today().isoformat(), _highest(box, folder), None)
            with self.access.write() as rows:
                watch.advance(rows, self.setup, INBOX, (found, now))
            return
        for uids in _batches(_above(box, folder, found.high)):
            if time.monotonic() > self.until:
                raise Later
            heads = _headers(box, uids, bounces.FIELDS)
            raws = [_beginning(box, uid) for uid, (head, _) in heads.items() if bounces.suspected(head)]
            returned = [one for raw in raws for one in bounces.read(raw, redact=self.redact)]
            after = replace(found, high=uids[-1])
            with self.access.write() as rows:
                watch.advance(rows, self.setup, INBOX, (found, after))
                for one in returned:
                    reservation.bounce(rows, one.digest, one.address, one.reply)
            found = after

    def _advance(self, before: Mark | None, after: Mark, **values: object) -> None:
        with self.access.write() as rows:
            watch.advance(rows, self.setup, SENT, (before, after), **values)

    def _count(self, rows: Rows, found: Sequence[Copy]) -> int:
        """Writes the copies that the log does not know as sends; how many those are."""
        known = sent.known(rows, [digest for copy in found for digest in copy.digests])
        counted = 0
        for copy in found:
            if copy.recipients and known.isdisjoint(copy.digests):
                reservation.write(rows, self._envelope(copy), [Result("accepted")] * len(copy.recipients))
                known.update(copy.digests)
                counted += 1
        return counted

    def _envelope(self, copy: Copy) -> Envelope:
        return Envelope(
            self.form,
            copy.recipients,
            SOURCE,
            setup=self.setup,
            created_at=copy.at,
            sender=copy.sender,
            digest=copy.digests[0],
        )


def _today() -> date:
    return clock.local(clock.now()).date()


def _highest(box: Mailbox, folder: Folder) -> int:
    """The highest UID that the folder can have now."""
    return folder.following - 1 if folder.following else max(next(box.search(folder, ["ALL"]), []), default=0)


def _above(box: Mailbox, folder: Folder, high: int) -> list[int]:
    """The UIDs above a mark, ascending."""
    found: list[int] = []
    parts = box.search(folder, ["UID", f"{high + 1}:*"]) if folder.following != high + 1 else iter(())
    for part in parts:
        above = [uid for uid in part if uid > high]  # the search names the folder's last one though it is below
        if not above:
            break
        found += above
    return sorted(found)


def _batches(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (uids[start : start + BATCH] for start in range(0, len(uids), BATCH))


def _headers(box: Mailbox, uids: Sequence[int], fields: str = mailbox.ENVELOPE) -> dict[int, Head]:
    """The headers of messages; of those that the server or the library chokes on, all others."""
    try:
        return box.headers(uids, fields)
    except Unread as unread:
        if unread.state != "garbled":
            raise
        if len(uids) == 1:
            return {}
        half = len(uids) // 2
        return _headers(box, uids[:half], fields) | _headers(box, uids[half:], fields)


def _beginning(box: Mailbox, uid: int) -> bytes:
    """The beginning of a message, nothing where the server or the library chokes on it."""
    try:
        return box.beginning(uid)
    except Unread as unread:
        if unread.state != "garbled":
            raise
        return b""
