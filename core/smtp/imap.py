"""IMAPClient on a connection that the one door opened."""

from __future__ import annotations

import imaplib
import socket

from imapclient import IMAPClient


class _Protocol(imaplib.IMAP4):
    """IMAP on a connection that is there already."""

    def __init__(self, connection: socket.socket, host: str) -> None:
        self._given = connection
        super().__init__(host)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return self._given


class Client(IMAPClient):
    """IMAPClient on a connection that is there already; it writes no log, which would name the user."""

    def __init__(self, connection: socket.socket, host: str) -> None:
        self._given = connection
        self._patience = connection.gettimeout()
        super().__init__(host, ssl=False, timeout=self._patience)
        self._imap.debug = 0
        self.normalise_times = False

    def _create_IMAP4(self) -> _Protocol:  # noqa: N802 - the library's name
        return _Protocol(self._given, self.host)
