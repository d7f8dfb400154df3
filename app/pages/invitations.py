"""Who sits in a committee: seats, invitations, and how somebody accepts one."""

from typing import Any, ClassVar

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, web
from app.domain import conflicts, invitations
from app.domain.invitations import INTEREST_GROUPS, ROLES
from app.i18n import gettext as _
from app.i18n import later
from app.identity import attempts, sessions
from app.identity.policies import PUBLIC, SIGNED_IN


class SeatForm(web.Form):
    labels: ClassVar = {
        "name": later("Name"),
        "email": later("E-mail address"),
        "role": later("Role"),
        "seat": later("Nominated by (the body that sends this person)"),
        "interest_group": later("Interest group"),
    }
    name = web.text(200, required=True)
    email = web.email()
    role = web.choice(ROLES)
    seat = web.text(200)
    interest_group = web.choice(INTEREST_GROUPS, required=False)


class AcceptForm(web.Form):
    password = web.Field(lambda typed: typed, empty="")


@get("/calls/{key:str}/committee/members", opt=SIGNED_IN)
async def members(request: web.Request, key: FromPath[str]) -> Template:
    call = await conflicts.administered_by(request.user.id, key)
    return await _members_page(request, call, SeatForm({"role": "voting"}))


@post("/calls/{key:str}/committee/members", opt=web.signed_in(SeatForm))
async def invite(request: web.Request, key: FromPath[str]) -> Response[Any]:
    call = await conflicts.run_impartially_by(request.user.id, key)
    form = await web.submitted(request, SeatForm)
    if form.ok:
        with form.refusals():
            await attempts.keep_out_inviting(request.user.id)
            await invitations.invite(call, **form.data, by=request.user.id, at=clock.arrived())
    if not form.ok:
        return await _members_page(request, call, form)
    await web.flash(request.user, "success", _("%(name)s has an invitation by e-mail.") % {"name": form.data["name"]})
    return web.redirect(f"/calls/{key}/committee/members")


@get("/invitations/{token:str}", opt=PUBLIC)
async def invitation(request: web.Request, token: FromPath[str]) -> Template:
    return await _invitation_page(request, token, AcceptForm())


@post("/invitations/{token:str}", opt=PUBLIC)
async def accept(request: web.Request, token: FromPath[str]) -> Response[Any]:
    form = await web.submitted(request, AcceptForm)
    person = 0
    with form.refusals():
        person = await invitations.accept(
            token, request.user.id if request.user else None, form.data["password"], at=clock.arrived()
        )
    if not form.ok:
        return await _invitation_page(request, token, form)
    response = web.redirect("/desk")
    response.cookies.append(await sessions.start_session(person, None, request.user))
    return response


async def _members_page(request: web.Request, call: conflicts.Part, form: web.Form) -> Template:
    seated, invited = await invitations.seats(call.id)
    return web.form_page(
        request,
        "invitations/members.html",
        form,
        call=call,
        members=seated,
        invited=invited,
        roles=[(key, _(label)) for key, label in ROLES.items()],
        groups=[(key, _(label)) for key, label in INTEREST_GROUPS.items()],
        role_names={key: _(label) for key, label in ROLES.items()},
        group_names={key: _(label) for key, label in INTEREST_GROUPS.items()},
        why_biased=conflicts.why_biased(call),
    )


async def _invitation_page(request: web.Request, token: str, form: web.Form) -> Template:
    found = await invitations.invitation(token)
    signed_in = request.user.id if request.user else None
    return web.form_page(
        request,
        "invitations/invitation.html",
        form,
        invitation=found,
        token=token,
        role=_(ROLES[found.role]),
        needs_sign_in=found.has_account and found.person != signed_in,
        needs_password=not found.has_account,
    )


router = Router("/", route_handlers=[members, invite, invitation, accept])
