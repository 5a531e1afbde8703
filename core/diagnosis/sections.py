"""A check's document as the sections of a report: words for people, and apart from them what came from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.diagnosis import notes
from core.diagnosis.blocks import Bars, Block, Facts, Head, Numbered, Said, Section, Stage, Table, Text
from core.diagnosis.shape import LONGEST_TALK
from core.diagnosis.wording import LONGEST, Wording
from core.i18n import N_

UNREACHED = ("connect.timeout", "connect.refused", "connect.unreachable", "connect.dropped", "greeting.timeout")
BLOCKED = N_("Other ports of this host answer from here: the host is alive, and only the port that was tested is not.")
DEAD = N_(
    "No mail port of this host answers from here: it is down, it is the wrong host, or all are blocked on the way."
)
SILENT = N_("No other mail port of this host answers from here; the one that was tested takes connections.")
SPOKE = N_("Spoke from {place}: from elsewhere it may look different.")
WORKED = N_("Spoke from {place}: a “works” here does not say that it works from elsewhere.")
RULED_OUT = N_(
    "Host, port, certificate and log-in are right as seen from here: "
    "where a program still fails, look at its own settings and at its network."
)
MOST = 50  # rows of a table
STATES = {
    "found": N_("found"),
    "not_found": N_("This domain does not exist."),
    "no_dns": N_("The name servers gave no answer."),
}
VERDICTS = {
    "works": ("✓", N_("Works")),
    "fault": ("✗", N_("Does not work")),
    "unknown": ("?", N_("Not clear")),
    "stopped": ("■", N_("Stopped")),
    "error": ("!", N_("Fault of Mailgauge")),
}

Document = Mapping[str, Any]


def head(document: Document, say: Wording) -> Head:
    """How a report opens."""
    verdict = str(document.get("verdict"))
    verdict = verdict if verdict in VERDICTS else "unknown"
    mark, word = VERDICTS[verdict]
    settings = document.get("settings") or {}
    parts = [say.line(settings.get("host")), say.line(settings.get("port")), say.encryption(settings.get("encryption"))]
    parts[1] = say(N_("port {port}"), port=parts[1]) if parts[1] else ""
    place = [", ".join(filter(None, parts)), say.when(document.get("tested_at"))]
    title, why = say.line(document.get("title")), say.said(document.get("why"))
    return Head(verdict, mark, say(word), title, why, " · ".join(filter(None, place)))


def sections(document: Document, say: Wording, *names: str) -> Iterator[Section]:
    """The parts below it, those that are named or all; what a document has nothing on is left out."""
    for name in names or SECTIONS:
        title, write = SECTIONS[name]
        if blocks := tuple(write(document, say)):
            yield Section(name, say(title), blocks)


def _fixes(document: Document, say: Wording) -> Iterator[Block]:
    if fixes := document.get("fixes"):
        yield Numbered(tuple(say.said(fix["text"]) for fix in fixes))


def _evidence(document: Document, say: Wording) -> Iterator[Block]:
    if evidence := document.get("evidence"):
        yield Said(say.said(evidence))
    others = "\n".join(map(say.cause, document.get("also") or ()))
    yield from _facts(((say(N_("Cause")), say.line(document.get("cause"))), (say(N_("Also fits")), others)))


def _settings(document: Document, say: Wording) -> Iterator[Block]:
    found = document.get("settings") or {}
    modes = {"default": say(N_("Default")), "smtp": say(N_("SMTP"))}
    yield from _facts(
        (
            (say(N_("Host")), say.line(found.get("host"))),
            (say(N_("Port")), say.line(found.get("port"))),
            (say(N_("Encryption")), say.encryption(found.get("encryption"))),
            (say(N_("User name")), say.line(found.get("username"))),
            (say(N_("From")), say.line(found.get("from_address"))),
            (say(N_("Recipient")), say.line(found.get("to"))),
            (say(N_("Mode")), modes.get(found.get("mode") or "", "")),
            (say(N_("Trusted fingerprint")), say.line(found.get("trust"))),
            (say(N_("Password may go unencrypted")), say.line(found.get("allow_plaintext") or None)),
            (say(N_("Time")), say.when(document.get("tested_at"))),
        )
    )


def _stages(document: Document, say: Wording) -> Iterator[Block]:
    for step in document.get("steps") or ():
        said, event = step.get("reply") or step.get("detail"), step.get("event")
        facts = [say.took(step.get("ms")), "" if step["ok"] else say(N_("failed"))]
        note = say.said(event) if event and event != said else ""
        yield Stage(step["ok"], say.stage(step["stage"]), " · ".join(filter(None, facts)), note, say.said(said))
    if took := say.took(document.get("elapsed_ms")):
        yield Text(say(N_("All in all {took}."), took=took))


def _times(document: Document, say: Wording) -> Iterator[Block]:
    steps = [(say.stage(step["stage"]), step.get("ms") or 0) for step in document.get("steps") or ()]
    whole = sum(ms for _, ms in steps)
    if not whole:
        return
    rows, begun = [], 0
    for words, ms in steps:
        rows.append((words, 1000 * begun // whole, max(4, 1000 * ms // whole), say.took(ms)))
        begun += ms
    yield Bars(tuple(rows))


def _scouts(document: Document, say: Wording) -> Iterator[Block]:
    """The other ports, and first what they tell about this one."""
    if sentence := _told(document):
        yield Text(say(sentence))
    columns = (N_("Port"), N_("Encryption"), N_("Result"), N_("Time"), N_("Log-in"))
    yield from _table(columns, document.get("scouts"), "greeting", _scout, say)


def _told(document: Document) -> str | None:
    """What the scouts of a connection that failed tell: a port that is blocked, or a host that is dead."""
    scouts, failed = document.get("scouts"), str(document.get("cause"))
    if not scouts or failed not in UNREACHED:
        return None
    if any(scout.get("greeting") or scout.get("works") for scout in scouts):
        return BLOCKED
    connected = any(step.get("stage") == "connect" and step.get("ok") for step in document.get("steps") or ())
    return SILENT if connected else DEAD


def _scout(found: Document, say: Wording) -> tuple[str, ...]:
    return (
        say.line(found.get("port")),
        say.encryption(found.get("encryption")),
        _result(found, bool(found.get("works")), say),
        say.took(found.get("ms")),
        say.line(found.get("auth")),
    )


def _addresses(document: Document, say: Wording) -> Iterator[Block]:
    yield from _table((N_("Address"), N_("Result"), N_("Time")), document.get("addresses"), "detail", _address, say)


def _address(found: Document, say: Wording) -> tuple[str, ...]:
    return say.line(found.get("address")), _result(found, not found.get("event"), say), say.took(found.get("ms"))


def _result(found: Document, works: bool, say: Wording) -> str:
    """What came of a port or an address: a sign and words."""
    if works:
        return "✓ " + say(N_("answers"))
    return "✗ " + (say.line(found.get("event")) or say.cause(found.get("cause")) or say(N_("failed")))


def _tls(document: Document, say: Wording) -> Iterator[Block]:
    found = document.get("tls") or {}
    session = (
        (say(N_("Version")), say.line(found.get("version"))),
        (say(N_("Cipher")), say.line(found.get("cipher"))),
        (say(N_("Certificate trusted")), say.line(found.get("verified"))),
        (say(N_("Problem")), say.line(found.get("problem"))),
    )
    chain = found.get("chain")
    yield from _facts((*session, *(() if chain else _certificate(found, say))))
    for number, certificate in enumerate((chain or ())[:MOST], 1):
        yield from _facts(_certificate(certificate, say), title=say(N_("Certificate {n}"), n=number))


def _certificate(found: Document, say: Wording) -> tuple[tuple[str, str], ...]:
    return (
        (say(N_("Issued for")), say.line(found.get("subject"))),
        (say(N_("Issued by")), say.line(found.get("issuer"))),
        (say(N_("Host names in it")), say.said(say.line(found.get("names")))),
        (say(N_("Valid from")), say.when(found.get("not_before"))),
        (say(N_("Valid until")), say.when(found.get("not_after"))),
        (say(N_("Key")), say.line(found.get("key"))),
        (say(N_("Fingerprint")), say.line(found.get("fingerprint"))),
    )


def _capabilities(document: Document, say: Wording) -> Iterator[Block]:
    if offered := document.get("capabilities"):
        yield Said(say.said("\n".join(offered)))


def _domain(document: Document, say: Wording) -> Iterator[Block]:
    found = document.get("domain") or {}
    spf, dmarc = found.get("spf") or {}, found.get("dmarc") or {}
    noted = (notes.words(note, say.language) for note in found.get("notes") or () if isinstance(note, Mapping))
    exchangers = [one.get("host") for one in found.get("mx") or () if isinstance(one, Mapping)]
    yield from _facts(
        (
            (say(N_("Domain")), say.line(found.get("name"))),
            (say(N_("State")), say(STATES[state]) if (state := found.get("state")) in STATES else ""),
            (say(N_("Servers that take its mail (MX)")), say.said(say.line(exchangers))),
            *_record("SPF", spf, say),
            (say(N_("SPF allows this server")), say.line(spf.get("covers"))),
            *_record("DMARC", dmarc, say),
            (say(N_("DMARC policy")), say.line(dmarc.get("policy"))),
            *_signatures(found.get("dkim") or (), say),
            (say(N_("Fits the sender's address")), say.line(found.get("aligned"))),
        )
    )
    yield from (Text(say.said(str(note["why"])), say.said(str(note["title"]))) for note in noted)


def _record(name: str, found: Document, say: Wording) -> Iterator[tuple[str, str]]:
    """A record of DNS: as it stands there, whether it is well-formed, and if not, why."""
    yield name, say.said(found.get("record"))
    yield say(N_("{name} well-formed"), name=name), say.line(found.get("valid"))
    yield say(N_("{name} error"), name=name), say.line(found.get("error"))


def _signatures(keys: Iterable[Document], say: Wording) -> Iterator[tuple[str, str]]:
    for key in keys:
        yield f"DKIM {say.line(key.get('selector'))}", say(N_("found")) if key.get("found") else say(N_("not found"))


def _notes(document: Document, say: Wording) -> Iterator[Block]:
    for note in document.get("notes") or ():
        until = say.when(note.get("until"))
        why = [say.said(note.get("why")), say(N_("Until {time}."), time=until) if until else ""]
        yield Text(" ".join(filter(None, why)), say.said(note.get("title")))


def _vantage(document: Document, say: Wording) -> Iterator[Block]:
    found = document.get("vantage") or {}
    host, address = say.line(found.get("host")), say.line(found.get("address"))
    if host or address:
        place = f"{host} ({address})" if host and address else host or address
        works = document.get("verdict") == "works"
        yield Text(say(WORKED if works else SPOKE, place=place))
        if works:
            yield Text(say(RULED_OUT))


def _transcript(document: Document, say: Wording) -> Iterator[Block]:
    if transcript := document.get("transcript"):
        lines = "\n".join(say.cut(line, LONGEST) for line in transcript.split("\n"))
        yield Said(say.said(lines, most=LONGEST_TALK))


def _facts(pairs: Iterable[tuple[str, str]], *, title: str = "") -> Iterator[Facts]:
    """The pairs that have a value, if any."""
    if known := tuple((label, value) for label, value in pairs if value):
        yield Facts(known, title)


def _table(
    columns: tuple[str, ...],
    found: Sequence[Document] | None,
    said: str,
    write: Callable[[Document, Wording], tuple[str, ...]],
    say: Wording,
) -> Iterator[Block]:
    """A row for each of the found, without the columns in which nothing stands."""
    rows = [(write(one, say), say.said(one.get(said))) for one in (found or ())[:MOST]]
    kept = [place for place in range(len(columns)) if any(cells[place] for cells, _ in rows)]
    if rows:
        bare = tuple((tuple(cells[place] for place in kept), words) for cells, words in rows)
        yield Table(tuple(say(columns[place]) for place in kept), bare)
    if found and len(found) > MOST:
        yield Text(say(N_("Rows left out: {n}"), n=len(found) - MOST))


SECTIONS: Mapping[str, tuple[str, Callable[[Document, Wording], Iterator[Block]]]] = {
    "fixes": (N_("What to do"), _fixes),
    "evidence": (N_("The line that decided"), _evidence),
    "settings": (N_("What was tested"), _settings),
    "stages": (N_("Stage by stage"), _stages),
    "times": (N_("Where the time went"), _times),
    "ports": (N_("What answers on other ports"), _scouts),
    "addresses": (N_("Addresses of the server"), _addresses),
    "certificate": (N_("Encryption and certificate"), _tls),
    "offer": (N_("What the server offers"), _capabilities),
    "domain": (N_("The sender's domain"), _domain),
    "notes": (N_("Worth knowing"), _notes),
    "vantage": (N_("Where the test spoke from"), _vantage),
    "talk": (N_("The whole conversation, without the password"), _transcript),
}
