"""Core's one loop: there when it is needed, gone when it is stopped."""

import asyncio
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import runtime, service, settings
from core.sending import outbox


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    """No loop afterwards."""
    yield
    runtime.stop()


async def thread() -> threading.Thread:
    """Where work runs."""
    return threading.current_thread()


def test_all_work_runs_in_one_thread_that_is_not_ours() -> None:
    places = {runtime.run(thread()) for _ in range(3)}

    assert len(places) == 1
    assert threading.current_thread() not in places


def test_a_stopped_loop_is_closed() -> None:
    loop = runtime.loop()

    runtime.stop()

    assert loop.is_closed()


def test_a_stopped_loop_leaves_no_thread() -> None:
    place = runtime.run(thread())

    runtime.stop()

    assert not place.is_alive()


def test_work_that_is_under_way_ends_in_order() -> None:
    ended = threading.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    runtime.start(work())
    runtime.run(asyncio.sleep(0))
    runtime.stop()

    assert ended.is_set()


def test_work_after_a_stop_finds_a_new_loop() -> None:
    runtime.run(thread())
    runtime.stop()

    assert runtime.run(thread()).is_alive()


def test_core_comes_up_again_after_it_went_down() -> None:
    ports = []
    for _ in range(2):
        service.start()
        ports.append(runtime.run(outbox.address())[1])
        service.stop()

    assert all(ports)


def test_the_data_directory_is_this_users_alone(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = data_dir / "fresh"
    monkeypatch.setenv("MAILGAUGE_DATA_DIR", str(fresh))
    settings.current.cache_clear()

    service.start()
    service.stop()

    assert stat.S_IMODE(fresh.stat().st_mode) == 0o700


@pytest.mark.parametrize("outbox", ["off", "127.0.0.1:99999", "nowhere", "0.0.0.0:0"])
def test_a_setting_that_cannot_be_used_does_not_keep_core_down(outbox: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILGAUGE_OUTBOX", outbox)
    settings.current.cache_clear()

    service.start()
    service.stop()

    with pytest.raises(settings.WrongSetting) as told:
        settings.current()
    assert told.value.values["name"] == "MAILGAUGE_OUTBOX"
