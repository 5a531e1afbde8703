"""Runs first at every page: language, account, navigation."""

import streamlit as st

from core import i18n
from pages.parts import fault, person
from pages.parts.words import _

person.enter()

if "language" not in st.session_state:
    st.session_state.language = i18n.pick(st.query_params.get("lang"), person.me().language, st.context.locale)

with st.sidebar:
    st.segmented_control(
        "Ngôn ngữ · Language",
        list(i18n.LANGUAGES),
        format_func=i18n.LANGUAGES.get,
        key="language",
        required=True,
        persist_state="session",
    )

page = st.navigation(
    [
        st.Page("setup.py", title=_("Email protocol"), icon=":material/outgoing_mail:", default=True),
        st.Page("volume.py", title=_("Volume"), icon=":material/bar_chart:"),
        st.Page("sends.py", title=_("Sends"), icon=":material/list_alt:"),
        st.Page("settings.py", title=_("Settings"), icon=":material/settings:"),
    ]
)
st.set_page_config(page_title=f"{page.title} · Mailgauge", page_icon=":material/speed:", layout="wide")
fault.notices()
page.run()
