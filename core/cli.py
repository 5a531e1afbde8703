"""The command line: `python -m core COMMAND`. Each command imports what it needs, `check` as late as it can."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core import arguments, i18n
from core.i18n import N_
from core.told import Told

Arguments = argparse.Namespace
DONE, FAILED, WRONG = 0, 1, 2


def main(typed: Sequence[str] | None = None) -> int:
    """Runs one command; its exit status: 0 done or works, 1 any other verdict, 2 wrong usage or no database."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that lacks a letter shows its number, and goes on
            stream.reconfigure(errors="backslashreplace")
    options = parser().parse_args(_printable(sys.argv[1:] if typed is None else typed))
    try:
        status = int(options.run(options))
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever read has seen enough; Python would complain again at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Told as error:
        return _fail(options, i18n.translate(options.language, error.sentence, **error.values))
    except KeyboardInterrupt:
        return 130


def _printable(typed: Sequence[str]) -> list[str]:
    """The arguments; bytes that are no text become the sign for that, which every check refuses in a sentence."""
    return [argument.encode(errors="surrogateescape").decode(errors="replace") for argument in typed]


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    top = arguments.Parser(prog="python -m core", description="Mailgauge on the command line")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _check_options(_command(commands, "check", check, "test a server, stage by stage; exit status 0 if it works"))
    usage_options = _command(commands, "usage", usage, "recipients per day, and the state of each limit")
    usage_options.add_argument("--setup", required=True, metavar="NAME")
    for name in ("since", "until"):
        usage_options.add_argument(f"--{name}", type=arguments.day, metavar="YYYY-MM-DD")
    usage_options.add_argument(
        "--timezone", type=arguments.zone, metavar="ZONE", help="such as Asia/Ho_Chi_Minh; default: the account's"
    )
    _explain_options(_command(commands, "explain", explain, "the root cause of a pasted error; exit status 0 if known"))
    listen = _command(commands, "outbox", outbox, "the embedded mail service alone: keeps messages, delivers nowhere")
    listen.add_argument("--listen", default="127.0.0.1:0", metavar="HOST:PORT", type=arguments.place)
    words = "in its place a drill: a server with that fault, to try the test on; “list” names them all"
    listen.add_argument("--scenario", metavar="CAUSE", help=words)
    setup = commands.add_parser("setup", help="the stored setups").add_subparsers(metavar="ACTION", required=True)
    _command(setup, "list", setup_list, "every setup with its mode and state")
    _command(commands, "migrate", migrate, "bring the database up to date")
    copy = _command(
        commands, "backup", backup, "copy the database, also while Mailgauge runs; its passwords stay encrypted"
    )
    copy.add_argument("file", metavar="FILE", type=Path, help="where the copy goes; an older one is replaced")
    _command(commands, "prune", prune, "forget recipients' addresses older than their account keeps them")
    return top


def _command(into: Any, name: str, run: Callable[[Arguments], int], words: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = into.add_parser(name, help=words, description=words)
    made.add_argument("--json", action="store_true", help="print JSON")
    made.add_argument("--language", choices=i18n.LANGUAGES, default=i18n.machine())
    made.set_defaults(run=run)
    return made


def _check_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--setup", metavar="NAME", help="test a stored setup in place of the options below")
    for name in ("host", "port", "username"):
        command.add_argument(f"--{name}")
    command.add_argument("--encryption", choices=("ssl", "starttls", "none"))
    command.add_argument("--password-env", metavar="VAR", help="the environment variable that holds the password")
    command.add_argument("--password", type=arguments.password, help=argparse.SUPPRESS)
    command.add_argument("--from", dest="from_address", metavar="ADDRESS")
    command.add_argument("--to", metavar="ADDRESS", help="where the test mail goes; default: the system address")
    command.add_argument("--text", default="", help="any text for the mail")
    command.add_argument("--no-send", action="store_true", help="stop before the message: nothing is sent")
    command.add_argument("--no-scouts", action="store_true", help="try no other ports and look at nothing beside")
    command.add_argument("--allow-plaintext", action="store_true", help="send the password without encryption")
    wary = "send no password unencrypted to this machine, either"
    command.add_argument("--distrust-loopback", action="store_true", help=wary)
    command.add_argument("--ca-file", metavar="FILE", help="trust the authorities in this file, too")
    command.add_argument(
        "--trust-fingerprint", metavar="SHA256", type=arguments.fingerprint, help="trust this certificate of the server"
    )
    command.add_argument("--timeout", type=arguments.seconds, metavar="S", help="seconds that one stage may take")


def _explain_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", nargs="?", metavar="FILE", help="the text; default: standard input")
    command.add_argument("--jsonl", action="store_true", help="a JSON object a line in (id, text), one a line out")
    command.add_argument("--host")
    command.add_argument("--port", type=arguments.port)
    command.add_argument("--encryption", choices=("ssl", "starttls", "none"))
    command.add_argument("--provider", type=arguments.provider, metavar="ID", help="such as gmail")


def explain(options: Arguments) -> int:
    """The cause of a pasted error, or of many."""
    from core.diagnosis import console

    return console.run(options)


def check(options: Arguments) -> int:
    """One check, live stage by stage; JSON at the end with --json."""
    from core.diagnosis import terminal

    return terminal.run(options)


def usage(options: Arguments) -> int:
    """Recipients per day and each limit's state."""
    from core.counting import limits, report

    if options.since and options.until and options.since > options.until:
        return _fail(
            options, i18n.translate(options.language, N_("--since is later than --until: no day lies between."))
        )
    document = report.report(options.setup, since=options.since, until=options.until, timezone=options.timezone)
    if options.json:
        return _print(document)
    for day in filter(lambda day: day["recipients"] or day["refused"], document["days"]):
        print(f"{day['day']}  {day['recipients']:>7}  To {day['to']}, Cc {day['cc']}, Bcc {day['bcc']}")
    if not document["limits"]:
        print(i18n.translate(options.language, N_("No limit is known for this setup.")))
    for limit in document["limits"]:
        unit = i18n.translate(options.language, limits.UNITS[limit["unit"]])
        words = {"used": limit["used"], "amount": limit["amount"], "unit": unit, "left": limit["remaining"]}
        print(i18n.translate(options.language, limits.USED[limit["window"]], **words))
    return DONE


def outbox(options: Arguments) -> int:
    """Listens until it is interrupted."""
    if options.scenario is not None:
        from core.diagnosis import playbill

        return playbill.run(options)
    from core import loopback, settings
    from core.sending import outbox as service

    async def serve() -> None:
        box = settings.current().data_dir / "outbox"
        wanted_host, wanted_port = options.listen
        server = await service.listen(wanted_host, wanted_port, box)
        host, port = server.sockets[0].getsockname()[:2]
        loopback.tell_taken(options.language, wanted_port, port)
        _announce(options, {"host": host, "port": port, "directory": str(box)})
        await server.serve_forever()

    asyncio.run(serve())
    return DONE


def setup_list(options: Arguments) -> int:
    """Every setup of the account."""
    from core.accounts import access, setups

    names = ("name", "mode", "active", "state")
    found = [
        {name: getattr(setup, name) for name in names} | {"host": setup.form.host}
        for setup in setups.all(access.access())
    ]
    if options.json:
        return _print({"setups": found})
    for setup in found:
        print(f"{'*' if setup['active'] else ' '} {setup['name']}  {setup['mode']}  {setup['host']}  {setup['state']}")
    return DONE


def migrate(options: Arguments) -> int:
    """Brings the database up to date, or makes it."""
    from core import database

    database.engine()
    document = {"version": database.version()}
    if options.json:
        return _print(document)
    print(i18n.translate(options.language, N_("The database is up to date.")))
    return DONE


def backup(options: Arguments) -> int:
    """A copy of the database while everything goes on."""
    from core import backup as copies
    from core.accounts import vault

    copies.write(options.file)
    if options.json:
        return _print({"file": str(options.file)})
    words = N_("The copy is in {where}. Passwords in it stay encrypted: keep the key apart ({key}).")
    print(i18n.translate(options.language, words, where=options.file, key=vault.place()))
    return DONE


def prune(options: Arguments) -> int:
    """Forgets what is older than each account keeps it; the server does so by itself every quarter of an hour."""
    from core.accounts import access
    from core.counting import log

    forgotten = sum(log.forget(account) for account in access.everyone())
    if options.json:
        return _print({"recipients": forgotten})
    print(i18n.translate(options.language, N_("Recipients forgotten: {n}"), n=forgotten))
    return DONE


def _announce(options: Arguments, where: dict[str, Any]) -> None:
    if options.json:
        _print(where)
    else:
        print(f"{where['host']}:{where['port']} keeps messages in {where['directory']}", flush=True)


def _print(document: dict[str, Any]) -> int:
    print(json.dumps(document, ensure_ascii=False, indent=2), flush=True)
    return DONE


def _fail(options: Arguments, sentence: str) -> int:
    if options.json:
        arguments.refuse(sentence)
    else:
        print(sentence, file=sys.stderr)
    return WRONG
