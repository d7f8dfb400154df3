"""The authorities of this installation: made, given their first administrator and retired by those who run it."""

from typing import Any, ClassVar

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, web
from app.domain import appointments, authorities
from app.i18n import gettext as _
from app.i18n import later
from app.identity import attempts
from app.identity.policies import SIGNED_IN


class FirstForm(web.Form):
    labels: ClassVar = {
        "person": later("Name of the first administrator"),
        "email": later("Their e-mail address"),
    }
    person = web.text(200, required=True)
    email = web.email()


class FoundForm(FirstForm):
    labels: ClassVar = {"name": later("Name of the authority"), **FirstForm.labels}
    name = web.text(200, required=True)


class RetirementForm(web.Form):
    labels: ClassVar = {"sure": later("Yes, this authority retires.")}
    sure = web.checked()


@get("/installation", opt=SIGNED_IN)
async def listed(request: web.Request) -> Template:
    await appointments.run_installation(request.user.id)
    return web.page(request, "installation/authorities.html", known=await authorities.known())


@get("/installation/authorities/new", opt=SIGNED_IN)
async def new(request: web.Request) -> Template:
    await appointments.run_installation(request.user.id)
    return web.form_page(request, "installation/new.html", FoundForm())


@post("/installation/authorities/new", opt=web.signed_in(FoundForm))
async def found(request: web.Request) -> Response[Any]:
    await appointments.run_installation(request.user.id)
    form = await web.submitted(request, FoundForm)
    made = 0
    if form.ok:
        with form.refusals():
            await attempts.keep_out_inviting(request.user.id)
            made = await appointments.found(**form.data, by=request.user.id, at=clock.arrived())
    if not form.ok:
        return web.form_page(request, "installation/new.html", form)
    await _flash_invited(request, form)
    return web.redirect(f"/installation/authorities/{made}")


@get("/installation/authorities/{authority:int}", opt=SIGNED_IN)
async def show(request: web.Request, authority: FromPath[int]) -> Template:
    return await _page(request, authority)


@post("/installation/authorities/{authority:int}/administrators", opt=web.signed_in(FirstForm))
async def invite_first(request: web.Request, authority: FromPath[int]) -> Response[Any]:
    await appointments.run_installation(request.user.id)
    form = await web.submitted(request, FirstForm)
    if form.ok:
        with form.refusals():
            await attempts.keep_out_inviting(request.user.id)
            await appointments.invite_first(authority, **form.data, by=request.user.id, at=clock.arrived())
    if not form.ok:
        return await _page(request, authority, first=form)
    await _flash_invited(request, form)
    return web.redirect(f"/installation/authorities/{authority}")


@post("/installation/authorities/{authority:int}/retirement", opt=web.signed_in(RetirementForm))
async def retire(request: web.Request, authority: FromPath[int]) -> Response[Any]:
    await appointments.run_installation(request.user.id)
    form = await web.submitted(request, RetirementForm)
    if not form.data["sure"]:
        form.errors["sure"] = _("Please confirm this: it cannot be taken back.")
        return await _page(request, authority, retirement=form)
    await authorities.retire(authority, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("The authority has retired."))
    return web.redirect("/installation")


async def _flash_invited(request: web.Request, form: web.Form) -> None:
    words = {"name": form.data["person"]}
    await web.flash(request.user, "success", _("%(name)s has an invitation by e-mail.") % words)


async def _page(
    request: web.Request, authority: int, first: web.Form | None = None, retirement: web.Form | None = None
) -> Template:
    await appointments.run_installation(request.user.id)
    known = await authorities.one_known(authority)
    return web.form_page(
        request,
        "installation/authority.html",
        first or retirement or web.Form(),
        known=known,
        administrators=await appointments.administrators(authority),
        invited=await appointments.invited(authority),
        first=first or FirstForm(),
        retirement=retirement or RetirementForm(),
        why_not_invited=appointments.why_not_invited(known),
        why_not_retired=authorities.why_not_retired(known),
    )


router = Router("/", route_handlers=[listed, new, found, show, invite_first, retire])
