"""Runs the `votum` command in a process of its own."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from app.commands import PROJECT


@dataclass(frozen=True)
class Answer:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


async def votum_command(*words: str | Path, dsn: str = "", **environment: str) -> Answer:
    """Run the command in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", *map(str, words)),
        env={**os.environ, "DATABASE_URL": dsn, "PYTHONPATH": str(PROJECT), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return Answer(process.returncode, out.decode(), err.decode())


def a_sentence(answer: Answer) -> str:
    """What was refused, in words and with exit code 1."""
    assert answer.code == 1, answer
    assert answer.err.startswith("votum: ")
    assert "Traceback" not in answer.err
    return answer.err.removeprefix("votum: ").strip()
