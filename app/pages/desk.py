"""The desk: what awaits a person in each of their roles."""

from litestar import Router, get
from litestar.response import Template

from app import clock, web
from app.database import Row
from app.domain import assignments, calls, proposals, reasons
from app.i18n import gettext as _
from app.identity.policies import SIGNED_IN


@get("/desk", opt=SIGNED_IN)
async def desk(request: web.Request) -> Template:
    person, now = request.user.id, clock.now()
    organisation = await proposals.desk_of(person, now)
    office = await calls.office_of(person)
    return web.page(
        request,
        "desk/desk.html",
        seats=await assignments.desk_of(person),
        phases=calls.PHASES,
        organisation=organisation,
        names=proposals.STATES,
        kinds=proposals.KINDS,
        states=[await reasons.state(row, now) for row in organisation.proposals],
        authorities=office.authorities,
        administrated=[_with_phase(call) for call in office.calls],
    )


def _with_phase(call: Row) -> tuple[Row, str]:
    return call, _(calls.PHASES[calls.phase(call)])


router = Router("/", route_handlers=[desk])
