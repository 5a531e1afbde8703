"""The memory of a process and of those that it started: PSS, where a page shared by two counts half for each."""

import re
from pathlib import Path

PROC = Path("/proc")
PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def megabytes(pid: int) -> float:
    """The whole tree's, in MB of 1,000,000 bytes."""
    return sum(_kibibytes(each) for each in tree(pid)) * 1024 / 1_000_000


def measurable() -> bool:
    """Whether this system tells it (Linux does)."""
    return (PROC / "self" / "smaps_rollup").exists()


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    tasks = (PROC / str(pid) / "task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text(encoding="ascii").split()]
    return [pid, *(each for child in children for each in tree(child))]


def _kibibytes(pid: int) -> int:
    found = PSS.search((PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii"))
    return int(found[1]) if found else 0
