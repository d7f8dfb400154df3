"""What the tests of the ground share: folders that PostgreSQL may enter, and programs in processes of their own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import embedded

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A new folder; pytest's own may not be entered by anybody but root."""
    path = Path(tempfile.mkdtemp(prefix="ground-", dir="/tmp"))
    yield path
    embedded.stop(path)
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A folder with a database in it; whoever starts it stops it again."""
    path = Path(tempfile.mkdtemp(prefix="ground-", dir="/tmp"))
    embedded.start(path)
    embedded.stop(path)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def user(made: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a process that uses the database until it is told to end or ended."""
    processes = []

    def begin(data: Path = made) -> subprocess.Popen[str]:
        code = (
            "import sys\nfrom pathlib import Path\nfrom app import embedded\n"
            "with embedded.running(Path(sys.argv[1])) as address:\n"
            "    print(address, flush=True)\n    sys.stdin.read()\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code, data],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()
    embedded.stop(made)


def ask(address: str, sql: str) -> str:
    """What a statement answers, by the psql that comes along."""
    command: list[str | Path] = [embedded.binary("psql"), address, "-v", "ON_ERROR_STOP=1", "-Atc", sql]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def postmaster(data: Path) -> int:
    """The process id of the server of a data folder."""
    return int((data / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])


def is_running(data: Path) -> bool:
    """Whether a server has put its pid file into a data folder."""
    return (data / "postgres" / "cluster" / "postmaster.pid").exists()


def owner(data: Path) -> int:
    """The user id that the server of a data folder runs as."""
    return (data / "postgres" / "cluster").stat().st_uid


def as_somebody(work: Callable[[], str]) -> str:
    """What the work says when an ordinary user does it, even where the tests run as root."""
    if os.geteuid() != 0:
        return work()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        try:
            said = work()
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as pipe:
        return pipe.read()
