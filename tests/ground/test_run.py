"""./run: from any folder, under any name, with nothing but Python and the tools of POSIX."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.ground.conftest import PROJECT

BARE = {"PATH": "/usr/bin:/bin"}
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-npm.lock", "requirements-uv.lock")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project in a folder with a space, set up with the packages of this environment."""
    project = tmp_path / "a copy"
    (project / ".venv").mkdir(parents=True)
    for name in ("run", "pyproject.toml", "package.json", "package-lock.json", *LOCKS):
        shutil.copy(PROJECT / name, project)
    for name in ("bin", "lib", "pyvenv.cfg"):
        (project / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    (project / "node_modules" / "htmx.org").mkdir(parents=True)
    key = subprocess.run(
        f"cat requirements*.lock package-lock.json | cksum; {sys.executable} -V",
        shell=True,
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (project / ".venv" / "ready").write_text(f"dev {key}")
    (project / "app").mkdir()
    (project / "app" / "__init__.py").touch()
    (project / "app" / "__main__.py").write_text("import os, sys\n\nprint(os.getcwd(), *sys.argv[1:], sep='|')\n")
    return project


def run(script: Path, *words: str, cwd: Path, env: dict[str, str] = BARE) -> subprocess.CompletedProcess[str]:
    return subprocess.run([script, *words], cwd=cwd, env=env, capture_output=True, text=True, check=False)


def test_words_go_to_the_command_in_the_folder_of_the_caller(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("raise SystemExit('the folder of the caller is not ours')\n")
    result = run(copy / "run", "scheme", "check", "a file.yaml", cwd=tmp_path)
    assert (result.stdout, result.stderr) == (f"{tmp_path}|scheme|check|a file.yaml\n", "")


def test_a_link_to_it_does_as_well_and_quickly(copy: Path, tmp_path: Path) -> None:
    link = tmp_path / "votum"
    link.symlink_to("a copy/run")
    begin = time.monotonic()
    result = run(link, "check", cwd=Path("/"))
    assert result.stdout == "/|check\n"
    assert time.monotonic() - begin < 5


def test_without_python_it_says_what_to_install(copy: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "readlink", "cat", "cksum"):
        (tools / name).symlink_to(Path(str(shutil.which(name))))
    shutil.rmtree(copy / ".venv")
    result = run(copy / "run", cwd=tmp_path, env={"PATH": str(tools)})
    assert result.returncode == 1
    assert "sudo apt install python3 python3-venv" in result.stderr


def test_an_environment_that_cannot_be_made_is_named(copy: Path, tmp_path: Path) -> None:
    shutil.rmtree(copy / ".venv")
    (copy / ".venv").write_text("in the way")
    result = run(copy / "run", cwd=tmp_path, env={"PATH": os.environ["PATH"]})
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("votum: The environment could not be made. Try: sudo apt install")


def test_packages_that_cannot_be_had_end_the_set_up(copy: Path, tmp_path: Path) -> None:
    before = (copy / ".venv" / "ready").read_text()
    (copy / "requirements.lock").write_text(f"votum-of-tomorrow==1 --hash=sha256:{'0' * 64}\n")
    offline = {"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1", "UV_OFFLINE": "1"}
    result = run(copy / "run", "check", cwd=tmp_path, env=offline)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.splitlines()[-1].startswith("votum: The packages could not be installed. Behind a proxy")
    assert (copy / ".venv" / "ready").read_text() == before


def test_a_check_that_fails_does_not_hide_the_others(copy: Path, tmp_path: Path) -> None:
    (copy / "app" / "__init__.py").write_text('"""A module."""\n\nimport os\n\nnumber: int = "no"\n')
    (copy / "scoring").mkdir()
    (copy / "scoring" / "__init__.py").write_text('"""A module."""\n')
    (copy / "templates").mkdir()
    (copy / "templates" / "page.html").write_text("<p>Text</p>\n")
    (copy / "tests").mkdir()
    (copy / "tests" / "test_it.py").write_text("def test_it() -> None:\n    assert True\n")
    result = run(copy / "run", "test", cwd=tmp_path)
    assert result.returncode == 1
    assert "1 passed" in result.stdout.splitlines()[-1]
    verdict = result.stderr.partition("votum: not in order:")[2]
    assert "plain mistakes; put many right: .venv/bin/ruff check --fix" in verdict
    assert "types; read the lines above" in verdict
    assert "templates;" not in verdict
    assert "tests;" not in verdict


def test_the_quick_checks_leave_out_browsers_and_random_examples(copy: Path, tmp_path: Path) -> None:
    (copy / "tests" / "browser").mkdir(parents=True)
    (copy / "tests" / "browser" / "test_slow.py").write_text("def test_slow() -> None:\n    assert False\n")
    (copy / "tests" / "test_it.py").write_text(
        "from hypothesis import given, strategies\n\n\n@given(strategies.integers())\n"
        "def test_any(number: int) -> None:\n    assert False\n\n\ndef test_it() -> None:\n    assert True\n"
    )
    result = run(copy / "run", "test", "quick", cwd=tmp_path)
    assert "1 passed" in result.stdout.splitlines()[-1]
    assert "leaving out: tests/browser" in result.stderr
    assert "tests;" not in result.stderr.partition("votum: not in order:")[2]


def test_a_full_disk_is_named_instead_of_the_network(copy: Path, tmp_path: Path) -> None:
    """A program of npm's name says what npm says on a full disk."""
    shutil.rmtree(copy / "node_modules")
    npm = tmp_path / "tools" / "npm"
    npm.parent.mkdir()
    npm.write_text('#!/bin/sh\n[ "$1" = --version ] || { echo "npm error ENOSPC: no space left" >&2; exit 1; }\n')
    npm.chmod(0o755)
    (copy / "requirements.lock").write_text("")
    (copy / "requirements-uv.lock").write_text("")
    (copy / ".venv" / "ready").unlink()
    result = run(copy / "run", "check", cwd=tmp_path, env={"PATH": f"{npm.parent}:{os.environ['PATH']}"})
    assert (result.returncode, "npm error ENOSPC" in result.stderr) == (1, True)
    assert result.stderr.splitlines()[-1].startswith("votum: There is no room left on the disk: about 1 GB is needed")
    assert "HTTPS_PROXY" not in result.stderr
