"""The outer wrapper: what holds for every answer, also for those that no router has seen."""

import logging
import re
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from http.cookies import SimpleCookie
from typing import Any, cast
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from app import clock, i18n, logs
from app.identity import attempts

log = logging.getLogger("votum")
access_log = logging.getLogger("votum.access")

HEADERS = [
    (b"content-security-policy", (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        b"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    )),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (b"vary", b"Cookie, HX-Request, Accept-Language"),
]  # fmt: skip
HOST = re.compile(r"(?:\w[\w.-]*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)
LARGEST = 1_100_000  # bytes of a form


class Outside:
    """The moment of arrival, language, client, security headers, HEAD, request number and the access log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        number, head = secrets.token_hex(4), scope["method"] == "HEAD"
        inner = cast("HTTPScope", {**scope, "method": "GET" if head else scope["method"], "request_id": number})
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _completed(message["headers"])
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        with logs.request(number):
            try:
                await self._answered(scope, inner, receive, answer)
            except Exception:
                log.exception("A request crashed outside of every page")
                if not status:
                    await _bare(500, i18n.gettext("Something went wrong on our side"), answer, number)
            _log(scope, inner, status, started)

    async def _answered(self, outer: Scope, scope: HTTPScope, receive: Receive, send: Send) -> None:
        i18n.locale.set(_language(dict(scope["headers"])))
        attempts.client.set(attempts.client_of((scope.get("client") or ("",))[0]))
        if not _is_host([value for name, value in scope["headers"] if name == b"host"]):
            await _bare(400, i18n.gettext("This request could not be read"), send)
            return
        if scope["method"] == "POST":
            receive = await _whole(receive)
        with clock.arrival(cast("dict[str, Any]", outer).get("arrived") or clock.now()):
            await self.app(scope, receive, send)


async def _whole(receive: Receive) -> Receive:
    """Wait for the whole form before it counts as arrived: nobody keeps a place with the first half of one."""
    held, size = [await receive()], 0
    while held[-1]["type"] == "http.request" and held[-1].get("more_body") and size <= LARGEST:
        size += len(held[-1].get("body", b""))
        held.append(await receive())

    async def again() -> Any:
        return held.pop(0) if held else await receive()

    return cast("Receive", again)


def _is_host(named: list[bytes]) -> bool:
    """Whether the request names at most one host, in a form that an address can have."""
    if not named:
        return True
    host = named[0].decode("latin-1")
    if len(named) > 1 or len(host) > 261 or not HOST.fullmatch(host):
        return False
    try:
        return urlsplit(f"http://{host}").port != -1
    except ValueError:
        return False


async def _bare(status: int, text: str, send: Send, number: str = "") -> None:
    """An answer without any page, for what no page can be made of."""
    lines = [text, f"{i18n.gettext('If you write to us, please name this number:')} {number}"] if number else [text]
    body = "\n".join([*lines, ""]).encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _completed(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    given = list(headers)
    present = {name.lower() for name, _ in given}
    return given + [(name, value) for name, value in HEADERS if name not in present]


def _language(headers: dict[bytes, bytes]) -> str:
    cookie = headers.get(b"cookie", b"")
    if b"lang=" in cookie:
        jar: SimpleCookie = SimpleCookie()
        with suppress(Exception):
            jar.load(cookie.decode("latin-1"))
        if "lang" in jar and jar["lang"].value in i18n.LOCALES:
            return jar["lang"].value
    return i18n.preferred(headers.get(b"accept-language", b"").decode("latin-1"))


def _log(scope: HTTPScope, inner: HTTPScope, status: int, started: float) -> None:
    if not access_log.isEnabledFor(logging.INFO):
        return
    user = inner.get("user")
    path = logs.public(scope["path"])
    facts = {
        "method": scope["method"],
        "path": path,
        "status": status,
        "ms": round((time.perf_counter() - started) * 1000, 1),
        "person": user.id if user else None,
    }
    access_log.info("%s %s %s", scope["method"], path, status, extra={"facts": facts})
