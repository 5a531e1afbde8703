"""What a person typed about a mail server: parsed, or told what is wrong with it."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from core.i18n import N_
from core.secret import Secret
from core.smtp.endpoint import is_address, to_ascii

ENCRYPTIONS = ("ssl", "starttls", "none")
PORT_ENCRYPTION = {25: "none", 465: "ssl", 587: "starttls", 2465: "ssl", 2587: "starttls"}
ENCRYPTION_PORT = {"ssl": 465, "starttls": 587, "none": 25}

FIELDS = ("from_address", "from_name", "host", "username", "password", "port", "encryption")
BLANKS = (
    "".join(  # every blank of Unicode, and the signs without ink that come along with a copied text
        chr(code)
        for code in range(0x3001)
        if chr(code).isspace() or 0x200B <= code <= 0x200F or 0x202A <= code <= 0x202E
    )
    + "\u2060\u2066\u2067\u2068\u2069\ufeff"
)
PORT = re.compile(r"[0-9]{1,5}")
FINGERPRINT = re.compile(r"[0-9a-f]{64}")
ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)

HIDDEN = ("Cc", "Cs", "Zl", "Zp")  # control characters and Unicode's own line breaks
FORMAT = (*HIDDEN, "Cf")  # and the signs without ink, which only a name for people may hold
LONGEST = {"address": 254, "host": 253, "text": 320}  # RFC 5321 section 4.5.3.1, RFC 1035 section 2.3.4
TOO_LONG = N_("This is too long: at most {most} letters.")
ENCODED = N_("Type this as people read it: “=?” cannot stand here.")
INVISIBLE = N_("This field holds a line break or another invisible character: type it again.")
EMPTY = {
    "from_address": N_("Type the address that mail is sent from, such as shop@example.com."),
    "host": N_("Type the server's host name, such as smtp.gmail.com."),
    "port": N_("Type the port: 465 with SSL, 587 with STARTTLS."),
    "to": N_("Type the system address: the test mail goes there."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field: a sentence to translate, and its values."""

    field: str
    sentence: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)


NOTHING = Secret()


@dataclass(frozen=True, slots=True)
class Form:
    """A way to send, complete and well-formed. `mode` is `default` or `smtp`, `encryption` one of ENCRYPTIONS."""

    from_address: str
    host: str
    port: int
    encryption: str
    username: str = ""
    password: Secret = NOTHING
    from_name: str = ""
    reply_to: str = ""
    mode: str = "smtp"
    allow_plaintext: bool = False
    trust: str = ""  # SHA-256 of a certificate that a person trusts for this server though no authority does

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may read: the password, alone and as PLAIN sends it."""
        password = self.password.reveal()
        return (password, f"\0{self.username}\0{password}") if password else ()

    @property
    def domain(self) -> str:
        """The sender's domain, in lower case."""
        return self.from_address.rpartition("@")[2].lower()


def parse(fields: Mapping[str, object]) -> tuple[Form | None, list[Problem]]:
    """The form that the fields make, or every problem that keeps them from being one."""
    values = {name: str(fields.get(name) or "").strip(BLANKS) for name in FIELDS}
    problems = [problem for name in FIELDS if (problem := _check(name, values[name]))]
    if problems:
        return None, problems
    return Form(
        from_address=values["from_address"],
        from_name=values["from_name"],
        host=values["host"].strip("[]").rstrip(".").lower(),
        username=values["username"],
        password=Secret(values["password"]),
        port=int(values["port"]),
        encryption=values["encryption"],
        allow_plaintext=bool(fields.get("allow_plaintext")),
        trust=fingerprint(str(fields.get("trust") or "")) or "",
    ), []


def fingerprint(text: str) -> str | None:
    """A SHA-256 fingerprint as programs print it (colons, blanks, capitals) in its one spelling, else None."""
    plain = re.sub(r"[\s:]|^sha-?256(?: fingerprint=)?", "", text.strip().lower())
    return plain if FINGERPRINT.fullmatch(plain) else None


def proposed(port: str) -> str | None:
    """The encryption that a port stands for, None for a port of no custom."""
    return PORT_ENCRYPTION.get(int(port)) if PORT.fullmatch(port) else None


def contradiction(port: str, encryption: str) -> Problem | None:
    """A port and an encryption that do not go together on any server that keeps to RFC 8314."""
    expected = proposed(port)
    if expected in (None, "none", encryption):
        return None
    return Problem(
        "encryption",
        N_("Port {port} is for {expected}: with {chosen} the test will most likely fail."),
        {"port": port, "expected": ENCRYPTION_NAMES[str(expected)], "chosen": ENCRYPTION_NAMES[encryption]},
    )


ENCRYPTION_NAMES = {"ssl": N_("SSL"), "starttls": N_("STARTTLS"), "none": N_("no encryption")}


def address_problem(name: str, value: str) -> Problem | None:
    """What keeps a text from being one mail address."""
    if not value:
        return Problem(name, EMPTY.get(name, EMPTY["from_address"]))
    if len(value) > LONGEST["address"]:
        return Problem(name, TOO_LONG, {"most": LONGEST["address"]})
    if problem := _unreadable(name, value):
        return problem
    if not ADDRESS.fullmatch(value) or value.endswith(".") or not is_host(value.rpartition("@")[2]):
        return Problem(name, N_("“{value}” is no mail address: write one such as shop@example.com."), {"value": value})
    return None


def _check(name: str, value: str) -> Problem | None:
    if name == "from_address":
        return address_problem(name, value)
    if name in EMPTY and not value:
        return Problem(name, EMPTY[name])
    if len(value) > LONGEST["text"]:
        return Problem(name, TOO_LONG, {"most": LONGEST["text"]})
    if problem := _unreadable(name, value):
        return problem
    return CHECKS[name](value) if name in CHECKS else None


def unprintable(value: str, kinds: tuple[str, ...] = HIDDEN) -> bool:
    """Whether a text holds a character of these categories of Unicode."""
    return any(unicodedata.category(letter) in kinds for letter in value)


def _unreadable(name: str, value: str) -> Problem | None:
    """What is in a text that nobody can see, or that a mail program would read as something else."""
    if unprintable(value, HIDDEN if name in ("from_name", "password") else FORMAT):
        return Problem(name, INVISIBLE)
    if "=?" in value and name != "password":  # an encoded word (RFC 2047) may hide a line break
        return Problem(name, ENCODED)
    return None


def _host(value: str) -> Problem | None:
    if "://" in value:
        scheme = value.partition("://")[0]
        return Problem("host", N_("Write only the host name, without {scheme}://."), {"scheme": scheme})
    if is_address(value.strip("[]")):
        return None
    if re.search(r":\d+$", value):
        return Problem("host", N_("Write only the host name: the port has its own field."))
    if "@" in value:
        return Problem("host", N_("“{value}” is a mail address, not a server's host name."), {"value": value})
    if not is_host(value):
        return Problem("host", N_("“{value}” is no host name: no blanks, commas or slashes."), {"value": value})
    return None


def is_host(name: str) -> bool:
    """Whether a text can be a name in DNS (RFC 1123 section 2.1)."""
    labels = (to_ascii(name) or " ").rstrip(".").split(".")
    return len(name) <= LONGEST["host"] and all(LABEL.fullmatch(label) for label in labels)


def _port(value: str) -> Problem | None:
    if not PORT.fullmatch(value) or not 1 <= int(value) <= 65535:
        return Problem("port", N_("“{value}” is no port: write a number from 1 to 65535."), {"value": value})
    return None


def _encryption(value: str) -> Problem | None:
    if value not in ENCRYPTIONS:
        return Problem("encryption", N_("Choose SSL, STARTTLS or no encryption."))
    return None


CHECKS = {"host": _host, "port": _port, "encryption": _encryption}
