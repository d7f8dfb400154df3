"""The office: what is next in a call, the intake list, and the formal check of each proposal."""

from typing import Any, ClassVar

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from app import clock, i18n, web
from app.domain import calls, conflicts, formal_checks, proposals, reasons
from app.domain.calls import Call
from app.domain.formal_checks import Received, Submitted
from app.i18n import gettext as _
from app.i18n import later
from app.identity.policies import SIGNED_IN

STATES: dict[proposals.State, str] = {
    **proposals.STATES,
    "submitted": later("to be checked"),
    "curing": later("missing documents requested"),
    "cure_over": later("cure period over"),
    "cured": later("answer received"),
}
"""As the organisation reads them, but for what the office itself has to do next."""
ANSWERS = {"yes": later("met"), "no": later("not met")}
NOTE_MOST = 500


class DecisionForm(web.Form):
    """How the formal check ends; `of` adds the gates of the scheme: each with its answer and a note."""

    labels: ClassVar = {
        "reason": later("Reason, if something is not met"),
        "despite_period": later("Reject although the period still runs"),
    }
    reason = web.text(2000, lines=True)
    despite_period = web.checked()

    @classmethod
    def of(cls, gates: list[formal_checks.GateAnswer]) -> "type[DecisionForm]":
        """The form with these gates."""
        answers = {f"gate-{gate.key}": web.choice(ANSWERS, required=False) for gate in gates}
        notes = {f"reason-{gate.key}": web.text(NOTE_MOST, lines=True) for gate in gates}
        labels = {f"{part}-{gate.key}": gate.label for part in ("gate", "reason") for gate in gates}
        return type("GatesForm", (cls,), {**answers, **notes, "labels": {**cls.labels, **labels}})

    def named(self, name: str) -> str:
        """Gates by their key: what they are called stands in the scheme."""
        gate = name.removeprefix("gate-").removeprefix("reason-")
        return super().named(name) if gate == name else _("Formal condition %(key)s") % {"key": gate}

    def word(self, name: str, text: str) -> str:
        return _(ANSWERS.get(text, text)) if name.startswith("gate-") else super().word(name, text)


class CureForm(web.Form):
    labels: ClassVar = {"missing": later("What is missing?"), "due": later("Until")}
    missing = web.text(2000, required=True, lines=True)
    due = web.day(required=True)


class AnswerForm(web.Form):
    labels: ClassVar = {"answer": later("What has arrived?")}
    answer = web.text(2000, required=True, lines=True)


@get("/calls/{key:str}/intake", opt=SIGNED_IN)
async def intake(
    request: web.Request, key: FromPath[str], order: FromQuery[str] = "key", page: FromQuery[int] = 1
) -> Template:
    call = await conflicts.run_impartially_by(request.user.id, key)
    if why := calls.why_sealed(call):
        count, _places = await calls.submitted(call.id)
        return web.page(request, "formal_checks/sealed.html", call=call, found=count, why=why)
    page = max(1, min(page, 10_000))
    rows = await formal_checks.intake(call.id, order, page)
    found = rows[0].found if rows else 0
    return web.page(
        request,
        "formal_checks/intake.html",
        call=call,
        lines=[(row, *await _badge(call, row)) for row in rows],
        found=found,
        order=order if order in formal_checks.ORDERS else "key",
        page_number=page,
        pages=-(-found // formal_checks.PAGE),
    )


@get("/calls/{key:str}/intake/{proposal_key:str}", opt=SIGNED_IN)
async def check(request: web.Request, key: FromPath[str], proposal_key: FromPath[str]) -> Template:
    call = await conflicts.run_impartially_by(request.user.id, key)
    proposal = await formal_checks.proposal_of(call, proposal_key)
    return await _check_page(request, call, proposal)


@post("/calls/{key:str}/intake/{proposal_key:str}/formal-decision", opt=web.signed_in(DecisionForm))
async def decide(request: web.Request, key: FromPath[str], proposal_key: FromPath[str]) -> Response[Any]:
    call = await conflicts.run_impartially_by(request.user.id, key)
    proposal = await formal_checks.proposal_of(call, proposal_key)
    gates = await formal_checks.gates(call, proposal, i18n.locale.get())
    form, admitted = await web.submitted(request, DecisionForm.of(gates)), False
    if form.ok:
        with form.refusals():
            admitted = await formal_checks.decide(
                call,
                proposal,
                {gate.key: {"yes": True, "no": False}.get(form.data[f"gate-{gate.key}"]) for gate in gates},
                {gate.key: form.data[f"reason-{gate.key}"] for gate in gates},
                form.data["reason"],
                despite_period=form.data["despite_period"],
                by=request.user.id,
                at=clock.arrived(),
            )
    if not form.ok:
        return await _check_page(request, call, proposal, decision=form)
    said = _("%(key)s is admitted to the rating.") if admitted else _("%(key)s is formally rejected.")
    await web.flash(request.user, "success", said % {"key": proposal_key})
    return web.redirect(f"/calls/{key}/intake")


@post("/calls/{key:str}/intake/{proposal_key:str}/cure-request", opt=web.signed_in(CureForm))
async def ask_for_cure(request: web.Request, key: FromPath[str], proposal_key: FromPath[str]) -> Response[Any]:
    call = await conflicts.run_impartially_by(request.user.id, key)
    proposal = await formal_checks.proposal_of(call, proposal_key)
    form = await web.submitted(request, CureForm)
    if form.ok:
        with form.refusals():
            await formal_checks.ask_for_cure(
                call, proposal, form.data["missing"], form.data["due"], by=request.user.id, at=clock.arrived()
            )
    if not form.ok:
        return await _check_page(request, call, proposal, cure=form)
    await web.flash(request.user, "success", _("The organisation was asked; it has a mail."))
    return web.redirect(f"/calls/{key}/intake/{proposal_key}")


@post("/calls/{key:str}/intake/{proposal_key:str}/cure-answer", opt=web.signed_in(AnswerForm))
async def note_cure(request: web.Request, key: FromPath[str], proposal_key: FromPath[str]) -> Response[Any]:
    call = await conflicts.run_impartially_by(request.user.id, key)
    proposal = await formal_checks.proposal_of(call, proposal_key)
    form = await web.submitted(request, AnswerForm)
    if not form.ok:
        return await _check_page(request, call, proposal, answer=form)
    await formal_checks.note_cure(call, proposal, form.data["answer"], by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("Noted. You can now end the formal check."))
    return web.redirect(f"/calls/{key}/intake/{proposal_key}")


async def _check_page(request: web.Request, call: Call, proposal: Submitted, **forms: web.Form) -> Template:
    """The page of one formal check, for looking at it and for every refused form on it."""
    gates = await formal_checks.gates(call, proposal, i18n.locale.get())
    partners = await proposals.partners(proposal.id)
    decision = forms.get("decision") or _as_answered(gates, proposal)
    refused = [form for form in forms.values() if form.errors]
    default_due = {"due": call.cure_until.isoformat() if call.cure_until else ""}
    return web.page(
        request,
        "formal_checks/check.html",
        422 if refused else 200,
        call=call,
        proposal=proposal,
        partners=partners,
        totals=proposals.totals(proposal),
        gates=gates,
        note_most=NOTE_MOST,
        badge=await _badge(call, proposal),
        why_closed=formal_checks.why_closed(call, proposal),
        decision=decision,
        cure=forms.get("cure") or CureForm(default_due),
        answer=forms.get("answer") or AnswerForm(),
        form=refused[0] if refused else web.Form(),
    )


async def _badge(call: Call, proposal: Received | Submitted) -> tuple[str, str]:
    """The kind and the words of a proposal's state."""
    state = await reasons.state(proposal, call)
    return proposals.KINDS.get(state, "info"), _(STATES[state])


def _as_answered(gates: list[formal_checks.GateAnswer], proposal: Submitted) -> web.Form:
    form = web.Form({"reason": proposal.rejection or ""})
    for gate in gates:
        known = gate.passed if gate.passed is not None else gate.suggested
        form.values[f"gate-{gate.key}"] = "" if known is None else "yes" if known else "no"
        form.values[f"reason-{gate.key}"] = gate.reason
    return form


router = Router("/", route_handlers=[intake, check, decide, ask_for_cure, note_cure])
