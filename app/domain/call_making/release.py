"""Four eyes: whoever wrote a call hands it over, a second person of the authority releases it or sends it back."""

from datetime import datetime

from app import database, i18n
from app.database import Record, write_transaction
from app.domain import authorities, rating_schemes
from app.domain.call_making import versions
from app.domain.call_making.drafts import Work, put
from app.domain.call_making.texts import WRITTEN, check_dates, check_fixed, faults
from app.domain.calls import Call
from app.errors import Conflict, Invalid, NotAllowed
from app.i18n import gettext as _
from app.records import events, mails
from app.settings import SETTINGS

LONGEST_REASON = 1000
HAND_OVER = """
INSERT INTO call_handover (call, version, by, at, why, returned_why) VALUES ($1, $2, $3, $4, $5, '')
ON CONFLICT (call) DO UPDATE SET version = excluded.version, by = excluded.by, at = excluded.at, why = excluded.why,
    returned_by = NULL, returned_at = NULL, returned_why = ''
"""
SEND_BACK = """
UPDATE call_handover SET returned_by = $3, returned_at = $4, returned_why = $5
WHERE call = $1 AND version = $2 AND returned_at IS NULL RETURNING by
"""
PUBLISH = """
INSERT INTO call_publication (call, by, at) VALUES ($1, $2, $3) ON CONFLICT (call) DO NOTHING RETURNING id
"""
WAITING = """
SELECT c.key, coalesce(x.content ->> 'title_de', c.title_de) AS title_de,
    coalesce(x.content ->> 'title_en', c.title_en) AS title_en, x.id IS NOT NULL AS is_change,
    h.returned_at IS NOT NULL AS returned, coalesce(r.name, o.name) AS by_name
FROM call_handover h JOIN call c ON c.id = h.call JOIN administration d ON d.authority = c.authority AND d.person = $1
LEFT JOIN call_change x ON x.call = c.id JOIN person o ON o.id = h.by LEFT JOIN person r ON r.id = h.returned_by
WHERE h.version = coalesce(x.version, c.version)
AND (h.returned_at IS NULL) = (coalesce(x.by, c.written_by, h.by) <> $1)
ORDER BY h.at, h.id
"""
CONCERNED = """
SELECT DISTINCT organisation AS id FROM proposal p WHERE call = $1
AND NOT EXISTS (SELECT FROM withdrawal w WHERE w.proposal = p.id)
"""
COMMITTEE = """
SELECT p.email, p.language, p.id AS person FROM member m JOIN committee k ON k.id = m.committee
JOIN person p ON p.id = m.person WHERE k.call = $1 AND p.active ORDER BY m.id
"""


class Waiting(Record):
    """A text that waits for this person: to be released, or sent back to be written again."""

    key: str
    title_de: str
    title_en: str
    is_change: bool
    returned: bool
    by_name: str


async def waiting_for(person: int) -> list[Waiting]:
    """What others wrote and the person can release, and what was sent back to them. One statement."""
    return await database.all_of(Waiting, WAITING, person)


async def hand_over(work: Work, why: str, version: int, *, by: int, at: datetime, alone: bool = False) -> None:
    """Give a text to the others of the authority, who release it. alone: the same person goes on to release it.

    Raises NotAllowed with everything that keeps it from being published, Invalid where a change gives no reason,
    Conflict where the text is not the one that was read.
    """
    if found := await faults(work.text, at=at):
        raise NotAllowed(" ".join(sentence for _field, sentence in found))
    reason = _reason(why) if work.call.published_at else ""
    if work.call.published_at and not work.changes:
        raise NotAllowed(_("Nothing differs from what is public."))
    async with write_transaction():
        await _lock(work, version)
        await database.rows(HAND_OVER, work.call.id, version, by, at, reason)
        detail = {"version": version, "why": reason}
        await events.happened(by, "call.handed_over", f"call:{work.call.id}", call=work.call.id, detail=detail, at=at)
        if not alone:
            others = await mails.of_administrators(work.call.authority)
            await mails.tell([one for one in others if one.person != by], lambda: _waits(work.text), call=work.call.id)


async def send_back(work: Work, why: str, version: int, *, by: int, at: datetime) -> None:
    """Give a text back to whoever handed it over, with a reason. Raises Invalid, NotAllowed or Conflict."""
    reason = _reason(why)
    if not work.waits:
        raise NotAllowed(_("Nothing waits for its release."))
    async with write_transaction():
        await _lock(work, version)
        handed_by = await database.value(SEND_BACK, work.call.id, version, by, at, reason)
        if handed_by is None:
            raise NotAllowed(_("Nothing waits for its release."))
        detail = {"version": version, "why": reason}
        await events.happened(by, "call.sent_back", f"call:{work.call.id}", call=work.call.id, detail=detail, at=at)
        told = [one for one in await mails.of_person(handed_by) if one.person != by]
        await mails.tell(told, lambda: _sent_back(work.text, reason), call=work.call.id)


def why_not_released(work: Work, person: int, *, two_eyes: bool) -> str | None:
    """Why a person cannot release what is written now, or None."""
    if not work.waits:
        return _("Nothing waits for its release.")
    if not two_eyes and work.author == person:
        return _("You wrote this text last. A second person of your authority releases it.")
    return None


async def release(work: Work, version: int, *, by: int, at: datetime) -> int:
    """What was handed over becomes public: the call itself, or its change; returns the number of the version.

    From the publication on the scheme and the capacity stand. Raises NotAllowed, or Conflict where the text is not
    the one that was read.
    """
    two_eyes = await authorities.works_with_two_eyes(work.call.authority)
    if work.state.version != version:
        raise _changed_meanwhile(work)
    if why := why_not_released(work, by, two_eyes=two_eyes):
        raise NotAllowed(why)
    await _still_fit(work, at=at)
    async with write_transaction():
        await _lock(work, version)
        if await database.value("DELETE FROM call_handover WHERE call = $1 RETURNING id", work.call.id) is None:
            raise NotAllowed(_("Nothing waits for its release."))
        if work.call.published_at is None:
            return await keep_published(work.text, by=work.author, released_by=by, at=at)
        return await _replace(work, by=by, at=at)


async def _still_fit(work: Work, *, at: datetime) -> None:
    """What was fit when it was handed over may be so no more: a deadline has passed. Raises NotAllowed."""
    if found := await faults(work.text, at=at):
        raise NotAllowed(" ".join(sentence for _field, sentence in found))
    if work.call.published_at:
        try:
            check_dates(work.text)
            check_fixed(work.call, {name: getattr(work.text, name) for name in WRITTEN}, at=at)
        except Invalid as error:
            raise NotAllowed(str(error)) from error


async def _replace(work: Work, *, by: int, at: datetime) -> int:
    """Inside a transaction: the change becomes what is public."""
    call, why = work.call, work.state.why
    await database.rows("DELETE FROM call_change WHERE call = $1", call.id)
    await put(work.text, work.state.version, by=work.author)
    number = await versions.keep(work.text, why, by=work.author, released_by=by, at=at)
    detail = {"version": number, "written_by": work.author, "released_by": by, "why": why, "changes": work.changes}
    await events.happened(by, "call.changed", f"call:{call.id}", call=call.id, detail=detail, at=at)
    if work.text.deadline != call.deadline:
        await _tell_of_extension(work)
    return number


async def keep_published(call: Call, *, by: int | None, released_by: int | None = None, at: datetime) -> int:
    """Inside a transaction: from this moment the call is public, as its first version. Raises NotAllowed if it was."""
    await authorities.hold(call.authority)
    if await database.value(PUBLISH, call.id, released_by or by, at) is None:
        raise NotAllowed(_("The call is already published."))
    number = await versions.keep(call, by=by, released_by=released_by, at=at)
    scheme = (await rating_schemes.of(call.rating_scheme)).sha256
    detail = {"scheme_sha256": scheme, "version": number, "written_by": by, "released_by": released_by}
    await events.happened(released_by or by, "call.published", f"call:{call.id}", call=call.id, detail=detail, at=at)
    return number


async def _lock(work: Work, version: int) -> None:
    """Hold the text; raises Conflict where it is not the one that was read."""
    own = await database.value("SELECT version FROM call WHERE id = $1 FOR UPDATE", work.call.id)
    changed = await database.value("SELECT version FROM call_change WHERE call = $1 FOR UPDATE", work.call.id)
    if (changed or own) != version or work.state.version != version:
        raise _changed_meanwhile(work)


def _changed_meanwhile(work: Work) -> Conflict:
    return Conflict(
        _("The text is not the one that you have read: somebody changed or released it. Please look at it again."),
        mine={},
        theirs={label: new for label, (_old, new) in work.changes.items()},
    )


def _reason(why: str) -> str:
    reason = why.strip()
    if not reason:
        raise Invalid(why=_("Please give a reason."))
    if len(reason) > LONGEST_REASON:
        raise Invalid(why=_("Please shorten this to %(most)s characters.") % {"most": i18n.number(LONGEST_REASON)})
    return reason


# ── mails ──────────────────────────────────────────────────────────────────────────────────────


async def _tell_of_extension(work: Work) -> None:
    """Everybody who relies on the deadline: organisations with a proposal, and the committee."""
    told = [mails.Recipient(**row) for row in await database.rows(COMMITTEE, work.call.id)]
    concerned = [row["id"] for row in await database.rows(CONCERNED, work.call.id)]
    told += await mails.of_organisations(concerned)
    await mails.tell(told, lambda: _extended(work), call=work.call.id)


def _title(call: Call) -> str:
    return mails.harmless(i18n.in_language(call, "title"))


def _waits(call: Call) -> tuple[str, str]:
    title = {"title": _title(call), "link": f"{SETTINGS.base_url}/calls/{call.key}/check"}
    return (
        _("Please release: %(title)s") % title,
        _("The call “%(title)s” waits for its release by a second person of your authority.\n\n%(link)s\n") % title,
    )


def _sent_back(call: Call, why: str) -> tuple[str, str]:
    title = {
        "title": _title(call),
        "link": f"{SETTINGS.base_url}/calls/{call.key}/check",
        "why": mails.harmless(why, 1000),
    }
    return (
        _("Sent back: %(title)s") % title,
        _("The call “%(title)s” was not released. The reason:\n\n%(why)s\n\n%(link)s\n") % title,
    )


def _extended(work: Work) -> tuple[str, str]:
    said = {
        "title": _title(work.text),
        "old": i18n.datetime(work.call.deadline),
        "new": i18n.datetime(work.text.deadline),
        "why": mails.harmless(work.state.why, 1000),
        "link": f"{SETTINGS.base_url}/calls/{work.call.key}",
    }
    return (
        _("Deadline extended: %(title)s") % said,
        _(
            "The deadline of the call “%(title)s” was extended from %(old)s to %(new)s.\n\n"
            "The reason: %(why)s\n\nProposals that were already submitted stay submitted.\n\n%(link)s\n"
        )
        % said,
    )
