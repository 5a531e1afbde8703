"""A check on a terminal: each stage appears when it is done, the verdict at the end.

The database, DNS and encryption libraries are imported by the journal's thread while the server is being waited for.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from core import arguments, ids
from core.accounts import form as forms
from core.accounts import providers
from core.accounts.form import ENCRYPTION_NAMES, Form, Problem
from core.diagnosis import letter, preflight
from core.diagnosis.causes import Cause
from core.diagnosis.document import SETTINGS, document
from core.diagnosis.examination import Examination
from core.diagnosis.journal import Journal
from core.diagnosis.step import EVENTS, STAGES, Step
from core.diagnosis.terms import Terms
from core.diagnosis.verdict import Verdict
from core.i18n import N_, translate
from core.told import Told

PATIENCE = 4.0  # seconds that the log may be unwritable before the check is shown without it
NO_PASSWORD = N_("A user name needs its password: put it into an environment variable, and name that: {option}")
EMPTY = N_("The environment variable {name} is empty or not there: the password belongs into it.")
OPTIONS = {"from_address": "--from", "password": "--password-env", "to": "--to", "ca_file": "--ca-file"}
NO_FILE = N_("This file cannot be read: {path}")
SCOUTED = {
    True: N_("✓ Port {port} with {encryption} would work."),
    False: N_("✗ Port {port} with {encryption} does not work either."),
}
HELD = N_("Nothing was tested: the provider said that the limit is reached; each try makes the block longer.")
UNTIL = N_("It is best to wait until {time}.")
ANYWAY = N_("With {option} it is tested all the same.")
UNSTORED = N_("The check could not be written to the log: {detail}")


def run(options: argparse.Namespace) -> int:
    """The check that the options describe; the exit status."""
    form, to, setup, problems = _asked(options)
    if form is None or problems:
        return _wrong(problems, options)
    until = None if options.anyway else _held(form)
    if until:
        words = {"time": f"{until:%Y-%m-%d %H:%M}", "option": "--anyway"}
        _say(" ".join(translate(options.language, sentence, **words) for sentence in (HELD, UNTIL, ANYWAY)), options)
        return 1
    return asyncio.run(_check(options, form, to, setup))


async def _check(options: argparse.Namespace, form: Form, to: str, setup: int | None) -> int:
    if form.mode == "default":
        from core.diagnosis import checks

        form = await checks.reachable(form)
    mail = letter.write(form, to=to, text=options.text, language=options.language)
    journal = Journal(ids.new(), form, mail, setup, source="cli", patience=PATIENCE)
    journal.open()
    watch = None if options.json else Live(options.language)
    if watch:
        _hint(form, options.language)
    examination = Examination(journal, _terms(options), _known, watch)
    try:
        verdict = await examination.run()
    except Told as error:  # the verdict stands, only the log lacks it
        verdict = examination.verdict
        detail = translate(options.language, error.sentence, **error.values)
        print(translate(options.language, UNSTORED, detail=detail), file=sys.stderr)
    _show(options, examination, verdict)
    return 0 if verdict.verdict == "works" else 1


class Live:
    """Prints each step as it ends."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, step: Step | None, following: str | None) -> None:
        """Hears from the walk."""
        if step:
            mark = "✓" if step.ok else "✗"
            words = translate(self.language, STAGES[step.stage])
            said = _told(step.reply or step.detail or step.event or "", self.language).splitlines()
            with contextlib.suppress(OSError):  # a reader that went away must not end the check
                print(f"{mark} {words}  {step.ms} ms  {said[-1] if said else ''}", flush=True)


def _asked(options: argparse.Namespace) -> tuple[Form | None, str, int | None, list[Problem]]:
    """The form, where the mail goes, the setup, and what is wrong with them."""
    form, setup, problems = _stored(options.setup) if options.setup else _typed(options)
    if form and options.trust_fingerprint:
        form = replace(form, trust=options.trust_fingerprint)
    to = options.to or _system_address()
    problem = forms.address_problem("to", to)
    if options.ca_file and not os.access(options.ca_file, os.R_OK):
        problems.append(Problem("ca_file", NO_FILE, {"path": options.ca_file}))
    return form, to, setup, problems + ([problem] if problem else [])


def _typed(options: argparse.Namespace) -> tuple[Form | None, None, list[Problem]]:
    """The form of the options; a port proposes its encryption."""
    typed = {name: getattr(options, name, None) for name in forms.FIELDS}
    typed["password"] = _environment(options.password_env)
    typed["encryption"] = options.encryption or forms.proposed(options.port or "")
    typed["allow_plaintext"] = options.allow_plaintext
    form, problems = forms.parse(typed)
    if options.username and not typed["password"]:
        name = options.password_env
        empty = Problem("password", EMPTY, {"name": name})
        problems.append(empty if name else Problem("password", NO_PASSWORD, {"option": "--password-env SMTP_PASSWORD"}))
    return form, None, problems


def _environment(name: str | None) -> str:
    value = os.environ.get(name or "", "")
    return value.encode(errors="surrogateescape").decode(errors="replace")


def _stored(name: str) -> tuple[Form | None, int, list[Problem]]:
    from core.accounts import access, setups
    from core.diagnosis import checks

    mine = access.access()
    setup = setups.find(mine, name)
    secret = setup.form.password or setups.secret(mine, setup.id, setup.form)
    form = replace(setup.form, password=secret)
    return form, setup.id, checks.problems(mine, form, setup=setup.id)


def _system_address() -> str:
    from core.accounts import access, account

    return account.load(access.access()).system_address


def _held(form: Form) -> datetime | None:
    """Until when a try would make a block longer; the database is asked only where the provider has such blocks."""
    provider = providers.by_host(form.host, form.username)
    if not provider or not provider.retry_prolongs:
        return None
    from core.accounts import access, account
    from core.counting import refusal

    mine = access.access()
    return refusal.hold(mine, form, zone=account.load(mine).zone)


def _terms(options: argparse.Namespace) -> Terms:
    alone = options.no_scouts
    terms = Terms(
        ca_file=options.ca_file,
        send=not options.no_send,
        loopback_is_us=not options.distrust_loopback,
        scouts="never" if alone else "auto",
        domain=not alone,
    )
    if os.environ.get("MAILGAUGE_NAMESERVERS"):
        from core import settings

        terms = replace(terms, nameservers=settings.current().nameservers)
    if options.timeout:
        each = options.timeout
        terms = replace(terms, connect=each, stage=each, whole=4 * each, final=each)
    return terms


def _known() -> Mapping[str, Cause]:
    from core.diagnosis import checks

    return checks.known()


def _show(options: argparse.Namespace, examination: Examination, verdict: Verdict) -> None:
    letter, form = examination.walk.letter, examination.walk.form
    asked = {name: getattr(form, name) for name in SETTINGS if name != "to"}
    asked |= {"to": letter.to, "tested_at": datetime.now().astimezone().isoformat(timespec="seconds")}
    shown = document(
        verdict, examination.steps, examination.result, language=options.language, known=_known(), asked=asked
    )
    if options.json:
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    print(f"\n{shown['title']}\n{shown['why']}")
    for number, fix in enumerate(shown["fixes"], 1):
        print(f"{number}. {fix['text']}")
    if shown["evidence"]:
        print(f"\n{_told(shown['evidence'], options.language)}")
    for scout in shown["scouts"]:
        words = {
            "port": scout["port"],
            "encryption": translate(options.language, ENCRYPTION_NAMES[scout["encryption"]]),
        }
        print(translate(options.language, SCOUTED[scout["works"]], **words))
    for note in shown["notes"]:
        print(f"\n• {note['title']}\n  {note['why']}")


def _told(text: str, language: str) -> str:
    """What was said; what was no reply, in our words."""
    return translate(language, EVENTS[text]) if text in EVENTS else text


def _hint(form: Form, language: str) -> None:
    """What stands out before anything connects."""
    for finding in preflight.look(form):
        print(f"• {_option(finding.field)}: {translate(language, finding.sentence, **_each(finding.values, language))}")


def _each(values: Mapping[str, object], language: str) -> dict[str, str]:
    return {name: translate(language, str(value)) for name, value in values.items()}


def _wrong(problems: list[Problem], options: argparse.Namespace) -> int:
    language, lines = options.language, []
    for problem in problems:
        words = translate(language, problem.sentence, **_each(problem.values, language))
        lines.append(f"{_option(problem.field)}: {words}")
    _say("\n".join(lines), options)
    return arguments.REFUSED


def _say(words: str, options: argparse.Namespace) -> None:
    """Why nothing was tested."""
    if options.json:
        arguments.refuse(words)
    else:
        print(words, file=sys.stderr)


def _option(field: str) -> str:
    """The option that a field of the form is typed with."""
    return OPTIONS.get(field, f"--{field.replace('_', '-')}")
