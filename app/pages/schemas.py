"""What forms, rating schemes and competition files may say, as JSON Schema for editors and other programs."""

import json
from functools import lru_cache

from litestar import Response, Router, get

from app import forms, web
from app.competition_files import reading
from app.domain.rating_schemes import GRAMMAR
from app.identity.policies import PUBLIC

SCHEMAS = {"form-1": forms.GRAMMAR.told, "rating-scheme-1": GRAMMAR.told, "competition-1": reading.told}
DIALECT = "https://json-schema.org/draft/2020-12/schema"
HEADERS = {"Cache-Control": "public, max-age=3600", "Vary": "Accept-Encoding"}


@get([f"/schemas/{name}.json" for name in SCHEMAS], opt=PUBLIC, media_type="application/schema+json")
async def schema(request: web.Request) -> Response[bytes]:
    """One of them: the readers say themselves what they take."""
    name = request.url.path.rstrip("/").rpartition("/")[2].removesuffix(".json")
    return Response(_text(name), headers=HEADERS)


@lru_cache
def _text(name: str) -> bytes:
    title = "/".join(name.rsplit("-", 1))
    return json.dumps({"$schema": DIALECT, "title": title, **SCHEMAS[name]()}, ensure_ascii=False).encode()


router = Router("/", route_handlers=[schema])
