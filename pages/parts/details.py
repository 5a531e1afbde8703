"""What a check saw beside its verdict: times, other ports, addresses, certificate, domain, history, the report."""

from functools import partial

import pandas as pd
import streamlit as st

from core import charts
from core.accounts.form import ENCRYPTION_NAMES
from core.diagnosis import checks, differences, remedies, report
from core.diagnosis.checks import Check
from core.diagnosis.differences import Document
from core.diagnosis.step import EVENTS, STAGES
from core.i18n import N_
from pages.parts.person import me, mine
from pages.parts.words import _, language, moment, number, plain

VANTAGE = N_("Where the test spoke from")
TRUSTABLE = ("cert_self_signed", "cert_untrusted", "cert_hostname", "cert_expired", "cert_invalid", "cert_changed")
ALIGNED = {
    True: N_("This From passes DMARC through this server."),
    False: N_("This From fails DMARC through this server."),
}
HERE_ONLY = N_("Spoke from {where}. That it works here does not say that it works from the customer's network.")
VERDICTS = {
    "works": N_("works"),
    "fault": N_("fails"),
    "unknown": N_("unknown"),
    "stopped": N_("stopped"),
    "error": N_("not finished"),
}


def show(check: Check, *, again: object) -> None:
    """Everything, the picture first."""
    document = report.of(check, language(), me().zone)
    _waterfall(document)
    _scouts(document)
    left, right = st.columns(2, gap="large")
    with left:
        _addresses(document)
        _certificate(document, check, again)
        _offer(document)
    with right:
        _domain(document)
        _vantage(document)
        _history(check)
    _report(check)


def title(document: Document) -> str:
    """What a check came to, in one sentence."""
    return plain(str(document["title"]))


def compare(before: Document, after: Document, names: tuple[str, str]) -> None:
    """The facts that differ between two checks, side by side."""
    found = differences.between(before, after)
    if not found:
        st.caption(_("No fact that both checks know differs."))
        return
    rows = [{_("Fact"): _(one.fact), names[0]: one.before, names[1]: one.after} for one in found]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=_("Differences"), key="differences")


def theirs(document: Document, ours: Check | None) -> None:
    """A check that ran elsewhere, and what differs from ours."""
    st.markdown(plain(str(document.get("why", ""))))
    if spoke := differences.FACTS[VANTAGE](document):
        st.caption(_("It spoke from {where}.", where=spoke))
    _waterfall(document)
    _scouts(document)
    st.subheader(_("Beside a check from here"), anchor=False)
    if ours:
        own = report.of(ours, language(), me().zone)
        st.markdown(_("From here, {time}: {title}", time=moment(ours.created_at), title=title(own)))
        compare(document, own, (_("There"), _("Here")))
    else:
        st.info(_("Test the same server from here: then the differences are shown."), icon=":material/compare_arrows:")


def _waterfall(document: Document) -> None:
    steps = [step for step in document["steps"] if isinstance(step.get("ms"), int) and step.get("stage") in STAGES]
    if not steps:
        return
    rows, at = [], 0
    for step in steps:
        mark = f"{'✓' if step['ok'] else '✗'} {number(step['ms'])} ms"
        rows.append((_(STAGES[step["stage"]]), at, at + step["ms"], step["ms"], bool(step["ok"]), mark))
        at += step["ms"]
    data = pd.DataFrame(rows, columns=["stage", "start", "end", "ms", "ok", "mark"])
    st.subheader(_("Where the time went: {ms} ms in all", ms=number(at)), anchor=False)
    st.altair_chart(charts.stages(data, title=_("milliseconds")), alt=_("Stages and their times"), key="waterfall")


def _scouts(document: Document) -> None:
    if not document["scouts"]:
        return
    st.subheader(_("What answers on other ports"), anchor=False)
    st.caption(_("Tried at once, without logging in and without mail."))
    rows = [
        {
            _("Port"): str(one.get("port")),
            _("Encryption"): _(ENCRYPTION_NAMES.get(str(one.get("encryption")), "")),
            _("Answer"): f"✓ {_('would work')}" if one.get("works") else f"✗ {_cause(one)}",
            _("Greeting"): str(one.get("greeting") or ""),
            _("Log-in"): " ".join(map(str, one.get("auth") or ())),
            "ms": one.get("ms"),
        }
        for one in document["scouts"]
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=_("Other ports"), key="scouts")


def _cause(scout: Document) -> str:
    cause = checks.known().get(str(scout.get("cause")))
    if cause:
        return cause.title[language()]
    return _(EVENTS.get(str(scout.get("event")), N_("no answer that we know")))


def _addresses(document: Document) -> None:
    found = document["addresses"]
    if not found:
        return
    st.subheader(_("Each address"), anchor=False)
    for one in found:
        said = _(EVENTS[one["event"]]) if one.get("event") in EVENTS else _("answers")
        mark = ":red[:material/error:]" if one.get("event") else ":green[:material/check_circle:]"
        st.markdown(f"{mark} `{one.get('address')}` {said} ({number(one.get('ms') or 0)} ms)")


def _certificate(document: Document, check: Check, again: object) -> None:
    tls = document["tls"]
    if not tls:
        return
    st.subheader(_("Encryption and certificate"), anchor=False)
    good = tls.get("verified", True)
    mark = ":green[:material/lock:]" if good else ":red[:material/lock_open:]"
    said = _("Verified") if good else _(EVENTS.get(tls["problem"], N_("Trusted by hand")))
    st.markdown(f"{mark} {said} · {plain(tls['version'])} · {plain(tls['cipher'])}")
    for one in tls.get("chain", ()):
        lines = [
            f"{_('For')}: {one['subject']}",
            f"{_('Names')}: {', '.join(one['names'][:8])}",
            f"{_('Issued by')}: {one['issuer']}",
            f"{_('From')}: {one['not_before'][:10]}  {_('until')}: {one['not_after'][:10]}  {one['key']}",
            f"SHA-256: {one['fingerprint']}",
        ]
        st.code("\n".join(lines), language=None, wrap_lines=True)
    cause = check.verdict.cause if check.verdict else None
    if tls.get("problem") in TRUSTABLE and cause not in remedies.NEVER and tls.get("chain"):
        st.caption(_("Only if you know this server and its fingerprint: then the rest can be tested."))
        st.button(
            _("Trust this certificate for this setup, and test again"),
            icon=":material/verified_user:",
            key="trust",
            on_click=again,  # type: ignore[arg-type]
            args=({"trust": tls["chain"][0]["fingerprint"]},),
        )


def _offer(document: Document) -> None:
    if document["capabilities"]:
        with st.expander(_("What the server offers"), icon=":material/list:", key="offers"):
            st.code("\n".join(document["capabilities"]), language=None)


def _domain(document: Document) -> None:
    found = document["domain"]
    if not found or not found.get("name"):
        return
    st.subheader(_("The sender's domain: {name}", name=found["name"]), anchor=False)
    spf, dmarc = found.get("spf") or {}, found.get("dmarc") or {}
    keys = [key["selector"] for key in found.get("dkim", ()) if key.get("found")]
    lines = {
        "MX": ", ".join(str(one["host"]) for one in found.get("mx", ())[:3]),
        "SPF": spf.get("record"),
        "DMARC": dmarc.get("record"),
        "DKIM": ", ".join(keys),
    }
    for name, value in lines.items():
        mark = ":green[:material/check_circle:]" if value else ":orange[:material/help:]"
        st.markdown(f"{mark} **{name}** {plain(value) if value else _('nothing found')}")
    aligned = {
        True: N_("This From passes DMARC through this server."),
        False: N_("This From fails DMARC through here."),
    }
    if found.get("aligned") is not None:
        st.markdown(_(aligned[found["aligned"]]))


def _vantage(document: Document) -> None:
    spoke = differences.FACTS[VANTAGE](document)
    if spoke:
        st.subheader(_("Where this was tested from"), anchor=False)
        st.markdown(
            _(
                "Spoke from {where}. That it works here does not say that it works from the customer's network.",
                where=spoke,
            )
        )
        st.caption(_("Run this there and paste what it prints into “Pasted error”:"))
        st.code("python -m core check --json …", language=None)


def _history(check: Check) -> None:
    """The checks before, and what changed since it last worked."""
    past = checks.history(mine(), setup=check.setup) if check.setup else checks.history(mine(), host=check.form["host"])
    past = [one for one in past if one.id != check.id]
    if not past:
        return
    st.subheader(_("Before"), anchor=False)
    good = next((one for one in past if one.verdict and one.verdict.verdict == "works"), None)
    if good and check.verdict and check.verdict.verdict != "works":
        st.markdown(_("It worked {time}. Since then these facts differ:", time=moment(good.created_at)))
        compare(*(report.of(one, language(), me().zone) for one in (good, check)), (_("When it worked"), _("Now")))
    for one in past[:8]:
        verdict = one.verdict.verdict if one.verdict else "error"
        st.caption(
            f"{moment(one.created_at)} · {_(VERDICTS[verdict])} · {title(report.of(one, language(), me().zone))}"
        )


def _report(check: Check) -> None:
    """The report as files."""
    st.subheader(_("Report"), anchor=False)
    masked = st.toggle(_("Hide addresses"), key="report_masked")
    with st.container(horizontal=True):
        for kind, mime in (("html", "text/html"), ("markdown", "text/markdown"), ("json", "application/json")):
            st.download_button(
                {"html": "HTML", "markdown": "Markdown", "json": "JSON"}[kind],
                partial(_written, kind, check, language(), me().zone, masked=masked),
                file_name=f"mailgauge-{check.form['host']}.{'md' if kind == 'markdown' else kind}",
                mime=mime,
                icon=":material/download:",
                key=f"report_{kind}",
                on_click="ignore",
            )


def _written(kind: str, check: Check, language_: str, zone: object, *, masked: bool) -> str:
    document = report.of(check, language_, zone)  # type: ignore[arg-type]
    if kind == "json":
        return report.text(document, masked=masked)
    return {"html": report.html, "markdown": report.markdown}[kind](document, language_, masked=masked)
