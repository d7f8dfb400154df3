"""The `votum` command in a process of its own that has the large libraries already: importing them takes a second each.

Nothing of ours is imported before, so that the command reads its settings as it does when it is called.
"""

import multiprocessing
import os
import runpy
import sys
from pathlib import Path

LIBRARIES = ["asyncpg", "jinja2", "litestar", "numpy", "pandas", "piccolo.table", "yaml"]
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(LIBRARIES)


def run(words: list[str], environment: dict[str, str], out: Path, err: Path, seconds: float) -> int:
    """The exit code of the command; what it said is in the files."""
    process = SERVER.Process(target=_command, args=(words, environment, str(out), str(err)))
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        raise TimeoutError(words)
    return process.exitcode


def _command(words: list[str], environment: dict[str, str], out: str, err: str) -> None:
    for number, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["votum", *words]
    assert not any(name.partition(".")[0] in ("app", "scoring") for name in sys.modules)
    runpy.run_module("app", run_name="__main__", alter_sys=True)
