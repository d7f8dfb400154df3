"""Where a form begins: empty, from one that comes with Votum, from one that was used before, or from a draft."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from app import clock, forms, i18n, web
from app.domain import forms as domain_forms
from app.domain.form_drafts import drafts
from app.domain.form_drafts.drafts import Draft
from app.domain.rating_schemes import drafts as scheme_drafts
from app.domain.rating_schemes.drafts import Target
from app.domain.rating_schemes.editing import Document
from app.errors import Invalid, NotFound
from app.i18n import gettext as _
from app.identity.policies import SIGNED_IN


class StartForm(web.Form):
    labels = {"target": "For", "source": "Start from"}  # noqa: RUF012
    target = web.text(40)
    source = web.text(120)


@get("/forms", opt=SIGNED_IN)
async def begin(request: web.Request, call: FromQuery[str] = "") -> Template:
    return await _start_page(request, StartForm({"target": call}))


@post("/forms", opt=web.signed_in(StartForm))
async def start(request: web.Request) -> Response[Any]:
    """A new draft: empty, or a copy of a form."""
    targets = await scheme_drafts.targets(request.user.id)
    form = await web.submitted(request, StartForm)
    target = _target(targets, form.data.get("target") or "")
    with form.refusals():
        document = await _source(request.user.id, form.data.get("source") or "")
        draft = await drafts.start(target, document, by=request.user.id, at=clock.arrived())
    if not form.ok:
        return await _start_page(request, form)
    return web.redirect(f"/forms/{draft}")


def _target(targets: list[Target], sent: str) -> Target:
    """The call or the authority that was chosen, else the only authority."""
    for one in targets:
        if sent and one.call_key == sent:
            return one
    whole = [one for one in targets if not sent or sent == f"authority {one.authority}"]
    if not whole:
        raise NotFound
    return Target(
        authority=whole[0].authority,
        authority_name=whole[0].authority_name,
        call=None,
        call_key=None,
        title_de=None,
        title_en=None,
    )


async def _source(person: int, sent: str) -> Document:
    """The document to start from: an empty one, a shipped one, or a form or draft of the person's authorities."""
    kind, _space, name = sent.partition(" ")
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 10 else None
    if not sent:
        return drafts.BLANK
    if kind == "shipped" and name in domain_forms.keys():  # noqa: SIM118
        return dict((await asyncio.to_thread(domain_forms.shipped, name)).document)
    if kind == "earlier" and number:
        return await drafts.document_of(person, number)
    if kind == "draft" and number:
        return (await drafts.held_by(person, number)).document
    raise Invalid(source=_("Please choose one of the options."))


async def _start_page(request: web.Request, form: web.Form) -> Template:
    targets = await scheme_drafts.targets(request.user.id)
    begun = [Draft(one) for one in await drafts.listed_for(request.user.id)]
    language = i18n.locale.get()
    whole = dict.fromkeys((one.authority, one.authority_name) for one in targets)
    calls = [
        (one.call_key, _("the call “%(title)s”") % {"title": (language == "en" and one.title_en) or one.title_de})
        for one in targets
        if one.call_key
    ]
    return web.page(
        request,
        "form_editor/forms.html",
        form.status_code,
        form=form,
        drafts=[(one.kept, one.title(language)) for one in begun],
        targets=calls
        + [(f"authority {key}", _("no call yet: %(authority)s") % {"authority": name}) for key, name in whole],
        sources=await _sources(request.user.id, begun, language),
    )


async def _sources(person: int, begun: list[Draft], language: str) -> list[tuple[str, str]]:
    shipped = await asyncio.to_thread(lambda: [domain_forms.shipped(key) for key in domain_forms.keys()])  # noqa: SIM118
    titled = [(one.kept.id, one.title(language)) for one in begun]
    return [
        ("", _("an empty form")),
        *((f"draft {key}", _("the draft: %(title)s") % {"title": title}) for key, title in titled if title),
        *(
            (f"earlier {one.id}", _("your own: %(title)s") % {"title": _dated(one, language)})
            for one in await drafts.earlier(person)
        ),
        *(
            (f"shipped {one.key}", _("ready to take: %(title)s") % {"title": _counted(one, language)})
            for one in shipped
        ),
    ]


def _counted(form: forms.Form, language: str) -> str:
    return ", ".join((form.title(language), _("%(number)s questions") % {"number": len(form.questions)}))


def _dated(one: scheme_drafts.Earlier, language: str) -> str:
    return f"{(language == 'en' and one.title_en) or one.title_de} ({i18n.date(one.added_at.date())})"


HANDLERS = (begin, start)
