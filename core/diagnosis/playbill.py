"""What a drill announces on a terminal: where it plays what, and the test to try on it."""

from __future__ import annotations

import argparse
import asyncio
import json
import shlex
import sys
from pathlib import Path
from typing import Any

from core.diagnosis import causes, dialogue, drill
from core.diagnosis.drill import Drill
from core.i18n import N_, translate

LIST = "list"
SERVFAIL = "servfail"
PASSWORD = "DRILL_PASSWORD"  # noqa: S105 - the name of a variable

LABELS = {
    "host": N_("Host"),
    "port": N_("Port"),
    "encryption": N_("Encryption"),
    "username": N_("User name"),
    "password": N_("Password"),
}
TRY = N_("It plays until Ctrl-C. Try it in another terminal:")
UNPLAYED = N_("No server can play this fault. It shows with the values above, or so:")
NAMELESS = N_("No server can play this fault. It shows where no name service answers, as here:")


def run(options: argparse.Namespace) -> int:
    """Plays the scenario of the options until it is interrupted, or lists them all; the exit status."""
    return _list(options) if options.scenario == LIST else asyncio.run(_play(options))


async def _play(options: argparse.Namespace) -> int:
    async with drill.playing(options.scenario, listen=options.listen) as played:
        bill = announced(options.scenario, played, options.language)
        if options.json:
            _print(bill)
        else:
            _show(bill, played, options.language)
        if played.listens:
            await asyncio.Event().wait()
    return 0


def announced(cause: str, played: Drill, language: str) -> dict[str, Any]:
    """A drill as other programs read it; `command` is the test that names its cause."""
    form = played.form
    return {
        "scenario": cause,
        "title": causes.catalogue()[cause].title[language],
        "plays": played.listens,
        "host": form["host"],
        "port": int(form["port"]),
        "encryption": form["encryption"],
        "username": form["username"],
        "password": form["password"] if form["username"] else "",
        "from_address": form["from_address"],
        "to": form["to"],
        "ca_file": str(played.ca) if played.ca else None,
        "command": _command(played),
    }


def _command(played: Drill) -> str:
    """The line that tests a drill on a Unix shell."""
    form = played.form
    variables = [f"MAILGAUGE_NAMESERVERS={drill.DEAF}"] if played.dns == SERVFAIL else []
    options = ["--host", form["host"], "--port", form["port"], "--encryption", form["encryption"]]
    if form["username"]:
        variables.append(f"{PASSWORD}={form['password']}")
        options += ["--username", form["username"], "--password-env", PASSWORD]
    options += ["--from", form["from_address"], "--to", form["to"]]
    options += ["--ca-file", str(played.ca)] if played.ca else []
    options += ["--timeout", f"{drill.SHORT:g}"] if played.silent else []
    options += ["--distrust-loopback"] if form.get("trusted_loopback") == "no" else []
    return f"{' '.join(variables)} {shlex.join([_python(), '-m', 'core', 'check', *options])}".lstrip()


def _python() -> str:
    """The Python that runs us, as it is typed in this directory."""
    here, python = Path.cwd(), Path(sys.executable)
    return str(python.relative_to(here) if python.is_relative_to(here) else python)


def _show(bill: dict[str, Any], played: Drill, language: str) -> None:
    print(f"{bill['scenario']}: {bill['title']}")
    for name, label in LABELS.items():
        if bill[name]:
            print(f"  {translate(language, label)}: {bill[name]}")
    unplayed = NAMELESS if played.dns == SERVFAIL else UNPLAYED
    print(f"{translate(language, TRY if played.listens else unplayed)}\n\n  {bill['command']}\n", flush=True)


def _list(options: argparse.Namespace) -> int:
    titles = {cause: causes.catalogue()[cause].title[options.language] for cause in dialogue.catalogue()}
    if options.json:
        _print({"scenarios": [{"scenario": cause, "title": title} for cause, title in titles.items()]})
        return 0
    width = max(map(len, titles))
    for cause, title in titles.items():
        print(f"{cause:{width}}  {title}")
    return 0


def _print(document: dict[str, Any]) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2), flush=True)
