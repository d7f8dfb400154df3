"""Appointing colleagues to an authority or to the installation, dismissing them, and accepting by a mailed link."""

from typing import Any, ClassVar

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, web
from app.domain import appointments, authorities
from app.domain.authorities import Masthead
from app.i18n import gettext as _
from app.i18n import later
from app.identity import attempts, sessions
from app.identity.policies import PUBLIC, SIGNED_IN


class ColleagueForm(web.Form):
    labels: ClassVar = {"name": later("Name"), "email": later("E-mail address")}
    name = web.text(200, required=True)
    email = web.email()


class AcceptForm(web.Form):
    labels: ClassVar = {"password": later("Password")}
    password = web.Field(lambda typed: typed, empty="")


@get("/authorities/{authority:int}/administrators", opt=SIGNED_IN)
async def of_authority(request: web.Request, authority: FromPath[int]) -> Template:
    return await _page(request, await authorities.run_by(request.user.id, authority), ColleagueForm())


@post("/authorities/{authority:int}/administrators", opt=web.signed_in(ColleagueForm))
async def invite(request: web.Request, authority: FromPath[int]) -> Response[Any]:
    return await _invited(request, await authorities.run_by(request.user.id, authority))


@post("/authorities/{authority:int}/administrators/{person_id:int}/dismissal", opt=SIGNED_IN)
async def dismiss(request: web.Request, authority: FromPath[int], person_id: FromPath[int]) -> Response[Any]:
    return await _dismissed(request, await authorities.run_by(request.user.id, authority), person_id)


@post("/authorities/{authority:int}/appointments/{appointment:int}/withdrawal", opt=SIGNED_IN)
async def withdraw(request: web.Request, authority: FromPath[int], appointment: FromPath[int]) -> Response[Any]:
    return await _withdrawn(request, await authorities.run_by(request.user.id, authority), appointment)


@get("/installation/administrators", opt=SIGNED_IN)
async def of_installation(request: web.Request) -> Template:
    await appointments.run_installation(request.user.id)
    return await _page(request, None, ColleagueForm())


@post("/installation/administrators", opt=web.signed_in(ColleagueForm))
async def invite_to_installation(request: web.Request) -> Response[Any]:
    await appointments.run_installation(request.user.id)
    return await _invited(request, None)


@post("/installation/administrators/{person_id:int}/dismissal", opt=SIGNED_IN)
async def dismiss_from_installation(request: web.Request, person_id: FromPath[int]) -> Response[Any]:
    await appointments.run_installation(request.user.id)
    return await _dismissed(request, None, person_id)


@post("/installation/appointments/{appointment:int}/withdrawal", opt=SIGNED_IN)
async def withdraw_from_installation(request: web.Request, appointment: FromPath[int]) -> Response[Any]:
    await appointments.run_installation(request.user.id)
    return await _withdrawn(request, None, appointment)


@get("/appointments/{token:str}", opt=PUBLIC)
async def appointment(request: web.Request, token: FromPath[str]) -> Template:
    return await _appointment_page(request, token, AcceptForm())


@post("/appointments/{token:str}", opt=PUBLIC)
async def accept(request: web.Request, token: FromPath[str]) -> Response[Any]:
    form = await web.submitted(request, AcceptForm)
    signed_in = request.user.id if request.user else None
    person = 0
    with form.refusals():
        person = await appointments.accept(token, signed_in, form.data["password"], at=clock.arrived())
    if not form.ok:
        return await _appointment_page(request, token, form)
    response = web.redirect("/desk")
    if signed_in != person:
        response.cookies.append(await sessions.start_session(person, None, request.user))
    return response


async def _invited(request: web.Request, authority: Masthead | None) -> Response[Any]:
    form = await web.submitted(request, ColleagueForm)
    if form.ok:
        with form.refusals():
            await attempts.keep_out_inviting(request.user.id)
            await appointments.invite(_id(authority), **form.data, by=request.user.id, at=clock.arrived())
    if not form.ok:
        return await _page(request, authority, form)
    await web.flash(request.user, "success", _("%(name)s has an invitation by e-mail.") % {"name": form.data["name"]})
    return web.redirect(f"{_place(authority)}/administrators")


async def _dismissed(request: web.Request, authority: Masthead | None, person: int) -> Response[Any]:
    await appointments.dismiss(_id(authority), person, by=request.user.id, at=clock.arrived())
    if person == request.user.id:
        await web.flash(request.user, "success", _("You no longer administer here."))
        return web.redirect("/desk")
    await web.flash(request.user, "success", _("Dismissed. The person is told by e-mail."))
    return web.redirect(f"{_place(authority)}/administrators")


async def _withdrawn(request: web.Request, authority: Masthead | None, appointment: int) -> Response[Any]:
    await appointments.withdraw(_id(authority), appointment, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("The invitation is withdrawn."))
    return web.redirect(f"{_place(authority)}/administrators")


async def _page(request: web.Request, authority: Masthead | None, form: web.Form) -> Template:
    found = await appointments.administrators(_id(authority))
    return web.form_page(
        request,
        "appointments/administrators.html",
        form,
        **{"authority": authority} if authority else {},
        place=_place(authority),
        administrators=[(one, appointments.why_not_dismissed(found, one.person)) for one in found],
        invited=await appointments.invited(_id(authority)),
    )


async def _appointment_page(request: web.Request, token: str, form: web.Form) -> Template:
    asked = await appointments.asked(token)
    signed_in = request.user.id if request.user else None
    return web.form_page(
        request,
        "appointments/appointment.html",
        form,
        asked=asked,
        token=token,
        needs_sign_in=asked.has_account and asked.person != signed_in,
    )


def _id(authority: Masthead | None) -> int | None:
    return authority.id if authority else None


def _place(authority: Masthead | None) -> str:
    return f"/authorities/{authority.id}" if authority else "/installation"


router = Router(
    "/",
    route_handlers=[
        *(of_authority, invite, dismiss, withdraw),
        *(of_installation, invite_to_installation, dismiss_from_installation, withdraw_from_installation),
        *(appointment, accept),
    ],
)
