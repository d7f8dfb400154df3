"""The application put together: routers, middleware, templates, refusals, and its life."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.middleware import DefineMiddleware
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from litestar.types import ASGIApp, BeforeRequestHookHandler, ExceptionHandler
from litestar_htmx import HTMXPlugin

from app import database, web
from app.identity import forged, policies, sessions
from app.pages import ROUTERS
from app.records.mails import sending
from app.settings import SETTINGS, SettingsError
from app.web import assets
from app.web.outside import LARGEST, Outside
from app.web.refusals import refused
from app.web.templates import ENVIRONMENT


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
        route_handlers=[*ROUTERS, assets.static],
        plugins=[HTMXPlugin()],
        middleware=[DefineMiddleware(sessions.SessionAuthentication)],
        guards=[policies.guard],
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
    policies.check_policies(app)
    return app


async def before(request: web.Request) -> None:
    """Before every handler: no forged forms; then what was to be said."""
    await forged.check_origin(request)
    await web.take_flashes(request)


def served() -> ASGIApp:
    """What the server runs: the application inside its outer wrapper."""
    return Outside(create_app())
