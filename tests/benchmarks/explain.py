"""How fast pasted errors are explained: `python -m tests.benchmarks.explain`."""

import json
import time
from collections.abc import Callable
from pathlib import Path

from core.diagnosis.explain import explain

REPLIES = Path(__file__).parents[1] / "pasted" / "replies.jsonl"
LARGE = 5_000_000
SHAPES = ("a", "5", "550 ", "550\n", "'", "b'\\x", "\\xe7", ">\n", "&amp;", " ", "\n", "Ç", "\\", "error: timed out\n")


def seconds(run: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def main() -> None:
    """Prints explanations per second, and the slowest of the large texts."""
    texts = [json.loads(line)["text"] for line in REPLIES.read_text(encoding="utf8").splitlines()]
    explain(texts[0])
    took = seconds(lambda: [explain(text) for text in texts])
    print(f"{len(texts) / took:.0f} explanations a second")
    slowest = max((seconds(lambda shape=shape: explain(shape * (LARGE // len(shape)))), shape) for shape in SHAPES)
    print(f"5 MB: at most {slowest[0]:.2f} s (of {slowest[1]!r})")


if __name__ == "__main__":
    main()
