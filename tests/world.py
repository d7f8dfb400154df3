"""Named people and a small call: Ada reviews, Bo applies, Cleo administrates, Dan is a stranger."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from html import unescape
from typing import Any

import httpx

from app import clock, database, seals
from app.domain import people
from app.identity import sessions
from app.main import served
from app.records.mails import links

BASE = "http://votum.test"
SILENT = ("BEGIN", "COMMIT", "ROLLBACK", "RESET", "SELECT pg_advisory_unlock_all()")  # the driver's own


@cache
def application() -> Any:
    return served()


class Browser(httpx.AsyncClient):
    """A browser without a screen: follows redirects and sends the form token of the person."""

    token = ""

    async def send_form(self, path: str, /, **fields: Any) -> httpx.Response:
        """Post a form as a browser without JavaScript does, and look at where it leads."""
        return await self.post(path, data={"csrf_token": self.token, **fields}, follow_redirects=True)

    async def send_htmx(self, path: str, /, **fields: Any) -> httpx.Response:
        """Post a form as htmx does."""
        headers = {"HX-Request": "true", "X-CSRF-Token": self.token}
        return await self.post(path, data=fields, headers=headers)


class Votum:
    """One test's Votum: its browsers, and what the database was asked."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.browsers: list[Browser] = []
        self.statements: list[str] = []

    def browser(self, cookie: str = "", language: str = "en", address: str = "127.0.0.1") -> Browser:
        headers = {"origin": BASE, "accept-language": language}
        jar = {sessions.COOKIE: cookie} if cookie else {}
        through = httpx.ASGITransport(app=application(), client=(address, 4711))
        browser = Browser(transport=through, base_url=BASE, headers=headers, cookies=jar)
        self.browsers.append(browser)
        return browser

    async def stranger(self, language: str = "en", address: str = "127.0.0.1") -> Browser:
        """Somebody who is not signed in, at a machine with this address."""
        return self.browser(language=language, address=address)

    async def person(self, email: str, name: str = "") -> int:
        """The person with this address, created when there is none yet."""
        found = await database.value("SELECT id FROM person WHERE email = $1", email)
        if found:
            return int(found)
        async with database.write_transaction():
            return await people.create(name or email.split("@")[0].title(), email, confirmed=True, at=clock.now())

    async def signed_in(self, email: str, language: str = "en") -> Browser:
        """A browser in which this person is signed in."""
        cookie = await sessions.start_session(await self.person(email), language)
        browser = self.browser(cookie.value or "", language)
        browser.token = seals.hashed(f"csrf {cookie.value}")
        return browser

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The SQL statements that are sent inside, without BEGIN and COMMIT."""
        seen: list[str] = []
        original = (database.rows, database.row)
        pool = database.DB.pool

        def note(record: Any) -> None:
            if not record.query.lstrip().startswith(SILENT):
                seen.append(record.query)

        holders = [holder._con for holder in pool._holders if holder._con is not None]
        for connection in holders:
            connection.add_query_logger(note)
        try:
            yield seen
        finally:
            for connection in holders:
                connection.remove_query_logger(note)
            assert original == (database.rows, database.row)

    async def close(self) -> None:
        for browser in self.browsers:
            await browser.aclose()


async def mailed(email: str) -> str:
    """The body of the newest mail to an address, with its links, as the post office would get it."""
    row = await database.row("SELECT recipient, body FROM mail WHERE recipient = $1 ORDER BY id DESC LIMIT 1", email)
    assert row, email
    return links.written_out(row["body"], row["recipient"])


async def mailed_link(email: str) -> str:
    """The path of the link in the newest mail to an address."""
    body = await mailed(email)
    found = re.search(r"https?://[^/\s]+(/\S+)", body)
    assert found, body
    return found[1]


def words(answer: httpx.Response) -> str:
    """The text of a page without markup, white space folded."""
    text = re.sub(r"(?s)<(script|style|head).*?</\1>|<[^>]+>", " ", answer.text)
    return " ".join(unescape(text).split())
