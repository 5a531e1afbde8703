"""A pasted text is read as the server and the program meant it, by patterns that cannot run away."""

import re
import re._parser as parser  # type: ignore[import-not-found]
from types import ModuleType
from typing import Any

import pytest

from core.diagnosis import evidence, lesson, mask, paste, signs
from core.diagnosis.rules import BREAK

MODULES = (paste, mask, lesson, evidence)
PATTERNS = {
    f"{module.__name__}.{name}": value
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, re.Pattern)
} | {"data/signs.toml": signs._trouble()}


def repeats(tree: Any, inside: bool = False) -> bool:
    """Whether something without an upper end is repeated within such another: what makes matching explode."""
    return any(explodes(operation, argument, inside) for operation, argument in tree)


def explodes(operation: Any, argument: Any, inside: bool) -> bool:
    """The same of one part of a pattern."""
    if operation in (parser.MAX_REPEAT, parser.MIN_REPEAT):
        endless = argument[1] == parser.MAXREPEAT
        return (endless and inside) or repeats(argument[2], inside or endless)
    if operation is parser.SUBPATTERN:
        return repeats(argument[3], inside)
    return operation is parser.BRANCH and any(repeats(branch, inside) for branch in argument[1])


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_no_pattern_repeats_a_repetition(pattern: re.Pattern[str]) -> None:
    assert not repeats(parser.parse(pattern.pattern, pattern.flags))


def test_a_repeated_repetition_would_be_seen() -> None:
    assert repeats(parser.parse("(a+)+b"))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_patterns_of_a_module_are_looked_at(module: ModuleType) -> None:
    assert any(name.startswith(module.__name__) for name in PATTERNS) or module is evidence


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("a\\r\\nb", "a\nb"),
        ("&lt;a@b.example&gt;", "<a@b.example>"),
        ("> 550 no", "550 no"),
        ("\\xc7\\xeb\\xca\\xb9\\xd3\\xc3", "请使用"),
        ("\\xe8\\xaf\\xb7", "请"),
        ("ÇëÊ¹ÓÃÊÚÈ¨Âë", "请使用授权码"),
        ("\\u8bf7", "请"),
        ("không gửi được", "không gửi được"),
    ],
)
def test_a_text_is_undone(raw: str, meant: str) -> None:
    assert paste.undo(raw) == meant


@pytest.mark.parametrize(
    ("text", "code", "enhanced"),
    [
        ("550 5.1.1 no", 550, "5.1.1"),
        ("535-5.7.8 a\n535 5.7.8 b", 535, "5.7.8"),
        ("(535, b'5.7.8 no')", 535, "5.7.8"),
        ("said: 550\n    5.1.1 <a@b.example>: no", 550, "5.1.1"),
        ("452 #4.5.3 Too many", 452, "4.5.3"),
        ('got code "552", with message', 552, None),
        ("responseCode: 550", 550, None),
        ("5.7.9 Application-specific password required", None, "5.7.9"),
        ("smtp.js:535:19", None, None),
        ("port 587, 192.0.2.5", None, None),
    ],
)
def test_the_codes_of_a_reply_are_found(text: str, code: int | None, enhanced: str | None) -> None:
    assert paste.codes(text)[0] == (code, enhanced)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("connect to smtp.shop.example[192.0.2.1]:587: timed out", "smtp.shop.example", 587),
        ("Could not connect to SMTP host: mail.shop.example, port: 465", "mail.shop.example", 465),
        ("opening to ssl://mail.shop.example:465, timeout=300", "mail.shop.example", 465),
        ("getaddrinfo ENOTFOUND stmp.shop.example", "stmp.shop.example", None),
        ("SMTP_ADDR = smtp.shop.example\nSMTP_PORT = 465", "smtp.shop.example", 465),
        ("DB_PORT=5432\nMAIL_HOST=smtp.shop.example\nMAIL_PORT=587", "smtp.shop.example", 587),
        ('smtp_smarthost: "smtp.shop.example:587"', "smtp.shop.example", 587),
        (
            "gitlab_rails['smtp_address'] = \"smtp.shop.example\"\ngitlab_rails['smtp_port'] = 25",
            "smtp.shop.example",
            25,
        ),
        (
            '.Item(cdo & "smtpserver") = "smtp.shop.example"\n.Item(cdo & "smtpserverport") = 25',
            "smtp.shop.example",
            25,
        ),
        ('client.Connect("smtp.shop.example", 587, true);', "smtp.shop.example", 587),
        ('SmtpTransport::relay("smtp.shop.example")?.port(2525)', "smtp.shop.example", 2525),
        ("createTransport('smtp://a@shop.example:pw@mail.shop.example:465')", "mail.shop.example", 465),
        ("transport 25, import 25, support 465", None, None),
        ("at smtp.js:12", None, None),
    ],
)
def test_host_and_port_are_found(text: str, host: str | None, port: int | None) -> None:
    found = paste.read(text)

    assert (found.host, found.port) == (host, port)


def test_a_folded_reply_reads_as_one_sentence() -> None:
    assert paste.plain("550-5.7.1 There are\n    multiple 550-5.7.1 headers") == "There are multiple headers"


def test_a_long_text_is_cut_to_what_can_be_read() -> None:
    assert len(paste.cut("error " * 1_000_000)) < paste.LIMIT


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("550-5.7.1 no\n550 5.7.1 entry", 1),
        ("Host: x\nAccess denied", 2),
        ("a line that was so long that its program folded it here,\nIt seems", 1),
        ("no such\n  user", 1),
        ("one\n\nTwo", 2),
    ],
)
def test_a_line_ends_a_statement_unless_it_goes_on(text: str, statements: int) -> None:
    assert paste.statements(text).count(BREAK) == statements - 1
    assert BREAK not in paste.plain(text)
