"""Downloads for the office: every list of a call in every form."""

from litestar import Response, Router, get
from litestar.params import FromPath

from app import i18n, web
from app.access import SIGNED_IN
from app.domain import calls, exports
from app.domain.errors import Invalid, NotFound


@get("/calls/{key:str}/exports/{name:str}", opt=SIGNED_IN)
async def export(request: web.Request, key: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    call = await calls.run_by(request.user.id, key)
    what, _, form = name.rpartition(".")
    try:
        made = await exports.export(call, what, form, language=i18n.locale.get())
    except Invalid as error:
        raise NotFound from error
    return web.download(made.body, made.name, made.media_type)


router = Router("/", route_handlers=[export])
