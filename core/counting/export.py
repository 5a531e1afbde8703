"""Sends and days as tables with words in the reader's language, on a page and as files for spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from functools import partial

from core import clock, i18n, spreadsheet
from core.accounts.access import Access
from core.counting import log
from core.counting.log import Entry, Wanted
from core.counting.usage import Day
from core.i18n import N_

OUTCOMES = {
    "accepted": ("✓", N_("accepted")),
    "refused": ("✗", N_("refused")),
    "bounced": ("←", N_("came back")),
    "failed": ("–", N_("not handed over")),
    "unknown": ("?", N_("outcome unknown")),
    "reserved": ("…", N_("under way")),
}
SOURCES = {"test": N_("Test"), "sample": N_("Sample"), "sent-folder": N_("Sent folder")}
KINDS = {"to": "To", "cc": "Cc", "bcc": "Bcc", "other": N_("Other")}
NOBODY = Entry(0, 0, "", "", "", "", "", "accepted", "")


def outcome(name: str, language: str, *, marked: bool = False) -> str:
    """An outcome in words, with its sign where colour is not enough."""
    mark, words = OUTCOMES[name]
    said = i18n.translate(language, words)
    return f"{mark} {said}" if marked else said


def line(entry: Entry, time: str, language: str) -> dict[str, str]:
    """One recipient of one send, by column."""
    _ = partial(i18n.translate, language)
    return {
        _("Time"): time,
        _("Outcome"): outcome(entry.outcome, language, marked=True),
        _("Recipient"): entry.recipient or _("no longer kept"),
        _("Server's reply"): entry.reply,
        _("Kind"): _(KINDS[entry.kind]) if entry.kind else "",
        _("From"): entry.from_address,
        _("Setup"): entry.setup or _("not saved"),
        _("Source"): _(SOURCES.get(entry.source, entry.source)),
    }


def sends(access: Access, wanted: Wanted, *, language: str, zone: tzinfo, masked: bool) -> bytes:
    """Every entry that fits as CSV, times in the zone as spreadsheets read them."""
    found = (entry.masked() if masked else entry for entry in log.every(access, wanted))
    lines = (line(entry, f"{clock.local(entry.at, zone):%Y-%m-%d %H:%M:%S}", language) for entry in found)
    return spreadsheet.write(list(line(NOBODY, "", language)), (list(each.values()) for each in lines))


def table(
    days: Sequence[Day], language: str, elsewhere: Mapping[date, int] | None = None
) -> Mapping[str, Sequence[object]]:
    """Days by column, in their order; `recipients` is the sum of the kinds, without what was sent elsewhere."""
    _ = partial(i18n.translate, language)
    columns: dict[str, Sequence[object]] = {
        _("Day"): [each.day.isoformat() for each in days],
        _("Recipients"): [each.recipients for each in days],
    }
    columns |= {_(name): [getattr(each, kind) for each in days] for kind, name in KINDS.items()}
    columns |= {_("Messages"): [each.messages for each in days], _("Refused"): [each.refused for each in days]}
    return columns | ({_("Sent elsewhere"): [elsewhere.get(each.day, 0) for each in days]} if elsewhere else {})


def usage(days: Sequence[Day], language: str, elsewhere: Mapping[date, int] | None = None) -> bytes:
    """Days as CSV."""
    columns = table(days, language, elsewhere)
    return spreadsheet.write(list(columns), zip(*columns.values(), strict=True))
