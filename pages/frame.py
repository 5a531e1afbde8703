"""Runs first at every page: language, account, navigation."""

from pathlib import Path

import streamlit as st

from core import i18n
from pages.parts import fault, person, sample
from pages.parts.words import _

MARK = Path(__file__).parents[1] / "data" / "mark.svg"

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

# without icons: Streamlit 1.67 fetches a page's icon as favicon from another host
page = st.navigation(
    [
        st.Page("setup.py", title=_("Email protocol"), default=True),
        st.Page("diagnose.py", title=_("Diagnose")),
        st.Page("volume.py", title=_("Volume")),
        st.Page("sends.py", title=_("Sends")),
        st.Page("settings.py", title=_("Settings")),
    ]
)
st.set_page_config(page_title=f"{page.title} · Mailgauge", page_icon=MARK, layout="wide")
st.logo(MARK, size="large")
sample.banner()
fault.notices()
page.run()
