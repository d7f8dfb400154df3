"""The first page, the duty pages, the demo's outbox and the signs of life."""

from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath
from litestar.response import Template

from app import clock, database, web
from app.domain import authorities, calls, rankings
from app.errors import NotFound
from app.i18n import gettext as _
from app.identity.forged import knows_us
from app.identity.policies import DEMO, PUBLIC
from app.operations import health
from app.records.mails import links

DUTY_PAGES = ("accessibility", "privacy", "imprint")


@get("/", opt=PUBLIC)
async def home(request: web.Request) -> Template:
    found = await calls.newest(clock.now())
    running, decided = ([row for row in found if row[1] == phase] for phase in ("open", "result"))
    results = [call.result_ranking for call, _phase in decided[:1] if call.result_ranking]
    return web.page(
        request,
        "home/home.html",
        calls=running[:3],
        decided=decided[:1],
        kinds=calls.KINDS,
        names=calls.PHASES,
        new=not found and not await authorities.any_yet(),
        outcomes=await rankings.outcomes(results),
    )


@get("/{name:str}", opt=PUBLIC)
async def duty_page(request: web.Request, name: FromPath[str]) -> Template:
    if name not in DUTY_PAGES:
        raise NotFound
    return web.page(
        request,
        f"home/{name}.html",
        authorities=await authorities.described(),
        conformity=authorities.CONFORMITY,
        methods=authorities.METHODS,
    )


@get("/desk/outbox", opt=DEMO)
async def outbox(request: web.Request) -> Template:
    if not knows_us(request):  # its links would be read by whoever owns the name that leads here
        raise NotFound
    found = await database.rows("SELECT id, recipient, subject, body, at FROM mail ORDER BY id DESC LIMIT 50")
    mails = [{**mail, "body": links.written_out(mail["body"], mail["recipient"])} for mail in found]
    return web.page(request, "home/outbox.html", mails=mails)


@get("/design", opt=DEMO)
async def design(request: web.Request) -> Template:
    """Every part of the pages in all its states."""
    wrong = web.Form({"places": "3", "months": "zwölf", "summary": "…"})
    names = ("places", "months", "start", "costs", "role", "summary", "decision", "agreed", "field")
    wrong.errors = dict.fromkeys(names, _("Please fill in this field."))
    return web.page(request, "home/design.html", empty=web.Form(), wrong=wrong, now=clock.now())


@get("/health/live", opt=PUBLIC, media_type="text/plain")
async def live() -> str:
    return "ok"


@get("/health/ready", opt=PUBLIC, media_type="application/json")
async def ready() -> Response[dict[str, Any]]:
    """Whether everything can be done, else which part fails; how old the oldest unsent mail is, in seconds."""
    found = await health.look()
    if found.failing:
        told = {"database": found.failing != "connection", "failing": found.failing, "why": found.why}
        return Response(told, status_code=503, headers={"Retry-After": "10"})
    return Response({"database": True, "oldest_mail_seconds": found.oldest_mail_seconds})


router = Router("/", route_handlers=[home, duty_page, outbox, design, live, ready])
