"""A form goes out as a file and comes back: what a file would change is shown before it is taken."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, forms, i18n, web
from app.domain.form_drafts import drafts
from app.domain.form_drafts.drafts import Draft
from app.errors import Invalid
from app.forms import unfinished
from app.forms.differences import SENTENCES
from app.i18n import gettext as _
from app.identity.policies import SIGNED_IN

LIMIT = 1_000_000


class ImportForm(web.Form):
    labels = {"file": "File"}  # noqa: RUF012
    untyped = ("version",)
    version = web.integer()


@get("/forms/{form_id:int}/file", opt=SIGNED_IN)
async def export(request: web.Request, form_id: FromPath[int]) -> Response[bytes]:
    """The draft as a file, sound or not."""
    draft = await drafts.held_by(request.user.id, form_id)
    name = str(draft.document.get("key") or "form")
    text = forms.written(unfinished.proposed(draft.document))
    return web.download(text.encode(), f"{name}.yaml", "application/yaml; charset=utf-8")


@get("/forms/{form_id:int}/import", opt=SIGNED_IN)
async def compare(request: web.Request, form_id: FromPath[int]) -> Template:
    return _page(request, await drafts.held_by(request.user.id, form_id), ImportForm())


@post("/forms/{form_id:int}/import", opt=web.signed_in(ImportForm))
async def upload(request: web.Request, form_id: FromPath[int]) -> Response[Any]:
    """A file is laid beside the draft; it is taken only when its differences were seen."""
    draft = await drafts.held_by(request.user.id, form_id)
    form = ImportForm()
    try:
        _name, content = await web.uploaded(request, "file", LIMIT)
        document = drafts.importable(content)
        await drafts.offer(draft, document, by=request.user.id, at=clock.arrived())
    except Invalid as error:
        form.errors.update(error.fields)
        return _page(request, draft, form)
    return web.redirect(f"/forms/{form_id}/import")


@post("/forms/{form_id:int}/import/taking", opt=web.signed_in(ImportForm))
async def take(request: web.Request, form_id: FromPath[int]) -> Response[Any]:
    """The file takes the place of the draft, or is laid away."""
    draft = await drafts.held_by(request.user.id, form_id)
    form = await web.submitted(request, ImportForm)
    sent = await web.typed(request)
    if sent.get("do") == "leave":
        await drafts.offer(draft, None, by=request.user.id, at=clock.arrived())
        return web.redirect(f"/forms/{form_id}/import")
    await drafts.take_offered(draft, form.data.get("version") or 0, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("The file was taken over."))
    return web.redirect(f"/forms/{form_id}")


def _page(request: web.Request, draft: Draft, form: web.Form) -> Template:
    return web.page(
        request,
        "form_editor/import.html",
        form.status_code,
        form=form,
        kept=draft.kept,
        title=draft.title(i18n.locale.get()),
        differences=[
            (_(SENTENCES[one.code]) % {"name": one.name}, one.details) for one in drafts.offered_differences(draft)
        ],
    )


HANDLERS = (export, compare, upload, take)
