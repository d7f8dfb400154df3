"""The office writes a programme: a list of short pages, each kept on its own; a look beforehand; its publication."""

from typing import Any, ClassVar, NamedTuple

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, i18n, web
from app.domain import authorities, programmes
from app.domain.programmes import Facts, Fault, Programme, making
from app.errors import NotFound
from app.i18n import gettext as _
from app.i18n import later, ngettext
from app.identity.policies import SIGNED_IN
from app.pages.programmes import forms, public
from app.pages.programmes.entries import Section
from app.pages.programmes.forms import Offered, SectionForm
from app.pages.programmes.sections import GROUPS, SECTIONS

IMAGE_LIMIT = 1_000_000  # bytes


class NewForm(web.Form):
    labels: ClassVar = {"title": later("Title (German)"), "authority": later("Authority")}
    untyped: ClassVar = ("authority",)
    title = web.text(300, required=True)
    authority = web.integer(1, 2**31 - 1)


class ImageForm(web.Form):
    labels: ClassVar = {
        "image": later("Picture"),
        "new_alt": later("What the picture shows"),
        "new_credit": later("Whose picture it is"),
    }
    new_alt = web.text(300, required=True)
    new_credit = web.text(200, required=True)


class Task(NamedTuple):
    """A section on the list of what is to be written: what stands in it, and what is wrong with it."""

    key: str
    title: str
    note: str
    faults: int


@get("/programmes/ours", opt=SIGNED_IN)
async def ours(request: web.Request) -> Template:
    authorities = await _authorities(request)
    found = await programmes.ours(request.user.id)
    return web.page(request, "programmes/ours.html", programmes=found, authorities=authorities)


@get("/programmes/new", opt=SIGNED_IN)
async def new(request: web.Request) -> Template:
    return web.form_page(request, "programmes/new.html", NewForm(), authorities=await _authorities(request))


@post("/programmes/new", opt=web.signed_in(NewForm))
async def create(request: web.Request) -> Response[Any]:
    authorities = await _authorities(request)
    form = await web.submitted(request, NewForm)
    if not form.ok:
        return web.form_page(request, "programmes/new.html", form, authorities=authorities)
    authority = form.data["authority"] or authorities[0][0]
    key = await making.create(authority, form.data["title"], by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("The draft is saved. Only your authority sees it until you publish it."))
    return web.redirect(f"/programmes/{key}/edit")


@get("/programmes/{programme:str}/edit", opt=SIGNED_IN)
async def edit(request: web.Request, programme: FromPath[str]) -> Template:
    return await _overview(request, await programmes.run_by(request.user.id, programme))


@get("/programmes/{programme:str}/edit/{section:str}", opt=SIGNED_IN)
async def write(request: web.Request, programme: FromPath[str], section: FromPath[str]) -> Template:
    found, spec = await programmes.run_by(request.user.id, programme), _section(section)
    offered = await _offered(found, spec)
    form = forms.of(spec, found.facts, offered)
    return _section_page(request, found, section, form, making.seen(found.facts, section))


@post("/programmes/{programme:str}/edit/{section:str}", opt=web.signed_in(SectionForm))
async def save(request: web.Request, programme: FromPath[str], section: FromPath[str]) -> Response[Any]:
    """The section is kept; or only its rows are added to, moved or taken away, and nothing is kept yet."""
    found, spec = await programmes.run_by(request.user.id, programme), _section(section)
    offered = await _offered(found, spec)
    form, do = await forms.submitted(request, spec, offered)
    seen = str((await request.form()).get("seen", ""))
    if do not in ("", "next"):
        if request.htmx:
            return web.fragment(request, "programmes/_rows.html", form=form, programme=found, section=section)
        return _section_page(request, found, section, form, seen)
    if form.ok:
        with form.refusals():
            await making.edit(
                found,
                section,
                form.kept,
                seen,
                lambda kept: forms.told(spec, kept, offered),
                by=request.user.id,
                at=clock.arrived(),
            )
    if not form.ok:
        return _section_page(request, found, section, form, seen)
    await web.flash(request.user, "success", _("“%(section)s” is saved.") % {"section": _(spec.title)})
    following = _following(section) if do == "next" else ""
    return web.redirect(f"/programmes/{programme}/edit{following}")


@post("/programmes/{programme:str}/images", opt=web.signed_in(ImageForm))
async def add_image(request: web.Request, programme: FromPath[str]) -> Response[Any]:
    found = await programmes.run_by(request.user.id, programme)
    form = await web.submitted(request, ImageForm)
    with form.refusals():
        _name, content = await web.uploaded(request, "image", IMAGE_LIMIT)
        if form.ok:
            credit = form.data["new_credit"]
            await making.add_image(found, content, form.data["new_alt"], credit, by=request.user.id, at=clock.arrived())
    if not form.ok:
        kept = forms.of(SECTIONS["images"], found.facts, {})
        return _section_page(request, found, "images", kept, making.seen(found.facts, "images"), image=form)
    await web.flash(request.user, "success", _("The picture is saved. You can choose it for a news item now."))
    return web.redirect(f"/programmes/{programme}/edit/images")


@get("/programmes/{programme:str}/preview", opt=SIGNED_IN)
async def preview(request: web.Request, programme: FromPath[str]) -> Template:
    found = await programmes.run_by(request.user.id, programme)
    return await public.page(request, found, preview=_("This is how the draft would look. It is not public yet."))


@get("/programmes/{programme:str}/versions/{number:int}", opt=SIGNED_IN)
async def version(request: web.Request, programme: FromPath[str], number: FromPath[int]) -> Template:
    found = await programmes.version(await programmes.run_by(request.user.id, programme), number)
    told = {"number": number, "when": i18n.datetime(found.published_at)}
    return await public.page(request, found, preview=_("Version %(number)s, published on %(when)s.") % told)


@post("/programmes/{programme:str}/publication", opt=SIGNED_IN)
async def publish(request: web.Request, programme: FromPath[str]) -> Response[Any]:
    found = await programmes.run_by(request.user.id, programme)
    if found.changed and programmes.faults(found.facts):
        return await _overview(request, found, refused=True)
    await making.publish(found, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("The programme is public now."))
    return web.redirect(f"/programmes/{programme}/edit")


def _section(key: str) -> Section:
    if key not in SECTIONS:
        raise NotFound
    return SECTIONS[key]


def _following(section: str) -> str:
    order = list(SECTIONS)
    place = order.index(section) + 1
    return f"/{order[place]}" if place < len(order) else ""


async def _authorities(request: web.Request) -> list[tuple[int, str]]:
    """The authorities for which the person writes programmes; without one these pages do not exist for them."""
    found = [(one.id, one.name) for one in await authorities.worked_for_by(request.user.id)]
    if not found:
        raise NotFound
    return found


async def _offered(found: Programme, spec: Section) -> Offered:
    """The options that depend on the programme, as far as the section offers them."""
    wanted = {entry.offered for entry in spec.rows.entries.values()} if spec.rows else set()
    facts = found.facts
    offered = {
        "targets": {one.key: one.label for one in facts.targets},
        "images": {one.sha256: one.alt for one in facts.images},
        "organisations": {one.organisation: "" for one in facts.roles},
        "places": dict.fromkeys(facts.places, ""),
        "sites": {one.name: "" for one in facts.sites},
    }
    if "programmes" in wanted:
        named = {one.key: one.name or one.key.replace("-", " ").capitalize() for one in facts.relations if one.key}
        offered["programmes"] = {**named, **await programmes.neighbours(found)}
    return offered


async def _overview(request: web.Request, found: Programme, *, refused: bool = False) -> Template:
    faults = programmes.faults(found.facts)
    return web.page(
        request,
        "programmes/edit.html",
        422 if refused else 200,
        programme=found,
        groups=[(_(title), [_task(found.facts, key, faults) for key in keys]) for title, keys in GROUPS],
        faults=[(*fault, _where(fault)) for fault in faults],
        hints=[(*hint, _where(hint)) for hint in programmes.hints(found.facts)],
        versions=await programmes.versions(found),
        refused=refused,
    )


def _where(fault: Fault) -> str:
    """The part and the field in which something is wrong, as they are called."""
    spec = SECTIONS[fault.section]
    return f"{_(spec.title)}, {forms.label(spec, fault.field)}"


def _task(facts: Facts, key: str, faults: list[Fault]) -> Task:
    spec = SECTIONS[key]
    wrong = sum(fault.section == key for fault in faults)
    return Task(key, _(spec.title), _note(spec, facts), wrong)


def _note(spec: Section, facts: Facts) -> str:
    """What stands in a section, in few words; nothing where it is empty."""
    kept = {name: getattr(facts, name) for name in (*spec.entries, *([spec.rows.name] if spec.rows else []))}
    if spec.rows and (rows := kept[spec.rows.name]):
        shown = [str(text) for row in rows if (text := getattr(row, spec.rows.shows))]
        entries = ngettext("%(num)s entry", "%(num)s entries", len(rows)) % {"num": len(rows)}
        return f"{entries}: {_short(', '.join(shown))}" if shown else entries
    said = [i18n.date(value) if hasattr(value, "isoformat") else value for value in kept.values() if value]
    return _short(next((text for text in said if isinstance(text, str)), ""))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else f"{line[:119]}…"


def _section_page(
    request: web.Request,
    found: Programme,
    section: str,
    form: SectionForm,
    seen: str,
    image: ImageForm | None = None,
) -> Template:
    return web.page(
        request,
        "programmes/section.html",
        422 if form.errors or (image and image.errors) else 200,
        image=(image or ImageForm()) if section == "images" else None,
        programme=found,
        section=section,
        form=form,
        seen=seen,
        following=_following(section),
        groups=GROUPS,
        sections=SECTIONS,
    )


HANDLERS = [ours, new, create, edit, write, save, add_image, preview, version, publish]
