"""A report says what the check found, in either language, safely, and without addresses where that is asked for."""

import asyncio
import html
import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core import ids
from core.accounts import form as forms
from core.accounts.access import access
from core.diagnosis import causes, checks, letter, report
from core.diagnosis.checks import Check
from core.diagnosis.examination import Examination
from core.diagnosis.journal import Journal
from core.diagnosis.sections import sections
from core.diagnosis.step import EVENTS, STAGES
from core.diagnosis.terms import Terms
from core.diagnosis.wording import Wording
from core.i18n import LANGUAGES, translate
from tests import player
from tests.checked import BARE, EVERYTHING, HOSTILE, hostile

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
ALONE = {"meta", "rect", "path"}  # elements without an end
INVISIBLE = ("\x00", "\x1b", "\u202e", "\u202c", "\u2028", "\ud800")

Write = Callable[..., str]
WRITERS = pytest.mark.parametrize("write", [report.html, report.markdown], ids=["html", "markdown"])
EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


class Reader(HTMLParser):
    """What a browser would see: elements with their attributes, texts by element, and whether all are closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element without content."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Closes what was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Notes a text."""
        if data.strip():
            self.texts.append((self.open[-1], data.strip()))

    def within(self, tag: str) -> list[str]:
        """The texts that stand directly in such elements."""
        return [text for place, text in self.texts if place == tag]


def fences(text: str) -> Iterator[str]:
    """What stands in the fences of a text, as CommonMark reads them; everything else is yielded by `outside`."""
    yield from (body for inside, body in _parts(text) if inside)


def outside(text: str) -> str:
    """What stands outside of its fences."""
    return "\n".join(body for inside, body in _parts(text) if not inside)


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    fence, lines = "", []
    for line in text.split("\n"):
        mark = re.match(r" {0,3}(`{3,})[^`]*$", line)
        if mark and (not fence or (len(mark[1]) >= len(fence) and not line.strip("` "))):
            yield bool(fence), "\n".join(lines)
            fence, lines = ("" if fence else mark[1]), []
        else:
            lines.append(line)
    assert not fence, "a fence is never closed"
    yield False, "\n".join(lines)


def stored(dialogue: str, language: str) -> Check:
    """A check of a server that acts out a dialogue, with its mail in a language, as it is stored."""
    with player.play(player.DIALOGUES / f"{dialogue}.txt") as server:
        form, problems = forms.parse(server.form)
        assert form, problems
        mail = letter.write(form, to=server.form["to"], language=language)
        number = ids.new()
        journal = Journal(number, form, mail, access=access())
        journal.open().result()
        asyncio.run(Examination(journal, Terms(ca_file=server.ca), causes.catalogue).run())
    return checks.load(access(), number)


class TestTheFile:
    """One file of HTML, whole in itself."""

    @pytest.mark.parametrize("document", [EVERYTHING, BARE, hostile()], ids=["everything", "bare", "hostile"])
    @EACH_LANGUAGE
    def test_it_is_well_formed_and_says_its_language(self, document: dict[str, object], language: str) -> None:
        read = Reader(report.html(document, language))

        assert read.open == []
        assert ("html", {"lang": language}) in read.elements
        assert ("meta", {"charset": "utf-8"}) in read.elements

    @pytest.mark.parametrize("document", [EVERYTHING, hostile()], ids=["everything", "hostile"])
    def test_it_runs_nothing_and_asks_nobody(self, document: dict[str, object]) -> None:
        read = Reader(report.html(document, "en"))

        assert {tag for tag, _ in read.elements} & {"script", "link", "img", "iframe", "a", "base", "form"} == set()
        values = [(name, value or "") for _, given in read.elements for name, value in given.items()]
        assert [pair for pair in values if "://" in pair[1] or pair[0].startswith("on")] == []
        assert not re.search(r"url\(|@import", read.within("style")[0])

    def test_its_policy_forbids_all_but_its_own_style(self) -> None:
        policy = {"http-equiv": "Content-Security-Policy", "content": "default-src 'none'; style-src 'unsafe-inline'"}

        assert ("meta", policy) in Reader(report.html(EVERYTHING, "en")).elements

    def test_stages_follow_one_another_in_the_drawing(self) -> None:
        read = Reader(report.html(EVERYTHING, "en"))

        bars = [given for _, given in read.elements if given.get("class") == "bar"]
        begun = [int(bar["x"] or 0) for bar in bars]
        assert len(bars) == len(EVERYTHING["steps"])
        assert begun == sorted(begun)
        assert int(bars[-1]["x"] or 0) + int(bars[-1]["width"] or 0) == pytest.approx(1000, abs=2)


class TestWhatItSays:
    """The answer first, then what it rests on."""

    @EACH_LANGUAGE
    def test_it_opens_with_the_answer(self, language: str) -> None:
        read = Reader(report.html(EVERYTHING, language))

        assert read.within("h1") == [EVERYTHING["title"]]
        assert EVERYTHING["why"] in read.within("p")
        assert read.within("li") == [fix["text"] for fix in EVERYTHING["fixes"]]

    @WRITERS
    @EACH_LANGUAGE
    def test_stages_are_in_its_language(self, write: Write, language: str) -> None:
        shown = html.unescape(write(EVERYTHING, language))

        for step in EVERYTHING["steps"]:
            assert translate(language, STAGES[step["stage"]]) in shown

    @WRITERS
    @EACH_LANGUAGE
    def test_what_was_no_reply_is_told_in_words(self, write: Write, language: str) -> None:
        shown = write(EVERYTHING, language)

        assert "timed_out" not in shown
        for event in ("timed_out", "unreachable", "cert_untrusted"):
            assert translate(language, EVENTS[event]) in shown

    @WRITERS
    def test_everything_that_was_found_is_in_it(self, write: Write) -> None:
        shown = write(EVERYTHING, "en")

        found = (
            "587",
            "no encryption",
            "GTS Root R1",
            "EC 256",
            "PIPELINING",
            "v=spf1",
            "mx2.shop.example",
            "1,384 ms",
        )
        assert [word for word in found if word not in shown] == []
        assert "22 Nov 2026, 15:40:07 UTC+07:00" in shown
        assert "mailgauge.shop.example (203.0.113.9)" in shown

    @WRITERS
    @EACH_LANGUAGE
    def test_a_document_of_the_least_keys_has_no_empty_parts(self, write: Write, language: str) -> None:
        shown = write(BARE, language)

        assert BARE["title"] in shown
        assert "<h2>" not in shown
        assert "## " not in shown

    @WRITERS
    def test_a_document_of_a_verdict_alone_can_be_shown(self, write: Write) -> None:
        assert "It works" in write({"verdict": "works", "title": "It works"}, "en")

    @EACH_LANGUAGE
    def test_causes_are_told_in_words(self, language: str) -> None:
        shown = html.unescape(report.html(EVERYTHING, language))

        for slug in (EVERYTHING["also"][0], EVERYTHING["scouts"][1]["cause"]):
            assert causes.catalogue()[slug].title[language] in shown

    def test_a_table_has_as_many_columns_in_each_line(self) -> None:
        lines = [line for line in report.markdown(EVERYTHING, "en").split("\n") if line.startswith("|")]

        assert lines[:3] == [
            "| Port | Encryption | Result | Time | Log-in |",
            "| --- | --- | --- | --- | --- |",
            "| 465 | SSL | ✓ answers | 88 ms | yes |",
        ]
        assert {line.count("|") for line in lines} == {6, 4}

    def test_the_json_is_the_document(self) -> None:
        assert json.loads(report.text(EVERYTHING)) == EVERYTHING


class TestHostileWords:
    """A server may say anything; a report stays a report."""

    @WRITERS
    def test_a_long_answer_is_bounded(self, write: Write) -> None:
        assert len(write(hostile(), "en")) < 500_000

    @WRITERS
    @pytest.mark.parametrize("sign", INVISIBLE, ids=ascii)
    def test_what_nobody_sees_is_written_out(self, write: Write, sign: str) -> None:
        assert sign not in write(hostile(), "en")

    @WRITERS
    def test_the_beginning_and_the_end_of_an_answer_are_shown(self, write: Write) -> None:
        shown = write(EVERYTHING | {"evidence": "550 begun " + "x" * 65_536 + " ended"}, "en")

        assert "550 begun" in shown
        assert "x ended" in shown
        assert "letters left out" in shown

    def test_the_structure_of_the_file_is_the_same(self) -> None:
        tags = [[tag for tag, _ in Reader(report.html(shown, "en")).elements] for shown in (EVERYTHING, hostile())]

        assert {*tags[1]} == {*tags[0]}

    def test_a_fence_holds(self) -> None:
        shown = report.markdown(EVERYTHING | {"evidence": HOSTILE, "transcript": HOSTILE}, "en")

        assert sum("# heading" in body for body in fences(shown)) == 2
        assert "<script>" not in outside(shown)
        assert not re.search(r"^# heading", outside(shown), re.MULTILINE)

    def test_nothing_outside_of_fences_is_markdown(self) -> None:
        shown = outside(report.markdown(hostile(), "en"))

        assert not re.search(r"(?<!\\)<(?=\w)|(?<!\\)\[link|(?<!\\)`", shown)

    def test_the_json_can_be_written_to_a_file(self, tmp_path: Path) -> None:
        file = tmp_path / "check.json"
        file.write_text(report.text({"evidence": HOSTILE}), encoding="utf8")

        assert json.loads(file.read_text(encoding="utf8")) == {"evidence": HOSTILE}


class TestAddressesHidden:
    """A report that others see names nobody."""

    ALL = pytest.mark.parametrize(
        "write", [report.html, report.markdown, lambda document, _, **how: report.text(document, **how)]
    )
    PEOPLE = ("shop@shop.example", "invoices@shop.example", "owner@people.example", "dmarc@shop.example")

    @ALL
    def test_no_address_of_the_document_is_in_it(self, write: Write) -> None:
        plain, masked = (write(EVERYTHING, "en", masked=hidden).lower() for hidden in (False, True))

        assert [address for address in self.PEOPLE if address not in plain] == []
        assert [address for address in self.PEOPLE if address in masked] == []

    @ALL
    def test_nor_in_base64_or_in_a_url(self, write: Write) -> None:
        masked = write(EVERYTHING, "en", masked=True)

        assert "c2hvcEBzaG9wLmV4YW1wbGU" not in masked
        assert "shop%40shop" not in masked

    @ALL
    def test_nor_of_a_hostile_one(self, write: Write) -> None:
        assert "shop@shop.example" not in write(hostile(), "en", masked=True)

    @ALL
    def test_host_names_stay(self, write: Write) -> None:
        masked = write(EVERYTHING, "en", masked=True)

        assert "s…@shop.example" in masked
        assert "mx1.shop.example" in masked
        assert "smtp.gmail.com" in masked


class TestAStoredCheck:
    """Its report is worded when it is asked for."""

    @EACH_LANGUAGE
    def test_it_speaks_the_language_that_is_asked_for(self, language: str) -> None:
        check = stored("auth.app_password_required", "en")

        document = report.of(check, language, ZONE)

        words = check.words(language)
        assert document["cause"] == "auth.app_password_required"
        assert (document["title"], document["fixes"]) == (words["title"], words["fixes"])
        assert Reader(report.html(document, language)).within("h1") == [words["title"]]

    def test_both_languages_differ(self) -> None:
        check = stored("auth.app_password_required", "en")

        english, vietnamese = (report.of(check, language, ZONE)["title"] for language in ("en", "vi"))

        assert english != vietnamese

    def test_it_knows_what_was_tested_and_when(self) -> None:
        check = stored("auth.app_password_required", "en")

        document = report.of(check, "en", ZONE)

        assert document["settings"]["port"] == check.form["port"]
        assert document["settings"]["to"] == check.form["to"]
        assert document["tested_at"].endswith("+07:00")
        assert "C: EHLO" in document["transcript"]

    def test_it_holds_no_password(self) -> None:
        document = report.of(stored("auth.app_password_required", "en"), "en", ZONE)

        assert player.FORM["password"] not in report.html(document, "en") + report.text(document)

    def test_what_was_no_reply_is_stored_for_it(self) -> None:
        document = report.of(stored("connect.refused", "en"), "vi", ZONE)

        assert document["steps"][-1]["event"] == "refused"
        assert translate("vi", EVENTS["refused"]) in report.markdown(document, "vi")

    def test_a_check_that_was_cut_off_has_one_too(self) -> None:
        lost = checks.Verdict("error", "lost", stage="auth")
        check = Check(1, None, 0, "auth", 0, {"host": "mail.shop.example"}, (), lost)

        document = report.of(check, "en", ZONE)

        assert document["title"] in report.html(document, "en")

    def test_one_that_still_runs_has_none(self) -> None:
        with pytest.raises(ValueError, match="wait for its end"):
            report.of(Check(1, None, 0, "auth", 0, {}, (), None), "en", ZONE)


@pytest.mark.parametrize(("verdict", "ruled_out"), [("works", 1), ("fault", 0)])
def test_a_check_that_works_says_what_it_rules_out(verdict: str, ruled_out: int) -> None:
    (vantage,) = sections(EVERYTHING | {"verdict": verdict}, Wording("en"), "vantage")

    assert str(vantage).count("log-in are right as seen from here") == ruled_out


def test_a_section_that_does_not_exist_is_not_left_out_in_silence() -> None:
    with pytest.raises(KeyError):
        list(sections(EVERYTHING, Wording("en"), "weather"))


@pytest.mark.parametrize(
    ("connected", "said"),
    [(True, "the one that was tested takes connections"), (False, "it is down, it is the wrong host")],
)
def test_a_server_that_was_reached_is_not_called_down(connected: bool, said: str) -> None:
    steps = [{"stage": "connect", "ok": connected, "ms": 1}]
    scouts = [{"port": 587, "encryption": "starttls", "works": False, "ms": 1, "greeting": ""}]
    document = EVERYTHING | {"cause": "greeting.timeout", "steps": steps, "scouts": scouts}

    assert said in str(list(sections(document, Wording("en"))))
