"""The office writes what a call asks: from where it starts, question by question, until the call uses it."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from app import clock, i18n, web
from app.domain import rating_schemes
from app.domain.form_drafts import drafts, fields, rows, wording
from app.domain.form_drafts.drafts import Draft, Problem, Typed
from app.domain.rating_schemes.editing import Document, Path, place_of
from app.errors import NotFound
from app.forms import unfinished
from app.i18n import gettext as _
from app.identity.policies import SIGNED_IN
from app.pages.form_editor import exchanging, layout, starting, taking
from app.pages.form_editor.layout import Editor
from app.pages.form_editor.sending import DraftForm, typed
from app.web.nodes import Node, flat, laid

PARTS = {
    "title": (("title",), layout.title),
    "numbers": (("facts", "limits"), layout.numbers),
    "examples": (("examples",), layout.examples),
}


@get("/forms/{form_id:int}", opt=SIGNED_IN)
async def overview(request: web.Request, form_id: FromPath[int]) -> Template:
    return _overview(request, await drafts.held_by(request.user.id, form_id))


@post("/forms/{form_id:int}", opt=web.signed_in(DraftForm))
async def rearrange(request: web.Request, form_id: FromPath[int]) -> Response[Any]:
    """Sections and questions are added, copied, moved and removed."""
    draft = await drafts.held_by(request.user.id, form_id)
    sent = await typed(request, ("order",))
    draft, at = await drafts.save(draft, sent, by=request.user.id, at=clock.arrived())
    if request.htmx:
        return web.fragment(request, "form_editor/_structure.html", **_structure(draft))
    return web.redirect(_place_after(draft, sent, at))


@get("/forms/{form_id:int}/sections/{number:int}", opt=SIGNED_IN)
async def section(
    request: web.Request, form_id: FromPath[int], number: FromPath[int], fresh: FromQuery[str] = ""
) -> Template:
    draft = await drafts.held_by(request.user.id, form_id)
    part = _section(draft, number)
    editor = Editor(draft, part)
    named = layout.name_of(draft.part(rows.path_of(part))) or wording.row("sections", number - 1)
    return _part_page(request, editor, layout.section(editor), (part,), named, fresh)


@post("/forms/{form_id:int}/sections/{number:int}", opt=web.signed_in(DraftForm))
async def save_section(request: web.Request, form_id: FromPath[int], number: FromPath[int]) -> Response[Any]:
    draft = await drafts.held_by(request.user.id, form_id)
    sent = await typed(request, (f"sections[{number - 1}]",))
    await drafts.save(draft, sent, by=request.user.id, at=clock.arrived())
    here = f"/forms/{form_id}"
    return web.redirect(here if sent.action == "next" else f"{here}/sections/{number}")


@get("/forms/{form_id:int}/parts/{name:str}", opt=SIGNED_IN)
async def part(
    request: web.Request, form_id: FromPath[int], name: FromPath[str], fresh: FromQuery[str] = ""
) -> Template:
    draft = await drafts.held_by(request.user.id, form_id)
    if name not in PARTS:
        raise NotFound
    parts, nodes = PARTS[name]
    editor = Editor(draft, *parts)
    ready = layout.ready(editor) if name == "numbers" else []
    return _part_page(request, editor, nodes(editor), parts, TITLES[name](), fresh, LEADS[name](), ready=ready)


TITLES = {
    "title": lambda: _("Title of the form"),
    "numbers": lambda: _("Numbers and rules"),
    "examples": lambda: _("Worked examples"),
}
LEADS = {
    "title": lambda: _("What is written above the questions."),
    "numbers": lambda: _("Numbers that follow from the answers, and what they may be at most or at least."),
    "examples": lambda: _(
        "Answers, and the numbers and faults that must come out: they prove the form before it is used."
    ),
}


@post("/forms/{form_id:int}/parts/{name:str}", opt=web.signed_in(DraftForm))
async def save_part(request: web.Request, form_id: FromPath[int], name: FromPath[str]) -> Response[Any]:
    draft = await drafts.held_by(request.user.id, form_id)
    if name not in PARTS:
        raise NotFound
    sent = await typed(request, PARTS[name][0])
    draft, at = await drafts.save(draft, sent, by=request.user.id, at=clock.arrived())
    here = f"/forms/{form_id}"
    return web.redirect(here if sent.action == "next" else f"{here}/parts/{name}{_anchor(sent, at)}")


@get("/forms/{form_id:int}/questions/{number:int}", opt=SIGNED_IN)
async def question(
    request: web.Request, form_id: FromPath[int], number: FromPath[int], fresh: FromQuery[str] = ""
) -> Template:
    draft = await drafts.held_by(request.user.id, form_id)
    path = _question(draft, number)
    editor = Editor(draft, place_of(path), criteria=await _criteria(draft))
    one = draft.part(path)
    all_of_them = rows.paths(draft.document)
    return _part_page(
        request,
        editor,
        layout.question(editor),
        (place_of(path),),
        layout.name_of(one) or wording.row("questions", number - 1),
        fresh,
        _("Question %(number)s of %(all)s") % {"number": number, "all": len(all_of_them)},
        template="form_editor/question.html",
        question=unfinished.question(one),
        number=number,
        all=len(all_of_them),
    )


@post("/forms/{form_id:int}/questions/{number:int}", opt=web.signed_in(DraftForm))
async def save_question(request: web.Request, form_id: FromPath[int], number: FromPath[int]) -> Response[Any]:
    draft = await drafts.held_by(request.user.id, form_id)
    at = rows.paths(draft.document)
    shown = place_of(at[number - 1]) if 0 < number <= len(at) else ""
    sent = await typed(request, (shown,))
    draft, where = await drafts.save(draft, sent, by=request.user.id, at=clock.arrived())
    if sent.action == "next":
        more = number < len(rows.paths(draft.document))
        return web.redirect(f"/forms/{form_id}/questions/{number + 1}" if more else f"/forms/{form_id}")
    return web.redirect(f"/forms/{form_id}/questions/{number}{_anchor(sent, where)}")


@post("/forms/{form_id:int}/questions/{number:int}/preview", opt=web.signed_in(DraftForm))
async def preview_question(request: web.Request, form_id: FromPath[int], number: FromPath[int]) -> Template:
    """The question as the organisation would see it by what is typed now; nothing is saved."""
    draft = await drafts.held_by(request.user.id, form_id)
    path = _question(draft, number)
    sent = await typed(request, (place_of(path),))
    found: Any = fields.applied(draft.document, sent.fields, path)
    for key in path:
        found = found[key]
    return web.fragment(
        request,
        "form_editor/_preview.html",
        question=unfinished.question(found),
        language=i18n.locale.get(),
        kept=draft.kept,
    )


@get("/forms/{form_id:int}/preview", opt=SIGNED_IN)
async def preview(request: web.Request, form_id: FromPath[int]) -> Template:
    """All questions as the organisation sees them."""
    draft = await drafts.held_by(request.user.id, form_id)
    return web.page(
        request,
        "form_editor/preview.html",
        draft=draft,
        kept=draft.kept,
        asked=draft.form,
        language=i18n.locale.get(),
        title=draft.title(i18n.locale.get()),
    )


@post("/forms/{form_id:int}/use", opt=SIGNED_IN)
async def use(request: web.Request, form_id: FromPath[int]) -> Response[Any]:
    """The call that the draft is written for asks it, as it is now."""
    draft = await drafts.held_by(request.user.id, form_id)
    if not draft.kept.call_key:
        raise NotFound
    form = web.Form()
    with form.refusals():
        await drafts.use(draft, by=request.user.id, at=clock.arrived())
    if not form.ok:
        return _overview(request, draft, form)
    await web.flash(request.user, "success", _("The call asks these questions now."))
    return web.redirect(f"/calls/{draft.kept.call_key}/office")


@post("/forms/{form_id:int}/removal", opt=SIGNED_IN)
async def remove(request: web.Request, form_id: FromPath[int]) -> Response[Any]:
    draft = await drafts.held_by(request.user.id, form_id)
    await drafts.remove(draft, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("The draft was thrown away."))
    return web.redirect("/forms")


# ── where to go on ─────────────────────────────────────────────────────────────────────────────


def _place_after(draft: Draft, sent: Typed, at: Path) -> str:
    """Where to look after a button of the overview: at the new question, or at the row that was moved."""
    here = f"/forms/{draft.kept.id}"
    if sent.action.startswith("add") and len(sent.names) < 2 and at:
        if at[2:3] == ("questions",):
            return f"{here}/questions/{rows.paths(draft.document).index(at) + 1}?fresh=1"
        return f"{here}/sections/{int(at[1]) + 1}?fresh=1"
    return f"{here}#{place_of(at)}" if at else here


def _anchor(sent: Typed, at: Path) -> str:
    """Where to look after a button was pressed: at the row that was added, copied or moved."""
    if not at:
        return ""
    return f"{'?fresh=1' if sent.action.startswith('add') else ''}#{place_of(at)}"


def _section(draft: Draft, number: int) -> str:
    if not 1 <= number <= len(unfinished.listed(draft.document, "sections")):
        raise NotFound
    return f"sections[{number - 1}]"


def _question(draft: Draft, number: int) -> Path:
    """Where the question of this number stands; raises NotFound where there is none."""
    at = rows.paths(draft.document)
    if not 1 <= number <= len(at):
        raise NotFound
    return at[number - 1]


async def _criteria(draft: Draft) -> dict[str, str]:
    """The criteria of the call's rating scheme by their keys; none where there is no scheme yet."""
    if draft.kept.rating_scheme is None:
        return {}
    scheme = (await rating_schemes.of(draft.kept.rating_scheme)).content
    return {one.key: one.label(i18n.locale.get()) for one in scheme.criteria}


# ── pages ──────────────────────────────────────────────────────────────────────────────────────


def _overview(request: web.Request, draft: Draft, form: web.Form | None = None) -> Template:
    problems = drafts.problems(draft)
    return web.page(
        request,
        "form_editor/draft.html",
        form.status_code if form else 200,
        form=form or web.Form(),
        title=draft.title(i18n.locale.get()),
        call_title=(i18n.locale.get() == "en" and draft.kept.call_title_en) or draft.kept.call_title_de or "",
        about=_about(draft, problems),
        parts=[(name, TITLES[name](), LEADS[name](), layout.inside(problems, *PARTS[name][0])) for name in PARTS],
        why_not=draft.why_closed or (_("There is still something to do.") if problems else None),
        **_structure(draft),
    )


def _structure(draft: Draft) -> dict[str, Any]:
    """Sections and questions in their order, each with what is said of it in a word."""
    problems, number, found = drafts.problems(draft), 0, []
    for index, one in enumerate(unfinished.listed(draft.document, "sections")):
        listed = []
        for row, asked in enumerate(rows.references_inside(one)):
            number += 1
            place = f"sections[{index}].questions[{row}]"
            listed.append(_line(asked, place, number, len(layout.inside(problems, place))))
        place = f"sections[{index}]"
        name = layout.name_of(one) or wording.row("sections", index)
        key = str(one.get("key") or index)
        found.append({"place": place, "key": key, "name": name, "number": index + 1, "questions": listed})
    return {
        "draft": draft,
        "kept": draft.kept,
        "sections": found,
        "seen": drafts.fingerprint(draft.document, ("order",)),
        "fields": web.Form(),
    }


def _line(asked: Document, place: str, number: int, problems: int) -> dict[str, Any]:
    kind = wording.words("type").get(str(asked.get("type")), _("no kind of answer yet"))
    said = [kind, _("must be answered") if asked.get("required") is True else ""]
    said += [_("only under a condition") if asked.get("when") else ""]
    said += [_("hidden where names are hidden") if asked.get("identifies") is True else ""]
    name = layout.name_of(asked) or wording.row("questions", number - 1)
    return {
        "place": place,
        "key": str(asked.get("key") or number),
        "name": name,
        "number": number,
        "said": ", ".join(filter(None, said)),
        "problems": problems,
    }


def _about(draft: Draft, problems: list[Problem], here: dict[str, str] | None = None) -> list[tuple[str, str, str]]:
    """What is still to be done: where, what, and where to mend it."""
    return [
        (layout.where(draft, one.place), one.sentence, (here or {}).get(one.place) or layout.address(draft, one.place))
        for one in problems
    ]


def _part_page(
    request: web.Request,
    editor: Editor,
    nodes: list[Node],
    parts: tuple[str, ...],
    heading: str,
    fresh: str,
    lead: str = "",
    template: str = "form_editor/part.html",
    **more: Any,
) -> Template:
    """A page with the fields of a part, their faults at the fields, and what is still to be done."""
    draft = editor.draft
    problems = layout.inside(drafts.problems(draft), *parts)
    shown = {one.name for one in flat(nodes)}
    form, here = DraftForm(editor.values(nodes)), {}
    for one in problems:
        at = layout.field_of(one.place, editor.entries)
        if at in shown:
            here[one.place] = f"#{at}"
            if not (fresh and one.code in ("missing", "not_chosen", "no_language")):
                form.errors.setdefault(at, one.sentence)
    return web.page(
        request,
        template,
        draft=draft,
        kept=draft.kept,
        title=draft.title(i18n.locale.get()),
        fields=form,
        nodes=laid(nodes),
        heading=heading,
        lead=lead,
        about=[] if fresh else _about(draft, problems, here),
        seen=drafts.fingerprint(draft.document, parts),
        language=i18n.locale.get(),
        **{"ready": [], **more},
    )


router = Router(
    "/",
    route_handlers=[
        *(overview, rearrange, section, save_section, part, save_part, question, save_question),
        *(preview_question, preview, use, remove, *starting.HANDLERS, *exchanging.HANDLERS, *taking.HANDLERS),
    ],
)
