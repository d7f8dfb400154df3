"""What the demo shows to those who build it: every kind of question in all its states, to be looked at and tried."""

from functools import cache
from pathlib import Path
from typing import Any

from litestar import Response, Router, get, post
from litestar.response import Template

from app import forms, web
from app.i18n import later
from app.identity.policies import DEMO
from app.web.questions import MOVE, AnswersForm, of_answers

ADDRESS = "/design/questions"
STATES = {
    "empty": later("Untouched"),
    "filled": later("Filled in"),
    "refused": later("With errors"),
    "long": later("Long texts"),
    "read": later("To read"),
}


@cache
def every_kind() -> forms.Form:
    """The form that asks every kind of question; its examples are named after the states that they show."""
    return forms.of_file(Path(__file__).parent / "every_kind.yaml")


@get("/", opt=DEMO)
async def questions(request: web.Request) -> Template:
    state = request.query_params.get("state", "filled")
    answers = {one.name: one.answers for one in every_kind().examples}.get("filled" if state == "read" else state, {})
    form = AnswersForm.of_answers(every_kind(), answers)
    if state == "refused":
        form.tell()
    return _page(request, form, state if state in STATES else "filled")


@post("/", opt=DEMO)
async def check(request: web.Request) -> Template:
    """What was typed is checked and shown again; nothing is kept."""
    form = await AnswersForm.sent(request, every_kind())
    form.tell()
    return _page(request, form, "refused" if form.errors else "filled")


@post("/rows", opt=DEMO)
async def rows(request: web.Request) -> Response[Any]:
    """A row added, moved or taken away: to htmx the question alone."""
    form = await AnswersForm.sent(request, every_kind())
    key = form.move(str((await request.form()).get(MOVE, "")))
    form.address = ADDRESS
    if request.htmx and key:
        return web.fragment(request, "questions/_question.html", form=form, question=every_kind().by_key[key])
    return _page(request, form, "filled")


@post("/live", opt=DEMO)
async def live(request: web.Request) -> Template:
    """Numbers, sums and the questions that come or go by what was typed."""
    form = await AnswersForm.sent(request, every_kind())
    form.address = ADDRESS
    return web.fragment(request, "questions/_live.html", form=form)


def _page(request: web.Request, form: AnswersForm, state: str) -> Template:
    form.address = ADDRESS
    parts = of_answers(every_kind(), form.answers, "office") if state == "read" else []
    status = 422 if form.errors and request.method == "POST" else 200
    return web.page(request, "design/questions.html", status, form=form, state=state, states=STATES, parts=parts)


router = Router(ADDRESS, route_handlers=[questions, check, rows, live])
