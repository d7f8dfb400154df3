"""Conflicts of interest, and the one clause that says what a committee member may see.

The fragments below are SQL over the aliases `m` (member) and `p` (proposal). Lists, single pages, counts and the
ranking use them, so that what is closed to a person is closed everywhere.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from app import database
from app.database import Record, write_transaction
from app.domain.calls import CALL, RUN_BY, Call
from app.errors import Invalid, NotAllowed, NotFound
from app.i18n import gettext as _
from app.i18n import later
from app.records import events, mails
from app.settings import SETTINGS
from app.tables.committees import Decision

Kind = TypeVar("Kind", bound="Closing")

GROUNDS = {
    "employed_by_applicant": later("I work for the applicant"),
    "board_member_of_applicant": later("I sit on the board of the applicant"),
    "supervisory_board_of_applicant": later("I sit on the supervisory board of the applicant"),
    "spouse_manages_applicant": later("My spouse or partner manages the applicant"),
    "relative_volunteers_unpaid": later(
        "A member of my family (§ 20(5) VwVfG) volunteers for the applicant without pay"
    ),
    "relative_of_applicant": later(
        "A member of my family (§ 20(5) VwVfG) works for the applicant or sits on one of its boards"
    ),
    "works_for_partner": later("I work for a partner in the proposal or sit on one of its boards"),
    "advised_on_proposal": later("I advised on the proposal or helped to write it"),
    "economic_interest": later("I would gain or lose by the result"),
    "other": later("Another reason to doubt my impartiality"),
}

NAMED = "named_as_partner"
WORDS = {**GROUNDS, NAMED: later("Named as partner by the applicant")}

DECIDED = "EXISTS (SELECT FROM conflict x WHERE x.member = m.id AND x.proposal = p.id AND x.decision"
EXCLUDED, NOT_EXCLUDED = f"{DECIDED} = 'excluded')", f"{DECIDED} = 'not_excluded')"
OWN = "EXISTS (SELECT FROM membership b WHERE b.person = m.person AND b.organisation = p.organisation)"
PARTNER = """EXISTS (
    SELECT FROM (
        SELECT h.id, lower(h.name) AS name FROM membership b JOIN organisation h ON h.id = b.organisation
        WHERE b.person = m.person OFFSET 0
    ) h JOIN partner q ON q.proposal = p.id AND (q.organisation = h.id OR lower(q.name) = h.name)
)"""
STANDING = f"{EXCLUDED} AS declared, {OWN} AS own, ({PARTNER} AND NOT {NOT_EXCLUDED}) AS named"
BIAS = f"""
CROSS JOIN LATERAL (SELECT {STANDING}) known
CROSS JOIN LATERAL (SELECT known.*, known.declared OR known.own OR known.named AS biased) bias
"""
"""A join: has the member a conflict that stands (declared), do they belong to the applicant (own, always closed), or to
a partner that the applicant names (named, closed until the committee decides that the member is not excluded)? biased:
any of them.
"""

BIASED = "bias.biased"
RATES = "m.role IN ('chair', 'voting')"
ADMITTED = """(
    EXISTS (SELECT FROM submission i WHERE i.proposal = p.id)
    AND EXISTS (SELECT FROM formal_decision e WHERE e.proposal = p.id AND e.admitted)
    AND NOT EXISTS (SELECT FROM withdrawal y WHERE y.proposal = p.id)
)"""
"""The proposal is to be rated: submitted, formally admitted, not withdrawn."""

OPENED = "EXISTS (SELECT FROM call d WHERE d.id = p.call AND (d.deadline IS NULL OR d.deadline <= now()))"
"""The deadline has passed (`calls.why_sealed`): before it nobody but its organisation knows anything of a proposal."""

RATED = f"({OPENED} AND {ADMITTED})"
"""The proposal is in the rating: to be rated, and no longer sealed."""

SEES = f"{RATES} AND {RATED} AND NOT {BIASED}"
"""The member may open this proposal, provided that it is assigned to them. Needs the join BIAS."""

VIEWED = """
FROM proposal p
CROSS JOIN LATERAL (
    SELECT $1::int AS person,
        (SELECT i.id FROM committee k JOIN member i ON i.committee = k.id WHERE k.call = p.call AND i.person = $1) AS id
) m
"""
NEAR = """p.id IN (
    SELECT x.proposal FROM conflict x JOIN member i ON i.id = x.member WHERE i.person = $1
    UNION ALL SELECT q.id FROM membership b JOIN proposal q ON q.organisation = b.organisation WHERE b.person = $1
    UNION ALL SELECT q.proposal FROM membership b JOIN organisation h ON h.id = b.organisation
        JOIN partner q ON q.organisation = h.id OR lower(q.name) = lower(h.name) WHERE b.person = $1
)"""
"""The few proposals that BIAS could find closed to the person $1, so that it need not look at all of a call."""

CLOSED = f"{VIEWED} {BIAS} WHERE {NEAR} AND p.key IS NOT NULL AND {OPENED} AND {BIASED}"
"""The opened proposals that a conflict of interest closes to the person $1, whatever their role in the call."""

CHAIRS = """
SELECT c.*,
    EXISTS (SELECT FROM member l WHERE l.committee = c.committee AND l.person = $1 AND l.role = 'chair') AS chairs
"""
KEYS = f"SELECT p.key {CLOSED} AND p.call = c.id ORDER BY p.key"
PART = f"{CHAIRS}, {RUN_BY} AS administers, ARRAY({KEYS}) AS closed FROM ({CALL} WHERE c.key = $2) c"

DECLARE = """
INSERT INTO conflict (member, proposal, ground, note, declared_at, decision)
SELECT $1, $2, $3, $4, $5, 'excluded'
WHERE NOT EXISTS (SELECT FROM result_publication z WHERE z.call = $6)
ON CONFLICT (member, proposal) DO UPDATE SET ground = $3, note = $4, declared_at = $5, decision = 'excluded',
    decided_by = NULL, decided_at = NULL, vote = NULL
RETURNING id
"""
DECLARED = """
SELECT f.id, f.ground, f.note, f.declared_at, f.decision, f.decided_at, f.vote, v.name AS decided_by,
    w.id AS member_id, w.key AS member, w.person, n.name, w.seat, p.id AS proposal, p.key, o.name AS organisation_name,
    EXISTS (SELECT FROM review r JOIN assignment a ON a.id = r.assignment
        WHERE a.member = w.id AND a.proposal = p.id AND r.handed_in_at < f.declared_at) AS late
FROM conflict f
JOIN member w ON w.id = f.member
JOIN person n ON n.id = w.person
JOIN proposal p ON p.id = f.proposal
JOIN organisation o ON o.id = p.organisation
LEFT JOIN person v ON v.id = f.decided_by
CROSS JOIN LATERAL (
    SELECT $2::int AS person, (SELECT i.id FROM member i WHERE i.committee = w.committee AND i.person = $2) AS id
) m
"""
BELONGING = """
SELECT a.id, m.id AS member_id, m.person, m.key AS member, n.name, p.id AS proposal, p.key,
    o.name AS organisation_name, bias.own, 'named_as_partner' AS ground, '' AS note
FROM assignment a
JOIN member m ON m.id = a.member AND EXISTS (SELECT FROM membership b WHERE b.person = m.person)
JOIN person n ON n.id = m.person
JOIN proposal p ON p.id = a.proposal
JOIN organisation o ON o.id = p.organisation
"""
DECIDE = """
INSERT INTO conflict (member, proposal, ground, declared_at, decision, decided_by, decided_at, vote)
SELECT $1, $2, $3, $4, $5, $6, $4, $7 WHERE NOT EXISTS (SELECT FROM result_publication z WHERE z.call = $8)
ON CONFLICT (member, proposal) DO UPDATE SET decision = $5, decided_by = $6, decided_at = $4, vote = $7
RETURNING id
"""
CHAIR = """
SELECT n.email, n.language, n.id AS person FROM proposal p
JOIN committee k ON k.call = p.call
JOIN member m ON m.committee = k.id AND m.role = 'chair'
JOIN person n ON n.id = m.person
"""


class Published(Protocol):
    """Whatever carries when the result was published."""

    @property
    def result_at(self) -> datetime | None: ...


class Concerned(Published, Protocol):
    """A member before a proposal."""

    @property
    def id(self) -> int: ...
    @property
    def key(self) -> str: ...
    @property
    def call(self) -> int: ...
    @property
    def call_key(self) -> str: ...
    @property
    def member(self) -> int: ...
    @property
    def member_key(self) -> str: ...
    @property
    def person(self) -> int: ...


class Part(Call):
    """A call for who takes part in its procedure: whether they administer it or chair its committee, and the keys of
    the proposals that a conflict of interest closes to them.
    """

    administers: bool
    chairs: bool
    closed: list[str]


class Closing(Record):
    """Why a proposal is closed to a member: what both are called, and the ground."""

    id: int
    member_id: int
    member: str
    person: int
    name: str
    proposal: int
    key: str
    organisation_name: str
    ground: str
    note: str


class Declared(Closing):
    """A declared conflict and what was decided about it; late: after the sheet was handed in."""

    seat: str
    declared_at: datetime
    decision: Decision
    decided_by: str | None
    decided_at: datetime | None
    vote: str | None
    late: bool


class Belonging(Closing):
    """A member who belongs to the applicant (own) or to a partner that it names; id is that of the assignment."""

    own: bool


def why_closed(call: Published) -> str | None:
    """Why no conflict of interest can be declared or decided now, or None."""
    if call.result_at:
        return _("The result is published. Please write to the contact of the call.")
    return None


async def part_in(person: int, key: str) -> Part:
    """A call that the person administers or whose committee they chair; raises NotFound for any other."""
    found = await database.found(Part, PART, person, key)
    if not (found.administers or found.chairs):
        raise NotFound
    return found


async def administered_by(person: int, key: str) -> Part:
    """A call that the person administers; raises NotFound for any other."""
    found = await part_in(person, key)
    if not found.administers:
        raise NotFound
    return found


async def run_impartially_by(person: int, key: str) -> Part:
    """A call that the person administers and is not biased in; raises NotFound, or NotAllowed with the rule."""
    found = await administered_by(person, key)
    if why := why_biased(found):
        raise NotAllowed(why)
    return found


def why_biased(call: Part) -> str | None:
    """Why a person may not run the procedure of a call, or None where they are impartial.

    The proposals of a call compete, so whoever is close to one of them is concerned by what becomes of every other:
    to such a person the whole procedure is closed from the deadline on, with its checks, marks, recommendations and
    files. Text and dates of the call, and all other calls, stay theirs. Law: VwVfG sections 20 and 21.
    """
    if not call.closed:
        return None
    return _(
        "You act for an organisation that takes part in a proposal of this call, or a conflict of interest was"
        " declared. Whoever is concerned takes no part in the procedure (VwVfG, sections 20 and 21): another"
        " administrator of the authority carries it on."
    )


async def declare(held: Concerned, ground: str, note: str, *, at: datetime) -> None:
    """A member declares a conflict of interest: the proposal is closed to them, and their rating no longer counts.

    Their marks stay stored. Only the committee can decide otherwise. The chair gets a mail.
    Raises NotAllowed once the result is published.
    """
    if why := why_closed(held):
        raise NotAllowed(why)
    async with write_transaction():
        await events.happened(
            held.person,
            "conflict.declared",
            f"proposal:{held.id}",
            call=held.call,
            detail={"proposal": held.key, "member": held.member_key, "ground": ground, "note": note},
            at=at,
        )
        kept = await database.value(DECLARE, held.member, held.id, ground, note, at, held.call)
        if kept is None:
            raise NotAllowed(_("The result is published. Please write to the contact of the call."))
        await _tell_chair(held)


async def declared(call: Call, viewer: int) -> list[Declared]:
    """The declared conflicts of a call that a person may know: their own, and those about proposals open to them."""
    return await database.all_of(
        Declared,
        f"{DECLARED} {BIAS} WHERE p.call = $1 AND {OPENED} AND (w.person = $2 OR NOT {BIASED}) ORDER BY p.key, w.key",
        call.id,
        viewer,
    )


async def belonging(call: Call, without: Sequence[int] = ()) -> list[Belonging]:
    """Which members belong to an applicant (own) or to a partner that it names, so that its proposal is closed to them.

    `without` are the numbers of proposals that the reader may not know of.
    """
    return await database.all_of(
        Belonging,
        f"{BELONGING} {BIAS} WHERE p.call = $1 AND {RATES} AND {RATED} AND (bias.own OR bias.named)"
        " AND p.id <> ALL ($2::int[]) ORDER BY p.key, m.key",
        call.id,
        list(without),
    )


async def decidable(call: Call, viewer: int, conflict: int) -> Declared:
    """A declared conflict that a person may record a decision about; raises NotFound, or NotAllowed with the reason."""
    return _decidable(call, viewer, await declared(call, viewer), conflict)


async def decidable_closing(call: Call, viewer: int, assignment: int, without: Sequence[int]) -> Belonging:
    """A closing that only the applicant's word made, as `decidable`: who names a partner could else shut out a rater.

    What belongs to the applicant stays closed. `without` as in `belonging`.
    """
    rows = [row for row in await belonging(call, without) if not row.own]
    return _decidable(call, viewer, rows, assignment)


def _decidable(call: Call, viewer: int, rows: Sequence[Kind], wanted: int) -> Kind:
    found = next((row for row in rows if row.id == wanted), None)
    if found is None:
        raise NotFound
    if found.person == viewer:
        raise NotAllowed(_("This is about you: somebody else records the decision of the committee."))
    if why := why_closed(call):
        raise NotAllowed(why)
    return found


async def decide(
    call: Call, found: Closing, decision: Decision, votes: Mapping[str, int], reason: str, *, by: int, at: datetime
) -> None:
    """Keep what the committee decided about a conflict or closing (of `decidable`); the member took no part in it.

    votes: for_exclusion, against, abstain. `not_excluded` opens the proposal again and lets the rating count.
    Raises Invalid for votes that do not fit, NotAllowed once the result is published.
    """
    _check(decision, votes)
    async with write_transaction():
        await events.happened(
            by,
            "conflict.decided",
            f"proposal:{found.proposal}",
            call=call.id,
            detail={
                "proposal": found.key,
                "member": found.member,
                "decision": decision,
                "votes": dict(votes),
                "reason": reason,
            },
            at=at,
        )
        vote = json.dumps({**votes, "reason": reason}, ensure_ascii=False)
        about = (found.member_id, found.proposal, found.ground)
        if not await database.value(DECIDE, *about, at, decision, by, vote, call.id):
            raise NotAllowed(_("The result is published. Please write to the contact of the call."))


def _check(decision: Decision, votes: Mapping[str, int]) -> None:
    """The majority carries; where the votes are equal the chair's word does."""
    more = votes["for_exclusion"] - votes["against"]
    if not votes["for_exclusion"] and not votes["against"]:
        raise Invalid(for_exclusion=_("Please enter how many voted for and against."))
    if (more > 0 and decision == "not_excluded") or (more < 0 and decision == "excluded"):
        raise Invalid(decision=_("The votes say otherwise. Please check the decision and the votes."))


async def _tell_chair(held: Concerned) -> None:
    chair = await database.row(
        f"{CHAIR} {BIAS} WHERE p.id = $1 AND n.active AND n.id <> $2 AND NOT {BIASED}", held.id, held.person
    )
    if chair is None:
        return
    link = f"{SETTINGS.base_url}/calls/{held.call_key}/conflicts"
    await mails.tell([mails.Recipient(**chair)], lambda: _declared_text(held.key, link), call=held.call)


def _declared_text(key: str, link: str) -> tuple[str, str]:
    text = _(
        "Hello,\n\na member of the committee has declared a conflict of interest about proposal %(key)s. The proposal"
        " is closed to this member now, and a rating that was given no longer counts.\n\n%(link)s"
    )
    return _("Conflict of interest about %(key)s") % {"key": key}, text % {"key": key, "link": link}
