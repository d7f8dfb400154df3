"""Where people meet Votum: the same nouns as in domain, one router each."""

from importlib import import_module

from litestar import Router
from litestar.types import ControllerRouterHandler

NOUNS = (
    "home",
    "sign_in",
    "desk",
    "organisations",
    "authorities",
    "proposals",
    "assignments",
    "committees",
    "intake",
    "rankings",
    "calls",
    "programmes",
    "call_making",
    "exports",
)


def routers() -> list[ControllerRouterHandler]:
    """Every page's router."""
    found: list[ControllerRouterHandler] = []
    for noun in NOUNS:
        router: Router = import_module(f"app.pages.{noun}").router
        found.append(router)
    return found
