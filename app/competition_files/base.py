"""Writes what stands before anything happens: authority, people, organisations, programme, scheme, call, committee."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from piccolo.table import Table

from app import clock, database
from app.competition_files import names, programme_part
from app.competition_files.faults import CompetitionError
from app.competition_files.parts import Competition, Programme, Seat
from app.domain import forms, people, rating_schemes
from app.domain.calls import CALL, Call
from app.domain.programmes import making
from app.records import events
from app.tables import calls, committees, organisations
from scoring.errors import fault

ACTOR = "votum load"
OFFICE = "regional_coordination"


@dataclass
class Loaded:
    """What is in the database by now, by the keys of the file."""

    found: Competition
    call: int = 0
    authority: int = 0
    office: int | None = None
    organisations: dict[str, int] = field(default_factory=dict)
    contacts: dict[str, int] = field(default_factory=dict)
    persons: dict[str, int] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)
    proposals: dict[str, int] = field(default_factory=dict)
    meeting: int = 0

    async def row(self) -> Call:
        """The call as it stands by now."""
        return await database.found(Call, f"{CALL} WHERE c.id = $1", self.call)

    async def note(self, action: str, subject: str, at: datetime, **detail: object) -> None:
        """Tell of what no verb tells."""
        await events.happened(ACTOR, action, subject, call=self.call or None, detail=detail, at=at)


async def added(row: Table) -> int:
    """The number of a new row."""
    return int((await type(row).insert(row))[0]["id"])


async def write(found: Competition, password_hash: str) -> Loaded:
    """Inside a transaction: everything that stands before the procedure begins."""
    await refuse_known(found)
    loaded = Loaded(found)
    await write_authority(loaded)
    await write_people(loaded, password_hash)
    programme = await write_programmes(loaded)
    await write_call(loaded, programme)
    await write_committee(loaded)
    return loaded


async def refuse_known(found: Competition) -> None:
    """One load at a time, and each call once."""
    await database.rows("SELECT pg_advisory_xact_lock(hashtext('competition'))")
    if await database.value("SELECT id FROM call WHERE key = $1", found.call.key):
        raise CompetitionError([fault("call.key", "known", key=found.call.key)])


def office_of(found: Competition) -> Seat | None:
    """The guest who runs the procedure."""
    return next((seat for seat in found.committee.seats if seat.duty == OFFICE), None)


async def write_authority(loaded: Loaded) -> None:
    """The authority, the same by its name."""
    name, office = loaded.found.authority, office_of(loaded.found)
    known = await database.value("SELECT id FROM authority WHERE name = $1", name)
    email = office.email if office else ""
    loaded.authority = known or await added(organisations.Authority(name=name, email=email))


async def write_people(loaded: Loaded, password_hash: str) -> None:
    """Seats and contacts, the same by their e-mail, and what they belong to."""
    now = clock.now()
    found = loaded.found
    nameless = [seat.key for seat in found.committee.seats if not seat.name]
    for seat in found.committee.seats:
        name = seat.name or names.of(seat.email, names.GUESTS, nameless.index(seat.key))
        loaded.persons[seat.key] = await person(name, seat.email, password_hash)
    for number, one in enumerate(found.organisations):
        contact = await person(names.of(one.email, names.CONTACTS, number), one.email, password_hash)
        loaded.contacts[one.key] = contact
        loaded.organisations[one.key] = await organisation(loaded, number)
        joined = await database.value(
            "INSERT INTO membership (person, organisation, since) VALUES ($1, $2, $3)"
            " ON CONFLICT DO NOTHING RETURNING id",
            *(contact, loaded.organisations[one.key], now),
        )
        if joined:
            await events.happened(contact, "colleague.joined", f"organisation:{loaded.organisations[one.key]}", at=now)
    for seat in found.committee.seats:
        if seat.duty == OFFICE:
            loaded.office = loaded.office or loaded.persons[seat.key]
            await database.rows(
                "INSERT INTO administration (person, authority, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                *(loaded.persons[seat.key], loaded.authority, now),
            )


async def person(name: str, email: str, password_hash: str) -> int:
    """The person with this address; a hash that is given becomes theirs."""
    known = await database.value("SELECT id FROM person WHERE email = $1", email)
    if known is None:
        return await people.create(name, email, password_hash, confirmed=True, at=clock.now())
    if password_hash:
        await database.rows("UPDATE person SET password_hash = $2 WHERE id = $1", known, password_hash)
    return int(known)


async def organisation(loaded: Loaded, number: int) -> int:
    """The organisation with this name."""
    one = loaded.found.organisations[number]
    known = await database.value("SELECT id FROM organisation WHERE name = $1", one.name)
    if known:
        return int(known)
    row = organisations.Organisation(
        name=one.name, legal_form=one.legal_form, email=one.email, seat=one.seat, created_at=clock.now()
    )
    new = await added(row)
    await events.happened(
        ACTOR, "organisation.created", f"organisation:{new}", detail={"name": one.name}, at=clock.now()
    )
    return new


async def write_programmes(loaded: Loaded) -> int | None:
    """All programmes; the number of the one that the call belongs to."""
    found = loaded.found
    for showcase in found.showcases:
        await programme(showcase, loaded.authority)
    return await programme(found.programme, loaded.authority) if found.programme else None


async def programme(given: Programme, authority: int) -> int:
    """The programme with this key."""
    known = await database.value("SELECT id FROM programme WHERE key = $1", given.key)
    if known:
        return int(known)
    known, now = programme_part.facts(replace(given, as_of=given.as_of or clock.today())), clock.now()
    new = await making.keep(given.key, authority, known, "programme.loaded", by=ACTOR, at=now)
    await making.keep_published(new, authority, known, by=None, at=now)
    return new


async def write_call(loaded: Loaded, programme_id: int | None) -> None:
    """The call with its rating scheme and contact."""
    found = loaded.found
    office = office_of(found)
    columns = dict(found.call.columns)
    columns["target_group_de"] = columns["target_group_de"] or target_groups(found.programme)
    row = calls.Call(
        **columns,
        key=found.call.key,
        authority=loaded.authority,
        programme=programme_id,
        form=await forms.keep(forms.shipped(forms.FIRST), loaded.authority, by=loaded.office, at=clock.now()),
        rating_scheme=await rating_schemes.keep(found.scheme, loaded.authority, by=loaded.office, at=clock.now()),
        contact_name=names.DUTIES[OFFICE] if office else "",
        contact_email=office.email if office else "",
        created_at=min(clock.now(), found.call.published or clock.now()),
    )
    loaded.call = await added(row)
    await events.happened(
        ACTOR,
        "call.loaded",
        f"call:{loaded.call}",
        call=loaded.call,
        detail={"key": found.call.key, **columns},
        at=clock.now(),
    )


def target_groups(given: Programme | None) -> str:
    """The target groups of a programme as one text."""
    groups = given.facts.get("target_groups") if given else None
    return "; ".join(one["label_de"] for one in groups or [] if isinstance(one, dict) and "label_de" in one)


async def write_committee(loaded: Loaded) -> None:
    """The committee with everybody who has a seat."""
    body = loaded.found.committee
    since = min(clock.now(), loaded.found.call.published or clock.now())
    row = committees.Committee(
        call=loaded.call,
        name=body.name,
        quorum=body.quorum,
        majority=body.majority,
        interest_group_percent_max=body.group_percent_max,
    )
    committee = await added(row)
    for seat in body.seats:
        member = committees.Member(
            committee=committee,
            person=loaded.persons[seat.key],
            key=seat.key,
            role=seat.role,
            seat=seat.body or names.DUTIES.get(seat.duty, seat.duty),
            interest_group=seat.interest_group,
            since=since,
        )
        loaded.members[seat.key] = await added(member)
