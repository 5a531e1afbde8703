"""Tables as files that spreadsheet programs open right: CSV in UTF-8 with a byte order mark, no cell a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# what makes a cell a formula (https://owasp.org/www-community/attacks/CSV_Injection), and the sign that makes it text
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
TEXT = "'"


def write(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The table as CSV; Excel takes the byte order mark as the sign for UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    """Numbers as they are; a text that would be run is marked as text, and holds no sign that ends the file."""
    if not isinstance(value, str):
        return value
    plain = value.replace("\0", "\\x00")
    return TEXT + plain if plain.lstrip(" ").startswith(FORMULA) else plain
