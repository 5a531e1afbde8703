"""What is typed on the command line: each kind of value, read or refused with a sentence."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from typing import Any, NoReturn

REFUSED = 2  # the exit status of wrong usage


class Parser(argparse.ArgumentParser):
    """A parser that takes no option by a part of its name, and refuses in JSON where --json was asked for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"allow_abbrev": False})  # --password is not --password-env
        self.asked: list[str] = []

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does, which calls this for each command with its own arguments."""
        self.asked = list(sys.argv[1:] if args is None else args)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Ends with the sentence."""
        if "--json" in self.asked:
            refuse(message)
            sys.exit(REFUSED)
        super().error(message)


def refuse(sentence: str) -> None:
    """Prints what is wrong as JSON, for a program that asked for that."""
    print(json.dumps({"error": sentence}, ensure_ascii=False), file=sys.stderr)


def password(_: str) -> NoReturn:
    """No password stands on a command line."""
    raise argparse.ArgumentTypeError(
        "others on this machine can read a command line: put the password into an environment variable, such as "
        "SMTP_PASSWORD, and write --password-env SMTP_PASSWORD"
    )


def seconds(text: str) -> float:
    """A time that a stage may take."""
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value <= 600:
        raise argparse.ArgumentTypeError("write seconds from 0.1 to 600")
    return value


def whole(text: str) -> int:
    """A whole number, such as a seed."""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise argparse.ArgumentTypeError("write a whole number of at most 19 digits")
    return int(text)


def fingerprint(text: str) -> str:
    """A certificate's SHA-256."""
    from core.accounts import form

    if not (found := form.fingerprint(text)):
        raise argparse.ArgumentTypeError("write the certificate's SHA-256 fingerprint: 64 hexadecimal digits")
    return found


def port(text: str) -> int:
    """A port."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError("write a port from 1 to 65535")
    return int(text)


def provider(text: str) -> str:
    """A provider by its id or another of its names."""
    from core.diagnosis import marks

    if (found := marks.named(text)) not in marks.catalogue():
        names = ", ".join(sorted(marks.catalogue()))
        raise argparse.ArgumentTypeError(f"no provider is known as {text}; known are {names}")
    return found


def place(text: str) -> tuple[str, int]:
    """HOST:PORT."""
    from core.smtp import endpoint

    try:
        return endpoint.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def day(text: str) -> date:
    """A day that a log may know."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no day: write one such as 2026-05-31") from None
    if not 2000 <= found.year <= 2100:
        raise argparse.ArgumentTypeError("write a day of the years 2000 to 2100")
    return found


def zone(text: str) -> str:
    """A time zone by its name."""
    import zoneinfo

    if text not in zoneinfo.available_timezones():
        raise argparse.ArgumentTypeError(
            f"“{text}” is no time zone: write one such as Asia/Ho_Chi_Minh or Europe/Berlin"
        )
    return text
