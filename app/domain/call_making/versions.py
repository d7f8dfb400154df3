"""The public versions of a call: what stood on its page from when on, and what differs between two of them."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Protocol

import msgspec

from app import database
from app.database import Record
from app.domain import forms, rating_schemes
from app.domain.call_making.texts import WRITTEN, worded
from app.domain.calls import Call
from app.tables.calls import Fill, Procedure

LISTED = """
SELECT number, at, why, coalesce(by = released_by, false) AS alone, (content ->> 'deadline')::timestamptz AS deadline
FROM call_version WHERE call = $1 ORDER BY number DESC
"""
ONE = "SELECT number, at, why, content, sha256 FROM call_version WHERE call = $1 AND number = ANY($2)"
KEEP = """
INSERT INTO call_version (call, number, by, released_by, at, why, content, sha256)
SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7 FROM call_version WHERE call = $1 RETURNING number
"""


class Used(Record):
    """The rating scheme or the form of a version of a call, as a document that never changes."""

    key: str
    title_de: str
    title_en: str
    sha256: str


class Content(Record):
    """What a version says, in the fields of the call; a field that came later is missing in older versions."""

    title_de: str = ""
    title_en: str = ""
    text_de: str = ""
    text_en: str = ""
    target_group_de: str = ""
    target_group_en: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    places_max: int | None = None
    budget_max_cents: int | None = None
    fill_rule: Fill = "stop"
    min_places: int | None = None
    max_grant_per_place_month_cents: int | None = None
    months_max: int | None = None
    overhead_percent_max: int | None = None
    own_funds_percent_min: int | None = None
    procedure_kind: Procedure = "competition"
    opens_at: datetime | None = None
    information_event_at: datetime | None = None
    questions_until: date | None = None
    deadline: datetime | None = None
    formal_check_until: date | None = None
    cure_until: date | None = None
    rating_from: date | None = None
    rating_until: date | None = None
    meeting_at: datetime | None = None
    notices_on: date | None = None
    results_on: date | None = None
    application_until: date | None = None
    earliest_start: date | None = None
    committee_name: str = ""
    rating_scheme: Used | None = None
    form: Used | None = None


class Titled(Protocol):
    """A document with its key and its title."""

    @property
    def key(self) -> str: ...
    def title(self, language: str = "de") -> str: ...


class Listed(Record):
    """A version in the list: since when it was public, why, whether one person alone wrote and released it."""

    number: int
    at: datetime
    why: str
    alone: bool
    deadline: datetime | None


class Version(Record):
    """A version with what it says."""

    number: int
    at: datetime
    why: str
    sha256: str
    content: Content


async def of(call: int) -> list[Listed]:
    """The public versions of a call, the newest first. One statement."""
    return await database.all_of(Listed, LISTED, call)


async def newest() -> dict[int, datetime]:
    """When each call got its newest version: call -> moment. One statement."""
    found = await database.rows("SELECT call, max(at) AS at FROM call_version GROUP BY call")
    return {row["call"]: row["at"] for row in found}


async def numbered(call: int, *numbers: int) -> dict[int, Version]:
    """Versions of a call by their numbers; those that do not exist are missing."""
    found = await database.rows(ONE, call, numbers)
    return {
        row["number"]: msgspec.convert({**row, "content": content(json.loads(row["content"]))}, Version)
        for row in found
    }


def content(kept: Mapping[str, Any]) -> Content:
    """What a kept version says."""
    return msgspec.convert(kept, Content)


def differences(old: Content, new: Content) -> dict[str, tuple[str, str]]:
    """What two versions say differently, as people read it: label -> old and new text."""
    changed = {name for name in WRITTEN if getattr(old, name) != getattr(new, name)}
    before, after = (worded({name: getattr(one, name) for name in WRITTEN if name in changed}) for one in (old, new))
    return {label: (text, after[label]) for label, text in before.items()}


async def keep(call: Call, why: str = "", *, by: int | None, released_by: int | None, at: datetime) -> int:
    """Inside a transaction: what the call says is public from this moment; returns the number of the version."""
    said = await said_by(call)
    text = canonical(said)
    fingerprint = sha256(text.encode()).hexdigest()
    return int(await database.value(KEEP, call.id, by, released_by, at, why, text, fingerprint))


async def said_by(call: Call) -> dict[str, Any]:
    """What a call says, as a version keeps it."""
    scheme = await rating_schemes.of(call.rating_scheme) if call.rating_scheme else None
    form = await forms.of(call.form) if call.form else None
    return {
        **plain({name: getattr(call, name) for name in WRITTEN}),
        "committee_name": call.committee_name or "",
        "rating_scheme": scheme and _used(scheme.content, scheme.sha256),
        "form": form and _used(form.content, form.sha256),
    }


def _used(document: Titled, fingerprint: str) -> dict[str, str]:
    german, english = document.title("de"), document.title("en")
    return {"key": document.key, "title_de": german, "title_en": english, "sha256": fingerprint}


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON holds them."""
    kept: dict[str, Any] = msgspec.to_builtins(values)
    return kept


def canonical(said: Mapping[str, Any]) -> str:
    """The one way in which a version is written for its fingerprint."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
