"""Programmes as everybody sees them: the list with its regions, one page with every known fact, the facts as data."""

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Template

from app import clock, i18n, web
from app.domain import calls, programmes, rankings
from app.domain.programmes import Programme, progress
from app.domain.programmes.facts import KINDS, SITES, STATUSES
from app.i18n import gettext as _
from app.i18n import later
from app.identity.policies import PUBLIC
from app.pages.programmes import telling
from app.papers import programme_facts

A_PAGE = 24  # programmes
BOARD = {"pilot": later("Pilot regions"), "started": later("Started"), "planned": later("Planned")}


@get("/programmes", opt=PUBLIC)
async def listed(request: web.Request) -> Template:
    every = await programmes.listed()
    region, words = (" ".join(request.query_params.get(name, "").split()) for name in ("region", "q"))
    found = [one for one in every if _is_in(one, region) and _has(one, words)]
    pages = max(1, -(-len(found) // A_PAGE))
    number = min(pages, _number(request.query_params.get("page", "")))
    places = Counter(place for programme in every for place in programme.facts.places)
    return web.page(
        request,
        "programmes/list.html",
        programmes=found[(number - 1) * A_PAGE : number * A_PAGE],
        found=len(found),
        number=number,
        pages=pages,
        address=f"/programmes?{urlencode({'q': words, 'region': region})}",
        everything=len(every),
        region=region,
        words=words,
        regions=sorted(places.items(), key=lambda place: i18n.sort_key(place[0])),
        kinds=KINDS,
    )


def _number(typed: str) -> int:
    """The page that an address names; the first where it names none."""
    return max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1


def _is_in(programme: Programme, region: str) -> bool:
    return not region or region.casefold() in {place.casefold() for place in programme.facts.places}


def _has(programme: Programme, words: str) -> bool:
    """Whether every word stands somewhere in what the programme says of itself at first sight."""
    facts = programme.facts
    said = [facts.title_de, facts.title_en, facts.purpose_de, facts.purpose_en, programme.authority_name]
    said += [*facts.places, *(one.label for one in facts.target_groups), *(one.organisation for one in facts.roles)]
    text = i18n.sort_key("\n".join(said))
    return all(i18n.sort_key(word) in text for word in words.split())


@get("/programmes/{programme:str}", opt=PUBLIC)
async def show(request: web.Request, programme: FromPath[str]) -> Template:
    return await page(request, await programmes.public(programme))


@get("/programmes/{programme:str}/facts.json", opt=PUBLIC)
async def as_json(programme: FromPath[str]) -> Response[bytes]:
    found = await programmes.public(programme)
    return web.download(programme_facts.as_json(found), f"{programme}.json", "application/json")


@get("/programmes/{programme:str}/facts.csv", opt=PUBLIC)
async def as_csv(programme: FromPath[str]) -> Response[bytes]:
    found = await programmes.public(programme)
    return web.download(programme_facts.as_csv(found), f"{programme}.csv", "text/csv; charset=utf-8")


@get("/programmes/{programme:str}/images/{sha256:str}", opt=PUBLIC)
async def image(request: web.Request, programme: FromPath[str], sha256: FromPath[str]) -> Response[bytes]:
    person = request.user.id if request.user else None
    kind, content = await programmes.image(programme, sha256, person)
    return Response(content, media_type=kind, headers={"Content-Security-Policy": "sandbox; default-src 'none'"})


async def page(request: web.Request, found: Programme, **more: Any) -> Template:
    """The page of a programme, as everybody sees it or, with more, as the office looks at it beforehand."""
    now, facts = clock.now(), found.facts
    under = await calls.of_programme(found.id)
    return web.page(
        request,
        "programmes/show.html",
        programme=found,
        facts=facts,
        kind=_(KINDS[facts.kind]) if facts.kind else "",
        roles=telling.roles(facts),
        steps=telling.steps(facts),
        glance=telling.glance(facts),
        staffing=telling.staff(facts),
        targets=[(one, telling.aim(one), telling.parts(one), telling.progress(one)) for one in progress.of(facts)],
        board=_board(found),
        states=STATUSES,
        sites=[(one, _(SITES[one.type]) if one.type else "") for one in facts.sites],
        news=sorted(facts.news, key=lambda one: one.day, reverse=True),
        images={one.sha256: one for one in facts.images},
        others=telling.others(found, await programmes.related(found)),
        calls=[(call, calls.phase(call, now)) for call in under],
        outcomes=await rankings.outcomes([call.result_ranking for call in under if call.result_ranking]),
        phases=calls.PHASES,
        call_kinds=calls.KINDS,
        **{"preview": "", **more},
    )


def _board(found: Programme) -> list[dict[str, Any]]:
    """The columns of the roll-out, each with its share of all regions in percent and where its bar begins."""
    columns, begins = [], 0.0
    for status, regions in progress.board(found.facts).items():
        share = 100 * len(regions) / max(1, len(found.facts.regions))
        columns.append(
            {"status": status, "words": _(BOARD[status]), "regions": regions, "begins": begins, "share": share}
        )
        begins += share
    return columns


HANDLERS = [listed, show, as_json, as_csv, image]
