"""Drafts of rating schemes: begun by an authority, written by several of it, used for a call when they add up."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from app import database
from app.database import Record, write_transaction
from app.domain import faults
from app.domain.rating_schemes import editing, rows, wording
from app.domain.rating_schemes.editing import Document, Outline
from app.errors import Conflict, Invalid, NotAllowed, NotFound
from app.i18n import gettext as _
from app.records import events
from scoring.errors import Fault, SchemeError
from scoring.scheme import unfinished
from scoring.scheme.scheme import Scheme

LARGEST = 1_000_000
BLANK: Document = {
    "schema": "rating-scheme/1",
    "criteria": [],
    "aggregation": {"across_raters": "mean", "total": "weighted_percent"},
    "ranking": {"tie_breakers": []},
}
DRAFT = """
SELECT d.id, d.authority, a.name AS authority_name, d.call, c.key AS call_key, c.title_de AS call_title_de,
    c.title_en AS call_title_en, p.at AS published_at, d.document, d.version, d.saved_at, n.name AS saved_by
FROM scheme_draft d JOIN authority a ON a.id = d.authority
JOIN administration m ON m.authority = d.authority AND m.person = $1
LEFT JOIN call c ON c.id = d.call LEFT JOIN call_publication p ON p.call = c.id LEFT JOIN person n ON n.id = d.saved_by
"""
TARGETS = """
SELECT a.id AS authority, a.name AS authority_name, c.id AS call, c.key AS call_key, c.title_de, c.title_en
FROM administration m JOIN authority a ON a.id = m.authority
LEFT JOIN call c ON c.authority = a.id AND NOT EXISTS (SELECT FROM call_publication p WHERE p.call = c.id)
WHERE m.person = $1 ORDER BY a.name, c.created_at DESC, c.id DESC
"""
EARLIER = """
SELECT s.id, s.authority, s.key, s.title_de, s.title_en, s.added_at FROM rating_scheme s
JOIN administration m ON m.authority = s.authority AND m.person = $1 ORDER BY s.id DESC LIMIT 200
"""


class Kept(Record, frozen=True):
    """A draft as it is stored, with the call it is written for, if any."""

    id: int
    authority: int
    authority_name: str
    call: int | None
    call_key: str | None
    call_title_de: str | None
    call_title_en: str | None
    published_at: datetime | None
    document: str
    version: int
    saved_at: datetime
    saved_by: str | None


class Target(Record, frozen=True):
    """For whom a draft can be written: an authority that the person acts for, and each of its calls not yet public."""

    authority: int
    authority_name: str
    call: int | None
    call_key: str | None
    title_de: str | None
    title_en: str | None


class Earlier(Record, frozen=True):
    """A scheme that an authority has used."""

    id: int
    authority: int
    key: str
    title_de: str
    title_en: str
    added_at: datetime


class Draft:
    """A draft that is being worked on: its row, its document, its fields and what is wrong with it."""

    def __init__(self, kept: Kept, document: Document | None = None) -> None:
        self.kept = kept
        self.document: Document = json.loads(kept.document) if document is None else document

    @cached_property
    def outline(self) -> Outline:
        """All its fields and lists."""
        return Outline(self.document)

    @cached_property
    def shares(self) -> list[Decimal | None]:
        """What each criterion weighs in percent of the total; None where that cannot be said yet."""
        return unfinished.shares(self.document)

    @property
    def percent_stated(self) -> Decimal | None:
        """What the weights in percent add up to, where the total is made of them."""
        given = [one.get("weight_percent") for one in self.document.get("criteria") or [] if isinstance(one, Mapping)]
        numbers = [Decimal(repr(one)) for one in given if isinstance(one, int | float)]
        total = (self.document.get("aggregation") or {}).get("total")
        return sum(numbers, Decimal(0)) if total == "weighted_percent" or (numbers and not total) else None

    @cached_property
    def problems(self) -> "list[Problem]":
        """Every fault in words, in the language in which it is first asked for."""
        return _problems(self)

    @cached_property
    def faults(self) -> list[Fault]:
        """What keeps it from being a scheme."""
        return unfinished.faults(self.document)

    @property
    def proposed(self) -> Document:
        """The scheme that it would make."""
        return unfinished.proposed(self.document)

    @cached_property
    def scheme(self) -> Scheme:
        """The scheme that it makes; raises Invalid where it does not add up yet."""
        try:
            return Scheme.from_document(self.proposed)
        except SchemeError as error:
            raise Invalid({"": faults.listed(error)}) from error

    def title(self, language: str) -> str:
        """Its title in this language, else in any; empty where none is typed yet."""
        titles = [self.document.get(f"title_{one}") for one in (language, "de", "en")]
        return next((one for one in titles if isinstance(one, str) and one), "")

    @property
    def why_closed(self) -> str | None:
        """Why it can no longer be used for its call, or None."""
        return (
            _("The rating scheme cannot be changed, since the call is published.") if self.kept.published_at else None
        )


class Problem(NamedTuple):
    """A fault in words: at which place, and at which field of the editor, empty where it is about the whole."""

    place: str
    field: str
    code: str
    sentence: str


def _problems(draft: Draft) -> list[Problem]:
    entries = draft.outline.entries
    return [
        Problem(one.place, _field(one.place, entries), one.code, faults.sentence(SchemeError, one))
        for one in draft.faults
    ]


def _field(place: str, entries: Mapping[str, Any]) -> str:
    """The field at a place, or the one that holds it."""
    while place and place not in entries:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return place


async def held_by(person: int, draft: int) -> Draft:
    """A draft of an authority that the person acts for; raises NotFound for any other."""
    return Draft(await database.found(Kept, f"{DRAFT} WHERE d.id = $2", person, draft))


async def listed_for(person: int) -> list[Kept]:
    """The drafts of the person's authorities, the newest first."""
    return await database.all_of(Kept, f"{DRAFT} ORDER BY d.saved_at DESC, d.id DESC LIMIT 200", person)


async def targets(person: int) -> list[Target]:
    """For whom the person can write a draft; raises NotFound for whoever acts for no authority."""
    found = await database.all_of(Target, TARGETS, person)
    if not found:
        raise NotFound
    return found


async def earlier(person: int) -> list[Earlier]:
    """The schemes that the person's authorities have used, the newest first."""
    return await database.all_of(Earlier, EARLIER, person)


async def document_of(scheme: int, authorities: Sequence[int]) -> Document:
    """The document of a scheme that one of these authorities has used; raises NotFound for any other."""
    found = await database.value(
        "SELECT document FROM rating_scheme WHERE id = $1 AND authority = ANY($2)", scheme, list(authorities)
    )
    if found is None:
        raise NotFound
    document: Document = json.loads(found)
    return document


async def start(target: Target, document: Mapping[str, Any], *, by: int, at: datetime) -> int:
    """A new draft for an authority, or for a call of it that is not public yet; returns its id."""
    async with write_transaction():
        draft = int(
            await database.value(
                "INSERT INTO scheme_draft (authority, call, document, version, saved_by, saved_at)"
                " VALUES ($1, $2, $3, 1, $4, $5) RETURNING id",
                target.authority,
                target.call,
                _stored(document),
                by,
                at,
            )
        )
        await _tell(draft, target.authority, "scheme_draft.started", {"call": target.call}, by=by, at=at)
    return draft


async def save(
    draft: Draft, typed: Mapping[str, str], version: int, action: str = "", first: str = "", *, by: int, at: datetime
) -> Draft:
    """Keep what was typed, then add, move or remove a row if `action` says so (see rows.rearranged).

    first: what a new row that is one field begins with. A scheme without a short name gets one from its title.
    Raises Conflict with both texts where somebody else has saved since this version was read.
    """
    if version != draft.kept.version:
        raise _overtaken(draft, typed)
    document = editing.applied(draft.document, typed)
    if action and (done := rows.rearranged(document, action)):
        document = editing.applied(done.document, {done.place: first}) if first else done.document
    if not document.get("key") and (key := editing.slug(str(document.get("title_de", "")))):
        document = {**document, "key": key}
    if document == draft.document:
        return draft
    return await replace(draft, document, version, typed, by=by, at=at)


async def replace(
    draft: Draft, document: Document, version: int, typed: Mapping[str, str], *, by: int, at: datetime
) -> Draft:
    """Keep another document in place of the one of this version; raises Conflict where there is a newer one."""
    async with write_transaction():
        done = await database.value(
            "UPDATE scheme_draft SET document = $3, version = version + 1, saved_by = $4, saved_at = $5"
            " WHERE id = $1 AND version = $2 RETURNING version",
            draft.kept.id,
            version,
            _stored(document),
            by,
            at,
        )
        if done is None:
            raise _overtaken(await held_by(by, draft.kept.id), typed)
        detail = {"version": done}
        await _tell(draft.kept.id, draft.kept.authority, "scheme_draft.saved", detail, by=by, at=at)
    return Draft(draft.kept, document)


async def remove(draft: Draft, *, by: int, at: datetime) -> None:
    """Throw a draft away; the schemes that were made of it stay."""
    async with write_transaction():
        await database.rows("DELETE FROM scheme_draft WHERE id = $1", draft.kept.id)
        await _tell(draft.kept.id, draft.kept.authority, "scheme_draft.removed", {}, by=by, at=at)


def importable(document: object) -> Document:
    """The document of a file as a draft: values may be wrong, but its keys are those of the format.

    Raises Invalid(file=...) with whatever the editor could not show.
    """
    found = unfinished.faults(document) if isinstance(document, Mapping) else TOP_ONLY
    wrong = [one for one in found if one.code in UNSHOWN]
    if wrong or not isinstance(document, Mapping):
        raise Invalid(file=faults.listed(SchemeError(wrong)))
    return dict(unfinished.proposed(document))


UNSHOWN = ("schema", "unknown_key", "not_keys", "not_a_list", "not_a_name", "unstorable")
TOP_ONLY = [Fault("", "schema", {"schema": "rating-scheme/1"})]


def _overtaken(theirs: Draft, typed: Mapping[str, str]) -> Conflict:
    """Both texts of every field that differs."""
    differing = editing.changes(theirs.document, typed)
    names = {one.entry.place: wording.told(one.entry) for one in differing}
    return Conflict(
        _("Somebody else changed this scheme while you were writing."),
        mine={names[one.entry.place]: wording.value(one.entry, one.typed) for one in differing},
        theirs={names[one.entry.place]: wording.value(one.entry, one.entry.shown) for one in differing},
    )


def _stored(document: Mapping[str, Any]) -> str:
    text = json.dumps(document)
    if len(text) > LARGEST:
        raise NotAllowed(_("The scheme is too large: at most %(size)s kB.") % {"size": LARGEST // 1000})
    return text


async def _tell(draft: int, authority: int, action: str, detail: Mapping[str, Any], *, by: int, at: datetime) -> None:
    await events.happened(by, action, f"scheme_draft:{draft}", authority=authority, detail=detail, at=at)
