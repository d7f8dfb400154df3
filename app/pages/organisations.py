"""The organisations a person acts for: founding one, its profile, and asking colleagues to join."""

from datetime import timedelta
from typing import Any, ClassVar

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, web
from app.domain import organisations
from app.i18n import gettext as _
from app.i18n import later
from app.identity import attempts, sessions
from app.identity.policies import PUBLIC, SIGNED_IN

DAY = timedelta(days=1)
INVITATIONS_A_DAY = 30


class FoundForm(web.Form):
    labels: ClassVar = {
        "name": later("Name of the organisation"),
        "legal_form": later("Legal form"),
        "seat": later("Seat (town)"),
    }
    name = web.text(200, required=True)
    legal_form = web.choice(organisations.LEGAL_FORMS)
    seat = web.text(200)


class ProfileForm(web.Form):
    labels: ClassVar = {
        "legal_form": later("Legal form"),
        "seat": later("Seat (town)"),
        "email": later("E-mail address of the organisation"),
    }
    legal_form = web.choice(organisations.LEGAL_FORMS)
    seat = web.text(200)
    email = web.email(required=False)


class ColleagueForm(web.Form):
    labels: ClassVar = {"colleague": later("E-mail address of the person you are inviting")}
    colleague = web.email()


class JoinForm(web.Form):
    name = web.text(200)
    password = web.password()


@get("/organisations", opt=SIGNED_IN)
async def mine(request: web.Request) -> Response[Any]:
    found = await organisations.of(request.user.id)
    if len(found) == 1:
        return web.redirect(f"/organisations/{found[0].id}")
    return web.page(request, "organisations/mine.html", organisations=found)


@get("/organisations/new", opt=SIGNED_IN)
async def new(request: web.Request) -> Template:
    return _found_page(request, FoundForm())


@post("/organisations/new", opt=web.signed_in(FoundForm))
async def found(request: web.Request) -> Response[Any]:
    form = await web.submitted(request, FoundForm)
    founded = 0
    if form.ok:
        with form.refusals():
            founded = await organisations.found(
                email=request.user.email, **form.data, by=request.user.id, at=clock.arrived()
            )
    if not form.ok:
        return _found_page(request, form)
    await web.flash(request.user, "success", _("Your organisation is registered. Now you can start a proposal."))
    return web.redirect(f"/organisations/{founded}")


@get("/organisations/{organisation_id:int}", opt=SIGNED_IN)
async def show(request: web.Request, organisation_id: FromPath[int]) -> Template:
    return await _show_page(request, await organisations.held_by(request.user.id, organisation_id))


@post("/organisations/{organisation_id:int}", opt=web.signed_in(ProfileForm))
async def change(request: web.Request, organisation_id: FromPath[int]) -> Response[Any]:
    held = await organisations.held_by(request.user.id, organisation_id)
    form = await web.submitted(request, ProfileForm)
    if not form.ok:
        return await _show_page(request, held, profile=form)
    await organisations.change(held, **form.data, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("Saved."))
    return web.redirect(f"/organisations/{organisation_id}")


@post("/organisations/{organisation_id:int}/members", opt=web.signed_in(ColleagueForm))
async def invite(request: web.Request, organisation_id: FromPath[int]) -> Response[Any]:
    held = await organisations.held_by(request.user.id, organisation_id)
    form = await web.submitted(request, ColleagueForm)
    if form.ok:
        with form.refusals():
            await attempts.keep_out("colleague", str(organisation_id), INVITATIONS_A_DAY, DAY)
            await attempts.keep_out_inviting(request.user.id)
            await organisations.invite(held, form.data["colleague"], by=request.user.id, at=clock.arrived())
    if not form.ok:
        return await _show_page(request, held, colleague=form)
    await web.flash(request.user, "success", _("The invitation is on its way."))
    return web.redirect(f"/organisations/{organisation_id}")


@get("/organisations/joining/{token:str}", opt=PUBLIC)
async def invitation(request: web.Request, token: FromPath[str]) -> Template:
    return await _join_page(request, token, JoinForm())


@post("/organisations/joining/{token:str}", opt=PUBLIC)
async def join(request: web.Request, token: FromPath[str]) -> Response[Any]:
    asked = await organisations.invitation(token)
    form = JoinForm()
    if not asked.has_account:
        form = await web.submitted(request, JoinForm)
        if form.ok and not form.data["name"]:
            form.errors["name"] = _("Please fill in this field.")
    person = 0
    if form.ok:
        with form.refusals():
            person = await organisations.join(
                token, request.user.id if request.user else None, form.data, at=clock.arrived()
            )
    if not form.ok:
        return await _join_page(request, token, form)
    response = web.redirect("/desk")
    if request.user is None or request.user.id != person:
        response.cookies.append(await sessions.start_session(person, None, request.user))
    return response


def _found_page(request: web.Request, form: web.Form) -> Template:
    return web.page(request, "organisations/new.html", 200 if form.ok else 422, form=form, options=_legal_forms())


async def _show_page(
    request: web.Request, held: organisations.Held, profile: web.Form | None = None, colleague: web.Form | None = None
) -> Template:
    return web.form_page(
        request,
        "organisations/show.html",
        profile or colleague or web.Form(),
        organisation=held,
        members=await organisations.members(held.id),
        profile=profile or ProfileForm({name: getattr(held, name) for name in ("legal_form", "seat", "email")}),
        colleague=colleague or ColleagueForm({"colleague": ""}),
        options=_legal_forms(),
    )


async def _join_page(request: web.Request, token: str, form: web.Form) -> Template:
    asked = await organisations.invitation(token)
    signed_in = request.user.id if request.user else None
    return web.form_page(
        request,
        "organisations/joining.html",
        form,
        token=token,
        asked=asked,
        needs_sign_in=asked.has_account and asked.person != signed_in,
    )


def _legal_forms() -> list[tuple[str, str]]:
    return [(key, _(label)) for key, label in organisations.LEGAL_FORMS.items()]


router = Router("/", route_handlers=[mine, new, found, show, change, invite, invitation, join])
