"""The office makes a call: text, dates, rating scheme, publication; and what is next in it."""

from datetime import date, datetime
from typing import Any, ClassVar

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, i18n, web
from app.domain import call_making, calls, conflicts, proposals, rating_schemes, reasons, words
from app.domain.call_making import COLUMNS
from app.errors import NotFound
from app.i18n import gettext as _
from app.identity.policies import SIGNED_IN

SCHEME_LIMIT = 1_000_000


class CallForm(web.Form):
    labels = words.FIELDS
    untyped: ClassVar = ("authority",)
    authority = web.integer(1, 2**31 - 1)
    committee = web.text(200, required=True)
    title_de = web.text(300, required=True)
    title_en = web.text(300)
    text_de = web.text(20_000, lines=True)
    text_en = web.text(20_000, lines=True)
    target_group_de = web.text(4000, lines=True)
    target_group_en = web.text(4000, lines=True)
    contact_name = web.text(200)
    contact_email = web.email(required=False)
    contact_phone = web.text(60)
    places_max = web.integer()
    budget_max_cents = web.money()
    fill_rule = web.choice(words.FILL_RULES)
    min_places = web.integer()
    max_grant_per_place_month_cents = web.money()
    months_max = web.integer(1, 240)
    overhead_percent_max = web.integer(0, 100)
    own_funds_percent_min = web.integer(0, 100)
    opens_at = web.moment()
    information_event_at = web.moment()
    questions_until = web.day()
    deadline = web.moment()
    formal_check_until = web.day()
    cure_until = web.day()
    rating_from = web.day()
    rating_until = web.day()
    meeting_at = web.moment()
    notices_on = web.day()
    results_on = web.day()
    application_until = web.day()
    earliest_start = web.day()
    version = web.integer()


class SchemeForm(web.Form):
    untyped: ClassVar = ("scheme",)
    scheme = web.integer(1, 2**31 - 1)


@get("/calls/new", opt=SIGNED_IN)
async def new(request: web.Request) -> Template:
    authorities = await _authorities(request)
    return _call_page(request, CallForm({"fill_rule": "stop", "authority": authorities[0][0]}), authorities=authorities)


@post("/calls/new", opt=web.signed_in(CallForm))
async def create(request: web.Request) -> Response[Any]:
    authorities = await _authorities(request)
    form = await web.submitted(request, CallForm)
    key = ""
    if form.ok:
        entered = {name: form.data[name] for name in COLUMNS}
        with form.refusals():
            key = await call_making.create(
                form.data["authority"] or authorities[0][0],
                form.data["committee"],
                entered,
                by=request.user.id,
                at=clock.arrived(),
            )
    if not form.ok:
        return _call_page(request, form, authorities=authorities)
    await web.flash(request.user, "success", _("The draft is saved. Next: the rating scheme and the committee."))
    return web.redirect(f"/calls/{key}/office")


@get("/calls/{key:str}/edit", opt=SIGNED_IN)
async def edit(request: web.Request, key: FromPath[str]) -> Template:
    call = await calls.run_by(request.user.id, key)
    return _call_page(request, await _as_kept(call), call)


@post("/calls/{key:str}/edit", opt=web.signed_in(CallForm))
async def save(request: web.Request, key: FromPath[str]) -> Response[Any]:
    call = await calls.run_by(request.user.id, key)
    form = await web.submitted(request, CallForm)
    if form.ok:
        entered = {name: form.data[name] for name in COLUMNS}
        with form.refusals():
            await call_making.edit(
                call, form.data["committee"], entered, form.data["version"] or 0, by=request.user.id, at=clock.arrived()
            )
    if not form.ok:
        return _call_page(request, form, call)
    await web.flash(request.user, "success", _("The call is saved."))
    return web.redirect(f"/calls/{key}/office")


@get("/calls/{key:str}/office", opt=SIGNED_IN)
async def office(request: web.Request, key: FromPath[str]) -> Template:
    call = await conflicts.administered_by(request.user.id, key)
    numbers = await calls.numbers(call.id)
    scheme = (await rating_schemes.of(call.rating_scheme)).content if call.rating_scheme else None
    return web.page(
        request,
        "calls/office.html",
        call=call,
        phase=calls.phase(call),
        phase_name=_(calls.PHASES[calls.phase(call)]),
        to_do=None if conflicts.why_biased(call) else calls.TO_DO.get(calls.phase(call)),
        numbers=numbers,
        steps=[(label, i18n.when(when), state) for label, when, state in calls.timetable(call)],
        scheme=scheme,
        by_hand=proposals.by_hand(scheme) if scheme else [],
        why_not_published=await call_making.why_not_published(call, at=clock.arrived()),
        places=_places(call),
        why_sealed=calls.why_sealed(call),
        why_biased=conflicts.why_biased(call),
    )


@post("/calls/{key:str}/publication", opt=SIGNED_IN)
async def publish(request: web.Request, key: FromPath[str]) -> Response[Any]:
    call = await calls.run_by(request.user.id, key)
    await call_making.publish(call, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("The call is public now."))
    return web.redirect(f"/calls/{key}/office")


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


def _places(call: calls.Call) -> dict[str, str]:
    """Where what a draft lacks is entered: sentence -> address of the field."""
    base = f"/calls/{call.key}"
    return {
        sentence: f"{base}/scheme" if name == "rating_scheme" else f"{base}/edit#{name}"
        for name, sentence in call_making.missing(call).items()
    }


async def _authorities(request: web.Request) -> list[tuple[int, str]]:
    """The authorities for which the person may make a call; without one the page does not exist for them."""
    found = [(row.id, row.name) for row in await call_making.authorities_of(request.user.id)]
    if not found:
        raise NotFound
    return found


def _call_page(
    request: web.Request,
    form: web.Form,
    call: calls.Call | None = None,
    authorities: list[tuple[int, str]] | None = None,
) -> Template:
    return web.page(
        request,
        "calls/edit.html",
        200 if form.ok else 422,
        form=form,
        call=call,
        authorities=authorities or [],
        fixed=bool(call and call.published_at),
        fill_rules=[(key, _(label)) for key, label in words.FILL_RULES.items()],
    )


async def _as_kept(call: calls.Call) -> CallForm:
    """The form with the call as it is stored, written as people write it."""
    values: dict[str, Any] = {"version": call.version, "committee": call.committee_name}
    for name in COLUMNS:
        kept = getattr(call, name)
        if name.endswith("_cents"):
            values[name] = "" if kept is None else i18n.grouped(f"{kept // 100}.{kept % 100:02}").removesuffix(",00")
        elif isinstance(kept, datetime):
            values[name] = f"{kept.astimezone(clock.BERLIN):%Y-%m-%dT%H:%M}"
        elif isinstance(kept, date):
            values[name] = kept.isoformat()
        else:
            values[name] = "" if kept is None else kept
    return CallForm(values)


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


router = Router("/", route_handlers=[new, create, edit, save, office, publish, scheme, choose_scheme])
