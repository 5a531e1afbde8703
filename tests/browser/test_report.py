"""A report fits a phone, whatever a server said, and asks nobody for anything."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from core.diagnosis import report
from core.i18n import LANGUAGES
from tests.checked import EVERYTHING, hostile

pytestmark = pytest.mark.needs("chromium")

DOCUMENTS = pytest.mark.parametrize("document", [EVERYTHING, hostile()], ids=["everything", "hostile"])


@DOCUMENTS
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_fits_a_phone(browser: Browser, document: dict[str, Any], language: str) -> None:
    with browser.new_page(viewport={"width": 360, "height": 800}) as page:
        page.set_content(report.html(document, language))

        assert page.evaluate("document.documentElement.scrollWidth") == 360


@DOCUMENTS
def test_a_report_runs_nothing_and_asks_nobody(browser: Browser, document: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report.html(document, "en"), encoding="utf8")
    asked: list[str] = []
    said: list[str] = []

    with browser.new_page() as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.goto(file.as_uri())

    assert asked == [file.as_uri()]
    assert said == []
