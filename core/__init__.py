"""Mailgauge's core: everything but the pages. Nothing in here knows Streamlit."""
