"""The README's pictures: `make screenshots`. A failed test and the Volume page, in both languages, light and dark."""

import contextlib
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, sync_playwright

from tests import certificates, parts, player

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "data" / "pictures"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
LOCALES = {"vi": "vi-VN", "en": "en-US"}


def main(target: Path = PICTURES, *, extra: bool = False) -> None:
    """Takes the pictures; with `extra` every page in every look, to be looked at."""
    target.mkdir(parents=True, exist_ok=True)
    looks = [(language, scheme, width) for language in LOCALES for scheme, width in LOOKS[: 3 if extra else 1]]
    with (
        tempfile.TemporaryDirectory() as home,
        player.play(encrypted(Path(home))) as server,
        dashboard(Path(home)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=parts.program("chromium"), args=FLAGS)
        for language, scheme, width in looks:
            page = visit(browser, language, scheme, width)
            picture(page, address, server, target / f"%s-{language}{suffix(scheme, width)}.png", extra=extra)
            page.context.close()


def encrypted(home: Path) -> Path:
    """The dialogue behind implicit TLS, as the provider would hold it."""
    path = home / "dialogue.txt"
    path.write_text("! tls good\n" + (player.DIALOGUES / f"{CAUSE}.txt").read_text(encoding="utf8"), encoding="utf8")
    return path


CAUSE = "auth.app_password_required"
LOOKS = [("light", 1280), ("dark", 1280), ("light", 360)]


def suffix(scheme: str, width: int) -> str:
    """What tells a picture's look apart, nothing for the usual one."""
    return ("" if scheme == "light" else f"-{scheme}") + ("" if width > 400 else f"-{width}")


def visit(browser: Browser, language: str, scheme: str, width: int) -> Page:
    """A fresh visitor."""
    size = {"width": width, "height": 1100 if width > 400 else 2200}
    context = browser.new_context(
        locale=LOCALES[language],
        color_scheme=scheme,
        viewport=size,
        timezone_id=ZONE.key,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


def picture(page: Page, address: str, server: player.Server, name: Path, *, extra: bool) -> None:
    """Fails a test, then looks at Volume; with `extra` at the rest, too."""
    shot = lambda what: page.screenshot(path=str(name).replace("%s", what))  # noqa: E731
    page.goto(address)
    page.locator(".st-key-draft_mode label").nth(2).click()
    for field in ("from_address", "host", "username", "port", "password"):
        value = {"from_address": "shop@gmail.com", "username": "shop@gmail.com"}.get(field, server.form.get(field, ""))
        box = page.locator(f".st-key-draft_{field} input")
        box.fill(value)
        box.press("Enter")
        page.wait_for_timeout(700)
    page.locator(".st-key-draft_encryption").get_by_text("SSL", exact=True).click()
    page.wait_for_timeout(700)
    page.locator(".st-key-draft_port input").fill(server.form["port"])
    page.locator(".st-key-draft_port input").press("Enter")
    page.wait_for_timeout(700)
    page.locator(".st-key-test button").click()
    page.locator(".st-key-check").get_by_text("InvalidSecondFactor").first.wait_for()
    page.wait_for_timeout(1500)
    shot("failed-test")
    page.goto(f"{address}/volume?setup=shop%40gmail.com")
    page.locator("[data-testid=stVegaLiteChart]").first.wait_for()
    page.wait_for_timeout(1500)
    shot("volume")
    for other in ("sends", "settings") if extra else ():
        page.goto(f"{address}/{other}")
        page.wait_for_timeout(2500)
        shot(other)


@contextlib.contextmanager
def dashboard(home: Path) -> Iterator[str]:
    """A dashboard of its own, with a month of an invoicing business; its address."""
    environment = os.environ | {"MAILGAUGE_DATA_DIR": str(home), "SSL_CERT_FILE": certificates.ca_file()}
    subprocess.run([sys.executable, "-c", "from tests import pictures; pictures.seed()"], env=environment, check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    streamlit = shutil.which("streamlit", path=str(Path(sys.executable).parent)) or "streamlit"
    command = [streamlit, "run", "streamlit_app.py", f"--server.port={port}"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()


def seed() -> None:
    """A shop that sends invoices through Gmail, each with a copy to its accountant, and has two busy days."""
    from core.accounts import access, account, setups
    from core.accounts.form import Form
    from core.secret import Secret
    from core.sending.reservation import Envelope, Recipient, Result, record

    mine = access.access()
    account.save(mine, system_address="owner@shop.example", timezone=ZONE.key)
    form = Form("shop@gmail.com", "smtp.gmail.com", 587, "starttls", "shop@gmail.com", Secret("stored"))
    setup = setups.save(mine, form)
    setups.activate(mine, setup)
    chance = random.Random(7)  # noqa: S311 - the same picture every time, nothing secret
    today = datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(29, -1, -1):
        morning = today - timedelta(days=back)
        amount = {0: 90, 11: 276, 12: 262}.get(back, chance.randint(60, 225) if morning.weekday() < 6 else 20)
        for number in range(0, amount, 10):
            people = [Recipient(f"khach{number + i}@khach.example") for i in range(10)]
            people += [Recipient("ketoan@shop.example", "cc")] * 8 + [Recipient("luu@shop.example", "bcc")] * (
                number % 20 // 10
            )
            at = min(morning + timedelta(hours=8, minutes=number * 2), datetime.now(ZONE) - timedelta(minutes=2))
            envelope = Envelope(form, people, "test", setup=setup, created_at=round(at.timestamp() * 1000))
            record(mine, envelope, [Result("accepted", "250 2.0.0 OK")] * len(people))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else PICTURES, extra=bool(sys.argv[1:]))
