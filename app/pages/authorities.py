"""What an authority settles and says of itself, edited by those who administer it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, colours, pictures, web
from app.domain import appointments, authorities
from app.domain.authorities import Authority
from app.errors import NotFound
from app.i18n import gettext as _
from app.i18n import later
from app.identity.policies import PUBLIC, SIGNED_IN

EYES = {"four": authorities.EYES[False], "two": authorities.EYES[True]}


class NamesForm(web.Form):
    labels: ClassVar = authorities.NAMES
    untyped: ClassVar = ("seen",)
    name = web.text(200, required=True)
    name_en = web.text(200)
    short_name = web.text(40)
    email = web.email(required=False)
    telephone = web.text(60)
    sender_name = web.text(100)
    reply_to = web.email(required=False)
    seen = web.text(16)


class DutiesForm(web.Form):
    labels: ClassVar = authorities.DUTIES
    untyped: ClassVar = ("seen",)
    imprint = web.text(10_000, lines=True)
    accessibility_law = web.text(300)
    conformity = web.choice(authorities.CONFORMITY, required=False)
    barriers = web.text(10_000, lines=True)
    burden = web.text(10_000, lines=True)
    outside_scope = web.text(10_000, lines=True)
    evaluated_on = web.day()
    method = web.choice(authorities.METHODS, required=False)
    reviewed_on = web.day()
    enforcement_body = web.text(2_000, lines=True)
    easy_language = web.text(20_000, lines=True)
    sign_language = web.text(300)
    data_protection_officer = web.text(2_000, lines=True)
    privacy_law = web.text(300)
    retention = web.text(4_000, lines=True)
    supervisory_authority = web.text(2_000, lines=True)
    seen = web.text(16)


class LookForm(web.Form):
    labels: ClassVar = {**authorities.LOOK, "without_arms": later("Show no arms")}
    untyped: ClassVar = ("seen",)
    colour = web.Field(colours.of, empty="")
    colour_dark = web.Field(colours.of, empty="")
    without_arms = web.checked()
    seen = web.text(16)


class ReleaseForm(web.Form):
    labels: ClassVar = {**authorities.RELEASE, "eyes": authorities.RELEASE["two_eyes"]}
    untyped: ClassVar = ("seen",)
    eyes = web.choice(EYES)
    seen = web.text(16)


@get("/authorities/{authority:int}", opt=SIGNED_IN)
async def overview(request: web.Request, authority: FromPath[int]) -> Template:
    found = await authorities.run_by(request.user.id, authority)
    colleagues = len(await appointments.administrators(authority))
    return web.page(
        request,
        "authorities/overview.html",
        authority=found,
        colleagues=colleagues,
        unsaid=[name for name in ("conformity", "evaluated_on", "enforcement_body") if not getattr(found, name)],
    )


@get("/authorities/{authority:int}/names", opt=SIGNED_IN)
async def names(request: web.Request, authority: FromPath[int]) -> Template:
    found = await authorities.run_by(request.user.id, authority)
    return _page(request, "names", found, NamesForm(_kept(found, authorities.NAMES)))


@post("/authorities/{authority:int}/names", opt=web.signed_in(NamesForm))
async def save_names(request: web.Request, authority: FromPath[int]) -> Response[Any]:
    found = await authorities.run_by(request.user.id, authority)
    return await _saved(request, "names", found, await web.submitted(request, NamesForm))


@get("/authorities/{authority:int}/duties", opt=SIGNED_IN)
async def duties(request: web.Request, authority: FromPath[int]) -> Template:
    found = await authorities.run_by(request.user.id, authority)
    return _page(request, "duties", found, DutiesForm(_kept(found, authorities.DUTIES)))


@post("/authorities/{authority:int}/duties", opt=web.signed_in(DutiesForm))
async def save_duties(request: web.Request, authority: FromPath[int]) -> Response[Any]:
    found = await authorities.run_by(request.user.id, authority)
    return await _saved(request, "duties", found, await web.submitted(request, DutiesForm))


@get("/authorities/{authority:int}/look", opt=SIGNED_IN)
async def look(request: web.Request, authority: FromPath[int]) -> Template:
    found = await authorities.run_by(request.user.id, authority)
    return _page(request, "look", found, LookForm(_kept(found, authorities.LOOK)))


@post("/authorities/{authority:int}/look", opt=web.signed_in(LookForm))
async def save_look(request: web.Request, authority: FromPath[int]) -> Response[Any]:
    found = await authorities.run_by(request.user.id, authority)
    form = await web.submitted(request, LookForm)
    picture = b""
    with form.refusals():
        _name, picture = await web.uploaded(request, "arms", pictures.LARGEST, required=False)
    form.data["arms"] = "" if form.data.pop("without_arms", False) else found.arms
    return await _saved(request, "look", found, form, picture)


@get("/arms/{name:str}", opt=PUBLIC)
async def arms(name: FromPath[str]) -> Response[bytes]:
    """The arms of an authority: shown as a picture, never as a page; another picture has another name."""
    kind = {"png": "image/png", "svg": "image/svg+xml"}.get(name.rpartition(".")[2])
    if kind is None:
        raise NotFound
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Vary": "Accept-Encoding",
    }
    return Response(await authorities.arms(name), media_type=kind, headers=headers)


@get("/authorities/{authority:int}/release", opt=SIGNED_IN)
async def release(request: web.Request, authority: FromPath[int]) -> Template:
    found = await authorities.run_by(request.user.id, authority)
    kept = _kept(found, authorities.RELEASE) | {"eyes": "two" if found.two_eyes else "four"}
    return _page(request, "release", found, ReleaseForm(kept))


@post("/authorities/{authority:int}/release", opt=web.signed_in(ReleaseForm))
async def save_release(request: web.Request, authority: FromPath[int]) -> Response[Any]:
    found = await authorities.run_by(request.user.id, authority)
    form = await web.submitted(request, ReleaseForm)
    form.data["two_eyes"] = form.data.pop("eyes", "") == "two"
    return await _saved(request, "release", found, form)


async def _saved(
    request: web.Request, part: str, found: Authority, form: web.Form, picture: bytes = b""
) -> Response[Any]:
    if form.ok:
        entered = {name: value for name, value in form.data.items() if name != "seen"}
        with form.refusals():
            await authorities.settle(
                found.id, entered, form.data["seen"], picture, by=request.user.id, at=clock.arrived()
            )
    if not form.ok:
        return _page(request, part, found, form)
    await web.flash(request.user, "success", _("Saved. It holds from now on."))
    return web.redirect(f"/authorities/{found.id}")


def _kept(found: Authority, names: Mapping[str, str]) -> dict[str, Any]:
    """What stands in the fields, and the sign of it."""
    kept = {name: "" if getattr(found, name) is None else getattr(found, name) for name in names}
    return {**kept, "seen": authorities.seen(found, names)}


def _page(request: web.Request, part: str, authority: Authority, form: web.Form) -> Template:
    return web.form_page(
        request,
        f"authorities/{part}.html",
        form,
        authority=authority,
        labels={name: _(label) for name, label in authorities.LABELS.items()},
        conformity=_options(authorities.CONFORMITY),
        methods=_options(authorities.METHODS),
        eyes=[(code, _(words)) for code, words in EYES.items()],
        why_name_stands=authorities.why_name_stands(authority),
    )


def _options(codes: dict[str, str]) -> list[tuple[str, str]]:
    return [("", _("not stated yet")), *((code, _(words)) for code, words in codes.items())]


router = Router(
    "/", route_handlers=[overview, names, save_names, duties, save_duties, look, save_look, arms, release, save_release]
)
