"""The application put together: routers, middleware, templates, refusals, and its life."""

import gc
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
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
from app.settings import SETTINGS, SettingsError
from app.web import assets
from app.web.outside import LARGEST, Outside
from app.web.refusals import refused
from app.web.templates import ENVIRONMENT


@asynccontextmanager
async def pool(app: Litestar) -> AsyncIterator[None]:
    """Open the pool of connections, and close it at the end."""
    if not database.DB.config:
        if not SETTINGS.database_url:
            raise SettingsError("DATABASE_URL names no database. Start with `votum serve`.")
        database.connect_to(SETTINGS.database_url)
    await database.open_pool()
    try:
        yield
    finally:
        await database.close_pool()


def jobs_beside(app: Litestar) -> AbstractAsyncContextManager[None]:
    """Mails are sent, and what is due is done, beside the pages."""
    from app.operations import jobs  # slow, and for those who do jobs only

    return jobs.beside()


def create_app(*, jobs: bool = False) -> Litestar:
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
        lifespan=[pool, jobs_beside] if jobs else [pool],
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
    """What each of several processes runs: the application inside its outer wrapper."""
    return _lasting(create_app())


def served_alone() -> ASGIApp:
    """What the only process runs."""
    return _lasting(create_app(jobs=True))


def _lasting(app: Litestar) -> ASGIApp:
    """What is loaded now stays: to look through all of it for garbage would hold up every visitor for 60 to 90 ms."""
    gc.freeze()
    return Outside(app)
