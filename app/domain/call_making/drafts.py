"""The text that an office works on: a draft, or a change of a published call that nobody else sees yet."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from app import database
from app.database import Record, write_transaction
from app.domain import authorities, forms, wording
from app.domain.call_making import versions
from app.domain.call_making.texts import COLUMNS, TEXTS, WRITTEN, check_dates, check_fixed, worded
from app.domain.calls import CALL, Call
from app.errors import Conflict, NotAllowed, NotFound
from app.i18n import gettext as _
from app.records import events
from app.tables import calls as tables

EMPTY = {**dict.fromkeys(COLUMNS), **dict.fromkeys(TEXTS, ""), "fill_rule": "stop", "procedure_kind": "competition"}
WORK = """
SELECT coalesce(x.version, c.version) AS version, coalesce(x.by, c.written_by) AS by, w.name AS by_name,
    x.content::text AS content, h.version AS handed_version, h.by AS handed_by, o.name AS handed_by_name,
    h.at AS handed_at, coalesce(h.why, '') AS why, h.returned_at, r.name AS returned_by_name,
    coalesce(h.returned_why, '') AS returned_why
FROM call c LEFT JOIN call_change x ON x.call = c.id LEFT JOIN call_handover h ON h.call = c.id
LEFT JOIN person w ON w.id = coalesce(x.by, c.written_by) LEFT JOIN person o ON o.id = h.by
LEFT JOIN person r ON r.id = h.returned_by
WHERE c.id = $1
"""
FIRST_CHANGE = """
INSERT INTO call_change (call, version, by, at, content)
SELECT id, version + 1, $3, $4, $5 FROM call WHERE id = $1 AND version = $2 FOR UPDATE
ON CONFLICT (call) DO NOTHING RETURNING version
"""
NEXT_CHANGE = """
UPDATE call_change SET version = version + 1, by = $3, at = $4, content = $5
WHERE call = $1 AND version = $2 RETURNING version
"""
UNPUBLISHED = (
    "SELECT version FROM call WHERE id = $1 AND NOT EXISTS (SELECT FROM call_publication WHERE call = $1) FOR UPDATE"
)
DISCARD = """
WITH gone AS (DELETE FROM call_change WHERE call = $1 AND version = $2 RETURNING version),
    handed AS (DELETE FROM call_handover WHERE call IN (SELECT $1::int FROM gone))
UPDATE call SET version = gone.version FROM gone WHERE id = $1 RETURNING id
"""


class State(Record):
    """Which version of the text is worked on, who wrote it last, and whether it was handed over or sent back."""

    version: int
    by: int | None
    by_name: str | None
    content: str | None
    handed_version: int | None
    handed_by: int | None
    handed_by_name: str | None
    handed_at: datetime | None
    why: str
    returned_at: datetime | None
    returned_by_name: str | None
    returned_why: str


class Work(Record):
    """A call as it is (public, or a draft) and as it is written now; both are the same where nothing waits."""

    call: Call
    text: Call
    state: State

    @property
    def is_change(self) -> bool:
        """Whether it is a change of a published call."""
        return self.state.content is not None

    @property
    def waits(self) -> bool:
        """Whether this very text waits for its release."""
        return self.state.handed_version == self.state.version and self.state.returned_at is None

    @property
    def returned(self) -> bool:
        """Whether this very text was sent back."""
        return self.state.handed_version == self.state.version and self.state.returned_at is not None

    @property
    def author(self) -> int | None:
        """Who wrote the text last; where nobody knows, who handed it over."""
        return self.state.by or self.state.handed_by

    @property
    def changes(self) -> dict[str, tuple[str, str]]:
        """What the text says differently from what is public: label -> old and new."""
        old, new = (versions.content(versions.plain(written(one))) for one in (self.call, self.text))
        return versions.differences(old, new)


async def create(authority: int, committee: str, entered: Mapping[str, Any], *, by: int, at: datetime) -> str:
    """A new call as a draft, with its committee still empty; returns its key. What is not entered stays empty.

    Raises NotFound for an authority whose calls the person does not make.
    """
    if authority not in {one.id for one in await authorities.worked_for_by(by)}:
        raise NotFound
    async with write_transaction():
        await authorities.hold(authority)
        key = await _free_key(entered["title_de"])
        form = await forms.keep(forms.shipped(forms.FIRST), authority, by=by, at=at)
        own = {"key": key, "authority": authority, "form": form, "created_at": at, "written_by": by}
        row = {**EMPTY, **entered, **own}
        call = int((await tables.Call.insert(tables.Call(**row)))[0]["id"])
        await database.rows("INSERT INTO committee (call, name) VALUES ($1, $2)", call, committee)
        await events.happened(by, "call.created", f"call:{call}", call=call, detail={"key": key}, at=at)
    return key


async def work_of(call: Call) -> Work:
    """What the office works on: the call itself while it is a draft, else its change where there is one."""
    state = await database.found(State, WORK, call.id)
    if state.content is None:
        return Work(call=call, text=call, state=state)
    said = versions.content(json.loads(state.content))
    text = msgspec.structs.replace(call, **{name: getattr(said, name) for name in WRITTEN})
    return Work(call=call, text=text, state=state)


async def edit(work: Work, entered: Mapping[str, Any], version: int, *, by: int, at: datetime) -> None:
    """Write some fields of a call: at once into a draft; what is public changes only by its release.

    What everybody relies on is fixed by the publication. Raises Invalid at the fields, Conflict where somebody else
    was faster.
    """
    text = msgspec.structs.replace(work.text, **entered)
    check_dates(text)
    if work.call.published_at:
        check_fixed(work.call, entered, at=at)
    before = {name: getattr(work.text, name) for name in entered}
    changes = {name: [before[name], value] for name, value in entered.items() if before[name] != value}
    async with write_transaction():
        keep = _change if work.call.published_at else _rewrite
        if not await keep(work, text, version, by=by, at=at):
            raise await _overtaken(work, entered)
        action = "call.change_written" if work.call.published_at else "call.edited"
        await events.happened(by, action, f"call:{work.call.id}", call=work.call.id, detail=changes, at=at)


async def _rewrite(work: Work, text: Call, version: int, *, by: int, at: datetime) -> bool:
    """Write a draft; whether it still had the version."""
    if await database.value(UNPUBLISHED, text.id) != version:
        return False
    await put(text, version + 1, by=by)
    return True


async def put(text: Call, version: int, *, by: int | None) -> None:
    """Inside a transaction: the call says this."""
    values: dict[Any, Any] = {name: getattr(text, name) for name in COLUMNS}
    await tables.Call.update({**values, "version": version, "written_by": by}).where(tables.Call.id == text.id)
    await database.rows("UPDATE committee SET name = $2 WHERE call = $1", text.id, text.committee_name or "")


async def _change(work: Work, text: Call, version: int, *, by: int, at: datetime) -> bool:
    """Write a change of what is public; whether the text still had the version."""
    said = versions.canonical(versions.plain(written(text)))
    sql = NEXT_CHANGE if work.is_change else FIRST_CHANGE
    return await database.value(sql, text.id, version, by, at, said) is not None


async def _overtaken(work: Work, entered: Mapping[str, Any]) -> Conflict:
    theirs = (await work_of(await database.found(Call, f"{CALL} WHERE c.id = $1", work.call.id))).text
    changed = [name for name, value in entered.items() if getattr(theirs, name) != value]
    return Conflict(
        _("Somebody else changed this call while you were writing."),
        mine=worded({name: entered[name] for name in changed}),
        theirs=worded({name: getattr(theirs, name) for name in changed}),
    )


async def discard(work: Work, version: int, *, by: int, at: datetime) -> None:
    """Throw away a change that was not released: what is public stays. Raises NotAllowed where there is none."""
    async with write_transaction():
        if await database.value(DISCARD, work.call.id, version) is None:
            raise NotAllowed(_("There is no such change any more."))
        detail = {"version": version}
        await events.happened(
            by, "call.change_discarded", f"call:{work.call.id}", call=work.call.id, detail=detail, at=at
        )


def written(call: Call) -> dict[str, Any]:
    """The fields that an office writes."""
    return {name: getattr(call, name) for name in WRITTEN} | {"committee_name": call.committee_name or ""}


async def _free_key(title: str) -> str:
    """A short name for addresses, made from the title, that no other call has."""
    stem = wording.slug(title, "call")
    if stem == "new":
        stem = "call-new"
    taken = {row["key"] for row in await database.rows("SELECT key FROM call WHERE key LIKE $1", f"{stem}%")}
    return next(key for key in (stem, *(f"{stem}-{number}" for number in range(2, 1000))) if key not in taken)
