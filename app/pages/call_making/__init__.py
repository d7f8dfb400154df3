"""The office makes a call: step by step, checked, released by a second person; and what is next in it."""

from litestar import Router

from app.pages.call_making import office, releasing, scheme, writing

router = Router("/", route_handlers=[*writing.HANDLERS, *office.HANDLERS, *releasing.HANDLERS, *scheme.HANDLERS])
