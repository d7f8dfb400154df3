"""Calls as everybody sees them: the list, one page from the call to its result, its versions, calendar and feed."""

from litestar import Router

from app.pages.calls import feeds, public, versions

router = Router("/", route_handlers=[*public.HANDLERS, *versions.HANDLERS, *feeds.HANDLERS])
