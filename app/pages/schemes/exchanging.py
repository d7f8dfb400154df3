"""Drafts leave and enter as files; what a file would change is shown before it is taken."""

from typing import Any, ClassVar

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, i18n, web
from app.domain.rating_schemes import drafts, exchange
from app.domain.rating_schemes.drafts import Draft
from app.errors import Invalid
from app.i18n import gettext as _
from app.i18n import later
from app.identity.policies import SIGNED_IN


class ImportForm(web.Form):
    labels: ClassVar = {"text": later("Text of the file")}
    untyped: ClassVar = ("version",)
    text = web.text(exchange.LARGEST, lines=True)
    version = web.integer()


@get("/schemes/{draft_id:int}/file", opt=SIGNED_IN)
async def file(request: web.Request, draft_id: FromPath[int]) -> Response[bytes]:
    draft = await drafts.held_by(request.user.id, draft_id)
    return web.download(exchange.written(draft.proposed), exchange.name_of(draft.document), "application/yaml")


@get("/schemes/{draft_id:int}/import", opt=SIGNED_IN)
async def compare(request: web.Request, draft_id: FromPath[int]) -> Template:
    return _page(request, await drafts.held_by(request.user.id, draft_id), ImportForm())


@post("/schemes/{draft_id:int}/import", opt=web.signed_in(ImportForm))
async def take(request: web.Request, draft_id: FromPath[int]) -> Response[Any]:
    """A file is compared with the draft; sent back with the page that showed the differences, it takes its place."""
    draft = await drafts.held_by(request.user.id, draft_id)
    form = await web.submitted(request, ImportForm)
    document = None
    with form.refusals():
        if form.ok and form.data["text"]:
            document = await exchange.read(form.data["text"].encode())
        elif form.ok:
            _name, content = await web.uploaded(request, "file", exchange.LARGEST)
            form.values["text"], document = _decoded(content), await exchange.read(content)
    if not form.ok or document is None:
        return _page(request, draft, form)
    if not form.data["text"]:
        return _page(request, draft, form, exchange.differences(draft.document, document))
    await drafts.replace(draft, document, form.data["version"] or 0, {}, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("The draft is now as in the file."))
    return web.redirect(f"/schemes/{draft_id}")


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(file=_("The file is no text in UTF-8.")) from error


def _page(
    request: web.Request, draft: Draft, form: web.Form, differences: list[exchange.Difference] | None = None
) -> Template:
    return web.page(
        request,
        "schemes/import.html",
        form.status_code,
        form=form,
        kept=draft.kept,
        title=draft.title(i18n.locale.get()),
        differences=differences,
    )


handlers = [file, compare, take]
