"""The two languages: sentences, numbers and times as each of them writes them.

English sentences are the keys; `data/locale/<language>/LC_MESSAGES/mailgauge.po` holds the others.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
DEFAULT = "en"
LOCALES = Path(__file__).parents[1] / "data" / "locale"


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate it later"
    """Marks a sentence that is stored now and translated where it is shown."""
    return message


def pick(*wishes: str | None) -> str:
    """The first wish that we speak, as a language code; a wish may be a locale such as vi-VN or vi_VN.UTF-8."""
    for wish in wishes:
        code = (wish or "").replace("-", "_").partition("_")[0].lower()
        if code in LANGUAGES:
            return code
    return DEFAULT


def machine() -> str:
    """The language of the shell that runs us."""
    return pick(os.environ.get("LC_ALL"), os.environ.get("LC_MESSAGES"), os.environ.get("LANG"))


@lru_cache
def catalogue(language: str) -> dict[str, str]:
    """All translations into a language, by their English sentence."""
    path = LOCALES / language / "LC_MESSAGES" / "mailgauge.po"
    if not path.exists():
        return {}
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, language) if m.id and m.string}


def translate(language: str, message: str, **values: object) -> str:
    """The sentence in the language, its {placeholders} filled."""
    found = catalogue(language).get(message, message) if language != DEFAULT else message
    return found.format(**values) if values else found


def number(language: str, value: float) -> str:
    """1,234 in English, 1.234 in Vietnamese."""
    from babel.numbers import format_decimal

    return format_decimal(value, locale=language)


def day(language: str, value: date) -> str:
    """A date in short, such as 3 May or 3 thg 5; with its year where it is not this year's."""
    from babel.dates import format_date

    skeleton = "d MMM" if value.year == datetime.now(UTC).year else "d MMM y"
    return format_date(value, skeleton, locale=language)


def weekdays(language: str) -> list[str]:
    """The names of the days of the week in short, Monday first."""
    from babel.dates import get_day_names

    names = get_day_names("abbreviated", "stand-alone", language)
    return [names[number] for number in range(7)]


def moment(language: str, value: datetime) -> str:
    """A time of day, with its date unless that is today in the value's own zone."""
    clock = value.strftime("%H:%M")
    return clock if value.date() == datetime.now(value.tzinfo).date() else f"{clock}, {day(language, value)}"


def stamp(language: str, value: datetime) -> str:
    """A time for a paper that outlives its day: date with year, seconds and zone, such as 3 May 2026, 15:40:07 UTC."""
    from babel.dates import format_date

    return f"{format_date(value, 'd MMM y', locale=language)}, {value.strftime('%H:%M:%S %Z')}".rstrip()
