"""Who is asking: our own sessions, the policy every handler must have, and the guard against forged forms."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import SplitResult, urlsplit

from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.routes import HTTPRoute

from app import clock, database, i18n
from app.database import write_transaction
from app.domain import audit, tokens
from app.domain.errors import NotAllowed, NotFound
from app.domain.tokens import hashed
from app.settings import SETTINGS, is_loopback

IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
COOKIE = "__Host-sid" if SETTINGS.secure else "sid"

PUBLIC = {"policy": "public"}
SIGNED_IN = {"policy": "signed_in"}
DEMO = {"policy": "demo"}
POLICIES = ("public", "signed_in", "demo")

UNSAID = ("csrf_token", "version", "password", "next", "then")

FIND = """
SELECT s.id AS session, s.last_seen, s.flashes, p.id, p.name, p.email, p.language
FROM session s JOIN person p ON p.id = s.person
WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.last_seen > $3 AND p.active
"""


Typed = Mapping[str, Sequence[str]]


class SignInNeeded(Exception):
    """The page is for people who are signed in; `typed` was sent to `form` after their session had ended.

    None where nothing was sent from here.
    """

    def __init__(self, typed: Typed | None = None, form: Any = None) -> None:
        self.typed, self.form = typed, form
        super().__init__()


class StaleForm(NotAllowed):
    """A form of ours from before the person signed in anew; `typed` was sent to `form`."""

    def __init__(self, typed: Typed, form: Any = None) -> None:
        self.typed, self.form = typed, form
        super().__init__(_not_from_here())


@dataclass
class Signed:
    """The person behind a request and the session they came with."""

    id: int
    name: str
    email: str
    language: str
    session: int
    csrf_token: str
    flashes: str = field(default="")


class SessionAuthentication(AbstractAuthenticationMiddleware):
    """Finds the person by the session cookie: one read by index, at most one write a minute."""

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        token = connection.cookies.get(COOKIE)
        person = await _person_of(token) if token and knows_us(connection) else None
        if person:
            i18n.locale.set(person.language)
        return AuthenticationResult(user=person, auth=person)


async def _person_of(token: str) -> Signed | None:
    now = clock.now()
    found = await database.row(FIND, hashed(token), now, now - IDLE)
    if found is None:
        return None
    if now - found["last_seen"] > TOUCH:
        await database.rows("UPDATE session SET last_seen = $2 WHERE id = $1", found["session"], now)
    return Signed(
        id=found["id"],
        name=found["name"],
        email=found["email"],
        language=found["language"],
        session=found["session"],
        csrf_token=form_token(token),
        flashes=found["flashes"],
    )


def form_token(session_token: str) -> str:
    """What a form must carry that this session sends."""
    return hashed(f"csrf {session_token}")


async def start_session(person: int, language: str | None = None, old: Signed | None = None) -> Cookie:
    """A new session with a new secret; the one the browser came with ends."""
    token, now = tokens.new(), clock.now()
    async with write_transaction():
        if old:
            await database.rows("DELETE FROM session WHERE id = $1", old.session)
        if language:
            await database.rows("UPDATE person SET language = $2 WHERE id = $1", person, language)
        await database.rows(
            "INSERT INTO session (token_hash, person, flashes, created_at, last_seen, expires_at)"
            " VALUES ($1, $2, '', $3, $3, $4)",
            hashed(token),
            person,
            now,
            now + ABSOLUTE,
        )
        await audit.record(person, "session.started", f"person:{person}")
    return _cookie(token)


async def end_session(person: Signed) -> Cookie:
    """The session ends now; its secret is worth nothing afterwards."""
    async with write_transaction():
        await database.rows("DELETE FROM session WHERE id = $1", person.session)
        await audit.record(person.id, "session.ended", f"person:{person.id}")
    return _cookie("", max_age=0)


def _cookie(token: str, max_age: int | None = None) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=token,
        path="/",
        max_age=max_age,
        secure=SETTINGS.secure,
        httponly=True,
        samesite="lax",
    )


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Deny by default: a handler is for the signed in unless its policy says otherwise.

    A coroutine, since Litestar would send a plain function to a thread, for every request.
    """
    policy = handler.opt.get("policy")
    if policy == "signed_in" and connection.user is None:
        raise SignInNeeded(await _typed(connection), handler.opt.get("form"))
    if policy == "demo" and not SETTINGS.demo:
        raise NotFound


async def _typed(connection: ASGIConnection[Any, Any, Any, Any]) -> dict[str, list[str]] | None:
    """The texts of a form of ours that came too late, so that nobody loses what they wrote; None of another's."""
    origin = connection.headers.get("origin", "")
    if not isinstance(connection, Request) or connection.method != "POST" or not _ours(connection, origin):
        return None
    typed: dict[str, list[str]] = {}
    for name, text in (await connection.form()).multi_items():
        if isinstance(text, str) and text.strip() and name not in UNSAID:
            typed.setdefault(name, []).append(text)
    return typed


def check_policies(app: Litestar) -> None:
    """Refuse to start while a handler does not say who may call it."""
    for route in app.routes:
        handlers = route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]
        for handler in handlers:
            if getattr(handler, "http_methods", None) == {"OPTIONS"}:  # Litestar's own: names the methods
                continue
            if handler.opt.get("policy") not in POLICIES:
                raise ImproperlyConfiguredException(f"{route.path}: {handler} has no policy")


async def check_origin(request: Request[Any, Any, Any]) -> None:
    """Refuse forms that another site sent: first the browser's own word, then our token.

    Browsers name the origin of every POST. The token is bound to the session; before sign-in
    there is no session to abuse, so the browser's word is enough there.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin = request.headers.get("origin")
    if not knows_us(request) or (origin and not _ours(request, origin)):
        raise _forged()
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise _forged()
    person: Signed | None = request.user
    if person and not _same(await _token(request), person.csrf_token):
        typed = await _typed(request)
        raise _forged() if typed is None else StaleForm(typed, request.route_handler.opt.get("form"))


def _ours(request: Request[Any, Any, Any], origin: str) -> bool:
    """Our fixed address; without TLS (on this machine) also the name the browser used for us."""
    named, fixed = address(origin), urlsplit(SETTINGS.base_url)
    if (named.scheme, named.netloc) == (fixed.scheme, fixed.netloc):
        return True
    if SETTINGS.secure or not knows_us(request):
        return False
    return bool(named.netloc) and (named.scheme, named.netloc) == (request.scope["scheme"], request.headers.get("host"))


def knows_us(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether a browser asks by a name of ours; in the demo another name may be anybody's that leads to this machine.

    Such a name makes the pages of its owner and the demo one site in the eyes of the browser.
    """
    host = address(f"//{connection.headers.get('host', '')}").hostname or ""
    return not SETTINGS.demo or is_loopback(host) or host == urlsplit(SETTINGS.base_url).hostname


def address(named: str) -> SplitResult:
    """An address that a browser names in a header; an empty one where it is none."""
    try:
        return urlsplit(named)
    except ValueError:
        return urlsplit("")


async def _token(request: Request[Any, Any, Any]) -> str:
    header = request.headers.get("x-csrf-token")
    if header is not None:
        return header
    form = await request.form()
    return str(form.get("csrf_token") or "")


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _forged() -> NotAllowed:
    return NotAllowed(_not_from_here())


def _not_from_here() -> str:
    return i18n.gettext("This form did not come from here, or it is too old. Reload the page and try again.")
