"""What limits are counted against, by its name."""

import pytest

from core.accounts import providers
from core.accounts.form import Form
from core.counting import quotas
from tests.counting.ledger import WIDE
from tests.samples import GMAIL, SHOP, form

ONE = Form("One@Shop.example", "smtp.wide.example", 587, "starttls", "LOGIN@shop.example")


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that counts domains, too."""
    known = providers.catalogue() | {WIDE.id: WIDE}
    monkeypatch.setattr(providers, "catalogue", lambda: known)
    monkeypatch.setattr(providers, "by_host", providers.by_host.__wrapped__)  # its memory is of the true ones


@pytest.mark.parametrize(
    ("sender", "names"),
    [
        (SHOP, ["login:mail.shop.example:shop@shop.example"]),
        (GMAIL, ["login:gmail:shop@gmail.com"]),
        (form(SHOP, mode="default"), ["platform"]),
        (form(SHOP, username=""), ["login:mail.shop.example:shop@shop.example"]),
        (ONE, ["login:wide:login@shop.example", "domain:wide:shop.example"]),
        (form(ONE, from_address=""), ["login:wide:login@shop.example", "domain:wide:shop.example"]),
    ],
)
def test_a_form_counts_against_its_log_in_and_where_the_provider_does_its_domain(
    sender: Form, names: list[str]
) -> None:
    assert quotas.keys(sender) == names


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        ("login", "login:wide:login@shop.example"),
        ("domain", "domain:wide:shop.example"),
        ("plan", "domain:wide:shop.example"),
    ],
)
def test_a_limit_is_counted_against_the_quota_of_its_scope(scope: str, name: str) -> None:
    assert quotas.key(ONE, scope) == name
