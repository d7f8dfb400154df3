"""The office writes a rating scheme: from where it starts, step by step, until a call uses it."""

from collections.abc import Container
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from app import clock, i18n, web
from app.domain import call_making
from app.domain.rating_schemes import drafts, editing, exchange, shipped, tables, wording
from app.domain.rating_schemes.drafts import Draft, Target
from app.errors import Invalid, NotFound
from app.i18n import gettext as _
from app.i18n import later
from app.identity.policies import SIGNED_IN
from app.pages.schemes import exchanging, layout, trying
from app.pages.schemes.layout import STEPS, Editor
from app.web.nodes import Node, flat, laid


class StartForm(web.Form):
    labels = {"target": later("For"), "source": later("Start from")}  # noqa: RUF012
    target = web.text(40)
    source = web.text(120)


class TableForm(web.Form):
    labels = {"target": later("For"), "file": later("File"), "pasted": later("Table")}  # noqa: RUF012
    target = web.text(40)
    pasted = web.text(200_000, lines=True)


class DraftForm(web.Form):
    """What a page of the editor holds: the fields of the draft that were sent, whichever they are."""

    untyped = ("version", "do")

    def label(self, name: str) -> str:
        return wording.label(name)


@get("/schemes", opt=SIGNED_IN)
async def schemes(request: web.Request, call: FromQuery[str] = "") -> Template:
    return await _start_page(request, StartForm({"target": call}))


@post("/schemes", opt=web.signed_in(StartForm))
async def start(request: web.Request) -> Response[Any]:
    """A new draft: empty, or a copy of a scheme."""
    targets = await drafts.targets(request.user.id)
    form = await web.submitted(request, StartForm)
    target = _target(targets, form.data.get("target") or "")
    with form.refusals():
        document = await _source(request.user.id, form.data.get("source") or "", targets)
        draft = await drafts.start(target, document, by=request.user.id, at=clock.arrived())
    if not form.ok:
        return await _start_page(request, form)
    return web.redirect(f"/schemes/{draft}")


@post("/schemes/import", opt=web.signed_in(TableForm))
async def bring(request: web.Request) -> Response[Any]:
    """A new draft of what is brought along: a scheme as a file, or criteria and weights in a table."""
    targets = await drafts.targets(request.user.id)
    form = await web.submitted(request, TableForm)
    if form.ok:
        with form.refusals():
            target = _target(targets, form.data["target"])
            document = await _brought(request, form.data["pasted"])
            draft = await drafts.start(target, document, by=request.user.id, at=clock.arrived())
    if not form.ok:
        return await _start_page(request, form)
    return web.redirect(f"/schemes/{draft}")


async def _brought(request: web.Request, pasted: str) -> dict[str, Any]:
    if pasted:
        return tables.document_of_text(pasted)
    name, content = await web.uploaded(request, "file", drafts.LARGEST)
    if name.lower().endswith((".yaml", ".yml")):
        return await exchange.read(content)
    return await tables.document_of(content, name)


@get("/schemes/{draft_id:int}", opt=SIGNED_IN)
async def overview(request: web.Request, draft_id: FromPath[int]) -> Template:
    return _overview(request, await drafts.held_by(request.user.id, draft_id))


@get("/schemes/{draft_id:int}/steps/{step:str}", opt=SIGNED_IN)
async def step(
    request: web.Request, draft_id: FromPath[int], step: FromPath[str], fresh: FromQuery[str] = ""
) -> Template:
    draft = await drafts.held_by(request.user.id, draft_id)
    if step not in STEPS:
        raise NotFound
    return _step_page(request, draft, step, fresh=fresh)


@post("/schemes/{draft_id:int}/steps/{step:str}", opt=web.signed_in(DraftForm))
async def save_step(request: web.Request, draft_id: FromPath[int], step: FromPath[str]) -> Response[Any]:
    draft = await drafts.held_by(request.user.id, draft_id)
    if step not in STEPS:
        raise NotFound
    draft, action = await _saved(request, draft)
    here = f"/schemes/{draft_id}/steps/{step}"
    if action.startswith("add criteria"):
        return web.redirect(f"/schemes/{draft_id}/criteria/{draft.outline.rows['criteria'].number}?fresh=1")
    if action == "next" and not layout.of_step(draft.problems, step):
        following = [*STEPS, ""][[*STEPS].index(step) + 1]
        return web.redirect(f"/schemes/{draft_id}/steps/{following}" if following else f"/schemes/{draft_id}")
    return web.redirect(here + _anchor(action, draft))


@get("/schemes/{draft_id:int}/criteria/{number:int}", opt=SIGNED_IN)
async def criterion(
    request: web.Request, draft_id: FromPath[int], number: FromPath[int], fresh: FromQuery[str] = ""
) -> Template:
    draft = await drafts.held_by(request.user.id, draft_id)
    return _criterion_page(request, draft, number, fresh=fresh)


@post("/schemes/{draft_id:int}/criteria/{number:int}", opt=web.signed_in(DraftForm))
async def save_criterion(request: web.Request, draft_id: FromPath[int], number: FromPath[int]) -> Response[Any]:
    draft = await drafts.held_by(request.user.id, draft_id)
    _refuse_no_criterion(draft, number)
    draft, action = await _saved(request, draft)
    here = f"/schemes/{draft_id}/criteria/{number}"
    if action == "next" and not _of_criterion(draft, number):
        more = number < draft.outline.rows["criteria"].number
        return web.redirect(
            f"/schemes/{draft_id}/criteria/{number + 1}" if more else f"/schemes/{draft_id}/steps/groups"
        )
    return web.redirect(here + _anchor(action, draft))


@post("/schemes/{draft_id:int}/weights", opt=web.signed_in(DraftForm))
async def weights(request: web.Request, draft_id: FromPath[int]) -> Template:
    """What each criterion weighs by what is typed now; nothing is saved."""
    draft = await drafts.held_by(request.user.id, draft_id)
    typed = await web.typed(request)
    document = editing.applied(draft.document, typed)
    return web.fragment(request, "schemes/_weights.html", kept=draft.kept, **_weighed(Draft(draft.kept, document)))


@post("/schemes/{draft_id:int}/use", opt=SIGNED_IN)
async def use(request: web.Request, draft_id: FromPath[int]) -> Response[Any]:
    """The call that the draft is written for uses it, as it is now."""
    draft = await drafts.held_by(request.user.id, draft_id)
    if not draft.kept.call_key:
        raise NotFound
    form = web.Form()
    with form.refusals():
        await call_making.use_draft(draft, by=request.user.id, at=clock.arrived())
    if not form.ok:
        return _overview(request, draft, form)
    await web.flash(request.user, "success", _("The rating scheme is chosen; all worked examples come out right."))
    return web.redirect(f"/calls/{draft.kept.call_key}/scheme")


@post("/schemes/{draft_id:int}/removal", opt=SIGNED_IN)
async def remove(request: web.Request, draft_id: FromPath[int]) -> Response[Any]:
    draft = await drafts.held_by(request.user.id, draft_id)
    await drafts.remove(draft, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("The draft was thrown away."))
    return web.redirect("/schemes")


# ── what was sent ──────────────────────────────────────────────────────────────────────────────


async def _saved(request: web.Request, draft: Draft) -> tuple[Draft, str]:
    """The draft with what was typed, and which button was pressed."""
    typed = await web.typed(request)
    version = typed.get("version", "")
    action = typed.get("do", "")
    saved = await drafts.save(
        draft,
        typed,
        int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
        action,
        first=typed.get(layout.BY_HAND, ""),
        by=request.user.id,
        at=clock.arrived(),
    )
    return saved, action


def _anchor(action: str, draft: Draft) -> str:
    """Where to look after a button was pressed: at the row that was added or moved."""
    verb, _space, place = action.partition(" ")
    if verb == "add" and place in draft.outline.rows:
        return f"?fresh=1#{place}[{draft.outline.rows[place].number - 1}]"
    if verb in ("up", "down", "remove"):
        return f"#{place.rpartition('[')[0]}"
    return ""


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


async def _source(person: int, sent: str, targets: list[Target]) -> dict[str, Any]:
    """The document to start from: an empty one, a shipped one, or a scheme or draft of the person's authorities."""
    kind, _space, name = sent.partition(" ")
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 10 else None
    if not sent:
        return drafts.BLANK
    if kind == "shipped" and (found := await shipped.scheme(name)):
        return dict(found.document)
    if kind == "earlier" and number:
        return await drafts.document_of(number, [one.authority for one in targets])
    if kind == "draft" and number:
        return (await drafts.held_by(person, number)).document
    raise Invalid(source=_("Please choose one of the options."))


# ── pages ──────────────────────────────────────────────────────────────────────────────────────


async def _start_page(request: web.Request, form: web.Form) -> Template:
    targets = await drafts.targets(request.user.id)
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
        "schemes/schemes.html",
        form.status_code,
        form=form,
        drafts=[(one, one.kept) for one in begun],
        language=language,
        targets=calls
        + [(f"authority {key}", _("no call yet: %(authority)s") % {"authority": name}) for key, name in whole],
        sources=[
            ("", _("an empty scheme")),
            *(
                (f"draft {one.kept.id}", _("the draft: %(title)s") % {"title": one.title(language)})
                for one in begun
                if one.title(language)
            ),
            *(
                (f"earlier {one.id}", _("your own: %(title)s") % {"title": _dated(one, language)})
                for one in await drafts.earlier(request.user.id)
            ),
            *(
                (f"shipped {one.key}", _("from elsewhere: %(title)s") % {"title": one.title(language)})
                for one in await shipped.schemes()
            ),
        ],
    )


def _dated(one: drafts.Earlier, language: str) -> str:
    return f"{(language == 'en' and one.title_en) or one.title_de} ({i18n.date(one.added_at.date())})"


def _overview(request: web.Request, draft: Draft, form: web.Form | None = None) -> Template:
    found, problems = layout.by_step(draft), draft.problems
    return web.page(
        request,
        "schemes/draft.html",
        form.status_code if form else 200,
        form=form or web.Form(),
        draft=draft,
        kept=draft.kept,
        title=draft.title(i18n.locale.get()),
        steps=[(step, found[step.key]) for step in STEPS.values()],
        call_title=_call_title(draft),
        about=_about(draft, problems),
        why_not=draft.why_closed or (_("There is still something to do.") if problems else None),
        **_weighed(draft),
    )


def _call_title(draft: Draft) -> str:
    kept = draft.kept
    return (i18n.locale.get() == "en" and kept.call_title_en) or kept.call_title_de or ""


def _about(draft: Draft, problems: list[drafts.Problem], shown: Container[str] = ()) -> list[tuple[Any, str, str]]:
    """What is still to be done: each fault, where to mend it, and how people call that place."""
    here = [f"#{one.field}" if one.field in shown else "" for one in problems]
    return [
        (one, at or layout.address(draft.kept.id, one.place), _place(draft, one.place))
        for one, at in zip(problems, here, strict=True)
    ]


def _place(draft: Draft, place: str) -> str:
    """Where a fault lies, as people read it."""
    entry = draft.outline.entries.get(place)
    return wording.told(entry) if entry else wording.whole(place)


def _step_page(request: web.Request, draft: Draft, key: str, *, fresh: str) -> Template:
    editor, step = Editor(draft), STEPS[key]
    nodes = step.nodes(editor)
    return web.page(
        request,
        f"schemes/{'criteria' if key == 'criteria' else 'step'}.html",
        **_common(draft, editor, nodes, step.key, layout.of_step(draft.problems, key), fresh),
        step=step,
        heading=_(step.title),
        lead=_(step.lead),
        **_weighed(draft),
        rows=layout.rows_of_criteria(editor) if key == "criteria" else [],
        action=f"/schemes/{draft.kept.id}/steps/{key}",
    )


def _criterion_page(request: web.Request, draft: Draft, number: int, *, fresh: str) -> Template:
    _refuse_no_criterion(draft, number)
    editor = Editor(draft)
    nodes = layout.criterion(editor, number - 1)
    return web.page(
        request,
        "schemes/criterion.html",
        **_common(draft, editor, nodes, "criteria", _of_criterion(draft, number), fresh),
        heading=layout.name_of(editor.entries, "criteria", number - 1),
        lead=_("Criterion %(number)s of %(all)s") % {"number": number, "all": editor.rows["criteria"].number},
        share=draft.shares[number - 1],
        action=f"/schemes/{draft.kept.id}/criteria/{number}",
    )


def _common(
    draft: Draft, editor: Editor, nodes: list[Node], step: str, here: list[drafts.Problem], fresh: str
) -> dict[str, Any]:
    """What every page of the editor needs: the fields with their values and faults, and the way through the steps."""
    shown = {one.name for one in flat(nodes)}
    fields = DraftForm(layout.values(editor))
    for one in draft.problems:
        if one.field and not (fresh and one.code in ("missing", "not_chosen")):
            fields.errors.setdefault(one.field, one.sentence)
    return {
        "draft": draft,
        "kept": draft.kept,
        "title": draft.title(i18n.locale.get()),
        "fields": fields,
        "nodes": laid(nodes),
        "about": [] if fresh else _about(draft, here, shown),
        "steps": [(one, layout.of_step(draft.problems, one.key)) for one in STEPS.values()],
        "current": step,
    }


def _refuse_no_criterion(draft: Draft, number: int) -> None:
    if not 1 <= number <= draft.outline.rows["criteria"].number:
        raise NotFound


def _of_criterion(draft: Draft, number: int) -> list[drafts.Problem]:
    return [one for one in draft.problems if one.place.startswith(f"criteria[{number - 1}]")]


def _weighed(draft: Draft) -> dict[str, Any]:
    """Number, name and effective weight in percent of every criterion; what the stated percentages add up to."""
    at = range(draft.outline.rows["criteria"].number)
    named = [layout.name_of(draft.outline.entries, "criteria", index) for index in at]
    weights = [(number, name, share) for number, (name, share) in enumerate(zip(named, draft.shares, strict=True), 1)]
    return {"weights": weights, "stated": draft.percent_stated}


router = Router(
    "/",
    route_handlers=[
        *(schemes, start, bring, overview, step, save_step, criterion, save_criterion, weights, use, remove),
        *trying.handlers,
        *exchanging.handlers,
    ],
)
