"""The application put together: routers, middleware, templates, and refusals turned into pages."""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

import asyncpg
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, Response
from litestar.config.compression import CompressionConfig
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from litestar.types import (
    ASGIApp,
    BeforeRequestHookHandler,
    ExceptionHandler,
    HTTPScope,
    Message,
    Receive,
    Scope,
    Send,
)
from litestar_htmx import HTMXPlugin

from app import access, assets, clock, database, i18n, logs, markdown, web
from app.domain import attempts
from app.domain.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal, SpentLink, TooMany
from app.domain.mails import sending
from app.pages import routers
from app.settings import SETTINGS, SettingsError

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
LATER = {"Retry-After": "10"}


def environment() -> Environment:
    """The templates: escaped, strict about names, in the reader's language."""
    env = Environment(
        loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(
        asset=assets.url, locale=_Locale(), demo=SETTINGS.demo, in_language=i18n.marked, spoken=i18n.spoken
    )
    for filter_ in (i18n.german, i18n.money, i18n.date, i18n.datetime, i18n.number, i18n.points, i18n.clock_time):
        env.filters[filter_.__name__] = filter_
    env.globals["prose"] = markdown.prose
    return env


class _Locale:
    """The reader's language, looked up when a template prints or compares it."""

    def __str__(self) -> str:
        return i18n.locale.get()

    def __eq__(self, other: object) -> bool:
        return i18n.locale.get() == other

    __hash__ = object.__hash__


# ── refusals ───────────────────────────────────────────────────────────────────────────────────


def refused(request: web.Request, error: Exception) -> Response[Any]:
    """The page that says why not, and what to do."""
    if isinstance(error, access.SignInNeeded):
        return _sign_in(request, error)
    if isinstance(error, access.StaleForm) and not request.htmx:
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


def _sign_in(request: web.Request, error: access.SignInNeeded) -> Response[Any]:
    """To the sign-in page; who has just sent something sees it once more, a page that saves itself stays as it is."""
    target = f"/sign-in?next={quote(_came_from(request), safe='/')}"
    if request.htmx:
        headers = {} if request.method == "POST" else {"HX-Redirect": target}
        return Response("", status_code=401, headers=headers)
    return web.redirect(target) if error.typed is None else _late(request, error, 401, target)


def _came_from(request: web.Request) -> str:
    read = access.address(request.headers.get("referer", "")) if request.method == "POST" else request.url
    return web.safe_next(read.path)


def _late(
    request: web.Request, error: access.SignInNeeded | access.StaleForm, status_code: int, target: str
) -> Response[Any]:
    """What was sent for a session that has ended, and the way on."""
    typed = (error.form or web.Form)().told(error.typed or {})
    stale = status_code == 403
    return _page(request, "errors/signed_out.html", status_code, typed=typed, target=target, stale=stale)


def _page(request: web.Request, template: str, status_code: int, **context: Any) -> Response[Any]:
    """A page outside of every handler, also where no middleware has seen the request."""
    cookie = request.cookies.get(access.COOKIE)
    known = {
        "person": request.scope.get("user"),
        "somebody": bool(cookie) and "user" not in request.scope,
        "csrf_token": access.form_token(cookie) if cookie else "",
        "url": web.place(request),
    }
    body = ENVIRONMENT.get_template(template).render({**known, **context})
    return Response(body, status_code=status_code, media_type="text/html")


# ── the outer wrapper: what holds for every answer, also those that no router has seen ───────────


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


# ── life ───────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    """Open the pool, and send mails beside the pages; several processes do not send one twice."""
    if not database.DB.config:
        if not SETTINGS.database_url:
            raise SettingsError("DATABASE_URL names no database. Start with `votum serve`.")
        database.connect_to(SETTINGS.database_url)
    await database.open_pool()
    sender = asyncio.create_task(sending.send_forever())
    try:
        yield
    finally:
        sender.cancel()
        with suppress(asyncio.CancelledError):
            await sender
        await database.close_pool()


def create_app() -> Litestar:
    """The application; raises ImproperlyConfiguredException while a handler has no policy."""
    app = Litestar(
        route_handlers=[*routers(), assets.static],
        plugins=[HTMXPlugin()],
        middleware=[DefineMiddleware(access.SessionAuthentication)],
        guards=[access.guard],
        before_request=cast("BeforeRequestHookHandler", before),
        exception_handlers={Exception: cast("ExceptionHandler[Any]", refused)},
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(ENVIRONMENT)),
        compression_config=CompressionConfig(
            backend="brotli",
            brotli_quality=4,
            brotli_lgwin=18,  # the usual window costs 16 MiB for every answer that is under way
            minimum_size=1000,
            exclude=["^/static"],
        ),
        request_class=web.Request,
        request_max_body_size=LARGEST,
        multipart_form_part_limit=200,
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    access.check_policies(app)
    return app


async def before(request: web.Request) -> None:
    """Before every handler: no forged forms; then what was to be said."""
    await access.check_origin(request)
    await web.take_flashes(request)


def served() -> ASGIApp:
    """What the server runs: the application inside its outer wrapper."""
    return Outside(create_app())


ENVIRONMENT = environment()
