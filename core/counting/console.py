"""One person's data on the command line."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from core import i18n
from core.accounts.access import access
from core.counting import person
from core.i18n import N_


def run(options: argparse.Namespace) -> int:
    """Prints what is stored of an address, or deletes it. Raises NotFound for what is no address."""
    return {"export": _export, "delete": _delete}[options.action](options)


def _export(options: argparse.Namespace) -> int:
    if options.json:
        return _print(person.document(access(), options.address))
    sys.stdout.write(person.export(access(), options.address).decode())
    return 0


def _delete(options: argparse.Namespace) -> int:
    act = person.preview if options.dry_run else person.delete
    found = act(access(), options.address)
    if options.json:
        return _print(asdict(found))
    words = N_("Would be deleted: {n}") if options.dry_run else N_("Deleted: {n}")
    print(i18n.translate(options.language, words, n=found.total))
    return 0


def _print(document: dict[str, Any]) -> int:
    print(json.dumps(document, ensure_ascii=False, indent=2), flush=True)
    return 0
