"""Runs the `votum` command in a process of its own."""

import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.commands import PROJECT
from tests.domain import child


@dataclass(frozen=True)
class Answer:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


async def votum_command(*words: str | Path, dsn: str = "", **environment: str) -> Answer:
    """Run the command in a process of its own."""
    known = {**os.environ, "DATABASE_URL": dsn, "PYTHONPATH": str(PROJECT), **environment}
    with tempfile.TemporaryDirectory(prefix="votum-said-") as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        code = await asyncio.to_thread(child.run, [*map(str, words)], known, out, err, 60)
        return Answer(code, out.read_text(), err.read_text())


def a_sentence(answer: Answer) -> str:
    """What was refused, in words and with exit code 1."""
    assert answer.code == 1, answer
    assert answer.err.startswith("votum: ")
    assert "Traceback" not in answer.err
    return answer.err.removeprefix("votum: ").strip()
