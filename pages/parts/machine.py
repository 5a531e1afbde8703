"""How this machine is: its parts, a copy of its database, and how long it remembers."""

from datetime import datetime

import pandas as pd
import streamlit as st

from core import backup as copies
from core import service
from core.accounts import account, platform, vault
from core.counting import log
from pages.parts import fault
from pages.parts.person import me, mine
from pages.parts.words import _, number

DAYS = (30, 90, 180, 365, 730)


def retention() -> None:
    """For how long recipients' addresses are kept; what would be forgotten is told before it is."""
    st.subheader(_("Recipients' addresses"), anchor=False)
    wanted = st.segmented_control(
        _("Days to keep them"),
        sorted({*DAYS, me().retention_days}),
        default=me().retention_days,
        required=True,
        key=f"retention_{me().id}",
        help=_("Then addresses, replies and tests are forgotten. The numbers stay for ever."),
    )
    if wanted == me().retention_days:
        return
    if lost := log.outlived(mine(), wanted):
        words = _("Recipients that would be forgotten at once: {n}. This cannot be undone.", n=number(lost))
        st.warning(words, icon=":material/warning:")
    with st.container(horizontal=True):
        st.button(_("Save"), icon=":material/save:", key="retention_save", on_click=_keep, args=(wanted,))
        st.button(_("Cancel"), key="retention_cancel", on_click=_forget_it, args=(me().retention_days,))


def state() -> None:
    """Which parts run, and where their files are."""
    found = service.state()
    host, port = found.outbox or ("", 0)
    size = number(max(0.1, round(found.size / 1_000_000, 1)))
    outbox = _("on, {host} port {port}; mails kept: {n}", host=host, port=port, n=number(found.messages))
    rows = {
        _("Version"): (f"Mailgauge {found.version}", f"Python {found.python}, Streamlit {st.__version__}"),
        _("Database"): (_("works; {size} MB, version {schema}", size=size, schema=found.schema), found.database),
        _("Default mail service"): (_outside(), ""),
        _("Outbox"): (outbox if found.outbox else _("off"), str(found.directory)),
        _("Relay"): (_("off: this version has none"), ""),
        _("Key of the passwords"): (_("keep a copy apart from the backup"), vault.place()),
    }
    st.subheader(_("This machine"), anchor=False)
    table = pd.DataFrame(
        [(part, *values) for part, values in rows.items()], columns=[_("Part"), _("State"), _("Where")]
    )
    st.dataframe(table, hide_index=True, key="machine", alt=_("This machine"))


def backup() -> None:
    """A copy of the database to keep."""
    st.download_button(
        _("Download a backup"),
        copies.read,
        file_name=f"mailgauge-{datetime.now(me().zone):%Y-%m-%d}.db",
        mime="application/vnd.sqlite3",
        icon=":material/backup:",
        key="backup",
        on_click="ignore",
    )
    st.caption(_("The whole database; its passwords stay encrypted. The README says how to put it back."))


def _outside() -> str:
    return _("the outbox of this machine: it delivers nowhere") if platform.is_outbox() else platform.form().host


def _keep(days: int) -> None:
    with fault.told():
        account.keep(mine(), days)
        log.forget(mine())
        st.toast(_("Saved"), icon=":material/save:")


def _forget_it(before: int) -> None:
    st.session_state[f"retention_{me().id}"] = before
