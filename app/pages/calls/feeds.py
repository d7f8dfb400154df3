"""Calls for other programs: the dates of one as a calendar, all of them as an Atom feed."""

from litestar import Response, get
from litestar.params import FromPath

from app import clock, web
from app.domain import calls
from app.domain.call_making import versions
from app.identity.policies import PUBLIC
from app.papers import calendars, feeds


@get("/calls/{key:str}/calendar.ics", opt=PUBLIC)
async def calendar(request: web.Request, key: FromPath[str]) -> Response[bytes]:
    call = await calls.public(key)
    newest = next(iter(await versions.of(call.id)), None)
    body = calendars.of_call(
        call,
        changed_at=newest.at if newest else call.published_at or call.created_at,
        number=newest.number if newest else 1,
    )
    return web.download(body, f"{call.key}.ics", "text/calendar")


@get("/calls.atom", opt=PUBLIC)
async def atom(request: web.Request) -> Response[bytes]:
    now = clock.now()
    found = await calls.published()
    body = feeds.of_calls(found, await versions.newest(), now)
    return Response(body, media_type="application/atom+xml")


HANDLERS = (calendar, atom)
