"""A check on a terminal is told in the reader's words."""

from datetime import UTC

import pytest

from core import cli
from core.accounts import setups
from core.accounts.access import access
from core.accounts.form import Form
from core.counting import refusal
from core.diagnosis import terminal
from core.diagnosis.step import EVENTS, Step
from core.diagnosis.terminal import Live
from core.i18n import LANGUAGES, translate
from core.secret import Secret
from tests.samples import CANARY

YANDEX = Form("shop@yandex.ru", "smtp.yandex.com", 465, "ssl", "shop@yandex.ru", Secret(CANARY))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_no_reply_is_told_in_words(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    Live(language)(Step("greeting", ok=False, ms=1, event="silent"), None)

    assert capsys.readouterr().out.rstrip().endswith(translate(language, EVENTS["silent"]))


@pytest.mark.parametrize("stored", [False, True], ids=["options", "--setup"])
@pytest.mark.parametrize(("more", "status"), [([], 1), (["--anyway"], 0)], ids=["held", "anyway"])
def test_a_try_that_makes_a_block_longer_is_made_only_if_it_is_wanted(
    stored: bool, more: list[str], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def begun(*_: object) -> int:
        return 0

    monkeypatch.setattr(terminal, "_check", begun)  # a check would ask the provider's own server
    name = setups.find(access(), setups.save(access(), YANDEX)).name
    refusal.learn(access(), YANDEX, zone=UTC)
    monkeypatch.setenv("SHOP_PASSWORD", CANARY)
    login = ["--username", YANDEX.username, "--password-env", "SHOP_PASSWORD"]
    place = ["--host", YANDEX.host, "--port", "465", *login, "--from", YANDEX.from_address]

    ended = cli.main(["check", *(["--setup", name] if stored else place), "--to", "owner@shop.example", *more])

    assert (ended, "each try makes the block longer" in capsys.readouterr().err) == (status, not more)
