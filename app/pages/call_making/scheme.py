"""The rating scheme of a call: uploaded, or taken over from an earlier one."""

from typing import Any, ClassVar

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, i18n, web
from app.domain import call_making, calls, rating_schemes, reasons
from app.i18n import gettext as _
from app.identity.policies import SIGNED_IN

SCHEME_LIMIT = 1_000_000


class SchemeForm(web.Form):
    untyped: ClassVar = ("scheme",)
    scheme = web.integer(1, 2**31 - 1)


@get("/calls/{key:str}/scheme", opt=SIGNED_IN)
async def scheme(request: web.Request, key: FromPath[str]) -> Template:
    call = await calls.run_by(request.user.id, key)
    return await _scheme_page(request, call, SchemeForm())


@post("/calls/{key:str}/scheme", opt=web.signed_in(SchemeForm))
async def choose_scheme(request: web.Request, key: FromPath[str]) -> Response[Any]:
    """A file was uploaded, or a scheme of an earlier call was chosen."""
    call = await calls.run_by(request.user.id, key)
    form = await web.submitted(request, SchemeForm)
    with form.refusals():
        if form.data.get("scheme"):
            await call_making.take_over_scheme(call, form.data["scheme"], by=request.user.id, at=clock.arrived())
        else:
            _name, content = await web.uploaded(request, "rating_scheme", SCHEME_LIMIT)
            await call_making.upload_scheme(call, content, by=request.user.id, at=clock.arrived())
    if not form.ok:
        return await _scheme_page(request, call, form)
    await web.flash(request.user, "success", _("The rating scheme is chosen; all worked examples come out right."))
    return web.redirect(f"/calls/{key}/scheme")


async def _scheme_page(request: web.Request, call: calls.Call, form: web.Form) -> Template:
    kept = await rating_schemes.of(call.rating_scheme) if call.rating_scheme else None
    language = i18n.locale.get()
    criteria = kept.content.criteria if kept else ()
    named, german = {one.key: one.label(language) for one in criteria}, [one.label("de") for one in criteria]
    return web.page(
        request,
        "calls/scheme.html",
        200 if form.ok else 422,
        call=call,
        form=form,
        scheme=kept.content if kept else None,
        sha256=kept.sha256 if kept else "",
        ties=[i18n.with_german(reasons.rule(one, named), german) for one in kept.content.ranking.tie_breakers]
        if kept
        else [],
        language=language,
        options=[
            (row.id, f"{i18n.in_language(row, 'title')} ({row.key})")
            for row in await rating_schemes.used_by(call.authority)
        ],
        why_closed=call_making.why_scheme_stands(call),
    )


HANDLERS = (scheme, choose_scheme)
