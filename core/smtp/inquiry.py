"""Questions to name servers that have an end: by a moment and by their number."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import dns.exception
import dns.name
import dns.resolver
from dns.resolver import Answer

from core.smtp.resolver import server

PATIENCE = 1.0  # seconds before another name server is asked, or the same one again
QUESTIONS = 250  # more than an SPF record within the limits of RFC 7208 needs; a hostile one never ends
NEEDLESS = {"SPF", "CNAME"}  # obsolete, and some name servers do not answer (RFC 7208 section 3.1); only for warnings


class Unasked(dns.exception.DNSException):
    """Not asked: the time or the number of questions is used up, or the answer is not needed."""


class Inquiry(dns.resolver.Resolver):
    """A resolver for one examination, asked in one thread; `unanswered` counts what got neither an answer nor a no.

    Raises dns.exception.DNSException, where this machine knows no name server as well.
    """

    def __init__(self, nameservers: Sequence[str], until: float, questions: int = QUESTIONS) -> None:
        super().__init__(configure=not nameservers)
        if nameservers:
            self.nameservers = [server(entry) for entry in nameservers]
        self.timeout = PATIENCE
        self.cache = dns.resolver.LRUCache()
        self.until, self.questions, self.unanswered = until, questions, 0

    def resolve(self, qname: dns.name.Name | str, rdtype: Any = "A", *args: Any, **options: Any) -> Answer:
        """The answer. Raises DNSException, at once where time or questions are used up."""
        started = time.monotonic()
        left = self.until - started
        if rdtype in NEEDLESS or self.questions == 0:
            raise Unasked
        self.questions -= 1
        if left <= 0:
            self.unanswered += 1
            raise Unasked
        try:
            return super().resolve(qname, rdtype, *args, **options | {"lifetime": left})
        except (dns.exception.Timeout, dns.resolver.NoNameservers):
            self.unanswered += 1
            raise
        finally:
            if time.monotonic() - started > PATIENCE:  # the first one sleeps
                self.nameservers = [*self.nameservers[1:], *self.nameservers[:1]]
