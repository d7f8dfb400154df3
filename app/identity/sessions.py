"""Sessions of our own: a secret in a cookie, of which only the hash is kept."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from app import clock, database, i18n, seals
from app.database import write_transaction
from app.identity.forged import knows_us
from app.records import events
from app.seals import hashed
from app.settings import SETTINGS

IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
COOKIE = "__Host-sid" if SETTINGS.secure else "sid"

FIND = """
SELECT s.id AS session, s.last_seen, s.flashes, p.id, p.name, p.email, p.language
FROM session s JOIN person p ON p.id = s.person
WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.last_seen > $3 AND p.active
"""


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
    token, now = seals.secret(), clock.now()
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
        await events.happened(person, "session.started", f"person:{person}", at=now)
    return _cookie(token)


async def end_session(person: Signed) -> Cookie:
    """The session ends now; its secret is worth nothing afterwards."""
    async with write_transaction():
        await database.rows("DELETE FROM session WHERE id = $1", person.session)
        await events.happened(person.id, "session.ended", f"person:{person.id}", at=clock.now())
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
