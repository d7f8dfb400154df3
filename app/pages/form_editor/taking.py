"""Questions that are ready to be taken: blocks that forms ask again and again."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from app import clock, i18n, web
from app.domain.form_drafts import drafts, standard, wording
from app.domain.form_drafts.drafts import Draft
from app.errors import Invalid, NotFound
from app.forms import unfinished
from app.i18n import gettext as _
from app.identity.policies import SIGNED_IN
from app.pages.form_editor import layout


class TakingForm(web.Form):
    labels = {"to": "Put them into", "take": "Questions"}  # noqa: RUF012
    to = web.text(5)
    take = web.Field(str, several=True)


@get("/forms/{form_id:int}/blocks", opt=SIGNED_IN)
async def blocks(request: web.Request, form_id: FromPath[int], to: FromQuery[str] = "") -> Template:
    return _page(request, await drafts.held_by(request.user.id, form_id), TakingForm({"to": to}))


@post("/forms/{form_id:int}/blocks", opt=web.signed_in(TakingForm))
async def take(request: web.Request, form_id: FromPath[int]) -> Response[Any]:
    """Copies of what was ticked go into a section, or become sections of their own."""
    draft = await drafts.held_by(request.user.id, form_id)
    form = await web.submitted(request, TakingForm)
    taken = standard.chosen(form.data["take"])
    with form.refusals():
        if not taken:
            raise Invalid(take=_("Please choose at least one question."))
        section = _section(draft, form.data["to"])
        whole = taken if section is None else [one for each in taken for one in each["questions"]]
        await drafts.take(draft, section, whole, by=request.user.id, at=clock.arrived())
    if not form.ok:
        return _page(request, draft, form)
    return web.redirect(f"/forms/{form_id}#sections[{_last(draft) if section is None else section}]")


def _last(draft: Draft) -> int:
    return len(unfinished.listed(draft.document, "sections"))


def _section(draft: Draft, sent: str) -> int | None:
    """The section that was chosen, from 0; None for sections of their own."""
    if not sent:
        return None
    number = int(sent) if sent.isascii() and sent.isdigit() else 0
    if not 1 <= number <= _last(draft):
        raise NotFound
    return number - 1


def _page(request: web.Request, draft: Draft, form: web.Form) -> Template:
    sections = unfinished.listed(draft.document, "sections")
    named = [layout.name_of(one) or wording.row("sections", index) for index, one in enumerate(sections)]
    return web.page(
        request,
        "form_editor/blocks.html",
        form.status_code,
        form=form,
        kept=draft.kept,
        title=draft.title(i18n.locale.get()),
        targets=[("", _("sections of their own")), *((str(number), name) for number, name in enumerate(named, 1))],
        blocks=standard.blocks().sections,
        types=wording.words("type"),
        language=i18n.locale.get(),
    )


HANDLERS = (blocks, take)
