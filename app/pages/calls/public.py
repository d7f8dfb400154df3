"""The list of calls, and one page from the call to its result; the office sees that page before anybody else."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Template

from app import clock, i18n, web
from app.domain import assignments, call_making, calls, forms, proposals, rankings, rating_schemes, words
from app.domain.call_making import versions
from app.i18n import gettext as _
from app.identity.policies import PUBLIC, SIGNED_IN
from app.pages.calls.versions import told
from app.papers import questions
from app.papers.pdf import typeset
from app.papers.pdf.printed import cleaned


class Asked(NamedTuple):
    """One criterion as the public reads it."""

    label: str
    percent: Decimal | None
    scale: str
    levels: list[tuple[str, str]]
    least: str
    description: str


@get("/calls", opt=PUBLIC)
async def listed(request: web.Request) -> Template:
    now = clock.now()
    found = [(call, calls.phase(call, now)) for call in await calls.published()]
    groups = [
        (title, [one for one in found if one[1] in phases])
        for title, phases in (
            (_("Open for proposals"), ("open", "announced")),
            (_("In progress"), ("checking", "rating", "deciding")),
            (_("With result"), ("result",)),
        )
    ]
    groups = [group for group in groups if group[1]]
    return web.page(
        request,
        "calls/calls.html",
        groups=groups,
        kinds=calls.KINDS,
        names=calls.PHASES,
        outcomes=await rankings.outcomes([call.result_ranking for call, _phase in found if call.result_ranking]),
    )


@get("/calls/{key:str}", opt=PUBLIC)
async def show(request: web.Request, key: FromPath[str]) -> Template:
    call = await calls.public(key)
    now = clock.now()
    phase = calls.phase(call, now)
    count, places = (0, 0) if calls.why_sealed(call, now) else await calls.submitted(call.id)
    result = await _result(call) if phase == "result" else None
    return await _page(
        request,
        call,
        phase=phase,
        versions=told(await versions.of(call.id)),
        submitted=count,
        places=calls.roughly(places) if places else None,
        result=result,
    )


@get("/calls/{key:str}/preview", opt=SIGNED_IN)
async def preview(request: web.Request, key: FromPath[str]) -> Template:
    """The page as it would be if what is written now were public."""
    work = await call_making.work_of(await calls.run_by(request.user.id, key))
    now = clock.now()
    text = work.text if work.text.published_at else msgspec.structs.replace(work.text, published_at=now)
    return await _page(
        request,
        text,
        phase=calls.phase(text, now),
        versions=[],
        submitted=0,
        places=None,
        result=None,
        preview=True,
    )


async def _page(
    request: web.Request, call: calls.Call, *, phase: calls.Phase, preview: bool = False, **more: Any
) -> Template:
    now = clock.now()
    scheme = await _scheme(call)
    return web.page(
        request,
        "calls/call.html",
        call=call,
        phase=phase,
        preview=preview,
        badge=(calls.KINDS.get(phase, "neutral"), _(calls.PHASES[phase])),
        steps=[(label, i18n.when(when), state) for label, when, state in calls.timetable(call, now)],
        criteria=await _criteria(call),
        scheme=scheme,
        asked=(await forms.of(call.form)).content if call.form else None,
        meanings=_meanings(scheme) if scheme else [],
        procedure=_(words.PROCEDURES[call.procedure_kind]),
        notes=[_(note) for note in words.NOTES[call.procedure_kind]],
        why_closed=calls.why_closed_for_proposals(call, now),
        **more,
    )


@get("/calls/{key:str}/form", opt=PUBLIC)
async def form(request: web.Request, key: FromPath[str]) -> Template:
    """All questions of a call, to be read and printed before anybody signs in."""
    call = await calls.public(key)
    asked = (await forms.of(call.form)).content
    return web.page(
        request,
        "calls/form.html",
        call=call,
        parts=questions.parts(asked, await _scheme(call), calls.told_to_forms(call)),
        why_closed=calls.why_closed_for_proposals(call, clock.now()),
    )


@get("/calls/{key:str}/form.pdf", opt=PUBLIC)
async def form_paper(request: web.Request, key: FromPath[str]) -> Response[bytes]:
    call = await calls.public(key)
    asked = (await forms.of(call.form)).content
    assert call.published_at is not None  # else it is not public
    since, title = call.published_at.astimezone(clock.BERLIN).date(), i18n.in_language(call, "title")
    scheme, told = await _scheme(call), calls.told_to_forms(call)
    data = questions.printed(asked, scheme, told, title, call.authority_name, since)
    body = await typeset.rendered("questions", cleaned(data))
    name = _("questions")
    return web.download(body, f"{call.key}-{name}.pdf", "application/pdf")


async def _scheme(call: calls.Call) -> Any:
    return (await rating_schemes.of(call.rating_scheme)).content if call.rating_scheme else None


async def _criteria(call: calls.Call) -> list[Asked]:
    scheme = await _scheme(call)
    if scheme is None:
        return []
    language = i18n.locale.get()
    return [
        Asked(
            i18n.spoken(one.label(language), one.label("de")),
            one.percent,
            f"{i18n.number(one.minimum)}–{i18n.number(one.maximum)}",
            _levels(one, language),
            i18n.bound(one.bound),
            i18n.spoken(one.description(language), one.description("de")),
        )
        for one in scheme.criteria
    ]


def _meanings(scheme: Any) -> list[tuple[str, str]]:
    """What the marks of the common scale mean: (mark, wording)."""
    german = dict(assignments.scale_words(scheme, "de"))
    words = assignments.scale_words(scheme, i18n.locale.get())
    return [(mark, i18n.spoken(word, german.get(mark, ""))) for mark, word in words]


def _levels(one: rating_schemes.Criterion, language: str) -> list[tuple[str, str]]:
    """The marks of a criterion that words its own: (mark, wording)."""
    return [
        (i18n.number(level.points), i18n.spoken(level.label(language), level.label("de")))
        for level in one.levels
        if level.label(language)
    ]


async def _result(call: calls.Call) -> list[tuple[str, str, date | None]]:
    """What may be public: organisation, field of activity and start date of the recommended, by name."""
    frozen = await rankings.by_id(call.result_ranking)
    lines = [
        (line.organisation, proposals.field_name(line.field), line.start_date) for line in frozen.ranking.recommended
    ]
    return sorted(lines, key=lambda line: i18n.sort_key(line[0]))


HANDLERS = (listed, show, preview, form, form_paper)
