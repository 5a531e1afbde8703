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

from core import i18n
from core.i18n import N_
from core.told import Told

Arguments = argparse.Namespace
DONE, FAILED, WRONG = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit status: 0 done or works, 1 any other verdict, 2 wrong usage or no database."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that lacks a letter shows its number, and goes on
            stream.reconfigure(errors="backslashreplace")
    options = parser().parse_args(_printable(sys.argv[1:] if arguments is None else arguments))
    try:
        status = int(options.run(options))
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever read has seen enough; Python would complain again at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Told as error:
        return _fail(i18n.translate(options.language, error.sentence, **error.values))
    except KeyboardInterrupt:
        return 130


def _printable(arguments: Sequence[str]) -> list[str]:
    """The arguments; bytes that are no text become the sign for that, which every check refuses in a sentence."""
    return [argument.encode(errors="surrogateescape").decode(errors="replace") for argument in arguments]


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    top = argparse.ArgumentParser(prog="python -m core", description="Mailgauge on the command line")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _check_options(_command(commands, "check", check, "test a server, stage by stage; exit status 0 if it works"))
    usage_options = _command(commands, "usage", usage, "recipients per day, and the state of each limit")
    usage_options.add_argument("--setup", required=True, metavar="NAME")
    for name in ("since", "until"):
        usage_options.add_argument(f"--{name}", type=_day, metavar="YYYY-MM-DD")
    usage_options.add_argument("--timezone", metavar="ZONE", help="such as Asia/Ho_Chi_Minh; default: the account's")
    _explain_options(_command(commands, "explain", explain, "the root cause of a pasted error; exit status 0 if known"))
    listen = _command(commands, "outbox", outbox, "the embedded mail service alone: keeps messages, delivers nowhere")
    listen.add_argument("--listen", default="127.0.0.1:0", metavar="HOST:PORT", type=_endpoint)
    words = "in its place a drill: a server with that fault, to try the test on; “list” names them all"
    listen.add_argument("--scenario", metavar="CAUSE", help=words)
    words = "read the Sent folder of a setup now, and watch it from then on; exit status 0 if it was read"
    _command(commands, "watch", watch, words).add_argument("--setup", required=True, metavar="NAME")
    setup = commands.add_parser("setup", help="the stored setups").add_subparsers(metavar="ACTION", required=True)
    _command(setup, "list", setup_list, "every setup with its mode and state")
    _command(commands, "migrate", migrate, "bring the database up to date")
    copy = _command(
        commands, "backup", backup, "copy the database, also while Mailgauge runs; its passwords stay encrypted"
    )
    copy.add_argument("file", metavar="FILE", type=Path, help="where the copy goes; an older one is replaced")
    _command(commands, "recount", recount, "count anew what the log of sends says; changes only what is wrong")
    trial = _command(commands, "backtest", backtest, "how well the forecast does on made-up businesses")
    trial.add_argument("--seed", type=_whole, metavar="N", help="draws the same businesses again; default: others")
    _command(commands, "prune", prune, "forget recipients' addresses older than their account keeps them")
    _person_options(commands.add_parser("person", help="one person's data"))
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
        "--trust-fingerprint", metavar="SHA256", type=_fingerprint, help="trust this certificate of the server"
    )
    command.add_argument("--timeout", type=_seconds, metavar="S", help="seconds that one stage may take")


def _explain_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", nargs="?", metavar="FILE", help="the text; default: standard input")
    command.add_argument("--jsonl", action="store_true", help="a JSON object a line in (id, text), one a line out")
    command.add_argument("--host")
    command.add_argument("--port", type=_port)
    command.add_argument("--encryption", choices=("ssl", "starttls", "none"))
    command.add_argument("--provider", metavar="ID", help="such as gmail")


def _person_options(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    words = "everything that is stored of an address, as CSV; with --json as JSON"
    _command(actions, "export", person, words).add_argument("address", metavar="ADDRESS")
    words = "delete everything that is stored of an address; what was counted stays"
    erase = _command(actions, "delete", person, words)
    erase.add_argument("address", metavar="ADDRESS")
    erase.add_argument("--dry-run", action="store_true", help="delete nothing, tell what would go")


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
    from core.counting import headroom, limits, report

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
        print(i18n.translate(options.language, headroom.USED[limit["window"]], **words))
    print(report.foretold(document["forecast"], options.language))
    return DONE


def backtest(options: Arguments) -> int:
    """The forecast beside two naive ones, on made-up businesses."""
    from core.counting import backtest as trials

    return trials.run(options)


def outbox(options: Arguments) -> int:
    """Listens until it is interrupted."""
    if options.scenario is not None:
        from core.diagnosis import playbill

        return playbill.run(options)
    from core import settings
    from core.sending import outbox as service

    async def serve() -> None:
        box = settings.current().data_dir / "outbox"
        wanted_host, wanted_port = options.listen
        server = await service.listen(wanted_host, wanted_port, box)
        host, port = server.sockets[0].getsockname()[:2]
        _announce(options, {"host": host, "port": port, "directory": str(box)})
        await server.serve_forever()

    asyncio.run(serve())
    return DONE


def watch(options: Arguments) -> int:
    """Reads a Sent folder to its end."""
    from core.counting import sentfolder

    found = sentfolder.once(options.setup)
    if options.json:
        _print({"setup": options.setup} | found.document())
    else:
        print(found.told(options.language))
    return DONE if found.read else FAILED


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


def recount(options: Arguments) -> int:
    """Makes usage what the log says, for each account."""
    from core.accounts import access
    from core.counting import recount as counting

    wrong = sum(counting.recount(account) for account in access.everyone())
    if options.json:
        return _print({"wrong": wrong})
    print(i18n.translate(options.language, N_("Figures that were wrong: {n}"), n=wrong))
    return DONE


def person(options: Arguments) -> int:
    """What is stored of an address, or its end."""
    from core.counting import console

    return console.run(options)


def _announce(options: Arguments, where: dict[str, Any]) -> None:
    if options.json:
        _print(where)
    else:
        print(f"{where['host']}:{where['port']} keeps messages in {where['directory']}", flush=True)


def _print(document: dict[str, Any]) -> int:
    print(json.dumps(document, ensure_ascii=False, indent=2), flush=True)
    return DONE


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return WRONG


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= 600:
        raise argparse.ArgumentTypeError("write seconds from 0.1 to 600")
    return value


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise argparse.ArgumentTypeError("write a whole number of at most 19 digits")
    return int(text)


def _fingerprint(text: str) -> str:
    from core.accounts import form

    if not (found := form.fingerprint(text)):
        raise argparse.ArgumentTypeError("write the certificate's SHA-256 fingerprint: 64 hexadecimal digits")
    return found


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError("write a port from 1 to 65535")
    return int(text)


def _endpoint(text: str) -> tuple[str, int]:
    from core.smtp import endpoint

    try:
        return endpoint.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _day(text: str) -> Any:
    from datetime import date

    day = date.fromisoformat(text)
    if not 2000 <= day.year <= 2100:
        raise argparse.ArgumentTypeError("write a day of the years 2000 to 2100")
    return day
