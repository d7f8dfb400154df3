"""Answer with a page, a fragment, a redirect or a file."""

import json
from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.response import Redirect, Template
from litestar_htmx import HTMXRequest, HTMXTemplate

from app import database
from app.identity.forged import address
from app.identity.sessions import Signed

Request = HTMXRequest


def page(request: Request, name: str, status: int = 200, **context: Any) -> Template:
    """A whole page."""
    return Template(template_name=name, context=_context(request, context), status_code=status)


def fragment(request: Request, name: str, status: int = 200, **context: Any) -> Template:
    """A piece of a page, answered alone to htmx."""
    return HTMXTemplate(template_name=name, context=_context(request, context), status_code=status)


def redirect(path: str) -> Redirect:
    """After a form that was taken: go and look at what became of it."""
    return Redirect(path, status_code=303)


def safe_next(path: str | None, default: str = "/desk") -> str:
    """A path on this site to go on to; the default where it leads elsewhere."""
    if not path or path[0] != "/" or path[1:2] in ("/", "\\"):
        return default
    return default if any(ord(letter) < 32 for letter in path) else path


def download(body: bytes, name: str, media_type: str) -> Response[bytes]:
    """A file to keep: never shown inside our pages, whatever is in it."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "-" for letter in name)
    return Response(
        body,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


async def flash(person: Signed, kind: str, text: str) -> None:
    """Say something on the next page the person sees; kind is success, info, warning or danger."""
    flashes = [*json.loads(person.flashes or "[]"), {"kind": kind, "text": text}]
    await database.rows("UPDATE session SET flashes = $2 WHERE id = $1", person.session, json.dumps(flashes))


async def take_flashes(request: Request) -> None:
    """What was to be said is said once: on the next whole page."""
    if request.method != "GET" or request.htmx:  # OPTIONS is answered before anybody looks who asks
        return
    person: Signed | None = request.user
    if person and person.flashes:
        request.state["flashes"] = json.loads(person.flashes)
        person.flashes = ""
        await database.rows("UPDATE session SET flashes = '' WHERE id = $1", person.session)


def place(request: Request) -> str:
    """The address of the page that is read, with its query; of a form that was sent: the page on which it stood."""
    read = request.url if request.method == "GET" else address(request.headers.get("referer", ""))
    return safe_next(f"{read.path}?{read.query}" if read.query else read.path, request.url.path)


def _context(request: Request, context: dict[str, Any]) -> dict[str, Any]:
    person: Signed | None = request.user
    return {
        "person": person,
        "csrf_token": person.csrf_token if person else "",
        "flashes": request.state.get("flashes", []),
        "url": place(request),
        **context,
    }
