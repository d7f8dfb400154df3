"""How far the rating of a committee is, and its end by the chair."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, web
from app.domain import calls, closures, committees, rating_schemes, reviews
from app.i18n import gettext as _
from app.identity.policies import SIGNED_IN


@get("/calls/{key:str}/committee", opt=SIGNED_IN)
async def progress(request: web.Request, key: FromPath[str]) -> Template:
    call = await committees.led_by(request.user.id, key)
    return await _progress_page(request, call, "committees/progress.html")


@get("/calls/{key:str}/rating-closure", opt=SIGNED_IN)
async def closure(request: web.Request, key: FromPath[str]) -> Template:
    call = await committees.chaired_by(request.user.id, key)
    return await _progress_page(request, call, "committees/closure.html")


@post("/calls/{key:str}/rating-closure", opt=SIGNED_IN)
async def close(request: web.Request, key: FromPath[str]) -> Response[Any]:
    call = await committees.chaired_by(request.user.id, key)
    await closures.close(call, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("The rating is closed. No mark changes from now on."))
    return web.redirect(f"/calls/{key}/committee")


async def _progress_page(request: web.Request, call: committees.Led, template: str) -> Template:
    hidden = await closures.closed_to(request.user.id, call.id)
    without = [row.id for row in hidden]
    least = (await rating_schemes.of(call.rating_scheme)).content.aggregation.min_valid_ratings
    proposals = await closures.proposals(call, without)
    return web.page(
        request,
        template,
        call=call,
        phase=_(calls.PHASES[calls.phase(call)]),
        members=await closures.members(call, without),
        rated=len(proposals),
        thin=[row for row in proposals if row.valid < least],
        least=least,
        after_seeing=await reviews.after_seeing(call.id, without),
        hidden=hidden,
        why_closed=calls.why_closed_for_rating(call),
    )


router = Router("/", route_handlers=[progress, closure, close])
