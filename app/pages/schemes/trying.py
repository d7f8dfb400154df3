"""The office tries a draft: the sheet as the committee will see it, and a thousand made-up panels."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, i18n, web
from app.domain.rating_schemes import drafts, trials
from app.domain.rating_schemes.drafts import Draft
from app.errors import Invalid
from app.i18n import gettext as _
from app.i18n import later
from app.identity.policies import SIGNED_IN
from app.web import sheets

SELDOM = 0.05  # of the panels: a criterion that decides in fewer changes next to nothing
FIGURES = {
    "proposals": later("Proposals"),
    "places": later("Of which can be recommended"),
    "raters": later("Members who rate"),
    "wanted": later("So many percent of the recommended shall truly belong there"),
}


class PanelsForm(web.Form):
    labels = FIGURES
    proposals = web.integer(1, trials.MOST_PROPOSALS, required=True)
    places = web.integer(1, trials.MOST_PROPOSALS, required=True)
    raters = web.integer(1, trials.MOST_RATERS, required=True)
    wanted = web.integer(1, 99, required=True)


class SheetForm(web.Form):
    """A sheet that is filled in to see what it comes to: its fields follow from the scheme."""

    untyped = ("name",)

    def __init__(self, typed: dict[str, list[str]], names: dict[str, str]) -> None:
        super().__init__(typed)
        self.names = names

    def label(self, name: str) -> str:
        return self.names.get(name, "")


@get("/schemes/{draft_id:int}/sheet", opt=SIGNED_IN)
async def sheet(request: web.Request, draft_id: FromPath[int]) -> Template:
    """The sheet as a member sees it; what is entered is added up, and kept nowhere."""
    draft = await drafts.held_by(request.user.id, draft_id)
    query = request.query_params
    return _sheet_page(request, draft, {name: query.getall(name) for name in query if "." in name})


@post("/schemes/{draft_id:int}/sheet", opt=SIGNED_IN)
async def keep_example(request: web.Request, draft_id: FromPath[int]) -> Response[Any]:
    """The sheet becomes a worked example of the scheme."""
    draft = await drafts.held_by(request.user.id, draft_id)
    sent = await request.form()
    typed = {name: [str(one) for one in sent.getall(name)] for name in sent if "." in name}
    try:
        found = trials.by_hand(draft.scheme, typed)
    except Invalid:
        return _sheet_page(request, draft, typed)
    number = len(draft.document.get("examples") or []) + 1
    example = trials.example(draft.scheme, _("Example %(number)s") % {"number": number}, found)
    document = {**draft.document, "examples": [*(draft.document.get("examples") or []), example]}
    await drafts.replace(draft, document, draft.kept.version, {}, by=request.user.id, at=clock.arrived())
    return web.redirect(f"/schemes/{draft_id}/steps/examples#examples[{number - 1}]")


@get("/schemes/{draft_id:int}/dry-run", opt=SIGNED_IN)
async def dry_run(request: web.Request, draft_id: FromPath[int]) -> Template:
    draft = await drafts.held_by(request.user.id, draft_id)
    asked = {"proposals": "20", "places": "10", "raters": "3", "wanted": "80"}
    form = PanelsForm({**asked, **{name: request.query_params[name] for name in asked if name in request.query_params}})
    form.read()
    found = None
    if form.ok and "proposals" in request.query_params and not draft.faults:
        numbers = {name: form.data[name] for name in ("proposals", "places", "raters")}
        found = await trials.panels(draft, **numbers, wanted=form.data["wanted"] / 100)
    return web.page(
        request,
        "schemes/dry_run.html",
        form.status_code,
        **_common(draft),
        form=form,
        **(_told(draft, found, form.data["proposals"]) if found else {"found": None}),
    )


def _told(draft: Draft, found: Any, proposals: int) -> dict[str, Any]:
    """What the panels came to, in the reader's words and numbers."""
    names, shares = _names(draft), {one.key: one.percent for one in draft.scheme.criteria}
    return {
        "found": found,
        "panels": i18n.number(trials.how_many(proposals)),
        "sureness": [(one.raters, _percent(one.right), 100 * (one.right or 0)) for one in found.sureness],
        "passed": i18n.number(trials.rounded(found.passed, 1)),
        "recommended": i18n.number(trials.rounded(found.recommended, 1)),
        "minima": [(names[one.key], _percent(one.failed), _percent(one.bites), one.bites > 0) for one in found.minima],
        "criteria": [
            (names[one.key], i18n.number(shares[one.key]), _percent(one.decides), _seldom(one.decides))
            for one in found.criteria
        ],
    }


def _seldom(decides: float) -> str:
    if not decides:
        return _("never decides")
    return _("hardly ever decides") if decides < SELDOM else ""


def _common(draft: Draft) -> dict[str, Any]:
    return {
        "draft": draft,
        "kept": draft.kept,
        "title": draft.title(i18n.locale.get()),
        "why_not": _("The scheme does not add up yet: finish it first.") if draft.faults else None,
    }


def _names(draft: Draft) -> dict[str, str]:
    """Criteria, groups and the total by their keys, in the reader's language."""
    language = i18n.locale.get()
    criteria = {one.key: one.label(language) for one in draft.scheme.criteria}
    return criteria | {one.key: one.label(language) for one in draft.scheme.groups} | {"total": _("Total")}


def _sheet_page(request: web.Request, draft: Draft, typed: dict[str, list[str]]) -> Template:
    if draft.faults:
        return web.page(
            request, "schemes/sheet.html", **_common(draft), form=web.Form(), lines=[], facts=[], found=None
        )
    scheme, language = draft.scheme, i18n.locale.get()
    names = _names(draft)
    form = SheetForm(typed, {f"{trials.MARK}{key}": name for key, name in names.items()})
    found = None
    if typed:
        with form.refusals():
            found = trials.by_hand(scheme, typed)
    return web.page(
        request,
        "schemes/sheet.html",
        form.status_code,
        **_common(draft),
        form=form,
        lines=[_entry(line, form) for line in sheets.lines_of(scheme, language)],
        facts=trials.facts(scheme),
        compares=scheme.compares,
        found=found.found if found else None,
        names=names,
        points=_points(found, names) if found else [],
        failed=_listed(found.found.failed, names) if found else "",
        missing=_listed(found.found.missing, names) if found else "",
        typed=typed,
        maximum=scheme.maximum,
        decimals=scheme.decimals,
    )


def _points(sheet: trials.Sheet, names: dict[str, str]) -> list[tuple[str, str]]:
    """What each criterion adds to the total."""
    exact = {key: None if value is None else trials.rounded(value) for key, value in sheet.found.points.items()}
    return [(names[key], i18n.number(value)) for key, value in exact.items()]


def _listed(keys: list[str], names: dict[str, str]) -> str:
    return ", ".join(names.get(key, key) for key in keys)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{round(100 * share)} %"


def _entry(line: sheets.Line, form: web.Form) -> sheets.Entry:
    """A line of the sheet with what was entered there."""
    name = f"{trials.MARK}{line.key}"
    typed: list[str] = form.values.get(name, [])
    wrong = {"value": form.errors[name]} if name in form.errors else {}
    return sheets.Entry(line, typed[-1] if typed else "", set(typed), errors=wrong)


handlers = [sheet, keep_example, dry_run]
