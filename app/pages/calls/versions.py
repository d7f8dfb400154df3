"""The public versions of a call: the list on its page, and what differs between two of them."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import NamedTuple

from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from app import web
from app.domain import calls
from app.domain.call_making import versions
from app.errors import NotFound
from app.i18n import in_language
from app.identity.policies import PUBLIC

MOST_WORDS = 400  # in a paragraph that is compared word by word; longer ones are compared as they are


class Told(NamedTuple):
    """A version as the public reads of it; extended: the deadline before and since then, where it changed."""

    number: int
    at: datetime
    why: str
    alone: bool
    extended: tuple[datetime | None, datetime | None] | None


class Piece(NamedTuple):
    """A piece of a text that was the same, was removed or was added."""

    kind: str
    text: str


@get("/calls/{key:str}/versions/{number:int}", opt=PUBLIC)
async def compare(
    request: web.Request, key: FromPath[str], number: FromPath[int], against: FromQuery[int] = 0
) -> Template:
    """What a version says differently from another one, by default the one before."""
    call = await calls.public(key)
    other = against if against > 0 else number - 1
    if max(number, other) > 2**31 - 1:
        raise NotFound
    listed = told(await versions.of(call.id))
    found = await versions.numbered(call.id, number, other)
    if number not in found or (other not in found and number != 1):
        raise NotFound
    new, old = found[number], found.get(other)
    changes = versions.differences(old.content, new.content) if old else {}
    return web.page(
        request,
        "calls/versions.html",
        call=call,
        version=new,
        other=old,
        listed=listed,
        title=in_language(call, "title"),
        changes=[(label, list(pieces(before, after))) for label, (before, after) in changes.items()],
    )


def told(found: Sequence[versions.Listed]) -> list[Told]:
    """Versions, the newest first, each with what it did to the deadline."""
    before = [*found[1:], None][: len(found)]
    return [
        Told(
            one.number,
            one.at,
            one.why,
            one.alone,
            (earlier.deadline, one.deadline) if earlier and earlier.deadline != one.deadline else None,
        )
        for one, earlier in zip(found, before, strict=True)
    ]


def pieces(old: str, new: str) -> Iterator[Piece]:
    """Two texts as one, line by line, and word by word in lines that were changed."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for kind, a, b, c, d in SequenceMatcher(None, before, after).get_opcodes():
        removed, added = "".join(before[a:b]), "".join(after[c:d])
        if kind == "equal":
            yield Piece("same", removed)
        else:
            yield from _words(removed, added)


def _words(old: str, new: str) -> Iterator[Piece]:
    before, after = (re.findall(r"\s+|\S+", text) for text in (old, new))
    if max(len(before), len(after)) > MOST_WORDS:
        before, after = [old], [new]
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(before[a:b]))
            continue
        for word, text in (("removed", "".join(before[a:b])), ("added", "".join(after[c:d]))):
            if text:
                yield Piece(word, text)


HANDLERS = (compare,)
