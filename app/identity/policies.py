"""The policy that every handler must have: who may call it."""

from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute

from app.errors import NotFound
from app.identity.forged import Typed, typed_late
from app.settings import SETTINGS

PUBLIC = {"policy": "public"}
SIGNED_IN = {"policy": "signed_in"}
DEMO = {"policy": "demo"}
POLICIES = ("public", "signed_in", "demo")


class SignInNeeded(Exception):
    """The page is for people who are signed in; `typed` was sent to `form` after their session had ended.

    None where nothing was sent from here.
    """

    def __init__(self, typed: Typed | None = None, form: Any = None) -> None:
        self.typed, self.form = typed, form
        super().__init__()


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Deny by default: a handler is for the signed in unless its policy says otherwise.

    A coroutine, since Litestar would send a plain function to a thread, for every request.
    """
    policy = handler.opt.get("policy")
    if policy == "signed_in" and connection.user is None:
        raise SignInNeeded(await typed_late(connection), handler.opt.get("form"))
    if policy == "demo" and not SETTINGS.demo:
        raise NotFound


def check_policies(app: Litestar) -> None:
    """Refuse to start while a handler does not say who may call it."""
    for route in app.routes:
        handlers = route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]
        for handler in handlers:
            if getattr(handler, "http_methods", None) == {"OPTIONS"}:  # Litestar's own: names the methods
                continue
            if handler.opt.get("policy") not in POLICIES:
                raise ImproperlyConfiguredException(f"{route.path}: {handler} has no policy")
