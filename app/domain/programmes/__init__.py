"""Funding programmes: who sees which, and what is known of them.

A programme is one typed document (`facts.Facts`). The office works on a draft of it; every publication keeps a copy
that never changes, with who and when, and the newest one is what everybody sees.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app import database, i18n
from app.database import Record, Row
from app.domain import authorities
from app.domain.programmes.checking import Fault as Fault
from app.domain.programmes.checking import faults as faults
from app.domain.programmes.checking import hints as hints
from app.domain.programmes.facts import SECTIONS as SECTIONS
from app.domain.programmes.facts import Facts as Facts
from app.domain.programmes.facts import read
from app.errors import NotFound

NEWEST = "SELECT facts, number, at FROM programme_publication WHERE programme = g.id ORDER BY number DESC LIMIT 1"
MASTHEAD = authorities.MASTHEAD.format(authority="g.authority")
PUBLIC = f"""
SELECT g.id, g.key, g.authority, a.name AS authority_name, {MASTHEAD}, u.facts, u.number, u.at AS published_at
FROM programme g JOIN authority a ON a.id = g.authority
JOIN LATERAL ({NEWEST}) u ON true
"""  # noqa: S608
VERSION = f"""
SELECT g.id, g.key, g.authority, a.name AS authority_name, {MASTHEAD}, u.facts, u.number, u.at AS published_at
FROM programme_publication u JOIN programme g ON g.id = u.programme JOIN authority a ON a.id = g.authority
"""  # noqa: S608
DRAFT = f"""
SELECT g.id, g.key, g.authority, a.name AS authority_name, {MASTHEAD}, g.draft AS facts, u.number, u.at AS published_at,
    u.facts IS DISTINCT FROM g.draft AS changed
FROM programme g JOIN authority a ON a.id = g.authority
LEFT JOIN LATERAL ({NEWEST}) u ON true
"""  # noqa: S608
RUN_BY = "EXISTS (SELECT FROM administration d WHERE d.authority = g.authority AND d.person = $1)"

IMAGE = f"""
SELECT i.type, i.content FROM programme_image i JOIN programme g ON g.id = i.programme
LEFT JOIN LATERAL ({NEWEST}) u ON true
WHERE g.key = $2 AND i.sha256 = $3
    AND (u.facts -> 'images' @> jsonb_build_array(jsonb_build_object('sha256', $3::text)) OR {RUN_BY})
"""  # noqa: S608


class Programme(Record, frozen=True, kw_only=True):
    """A programme with its facts: those published as number, at; or the office's draft, changed since then or not."""

    id: int
    key: str
    authority: int
    authority_name: str
    masthead: str
    facts: Facts
    number: int | None
    published_at: datetime | None
    changed: bool = False

    @property
    def title(self) -> dict[str, str]:
        """The title in both languages, for `in_language`."""
        return {"title_de": self.facts.title_de or self.key, "title_en": self.facts.title_en}


class Version(Record, frozen=True, kw_only=True):
    """A publication of a programme: which one, when, and who made it (nobody where it was loaded)."""

    number: int
    at: datetime
    by_name: str | None


async def public(key: str) -> Programme:
    """A published programme as it was published last; raises NotFound."""
    return _one(await database.row(f"{PUBLIC} WHERE g.key = $1", key))


async def listed() -> list[Programme]:
    """All published programmes by title."""
    return _by_title(await database.rows(PUBLIC))


async def related(programme: Programme) -> list[Programme]:
    """The published programmes that this one is not to be confused with, whichever says so; one statement."""
    keys = [one.key for one in programme.facts.relations]
    says_so = "EXISTS (SELECT FROM jsonb_array_elements(u.facts -> 'relations') r WHERE r ->> 'key' = $2)"
    return _by_title(
        await database.rows(f"{PUBLIC} WHERE (g.key = ANY($1) OR {says_so}) AND g.key <> $2", keys, programme.key)
    )


async def run_by(person: int, key: str) -> Programme:
    """The draft of a programme whose authority the person administers; raises NotFound for any other."""
    return _one(await database.row(f"{DRAFT} WHERE g.key = $2 AND {RUN_BY}", person, key))


async def ours(person: int) -> list[Programme]:
    """The drafts of all programmes of the authorities that a person administers, by title."""
    return _by_title(await database.rows(f"{DRAFT} WHERE {RUN_BY}", person))


async def versions(programme: Programme) -> list[Version]:
    """Every publication of a programme, the newest first."""
    return await database.all_of(
        Version,
        "SELECT u.number, u.at, p.name AS by_name FROM programme_publication u LEFT JOIN person p ON p.id = u.by"
        " WHERE u.programme = $1 ORDER BY u.number DESC",
        programme.id,
    )


async def version(programme: Programme, number: int) -> Programme:
    """A programme as it was published under a number; raises NotFound."""
    return _one(await database.row(f"{VERSION} WHERE g.id = $1 AND u.number = $2", programme.id, number))


async def neighbours(programme: Programme) -> dict[str, str]:
    """The other programmes with which it could be confused, by key: all published ones and the authority's drafts."""
    rows = await database.rows(
        "SELECT g.key, g.draft ->> 'title_de' AS title FROM programme g WHERE g.id <> $1 AND (g.authority = $2"
        " OR EXISTS (SELECT FROM programme_publication u WHERE u.programme = g.id)) ORDER BY 2, 1",
        programme.id,
        programme.authority,
    )
    return {row["key"]: row["title"] or row["key"] for row in rows}


async def image(key: str, sha256: str, person: int | None) -> tuple[str, bytes]:
    """A picture of a programme with its type: for everybody where it is published, for its office always; NotFound."""
    found = await database.row(IMAGE, person, key, sha256)
    if found is None:
        raise NotFound
    return found["type"], found["content"]


async def granting_body(programme: int | None) -> str:
    """Who grants the money of a programme, as it is public; empty where that is not known."""
    found = await database.row(f"{PUBLIC} WHERE g.id = $1", programme)
    return read(found["facts"]).granting_body if found else ""


def _one(row: Row | None) -> Programme:
    if row is None:
        raise NotFound
    return _read(row)


def _read(row: Row) -> Programme:
    known: dict[str, Any] = dict(row)
    return Programme(**{**known, "facts": read(known["facts"])})


def _by_title(rows: Sequence[Row]) -> list[Programme]:
    return sorted(map(_read, rows), key=lambda one: (i18n.sort_key(one.facts.title_de), one.key))
