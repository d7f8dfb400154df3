"""A call is begun and written step by step; what is wrong in a step is said at its field."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, web
from app.domain import authorities, call_making, calls, words
from app.domain.call_making import DATES, STEPS, Work
from app.errors import NotFound
from app.i18n import gettext as _
from app.identity.policies import SIGNED_IN
from app.pages.call_making import line, steps
from app.pages.call_making.forms import FORMS, AnyStepForm, DatesForm, NewForm, StepForm, as_kept


@get("/calls/new", opt=SIGNED_IN)
async def new(request: web.Request) -> Template:
    authorities = await _authorities(request)
    form = NewForm({"procedure_kind": "competition", "authority": authorities[0][0]})
    return _new_page(request, form, authorities)


@post("/calls/new", opt=web.signed_in(NewForm))
async def create(request: web.Request) -> Response[Any]:
    authorities = await _authorities(request)
    form = await web.submitted(request, NewForm)
    if not form.ok:
        return _new_page(request, form, authorities)
    entered = {name: form.data[name] for name in ("title_de", "procedure_kind")}
    authority, committee = form.data["authority"] or authorities[0][0], form.data["committee_name"]
    key = await call_making.create(authority, committee, entered, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("The draft is saved. These are the steps until it is public."))
    return web.redirect(f"/calls/{key}/office")


@get("/calls/{key:str}/edit/{part:str}", opt=SIGNED_IN)
async def edit(request: web.Request, key: FromPath[str], part: FromPath[str]) -> Template:
    work = await _worked_on(request, key, part)
    form = as_kept(part, work)
    page = _step_page(request, form, part, work)
    form.errors.update({name: said for name, said in call_making.unfit(work.text).items() if name in STEPS[part]})
    return page


@post("/calls/{key:str}/edit/{part:str}", opt=web.signed_in(AnyStepForm))
async def save(request: web.Request, key: FromPath[str], part: FromPath[str]) -> Response[Any]:
    work = await _worked_on(request, key, part)
    form: StepForm = await web.submitted(request, FORMS[part])
    if form.ok:
        entered = {name: form.data[name] for name in STEPS[part]}
        with form.refusals():
            await call_making.edit(work, entered, form.data["version"] or 0, by=request.user.id, at=clock.arrived())
    if not form.ok:
        return _step_page(request, form, part, work)
    said = _("Saved. It becomes public when it is released.") if work.call.published_at else _("Saved.")
    await web.flash(request.user, "success", said)
    if form.data["then"] == "next":
        return web.redirect(f"/calls/{key}/{steps.after(part)}")
    return web.redirect(f"/calls/{key}/{'check' if work.call.published_at else 'office'}")


@post("/calls/{key:str}/line", opt=web.signed_in(DatesForm))
async def draw(request: web.Request, key: FromPath[str]) -> Template:
    """The time line of the dates as they are typed; nothing is saved."""
    await calls.run_by(request.user.id, key)
    form = await web.submitted(request, DatesForm)
    return web.fragment(request, "calls/_line.html", line=line.drawn(form.data))


async def _worked_on(request: web.Request, key: str, step: str) -> Work:
    call = await calls.run_by(request.user.id, key)
    if step not in FORMS:
        raise NotFound
    return await call_making.work_of(call)


def _step_page(request: web.Request, form: StepForm, step: str, work: Work) -> Template:
    dates = {name: form.data.get(name, getattr(work.text, name)) for name in DATES}
    return web.page(
        request,
        f"calls/edit/{step}.html",
        form.status_code,
        form=form,
        call=work.call,
        text=work.text,
        step=step,
        steps=[(name, _(steps.ORDER[name][0])) for name in steps.PAGES],
        fixed=work.call.published_at is not None,
        line=line.drawn(dates) if step == "dates" else None,
        fill_rules=[(code, _(label)) for code, label in words.FILL_RULES.items()],
        procedures=[(code, _(label)) for code, label in words.PROCEDURES.items()],
    )


def _new_page(request: web.Request, form: NewForm, authorities: list[tuple[int, str]]) -> Template:
    procedures = [(code, _(label)) for code, label in words.PROCEDURES.items()]
    return web.page(
        request, "calls/edit/new.html", form.status_code, form=form, authorities=authorities, procedures=procedures
    )


async def _authorities(request: web.Request) -> list[tuple[int, str]]:
    """The authorities for which the person may make a call; without one the page does not exist for them."""
    found = [(row.id, row.name) for row in await authorities.worked_for_by(request.user.id)]
    if not found:
        raise NotFound
    return found


HANDLERS = (new, create, edit, save, draw)
