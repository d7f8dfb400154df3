"""Refusals turned into pages: why not, and what to do."""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import asyncpg
from litestar import Response
from litestar.exceptions import HTTPException

from app import database
from app.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal, SpentLink, TooMany
from app.identity import forged, policies, sessions
from app.web import answers
from app.web.answers import Request
from app.web.forms import Form
from app.web.templates import ENVIRONMENT

log = logging.getLogger("votum")

LATER = {"Retry-After": "10"}


def refused(request: Request, error: Exception) -> Response[Any]:
    """The page that says why not, and what to do."""
    if isinstance(error, policies.SignInNeeded):
        return _sign_in(request, error)
    if isinstance(error, forged.StaleForm) and not request.htmx:
        return _late(request, error, 403, _came_from(request))
    if isinstance(error, SpentLink):
        return _page(request, "errors/link.html", 404, kind=error.kind)
    status, text = _status_of(error)
    if status == 503:
        log.warning("The database could not do its work: %s", type(error).__name__, extra={"facts": _cause(error)})
    elif status >= 500 and "client disconnected" not in str(error):
        log.exception("A request crashed", exc_info=error)
    both = {"mine": _listed(error.mine), "theirs": _listed(error.theirs)} if isinstance(error, Conflict) else {}
    reference = request.scope.get("request_id", "") if status >= 500 else ""
    page = _page(request, "errors/error.html", status, status=status, why=text, reference=reference, **both)
    page.headers.update(LATER if status == 503 else {})
    if isinstance(error, TooMany):
        page.headers["Retry-After"] = str(int(error.after.total_seconds()))
    return page


def _cause(error: Exception) -> dict[str, str]:
    """Which state the database named, and what had happened before."""
    found = error.__cause__ if isinstance(error, database.Unavailable) and error.__cause__ else error
    state = getattr(found, "sqlstate", None)
    return {"cause": type(found).__name__, **({"sqlstate": state} if state else {})}


def _listed(texts: Mapping[str, str]) -> str:
    """Entries as lines; of a single one its text alone."""
    return (
        next(iter(texts.values())) if len(texts) == 1 else "\n".join(f"{name}: {text}" for name, text in texts.items())
    )


def _status_of(error: Exception) -> tuple[int, str]:
    if isinstance(error, Refusal):
        known = {NotFound: 404, NotAllowed: 403, Invalid: 422, TooMany: 429}
        return next((status for kind, status in known.items() if isinstance(error, kind)), 409), str(error)
    if database.is_passing(error):
        return 503, ""
    if isinstance(error, asyncpg.DataError):  # an address with a number or a sign that no key can have
        return 404, ""
    if isinstance(error, HTTPException):
        return error.status_code, ""
    if isinstance(error, UnicodeDecodeError) or (isinstance(error, LookupError) and "unknown encoding" in str(error)):
        return 400, ""
    return 500, ""


def _sign_in(request: Request, error: policies.SignInNeeded) -> Response[Any]:
    """To the sign-in page; who has just sent something sees it once more, a page that saves itself stays as it is."""
    target = f"/sign-in?next={quote(_came_from(request), safe='/')}"
    if request.htmx:
        headers = {} if request.method == "POST" else {"HX-Redirect": target}
        return Response("", status_code=401, headers=headers)
    return answers.redirect(target) if error.typed is None else _late(request, error, 401, target)


def _came_from(request: Request) -> str:
    read = forged.address(request.headers.get("referer", "")) if request.method == "POST" else request.url
    return answers.safe_next(read.path)


def _late(
    request: Request, error: policies.SignInNeeded | forged.StaleForm, status_code: int, target: str
) -> Response[Any]:
    """What was sent for a session that has ended, and the way on."""
    typed = (error.form or Form)().told(error.typed or {})
    stale = status_code == 403
    return _page(request, "errors/signed_out.html", status_code, typed=typed, target=target, stale=stale)


def _page(request: Request, template: str, status_code: int, **context: Any) -> Response[Any]:
    """A page outside of every handler, also where no middleware has seen the request."""
    cookie = request.cookies.get(sessions.COOKIE)
    known = {
        "person": request.scope.get("user"),
        "somebody": bool(cookie) and "user" not in request.scope,
        "csrf_token": sessions.form_token(cookie) if cookie else "",
        "url": answers.place(request),
    }
    body = ENVIRONMENT.get_template(template).render({**known, **context})
    return Response(body, status_code=status_code, media_type="text/html")
