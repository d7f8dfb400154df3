"""What a served Votum says and keeps to itself, and what it answers to requests that are none."""

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import pytest

from app import database, logs
from app.commands import PROJECT
from app.web.outside import HEADERS
from tests.domain.test_commands import answered, free_port
from tests.world import Votum

TOKEN = "Zm9vYmFyLW5vdC1hLXJlYWwtdG9rZW4tYnV0LWxvbmc"


@dataclass
class Served:
    """A server in a process of its own, and what it said once it has ended."""

    port: int
    process: asyncio.subprocess.Process
    said: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)

    async def ask(self, method: str, path: str, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.request(method, f"http://127.0.0.1:{self.port}{path}", headers=headers)

    async def raw(self, *lines: bytes) -> bytes:
        """The answer to bytes as they are."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"\r\n".join([*lines, b"Connection: close", b"", b""]))
        answer = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        return answer

    async def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(self.process.communicate(), 30)
        self.said = out.decode() + err.decode()
        self.lines = [json.loads(line) for line in out.decode().splitlines() if line.startswith("{")]


@pytest.fixture
async def served(auental: Votum) -> AsyncIterator[Served]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "serve", "--port", str(port)),
        env={**os.environ, "DATABASE_URL": auental.dsn, "PYTHONPATH": str(PROJECT), "VOTUM_DEMO": "0"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await answered(f"http://127.0.0.1:{port}/health/live")
    found = Served(port, process)
    yield found
    if process.returncode is None:
        process.kill()
        await process.communicate()


async def test_every_request_is_a_line_without_query_and_without_the_tokens_of_links(served: Served) -> None:
    await served.ask("GET", "/calls?q=private-word")
    await served.ask("GET", f"/confirmation/{TOKEN}")
    await served.ask("GET", f"/nowhere/{TOKEN}/bo@example.org")
    await served.end()
    seen = [line for line in served.lines if line["logger"] == "votum.access" and line["path"] != "/health/live"]
    asked = [(line["method"], line["path"]) for line in seen]
    assert asked == [("GET", "/calls"), ("GET", "/confirmation/…"), ("GET", "/nowhere/…/…")]
    assert (seen[0]["status"], seen[2]["status"]) == (200, 404)
    assert all(set(line) >= {"at", "level", "message", "ms", "person", "request"} for line in seen)
    assert all(word not in served.said for word in (TOKEN, "private-word", "bo@example.org"))


async def test_the_number_on_an_error_page_is_found_beside_its_traceback(served: Served, auental: Votum) -> None:
    connection = await asyncpg.connect(auental.dsn)
    await connection.execute("ALTER TABLE programme RENAME TO gone")
    await connection.close()
    answer = await served.ask("GET", "/calls")
    number = answer.text.partition("<code>")[2].partition("</code>")[0]
    await served.end()
    [line] = [line for line in served.lines if "traceback" in line]
    assert (answer.status_code, line["request"], line["level"]) == (500, number, "error")
    assert "UndefinedTableError" in line["traceback"]
    [access] = [one for one in served.lines if one["logger"] == "votum.access" and one.get("request") == number]
    assert access["status"] == 500


async def test_head_is_answered_like_get_without_a_body_and_without_a_traceback(served: Served) -> None:
    whole, head = await served.ask("GET", "/calls"), await served.ask("HEAD", "/calls")
    static = await served.raw(b"HEAD / HTTP/1.1", b"Host: 127.0.0.1")
    await served.end()
    assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", whole.headers["content-type"])
    assert static.endswith(b"\r\n\r\n")
    assert "Traceback" not in served.said
    assert "shorter than Content-Length" not in served.said
    assert "HEAD" in [line.get("method") for line in served.lines]


NO_HOSTS = (
    b"https://x//e",
    b"a b",
    b"a\x01b",
    b"",
    b"x" * 262,
    b"[::1",
    b"[1.2.3.4]",
    b"votum.test:99999",
    b"votum.test:port",
    b"votum.test\r\nHost: other.test",
    "ärger.test".encode(),
)


async def test_a_host_that_is_none_is_refused_with_all_headers(served: Served) -> None:
    heads = {}
    for host in NO_HOSTS:
        answer = await served.raw(b"GET /calls HTTP/1.1", b"Host: " + host)
        heads[host] = answer.partition(b"\r\n\r\n")[0].lower()
    await served.end()
    assert {host: head for host, head in heads.items() if not head.startswith(b"http/1.1 400 ")} == {}
    missing = {host: [name for name, _ in HEADERS if name + b": " not in head] for host, head in heads.items()}
    assert missing == {host: [] for host in NO_HOSTS}
    assert "Traceback" not in served.said


@pytest.mark.parametrize("host", ["votum.test", "VOTUM.test:8000", "app_1:8000", "127.0.0.1", "[::1]:8000", "x" * 255])
async def test_a_proper_host_is_served(votum: Votum, host: str) -> None:
    browser = await votum.stranger()
    assert (await browser.get("/calls", headers={"host": host})).status_code == 200


async def test_what_the_database_says_about_a_row_stays_out_of_the_log(votum: Votum) -> None:
    await votum.person("ada@example.org")
    with pytest.raises(asyncpg.UniqueViolationError) as caught:
        await database.rows(
            "INSERT INTO person (email, name, password_hash, language, active, created_at)"
            " VALUES ('ada@example.org', '', '', 'de', true, now())"
        )
    assert "ada@example.org" in str(caught.value)
    record = logging.LogRecord("votum", logging.ERROR, "", 0, "crashed", (), (caught.type, caught.value, None))
    for line in (logs.Json().format(record), logs.Plain().format(record)):
        assert "UniqueViolationError" in line
        assert "ada@example.org" not in line


def test_a_path_cannot_forge_a_line_on_a_terminal() -> None:
    record = logging.LogRecord("votum", logging.INFO, "", 0, "GET /a\nfalse \x1b[31m line", (), None)
    assert "\n" not in logs.Plain().format(record)
    assert "\x1b" not in logs.Plain().format(record)
