"""The desk: what awaits a person in each of their roles, and first of all what is due."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from litestar import Router, get
from litestar.response import Template

from app import clock, i18n, web
from app.domain import assignments, call_making, calls, proposals, reasons
from app.i18n import gettext as _
from app.i18n import ngettext
from app.identity.policies import SIGNED_IN


class Due(NamedTuple):
    """One thing that waits for the person: what, in which call or proposal, where it is done, until when."""

    what: str
    about: str
    address: str
    action: str
    until: date | datetime | None


@get("/desk", opt=SIGNED_IN)
async def desk(request: web.Request) -> Template:
    person, now = request.user.id, clock.now()
    organisation = await proposals.desk_of(person, now)
    office = await calls.office_of(person)
    seats = await assignments.desk_of(person)
    states = [await reasons.state(row, row, now) for row in organisation.proposals]
    administrated = [(call, calls.phase(call)) for call in office.calls]
    busy = {call.authority for call in office.calls}
    waiting = await call_making.waiting_for(person) if office.calls else []
    due = [*_asked(organisation.proposals, states), *_seats(seats), *_office(administrated), *_waiting(waiting)]
    return web.page(
        request,
        "desk/desk.html",
        due=sorted(due, key=_when),
        seats=seats,
        phases=calls.PHASES,
        call_kinds=calls.KINDS,
        organisation=organisation,
        names=proposals.STATES,
        kinds=proposals.KINDS,
        states=states,
        authorities=office.authorities,
        fresh=[one for one in office.authorities if not one.retired and one.id not in busy],
        installation=office.installation,
        administrated=administrated,
    )


def _asked(rows: Sequence[proposals.Listed], states: Sequence[str]) -> Iterator[Due]:
    """What an organisation still has to send: what the office asked for, and its drafts while the call is open."""
    for row, state in zip(rows, states, strict=True):
        about, address = row.title or _("Untitled"), f"/proposals/{row.id}"
        if state == "curing":
            yield Due(_("Send what is missing"), about, address, _("See what is missing"), row.cure_due)
        elif state == "draft":
            yield Due(_("Finish your proposal and hand it in"), about, address, _("Continue writing"), row.deadline)


def _seats(seats: Sequence[assignments.Seat]) -> Iterator[Due]:
    """What a member still has to rate, and the rating that its chair can close."""
    for seat in (one for one in seats if one.phase == "rating"):
        call, due, about = seat.call, seat.due, i18n.in_language(seat.call, "title")
        if due:
            sheets = ngettext("%(num)s sheet is to be handed in", "%(num)s sheets are to be handed in", len(due))
            action = _("To the next sheet: %(key)s") % {"key": due[0].key}
            yield Due(sheets % {"num": len(due)}, about, f"/assignments/{due[0].id}", action, call.rating_until)
        if call.role == "chair":
            what, action = _("Lead the rating and close it"), _("Progress of the committee")
            yield Due(what, about, f"/calls/{call.key}/committee", action, call.rating_until)


def _office(administrated: Sequence[tuple[calls.Call, str]]) -> Iterator[Due]:
    for call, phase in administrated:
        if phase in calls.TO_DO:
            what, page, until = calls.TO_DO[phase]
            about, address = i18n.in_language(call, "title") or call.key, f"/calls/{call.key}/{page}"
            yield Due(_(what), about, address, _("Go on"), getattr(call, until))


def _waiting(waiting: Sequence[call_making.Waiting]) -> Iterator[Due]:
    """What others wrote and the person can release, and what was sent back to them."""
    for one in waiting:
        about = i18n.in_language(one, "title") + " – " + _("from %(name)s") % {"name": one.by_name}
        what = _("Release the change of a call") if one.is_change else _("Release the call")
        if one.returned:
            what = _("Your text was sent back")
        yield Due(what, about, f"/calls/{one.key}/check", _("Read it"), None)


def _when(due: Due) -> tuple[bool, date]:
    """The order of what is due: by day, without one last."""
    until = due.until.astimezone(clock.BERLIN).date() if isinstance(due.until, datetime) else due.until
    return until is None, until or date.max


router = Router("/", route_handlers=[desk])
