"""A check over a link of 100 ms beside smtplib and swaks doing the same: `python -m tests.benchmarks.check 5`.

The same means: connect, greeting, EHLO, STARTTLS, handshake, EHLO, log-in, message accepted by Postfix. A check writes
itself into a database meanwhile. Modules are imported and authorities read before, for a check as for smtplib; swaks
is a process, so what `swaks --version` takes is subtracted.
"""

import asyncio
import contextlib
import os
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from core import database, ids, settings
from core.accounts import access
from core.accounts import form as forms
from core.diagnosis import causes, dialogue, drill, letter
from core.diagnosis.examination import Examination
from core.diagnosis.journal import Journal
from core.diagnosis.terms import Terms
from tests import mailserver, nameserver, parts
from tests.benchmarks import comparison, link
from tests.benchmarks.comparison import Comparison
from tests.mailserver import MailServer

ROUNDS, HOLES, PATIENCE = 9, 3, 5
NEEDS = ("postfix", "dovecot", "swaks")
ALONE, THOROUGH = 0.85, 0.95  # of smtplib's time, at most
HOLE = 1.2  # 6 s of smtplib's 5
BESIDE = (587, 2525)  # the ports that scouts try with STARTTLS; the working one is at the first that is free
ZONE = {
    "shop.test": {"MX": ["10 mx.shop.test."], "TXT": ['"v=spf1 include:spf.relay.test -all"']},
    "_dmarc.shop.test": {"TXT": ['"v=DMARC1; p=none"']},
    "spf.relay.test": {"TXT": ['"v=spf1 ip4:127.0.0.1 -all"']},
    "mx.shop.test": "127.0.0.1",
}


def main(rounds: int = ROUNDS) -> None:
    """Measures a check, prints the table."""
    with tempfile.TemporaryDirectory(prefix="mailgauge-bench-") as folder:
        found = comparisons(Path(folder), rounds)
    print(f"Medians of {rounds} rounds taken in turns; load {os.getloadavg()[0]:.1f} of {os.cpu_count()} CPUs\n")
    print(comparison.table(found))


def lacks() -> list[str]:
    """What is missing here to measure it."""
    return list(filter(None, map(parts.lack, NEEDS)))


def comparisons(home: Path, rounds: int) -> list[Comparison]:
    """Each way to check, beside its rivals."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(mailserver.running())
        names = stack.enter_context(nameserver.serve(ZONE, seconds=link.ROUND))
        runner = stack.enter_context(database_in(home))
        port = stack.enter_context(link.to(server.starttls_port))
        contestant = Contestant(server, port, names, runner)
        return [*contestant.handed_over(rounds), *black_hole(contestant, min(rounds, HOLES))]


@contextlib.contextmanager
def database_in(home: Path) -> Iterator[asyncio.Runner]:
    """A loop that lasts, as the app's does, and a database of its own for what runs in it."""
    before = {name: value for name, value in os.environ.items() if name.startswith("MAILGAUGE_")}
    for name in before:
        del os.environ[name]
    os.environ["MAILGAUGE_DATA_DIR"] = str(home)
    settings.current.cache_clear()
    try:
        with asyncio.Runner() as runner:
            yield runner
    finally:
        database.close()
        del os.environ["MAILGAUGE_DATA_DIR"]
        os.environ |= before
        settings.current.cache_clear()


@dataclass(frozen=True)
class Contestant:
    """The same message to the same server over the same link, each way; milliseconds."""

    server: MailServer
    port: int
    nameserver: str
    runner: asyncio.Runner

    def handed_over(self, rounds: int) -> list[Comparison]:
        """A message that is accepted."""
        context = ssl.create_default_context(cafile=str(self.server.ca_file))
        measures: dict[str, Callable[[], float]] = {
            "alone": lambda: self.works(scouts="never"),
            "thorough": lambda: self.works(scouts="always", domain=True, nameservers=(self.nameserver,)),
            "smtplib": lambda: self.smtplib(context),
            "swaks": self.swaks,
        }
        comparison.in_turns(measures, 1)  # imports, makes the database
        taken = comparison.in_turns(measures, rounds)
        rows = (("alone", "smtplib", ALONE), ("thorough", "smtplib", THOROUGH), ("alone", "swaks", None))
        titles = {"alone": "Check, 100 ms link", "thorough": "Check with scouts and domain, 100 ms link"}
        return [Comparison(titles[ours], "ms", taken[ours], taken[other], other, most) for ours, other, most in rows]

    def works(self, **terms: Any) -> float:
        """A check that ends well, from its letter to its end on disk."""
        start = time.perf_counter()
        examination = self.examination(self.port, Terms(ca_file=str(self.server.ca_file), **terms))
        self.runner.run(examination.run())
        taken = since(start)
        assert examination.verdict.verdict == "works", examination.result
        return taken

    def finds(self, beside: int, *, port: int) -> float:
        """A check that names what works beside a port that does not."""
        start = time.perf_counter()
        examination = self.examination(port, Terms(ca_file=str(self.server.ca_file)))
        self.runner.run(examination.run())
        taken = since(start)
        assert [offer["set"]["port"] for offer in examination.result["offers"]] == [beside], examination.result
        return taken

    def examination(self, port: int, terms: Terms) -> Examination:
        """A check that is written down."""
        server = self.server
        typed = {"host": server.host, "port": str(port), "encryption": "starttls", "from_address": server.address}
        form, problems = forms.parse(typed | {"username": server.username, "password": server.password})
        assert form, problems
        mail = letter.write(form, to=server.address)
        journal = Journal(ids.new(), form, mail, access=access.access())
        journal.open()
        return Examination(journal, terms, causes.catalogue)

    def smtplib(self, context: ssl.SSLContext) -> float:
        """Python's own client; the name that it says is given, or it would ask DNS for it."""
        server, start = self.server, time.perf_counter()
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = "Test", server.address, server.address
        message.set_content("This test was sent by smtplib.\n")
        with smtplib.SMTP(server.host, self.port, local_hostname="client.test", timeout=20) as client:
            client.ehlo()
            client.starttls(context=context)
            client.ehlo()
            client.login(server.username, server.password)
            client.sendmail(server.address, [server.address], message.as_bytes())
        return since(start)

    def swaks(self) -> float:
        """Swaks, without its start."""
        server, program = self.server, parts.program("swaks")
        order = [program, "--server", server.host, "--port", str(self.port), "--helo", "client.test", "--timeout", "20"]
        order += ["--tls", "--tls-verify", "--tls-ca-path", str(server.ca_file), "--auth", "PLAIN"]
        order += ["--auth-user", server.username, "--auth-password", server.password]
        order += ["--from", server.address, "--to", server.address]
        return spent(order) - spent([program, "--version"])


def black_hole(contestant: Contestant, rounds: int) -> list[Comparison]:
    """A port that never answers, with one beside it that does; nothing where none of those ports is free."""
    beside, rival = next(filter(free, BESIDE), 0), f"smtplib, timeout={PATIENCE}"
    if not beside:
        return []
    with link.to(contestant.server.starttls_port, listen=beside), hole(contestant.runner) as port:
        measures = {"ours": lambda: contestant.finds(beside, port=port), "rival": lambda: waited(port)}
        taken = comparison.in_turns(measures, rounds)
    return [Comparison("Verdict on a black hole", "ms", taken["ours"], taken["rival"], rival, HOLE)]


@contextlib.contextmanager
def hole(runner: asyncio.Runner) -> Iterator[int]:
    """A port of 127.0.0.1 where nothing is ever answered."""
    playing = drill.acting(dialogue.parse("! blackhole"))
    played = runner.run(playing.__aenter__())
    try:
        yield int(played.form["port"])
    finally:
        runner.run(playing.__aexit__(None, None, None))


def free(port: int) -> bool:
    """Whether a port can be listened at."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def waited(port: int) -> float:
    """What smtplib waits for a connection that does not come about."""
    start = time.perf_counter()
    with contextlib.suppress(TimeoutError):
        smtplib.SMTP("127.0.0.1", port, local_hostname="client.test", timeout=PATIENCE)
    return since(start)


def spent(order: list[str]) -> float:
    """What a program takes."""
    start = time.perf_counter()
    subprocess.run(order, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return since(start)


def since(start: float) -> float:
    """Milliseconds."""
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
