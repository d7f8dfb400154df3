"""Drafts of forms: begun by an authority, written by several of it, used for a call when they are sound."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

from app import database, forms
from app.database import Record, write_transaction
from app.domain import faults
from app.domain import forms as domain_forms
from app.domain.form_drafts import fields, rows, standard, wording
from app.domain.form_drafts.fields import Outline
from app.domain.rating_schemes.drafts import Earlier, Target
from app.domain.rating_schemes.editing import Document, Path, place_of, slug
from app.errors import Conflict, Invalid, NotAllowed, NotFound
from app.forms import Form, FormError, unfinished
from app.forms.differences import Difference, between
from app.i18n import gettext as _
from app.i18n import locale
from app.records import events
from app.records.memory import Memory
from scoring.errors import Fault

LARGEST = 1_000_000
TITLE: Document = {
    "key": "title",
    "type": "text",
    "max": 150,
    "required": True,
    "role": "title",
    "label": {"de": "Titel", "en": "Title"},
}
BLANK: Document = {
    "schema": "form/1",
    "sections": [{"key": "proposal", "title": {"de": "Vorschlag", "en": "Proposal"}, "questions": [TITLE]}],
}
EARLIER = """
SELECT f.id, f.authority, f.key, f.title_de, f.title_en, f.added_at FROM form f
JOIN administration m ON m.authority = f.authority AND m.person = $1 ORDER BY f.id DESC LIMIT 200
"""
DRAFT = """
SELECT d.id, d.authority, a.name AS authority_name, d.call, c.key AS call_key, c.title_de AS call_title_de,
    c.title_en AS call_title_en, c.rating_scheme, p.at AS published_at, d.document, d.offered, d.version, d.saved_at,
    n.name AS saved_by
FROM form_draft d JOIN authority a ON a.id = d.authority
JOIN administration m ON m.authority = d.authority AND m.person = $1
LEFT JOIN call c ON c.id = d.call LEFT JOIN call_publication p ON p.call = c.id LEFT JOIN person n ON n.id = d.saved_by
"""


class Kept(Record, frozen=True):
    """A draft as it is stored, with the call it is written for, if any; `offered` is a file that may replace it."""

    id: int
    authority: int
    authority_name: str
    call: int | None
    call_key: str | None
    call_title_de: str | None
    call_title_en: str | None
    rating_scheme: int | None
    published_at: datetime | None
    document: str
    offered: str | None
    version: int
    saved_at: datetime
    saved_by: str | None


class _Read(NamedTuple):
    form: Form
    faults: list[Fault]


_READ: Memory[str, _Read] = Memory(most=50)


class Draft:
    """A draft that is being worked on: its row, its document, and what is wrong with it."""

    def __init__(self, kept: Kept, document: Document | None = None) -> None:
        self.kept = kept
        self.document: Document = json.loads(kept.document) if document is None else document

    @cached_property
    def _read(self) -> _Read:
        """The form and its faults; remembered by the text, since reading it takes longest."""
        text = sha256(json.dumps(self.document).encode()).hexdigest()
        found = _READ.get(text)
        return found or _READ.keep(text, _Read(unfinished.form(self.document), unfinished.faults(self.document)))

    @property
    def form(self) -> Form:
        """The form as far as it goes."""
        return self._read.form

    @property
    def faults(self) -> list[Fault]:
        """What keeps it from being a form."""
        return self._read.faults

    def title(self, language: str) -> str:
        """Its title in this language, else in any; empty where none is typed yet."""
        given = self.document.get("title")
        texts = [given.get(one) for one in (language, "de", "en")] if isinstance(given, dict) else [given]
        return next((one for one in texts if isinstance(one, str) and one), "")

    def part(self, path: Path) -> Any:
        """What stands at a place; raises NotFound where there is nothing."""
        found: Any = self.document
        for key in path:
            known = key in found if isinstance(found, dict) else isinstance(key, int) and key < len(found)
            if not known:
                raise NotFound
            found = found[key]
        return found

    @property
    def why_closed(self) -> str | None:
        """Why it can no longer be used for its call, or None."""
        return _("The questions cannot be changed, since the call is published.") if self.kept.published_at else None


class Problem(NamedTuple):
    """A fault in words, at its place."""

    place: str
    code: str
    sentence: str


def problems(draft: Draft) -> list[Problem]:
    """Every fault of a draft in the reader's language."""
    return [Problem(one.place, one.code, faults.sentence(FormError, one)) for one in draft.faults]


def seen(document: Mapping[str, Any], part: str) -> str:
    """A fingerprint of what a page shows: of a question, a section's own words, a list, or the order of everything."""
    text = json.dumps(_shown(document, part), sort_keys=True)
    return sha256(text.encode()).hexdigest()[:20]


def _shown(document: Mapping[str, Any], part: str) -> Any:
    if part == "order":
        sections = [one for one in document.get("sections") or [] if isinstance(one, dict)]
        return [[one.get("key"), [_key(q) for q in rows.references_inside(one)]] for one in sections]
    path = rows.path_of(part)
    held: Any = document
    for key in path:
        known = key in held if isinstance(held, dict) else isinstance(held, list) and int(key) < len(held)
        held = held[key] if known else None
    if isinstance(held, dict):
        return {key: one for key, one in held.items() if key not in ("sections", "questions", "facts", "limits")}
    return held


def _key(given: Any) -> Any:
    return given.get("key") if isinstance(given, dict) else given


async def held_by(person: int, draft: int) -> Draft:
    """A draft of an authority that the person acts for; raises NotFound for any other."""
    return Draft(await database.found(Kept, f"{DRAFT} WHERE d.id = $2", person, draft))


async def listed_for(person: int) -> list[Kept]:
    """The drafts of the person's authorities, the newest first."""
    return await database.all_of(Kept, f"{DRAFT} ORDER BY d.saved_at DESC, d.id DESC LIMIT 200", person)


async def earlier(person: int) -> list[Earlier]:
    """The forms that the person's authorities have used, the newest first."""
    return await database.all_of(Earlier, EARLIER, person)


async def document_of(person: int, form: int) -> Document:
    """The document of a form that one of the person's authorities has used; raises NotFound for any other."""
    if form not in {one.id for one in await earlier(person)}:
        raise NotFound
    return dict((await domain_forms.of(form)).content.document)


async def start(target: Target, document: Mapping[str, Any], *, by: int, at: datetime) -> int:
    """A new draft for an authority, or for a call of it that is not public yet; returns its id."""
    async with write_transaction():
        draft = int(
            await database.value(
                "INSERT INTO form_draft (authority, call, document, version, saved_by, saved_at)"
                " VALUES ($1, $2, $3, 1, $4, $5) RETURNING id",
                target.authority,
                target.call,
                _stored(document),
                by,
                at,
            )
        )
        await _tell(draft, target.authority, "form_draft.started", {"call": target.call}, by=by, at=at)
    return draft


class Typed(NamedTuple):
    """What a page sent: the fields, the part they belong to, and the fingerprint of that part when it was shown."""

    fields: Mapping[str, str]
    parts: Sequence[str] = ("",)
    seen: str = ""
    action: str = ""
    names: Sequence[str] = ()


async def save(draft: Draft, typed: Typed, *, by: int, at: datetime) -> tuple[Draft, Path]:
    """Keep what was typed, then add, copy, move or remove a row if an action says so; also where that row stands now.

    Others may have changed other parts meanwhile. Raises Conflict with both texts where it is this part.
    """
    async with write_transaction():
        await database.rows("SELECT FROM form_draft WHERE id = $1 FOR UPDATE", draft.kept.id)
        draft = await held_by(by, draft.kept.id)
        typed = _followed(draft.document, typed)
        if typed.seen != fingerprint(draft.document, typed.parts):
            raise _overtaken(draft, typed)
        document, path = _changed(draft.document, typed)
        if document != draft.document:
            draft = await _keep(draft, document, by=by, at=at)
    return draft, path


def fingerprint(document: Mapping[str, Any], parts: Iterable[str]) -> str:
    """What a page shows of a draft, as one text that changes with it."""
    return "-".join(seen(document, part) for part in parts)


def _changed(before: Document, typed: Typed) -> tuple[Document, Path]:
    document: Document = dict(before)
    for part in typed.parts:
        document = fields.applied(document, typed.fields, rows.path_of(part)) if part != "order" else document
    path: Path = ()
    if typed.action and (done := rows.rearranged(document, typed.action, typed.names)):
        document, path = fields.keyed(done.document, done.path), done.path
    verb, _space, wanted = typed.action.partition(" ")
    noun, _space, key = wanted.partition(" ")
    if verb == "ready" and (one := standard.ready(noun, key)):
        document = {**document, noun: [*(document.get(noun) or []), one]}
        path = (noun, len(document[noun]) - 1)
    title = document.get("title")
    if not document.get("key") and isinstance(title, dict) and (key := slug(str(title.get("de", "")))):
        document = {**document, "key": key}
    return document, path


async def take(draft: Draft, section: int | None, taken: Sequence[Document], *, by: int, at: datetime) -> Draft:
    """Add sections, or questions to the section of this number."""
    async with write_transaction():
        await database.rows("SELECT FROM form_draft WHERE id = $1 FOR UPDATE", draft.kept.id)
        draft = await held_by(by, draft.kept.id)
        return await _keep(draft, rows.with_taken(draft.document, section, taken), by=by, at=at)


async def offer(draft: Draft, document: Mapping[str, Any] | None, *, by: int, at: datetime) -> None:
    """Lay a file beside the draft, to be compared before it is taken; or lay it away."""
    async with write_transaction():
        text = None if document is None else _stored(document)
        await database.rows("UPDATE form_draft SET offered = $2 WHERE id = $1", draft.kept.id, text)
        action = "form_draft.compared" if text else "form_draft.left"
        await _tell(draft.kept.id, draft.kept.authority, action, {}, by=by, at=at)


def offered_differences(draft: Draft) -> list[Difference]:
    """What a file that lies beside the draft would change."""
    if draft.kept.offered is None:
        return []
    return between(draft.form, unfinished.form(json.loads(draft.kept.offered)), locale.get())


async def take_offered(draft: Draft, version: int, *, by: int, at: datetime) -> Draft:
    """The file that lies beside the draft takes its place; raises Conflict where the draft was changed meanwhile."""
    async with write_transaction():
        await database.rows("SELECT FROM form_draft WHERE id = $1 FOR UPDATE", draft.kept.id)
        draft = await held_by(by, draft.kept.id)
        if draft.kept.offered is None:
            raise NotFound
        if draft.kept.version != version:
            raise Conflict(
                _("Somebody else changed this form meanwhile. Please look at the differences again."), {}, {}
            )
        draft = await _keep(draft, json.loads(draft.kept.offered), by=by, at=at)
        await database.rows("UPDATE form_draft SET offered = NULL WHERE id = $1", draft.kept.id)
    return draft


async def use(draft: Draft, *, by: int, at: datetime) -> Form:
    """The call that the draft is written for asks it; raises Invalid with every fault, NotAllowed for a public call."""
    if draft.why_closed or draft.kept.call is None:
        raise NotAllowed(draft.why_closed or "")
    form = await asyncio.to_thread(domain_forms.proved, unfinished.proposed(draft.document))
    call = draft.kept.call
    async with write_transaction():
        kept = await domain_forms.keep(form, draft.kept.authority, by=by, at=at)
        done = await database.value(
            "UPDATE call SET form = $2, version = version + 1, written_by = $3 WHERE id = $1"
            " AND NOT EXISTS (SELECT FROM call_publication WHERE call = $1) RETURNING id",
            call,
            kept,
            by,
        )
        if done is None:
            raise NotAllowed(_("The questions cannot be changed, since the call is published."))
        await events.happened(by, "call.form_chosen", f"call:{call}", call=call, detail={"form": kept}, at=at)
    return form


async def remove(draft: Draft, *, by: int, at: datetime) -> None:
    """Throw a draft away; the forms that were made of it stay."""
    async with write_transaction():
        await database.rows("DELETE FROM form_draft WHERE id = $1", draft.kept.id)
        await _tell(draft.kept.id, draft.kept.authority, "form_draft.removed", {}, by=by, at=at)


def importable(content: bytes) -> Document:
    """The document of a file as a draft: values may be wrong, but its keys are those of the format.

    Raises Invalid(file=...) with whatever the editor could not show.
    """
    try:
        document = forms.plain_of_text(content)
    except FormError as error:
        raise Invalid(file=faults.listed(error)) from error
    if not isinstance(document, dict):
        raise Invalid(file=_("This is no form: its first line should be schema: form/1."))
    if wrong := [one for one in unfinished.faults(document) if one.code in UNSHOWN]:
        raise Invalid(file=faults.listed(FormError(wrong)))
    return document


UNSHOWN = ("schema", "unknown_key", "not_keys", "not_a_list", "unstorable", "depth", "digits", "too_many_listed")


async def _keep(draft: Draft, document: Document, *, by: int, at: datetime) -> Draft:
    version = await database.value(
        "UPDATE form_draft SET document = $2, version = version + 1, saved_by = $3, saved_at = $4"
        " WHERE id = $1 RETURNING version",
        draft.kept.id,
        _stored(document),
        by,
        at,
    )
    detail = {"version": version}
    await _tell(draft.kept.id, draft.kept.authority, "form_draft.saved", detail, by=by, at=at)
    return Draft(draft.kept, document)


def _overtaken(theirs: Draft, typed: Typed) -> Conflict:
    """Both texts of every field that differs; of what is gone there is only what was typed."""
    found = [one for part in typed.parts for one in fields.changes(theirs.document, typed.fields, rows.path_of(part))]
    names = {one.entry.place: wording.told(one.entry) for one in found}
    known = Outline(theirs.document).entries
    gone = {place: text for place, text in typed.fields.items() if "[" in place and place not in known and text}
    return Conflict(
        _("Somebody else changed this while you were writing."),
        mine={names[one.entry.place]: wording.value(one.entry, one.typed) for one in found}
        | {wording.named(place): text for place, text in gone.items() if not place.startswith("new ")},
        theirs={names[one.entry.place]: wording.value(one.entry, one.entry.shown) for one in found},
    )


def _followed(document: Document, typed: Typed) -> Typed:
    """The same for the place at which others have put the question meanwhile."""
    part = typed.parts[0]
    if ".questions[" not in part or typed.seen == fingerprint(document, typed.parts):
        return typed
    for path in rows.paths(document):
        now = place_of(path)
        if typed.seen == seen(document, now):
            moved = {
                now + key.removeprefix(part) if key.startswith(part) else key: one for key, one in typed.fields.items()
            }
            return typed._replace(parts=[now], fields=moved, action=typed.action.replace(part, now))
    return typed


def _stored(document: Mapping[str, Any]) -> str:
    text = json.dumps(document)
    if len(text) > LARGEST:
        raise NotAllowed(_("The form is too large: at most %(size)s kB.") % {"size": LARGEST // 1000})
    return text


async def _tell(draft: int, authority: int, action: str, detail: Mapping[str, Any], *, by: int, at: datetime) -> None:
    await events.happened(by, action, f"form_draft:{draft}", authority=authority, detail=detail, at=at)
