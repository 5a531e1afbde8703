"""A stored password comes back for what it was typed for, and for nothing else."""

import json
import multiprocessing
import pickle
import stat
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from core import settings
from core.accounts import vault
from core.accounts.form import Form
from core.secret import Secret
from tests.samples import CANARY, GMAIL, SHOP, form, typed

SPAWN = multiprocessing.get_context("spawn")


def test_a_sealed_password_comes_back() -> None:
    sealed = vault.seal(Secret(CANARY), SHOP)

    assert vault.unseal(sealed, SHOP).reveal() == CANARY


@pytest.mark.parametrize(
    "change",
    [{"host": "mail.other.example"}, {"port": 465}, {"encryption": "ssl"}, {"username": "other@shop.example"}],
    ids=lambda change: next(iter(change)),
)
def test_a_password_stays_shut_for_another_log_in(change: dict[str, object]) -> None:
    sealed = vault.seal(Secret(CANARY), SHOP)

    assert not vault.unseal(sealed, form(SHOP, **change))


@pytest.mark.parametrize("change", [{"from_address": "other@shop.example"}, {"from_name": "Shop"}])
def test_a_password_does_not_belong_to_the_sender(change: dict[str, object]) -> None:
    sealed = vault.seal(Secret(CANARY), SHOP)

    assert vault.unseal(sealed, form(SHOP, **change)).reveal() == CANARY


def test_a_password_moves_between_the_servers_of_a_provider() -> None:
    sealed = vault.seal(Secret(CANARY), GMAIL)

    assert vault.unseal(sealed, form(GMAIL, port=465, encryption="ssl")).reveal() == CANARY


@pytest.mark.parametrize(
    "change",
    [
        {"port": 465},
        {"port": 465, "encryption": "none"},
        {"host": "smtp.mail.yahoo.com"},
        {"port": 465, "encryption": "ssl", "username": "other@gmail.com"},
    ],
)
def test_a_password_moves_to_no_other_server(change: dict[str, object]) -> None:
    sealed = vault.seal(Secret(CANARY), GMAIL)

    assert not vault.unseal(sealed, form(GMAIL, **change))


def test_an_empty_password_is_not_sealed() -> None:
    assert vault.seal(Secret(), SHOP) is None


def test_a_password_stays_shut_for_another_key(data_dir: Path) -> None:
    sealed = vault.seal(Secret(CANARY), SHOP)
    (data_dir / vault.KEY_FILE).unlink()

    assert not vault.unseal(sealed, SHOP)


def test_an_older_key_still_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    use_keys(monkeypatch, old)
    sealed = vault.seal(Secret(CANARY), SHOP)

    use_keys(monkeypatch, f"{new}, {old}")

    assert vault.unseal(sealed, SHOP).reveal() == CANARY


def test_the_key_file_is_for_its_owner_only(data_dir: Path) -> None:
    vault.seal(Secret(CANARY), SHOP)

    assert stat.S_IMODE((data_dir / vault.KEY_FILE).stat().st_mode) == 0o600


def test_nothing_but_the_key_is_left_behind(data_dir: Path) -> None:
    vault.seal(Secret(CANARY), SHOP)

    assert [path.name for path in data_dir.iterdir()] == [vault.KEY_FILE]


def test_a_key_is_made_in_a_directory_that_is_not_there_yet(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILGAUGE_DATA_DIR", str(data_dir / "later"))
    settings.current.cache_clear()

    sealed = vault.seal(Secret(CANARY), SHOP)

    assert vault.unseal(sealed, SHOP).reveal() == CANARY


def test_processes_that_race_to_make_the_key_agree_on_one() -> None:
    barrier, (ours, theirs) = SPAWN.Barrier(2), SPAWN.Pipe(duplex=False)
    racers = [SPAWN.Process(target=seal_and_tell, args=(barrier, theirs)) for _ in range(2)]
    for racer in racers:
        racer.start()

    sealed = [ours.recv_bytes() for _ in racers]
    for racer in racers:
        racer.join()

    assert [vault.unseal(one, SHOP).reveal() for one in sealed] == [CANARY, CANARY]


def test_threads_that_race_to_make_the_key_agree_on_one(data_dir: Path) -> None:
    lost = []
    for _ in range(40):
        (data_dir / vault.KEY_FILE).unlink(missing_ok=True)

        sealed = side_by_side(4)

        lost += [one for one in sealed if vault.unseal(one, SHOP).reveal() != CANARY]
    assert lost == []


def test_threads_share_a_key_that_is_there() -> None:
    vault.seal(Secret(CANARY), SHOP)

    sealed = [one for _ in range(20) for one in side_by_side(4)]

    assert all(vault.unseal(one, SHOP) for one in sealed)


@pytest.mark.parametrize("show", [repr, str, format, "{}".format, "%s".__mod__, ascii], ids=range(6))
@pytest.mark.parametrize("wrap", [lambda secret: secret, lambda secret: [secret], lambda _: typed()], ids=range(3))
def test_a_secret_is_shown_nowhere(show: object, wrap: object) -> None:
    holder = wrap(Secret(CANARY))  # type: ignore[operator]

    assert CANARY not in show(holder)  # type: ignore[operator]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("holder", [Secret(CANARY), typed()], ids=["secret", "form"])
def test_a_secret_is_not_pickled(holder: object, protocol: int) -> None:
    with pytest.raises(TypeError, match="not written to disk"):
        pickle.dumps(holder, protocol)


def test_a_secret_is_no_json() -> None:
    with pytest.raises(TypeError):
        json.dumps({"password": Secret(CANARY)})


def test_a_traceback_with_its_variables_does_not_show_a_secret() -> None:
    trace = failure_with(Secret(CANARY), typed())

    assert "Secret(***)" in trace
    assert CANARY not in trace


def use_keys(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    """Sets the keys of the environment."""
    monkeypatch.setenv("MAILGAUGE_SECRET_KEY", keys)
    settings.current.cache_clear()


def seal_and_tell(barrier: Barrier, told: object) -> None:
    """What each of two racing processes does."""
    barrier.wait(30)
    told.send_bytes(vault.seal(Secret(CANARY), SHOP))  # type: ignore[attr-defined]


def side_by_side(count: int) -> list[bytes | None]:
    """What threads that start at the same moment seal."""
    barrier = threading.Barrier(count)

    def race(_: int) -> bytes | None:
        barrier.wait(10)
        return vault.seal(Secret(CANARY), SHOP)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(race, range(count)))


def failure_with(secret: Secret, holder: Form) -> str:
    """The traceback of a call that fails with both at hand."""
    try:
        raise ValueError(f"{secret} {holder}")
    except ValueError as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
