"""Conflicts of interest that were declared, and what the committee decides about each."""

import json
from typing import Any, ClassVar

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Template

from app import clock, web
from app.domain import closures, committees, conflicts
from app.domain.calls import Call
from app.domain.conflicts import Belonging, Closing, Declared
from app.i18n import gettext as _
from app.i18n import later
from app.identity.policies import SIGNED_IN

VOTES = ("for_exclusion", "against", "abstain")


DECISIONS = {
    "not_excluded": later("Not excluded: the member rates"),
    "excluded": later("Excluded: the proposal stays closed to the member"),
}


class DecisionForm(web.Form):
    labels: ClassVar = {
        "decision": later("What did the committee decide?"),
        "for_exclusion": later("For the exclusion"),
        "against": later("Against"),
        "abstain": later("Abstained"),
        "reason": later("Reasons"),
    }
    decision = web.choice(DECISIONS)
    for_exclusion = web.integer(0, 999, required=True)
    against = web.integer(0, 999, required=True)
    abstain = web.integer(0, 999, required=True)
    reason = web.text(2000, required=True, lines=True)


@get("/calls/{key:str}/conflicts", opt=SIGNED_IN)
async def declared(request: web.Request, key: FromPath[str]) -> Template:
    call = await committees.led_by(request.user.id, key)
    rows = await conflicts.declared(call, request.user.id)
    hidden = await closures.closed_to(request.user.id, call.id)
    return web.page(
        request,
        "conflicts/conflicts.html",
        call=call,
        rows=[(row, json.loads(row.vote or "{}")) for row in rows],
        belonging=await conflicts.belonging(call, [row.id for row in hidden]),
        grounds=_grounds(),
        named=conflicts.NAMED,
        why_closed=conflicts.why_closed(call),
    )


@get("/calls/{key:str}/conflicts/{conflict:int}", opt=SIGNED_IN)
async def decision(request: web.Request, key: FromPath[str], conflict: FromPath[int]) -> Template:
    call, row = await _declared(request, key, conflict)
    return _decision_page(request, call, row, DecisionForm())


@post("/calls/{key:str}/conflicts/{conflict:int}", opt=web.signed_in(DecisionForm))
async def decide(request: web.Request, key: FromPath[str], conflict: FromPath[int]) -> Response[Any]:
    call, row = await _declared(request, key, conflict)
    return await _decide(request, call, row)


@get("/calls/{key:str}/closings/{closing_id:int}", opt=SIGNED_IN)
async def closing(request: web.Request, key: FromPath[str], closing_id: FromPath[int]) -> Template:
    call, row = await _closing(request, key, closing_id)
    return _decision_page(request, call, row, DecisionForm())


@post("/calls/{key:str}/closings/{closing_id:int}", opt=web.signed_in(DecisionForm))
async def decide_closing(request: web.Request, key: FromPath[str], closing_id: FromPath[int]) -> Response[Any]:
    call, row = await _closing(request, key, closing_id)
    return await _decide(request, call, row)


async def _declared(request: web.Request, key: str, conflict: int) -> tuple[Call, Declared]:
    call = await _deciding_call(request, key)
    return call, await conflicts.decidable(call, request.user.id, conflict)


async def _closing(request: web.Request, key: str, assignment: int) -> tuple[Call, Belonging]:
    call = await _deciding_call(request, key)
    without = [row.id for row in await closures.closed_to(request.user.id, call.id)]
    return call, await conflicts.decidable_closing(call, request.user.id, assignment, without)


async def _deciding_call(request: web.Request, key: str) -> Call:
    """The call for who records the committee's decisions: the chair, or the office as long as it is impartial."""
    call = await committees.led_by(request.user.id, key)
    if call.role != "chair":
        await conflicts.run_impartially_by(request.user.id, key)
    return call


async def _decide(request: web.Request, call: Call, row: Closing) -> Response[Any]:
    form = await web.submitted(request, DecisionForm)
    if form.ok:
        votes = {name: form.data[name] for name in VOTES}
        with form.refusals():
            await conflicts.decide(
                call, row, form.data["decision"], votes, form.data["reason"], by=request.user.id, at=clock.arrived()
            )
    if not form.ok:
        return _decision_page(request, call, row, form)
    await web.flash(request.user, "success", _("The decision of the committee is recorded."))
    return web.redirect(f"/calls/{call.key}/conflicts")


def _decision_page(request: web.Request, call: Call, row: Closing, form: web.Form) -> Template:
    return web.page(
        request,
        "conflicts/decision.html",
        200 if form.ok else 422,
        call=call,
        row=row,
        grounds=_grounds(),
        action=request.url.path,
        decisions=[(key, _(text)) for key, text in DECISIONS.items()],
        form=form,
    )


def _grounds() -> dict[str, str]:
    return {ground: _(text) for ground, text in conflicts.WORDS.items()}


router = Router("/", route_handlers=[declared, decision, decide, closing, decide_closing])
