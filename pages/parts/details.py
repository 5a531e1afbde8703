"""What a check saw beside its verdict: times, other ports, certificates, domain, history, and the report of it all."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.charts import stages
from core.diagnosis import blocks, checks, differences, remedies, report, sections
from core.diagnosis.blocks import Section
from core.diagnosis.checks import Check
from core.diagnosis.differences import Document
from core.diagnosis.wording import Wording
from core.i18n import N_
from pages.parts.person import me, mine
from pages.parts.words import _, language, moment, plain

THEIRS = ("evidence", "stages", "notes", "settings", "vantage", "times", "ports", "addresses", "certificate")
THEIRS += ("offer", "domain", "talk")
FOLDED = ("offer", "talk")
TRUSTABLE = ("cert_self_signed", "cert_untrusted", "cert_hostname", "cert_expired", "cert_invalid", "cert_changed")
THERE = N_("Run this in Mailgauge's directory there, and paste what it prints under “A pasted error”:")
SECRET = N_("Before that, put the password into the variable, unseen and kept in no history:")
ASK = "read -rs SMTP_PASSWORD && export SMTP_PASSWORD"
FILES = {"html": ("HTML", "text/html"), "md": ("Markdown", "text/markdown"), "json": ("JSON", "application/json")}

Again = Callable[..., None]


def show(check: Check, *, again: Again) -> None:
    """Everything, the picture first."""
    document = report.of(check, language(), me().zone)
    _some(document, "times", "ports")
    left, right = st.columns(2, gap="large")
    with left:
        _some(document, "addresses", "certificate")
        _trust(document, again)
        _some(document, "offer")
    with right:
        _some(document, "domain", "vantage")
        _elsewhere(check)
        _history(check)
    _report(check)


def title(document: Document) -> str:
    """What a check came to, in one sentence."""
    say = Wording(language())
    return plain(say.line(document["title"]) or sections.head(document, say).word)


def pasted(text: str) -> Document | None:
    """The check that ran elsewhere and was pasted, in this person's language; None where the text is none."""
    found = differences.read(text)
    return differences.told(found, language(), checks.known()) if found else None


def theirs(document: Document) -> None:
    """A check that ran elsewhere, and what differs from ours."""
    say, host = Wording(language()), document["settings"].get("host")
    ours = checks.newest(mine(), host=host) if host else None
    st.markdown(plain(say.line(document["why"])))
    for number, fix in enumerate(document["fixes"], 1):
        st.markdown(f"{number}. {plain(say.line(fix['text']))}")
    _some(document, *THEIRS)
    st.subheader(_("Beside a check from here"), anchor=False)
    if ours:
        own = report.of(ours, language(), me().zone)
        st.markdown(_("From here, {time}: {title}", time=moment(ours.created_at), title=own["title"]))
        _compare(document, own, (_("There"), _("Here")))
    else:
        st.info(_("Test the same server from here: then the differences are shown."), icon=":material/compare_arrows:")


def _some(document: Document, *names: str) -> None:
    """These sections in this order, as far as there is something in them."""
    for part in sections.sections(document, Wording(language()), *names):
        if part.name in FOLDED:
            with st.expander(part.title):
                _blocks(part)
        else:
            st.subheader(part.title, anchor=False)
            _blocks(part)


def _blocks(part: Section) -> None:
    for number, block in enumerate(part.blocks):
        WRITE[block.kind](block, f"{part.name}_{number}")


def _text(block: blocks.Text, _key: str) -> None:
    if block.title:
        st.markdown(f":orange[:material/lightbulb:] **{plain(block.title)}**")
    st.markdown(plain(block.text))


def _said(block: blocks.Said, _key: str) -> None:
    st.code(block.text, language=None, wrap_lines=True)


def _facts(block: blocks.Facts, key: str) -> None:
    if block.title:
        st.markdown(f"**{plain(block.title)}**")
    with st.container(key=key, gap="xxsmall"):
        for label, value in block.pairs:
            st.markdown(f":gray[{plain(label)}] {plain(value)}")


def _stage(block: blocks.Stage, key: str) -> None:
    mark = ":material/check_circle:" if block.ok else ":material/error:"
    label = plain(" · ".join(filter(None, (block.title, block.facts))))
    with st.expander(label if block.ok else f":red[{label}]", expanded=not block.ok, icon=mark, type="step", key=key):
        st.markdown(plain(block.note))
        st.code(block.said, language=None, wrap_lines=True)


def _bars(block: blocks.Bars, key: str) -> None:
    rows = [(words, start, start + length, took) for words, start, length, took in block.rows]
    data = pd.DataFrame(rows, columns=["stage", "start", "end", "took"])
    st.altair_chart(stages.chart(data), alt="; ".join(f"{words} {took}" for words, _s, _e, took in rows), key=key)


def _table(block: blocks.Table, key: str) -> None:
    """A line for each row: on a telephone a table would be wider than the screen."""
    with st.container(key=key, gap="xxsmall"):
        for cells, said in block.rows:
            (label, first), *others = zip(block.columns, cells, strict=True)
            facts = [f":gray[{plain(name)}] {plain(value)}" for name, value in others if value]
            st.markdown(" · ".join([f"**{plain(label)} {plain(first)}**", *facts]))
            if said:
                st.caption(plain(said))


WRITE: dict[str, Callable[[Any, str], None]] = {
    "text": _text,
    "said": _said,
    "facts": _facts,
    "stage": _stage,
    "bars": _bars,
    "table": _table,
}


def _trust(document: Document, again: Again) -> None:
    """A certificate that no authority vouches for may be trusted for this setup, so that the rest can be tested."""
    tls = document["tls"] or {}
    if tls.get("problem") in TRUSTABLE and document["cause"] not in remedies.NEVER and tls.get("chain"):
        st.caption(_("Only if you know this server and its fingerprint: then the rest can be tested."))
        st.button(
            _("Trust this certificate for this setup, and test again"),
            icon=":material/verified_user:",
            key="trust",
            on_click=again,
            args=({"trust": tls["chain"][0]["fingerprint"]},),
        )


def _elsewhere(check: Check) -> None:
    """The same test as a command for another machine; the platform's own server is tested from here only."""
    if check.form["mode"] == "smtp":
        if check.form["username"]:
            st.caption(_(SECRET))
            st.code(ASK, language=None, wrap_lines=True)
        st.caption(_(THERE))
        st.code(report.command(check), language=None, wrap_lines=True)


def _history(check: Check) -> None:
    """The checks before, and what changed since it last worked."""
    past = checks.history(mine(), check)
    if not past:
        return
    st.subheader(_("Before"), anchor=False)
    failed = check.verdict and check.verdict.verdict != "works"
    if failed and (good := checks.last_good(mine(), check)):
        st.markdown(_("It worked {time}. Since then these facts differ:", time=moment(good.created_at)))
        then, now = (report.of(one, language(), me().zone) for one in (good, check))
        _compare(then, now, (_("When it worked"), _("Now")))
    for one in past:
        port = _("port {port}", port=one.form["port"])
        st.caption(f"{moment(one.created_at)} · {port} · {plain(one.words(language())['title'])}")


def _compare(before: Document, after: Document, names: tuple[str, str]) -> None:
    """The facts that differ between two checks, one below the other: side by side they would be cut."""
    found, say = differences.between(before, after), Wording(language())
    if not found:
        st.caption(_("No fact that both checks know differs."))
    with st.container(key="differences"):
        for number, one in enumerate(found):
            pairs = ((names[0], say.line(one.before)), (names[1], say.line(one.after)))
            _facts(blocks.Facts(pairs, title=_(one.fact)), f"difference_{number}")


def _report(check: Check) -> None:
    """The report as files."""
    st.subheader(_("Report"), anchor=False)
    masked = st.toggle(_("Hide addresses"), key="report_masked")
    with st.container(horizontal=True):
        for ending, (name, mime) in FILES.items():
            st.download_button(
                name,
                partial(_written, ending, check, language(), me().zone, masked=masked),
                file_name=f"mailgauge-{check.form['host']}.{ending}",
                mime=mime,
                icon=":material/download:",
                key=f"report_{ending}",
                on_click="ignore",
            )


def _written(ending: str, check: Check, language_: str, zone: Any, *, masked: bool) -> str:
    document = report.of(check, language_, zone)
    if ending == "json":
        return report.text(document, masked=masked)
    return (report.html if ending == "html" else report.markdown)(document, language_, masked=masked)
