"""Programmes: as everybody sees them, and the pages on which the office writes them."""

from litestar import Router

from app.pages.programmes import editor, public

router = Router("/", route_handlers=[*public.HANDLERS, *editor.HANDLERS])
