"""One of a few options, shown at once; it stands in the page's address as its code, whatever language names it."""

from collections.abc import Mapping

import streamlit as st


def choice(label: str, options: Mapping[str, str], *, key: str) -> str:
    """The code of the chosen option, the first one until a person chooses; `options` are codes with their words."""
    first, asked = next(iter(options)), st.query_params.get(key)
    found: str = st.segmented_control(
        label,
        list(options),
        format_func=options.get,
        default=asked if asked in options else first,
        key=key,
        required=True,
        persist_state="session",
        wrap=True,
    )
    if found != (asked or first):  # by hand: bound, the address would hold words of one language
        st.query_params[key] = found
    return found
