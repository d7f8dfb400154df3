"""The ranking as the office sees it, the recommendation for each proposal, freezing and publishing."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Template
from markupsafe import Markup

from app import clock, i18n, seals, web
from app.domain import calls, rankings, rating_schemes, reasons, recommendations, words
from app.domain.assignments import Asked
from app.domain.rankings.content import RECOMMENDED, Placed, Ranking
from app.errors import NotAllowed, NotFound
from app.i18n import gettext as _
from app.identity.policies import SIGNED_IN
from app.records.memory import Memory
from app.web.templates import ENVIRONMENT

KINDS = {
    "recommended": "success",
    "recommended_with_conditions": "success",
    "reserve": "info",
    "not_recommended": "neutral",
    "rejected_formally": "danger",
    "withdrawn": "neutral",
    "": "warning",
}
PAGE = 200  # lines of a page; the whole list is in its files
LONG = 160  # letters of a reason or condition that a cell shows without being opened
_tables: Memory[tuple[Any, ...], "Table"] = Memory(most=64)


class RecommendationForm(web.Form):
    labels = words.RECOMMENDATION
    status = web.choice({key: recommendations.STATUSES[key] for key in recommendations.CHOICES}, required=False)
    start_date = web.day()
    conditions = web.text(2000, lines=True)
    reasons = web.text(4000, lines=True)
    version = web.integer()


class FreezeForm(web.Form):
    labels = words.FREEZING
    why = web.text(500)


class Table(NamedTuple):
    """One page of the list: its lines as markup, how many lines there are on all pages, its number, how many pages."""

    rows: Markup
    found: int
    page: int
    pages: int


@get("/calls/{key:str}/ranking", opt=SIGNED_IN)
async def ranking(
    request: web.Request, key: FromPath[str], page: FromQuery[int] = 1, search: FromQuery[str] = ""
) -> Template:
    seen = await rankings.seen_by(request.user.id, key)
    call = seen.call
    whole = await rankings.current(call)
    current = seen.of(whole)
    seals = await rankings.seals(call.id)
    newest = seals[0] if seals else None
    return web.page(
        request,
        "rankings/ranking.html",
        call=call,
        runs=seen.runs,
        whole=len(current.lines) == len(whole.lines),
        ranking=current,
        criteria=_criteria(current),
        table=await _table(seen, whole.version, whole, page, search),
        search=search,
        used=_used(current),
        frozen=seals,
        unranked=[line.proposal for line in current.lines if line.reason_code in rankings.UNRANKED],
        same=newest is not None and whole.sha256 == newest.sha256,
        why_not_frozen=recommendations.why_not_frozen(call, whole),
        why_not_published=recommendations.why_not_published(call, newest, whole),
        form=FreezeForm(),
    )


@get("/calls/{key:str}/rankings/{number:int}", opt=SIGNED_IN)
async def frozen_ranking(
    request: web.Request,
    key: FromPath[str],
    number: FromPath[int],
    page: FromQuery[int] = 1,
    search: FromQuery[str] = "",
) -> Template:
    seen = await rankings.seen_by(request.user.id, key)
    seal = next((one for one in await rankings.seals(seen.call.id) if one.number == number), None)
    if seal is None:
        raise NotFound
    whole = (await rankings.opened(seal)).ranking
    found = seen.of(whole)
    return web.page(
        request,
        "rankings/frozen.html",
        call=seen.call,
        runs=seen.runs,
        whole=len(found.lines) == len(whole.lines),
        frozen=seal,
        ranking=found,
        criteria=_criteria(found),
        table=await _table(seen, -seal.id, whole, page, search),
        search=search,
        used=_used(found),
    )


@get("/calls/{key:str}/recommendations/{proposal_key:str}", opt=SIGNED_IN)
async def recommendation(request: web.Request, key: FromPath[str], proposal_key: FromPath[str]) -> Template:
    seen = await rankings.seen_by(request.user.id, key)
    whole = await rankings.current(seen.call)
    line = seen.of(whole).line(proposal_key)
    return await _recommendation_page(request, seen, whole, line, _as_kept(line))


@post("/calls/{key:str}/recommendations/{proposal_key:str}", opt=web.signed_in(RecommendationForm))
async def recommend(request: web.Request, key: FromPath[str], proposal_key: FromPath[str]) -> Response[Any]:
    seen = await _run(request, key)
    form = await web.submitted(request, RecommendationForm)
    if form.ok:
        with form.refusals():
            await recommendations.edit(
                seen.call,
                proposal_key,
                **{**form.data, "version": form.data["version"] or 0},
                by=request.user.id,
                at=clock.arrived(),
            )
    if not form.ok:
        current = await rankings.current(seen.call)
        return await _recommendation_page(request, seen, current, current.line(proposal_key), form)
    await web.flash(request.user, "success", _("The recommendation for %(key)s is saved.") % {"key": proposal_key})
    return web.redirect(f"/calls/{key}/ranking")


@post("/calls/{key:str}/freeze", opt=web.signed_in(FreezeForm))
async def freeze(request: web.Request, key: FromPath[str]) -> Response[Any]:
    seen = await _run(request, key)
    form = await web.submitted(request, FreezeForm)
    if not form.ok:
        raise NotAllowed(" ".join(form.errors.values()))
    seal = await recommendations.freeze(seen.call, form.data["why"], by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("Frozen as ranking no. %(number)s.") % {"number": seal.number})
    return web.redirect(f"/calls/{key}/ranking")


@post("/calls/{key:str}/result", opt=SIGNED_IN)
async def publish(request: web.Request, key: FromPath[str]) -> Response[Any]:
    seen = await _run(request, key)
    await recommendations.publish(seen.call, by=request.user.id, at=clock.arrived())
    await web.flash(request.user, "success", _("The result is public now."))
    return web.redirect(f"/calls/{key}")


async def _run(request: web.Request, key: str) -> rankings.Seen:
    """The list for who recommends, freezes and publishes; for those who only read it there is no such form."""
    seen = await rankings.seen_by(request.user.id, key)
    if not seen.runs:
        raise NotFound
    return seen


class Step(NamedTuple):
    """One row of where a total comes from: mean of the members, minimum, weight, and the points it adds."""

    key: str
    name: str
    mean: Decimal | None
    minimum: str
    weight: str
    points: Decimal | None


def _criteria(ranking: Ranking) -> list[tuple[str, str]]:
    """The criteria as (key, name) in the reader's language, in the scheme's order."""
    named = reasons.names(ranking, i18n.locale.get())
    german = reasons.names(ranking, "de")
    return [(one["key"], i18n.spoken(named[one["key"]], german[one["key"]])) for one in ranking.scheme["criteria"]]


def _used(ranking: Ranking) -> tuple[int, int]:
    """Places and cents that the recommended proposals take."""
    chosen = ranking.recommended
    return sum(line.places for line in chosen), sum(line.grant_cents for line in chosen)


async def _table(seen: rankings.Seen, version: int, whole: Ranking, page: int, search: str) -> Table:
    """A page of the list, or of what is searched in it: made once for each state, reader's view and language."""
    key = (seen.call.id, version, whole.scheme_sha256, i18n.locale.get(), seen.closed, page, search)
    return _tables.get(key) or _tables.keep(key, await asyncio.to_thread(_made, seen.of(whole), whole, page, search))


def _made(ranking: Ranking, whole: Ranking, page: int, search: str) -> Table:
    word = i18n.sort_key(search.strip())
    found = [
        line for line in ranking.lines if word in i18n.sort_key(f"{line.proposal} {line.title} {line.organisation}")
    ]
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(page, 1), pages)
    lines = _shown(ranking, found[(page - 1) * PAGE : page * PAGE], reasons.Telling(whole))
    rows = ENVIRONMENT.get_template("rankings/_rows.html").render(
        lines=lines, columns=len(ranking.scheme["criteria"]) + 8
    )
    return Table(Markup(rows), len(found), page, pages)


def _shown(ranking: Ranking, lines: Iterable[Placed], telling: reasons.Telling) -> list[tuple[Any, ...]]:
    """Lines as ready texts, so that the template only writes them out; telling knows the whole list."""
    decimals, names = _decimals(ranking), _german_names(ranking)
    last = ranking.last_recommended
    return [
        (
            f"/calls/{ranking.call}/recommendations/{line.proposal}",
            "" if line.rank is None else f"{line.rank}{'=' if line.tied else ''}",
            line.proposal,
            i18n.german(line.title),
            line.organisation,
            i18n.number(line.places),
            i18n.money(line.grant_cents),
            [i18n.points(line.means.get(one["key"])) for one in ranking.scheme["criteria"]],
            [one["key"] in line.failed for one in ranking.scheme["criteria"]],
            i18n.points(line.total, decimals),
            "total" in line.failed,
            i18n.points(line.spread),
            line.valid_reviews,
            i18n.with_german(reasons.rule(line.decided_by, telling.named), names),
            _kind(line),
            told.status,
            told.by_ranking,
            "" if line.start_date is None else i18n.date(line.start_date),
            [_spoken(part, line, names) for part in _folded(told.reason)],
            [i18n.german(part) for part in _folded(told.conditions)],
            line.near_threshold,
            line is last,
        )
        for line in lines
        for told in (telling.of(line),)
    ]


def _folded(text: str) -> tuple[str, str]:
    """A text for a cell: what stands there, and the rest that is opened, if it is long."""
    if len(text) <= LONG:
        return text, ""
    head = text[:LONG].rpartition(" ")[0] or text[:LONG]
    return head, text[len(head) :].strip()


def _german_names(ranking: Ranking) -> list[str]:
    """The names of criteria that stand in German for want of others; the total has a name in every language."""
    return [name for key, name in reasons.names(ranking, "de").items() if key != "total"]


def _spoken(text: str, line: Placed, names: Iterable[str]) -> str | Markup:
    """A reason, or a part of one: somebody's own words are German, in a sentence of ours names of criteria may be."""
    if text and any(text in own for own in (line.reasons, line.reason, line.conditions)):
        return i18n.german(text)
    return i18n.with_german(text, names)


def _kind(line: Placed) -> str:
    """The kind of a line's badge."""
    return "warning" if reasons.unranked(line) else KINDS[line.status]


def _decimals(ranking: Ranking) -> int:
    rounding = (ranking.scheme.get("aggregation") or {}).get("rounding") or {}
    return int(rounding.get("decimals", 2))


def _as_kept(line: Placed) -> web.Form:
    """The form as it stands in the database."""
    chosen = "recommended" if line.status in RECOMMENDED else line.status
    return web.Form(
        {
            "status": chosen if line.departure else "",
            "start_date": line.start_date.isoformat() if line.start_date and line.status in RECOMMENDED else "",
            "conditions": line.conditions,
            "reasons": line.reasons,
            "version": line.version,
        }
    )


async def _recommendation_page(
    request: web.Request, seen: rankings.Seen, current: Ranking, line: Placed, form: web.Form
) -> Template:
    call = seen.call
    scheme = (await rating_schemes.of(call.rating_scheme)).content
    telling, names = reasons.Telling(current), _german_names(current)
    marks = [mark for mark in current.marks if mark.proposal == line.proposal]
    members = _members(marks) if seen.runs else _nameless(call, line, marks)
    by_place = {(mark.member, mark.criterion): mark for mark in marks}
    return web.page(
        request,
        "rankings/recommendation.html",
        200 if form.ok else 422,
        call=call,
        runs=seen.runs,
        line=line,
        form=form,
        steps=_steps(await asyncio.to_thread(rankings.explained, current, line.proposal), scheme, line),
        members=members,
        marks=by_place,
        told=telling.of(line),
        kind=_kind(line),
        reason=_spoken(telling.of(line).reason, line, names),
        rule=i18n.with_german(reasons.rule(line.decided_by, telling.named), names),
        failed=i18n.with_german(", ".join(telling.named.get(key, key) for key in line.failed), names),
        asked_for=await recommendations.start_asked_for(line.id),
        automatic=reasons.automatic(line),
        decimals=_decimals(current),
        options=[
            ("", _("as the ranking says: %(status)s") % {"status": reasons.automatic(line)}),
            *((key, _(rankings.STATUSES[key])) for key in recommendations.CHOICES[1:] if key != line.automatic),
        ],
        why_closed=recommendations.why_closed(call, line) if seen.runs else "",
    )


def _members(marks: list[rankings.Mark]) -> list[tuple[str, str, bool]]:
    """The members who gave marks, as (key, name of the column, counts), those whose marks count first."""
    members = sorted({(not mark.counts, mark.member) for mark in marks})
    return [(member, member, not biased) for biased, member in members]


def _nameless(call: calls.Call, line: Placed, marks: list[rankings.Mark]) -> list[tuple[str, str, bool]]:
    """The members whose marks count, under numbers that tell nothing: who only reads learns marks and no names."""
    number = seals.numbered(f"list {call.key} {line.proposal}", (mark.member for mark in marks if mark.counts))
    return [(member, f"{place}", True) for member, place in number.items()]


def _steps(explained: "rankings.Explanation", scheme: rating_schemes.Scheme, line: Placed) -> list[Step]:
    """Every criterion and adjustment of a rated proposal, with what it adds to the total."""
    steps: list[Step] = []
    for one in explained.proposals.values():
        for criterion in scheme.criteria:
            key, least, weight = criterion.key, i18n.bound(criterion.bound), f"{i18n.number(criterion.percent)} %"
            steps.append(Step(key, _named(criterion), line.means.get(key), least, weight, _decimal(one.points[key])))
        for adjustment in scheme.adjustments:
            key = adjustment.key
            steps.append(Step(key, _named(adjustment), None, "", "", _decimal(one.adjusted[key])))
    return steps


def _named(one: Asked) -> str | Markup:
    return i18n.spoken(one.label(i18n.locale.get()), one.label("de"))


def _decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(value.numerator) / value.denominator


router = Router("/", route_handlers=[ranking, frozen_ranking, recommendation, recommend, freeze, publish])
