"""A check on a terminal is told in the reader's words."""

import pytest

from core.diagnosis.step import EVENTS, Step
from core.diagnosis.terminal import Live
from core.i18n import LANGUAGES, translate


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_no_reply_is_told_in_words(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    Live(language)(Step("greeting", ok=False, ms=1, event="silent"), None)

    assert capsys.readouterr().out.rstrip().endswith(translate(language, EVENTS["silent"]))
