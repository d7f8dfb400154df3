"""The office of one call: what is to be done in it now, and the way to everything else."""

from litestar import get
from litestar.params import FromPath
from litestar.response import Template

from app import clock, i18n, web
from app.domain import call_making, calls, conflicts, rating_schemes
from app.i18n import gettext as _
from app.identity.policies import SIGNED_IN
from app.pages.call_making import steps


@get("/calls/{key:str}/office", opt=SIGNED_IN)
async def office(request: web.Request, key: FromPath[str]) -> Template:
    call = await conflicts.administered_by(request.user.id, key)
    numbers = await calls.numbers(call.id)
    work = await call_making.work_of(call)
    phase = calls.phase(call)
    writing = []
    if phase == "draft":
        found = await call_making.faults(work.text, at=clock.arrived())
        writing = await steps.of(work, found, numbers.members)
    scheme = (await rating_schemes.of(call.rating_scheme)).content if call.rating_scheme else None
    return web.page(
        request,
        "calls/office.html",
        call=call,
        work=work,
        phase=phase,
        phase_name=_(calls.PHASES[phase]),
        to_do=None if conflicts.why_biased(call) else calls.TO_DO.get(phase),
        numbers=numbers,
        dates=[(label, i18n.when(when), state) for label, when, state in calls.timetable(call)],
        scheme=scheme,
        writing=writing,
        done=sum(not one.faults for one in writing),
        why_sealed=calls.why_sealed(call),
        why_biased=conflicts.why_biased(call),
    )


HANDLERS = (office,)
