"""What the demo lacks so that every page can be opened: a draft call, invitations, an own withdrawn proposal."""

from dataclasses import dataclass

from app import clock, database
from app.domain import (
    appointments,
    call_making,
    calls,
    forms,
    invitations,
    organisations,
    proposals,
    rating_schemes,
)
from app.domain.form_drafts import drafts as form_drafts
from app.domain.rating_schemes import drafts as scheme_drafts
from tests.world import mailed_link


@dataclass(frozen=True)
class Prepared:
    """Addresses of pages, by what they show."""

    draft_call: str
    invitation: str
    joining: str
    draft: str
    submitted: str
    withdrawn: str
    organisation: str
    open_sheet: str
    blank_sheet: str
    handed_in: str
    finished: str
    conflict: str
    closing: str
    authority: str
    member: str
    appointment: str
    scheme_draft: str
    form_draft: str


async def prepare() -> Prepared:
    """Inside a connected database with the three demo calls."""
    office = await person("koordination@example.org")
    key = await call_making.create(
        await authority(), "Beirat", {"title_de": "Ein neuer Aufruf"}, by=office, at=clock.now()
    )
    call = await calls.run_by(office, "aufruf-2017-open")
    await invitations.invite(call, "Kim Neu", "kim@example.org", "advisory", "Kammer", "", by=office, at=clock.now())
    applicant = await person("o04@example.org")
    own = (await organisations.of(applicant))[0]
    await organisations.invite(
        await organisations.held_by(applicant, own.id), "lou@example.org", by=applicant, at=clock.now()
    )
    draft = await database.value(OWN, "o04@example.org", "aufruf-2017-open")
    gone = await database.value(OWN, "o01@example.org", "aufruf-2017-open")
    await proposals.withdraw(gone, "Kein Personal.", by=await person("o01@example.org"), at=clock.now())
    async with database.write_transaction():  # the withdrawn proposal is to be seen by the same person
        await database.rows(
            "INSERT INTO membership (person, organisation, since) SELECT $1, organisation, now() FROM proposal"
            " WHERE id = $2",
            applicant,
            gone,
        )
    partner = await sheet("m5@example.org", "aufruf-2017-rating", "P09")
    async with database.write_transaction():  # an applicant names the house of a member as its partner
        await database.rows(NAMED, await person("m5@example.org"), partner.rpartition("/")[2])
    await appointments.invite(await authority(), "Nora Neu", "nora@example.org", by=office, at=clock.now())
    target = next(one for one in await scheme_drafts.targets(office) if one.call_key == key)
    shipped = (await rating_schemes.of(call.rating_scheme)).content.document
    form = forms.shipped("stabilisierung-teilhabe")
    return Prepared(
        draft_call=key,
        invitation=await mailed_link("kim@example.org"),
        joining=await mailed_link("lou@example.org"),
        draft=f"/proposals/{draft}",
        submitted=f"/proposals/{await database.value(OWN, 'o04@example.org', 'aufruf-2017-rating')}",
        withdrawn=f"/proposals/{gone}",
        organisation=f"/organisations/{own.id}",
        open_sheet=await sheet("m2@example.org", "aufruf-2017-rating", "P05"),
        blank_sheet=await sheet("m2@example.org", "aufruf-2017-rating", "P06"),
        handed_in=await sheet("m2@example.org", "aufruf-2017-rating", "P01"),
        finished=await sheet("m2@example.org", "aufruf-2017", "P01"),
        conflict=f"/calls/aufruf-2017-rating/conflicts/{await database.value(DECIDABLE, 'aufruf-2017-rating')}",
        closing=f"/calls/aufruf-2017-rating/closings/{partner.rpartition('/')[2]}",
        authority=f"/authorities/{await authority()}",
        appointment=await mailed_link("nora@example.org"),
        scheme_draft=f"/schemes/{await scheme_drafts.start(target, shipped, by=office, at=clock.now())}",
        form_draft=f"/forms/{await form_drafts.start(target, form.document, by=office, at=clock.now())}",
        member=await database.value("SELECT name FROM person WHERE email = 'm2@example.org'"),
    )


OWN = """
SELECT p.id FROM proposal p JOIN membership m ON m.organisation = p.organisation
JOIN person n ON n.id = m.person JOIN call c ON c.id = p.call WHERE n.email = $1 AND c.key = $2
"""
NAMED = """
WITH house AS (
    INSERT INTO organisation (name, created_at) VALUES ('Nachbarschaftshaus', now()) RETURNING id
), belongs AS (
    INSERT INTO membership (person, organisation, since) SELECT $1, id, now() FROM house
)
INSERT INTO partner (proposal, organisation, name)
SELECT a.proposal, house.id, 'Nachbarschaftshaus' FROM house, assignment a WHERE a.id = $2::text::int
"""
DECIDABLE = """
SELECT x.id FROM conflict x JOIN member m ON m.id = x.member JOIN committee k ON k.id = m.committee
JOIN call c ON c.id = k.call WHERE c.key = $1 AND m.key = 'M6'
"""


async def person(email: str) -> int:
    return int(await database.value("SELECT id FROM person WHERE email = $1", email))


async def authority() -> int:
    return int(await database.value("SELECT authority FROM call ORDER BY id LIMIT 1"))


async def sheet(email: str, call: str, proposal: str) -> str:
    """The address of a member's sheet."""
    found = await database.value(
        "SELECT a.id FROM assignment a JOIN member m ON m.id = a.member JOIN person n ON n.id = m.person"
        " JOIN proposal p ON p.id = a.proposal JOIN call c ON c.id = p.call"
        " WHERE n.email = $1 AND c.key = $2 AND p.key = $3",
        email,
        call,
        proposal,
    )
    return f"/assignments/{found}"
