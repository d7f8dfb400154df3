"""Making a call: its text and dates, its rating scheme, and its publication."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app import clock, database
from app.database import Record, write_transaction
from app.domain import authorities, forms, proposals, rating_schemes, wording, words
from app.domain.calls import Call
from app.domain.rating_schemes import Scheme
from app.domain.rating_schemes.drafts import Draft
from app.errors import Conflict, Invalid, NotAllowed, NotFound
from app.i18n import gettext as _
from app.records import events
from app.tables import calls as tables

FIXED_BY_PUBLICATION = (
    "places_max",
    "budget_max_cents",
    "fill_rule",
    "min_places",
    "max_grant_per_place_month_cents",
    "months_max",
    "overhead_percent_max",
    "own_funds_percent_min",
)
TEXTS = (
    *("title_de", "title_en", "text_de", "text_en", "target_group_de", "target_group_en"),
    *("contact_name", "contact_email", "contact_phone"),
)
DATES = (
    *("opens_at", "information_event_at", "questions_until", "deadline", "formal_check_until", "cure_until"),
    *("rating_from", "rating_until", "meeting_at", "notices_on", "results_on", "application_until", "earliest_start"),
)
COLUMNS = (*TEXTS, *FIXED_BY_PUBLICATION, *DATES)
ORDER = (
    *("opens_at", "questions_until", "deadline", "formal_check_until", "cure_until"),
    *("rating_from", "rating_until", "meeting_at", "results_on"),
)
READING = asyncio.Semaphore(1)  # one file after the other, beside the event loop: a large one takes seconds


class Authority(Record):
    """An authority by its name."""

    id: int
    name: str


async def authorities_of(person: int) -> list[Authority]:
    """The authorities whose calls the person makes."""
    return await database.all_of(
        Authority,
        "SELECT a.id, a.name FROM authority a JOIN administration d ON d.authority = a.id"
        " WHERE d.person = $1 AND NOT EXISTS (SELECT FROM retirement r WHERE r.authority = a.id) ORDER BY a.name",
        person,
    )


async def create(authority: int, committee: str, entered: Mapping[str, Any], *, by: int, at: datetime) -> str:
    """A new call as a draft, with its committee still empty; returns its key. Raises Invalid or NotFound."""
    if authority not in {one.id for one in await authorities_of(by)}:
        raise NotFound
    _check_dates(entered)
    async with write_transaction():
        await authorities.hold(authority)
        key = await _free_key(entered["title_de"])
        form = await forms.keep(forms.shipped(forms.FIRST), authority, by=by, at=at)
        made = tables.Call(
            key=key, authority=authority, form=form, created_at=at, **{name: entered[name] for name in COLUMNS}
        )
        call = int((await tables.Call.insert(made))[0]["id"])
        await database.rows("INSERT INTO committee (call, name) VALUES ($1, $2)", call, committee)
        await events.happened(by, "call.created", f"call:{call}", call=call, detail={"key": key}, at=at)
    return key


async def edit(call: Call, committee: str, entered: Mapping[str, Any], version: int, *, by: int, at: datetime) -> None:
    """Change a call. What everybody relies on is fixed by its publication; texts and dates may still be mended.

    Raises Invalid at the fields, Conflict where somebody else was faster.
    """
    _check_dates(entered)
    if call.published_at:
        _check_fixed(call, entered, at=at)
    changes = {name: [kept, entered[name]] for name in COLUMNS if (kept := getattr(call, name)) != entered[name]}
    async with write_transaction():
        values: dict[Any, Any] = {name: entered[name] for name in COLUMNS}
        done = (
            await tables.Call.update({**values, tables.Call.version: tables.Call.version + 1})
            .where((tables.Call.id == call.id) & (tables.Call.version == version))
            .returning(tables.Call.id)
        )
        if not done:
            theirs = await database.row("SELECT * FROM call WHERE id = $1", call.id)
            raise Conflict(
                _("Somebody else changed this call while you were writing."),
                mine=_worded({name: entered[name] for name in changes}),
                theirs=_worded({name: (theirs or {}).get(name) for name in changes}),
            )
        await database.rows("UPDATE committee SET name = $2 WHERE call = $1", call.id, committee)
        await events.happened(by, "call.edited", f"call:{call.id}", call=call.id, detail=changes, at=at)


def _worded(values: Mapping[str, Any]) -> dict[str, str]:
    return words.worded(values, words.FIELDS, {"fill_rule": words.FILL_RULES})


def why_scheme_stands(call: Call) -> str | None:
    """Why the rating scheme cannot be changed now, or None."""
    if call.published_at:
        return _("The rating scheme cannot be changed, since the call is published.")
    return None


async def upload_scheme(call: Call, content: bytes, *, by: int, at: datetime) -> Scheme:
    """Take a `rating-scheme/1` file for a call; raises Invalid with every fault and its place."""
    if why := why_scheme_stands(call):
        raise NotAllowed(why)
    async with READING:
        scheme = await asyncio.to_thread(rating_schemes.read, content)
    async with write_transaction():
        await _attach(call.id, await rating_schemes.keep(scheme, call.authority, by=by, at=at), by=by, at=at)
    return scheme


async def use_draft(draft: Draft, *, by: int, at: datetime) -> Scheme:
    """Use a draft for the call that it is written for; raises Invalid with every fault, NotAllowed for a public one."""
    if draft.why_closed or draft.kept.call is None:
        raise NotAllowed(draft.why_closed or "")
    async with READING:
        scheme = await asyncio.to_thread(rating_schemes.proved, draft.proposed)
    async with write_transaction():
        kept = await rating_schemes.keep(scheme, draft.kept.authority, by=by, at=at)
        await _attach(draft.kept.call, kept, by=by, at=at)
    return scheme


async def take_over_scheme(call: Call, scheme: int, *, by: int, at: datetime) -> None:
    """Use a scheme of an earlier call of the same authority; raises NotFound for any other."""
    if why := why_scheme_stands(call):
        raise NotAllowed(why)
    if scheme not in {one.id for one in await rating_schemes.used_by(call.authority)}:
        raise NotFound
    async with write_transaction():
        await _attach(call.id, scheme, by=by, at=at)


async def _attach(call: int, scheme: int, *, by: int, at: datetime) -> None:
    done = await database.row(
        "UPDATE call SET rating_scheme = $2, version = version + 1 WHERE id = $1"
        " AND NOT EXISTS (SELECT FROM call_publication WHERE call = $1) RETURNING id",
        call,
        scheme,
    )
    if done is None:
        raise NotAllowed(_("The rating scheme cannot be changed, since the call is published."))
    await events.happened(by, "call.scheme_chosen", f"call:{call}", call=call, detail={"scheme": scheme}, at=at)


def missing(call: Call) -> dict[str, str]:
    """What a call lacks for its publication: field name -> sentence."""
    needed = {
        "title_de": _("The title is missing."),
        "text_de": _("The text is missing."),
        "contact_email": _("The contact's e-mail address is missing."),
        "deadline": _("The deadline is missing."),
        "rating_scheme": _("The rating scheme is missing."),
        "rating_from": _("The beginning of the rating is missing."),
        "earliest_start": _("The earliest start is missing."),
    }
    return {name: sentence for name, sentence in needed.items() if not getattr(call, name)}


def _placeholders(call: Call) -> list[str]:
    texts = ("title_de", "title_en", "text_de", "text_en", "target_group_de", "target_group_en")
    left = (wording.placeholder(getattr(call, name)) for name in texts)
    return [_("A placeholder was left in the text: %(words)s.") % {"words": words} for words in left if words]


async def why_not_published(call: Call, *, at: datetime) -> list[str]:
    """Everything that keeps a call from being published; empty when it can be."""
    if call.published_at:
        return [_("The call is already published.")]
    found = [*missing(call).values(), *_placeholders(call)]
    if call.deadline and call.deadline <= at:
        found.append(_("The deadline has already passed."))
    if call.rating_scheme:
        found += proposals.not_asked((await rating_schemes.of(call.rating_scheme)).content)
    return found


async def publish(call: Call, *, by: int, at: datetime) -> None:
    """Make the call public; from here on its scheme and its capacity stand. Raises NotAllowed."""
    if why := await why_not_published(call, at=at):
        raise NotAllowed(" ".join(why))
    async with write_transaction():
        await keep_published(call, by=by, at=at)


async def keep_published(call: Call, *, by: int | None, at: datetime) -> None:
    """Inside a transaction: from this moment the call is public. Raises NotAllowed where it is already."""
    await authorities.hold(call.authority)
    done = await database.row(
        "INSERT INTO call_publication (call, by, at) VALUES ($1, $2, $3) ON CONFLICT (call) DO NOTHING RETURNING id",
        call.id,
        by,
        at,
    )
    if done is None:
        raise NotAllowed(_("The call is already published."))
    detail = {"scheme_sha256": (await rating_schemes.of(call.rating_scheme)).sha256}
    await events.happened(by, "call.published", f"call:{call.id}", call=call.id, detail=detail, at=at)


# ── rules ──────────────────────────────────────────────────────────────────────────────────────


def _check_dates(entered: Mapping[str, Any]) -> None:
    """Refuse dates that stand in the wrong order."""
    faults = {}
    last_name, last = "", None
    for name in ORDER:
        given = entered.get(name)
        if given is None:
            continue
        day = given.astimezone(clock.BERLIN).date() if isinstance(given, datetime) else given
        if last is not None and day < last:
            faults[name] = _("This lies before the step that comes earlier (%(step)s).") % {"step": last_name}
        last_name, last = _(words.FIELDS[name]), day
    if faults:
        raise Invalid(faults)


def _check_fixed(call: Call, entered: Mapping[str, Any], *, at: datetime) -> None:
    faults = {
        name: _("This cannot be changed, since the call is published.")
        for name in FIXED_BY_PUBLICATION
        if getattr(call, name) != entered[name]
    }
    if call.deadline and entered["deadline"] != call.deadline:
        if entered["deadline"] is None or entered["deadline"] < call.deadline:
            faults["deadline"] = _("A published deadline can be extended, never shortened.")
        elif call.deadline <= at:
            faults["deadline"] = _("The deadline has passed; it can no longer be extended.")
    for name, over in _in_effect(call, at).items():
        if over and entered[name] != getattr(call, name):
            faults[name] = _("This date has taken effect; it can no longer be changed.")
    if faults:
        raise Invalid(faults)


def _in_effect(call: Call, at: datetime) -> dict[str, bool]:
    """Which dates of a published call somebody already relies on: it is open, is rated, or its list may be frozen."""
    today = at.astimezone(clock.BERLIN).date()
    return {
        "opens_at": bool(call.opens_at and call.opens_at <= at),
        "rating_from": bool(call.rating_from and call.rating_from <= today),
        "earliest_start": bool(call.rating_closed_at),
    }


async def _free_key(title: str) -> str:
    """A short name for addresses, made from the title, that no other call has."""
    stem = wording.slug(title, "call")
    if stem == "new":
        stem = "call-new"
    taken = {row["key"] for row in await database.rows("SELECT key FROM call WHERE key LIKE $1", f"{stem}%")}
    return next(key for key in (stem, *(f"{stem}-{number}" for number in range(2, 1000))) if key not in taken)
