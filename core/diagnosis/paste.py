"""A pasted error, read: escapes, folding and wrong character sets undone, the replies and the surroundings found.

Nothing here grows faster than the text, and of a text beyond LIMIT only its two ends and what looks like an error in
between is read. The text itself is never stored.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from core.diagnosis import clients, marks, signs
from core.diagnosis.rules import BREAK, fold

WRAPPED = 55  # letters from which on a line may be a folded one's first part
LIMIT = 48_000  # letters that are read whole
END = 16_000  # of a longer text: this much of either end
AROUND = 300  # and this much around each sign of an error in between
SIGNS = 40

SIGN = re.compile(r"(?i)error|exception|fail|refused|reject|denied|\b[45][0-9]{2}[ -][45]?")

CAPABILITY = re.compile(r"\b250[- ]AUTH[ =][A-Z0-9_= -]{0,200}")  # what a server offers is no refusal

BYTES = re.compile(r"(?:\\x[0-9a-fA-F]{2})+")
UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")
BREAKS = re.compile(r"\\r\\n|\\n|\\r|<br ?/?>", re.IGNORECASE)
STUCK = re.compile(
    r"\b([45][0-9]{2})(?=[A-Z]{2}:[A-Z]{3}\b)"
)  # NetEase's codes lose their blank when a table is copied
QUOTES = re.compile(r"\\{1,8}([\"'/<>])")
QUOTED = re.compile(r"(?m)^(?:>{1,8}[ \t]){1,8}(?=\S)(?!>)")
LATIN = re.compile("[\u00a1-\u00ff\u0152-\u0178\u02c6\u02dc\u2013-\u2122\u20ac]{4,400}")
CHINESE = re.compile("[\u3400-\u9fff\ue000-\uf8ff\uff00-\uffef]{3,400}")

# a basic code: alone in front of an enhanced one, at the start of a line, or behind words that announce it
CODE = re.compile(
    r"(?<![\w.:/-])([45][0-9]{2})(?=[- ]\n?[ ]{0,8}[#(]?[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.]))"
    r"|(?:^|[\n>|<\];]|[:=,]\s|[(\[{'\"`]|(?:\b|_)(?:code|CODE|error|status|reply|response|said|returned|smtp|deferred|rejected"
    r"|failed|with|C|S|me|detail|host|server|result|wanted|got)[ :=(\"'#]{1,3})"
    r"[ \t\"'`<*=]{0,4}([45][0-9]{2})(?=$|[ ,)'\"\]>;\r\n]|-(?![0-9]{2})|\.\s|:\s)"
    r"(?![ \t]{0,2}(?:ms|bytes|seconds|minutes)\b)",
    re.MULTILINE,
)
ENHANCED = re.compile(r"(?<![\w./])[#(]{0,2}([45]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9]|\.[0-9])")
PREFIX = re.compile(
    r"(?<!\S)[245][0-9]{2}(?:-(?:[245]\.[0-9]{1,3}\.[0-9]{1,3}(?=\s))?|\s[245]\.[0-9]{1,3}\.[0-9]{1,3}(?=\s))"
)

# Amazon SES names the addresses that nobody has verified; whose they are decides
UNVERIFIED = re.compile(
    r"(?i)identities\s{1,9}failed\s{1,9}the\s{1,9}check\s{1,9}in\s{1,9}region\s{1,9}[a-z0-9-]{2,30}:\s{0,9}"
    r"([^\s,<>'\"]{1,320}(?:,\s{0,9}[^\s,<>'\"]{1,320}){0,9})"
)
RECIPIENT = re.compile(
    r"(?i)\b(?:(?:add)?to|recipients?|(?:to|add)_?address(?:es)?)['\"]?(?: =>|[:=(])[\s\[<'\"]{0,4}"
    r"([^\s,<>'\"\])]{1,320})"
)
OWN = "[the identity that failed the check is the recipient]"

# Postfix names what it looked up: a recipient's domain, or the host that was to pass the letter on
LOOKED_UP = re.compile(r"(?i)name service error for\s{1,9}(?:name|domain)[= ]([a-z0-9.-]{1,253}[a-z0-9])")
THEIRS = "[the name that was not found is an address's domain]"

# what a report on any failed delivery says around the reason, so it tells nothing
REPORT = (
    r"(?:could not be|cannot be|has not yet been) delivered to (?:one or more|all)(?: of)?(?: its)? \w{7,12}",
    r"delivery (?:has failed )?to (?:the following|these) recipients?(?: or groups| or distribution lists)?",
    r"did not (?:reach|receive) (?:some or all of )?the (?:following|intended) recipients?(?:\(s\))?",
    r"contained one or more recipient addresses that were incorrectly constructed",
    r"original message headers?",
    r"message headers? follows?",
    r"include this problem report",
    r"this is a permanent error",
)
FURNITURE = re.compile("(?i)" + "|".join(words.replace(" ", r"\s{1,9}") for words in REPORT))

NAME = r"([a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){1,8})"
URL = re.compile(
    r"(?i)\b(ssl|tls|tcp|smtps?|smtp\+starttls)://(?:[^\s/'\"]{1,200}@)?([a-z0-9][a-z0-9.-]{0,250})(?::([0-9]{2,5}))?"
)
NAMED = re.compile(
    r"(?i)(?:\bhost(?:name)?(?:, port:)?|smtp[ _-]server|server|host[ -]?smtp|mail_host|email_host|smtp_host|address"
    r"|smtp_addr|smarthost|expected\s{1,9}CN)(?![a-z0-9])[`'\")\]]{0,3}[ \t]{0,3}[:=]?[>]?[ \t]{0,3}[`'\"]{0,2}"
    + NAME
    + r"(?:[`'\"]{0,2},?[ :]{1,2}(?:port[ :]{0,2})?([0-9]{2,5})\b)?"
)
PEER = re.compile(r"(?i)(?<![\w.@-])" + NAME + r"\[[0-9a-f.:]{3,45}\](?::([0-9]{2,5})\b)?")
CONNECT = re.compile(
    r"(?i)(?:connect(?:ing|ion)?(?: open)?(?: to)?|ENOTFOUND|EAI_AGAIN|dial tcp:? lookup|ECONNREFUSED|ETIMEDOUT"
    r"|with host|opening to|name matching|not valid for|is valid for [^\n]{1,300}, not)[ :\"'`]{1,3}" + NAME
)
# the settings of a library as it is called: connect("smtp.shop.example", 587, true)
CALL = re.compile(
    r"(?i)(?:connect(?:async)?|smtp(?:_ssl)?|new(?:plain)?dialer|smtpclient|smtptransport|newinstance|relay|smtp\.start"
    r"|fsockopen)\(\s{0,9}[\"']" + NAME + r"[\"'](?:,\s{0,9}[\"']?([0-9]{2,5})\b)?"
)
PORT = re.compile(
    r"(?i)(?:\b|(?<=smtp)|(?<=mail)|(?<=server)|(?<=smtp_)|(?<=mail_)|(?<=mailer_))port[\"'`)\]]{0,3}[ \t]{0,3}"
    r"(?:=>|[:=,(])?[ \t]{0,3}[\"'`]{0,2}([0-9]{2,5})\b"
)
AT_PORT = re.compile(r"(?i)[a-z0-9\]]:(25|465|587|2465|2525|2587|110|143|993|995)\b")
SOURCES = (".js", ".py", ".php", ".java", ".go", ".rb", ".cs", ".rs", ".ts", ".log", ".smtp")  # no hosts
MARKS = "，。：！？（）、“”《》"  # of Chinese sentences
NOTHING = ((None, None),)  # no code at all
SCHEMES = {"ssl": "ssl", "smtps": "ssl", "smtp+starttls": "starttls"}


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a text holds: itself made readable, its words for rules, and what it tells of the circumstances."""

    text: str
    words: str
    codes: tuple[tuple[int | None, str | None], ...]
    stage: str | None = None
    host: str | None = None
    port: int | None = None
    encryption: str | None = None
    provider: str | None = None
    client: str | None = None
    troubled: bool = True
    elsewhere: bool = False


def read(raw: str) -> Pasted:
    """A pasted text, read."""
    text = undo(cut(raw))
    said = fold(text)
    client = clients.recognise(said)
    host, port = _place(text)
    found = codes(text)
    url = URL.search(text)
    return Pasted(
        text=text,
        words=statements(text),
        codes=found,
        stage=signs.stage(said),
        host=host,
        port=port,
        encryption=(SCHEMES.get(url[1].lower()) if url else None) or clients.encryption(said, client),
        provider=marks.by_host(host) or marks.by_words(said),
        client=client.id if client else None,
        troubled=found != NOTHING or signs.troubled(text),
        elsewhere=marks.elsewhere(said),
    )


def cut(raw: str) -> str:
    """The text, or of a long one its two ends and what looks like an error in between."""
    if len(raw) <= LIMIT:
        return raw
    middle = islice(SIGN.finditer(raw, END, len(raw) - END), SIGNS * 50)
    parts, reached = [raw[:END]], END
    for sign in middle:
        if sign.start() < reached:
            continue
        reached = min(sign.start() + AROUND, len(raw) - END)
        parts.append(raw[max(END, sign.start() - 80) : reached])
        if len(parts) > SIGNS:
            break
    return "\n".join([*parts, raw[-END:]])


def undo(raw: str) -> str:
    """The text as the server meant it: escapes, entities, quotation marks and wrong character sets undone."""
    text = BYTES.sub(lambda found: _decoded(bytes.fromhex(found[0].replace("\\x", ""))), raw)
    text = UNICODE.sub(lambda found: _letter(int(found[1], 16)), text)
    text = html.unescape(BREAKS.sub("\n", text))
    text = QUOTED.sub("", QUOTES.sub(r"\1", text))
    text = LATIN.sub(lambda found: _other(found[0], ("cp1252", "latin-1"), ("gb18030", "utf8")), text)
    text = CHINESE.sub(lambda found: _other(found[0], ("gb18030",), ("utf8",)), text)
    return STUCK.sub(r"\1 ", text).replace("\0", " ")


def plain(text: str) -> str:
    """The words on one line, as if no line had been folded and no code stood between them."""
    return " ".join(statements(text).replace(BREAK, " ").split())


def statements(text: str) -> str:
    """The plain words, with BREAK where a line ends what was said."""
    found = UNVERIFIED.search(text)
    listed = {name.strip().lower().rstrip(".") for name in found[1].split(",")} if found else set()
    if found and listed & {hit[1].lower() for hit in islice(RECIPIENT.finditer(text), 50)}:
        text = f"{text[: found.end()]} {OWN} {text[found.end() :]}"
    name = LOOKED_UP.search(text)
    if name and f"@{name[1]}".lower() in text.lower():
        text = f"{text[: name.end()]} {THEIRS} {text[name.end() :]}"
    lines = (" ".join(line.split()) for line in FURNITURE.sub(" ", CAPABILITY.sub(" ", text)).split("\n"))
    return " ".join(PREFIX.sub(" ", _joined(line for line in lines if line)).split())


def _joined(lines: Iterable[str]) -> str:
    """The lines as one, with BREAK between two of which neither goes on in the other."""
    parts: list[str] = []
    for line in lines:
        goes_on = not parts or PREFIX.match(line) or line[0].islower() or len(parts[-1]) >= WRAPPED
        parts += [line] if goes_on else [BREAK, line]
    return " ".join(parts)


def codes(text: str) -> tuple[tuple[int | None, str | None], ...]:
    """Each refusal's basic and enhanced code, in order and once; one without codes where there is none."""
    found: dict[tuple[int | None, str | None], None] = {}
    for hit in islice(CODE.finditer(text), 200):
        code = int(hit[1] or hit[2])
        near = ENHANCED.search(text, hit.end(), hit.end() + 16)
        fits = near and near[1][0] == str(code)[0]
        found[code, near[1] if near and fits else None] = None
    known = {enhanced for _, enhanced in found}
    basics = list(dict.fromkeys(code for code, _ in found))
    for hit in islice(ENHANCED.finditer(text), 200):
        enhanced = hit[1]
        if enhanced not in known and not any(known - {None}):
            same = [code for code in basics if code and str(code)[0] == enhanced[0]]
            found[same[0] if same else None, enhanced] = None
            known.add(enhanced)
    return tuple(islice(found, 6)) or NOTHING


def _place(text: str) -> tuple[str | None, int | None]:
    """Host and port that the text names."""
    url, named, call, peer, connect = (pattern.search(text) for pattern in (URL, NAMED, CALL, PEER, CONNECT))
    hits = [hit for hit in (url, named, call, peer, connect) if hit]
    hosts = [hit[2] if hit is url else hit[1] for hit in hits]
    host = next((name.lower().rstrip(".") for name in hosts if _is_name(name)), None)
    ports = [hit[hit.re.groups] for hit in hits if hit is not connect]
    ports += [hit[1] for hit in (PORT.search(text), AT_PORT.search(text)) if hit]
    return host, next((int(port) for port in ports if port and 0 < int(port) < 65536), None)


def _is_name(name: str) -> bool:
    return any(letter.isalpha() for letter in name) and not name.lower().endswith(SOURCES)


def _decoded(raw: bytes) -> str:
    for charset in ("utf8", "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _other(text: str, wrong: tuple[str, ...], right: tuple[str, ...]) -> str:
    """The text read in the character set it was written in, where that gives words; else as it is."""
    for before in wrong:
        try:
            raw = text.encode(before)
        except UnicodeEncodeError:
            continue
        for after in right:
            try:
                better = raw.decode(after)
            except UnicodeDecodeError:
                continue
            if len(better) < len(text) and _reads(better):
                return better
    return text


def _reads(text: str) -> bool:
    """Whether every letter is of a common script: the sign that a guess of a character set was right."""
    chinese = all("\u4e00" <= letter <= "\u9fff" or letter in MARKS or letter.isascii() for letter in text)
    return chinese or (all(letter.isalpha() or letter.isspace() for letter in text) and max(text) < "\u2000")


def _letter(number: int) -> str:
    return chr(number) if not 0xD800 <= number < 0xE000 else " "
