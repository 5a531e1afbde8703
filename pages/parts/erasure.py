"""One person's data: what is stored of an address, handed over or deleted."""

import json
from functools import partial

import streamlit as st

from core.accounts.form import BLANKS, address_problem
from core.counting import person
from core.counting.person import Stored
from core.i18n import N_
from pages.parts import fault, fields
from pages.parts.person import mine
from pages.parts.words import _, number

PIECES = {
    "recipients": N_("Mails to this address: {n}"),
    "replies": N_("Servers' replies that name it: {n}"),
    "checks": N_("Tests that name it: {n}"),
}


def show() -> None:
    """The address, what there is, the files, and the way to delete it."""
    st.subheader(_("One person's data"), anchor=False)
    st.markdown(_("For somebody who asks what you know, or wants to be forgotten."))
    address = st.text_input(_("Address"), key="erased", placeholder="ann@example.com", max_chars=254)
    wanted = address.strip(BLANKS)
    if not wanted:
        return
    if problem := address_problem("erased", wanted):
        fields.trouble("erased", [problem])
    else:
        _found(wanted, person.preview(mine(), wanted))


def _found(address: str, found: Stored) -> None:
    if not found.total:
        st.info(_("Nothing is stored of {address}.", address=address), icon=":material/search_off:")
        return
    for name, words in PIECES.items():
        if amount := getattr(found, name):
            st.markdown("- " + _(words, n=number(amount)))
    with st.container(horizontal=True):
        for name, make, kind in (("CSV", _csv, "text/csv"), ("JSON", _json, "application/json")):
            st.download_button(
                _("Download as {format}", format=name),
                partial(make, address),
                file_name=f"mailgauge-person.{name.lower()}",
                mime=kind,
                icon=":material/download:",
                key=f"erased_{name}",
                on_click="ignore",
            )
        with st.popover(_("Delete"), icon=":material/delete:", key="erase"):
            st.markdown(_("Delete everything that is stored of **{address}**?", address=address))
            st.markdown(_("This cannot be undone. How many were sent stays counted. Older backups keep the address."))
            st.markdown(_("Settings where you typed the address yourself stay: change them there."))
            st.button(_("Delete it"), type="primary", key="erase_yes", on_click=_delete, args=(address,))


def _csv(address: str) -> bytes:
    return person.export(mine(), address)


def _json(address: str) -> bytes:
    return json.dumps(person.document(mine(), address), ensure_ascii=False, indent=2).encode()


def _delete(address: str) -> None:
    with fault.told():
        gone = person.delete(mine(), address)
        st.session_state["erased"] = ""
        st.toast(_("Deleted: {n}", n=number(gone.total)), icon=":material/delete:")
