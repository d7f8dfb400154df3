"""Organisations write their proposals, hand them in, keep the receipt and may take them back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Template
from msgspec.structs import replace

from app import clock, i18n, web
from app.domain import calls, organisations, proposals, rankings, reasons
from app.domain.proposals import Own
from app.errors import Conflict, Invalid, NotAllowed
from app.i18n import gettext as _
from app.i18n import later
from app.identity.policies import SIGNED_IN
from app.pages.proposals.form import LABELS, PARTNERS_MOST, SUMMARY_MOST, TARGETS_MOST, ProposalForm, shown_rows, typed
from app.papers.pdf import typeset


class StartForm(web.Form):
    labels: ClassVar = {"title": later("Title"), "organisation": later("Organisation")}
    untyped: ClassVar = ("organisation",)
    title = web.text(150, required=True)
    organisation = web.integer(1, organisations.LARGEST_ID, required=True)


class WithdrawalForm(web.Form):
    labels: ClassVar = {"reason": later("Reason")}
    reason = web.text(1000, lines=True)


@get("/calls/{key:str}/proposals/new", opt=SIGNED_IN)
async def new(request: web.Request, key: FromPath[str]) -> Template:
    return await _new_page(request, await calls.public(key), StartForm())


@post("/calls/{key:str}/proposals/new", opt=web.signed_in(StartForm))
async def start(request: web.Request, key: FromPath[str]) -> Response[Any]:
    call = await calls.public(key)
    form = await web.submitted(request, StartForm)
    if calls.why_closed_for_proposals(call) or not form.ok:
        return await _new_page(request, call, form, 422)
    started = await proposals.start(
        call.id, form.data["organisation"], form.data["title"], by=request.user.id, at=clock.arrived()
    )
    return web.redirect(f"/proposals/{started}/edit")


@get("/proposals/{proposal_id:int}", opt=SIGNED_IN)
async def show(request: web.Request, proposal_id: FromPath[int]) -> Template:
    return await _show_page(request, await proposals.held_by(request.user.id, proposal_id))


@get("/proposals/{proposal_id:int}/edit", opt=SIGNED_IN)
async def edit(request: web.Request, proposal_id: FromPath[int]) -> Response[Any]:
    held = await proposals.held_by(request.user.id, proposal_id)
    if proposals.why_closed_for_change(held):
        return web.redirect(f"/proposals/{proposal_id}")
    return _edit_page(request, held, ProposalForm(typed(held, await proposals.partners(proposal_id))))


@post("/proposals/{proposal_id:int}/edit", opt=web.signed_in(ProposalForm))
async def save(request: web.Request, proposal_id: FromPath[int]) -> Response[Any]:
    held = await proposals.held_by(request.user.id, proposal_id)
    form = await web.submitted(request, ProposalForm)
    if not form.ok:
        return _edit_page(request, held, form, 422)
    entered = form.entered()
    try:
        await proposals.save(held, form.data["version"], entered, by=request.user.id, at=clock.arrived())
    except Conflict as lost:
        return await _lost_race(request, proposal_id, form, lost)
    await web.flash(request.user, "success", _("Saved at %(time)s.") % {"time": i18n.clock_time(clock.now())})
    then = str((await request.form()).get("then") or "")
    return web.redirect(f"/proposals/{proposal_id}{_next_step(then, entered)}")


@post("/proposals/{proposal_id:int}/totals", opt=web.signed_in(ProposalForm))
async def totals(request: web.Request, proposal_id: FromPath[int]) -> Template:
    """The sums of what is typed at the moment; nothing is stored."""
    held = await proposals.held_by(request.user.id, proposal_id)
    form = await web.submitted(request, ProposalForm)
    return web.fragment(request, "proposals/_totals.html", **_sums(held, form.entered()))


@post("/proposals/{proposal_id:int}/submission", opt=SIGNED_IN)
async def hand_in(request: web.Request, proposal_id: FromPath[int]) -> Response[Any]:
    at = clock.arrived()
    try:
        await proposals.hand_in(proposal_id, by=request.user.id, at=at)
    except (NotAllowed, Invalid) as refused:
        held = await proposals.held_by(request.user.id, proposal_id)
        why = str(refused) if isinstance(refused, NotAllowed) else None
        return await _show_page(request, held, 409 if why else 422, why_refused=why, at=at)
    return web.redirect(f"/proposals/{proposal_id}/receipt")


@get("/proposals/{proposal_id:int}/receipt", opt=SIGNED_IN)
async def receipt(request: web.Request, proposal_id: FromPath[int]) -> Template:
    found = await proposals.receipt(request.user.id, proposal_id)
    return web.page(request, "proposals/receipt.html", receipt=found)


@get("/proposals/{proposal_id:int}/receipt.json", opt=SIGNED_IN)
async def receipt_content(request: web.Request, proposal_id: FromPath[int]) -> Response[bytes]:
    """The very bytes of which the receipt names the SHA-256."""
    found = await proposals.receipt(request.user.id, proposal_id)
    return web.download(found.content.encode(), f"{found.receipt_number}.json", "application/json")


@get("/proposals/{proposal_id:int}/receipt.pdf", opt=SIGNED_IN)
async def receipt_file(request: web.Request, proposal_id: FromPath[int]) -> Response[bytes]:
    found = await proposals.receipt(request.user.id, proposal_id)
    body = await typeset.rendered("receipt", _receipt_words(found))
    return web.download(body, f"{found.receipt_number}.pdf", "application/pdf")


@post("/proposals/{proposal_id:int}/withdrawal", opt=web.signed_in(WithdrawalForm))
async def withdraw(request: web.Request, proposal_id: FromPath[int]) -> Response[Any]:
    held = await proposals.held_by(request.user.id, proposal_id)
    form = await web.submitted(request, WithdrawalForm)
    if not form.ok:
        return await _show_page(request, held, 422, form=form)
    try:
        await proposals.withdraw(proposal_id, form.data["reason"], by=request.user.id, at=clock.arrived())
    except NotAllowed as refused:
        return await _show_page(request, held, 409, form=form, why_refused=str(refused))
    await web.flash(request.user, "success", _("The proposal is withdrawn."))
    return web.redirect(f"/proposals/{proposal_id}")


@post("/proposals/{proposal_id:int}/copy", opt=SIGNED_IN)
async def copy(request: web.Request, proposal_id: FromPath[int]) -> Response[Any]:
    held = await proposals.held_by(request.user.id, proposal_id)
    copied = await proposals.copy(held, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("This is a new draft with the content of the earlier proposal."))
    return web.redirect(f"/proposals/{copied}/edit")


@post("/proposals/{proposal_id:int}/removal", opt=SIGNED_IN)
async def discard(request: web.Request, proposal_id: FromPath[int]) -> Response[Any]:
    held = await proposals.held_by(request.user.id, proposal_id)
    await proposals.discard(held, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("The draft is deleted."))
    return web.redirect("/desk")


# ── pages ──────────────────────────────────────────────────────────────────────────────────────


async def _new_page(request: web.Request, call: calls.Call, form: StartForm, status: int = 200) -> Template:
    mine = await organisations.of(request.user.id)
    if len(mine) == 1:
        form.values["organisation"] = mine[0].id
    return web.page(
        request,
        "proposals/new.html",
        status,
        call=call,
        form=form,
        organisations=mine,
        proposals=[(row, *await _badge(row)) for row in await proposals.of_call(request.user.id, call.id)],
        why_closed=calls.why_closed_for_proposals(call),
    )


async def _show_page(
    request: web.Request, held: Own, status: int = 200, form: web.Form | None = None, **more: Any
) -> Template:
    now = clock.now()
    partners = await proposals.partners(held.id)
    state = await reasons.state(held, held, now)
    return web.page(
        request,
        "proposals/show.html",
        status,
        proposal=held,
        partners=partners,
        totals=proposals.totals(held),
        state=state,
        word=_(proposals.STATES[state]),
        kind=proposals.KINDS.get(state, "info"),
        phase=calls.phase(held, now),
        course=_course(held, now) if held.submitted_at and state != "withdrawn" else [],
        faults=proposals.faults(held, partners) if state == "draft" else {},
        form=form or WithdrawalForm({"reason": ""}),
        why_closed=proposals.why_closed_for_handing_in(held),
        why_no_withdrawal=proposals.why_closed_for_withdrawal(held),
        why_no_copy=proposals.why_closed_for_copy(held),
        result=await _result(held),
        **{"why_refused": None, "at": None, **more},
    )


async def _result(held: Own) -> dict[str, Any] | None:
    """What the published result says of this proposal; before the publication nothing is said."""
    found = await rankings.published_line(held.key, held.result_ranking)
    if found is None:
        return None
    line, ranking = found
    told = reasons.Telling(ranking).of(line)
    return {
        "start": line.start_date,
        "conditions": told.conditions,
        "departure": told.departure,
        "reason": told.reason,
        "recommended": line.status in rankings.RECOMMENDED,
    }


def _edit_page(
    request: web.Request, held: Own, form: ProposalForm, status: int = 200, lost: Conflict | None = None
) -> Template:
    form.errors = {name: f"{_label(name)}: {sentence}" for name, sentence in form.errors.items()}
    stored = form.entered() if form.data else {}
    return web.page(
        request,
        "proposals/edit.html",
        status,
        form=form,
        labels={name: _(label) for name, label in LABELS.items()},
        costs=list(proposals.COSTS),
        financing=list(proposals.FINANCING),
        fields=[_(name) for name in proposals.FIELDS.values()],
        roles=[(key, _(name)) for key, name in proposals.PARTNER_ROLES.items()],
        units=[(key, _(name)) for key, name in proposals.UNITS.items()],
        partner_rows=shown_rows(form, "partner", PARTNERS_MOST),
        target_rows=shown_rows(form, "target", TARGETS_MOST),
        summary_most=SUMMARY_MOST,
        why_closed=proposals.why_closed_for_handing_in(held),
        differences=_differences(lost),
        lost=str(lost) if lost else "",
        **_sums(held, stored),
    )


async def _lost_race(request: web.Request, proposal_id: int, form: ProposalForm, lost: Conflict) -> Template:
    """Both texts; the form goes on from what is stored now, so that saving again is a decision."""
    held = await proposals.held_by(request.user.id, proposal_id)
    if proposals.why_closed_for_change(held):
        return web.page(
            request, "proposals/overtaken.html", 409, proposal=held, lost=str(lost), differences=_differences(lost)
        )
    form.values["version"] = held.version
    return _edit_page(request, held, form, 409, lost)


def _label(name: str) -> str:
    """What a field of the form is called, with its row where it stands in one."""
    noun, _dash, row = name.partition("-")
    if not row:
        return _(LABELS.get(name, name))
    what = _("Partner") if noun == "partner" else _("Target")
    return f"{what} {row.partition('-')[0]}"


def _differences(lost: Conflict | None) -> list[tuple[str, str, str]]:
    """What differs: its label, my text, the stored text."""
    return [(_(LABELS[name]), text, lost.theirs[name]) for name, text in lost.mine.items()] if lost else []


def _sums(held: Own, content: Mapping[str, Any]) -> dict[str, Any]:
    row = replace(held, **{name: value for name, value in content.items() if name != "partners"})
    return {"proposal": held, "totals": proposals.totals(row), "limits": proposals.limits(row)}


def _course(held: Own, now: datetime) -> list[tuple[str, str, str]]:
    """The steps of the procedure in words; what is still to come has the date at which it is expected."""
    return [
        (label, i18n.when(when) if state == "done" or not when else _expected(when), state)
        for label, when, state in proposals.course(held, now)
    ]


def _expected(when: calls.When) -> str:
    return _("expected: %(when)s") % {"when": i18n.when(when)}


async def _badge(row: proposals.Listed) -> tuple[str, str]:
    """The kind and the words of a proposal's state."""
    state = await reasons.state(row, row)
    return proposals.KINDS.get(state, "info"), _(proposals.STATES[state])


def _next_step(then: str, entered: Mapping[str, Any]) -> str:
    """Where to go on after saving: to the check, to an empty row, or on with writing."""
    if then == "check":
        return ""
    if then == "partner":
        return f"/edit#partner-{min(len(entered['partners']) + 1, PARTNERS_MOST)}-name"
    if then == "target":
        return f"/edit#target-{min(len(entered['targets']) + 1, TARGETS_MOST)}-label"
    return "/edit"


def _receipt_words(found: proposals.Receipt) -> dict[str, Any]:
    """The receipt's texts for the PDF, in the reader's language."""
    day = found.at.astimezone(clock.BERLIN).date()
    return {
        "language": i18n.locale.get(),
        "title": _("Receipt %(number)s") % {"number": found.receipt_number},
        "lead": _("Your proposal has arrived. This receipt says nothing about how it will be rated."),
        "facts": [
            [_("Received"), f"{i18n.datetime(found.at)} ({i18n.clock_time(found.at)})"],
            [_("Deadline"), i18n.datetime(found.deadline)],
            [_("Call"), i18n.in_language(found, "call_title")],
            [_("Organisation"), found.organisation_name],
            [_("Proposal"), f"{found.key} · {found.title}"],
            [_("Handed in by"), found.submitted_by or "–"],
        ],
        "fingerprint": found.sha256,
        "check": _("The fingerprint of the file %(file)s: whoever computes its SHA-256 gets this number.")
        % {"file": f"{found.receipt_number}.json"},
        "foot": "Votum",
        "at": [day.year, day.month, day.day],
    }


router = Router(
    "/",
    route_handlers=[
        new,
        start,
        show,
        edit,
        save,
        totals,
        hand_in,
        receipt,
        receipt_content,
        receipt_file,
        withdraw,
        copy,
        discard,
    ],
)
