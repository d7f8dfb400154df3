"""Making a call: its text and dates, its rating scheme, its committee, and its publication."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app import clock, database, i18n
from app.database import Row, write_transaction
from app.domain import assignments, audit, call_words, mails, people, proposals, rating_schemes, tokens
from app.domain.errors import Conflict, Invalid, NotAllowed, NotFound, SpentLink
from app.domain.rating_schemes import Scheme
from app.i18n import gettext as _
from app.i18n import later
from app.settings import SETTINGS
from app.tables.calls import Call

ROLES = {"chair": later("Chair"), "voting": later("Voting member"), "advisory": later("Advisory member")}
INTEREST_GROUPS = {
    "": later("not stated"),
    "public_body": later("public body"),
    "economic_partner": later("economic partner"),
    "social_partner": later("social partner"),
    "civil_society": later("civil society"),
    "equal_opportunity": later("equal opportunities"),
}
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
PLACEHOLDER = re.compile(r"\[[^\]\n]{1,80}\](?!\()")
INVITED_FOR = timedelta(days=30)


async def authorities_of(person: int) -> list[Row]:
    """The authorities whose calls the person makes."""
    return await database.rows(
        "SELECT a.id, a.name FROM authority a JOIN administration d ON d.authority = a.id"
        " WHERE d.person = $1 ORDER BY a.name",
        person,
    )


async def create(person: int, authority: int, committee: str, entered: Mapping[str, Any]) -> str:
    """A new call as a draft, with its committee still empty; returns its key. Raises Invalid or NotFound."""
    if authority not in {row["id"] for row in await authorities_of(person)}:
        raise NotFound
    _check_dates(entered)
    async with write_transaction():
        key = await _free_key(entered["title_de"])
        made = Call(key=key, authority=authority, created_at=clock.now(), **{name: entered[name] for name in COLUMNS})
        call = int((await Call.insert(made))[0]["id"])
        await database.rows("INSERT INTO committee (call, name) VALUES ($1, $2)", call, committee)
        await audit.record(person, "call.created", f"call:{call}", call=call, detail={"key": key})
    return key


async def edit(person: int, call: Row, committee: str, entered: Mapping[str, Any], version: int) -> None:
    """Change a call. What everybody relies on is fixed by its publication; texts and dates may still be mended.

    Raises Invalid at the fields, Conflict where somebody else was faster.
    """
    _check_dates(entered)
    if call["published_at"]:
        _check_fixed(call, entered)
    changes = {name: [call[name], entered[name]] for name in COLUMNS if call[name] != entered[name]}
    async with write_transaction():
        values: dict[Any, Any] = {name: entered[name] for name in COLUMNS}
        done = (
            await Call.update({**values, Call.version: Call.version + 1})
            .where((Call.id == call["id"]) & (Call.version == version))
            .returning(Call.id)
        )
        if not done:
            theirs = await database.row("SELECT * FROM call WHERE id = $1", call["id"])
            raise Conflict(
                _("Somebody else changed this call while you were writing."),
                mine=_worded({name: entered[name] for name in changes}),
                theirs=_worded({name: (theirs or {}).get(name) for name in changes}),
            )
        await database.rows("UPDATE committee SET name = $2 WHERE call = $1", call["id"], committee)
        await audit.record(person, "call.edited", f"call:{call['id']}", call=call["id"], detail=changes)


def _worded(values: Mapping[str, Any]) -> dict[str, str]:
    return call_words.worded(values, call_words.FIELDS, {"fill_rule": call_words.FILL_RULES})


def why_scheme_stands(call: Row) -> str | None:
    """Why the rating scheme cannot be changed now, or None."""
    if call["published_at"]:
        return _("The rating scheme stands since the call was published.")
    return None


async def schemes_of(authority: int) -> list[Row]:
    """The rating schemes that an authority has used, the newest first."""
    return await database.rows(
        "SELECT id, key, title_de, title_en, added_at FROM rating_scheme WHERE authority = $1 ORDER BY id DESC",
        authority,
    )


async def upload_scheme(person: int, call: Row, content: bytes) -> Scheme:
    """Take a `rating-scheme/1` file for a call; raises Invalid with every fault and its place."""
    if why := why_scheme_stands(call):
        raise NotAllowed(why)
    scheme = rating_schemes.read(content)
    async with write_transaction():
        await _attach(person, call, await rating_schemes.keep(scheme, call["authority"], person))
    return scheme


async def take_over_scheme(person: int, call: Row, scheme: int) -> None:
    """Use a scheme of an earlier call of the same authority; raises NotFound for any other."""
    if why := why_scheme_stands(call):
        raise NotAllowed(why)
    if scheme not in {row["id"] for row in await schemes_of(call["authority"])}:
        raise NotFound
    async with write_transaction():
        await _attach(person, call, scheme)


async def _attach(person: int, call: Row, scheme: int) -> None:
    done = await database.row(
        "UPDATE call SET rating_scheme = $2, version = version + 1 WHERE id = $1"
        " AND NOT EXISTS (SELECT FROM call_publication WHERE call = $1) RETURNING id",
        call["id"],
        scheme,
    )
    if done is None:
        raise NotAllowed(_("The rating scheme stands since the call was published."))
    await audit.record(person, "call.scheme_chosen", f"call:{call['id']}", call=call["id"], detail={"scheme": scheme})


def missing(call: Row) -> dict[str, str]:
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
    return {name: sentence for name, sentence in needed.items() if not call[name]}


def _placeholders(call: Row) -> list[str]:
    texts = ("title_de", "title_en", "text_de", "text_en", "target_group_de", "target_group_en")
    left = (PLACEHOLDER.search(call[name]) for name in texts)
    return [_("A placeholder was left in the text: %(words)s.") % {"words": one[0]} for one in left if one]


async def why_not_published(call: Row) -> list[str]:
    """Everything that keeps a call from being published; empty when it can be."""
    if call["published_at"]:
        return [_("The call is already published.")]
    found = [*missing(call).values(), *_placeholders(call)]
    if call["deadline"] and call["deadline"] <= clock.now():
        found.append(_("The deadline has already passed."))
    if call["rating_scheme"]:
        found += proposals.not_asked((await rating_schemes.of(call["rating_scheme"])).scheme)
    return found


async def publish(person: int, call: Row) -> None:
    """Make the call public; from here on its scheme and its capacity stand. Raises NotAllowed."""
    if why := await why_not_published(call):
        raise NotAllowed(" ".join(why))
    async with write_transaction():
        done = await database.row(
            "INSERT INTO call_publication (call, by, at) VALUES ($1, $2, $3)"
            " ON CONFLICT (call) DO NOTHING RETURNING id",
            call["id"],
            person,
            clock.now(),
        )
        if done is None:
            raise NotAllowed(_("The call is already published."))
        kept = await rating_schemes.of(call["rating_scheme"])
        await audit.record(
            person, "call.published", f"call:{call['id']}", call=call["id"], detail={"scheme_sha256": kept.sha256}
        )


# ── the committee ──────────────────────────────────────────────────────────────────────────────


async def seats(call: int) -> tuple[list[Row], list[Row]]:
    """The members of a call's committee, and the invitations that are still open."""
    members = await database.rows(
        "SELECT m.key, m.role, m.seat, m.interest_group, p.name, p.email FROM member m JOIN person p ON p.id = m.person"
        " JOIN committee k ON k.id = m.committee WHERE k.call = $1 ORDER BY length(m.key), m.key",
        call,
    )
    invited = await database.rows(
        "SELECT i.name, i.email, i.role, i.seat, i.expires_at FROM invitation i JOIN committee k ON k.id = i.committee"
        " WHERE k.call = $1 AND i.accepted_at IS NULL ORDER BY i.id",
        call,
    )
    return members, invited


async def invite(person: int, call: Row, name: str, email: str, role: str, seat: str, interest_group: str) -> None:
    """Ask somebody by e-mail to take a seat. Raises Invalid where the seat or the person is taken."""
    if call["rating_closed_at"]:
        raise NotAllowed(_("The rating is closed; the committee of this call stands."))
    token = tokens.new()
    now = clock.now()
    async with write_transaction():
        await _refuse_taken(call, email, role)
        invited = await database.row(
            "INSERT INTO invitation"
            " (committee, email, name, role, seat, interest_group, token_hash, by, at, expires_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (committee, email) DO UPDATE SET"
            " name = $3, role = $4, seat = $5, interest_group = $6, token_hash = $7, at = $9, expires_at = $10"
            " WHERE invitation.accepted_at IS NULL RETURNING id",
            call["committee"],
            email,
            name,
            role,
            seat,
            interest_group,
            tokens.hashed(token),
            person,
            now,
            now + INVITED_FOR,
        )
        if invited is None:
            raise Invalid(email=_("This person is already a member."))
        await _mail_invitation(call, name, email, token)
        await audit.record(
            person, "member.invited", f"call:{call['id']}", call=call["id"], detail={"email": email, "role": role}
        )


async def _refuse_taken(call: Row, email: str, role: str) -> None:
    members, invited = await seats(call["id"])
    if email in {row["email"] for row in members}:
        raise Invalid(email=_("This person is already a member."))
    others = [*members, *(row for row in invited if row["email"] != email)]
    if role == "chair" and any(row["role"] == "chair" for row in others):
        raise Invalid(role=_("The committee already has a chair."))


async def _mail_invitation(call: Row, name: str, email: str, token: str) -> None:
    text = _(
        "Hello %(name)s,\n\n%(authority)s asks you to take a seat in the committee of the call “%(title)s”.\n\n"
        "With this link you accept within 30 days:\n\n%(link)s\n"
    )
    await mails.write(
        email,
        _("Invitation to the committee"),
        text
        % {
            "name": name,
            "authority": call["authority_name"],
            "title": call["title_de"],
            "link": f"{SETTINGS.base_url}/invitations/{token}",
        },
        call=call["id"],
    )


async def invitation(token: str) -> Row:
    """An open invitation by its mailed token, with the call, and has_account of its address; raises SpentLink."""
    found = await database.row(
        "SELECT i.*, k.name AS committee_name, c.id AS call, c.key AS call_key, c.title_de, c.title_en,"
        " a.name AS authority_name, p.id AS person, coalesce(p.password_hash, '') <> '' AS has_account"
        " FROM invitation i JOIN committee k ON k.id = i.committee JOIN call c ON c.id = k.call"
        " JOIN authority a ON a.id = c.authority LEFT JOIN person p ON p.email = i.email"
        " WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.expires_at > $2",
        tokens.hashed(token),
        clock.now(),
    )
    if found is None:
        raise SpentLink("invitation")
    return found


async def accept(token: str, signed_in: int | None, password: str) -> int:
    """Take the seat: as the person who has this address, or as a new one with this password; the person's id.

    Raises Invalid for a bad password, NotAllowed where the address has an account that is not the one signed in.
    """
    open_invitation = await invitation(token)
    person = open_invitation["person"]
    if open_invitation["has_account"] and signed_in != person:
        raise NotAllowed(_("Please sign in with the address that was invited, then open the link again."))
    password_hash = ""
    if not open_invitation["has_account"]:
        people.check_password(password)
        password_hash = await people.hash_password(password)
    async with write_transaction():
        now = clock.now()
        spent = await database.row(
            "UPDATE invitation SET accepted_at = $2 WHERE id = $1 AND accepted_at IS NULL RETURNING id",
            open_invitation["id"],
            now,
        )
        if spent is None:
            raise SpentLink("invitation")
        if person is None:
            name, email = open_invitation["name"], open_invitation["email"]
            person = await people.create(name, email, password_hash, i18n.locale.get(), confirmed=True)
        elif password_hash:
            await database.rows(
                "UPDATE person SET password_hash = $2, email_confirmed_at = coalesce(email_confirmed_at, $3)"
                " WHERE id = $1",
                person,
                password_hash,
                now,
            )
        await _seat(open_invitation, person, now)
    return int(person)


async def _seat(invited: Row, person: int, now: datetime) -> None:
    await database.row("SELECT id FROM committee WHERE id = $1 FOR UPDATE", invited["committee"])
    await database.rows(
        "INSERT INTO member (committee, person, key, role, seat, interest_group, since) VALUES ($1, $2, 'M' ||"
        " (SELECT coalesce(max(substring(key FROM '^M([0-9]+)$')::int), 0) + 1 FROM member WHERE committee = $1),"
        " $3, $4, $5, $6)",
        invited["committee"],
        person,
        invited["role"],
        invited["seat"],
        invited["interest_group"],
        now,
    )
    await assignments.assign_all(invited["call"], now)
    await audit.record(
        person, "member.joined", f"person:{person}", call=invited["call"], detail={"role": invited["role"]}
    )


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
        last_name, last = _(call_words.FIELDS[name]), day
    if faults:
        raise Invalid(faults)


def _check_fixed(call: Row, entered: Mapping[str, Any]) -> None:
    faults = {
        name: _("This stands since the call was published.")
        for name in FIXED_BY_PUBLICATION
        if call[name] != entered[name]
    }
    now = clock.now()
    if call["deadline"] and entered["deadline"] != call["deadline"]:
        if entered["deadline"] is None or entered["deadline"] < call["deadline"]:
            faults["deadline"] = _("A published deadline can be extended, never shortened.")
        elif call["deadline"] <= now:
            faults["deadline"] = _("The deadline has passed; it can no longer be extended.")
    if faults:
        raise Invalid(faults)


async def _free_key(title: str) -> str:
    """A short name for addresses, made from the title, that no other call has."""
    plain = unicodedata.normalize("NFKD", title.translate(_UMLAUTS)).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or "call"
    if stem == "new":
        stem = "call-new"
    taken = {row["key"] for row in await database.rows("SELECT key FROM call WHERE key LIKE $1", f"{stem}%")}
    return next(key for key in (stem, *(f"{stem}-{number}" for number in range(2, 1000))) if key not in taken)


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
