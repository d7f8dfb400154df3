"""What processes of this machine use: processor time with all their children, and memory, as /proc tells it."""

import os
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")


def cpu(pid: int, *, children: bool = False) -> float:
    """Seconds of processor time that a process has used in itself, or with the children that it has outlived."""
    try:
        fields = _fields(pid)
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11 : 15 if children else 13]) / TICK


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    parents = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int(_fields(int(folder.name))[1])
            except OSError:
                continue  # it has ended meanwhile
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def parent(pid: int, name: str) -> int:
    """The parent of a process of this name; 0 where there is none of this number and name."""
    try:
        return int(_fields(pid)[1]) if name in (PROC / str(pid) / "comm").read_text() else 0
    except OSError:
        return 0


def used(roots: Iterable[int]) -> float:
    """Seconds of processor time of these processes, their descendants, and those that have ended."""
    return sum(cpu(pid, children=True) for root in roots for pid in family(root))


def everybody() -> float:
    """Seconds of processor time that all processes of the machine have used together."""
    user, nice, system = (PROC / "stat").read_text().split("\n", 1)[0].split()[1:4]
    return (int(user) + int(nice) + int(system)) / TICK


def memory(pid: int) -> tuple[float, float]:
    """MiB of a process: its share of what it shares (PSS), and all that it sees (RSS)."""
    lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.endswith("kB")}
    return sizes["Pss"], sizes["Rss"]


def _fields(pid: int) -> list[str]:
    """The fields of a process's state from the third on."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
