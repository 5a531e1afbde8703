"""Every live cause is named by a real conversation with a server that behaves so."""

import contextlib
from pathlib import Path

import pytest

from core.diagnosis import causes
from core.diagnosis.drill import Drill
from core.diagnosis.examination import Examination
from core.diagnosis.terms import Terms
from tests import forgetful, nameserver, player

DIALOGUES = sorted(player.DIALOGUES.glob("*.txt"))


def examine(server: Drill, nameservers: tuple[str, ...] = ()) -> Examination:
    """A check of a server by our client."""
    terms = Terms(
        connect=0.4 if server.silent else 10,
        stage=1 if server.silent else 10,
        whole=30,
        final=1 if server.silent else 10,
        ca_file=str(server.ca) if server.ca else None,
        nameservers=nameservers,
        loopback_is_us=server.form.get("trusted_loopback") != "no",
        scouts="never",  # they would talk against the script
    )
    return forgetful.examine(server.form, terms)


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
def test_a_live_cause_is_named(path: Path) -> None:
    with player.play(path) as server, contextlib.ExitStack() as stack:
        nameservers = (stack.enter_context(nameserver.serve({}, answer=server.dns)),) if server.dns else ()

        examination = examine(server, nameservers)

        assert examination.verdict.cause == path.stem, (examination.verdict, examination.steps[-1:])
        assert not server.trouble
        assert player.FORM["password"] not in str(examination.result)


CHANGES = {
    path: fix.set
    for path in DIALOGUES
    for fix in causes.catalogue()[path.stem].fixes
    if fix.set and fix.set.keys() <= {"encryption"}
}


@pytest.mark.parametrize("path", CHANGES, ids=lambda path: path.stem)
def test_who_follows_the_advice_sees_it_work(path: Path) -> None:
    with player.play(path) as server:
        server.form |= {name: str(value) for name, value in CHANGES[path].items()}

        assert examine(server).verdict.verdict == "works"


def test_every_live_cause_has_a_dialogue() -> None:
    live = {slug for slug, cause in causes.catalogue().items() if cause.seen_by == "live"}

    assert live == {path.stem for path in DIALOGUES}
