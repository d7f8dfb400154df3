"""The PostgreSQL that comes with Votum: made, started, shared, stopped and, after a crash, picked up again.

In the folder of Votum's data, `postgres/` holds `cluster` (the database), `log`, and two lock files:
`lock`, held while somebody starts or stops, and `users`, held shared by every process that uses the server.
The kernel lets go of both when a process dies, however it dies; the last user stops the server.
"""

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from app.embedded import server
from app.embedded.place import EmbeddedServerError, binary, home_of, make_way, place_of, sentences, usual_folder

__all__ = ["EmbeddedServerError", "binary", "running", "start", "stop", "usual_folder"]

_held: dict[Path, list[int]] = {}


@contextmanager
def running(data: Path) -> Iterator[str]:
    """The server for the length of a block, as its address; SIGTERM and SIGHUP leave the block in order."""
    if threading.current_thread() is threading.main_thread():
        _leave_on_signals()
    address = start(data)
    try:
        yield address
    finally:
        stop(data)


def start(data: Path) -> str:
    """Start the server of a data folder, or join the running one, and return its address.

    May be called by several processes at once and repeatedly; each call asks for one `stop`.
    Raises EmbeddedServerError where the folder cannot work.
    """
    with sentences(data):
        place = place_of(data)
        make_way(place)
        with _alone(place.home):
            _hold(place.home)
            try:
                server.ensure(place)
                return server.address(place)
            except BaseException:
                _let_go(place.home)
                raise


def stop(data: Path) -> bool:
    """Give the server back; the last one out stops it. True where it was stopped."""
    home = home_of(data)
    if not home.is_dir():
        return False
    with sentences(data), _alone(home):
        _let_go(home)
        place = place_of(data)
        if _in_use(home) or not server.answers(place):
            return False
        server.end(place)
        return True


def _leave_on_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup stays nohup
            signal.signal(number, _leave)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    handle = _opened(home / "lock")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _hold(home: Path) -> None:
    handle = _opened(home / "users")
    fcntl.flock(handle, fcntl.LOCK_SH)
    _held.setdefault(home, []).append(handle)


def _let_go(home: Path) -> None:
    if _held.get(home):
        os.close(_held[home].pop())


def _in_use(home: Path) -> bool:
    handle = _opened(home / "users")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _opened(path: Path) -> int:
    """A lock file for its owner alone: whoever may open it can hold it, and so keep us from starting and stopping."""
    handle = os.open(path, os.O_RDONLY | os.O_CREAT, 0o600)
    if os.fstat(handle).st_mode & 0o077:  # made by a version that left it open
        os.fchmod(handle, 0o600)
    return handle
