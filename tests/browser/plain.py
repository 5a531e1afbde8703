"""The measure of accessibility: Streamlit's own widgets, in Streamlit's own theme, each as the pages use it."""

import altair as alt
import pandas as pd
import streamlit as st

FRUIT = ["Apple", "Pear", "Plum"]
TABLE = pd.DataFrame({"day": ["Monday", "Tuesday"], "sold": [3, 5]})


@st.dialog("A dialog")
def ask() -> None:
    """A dialog that stays closed."""
    st.button("Yes", key="yes")


def show() -> None:
    """One of each."""
    st.title(":red[:material/error:] A title", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        inputs()
    with right:
        results()


def inputs() -> None:
    """What a person fills in or presses."""
    st.radio("A radio", FRUIT, captions=["Sweet", "Soft", "Sour"], key="radio")
    st.pills("Pills", FRUIT, key="pills", help="A help")
    st.pills("Several pills", FRUIT, default="Pear", selection_mode="multi", key="several")
    st.segmented_control("A segmented control", FRUIT, default="Pear", key="segmented")
    st.text_input("A text", placeholder="A placeholder", help="A help", key="text")
    st.text_input("A search", type="search", icon=":material/search:", placeholder="A placeholder", key="search")
    st.text_input("A password", type="password", placeholder="A placeholder", key="password")
    st.number_input("A number", min_value=1, value=None, placeholder="A placeholder", key="number")
    st.date_input("Two dates", [], key="dates")
    st.selectbox("A choice", FRUIT, index=None, placeholder="A placeholder", key="choice")
    st.checkbox("A box", key="box")
    st.toggle("A toggle", help="A help", key="toggle")
    with st.form("form"):
        st.text_input("A text in a form", key="form_text")
        st.form_submit_button("Submit", icon=":material/save:", type="primary")
    with st.container(horizontal=True):
        st.button("A button", icon=":material/bolt:", key="button")
        st.button("The button", icon=":material/send:", type="primary", key="primary")
        st.button("No button", disabled=True, key="disabled")
        st.button("A dialog", on_click=ask, key="dialog")
        st.download_button("A download", "text", icon=":material/download:", key="download")
        with st.popover("A popover", icon=":material/delete:", key="popover"):
            st.markdown("A text")


def results() -> None:
    """What is only read or unfolded."""
    st.subheader("A subheader", anchor=False)
    st.markdown("A **text** with a [link](https://streamlit.io/)\n\n1. A step")
    st.markdown(":red[:material/error: A red text]")
    st.caption("A caption with a [link](https://streamlit.io/)")
    for colour in ("gray", "green", "red", "blue"):
        st.badge("A badge", icon=":material/edit:", color=colour)
    for told in (st.info, st.success, st.warning, st.error):
        told("A notice", icon=":material/inbox:")
    with st.container(border=True):
        st.code("A line of code", language=None, wrap_lines=True)
    st.expander("A step", icon=":material/check_circle:", type="step", key="step").code("Folded", language=None)
    failed = st.expander(":red[A failed step]", expanded=True, icon=":material/error:", type="step", key="failed")
    failed.code("Unfolded", language=None, wrap_lines=True)
    st.expander("More", icon=":material/forum:", key="more").code("Folded", language=None)
    st.altair_chart(alt.Chart(TABLE).mark_bar().encode(x="day", y="sold"), key="chart", alt="A chart")
    st.dataframe(TABLE, hide_index=True, key="table", alt="A table")
    st.page_link(other, label="A page link", icon=":material/send:")


first = st.Page(show, title="First", default=True)
other = st.Page(lambda: st.title("Other"), title="Other", url_path="other")
with st.sidebar:
    st.segmented_control("A control aside", FRUIT, default="Pear", key="aside")
page = st.navigation([first, other])
st.set_page_config(page_title="Plain", layout="wide")
page.run()
