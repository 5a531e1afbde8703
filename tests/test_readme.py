"""What the READMEs promise an operator."""

import re
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from core.settings import ROOT, Settings

ROW = re.compile(r"^\| *`(MAILGAUGE_\w+)` *\| *(.+?) *\| *(.+?) *\|$", re.MULTILINE)
READMES = pytest.mark.parametrize("readme", ["README.md", "README.vi.md"])
FIELDS = pytest.mark.parametrize("name", Settings.model_fields)


def table(readme: str) -> dict[str, tuple[str, str]]:
    """Default and meaning of each variable, as the README has them."""
    found = ROW.findall((ROOT / readme).read_text(encoding="utf-8"))
    return {name: (default, meaning) for name, default, meaning in found}


def literal(field: FieldInfo) -> str | None:
    """A default as it would be typed; None for one that is derived, which only words can say."""
    value = field.get_default()
    if isinstance(value, Path):
        return value.relative_to(ROOT).as_posix()
    return str(value) if value else None


@READMES
@FIELDS
def test_every_setting_is_told(readme: str, name: str) -> None:
    assert f"MAILGAUGE_{name.upper()}" in table(readme)


@READMES
@FIELDS
def test_every_setting_has_its_default(readme: str, name: str) -> None:
    default, _ = table(readme)[f"MAILGAUGE_{name.upper()}"]

    value = literal(Settings.model_fields[name])
    assert default == f"`{value}`" if value else default


@READMES
def test_no_setting_is_told_that_is_not_there(readme: str) -> None:
    assert table(readme).keys() <= {f"MAILGAUGE_{name.upper()}" for name in Settings.model_fields}
