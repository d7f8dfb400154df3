"""Downloads for the office: every list of a call in every form."""

from datetime import UTC, datetime

from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery

from app import clock, i18n, web
from app.domain import conflicts
from app.errors import Invalid, NotFound
from app.identity.policies import SIGNED_IN
from app.papers import exports


@get("/calls/{key:str}/exports/{name:str}", opt=SIGNED_IN)
async def export(
    request: web.Request,
    key: FromPath[str],
    name: FromPath[str],
    as_of: FromQuery[str] = "",
) -> Response[bytes]:
    call = await conflicts.run_impartially_by(request.user.id, key)
    what, _, form = name.rpartition(".")
    try:
        made = await exports.export(call, what, form, as_of=_moment(as_of), language=i18n.locale.get())
    except Invalid as error:
        raise NotFound from error
    return web.download(made.body, made.name, made.media_type)


def _moment(text: str) -> datetime | None:
    """A moment in ISO form, without a zone in German time; raises NotFound for anything else."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or clock.BERLIN).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotFound from error


router = Router("/", route_handlers=[export])
