"""The command line: `python -m core COMMAND`, its commands and their options."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core import arguments, commands, i18n
from core.commands import Arguments
from core.told import Told


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
        return commands.FAILED
    except Told as error:
        return commands.fail(options, i18n.translate(options.language, error.sentence, **error.values))
    except KeyboardInterrupt:
        return 130


def _printable(typed: Sequence[str]) -> list[str]:
    """The arguments; bytes that are no text become the sign for that, which every check refuses in a sentence."""
    return [argument.encode(errors="surrogateescape").decode(errors="replace") for argument in typed]


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    top = arguments.Parser(prog="python -m core", description="Mailgauge on the command line")
    known = top.add_subparsers(metavar="COMMAND", required=True)
    _check_options(_command(known, "check", commands.check, "test a server, stage by stage; exit status 0 if it works"))
    usage_options = _command(known, "usage", commands.usage, "recipients per day, and the state of each limit")
    usage_options.add_argument("--setup", required=True, metavar="NAME")
    for name in ("since", "until"):
        usage_options.add_argument(f"--{name}", type=arguments.day, metavar="YYYY-MM-DD")
    usage_options.add_argument(
        "--timezone", type=arguments.zone, metavar="ZONE", help="such as Asia/Ho_Chi_Minh; default: the account's"
    )
    _explain_options(_command(known, "explain", commands.explain, "the root cause of a pasted error; exit 0 if known"))
    listen = _command(known, "outbox", commands.outbox, "the embedded mail service alone: delivers nowhere")
    listen.add_argument("--listen", default="127.0.0.1:0", metavar="HOST:PORT", type=arguments.place)
    words = "in its place a drill: a server with that fault, to try the test on; “list” names them all"
    listen.add_argument("--scenario", metavar="CAUSE", help=words)
    words = "read the Sent folder of a setup now, and watch it from then on; exit status 0 if it was read"
    _command(known, "watch", commands.watch, words).add_argument("--setup", required=True, metavar="NAME")
    setup = known.add_parser("setup", help="the stored setups").add_subparsers(metavar="ACTION", required=True)
    _command(setup, "list", commands.setup_list, "every setup with its mode and state")
    _command(known, "migrate", commands.migrate, "bring the database up to date")
    copy = _command(
        known, "backup", commands.backup, "copy the database, also while Mailgauge runs; its passwords stay encrypted"
    )
    copy.add_argument("file", metavar="FILE", type=Path, help="where the copy goes; an older one is replaced")
    _command(known, "recount", commands.recount, "count anew what the log of sends says; changes only what is wrong")
    trial = _command(known, "backtest", commands.backtest, "how well the forecast does on made-up businesses")
    trial.add_argument("--seed", type=arguments.whole, metavar="N", help="draws the same businesses again")
    _command(known, "prune", commands.prune, "forget recipients' addresses older than their account keeps them")
    _person_options(known.add_parser("person", help="one person's data"))
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
    words = "test also while the provider says that the limit is reached and each try makes the block longer"
    command.add_argument("--anyway", action="store_true", help=words)
    command.add_argument("--timeout", type=arguments.seconds, metavar="S", help="seconds that one stage may take")


def _explain_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", nargs="?", metavar="FILE", help="the text; default: standard input")
    command.add_argument("--jsonl", action="store_true", help="a JSON object a line in (id, text), one a line out")
    command.add_argument("--host")
    command.add_argument("--port", type=arguments.port)
    command.add_argument("--encryption", choices=("ssl", "starttls", "none"))
    command.add_argument("--provider", type=arguments.provider, metavar="ID", help="such as gmail")


def _person_options(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    words = "everything that is stored of an address, as CSV; with --json as JSON"
    _command(actions, "export", commands.person, words).add_argument("address", metavar="ADDRESS")
    words = "delete everything that is stored of an address; what was counted stays"
    erase = _command(actions, "delete", commands.person, words)
    erase.add_argument("address", metavar="ADDRESS")
    erase.add_argument("--dry-run", action="store_true", help="delete nothing, tell what would go")
