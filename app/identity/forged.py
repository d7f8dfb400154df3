"""The guard against forged forms: the browser's own word where a form comes from, then a token of the session."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from litestar import Request
from litestar.connection import ASGIConnection

from app import i18n
from app.errors import NotAllowed
from app.settings import SETTINGS, is_loopback

UNSAID = ("csrf_token", "version", "password", "next", "then")
Typed = Mapping[str, Sequence[str]]


class StaleForm(NotAllowed):
    """A form of ours from before the person signed in anew; `typed` was sent to `form`."""

    def __init__(self, typed: Typed, form: Any = None) -> None:
        self.typed, self.form = typed, form
        super().__init__(_not_from_here())


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
    person = request.user
    if person and not _same(await _token(request), person.csrf_token):
        typed = await typed_late(request)
        raise _forged() if typed is None else StaleForm(typed, request.route_handler.opt.get("form"))


async def typed_late(connection: ASGIConnection[Any, Any, Any, Any]) -> dict[str, list[str]] | None:
    """The texts of a form of ours that came too late, so that nobody loses what they wrote; None of another's."""
    origin = connection.headers.get("origin", "")
    if not isinstance(connection, Request) or connection.method != "POST" or not _ours(connection, origin):
        return None
    typed: dict[str, list[str]] = {}
    for name, text in (await connection.form()).multi_items():
        if isinstance(text, str) and text.strip() and name not in UNSAID:
            typed.setdefault(name, []).append(text)
    return typed


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
