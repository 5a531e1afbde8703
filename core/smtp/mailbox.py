"""A mailbox that is read by IMAP and never changed (RFC 3501): the folder of sent mail, headers and dates by UID."""

from __future__ import annotations

import imaplib
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from core.accounts import providers
from core.accounts.form import Form
from core.smtp import faults, tls
from core.smtp.faults import Fault
from core.smtp.transcript import Transcript, visible

if TYPE_CHECKING:  # its library takes a while to import, and only a reading needs it
    from core.smtp.imap import Client

SEARCHED = 50_000  # messages that one search goes over: its answer stays under the million bytes of imaplib's lines
LONGEST = 500  # letters of a server's words that are kept
ENVELOPE = "MESSAGE-ID FROM TO CC BCC DATE X-GOOGLE-ORIGINAL-MESSAGE-ID X-MICROSOFT-ORIGINAL-MESSAGE-ID"
START = 128 * 1024  # bytes of a message that are read where its headers do not say enough
ENCRYPTED = ("ssl", "starttls")
COMMON = ("sent", "sent items", "sent mail", "sent messages")  # what clients call it where no server marks it

# What servers say, in lower case; the first that fits counts. Codes in brackets: RFC 5530, RFC 9208 (OVERQUOTA).
SAID = (
    ("too many simultaneous", "throttled"),  # Gmail: 15 connections an account
    ("too many connections", "throttled"),
    ("maximum number of connections", "throttled"),  # Dovecot, Courier
    ("exceeded command or bandwidth", "throttled"),  # Gmail, with [OVERQUOTA]
    ("rate limit", "throttled"),
    ("[limit]", "throttled"),
    ("[inuse]", "throttled"),
    ("[overquota]", "throttled"),
    ("not enabled for imap", "imap_off"),  # Gmail
    ("imap is disabled", "imap_off"),  # Yandex
    ("imap access is disabled", "imap_off"),
    ("enable imap", "imap_off"),  # Zoho: You are yet to enable IMAP for your account
    ("imap service is not", "imap_off"),
    ("[unavailable]", "unreachable"),
    ("[serverbug]", "unreachable"),
    ("temporary", "unreachable"),
    ("socket error", "unreachable"),  # imaplib's own words for an end in the midst
    ("=> bye", "unreachable"),
)
EVENTS = dict.fromkeys((*faults.VERIFY_CODES.values(), "cert_invalid"), "untrusted") | {
    event: "unencrypted" for _, event in (*faults.TLS_REASONS[:-2], ("", "handshake_failed"))
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mailbox is read: `encryption` is ssl or starttls, `sent` are names of its folder of sent mail."""

    host: str
    port: int
    encryption: str
    sent: tuple[str, ...] = ()
    ca_file: str | None = None


def place(form: Form) -> Place | None:
    """Where the log-in that a form sends with opens its mailbox, None where no provider is known to have one."""
    provider = providers.by_host(form.host, form.username) if form.mode == "smtp" and form.username else None
    found = provider.imap_for(form.host) if provider else None
    return Place(found.host, found.port, found.encryption, found.sent) if found else None


class Unread(Exception):
    """A mailbox could not be read: `state` is a slug of core.counting.watch, `reply` the server's words, redacted."""

    def __init__(self, state: str, reply: str = "") -> None:
        super().__init__(state, reply)
        self.state = state
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Folder:
    """An open folder: its UIDs hold as long as `validity` is the same; `following` is above all of them, 0: unknown."""

    name: str
    validity: int
    exists: int
    following: int


class Mailbox:
    """One log-in; only EXAMINE, SEARCH and FETCH with PEEK. Everything raises Unread."""

    def __init__(self, client: Client, transcript: Transcript) -> None:
        self._client = client
        self._transcript = transcript

    def sent(self, names: Sequence[str] = ()) -> str | None:
        """The folder that the server marks as the one of sent mail (RFC 6154), else one of these or customary names."""
        with self._told("garbled"):
            folders = [each for each in self._folders() if b"\\noselect" not in _lower(each[0])]
        marked = [name for flags, _, name in folders if b"\\sent" in _lower(flags)]
        wanted = [name.lower() for name in (*names, *COMMON)]
        named = {name.lower(): name for _, _, name in folders}
        named |= {_last(name, mark).lower(): name for _, mark, name in folders if _last(name, mark) not in named}
        return next((name for name in [*marked, *(named.get(each) for each in wanted)] if name), None)

    def examine(self, name: str) -> Folder:
        """Opens a folder, to read only."""
        with self._told("no_folder"):
            said = self._client.select_folder(name, readonly=True)
            return Folder(name, int(said[b"UIDVALIDITY"]), int(said[b"EXISTS"]), int(said.get(b"UIDNEXT", 0)))

    def search(self, folder: Folder, criteria: Sequence[str | date]) -> Iterator[list[int]]:
        """UIDs of the open folder that fit, ascending within each part, the newest part first.

        From above, since what is removed meanwhile moves the others down: met twice, but never missed.
        """
        for last in range(folder.exists, 0, -SEARCHED):
            with self._told("garbled"):
                yield sorted(self._client.search([f"{max(1, last - SEARCHED + 1)}:{last}", *criteria]))

    def headers(self, uids: Sequence[int], fields: str = ENVELOPE) -> dict[int, tuple[bytes, datetime | None]]:
        """These headers and the time of arrival, of those that are still there."""
        part = f"BODY.PEEK[HEADER.FIELDS ({fields})]"
        return {uid: (raw, items.get(b"INTERNALDATE")) for uid, raw, items in self._fetch(uids, part)}

    def beginning(self, uid: int) -> bytes:
        """The first START bytes of a message, none where it is gone."""
        return next((raw for _, raw, _ in self._fetch([uid], f"BODY.PEEK[]<0.{START}>")), b"")

    def _fetch(self, uids: Sequence[int], part: str) -> Iterator[tuple[int, bytes, dict[bytes, Any]]]:
        with self._told("garbled"):
            found = self._client.fetch(uids, ["INTERNALDATE", part])
        for uid, items in found.items():
            yield uid, next((value or b"" for key, value in items.items() if key.startswith(b"BODY[")), b""), items

    def _folders(self) -> list[tuple[tuple[bytes, ...], bytes, str]]:
        """Every folder with its flags; some servers tell what is special only to whom asks (RFC 6154 section 3)."""
        if self._client.has_capability("SPECIAL-USE") and self._client.has_capability("LIST-EXTENDED"):
            order = [b'""', b'"*"', b"RETURN", b"(SPECIAL-USE)"]
            return list(self._client._proc_folder_list(self._client._raw_command_untagged(b"LIST", order, uid=False)))
        return list(self._client.list_folders())

    @contextmanager
    def _told(self, otherwise: str) -> Iterator[None]:
        with _told(self._transcript, otherwise):
            yield


@contextmanager
def opened(connection: socket.socket, place: Place, form: Form) -> Iterator[Mailbox]:
    """The mailbox of a form's log-in on a connection of connect.dial, which is closed at the end. Raises Unread."""
    from core.smtp.imap import Client

    if place.encryption not in ENCRYPTED:
        raise Unread("unencrypted")
    transcript = Transcript(form.secrets)
    with connection:
        with _told(transcript, "unreachable"):
            context = tls.context(place.ca_file)
            if place.encryption == "ssl":
                connection = context.wrap_socket(connection, server_hostname=place.host)
            client = Client(connection, place.host)
        try:
            with _told(transcript, "unencrypted"):
                if place.encryption == "starttls":
                    client.starttls(context)
            with _told(transcript, "refused"):
                _login(client, form)
            yield Mailbox(client, transcript)
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                client.shutdown()


def _login(client: Client, form: Form) -> None:
    """Logs in once; PLAIN takes every letter, LOGIN only ASCII."""
    if client.has_capability("AUTH=PLAIN"):
        client.plain_login(form.username, form.password.reveal())
    else:
        client.login(form.username, form.password.reveal())


@contextmanager
def _told(transcript: Transcript, otherwise: str) -> Iterator[None]:
    """Names what went wrong; what no word tells is `otherwise`."""
    try:
        with faults.named():
            yield
    except Fault as fault:
        raise Unread(EVENTS.get(fault.event, "unreachable"), words(fault.detail, transcript.redact)) from fault
    except imaplib.IMAP4.error as error:
        said = " ".join(str(part) for part in error.args)
        broke = imaplib.IMAP4.abort in (type(error), type(error.__context__))
        usual = "unreachable" if broke else otherwise
        state = next((state for part, state in SAID if part in said.lower()), usual)
        raise Unread(state, words(said, transcript.redact)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # what the library makes of strange answers
        raise Unread("garbled", words(str(error), transcript.redact)) from error


def words(said: str, redact: Callable[[str], str]) -> str:
    """What a server said, on one line, without secrets, all of it visible, at most LONGEST letters."""
    return visible(redact(" ".join(redact(said).split())))[:LONGEST]  # twice: a secret may hold blanks, or be folded


def _lower(flags: Sequence[bytes]) -> set[bytes]:
    return {bytes(flag).lower() for flag in flags}


def _last(name: str, mark: bytes | None) -> str:
    """The last part of a folder's name: INBOX.Sent is Sent."""
    return name.rpartition(mark.decode())[2] if mark else name
