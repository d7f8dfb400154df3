"""A real server with the demo, and a real browser: one of each for all tests here."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from app import database
from app.domain import people
from app.identity import sessions
from app.operations import demo
from app.settings import SETTINGS
from tests.browser.preparation import Prepared, prepare
from tests.conftest import administer, forget, of

PLACE = Path(__file__).parents[2]
PARTS = {
    "organisation": "o04@example.org",
    "member": "m2@example.org",
    "chair": "m1@example.org",
    "administrator": "koordination@example.org",
    "installation": "betrieb@example.org",
}


@dataclass
class Site:
    """The address of the running server, what stands in its database, and the cookies of those who use it."""

    address: str
    prepared: Prepared
    cookies: dict[str, str]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where there is no browser one line says so, not one for every test."""
    if which() is None and os.environ.get("CI") != "true":
        ours = [item for item in items if Path(__file__).parent in item.path.parents]
        config.hook.pytest_deselected(items=ours[1:])
        items[:] = [item for item in items if item not in ours[1:]]


def which() -> str | None:
    return shutil.which(os.environ.get("CHROMIUM", "chromium"))


def chromium() -> str:
    """Where Chromium is; without it the tests skip, but on the machine that must have it they fail."""
    found = which()
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("There is no Chromium, and CI must have one: apt install chromium, or name it in CHROMIUM.")
    if found is None:
        pytest.skip("no Chromium here: apt install chromium, or name it in CHROMIUM")
    return found


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    program = chromium()
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield started
        await started.close()


@pytest.fixture(scope="session")
async def site(
    browser: Browser, server: str, auental_template: str, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """The demo as a newcomer has it: the finished call, one that is open and one in rating."""
    name = f"{prefix}_browser"
    await administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{auental_template}"')
    prepared, cookies = await filled(of(server, name))
    try:
        for address in served(of(server, name), tmp_path_factory.mktemp("browser")):
            yield Site(address, prepared, cookies)
    finally:
        await administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


async def filled(dsn: str) -> tuple[Prepared, dict[str, str]]:
    """The living copies, what else the pages need, and a session for every part."""
    forget()
    database.connect_to(dsn)
    await database.open_pool(least=1)
    await demo.load()
    prepared = await prepare()
    found = {email: await database.value("SELECT id FROM person WHERE email = $1", email) for email in PARTS.values()}
    cookies = {part: (await sessions.start_session(found[email])).value or "" for part, email in PARTS.items()}
    await database.rows("UPDATE person SET password_hash = $1", await people.hash_password(demo.PASSWORD))
    await database.close_pool()
    return prepared, cookies


def served(dsn: str, data: Path) -> Iterator[str]:
    """The application in a process of its own, as it is served in production."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    address = f"http://127.0.0.1:{port}"
    known = {"DATABASE_URL": dsn, "VOTUM_BASE_URL": address, "VOTUM_DATA": str(data), "PORT": port, "VOTUM_DEMO": "1"}
    known["VOTUM_SECRET_FILE"] = str(SETTINGS.secret_file)  # mailed links were signed by this process
    command = ["uvicorn", "app.main:served", "--factory", "--port", port, "--log-level", "warning", "--no-access-log"]
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=PLACE, env={**os.environ, **known})
    try:
        wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended at once"
        try:
            httpx.get(f"{address}/health/live").raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(address)


async def context_of(browser: Browser, site: Site, part: str, **options: Any) -> BrowserContext:
    """A window of its own for one part, in English unless another language is named."""
    context = await browser.new_context(**{"base_url": site.address, "locale": "en-GB", **options})
    context.set_default_timeout(10_000)
    if part in site.cookies:
        await context.add_cookies([{"name": sessions.COOKIE, "value": site.cookies[part], "url": site.address}])
    return context


async def in_english(page: Page) -> None:
    """Choose English at the top of the page, unless it is chosen."""
    switch = page.get_by_role("button", name="English", exact=True)
    if await switch.count():
        await switch.click()
        await page.get_by_role("button", name="Deutsch", exact=True).wait_for()
