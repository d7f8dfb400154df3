"""The desk: what awaits a person."""

from litestar import Router, get
from litestar.response import Template

from app import web
from app.access import SIGNED_IN


@get("/desk", opt=SIGNED_IN)
async def desk(request: web.Request) -> Template:
    return web.page(request, "desk/desk.html")


router = Router("/", route_handlers=[desk])
