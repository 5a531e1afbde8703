"""The record of a conversation hides secrets in whatever shape a server sends them back, and obeys no terminal."""

import base64
import html
import urllib.parse

import pytest

from core.smtp.transcript import MASK, Transcript, visible

SECRET = "hunter2 & søn"
RAW = SECRET.encode()

SHAPES = {
    "plain": SECRET,
    "capitals": SECRET.upper(),
    "base64": base64.b64encode(RAW).decode(),
    "base64 without its end": base64.b64encode(RAW).decode().rstrip("="),
    "PLAIN's response": base64.b64encode(b"\0user@shop.vn\0" + RAW).decode(),
    "another one's response": base64.b64encode(b"a user" + RAW).decode().rstrip("="),
    "a URL": urllib.parse.quote(SECRET, safe=""),
    "a form": urllib.parse.quote_plus(SECRET),
    "HTML": html.escape(SECRET),
    "hexadecimal": RAW.hex(),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_secret_is_hidden_in_this_shape(shape: str) -> None:
    shown = Transcript((SECRET,)).redact(f"535 5.7.8 no: {shape} is wrong")

    assert MASK in shown
    assert shape[2:-4] not in shown


def test_what_is_no_secret_is_left_as_it_is() -> None:
    words = "535 5.7.8 Username and Password not accepted"

    assert Transcript((SECRET,)).redact(words) == words


@pytest.mark.parametrize("sign", ["\x1b[2J", "\x07", "\x00", "\x9b31m", "\u202e", "\u2028"])
def test_a_sign_that_a_terminal_obeys_is_written_out(sign: str) -> None:
    shown = visible(f"220 hello {sign} there")

    assert sign[0] not in shown
    assert shown.startswith("220 hello ")
