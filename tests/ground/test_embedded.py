"""The embedded server: it comes up anywhere it can, is shared, and says why where it cannot."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from app import embedded
from tests.ground.conftest import PROJECT, as_somebody, ask, is_running, owner, postmaster

User = Callable[..., "subprocess.Popen[str]"]
only_as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up its rights to PostgreSQL")


async def test_a_new_folder_becomes_a_database_that_votum_owns(folder: Path) -> None:
    connection = await asyncpg.connect(embedded.start(folder))
    facts = await connection.fetchrow(
        "SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('data_checksums') AS sums,"
        " current_setting('listen_addresses') AS hosts, current_setting('server_encoding') AS encoding,"
        " current_setting('is_superuser') AS superuser, current_user AS role, current_database() AS database"
    )
    await connection.close()
    assert dict(facts) == {
        "major": 18,
        "sums": "on",
        "hosts": "",
        "encoding": "UTF8",
        "superuser": "off",
        "role": "votum",
        "database": "votum",
    }


def test_nobody_else_may_enter_the_database(made: Path) -> None:
    address = embedded.start(made)
    socket = Path(address.partition("host=")[2])
    assert socket.stat().st_mode & 0o777 == 0o700
    assert (made / "postgres" / "log").stat().st_mode & 0o077 == 0
    embedded.stop(made)


def test_nobody_else_may_hold_the_locks_also_those_of_an_earlier_version(made: Path) -> None:
    for name in ("lock", "users"):
        (made / "postgres" / name).chmod(0o644)
    embedded.start(made)
    modes = [(made / "postgres" / name).stat().st_mode & 0o777 for name in ("lock", "users")]
    embedded.stop(made)
    assert modes == [0o600, 0o600]


def test_umlauts_have_upper_and_lower_case_and_the_order_of_their_codes(made: Path) -> None:
    address = embedded.start(made)
    assert ask(address, "SELECT lower('ÄÖÜ'), 'Z' < 'Ä', to_tsvector('german', 'Häuser')") == "äöü|t|'haus':1"
    embedded.stop(made)


def test_a_second_start_joins_and_the_last_stop_ends(made: Path) -> None:
    address = embedded.start(made)
    first = postmaster(made)
    assert embedded.start(made) == address
    assert postmaster(made) == first
    assert embedded.stop(made) is False
    assert ask(address, "SELECT 1") == "1"
    assert embedded.stop(made) is True
    assert not is_running(made)
    assert embedded.stop(made) is False


def test_stopping_what_never_was_is_no_mistake(folder: Path) -> None:
    assert embedded.stop(folder / "nothing") is False


def test_four_processes_that_start_at_once_share_one_server(folder: Path, user: User) -> None:
    processes = [user(folder) for _ in range(4)]
    addresses = {process.stdout.readline() for process in processes if process.stdout}
    assert len(addresses) == 1
    assert ask(addresses.pop().strip(), "SELECT 1") == "1"
    for process in processes[:3]:
        process.communicate("")
        assert is_running(folder)
    processes[3].communicate("")
    assert not is_running(folder)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_takes_the_server_along(made: Path, user: User, sent: signal.Signals) -> None:
    process = user()
    assert process.stdout
    process.stdout.readline()
    process.send_signal(sent)
    process.communicate()
    assert process.returncode != 0
    assert not is_running(made)


def test_after_a_kill_the_next_start_adopts_the_server(made: Path, user: User) -> None:
    process = user()
    assert process.stdout
    address = process.stdout.readline().strip()
    running = postmaster(made)
    process.kill()
    process.communicate()
    assert embedded.start(made) == address
    assert postmaster(made) == running
    assert embedded.stop(made) is True


def test_after_the_server_itself_is_killed_nothing_committed_is_lost(made: Path) -> None:
    address = embedded.start(made)
    ask(address, "CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(postmaster(made), signal.SIGKILL)
    address = embedded.start(made)
    assert ask(address, "SELECT number FROM kept") == "7"
    embedded.stop(made)
    assert embedded.stop(made) is True


def test_a_query_that_outlives_its_server_does_not_stop_the_next_start(made: Path) -> None:
    address = embedded.start(made)
    endless = subprocess.Popen(
        [embedded.binary("psql"), address, "-c", "DO $$ BEGIN LOOP END LOOP; END $$"], stderr=subprocess.DEVNULL
    )
    while "1" not in ask(address, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %'"):
        time.sleep(0.02)
    os.kill(postmaster(made), signal.SIGKILL)
    assert ask(embedded.start(made), "SELECT 1") == "1"
    assert endless.wait(10) != 0
    embedded.stop(made)
    embedded.stop(made)


def test_an_old_pid_file_with_the_number_of_another_process_is_no_obstacle(made: Path) -> None:
    embedded.start(made)
    text = (made / "postgres" / "cluster" / "postmaster.pid").read_text()
    embedded.stop(made)
    account = owner(made) if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", "60"], user=account) as stranger:
        remains = made / "postgres" / "cluster" / "postmaster.pid"
        remains.write_text(text.replace(text.split()[0], str(stranger.pid), 1))
        assert ask(embedded.start(made), "SELECT 1") == "1"
        assert stranger.poll() is None
        stranger.kill()
    assert embedded.stop(made) is True


def test_a_half_made_database_is_made_anew(folder: Path) -> None:
    half = folder / "postgres" / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert ask(embedded.start(folder), "SELECT 1") == "1"
    assert not half.exists()


def test_a_folder_that_vanished_under_its_server_is_made_anew(folder: Path) -> None:
    embedded.start(folder)
    shutil.rmtree(folder / "postgres")
    assert ask(embedded.start(folder), "SELECT 1") == "1"
    assert embedded.stop(folder) is True


@pytest.mark.parametrize(
    "name", ["a space", 'it\'s, "quoted": $HOME', "Gemeindeverband Auental äöü", "deep" * 40, "plain"]
)
def test_any_name_of_a_folder_will_do(folder: Path, name: str) -> None:
    folder.chmod(0o755)
    data = folder / name
    address = embedded.start(data)
    socket = Path(address.partition("host=")[2])
    assert ask(address, "SELECT 1") == "1"
    assert len(bytes(socket / ".s.PGSQL.5432")) < 100
    assert embedded.stop(data) is True
    assert not (socket / ".s.PGSQL.5432").exists()
    assert socket.exists() is (socket == data / "postgres" / "cluster")


def test_the_variables_of_another_postgresql_do_not_disturb(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "1", "PGDATA": "/nowhere", "PGHOST": "nowhere", "PGOPTIONS": "-c nonsense=1"}.items():
        monkeypatch.setenv(name, value)
    address = embedded.start(made)
    for name in ("PGPORT", "PGDATA", "PGHOST", "PGOPTIONS"):
        monkeypatch.delenv(name)
    assert ask(address, "SELECT 1") == "1"
    assert embedded.stop(made) is True


def test_an_ordinary_user_starts_it_too(folder: Path) -> None:
    folder.chmod(0o777)

    def work() -> str:
        address = embedded.start(folder / "data")
        answer = ask(address, "SELECT 1")
        return f"{answer} {embedded.stop(folder / 'data')}"

    assert as_somebody(work) == "1 True"


def test_another_major_version_is_refused_with_the_two_commands(folder: Path) -> None:
    embedded.start(folder)
    embedded.stop(folder)
    (folder / "postgres" / "cluster" / "PG_VERSION").write_text("17\n")
    with pytest.raises(embedded.EmbeddedServerError, match=r"PostgreSQL 17.*votum backup.*votum restore"):
        embedded.start(folder)


def test_a_file_in_place_of_the_folder_is_refused(folder: Path) -> None:
    (folder / "data").write_text("")
    with pytest.raises(
        embedded.EmbeddedServerError, match=r"/data: (File exists|Not a directory).*VOTUM_DATA.*DATABASE_URL"
    ):
        embedded.start(folder / "data")


def test_a_folder_that_may_not_be_written_is_refused(folder: Path) -> None:
    (folder / "closed").mkdir()
    (folder / "closed").chmod(0o555)
    folder.chmod(0o755)

    def work() -> str:
        return embedded.start(folder / "closed" / "data")

    with pytest.raises(embedded.EmbeddedServerError, match=r"Permission denied.*VOTUM_DATA"):
        raise embedded.EmbeddedServerError(as_somebody(work))


def test_a_file_system_that_is_not_for_files_is_refused() -> None:
    with pytest.raises(embedded.EmbeddedServerError, match=r"cannot work in /proc/votum.*VOTUM_DATA"):
        embedded.start(Path("/proc/votum"))


@only_as_root
def test_the_database_of_another_user_is_refused(folder: Path) -> None:
    embedded.start(folder)
    embedded.stop(folder)
    os.chown(folder / "postgres" / "cluster", 0, 0)
    with pytest.raises(embedded.EmbeddedServerError, match=r"belongs to user 0, not to user [1-9]"):
        embedded.start(folder)


@only_as_root
def test_a_folder_that_only_root_may_enter_is_refused(folder: Path) -> None:
    with pytest.raises(embedded.EmbeddedServerError, match=r"does not run as root, and \w+, as whom it runs, may not"):
        embedded.start(folder / "data")
    assert folder.stat().st_mode & 0o077 == 0


@only_as_root
def test_where_only_root_may_enter_the_project_the_data_lies_elsewhere(folder: Path) -> None:
    assert embedded.usual_folder(folder).parent == Path("/var/lib")
    folder.chmod(0o755)
    assert embedded.usual_folder(folder) == folder / ".data"


@only_as_root
def test_programs_that_only_root_may_reach_are_copied_beside_the_data(folder: Path, tmp_path: Path) -> None:
    package = embedded.binary("postgres").parents[2]
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(package / "pginstall18", closed / package.name / "pginstall18")
    shutil.copytree(package.with_suffix(".libs"), closed / f"{package.name}.libs")
    (closed / package.name / "__init__.py").touch()
    code = (
        f"import sys; sys.path.insert(0, {str(closed)!r}); from pathlib import Path; from app import embedded;"
        f"data = Path({str(folder)!r}); print(embedded.start(data)); print(embedded.stop(data))"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert said.split()[1] == "True"
    assert [path.name for path in (folder / "postgres").glob("programs*")]


def test_the_programs_of_backup_and_restore_come_along(made: Path, tmp_path: Path) -> None:
    address = embedded.start(made)
    ask(address, "CREATE TABLE saved AS SELECT 3 AS number")
    ask(address, "CREATE DATABASE other")
    dump = tmp_path / "dump"
    subprocess.run([embedded.binary("pg_dump"), "--format=custom", f"--file={dump}", address], check=True)
    other = address.replace("/votum?", "/other?")
    subprocess.run([embedded.binary("pg_restore"), "--dbname", other, dump], check=True)
    assert ask(other, "SELECT number FROM saved") == "3"
    embedded.stop(made)


def test_a_program_that_does_not_come_along_is_named() -> None:
    with pytest.raises(embedded.EmbeddedServerError, match=r"program pg_nothing is missing"):
        embedded.binary("pg_nothing")
