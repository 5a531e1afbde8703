"""The real programs that some tests need, as a plugin of pytest.

`@pytest.mark.needs("postfix")` skips a test where the part is missing; the summary names it. With `CI=true` it fails.
"""

import os
import shutil
from collections import Counter
from collections.abc import Iterator

import pytest

PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))

PARTS = {
    "postfix": ("postfix",),
    "dovecot": ("dovecot",),
    "imap": ("/usr/lib/dovecot/imap", "/usr/libexec/dovecot/imap"),  # Dovecot's, a package of its own
    "swaks": ("swaks",),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "git": ("git",),
    "setpriv": ("setpriv",),  # another user
}
FOR_ROOT = {"postfix", "dovecot", "imap", "setpriv"}


def program(part: str) -> str:
    """The path of an installed part."""
    found = installed(part)
    if not found:
        raise LookupError(f"{part} is not installed")
    return found


def installed(part: str) -> str | None:
    """Where a part is, or None."""
    return next(filter(None, (shutil.which(name, path=PATH) for name in PARTS[part])), None)


def lack(part: str) -> str | None:
    """Why a part cannot be used here, or None where it can."""
    if not installed(part):
        return f"{part} is not installed"
    if part in FOR_ROOT and os.geteuid() != 0:
        return f"{part} needs root"
    return None


def needed(item: pytest.Item) -> Iterator[str]:
    """The parts that a test names, each once."""
    yield from dict.fromkeys(part for mark in item.iter_markers("needs") for part in mark.args)


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line("markers", f"needs(*parts): the real programs that a test needs, of {', '.join(PARTS)}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips a test, or fails it in CI, before any of its fixtures starts."""
    lacks = [reason for part in needed(item) if (reason := lack(part))]
    item.user_properties.extend(("lack", reason) for reason in lacks)
    if lacks and os.environ.get("CI") == "true":
        pytest.fail(f"not skipped in CI: {', '.join(lacks)}", pytrace=False)
    if lacks:
        pytest.skip(", ".join(lacks))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names what was missing and how many tests it cost."""
    skipped = terminalreporter.stats.get("skipped", [])
    lacks = Counter(reason for report in skipped for name, reason in report.user_properties if name == "lack")
    if lacks:
        terminalreporter.section("missing parts")
    for reason, tests in lacks.items():
        terminalreporter.line(f"{reason}: {tests} skipped")
