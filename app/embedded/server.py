"""The embedded server itself: making a cluster, starting, finding, ending it, and clearing up after a crash."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.embedded.place import (
    Place,
    binary,
    give,
    programs_for,
    refuse_barred,
    refuse_lost_permissions,
    refuse_other_owner,
    refuse_other_version,
)

PATIENCE = 120  # seconds for a server to come up or go down
LONGEST_SOCKET = 100  # bytes; the kernel's limit is 107
SOCKET = ".s.PGSQL.5432"
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}  # none of the caller's PG... variables
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "cluster_name": "votum",
}
FIRST_STATEMENTS = "CREATE ROLE votum LOGIN CREATEDB;\nCREATE DATABASE votum OWNER votum;\n"


def ensure(place: Place) -> None:
    """A running server: made if there is none, joined if it runs, started otherwise."""
    refuse_other_version(place)
    refuse_other_owner(place)
    if not place.cluster.exists():
        _create(place)
    if not answers(place) and not _awaited(place):
        _end_orphans(place)
        _clear_traces_of_a_crash(place)
        _launch(place)


def end(place: Place) -> None:
    """Stop the server; whoever is still connected is cut off."""
    folder = _socket_folder(place)
    _control(place, "stop", "--mode=fast")
    _remove_socket(place, folder)


def address(place: Place) -> str:
    """The address of Votum's database on the running server."""
    return f"postgresql://votum@/votum?host={_socket_folder(place)}"


def answers(place: Place) -> bool:
    """Whether the server that the folder names takes connections."""
    try:
        folder = _socket_folder(place)
    except (OSError, IndexError):
        return False
    command: list[str | Path] = [binary("pg_isready"), "-q", "-U", "votum", "-d", "votum", "-h", folder, "-p", "5432"]
    return subprocess.run(command, env=ENVIRONMENT, check=False).returncode == 0


# Making and starting


def _create(place: Place) -> None:
    """Make the cluster beside its place and move it there whole: a kill half-way leaves no half cluster."""
    fresh = place.home / "cluster.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    give(fresh, place)
    refuse_lost_permissions(fresh, place)
    refuse_barred(place)
    programs = programs_for(place)
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    access = ["--username=postgres", "--auth-local=trust", "--auth-host=reject", "--data-checksums"]
    _run(place, [programs / "initdb", "--no-instructions", *locale, *access, "-D", fresh])
    _run(place, [programs / "postgres", "--single", "-D", fresh, "postgres"], FIRST_STATEMENTS)
    fresh.rename(place.cluster)


def _launch(place: Place) -> None:
    refuse_barred(place)
    folder = place.cluster
    if not _is_short_and_plain(folder):
        folder = Path(tempfile.mkdtemp(prefix="votum-", dir="/tmp"))
        give(folder, place)
    options = {**SETTINGS, "unix_socket_directories": str(folder)}
    _control(place, "start", "--options", " ".join(f"-c {name}='{value}'" for name, value in options.items()))


def _control(place: Place, *command: str) -> None:
    pg_ctl = programs_for(place) / "pg_ctl"
    _run(place, [pg_ctl, *command, "--silent", "--wait", f"--timeout={PATIENCE}", "-D", place.cluster.name])


def _run(place: Place, command: list[str | Path], text: str = "") -> None:
    """Run one of PostgreSQL's programs as the account, with its words in the log."""
    account = place.account
    place.log.touch(mode=0o600)
    with place.log.open("ab") as log:
        before = log.tell()
        result = subprocess.run(
            command,
            cwd=place.home,
            env=ENVIRONMENT,
            umask=0o077,
            input=text.encode(),
            stdout=log,
            stderr=log,
            check=False,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    if result.returncode:
        words = place.log.read_bytes()[before:].decode(errors="replace").strip()
        raise place.unusable(f"{Path(command[0]).name} failed: {words}")


# The socket


def _socket_folder(place: Place) -> Path:
    """Where the running or crashed server put its socket: the fifth line of its pid file."""
    return Path((place.cluster / "postmaster.pid").read_text().splitlines()[4])


def _remove_socket(place: Place, folder: Path) -> None:
    for name in (SOCKET, f"{SOCKET}.lock"):
        (folder / name).unlink(missing_ok=True)
    if folder != place.cluster:
        folder.rmdir()


def _is_short_and_plain(folder: Path) -> bool:
    """Whether every client can name a socket there: addresses treat commas, colons and the like in their own way."""
    path = bytes(folder / SOCKET)
    return len(path) < LONGEST_SOCKET and re.fullmatch(rb"[\w/.+-]+", path) is not None


# After a crash


def _awaited(place: Place) -> bool:
    """Wait for a server that lives but does not answer yet, as after a crash; False where none lives."""
    deadline = time.monotonic() + PATIENCE
    while _lives(place):
        if answers(place):
            return True
        if time.monotonic() > deadline:
            raise place.unusable(f"a PostgreSQL runs on it but does not answer; see {place.log}")
        time.sleep(0.1)
    return False


def _lives(place: Place) -> bool:
    """Whether the process of the pid file is this cluster's PostgreSQL, not a later one with its number."""
    try:
        process = Path("/proc") / (place.cluster / "postmaster.pid").read_text().split()[0]
        return _is_postgres(process) and (process / "cwd").samefile(place.cluster)
    except PermissionError:  # root in a container may not look into others' processes
        return True
    except (OSError, IndexError):
        return False


def _end_orphans(place: Place) -> None:
    """A connection that computes does not notice the death of its server, and keeps the next one from starting."""
    deadline = time.monotonic() + PATIENCE
    while orphans := list(_orphans(place)):
        if time.monotonic() > deadline:
            raise place.unusable(f"process {orphans[0]} still works on it and does not end")
        for number in orphans:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGQUIT)
        time.sleep(0.1)


def _orphans(place: Place) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if _is_postgres(process) and (process / "cwd").samefile(place.cluster):
                yield int(process.name)


def _is_postgres(process: Path) -> bool:
    return (process / "comm").read_text() == "postgres\n"


def _clear_traces_of_a_crash(place: Place) -> None:
    """PostgreSQL takes any process with the number in an old pid file for itself; so no old one is left."""
    with suppress(OSError, IndexError):
        _remove_socket(place, _socket_folder(place))
    (place.cluster / "postmaster.pid").unlink(missing_ok=True)
