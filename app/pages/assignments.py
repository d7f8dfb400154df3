"""The rating sheet: a proposal and its marks side by side, handing in, reopening, and conflicts of interest."""

from collections.abc import Iterable
from typing import Any, ClassVar

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, i18n, web
from app.domain import assignments, conflicts, proposals, rating_schemes, reviews
from app.domain.assignments import Held
from app.errors import Conflict, NotAllowed, NotFound
from app.i18n import gettext as _
from app.i18n import later
from app.identity.policies import SIGNED_IN
from app.web import sheets
from app.web.sheets import Entry

COMMENT_MOST = 2000
ANSWERS = {reviews.NOT_ASSESSABLE: later("Cannot be judged"), reviews.NOTHING: later("None of these applies")}


class ScoreForm(web.Form):
    labels: ClassVar = {"value": later("Mark"), "comment": later("Reason")}
    value = web.Field(str, several=True, words=ANSWERS)
    comment = web.text(COMMENT_MOST, lines=True)
    version = web.integer(0, 2**31 - 1)


class ReopeningForm(web.Form):
    labels: ClassVar = {"reason": later("Why do you want to change it?")}
    reason = web.text(1000, required=True, lines=True)


class ConflictForm(web.Form):
    labels: ClassVar = {
        "ground": later("What is the reason?"),
        "note": later("What else should the committee know?"),
    }
    ground = web.choice(conflicts.GROUNDS)
    note = web.text(1000, lines=True)


@get("/assignments/{assignment:int}", opt=SIGNED_IN)
async def sheet(request: web.Request, assignment: FromPath[int]) -> Template:
    held = await assignments.held_by(request.user.id, assignment)
    return await _sheet(request, held)


@post("/assignments/{assignment:int}/scores/{criterion:str}", opt=web.signed_in(ScoreForm))
async def save_score(request: web.Request, assignment: FromPath[int], criterion: FromPath[str]) -> Response[Any]:
    held = await assignments.held_by(request.user.id, assignment)
    line = await _line(held, criterion)
    form = await web.submitted(request, ScoreForm)
    theirs, status = None, 422
    try:
        if form.ok:
            with form.refusals():
                data = form.data
                entered = reviews.read(line.asked, data["value"], data["comment"], data["version"] or 0)
                scores = await reviews.save_score(held, line.asked, entered, at=clock.arrived())
                if request.htmx:
                    return _saved(request, held, scores, sheets.entry(line, scores, fresh=True))
                return web.redirect(f"/assignments/{assignment}#score-{criterion}")
    except Conflict as error:
        theirs, status = error.theirs, 409
        form.errors["value"] = str(error)
    except NotAllowed as error:
        status = 409
        form.errors["value"] = str(error)
    refused = sheets.typed(line, form.values, form.errors, theirs)
    if request.htmx:
        scores = await reviews.scores_of(held.assignment)
        return _saved(request, held, scores, refused, status)
    return await _sheet(request, held, status, refused=refused)


@post("/assignments/{assignment:int}/review", opt=SIGNED_IN)
async def hand_in(request: web.Request, assignment: FromPath[int]) -> Response[Any]:
    held = await assignments.held_by(request.user.id, assignment)
    kept = await rating_schemes.of(held.rating_scheme)
    form = web.Form()
    with form.refusals():
        await reviews.hand_in(held, kept.content, i18n.locale.get(), at=clock.arrived())
    if not form.ok:
        return await _sheet(request, held, 422, form=form)
    await web.flash(request.user, "success", _("Your rating of %(key)s is handed in. Thank you!") % {"key": held.key})
    return web.redirect(f"/assignments/{assignment}")


@post("/assignments/{assignment:int}/reopening", opt=web.signed_in(ReopeningForm))
async def reopen(request: web.Request, assignment: FromPath[int]) -> Response[Any]:
    held = await assignments.held_by(request.user.id, assignment)
    form = await web.submitted(request, ReopeningForm)
    if form.ok:
        with form.refusals():
            await reviews.reopen(held, form.data["reason"], at=clock.arrived())
    if not form.ok:
        return await _sheet(request, held, 422, form=form)
    await web.flash(request.user, "info", _("The sheet is open again. It counts once you hand it in."))
    return web.redirect(f"/assignments/{assignment}")


@get("/assignments/{assignment:int}/conflict", opt=SIGNED_IN)
async def conflict(request: web.Request, assignment: FromPath[int]) -> Template:
    held = await assignments.held_by(request.user.id, assignment)
    return _conflict_page(request, held, ConflictForm())


@post("/assignments/{assignment:int}/conflict", opt=web.signed_in(ConflictForm))
async def declare_conflict(request: web.Request, assignment: FromPath[int]) -> Response[Any]:
    held = await assignments.held_by(request.user.id, assignment)
    form = await web.submitted(request, ConflictForm)
    if not form.ok:
        return _conflict_page(request, held, form)
    await conflicts.declare(held, form.data["ground"], form.data["note"], at=clock.arrived())
    said = _("You have declared a conflict of interest. %(key)s is closed to you and your rating does not count.")
    await web.flash(request.user, "success", said % {"key": held.key})
    return web.redirect("/desk")


async def _line(held: Held, key: str) -> sheets.Line:
    """The line of the sheet that a criterion's key names; raises NotFound."""
    kept = await rating_schemes.of(held.rating_scheme)
    for line in sheets.lines(kept, i18n.locale.get()):
        if line.key == key:
            return line
    raise NotFound


def _saved(request: web.Request, held: Held, scores: reviews.Scores, entry: Entry, status: int = 200) -> Response[Any]:
    """The criterion's form as it is now, and the total beside it."""
    return web.fragment(
        request,
        "reviews/_saved.html",
        status,
        held=held,
        entry=entry,
        total=_total(held, scores),
        comment_most=COMMENT_MOST,
        oob=True,
    )


async def _sheet(
    request: web.Request, held: Held, status: int = 200, *, refused: Entry | None = None, form: web.Form | None = None
) -> Template:
    kept = await rating_schemes.of(held.rating_scheme)
    scores = await reviews.scores_of(held.assignment)
    language = i18n.locale.get()
    entries = [sheets.entry(line, scores) for line in sheets.lines(kept, language)]
    if refused:
        entries = [refused if entry.line.key == refused.line.key else entry for entry in entries]
        form = _named(refused)
    before, after = await assignments.neighbours(held)
    return web.page(
        request,
        "assignments/sheet.html",
        status,
        held=held,
        proposal=held,
        partners=await proposals.partners(held.id),
        totals=proposals.totals(held),
        entries=entries,
        computed=sheets.computed(kept.content, held, language),
        total=_total(held, scores),
        why_closed=reviews.why_closed(held),
        why_not_reopened=reviews.why_closed_for_reopening(held),
        why_no_conflict=conflicts.why_closed(held),
        others=_by_criterion(await reviews.others(held)),
        before=before,
        after=after,
        next_due=await assignments.next_due(held) if held.handed_in_at else None,
        comment_most=COMMENT_MOST,
        form=form or ReopeningForm(),
    )


def _named(refused: Entry) -> web.Form:
    """The faults of one criterion for the summary at the top of the page."""
    form = web.Form()
    for name, sentence in refused.errors.items():
        field = "comment" if name == "comment" else "mark"
        form.errors[f"{field}-{refused.line.key}"] = f"{refused.line.label}: {sentence}"
    return form


def _total(held: Held, scores: reviews.Scores) -> rating_schemes.SheetTotal:
    marks = reviews.points(scores)
    unjudged = {key for key, points in marks.items() if points is None}
    return rating_schemes.known(held.rating_scheme).content.sheet_total(marks, proposals.facts(held), unjudged)


def _by_criterion(rows: Iterable[reviews.Other]) -> dict[str, list[tuple[int, str, str]]]:
    """The others' marks by criterion: (number of the member, mark in words, comment)."""
    found: dict[str, list[tuple[int, str, str]]] = {}
    for row in rows:
        mark = reviews.shown(row.value, row.not_assessable)
        found.setdefault(row.criterion, []).append((row.member, mark, row.comment))
    return found


def _conflict_page(request: web.Request, held: Held, form: ConflictForm) -> Template:
    return web.page(
        request,
        "assignments/conflict.html",
        200 if form.ok else 422,
        held=held,
        form=form,
        grounds=[(key, _(label)) for key, label in conflicts.GROUNDS.items()],
        why_closed=conflicts.why_closed(held),
    )


router = Router("/", route_handlers=[sheet, save_score, hand_in, reopen, conflict, declare_conflict])
