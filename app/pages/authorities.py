"""What an authority says of itself on the duty pages, edited by those who administer it."""

from typing import Any, ClassVar

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, web
from app.database import Row
from app.domain import authorities
from app.i18n import gettext as _
from app.identity.policies import SIGNED_IN


class DutiesForm(web.Form):
    labels: ClassVar = authorities.DUTIES
    email = web.email(required=False)
    imprint = web.text(10_000, lines=True)
    accessibility_law = web.text(300)
    conformity = web.choice(authorities.CONFORMITY, required=False)
    barriers = web.text(10_000, lines=True)
    evaluated_on = web.day()
    method = web.choice(authorities.METHODS, required=False)
    enforcement_body = web.text(2_000, lines=True)
    easy_language = web.text(20_000, lines=True)
    sign_language = web.text(300)
    data_protection_officer = web.text(2_000, lines=True)
    privacy_law = web.text(300)
    retention = web.text(4_000, lines=True)
    supervisory_authority = web.text(2_000, lines=True)
    version = web.integer(0)


@get("/authorities/{authority:int}", opt=SIGNED_IN)
async def edit(request: web.Request, authority: FromPath[int]) -> Template:
    found = await authorities.run_by(request.user.id, authority)
    kept = {name: found[name] for name in (*authorities.DUTIES, "version")}
    return _page(request, found, DutiesForm({**kept, "evaluated_on": found["evaluated_on"] or ""}))


@post("/authorities/{authority:int}", opt=web.signed_in(DutiesForm))
async def save(request: web.Request, authority: FromPath[int]) -> Response[Any]:
    found = await authorities.run_by(request.user.id, authority)
    form = await web.submitted(request, DutiesForm)
    if not form.ok:
        return _page(request, found, form)
    entered = {name: form.data[name] for name in authorities.DUTIES}
    await authorities.describe(found, entered, form.data["version"] or 0, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("Saved. The public pages say so now."))
    return web.redirect(f"/authorities/{authority}")


def _page(request: web.Request, authority: Row, form: DutiesForm) -> Template:
    return web.page(
        request,
        "authorities/edit.html",
        422 if form.errors else 200,
        authority=authority,
        form=form,
        labels={name: _(label) for name, label in authorities.DUTIES.items()},
        conformity=_options(authorities.CONFORMITY),
        methods=_options(authorities.METHODS),
    )


def _options(codes: dict[str, str]) -> list[tuple[str, str]]:
    return [("", _("not stated yet")), *((code, _(words)) for code, words in codes.items())]


router = Router("/", route_handlers=[edit, save])
