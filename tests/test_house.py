"""The rules of the house, read off the source: who imports whom, who opens connections, what is caught."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PAGES_MAY = {"core", "pages", "streamlit", "pandas"} | sys.stdlib_module_names

THE_DOOR = "core/smtp/connect.py"
OPENERS = {"open_connection", "create_connection", "sock_connect", "connect_ex"}
MAIL_CLIENTS = ("smtplib", "imaplib", "poplib", "aiosmtplib", "imapclient")
WEB_CLIENTS = ("http.client", "urllib.request", "urllib3", "requests", "httpx", "aiohttp", "ftplib")

# Who speaks over a connection that the door opened, by a library that could open its own: {file: why}.
GUESTS = {
    "core/smtp/imap.py": "the library's own way to connect is replaced by the given socket",
    "core/smtp/mailbox.py": "the exceptions of imaplib",
}

# A process's outermost loops, the only places that may catch everything: {file: why}.
OUTERMOST = {
    "core/counting/sentfolder.py": "a reading: a fault of ours is told as ours, and holds no other mailbox",
    "core/diagnosis/examination.py": "a check: a fault of ours is told as ours",
}

Place = tuple[str, int]


def files(*patterns: str) -> list[str]:
    """The repository's files, committed or about to be."""
    order = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns]
    names = subprocess.run(order, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted({name for name in names if name and (ROOT / name).is_file()})


def imported(source: str, file: str = "x.py") -> Iterator[tuple[str, int]]:
    """Every module that a source imports, by its full name, and in which line."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from ((name.name, node.lineno) for name in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                package = [*Path(file).parts[:-level], *filter(None, [module])] if level else [module or ""]
                yield from ((".".join([*package, name.name]), node.lineno) for name in names)
            case ast.Call(func=ast.Name("__import__" | "import_module"), args=[ast.Constant(str(name)), *_]):
                yield name, node.lineno
            case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(str(name)), *_]):
                yield name, node.lineno


def belongs(name: str, modules: tuple[str, ...]) -> bool:
    """Whether a name is one of these modules or lies inside one."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def upward(source: str, file: str) -> Iterator[int]:
    """Lines of core that import what shows core."""
    return (line for name, line in imported(source, file) if belongs(name, ("streamlit", "pages", "streamlit_app")))


def beyond_pages(source: str, file: str) -> Iterator[int]:
    """Lines of a page that import more than core, Streamlit, pandas and Python's own."""
    return (line for name, line in imported(source, file) if name.split(".")[0] not in PAGES_MAY)


def other_doors(source: str, file: str) -> Iterator[int]:
    """Lines that open a connection, or import what opens one."""
    for name, line in imported(source, file):
        if belongs(name, MAIL_CLIENTS + WEB_CLIENTS) or name.split(".")[-1] in OPENERS:
            yield line
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in OPENERS:
            yield node.lineno


def other_rows(source: str, _file: str) -> Iterator[int]:
    """Lines that reach for the database's rows."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr="read" | "write", value=ast.Name("database")):
                yield node.lineno


def nets(source: str, _file: str) -> Iterator[int]:
    """Lines that catch every exception."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler) and catches_all(node.type):
            yield node.lineno


def catches_all(caught: ast.expr | None) -> bool:
    """Whether these types of an `except`, or none at all, let nothing pass."""
    names = [leaf.id for leaf in ast.walk(caught) if isinstance(leaf, ast.Name)] if caught else ["Exception"]
    return bool({"Exception", "BaseException"} & set(names))


def found(rule: Callable[[str, str], Iterator[int]], names: list[str]) -> list[Place]:
    """Where a rule finds something in these files, which must not be none."""
    assert names, "there is nothing to look at"
    return [(name, line) for name in names for line in rule((ROOT / name).read_text(encoding="utf-8"), name)]


@pytest.mark.needs("git")
def test_core_imports_nothing_that_shows_it() -> None:
    assert found(upward, files("core/*.py")) == []


@pytest.mark.needs("git")
def test_pages_import_only_core_streamlit_and_pandas() -> None:
    assert found(beyond_pages, files("pages/*.py")) == []


@pytest.mark.needs("git")
def test_one_file_opens_connections() -> None:
    places = found(other_doors, files("core/*.py", "pages/*.py", "streamlit_app.py"))

    assert [place for place in places if place[0] not in {THE_DOOR, *GUESTS}] == []
    assert set(GUESTS) <= {name for name, _ in places}, "an exception to the rule that nothing uses any more"


@pytest.mark.needs("git")
def test_one_file_opens_rows() -> None:
    places = found(other_rows, files("core/*.py", "pages/*.py", "streamlit_app.py"))

    assert {name for name, _ in places} == {"core/accounts/access.py"}


@pytest.mark.needs("git")
def test_everything_is_caught_only_in_outermost_loops() -> None:
    places = found(nets, files("*.py"))

    assert [place for place in places if place[0] not in OUTERMOST] == []
    assert set(OUTERMOST) <= {name for name, _ in places}, "an exception to the rule that nothing uses any more"


@pytest.mark.needs("git")
def test_nothing_is_left_to_do_in_the_source() -> None:
    word = "TO" + "DO"
    texts = {name: (ROOT / name).read_bytes().decode(errors="replace") for name in files()}

    assert [name for name, text in texts.items() if word in text] == []


SAMPLES = [
    (upward, "core/smtp/x.py", "import streamlit as st"),
    (upward, "core/smtp/x.py", "def f():\n    from streamlit.testing import v1"),
    (upward, "core/smtp/x.py", "from ...pages import setup"),
    (upward, "core/smtp/x.py", "from importlib import import_module\nimport_module('pages.setup')"),
    (beyond_pages, "pages/x.py", "import sqlalchemy"),
    (beyond_pages, "pages/x.py", "from altair import Chart"),
    (other_doors, "core/x.py", "asyncio.open_connection('mx.test', 25)"),
    (other_doors, "core/x.py", "from socket import create_connection"),
    (other_doors, "core/x.py", "loop.create_connection(Protocol, 'mx.test', 25)"),
    (other_doors, "core/x.py", "import smtplib"),
    (other_doors, "core/x.py", "importlib.import_module('smtplib')"),
    (other_doors, "core/x.py", "from imapclient import IMAPClient"),
    (other_doors, "core/x.py", "from urllib import request"),
    (other_doors, "core/x.py", "from http.client import HTTPSConnection"),
    (other_rows, "core/x.py", "with database.read() as connection:\n    pass"),
    (nets, "core/x.py", "try:\n    f()\nexcept:\n    pass"),
    (nets, "core/x.py", "try:\n    f()\nexcept Exception as error:\n    pass"),
    (nets, "core/x.py", "try:\n    f()\nexcept (OSError, BaseException):\n    pass"),
    (nets, "core/x.py", "try:\n    f()\nexcept* Exception:\n    pass"),
]


@pytest.mark.parametrize(("rule", "file", "source"), SAMPLES)
def test_a_rule_sees_what_it_forbids(rule: Callable[[str, str], Iterator[int]], file: str, source: str) -> None:
    assert list(rule(source, file))


ALLOWED = [
    (upward, "core/smtp/x.py", "from .. import database\nfrom core.smtp import transcript\nimport streamlitish"),
    (beyond_pages, "pages/x.py", "import streamlit as st\nfrom core import i18n\nfrom datetime import date"),
    (other_doors, "core/x.py", "import socket\nfrom core.smtp import connect\nimport urllib.parse\nengine.connect()"),
    (other_rows, "core/x.py", "with access.read() as rows:\n    pass"),
    (nets, "core/x.py", "try:\n    f()\nexcept (OSError, ValueError):\n    pass"),
]


@pytest.mark.parametrize(("rule", "file", "source"), ALLOWED)
def test_a_rule_leaves_alone_what_it_allows(rule: Callable[[str, str], Iterator[int]], file: str, source: str) -> None:
    assert list(rule(source, file)) == []
