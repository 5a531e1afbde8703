"""The rival of our pages: one title, one chart."""

import altair as alt
import pandas as pd
import streamlit as st

st.title("Hello world")
st.altair_chart(
    alt.Chart(pd.DataFrame({"day": range(30), "amount": range(30)})).mark_bar().encode(x="day:O", y="amount:Q")
)
