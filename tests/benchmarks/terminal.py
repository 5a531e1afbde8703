"""How long `python -m core check` takes until its first stage is printed, beside a Python that does nothing."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import app
from tests.browser import server
from tests.browser.upstream import Upstream

Measure = Callable[[], float]


def nothing() -> float:
    """Milliseconds of `python -c pass`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return (time.perf_counter() - start) * 1000


def first_stage(upstream: Upstream, home: Path) -> Measure:
    """Measures a check of this server, in milliseconds until the first line."""
    order = [sys.executable, "-m", "core", "check", "--host", "127.0.0.1", "--port", str(upstream.port)]
    order += ["--encryption", "none", "--from", "shop@shop.example", "--to", "owner@shop.example"]
    environment = app.own({"MAILGAUGE_DATA_DIR": str(home / "data"), "LANG": "C.UTF-8"})

    def measure() -> float:
        start = time.perf_counter()
        with subprocess.Popen(order, cwd=server.ROOT, env=environment, stdout=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stdout.readline(), "the check printed no stage"
            taken = (time.perf_counter() - start) * 1000
            process.stdout.read()
        assert process.returncode == 0, "the check did not work"
        return taken

    return measure
