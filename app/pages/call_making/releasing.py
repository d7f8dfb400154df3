"""What is written is checked, handed over, and released or sent back by a second person."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, web
from app.domain import authorities, call_making, calls, proposals, rating_schemes
from app.domain.call_making import Work
from app.i18n import gettext as _
from app.identity.policies import SIGNED_IN
from app.pages.call_making import steps
from app.pages.call_making.forms import ReasonForm


@get("/calls/{key:str}/check", opt=SIGNED_IN)
async def check(request: web.Request, key: FromPath[str]) -> Template:
    return await _check_page(request, await _worked_on(request, key), ReasonForm())


@post("/calls/{key:str}/handover", opt=web.signed_in(ReasonForm))
async def hand_over(request: web.Request, key: FromPath[str]) -> Response[Any]:
    """Give the text to the others; an authority that works with two eyes releases it at once."""
    work = await _worked_on(request, key)
    alone = await authorities.works_with_two_eyes(work.call.authority)
    form = await web.submitted(request, ReasonForm)
    version, person, now = form.data.get("version") or 0, request.user.id, clock.arrived()
    with form.refusals():
        await call_making.hand_over(work, form.data.get("why", ""), version, by=person, at=now, alone=alone)
    if not form.ok:
        return await _check_page(request, work, form)
    if alone:
        await call_making.release(await call_making.work_of(work.call), version, by=person, at=now)
        return await _released(request, work)
    await web.flash(request.user, "success", _("Handed over: a second person of your authority releases it."))
    return web.redirect(f"/calls/{key}/check")


@post("/calls/{key:str}/publication", opt=web.signed_in(ReasonForm))
async def publish(request: web.Request, key: FromPath[str]) -> Response[Any]:
    work = await _worked_on(request, key)
    form = await web.submitted(request, ReasonForm)
    await call_making.release(work, form.data.get("version") or 0, by=request.user.id, at=clock.arrived())
    return await _released(request, work)


@post("/calls/{key:str}/return", opt=web.signed_in(ReasonForm))
async def send_back(request: web.Request, key: FromPath[str]) -> Response[Any]:
    work = await _worked_on(request, key)
    form = await web.submitted(request, ReasonForm)
    why, version = form.data.get("why", ""), form.data.get("version") or 0
    with form.refusals():
        await call_making.send_back(work, why, version, by=request.user.id, at=clock.arrived())
    if not form.ok:
        return await _check_page(request, work, form)
    await web.flash(request.user, "success", _("Sent back with your reason."))
    return web.redirect(f"/calls/{key}/check")


@post("/calls/{key:str}/discard", opt=web.signed_in(ReasonForm))
async def discard(request: web.Request, key: FromPath[str]) -> Response[Any]:
    """Throw a change away that is not public yet."""
    work = await _worked_on(request, key)
    form = await web.submitted(request, ReasonForm)
    await call_making.discard(work, form.data.get("version") or 0, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("The change is thrown away; what is public stays as it is."))
    return web.redirect(f"/calls/{key}/office")


async def _released(request: web.Request, work: Work) -> Response[Any]:
    said = _("The change is public now.") if work.call.published_at else _("The call is public now.")
    await web.flash(request.user, "success", said)
    return web.redirect(f"/calls/{work.call.key}/office")


async def _worked_on(request: web.Request, key: str) -> Work:
    return await call_making.work_of(await calls.run_by(request.user.id, key))


async def _check_page(request: web.Request, work: Work, form: ReasonForm) -> Template:
    text = work.text
    found = await call_making.faults(text, at=clock.arrived())
    scheme = (await rating_schemes.of(text.rating_scheme)).content if text.rating_scheme else None
    members = (await calls.numbers(text.id)).members
    two_eyes = await authorities.works_with_two_eyes(text.authority)
    return web.page(
        request,
        "calls/check.html",
        form.status_code,
        form=form,
        work=work,
        call=work.call,
        steps=await steps.of(work, found, members),
        faults=[(sentence, steps.place(text.key, field)) for field, sentence in found],
        changes=work.changes if work.is_change else {},
        extended=work.is_change and work.text.deadline != work.call.deadline,
        by_hand=proposals.by_hand(scheme) if scheme else [],
        two_eyes=two_eyes,
        why_not_released=call_making.why_not_released(work, request.user.id, two_eyes=two_eyes),
    )


HANDLERS = (check, hand_over, publish, send_back, discard)
