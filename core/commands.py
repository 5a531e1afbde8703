"""What each command does. Each imports what it needs, `check` as late as it can."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

from core import arguments, i18n
from core.i18n import N_

Arguments = argparse.Namespace
DONE, FAILED, WRONG = 0, 1, 2


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
    from core.counting import report

    if options.since and options.until and options.since > options.until:
        return fail(
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
        print(report.used(limit, options.language))
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


def fail(options: Arguments, sentence: str) -> int:
    """Says what is wrong, in JSON where that is asked for."""
    if options.json:
        arguments.refuse(sentence)
    else:
        print(sentence, file=sys.stderr)
    return WRONG
