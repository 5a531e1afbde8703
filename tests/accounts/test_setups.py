"""The ways an account sends: kept, one of them active, each with the state that its tests left."""

import time
from datetime import UTC
from typing import Any

import pytest

from core import clock
from core.accounts import setups
from core.accounts.access import Access, access
from core.accounts.form import Form
from core.accounts.setups import Setup, Stale
from core.counting import headroom, watch
from core.secret import Secret
from core.sending.reservation import reserve
from tests.samples import CANARY, GMAIL, SHOP, another_account, envelope, form, typed


def stored(base: Form = SHOP) -> Setup:
    """A setup with the canary as its password."""
    mine = access()
    return setups.find(mine, setups.save(mine, typed(base)))


def checked(setup: Setup, verdict: str, tested: Form | None = None, cause: str | None = None) -> Setup:
    """The setup after a check of these values, its own where none are given."""
    mine = access()
    with mine.write() as rows:
        setups.tested(rows, setup.id, tested or form(setup.form, password=Secret(CANARY)), verdict, cause)
    return setups.find(mine, setup.id)


def password(setup: Setup, **changes: Any) -> str:
    """The stored password, asked for with these changes to the setup's form."""
    return setups.secret(access(), setup.id, form(setup.form, **changes)).reveal()


def test_a_fresh_database_has_one_setup_and_it_is_active() -> None:
    found = setups.all(access("default"))

    assert [(setup.name, setup.mode, setup.active, setup.state) for setup in found] == [
        ("default", "default", True, "untested")
    ]


def test_a_saved_setup_comes_back_without_its_password() -> None:
    setup = stored()

    assert setup.form == SHOP
    assert setup.has_secret


def test_a_new_setup_is_not_active() -> None:
    stored()

    assert setups.active(access()).name == "default"


def test_setups_of_one_address_have_names_of_their_own() -> None:
    names = [stored(form(SHOP, port=port)).name for port in (25, 587, 2525)]

    assert names == ["shop@shop.example", "shop@shop.example 2", "shop@shop.example 3"]


def test_the_stored_password_stays_while_its_field_is_empty() -> None:
    setup = stored()

    setups.save(access(), form(SHOP, from_name="Shop"), setup=setup.id)

    assert password(setup) == CANARY


@pytest.mark.parametrize(
    "change",
    [{"host": "mail.other.example"}, {"port": 2525}, {"encryption": "ssl"}, {"username": "other@shop.example"}],
    ids=lambda change: next(iter(change)),
)
def test_another_log_in_drops_the_stored_password(change: dict[str, Any]) -> None:
    setup = stored()

    setups.save(access(), form(SHOP, **change), setup=setup.id)

    assert not setups.find(access(), setup.id).has_secret


def test_the_way_back_does_not_bring_a_dropped_password_back() -> None:
    setup = stored()
    setups.save(access(), form(SHOP, host="mail.other.example"), setup=setup.id)

    setups.save(access(), SHOP, setup=setup.id)

    assert password(setup) == ""


def test_a_change_of_port_within_a_provider_keeps_the_password() -> None:
    setup = stored(GMAIL)

    setups.save(access(), form(GMAIL, port=465, encryption="ssl"), setup=setup.id)

    assert password(setup, port=465, encryption="ssl") == CANARY


def test_a_typed_password_replaces_the_stored_one() -> None:
    setup = stored()

    setups.save(access(), form(SHOP, password=Secret("a newer one")), setup=setup.id)

    assert password(setup) == "a newer one"


def test_exactly_one_setup_is_active_after_each_choice() -> None:
    mine, chosen = access(), [stored(), stored(GMAIL)]

    active = []
    for setup in [*chosen, chosen[0]]:
        setups.activate(mine, setup.id)
        active.append([found.id for found in setups.all(mine) if found.active])

    assert active == [[chosen[0].id], [chosen[1].id], [chosen[0].id]]


def test_a_setup_that_is_gone_is_not_made_active() -> None:
    mine = access()

    with pytest.raises(LookupError):
        setups.activate(mine, 12345)

    assert setups.active(mine).name == "default"


def test_a_setup_that_somebody_else_saved_is_not_overwritten() -> None:
    mine, setup = access(), stored()
    setups.save(mine, form(SHOP, from_name="Theirs"), setup=setup.id, version=setup.version)

    with pytest.raises(Stale):
        setups.save(mine, form(SHOP, from_name="Ours"), setup=setup.id, version=setup.version)

    assert setups.find(mine, setup.id).form.from_name == "Theirs"


@pytest.mark.parametrize(("verdict", "state"), [("works", "works"), ("fault", "fails")])
def test_a_check_of_the_stored_values_leaves_its_state(verdict: str, state: str) -> None:
    setup = checked(stored(), verdict)

    assert setup.state == state
    assert setup.state_since == setup.checked_at is not None


@pytest.mark.parametrize("verdict", ["unknown", "stopped", "error"])
def test_a_check_without_a_judgement_leaves_the_state_alone(verdict: str) -> None:
    before = checked(stored(), "works")

    assert checked(before, verdict) == before


@pytest.mark.parametrize("verdict", ["works", "fault"])
def test_a_state_counts_from_its_first_verdict(verdict: str) -> None:
    first = checked(stored(), verdict)

    repeated = []
    for _ in range(2):
        time.sleep(0.005)
        repeated.append(checked(first, verdict))

    assert [again.state_since for again in repeated] == [first.state_since] * 2
    assert first.checked_at < repeated[0].checked_at < repeated[1].checked_at


def test_another_verdict_starts_a_state_anew() -> None:
    works = checked(stored(), "works")
    time.sleep(0.005)

    fails = checked(works, "fault", cause="auth.bad_credentials")

    assert (fails.state, fails.cause) == ("fails", "auth.bad_credentials")
    assert fails.state_since > works.state_since


@pytest.mark.parametrize(
    "change",
    [
        {"from_address": "other@shop.example"},
        {"from_name": "Shop"},
        {"host": "mail.other.example"},
        {"port": 2525},
        {"encryption": "none"},
        {"username": "other"},
        {"password": Secret("another one")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_field_makes_a_setup_untested(change: dict[str, Any]) -> None:
    setup = checked(stored(), "works")

    setups.save(access(), form(SHOP, **change), setup=setup.id)

    saved = setups.find(access(), setup.id)
    assert (saved.state, saved.state_since, saved.checked_at) == ("untested", None, None)


def test_saving_without_a_change_keeps_the_state() -> None:
    setup = checked(stored(), "works")

    setups.save(access(), SHOP, setup=setup.id)

    assert setups.find(access(), setup.id).state == "works"


@pytest.mark.parametrize(
    "change",
    [
        {"from_address": "other@shop.example"},
        {"host": "mail.other.example"},
        {"port": 2525},
        {"encryption": "none"},
        {"username": "other"},
        {"password": Secret("another one")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_check_of_other_values_leaves_the_state_alone(change: dict[str, Any]) -> None:
    before = checked(stored(), "works")

    after = checked(before, "fault", form(typed(), **change))

    assert after.state == "works"


def test_the_default_service_keeps_its_state_on_any_port() -> None:
    setup = setups.find(access(), "default")

    tested = checked(setup, "works", form(setup.form, host="127.0.0.1", port=40001))

    assert tested.state == "works"


class TestOfAnotherAccount:
    """What one account stores, another one neither sees nor changes."""

    @pytest.fixture
    def other(self) -> Access:
        """The right to the other account."""
        return another_account()

    def test_a_setup_is_not_listed(self, other: Access) -> None:
        stored()

        assert setups.all(other) == []

    def test_a_setup_is_not_found(self, other: Access) -> None:
        setup = stored()

        with pytest.raises(LookupError):
            setups.find(other, setup.id)

    def test_a_password_is_not_read(self, other: Access) -> None:
        setup = stored()

        assert not setups.secret(other, setup.id, SHOP)

    def test_a_setup_is_not_overwritten(self, other: Access) -> None:
        setup = stored()

        with pytest.raises(LookupError):
            setups.save(other, form(SHOP, from_name="Theirs"), setup=setup.id)

        assert setups.find(access(), setup.id) == setup

    def test_a_setup_is_not_activated(self, other: Access) -> None:
        setup = stored()

        with pytest.raises(LookupError):
            setups.activate(other, setup.id)

        assert not setups.find(access(), setup.id).active

    def test_a_choice_leaves_the_first_accounts_choice_alone(self, other: Access) -> None:
        theirs = setups.save(other, SHOP)

        setups.activate(other, theirs)

        assert setups.active(access()).name == "default"

    def test_a_state_is_not_changed(self, other: Access) -> None:
        setup = stored()

        with other.write() as rows:
            setups.tested(rows, setup.id, typed(), "works", None)

        assert setups.find(access(), setup.id).state == "untested"

    def test_a_name_may_be_used_again(self, other: Access) -> None:
        stored()

        theirs = setups.save(other, SHOP)

        assert setups.find(other, theirs).name == SHOP.from_address


class TestRemoved:
    """A setup goes with its password; what it sent stays."""

    def test_it_is_not_listed_any_more(self) -> None:
        setup = stored()

        setups.remove(access(), setup.id)

        assert [left.name for left in setups.all(access())] == ["default"]

    def test_its_password_goes_with_it(self) -> None:
        setup = stored()

        setups.remove(access(), setup.id)

        assert password(setup) == ""

    def test_the_default_takes_over_from_an_active_one(self) -> None:
        setup = stored()
        setups.activate(access(), setup.id)

        setups.remove(access(), setup.id)

        assert setups.active(access()).name == "default"

    def test_an_active_one_stays_active_when_another_goes(self) -> None:
        setup, other = stored(), stored(GMAIL)
        setups.activate(access(), setup.id)

        setups.remove(access(), other.id)

        assert setups.active(access()).id == setup.id

    def test_the_default_cannot_be_removed(self) -> None:
        with pytest.raises(LookupError):
            setups.remove(access(), setups.find(access(), "default").id)

        assert [left.name for left in setups.all(access())] == ["default"]

    def test_a_second_time_is_told(self) -> None:
        setup = stored()
        setups.remove(access(), setup.id)

        with pytest.raises(LookupError, match="removed"):
            setups.remove(access(), setup.id)

    @pytest.mark.parametrize("version", [None, 1])
    def test_saving_it_is_told_and_brings_nothing_back(self, version: int | None) -> None:
        setup = stored()
        setups.remove(access(), setup.id)

        with pytest.raises(LookupError, match="removed"):
            setups.save(access(), SHOP, setup=setup.id, version=version)

        assert [left.name for left in setups.all(access())] == ["default"]

    def test_activating_it_is_told(self) -> None:
        setup = stored()
        setups.remove(access(), setup.id)

        with pytest.raises(LookupError, match="removed"):
            setups.activate(access(), setup.id)

    def test_the_end_of_a_check_of_it_changes_nothing(self) -> None:
        setup = stored()
        setups.remove(access(), setup.id)

        with access().write() as rows:
            setups.tested(rows, setup.id, typed(), "works", None)

        assert [left.name for left in setups.all(access())] == ["default"]

    def test_its_name_is_free_again(self) -> None:
        setups.remove(access(), stored().id)

        assert stored().name == SHOP.from_address

    def test_what_it_sent_stays_counted(self) -> None:
        setup = stored(GMAIL)
        reserve(access(), envelope(GMAIL, "to", "cc", setup=setup.id))

        setups.remove(access(), setup.id)

        assert [state.used for state in headroom.states(access(), GMAIL, zone=UTC)] == [2]

    def test_another_accounts_setup_is_not_removed(self) -> None:
        setup = stored()

        with pytest.raises(LookupError):
            setups.remove(another_account(), setup.id)

        assert setups.find(access(), setup.id) == setup


def test_a_mailbox_that_refused_the_log_in_is_read_again_once_its_setup_is_saved() -> None:
    setup = stored()
    watch.put(access(), setup.id, bounces=False)
    watch.note(access(), setup.id, state="refused", reply="NO wrong password", read_at=clock.now())

    setups.save(access(), typed(), setup=setup.id)

    assert watch.due(access()) == [setup.id]
    assert (found := watch.find(access(), setup.id))
    assert (found.state, found.reply) == (watch.WAITING, "")
