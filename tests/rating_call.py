"""A call in rating: Eve chairs, Ada and Finn vote, Gus advises, Cleo administrates, Bo's Werkhof applies with P01."""

from dataclasses import dataclass
from datetime import timedelta

from app import clock, database
from app.domain import assignments, rating_schemes
from app.domain.rating_schemes import Scheme
from tests import open_call
from tests.open_call import TYPED
from tests.world import Votum

SCHEME = {
    "schema": "rating-scheme/1",
    "key": "small",
    "title_de": "Kleines Schema",
    "criteria": [
        {"key": "need", "label_de": "Need", "type": "scale", "scale": {"min": 0, "max": 5, "step": 1},
         "description_de": "Is the need shown with figures?", "weight_percent": 40},
        {"key": "reach", "label_de": "Reach", "type": "levels", "weight_percent": 20,
         "levels": [{"points": 1, "label_de": "one town"}, {"points": 5, "label_de": "the whole county"}]},
        {"key": "tick", "label_de": "Topics", "type": "checklist", "weight_percent": 10,
         "options": [{"key": "work", "points": 1}, {"key": "care", "points": 2}], "max": 3},
        {"key": "plan", "label_de": "Plan", "type": "points", "max": 10, "weight_percent": 10},
        {"key": "new", "label_de": "New idea", "type": "yesno", "yes_points": 2, "weight_percent": 10,
         "optional": True},
        {"key": "price", "label_de": "Price", "type": "bands", "field": "grant_per_place_month", "max": 5,
         "bands": [{"up_to": 200, "points": 5}, {"up_to": 230, "points": 2}], "weight_percent": 10},
    ],
    "scale_labels_de": {0: "not shown", 5: "excellent"},
    "comment_required": {"values": [0, 5]},
    "aggregation": {"across_raters": "mean", "total": "weighted_percent", "min_valid_ratings": 2},
    "total": {"max": 100},
    "pass_rule": {"min_total": 50, "op": ">="},
    "ranking": {"order": "desc", "tie_breakers": ["need", "lot"]},
}  # fmt: skip
MARKS = {"need": "4", "reach": "5", "tick": ["work"], "plan": "7,5"}
REASON = "Fully shown."


@dataclass
class RatingCall:
    """The ids of what the tests work with."""

    id: int
    key: str
    committee: int
    members: dict[str, int]
    proposals: dict[str, int]

    async def assignment(self, name: str, proposal: str) -> int:
        """The assignment of a member, by the first name, and a proposal, by its key."""
        found = await database.value(
            "SELECT id FROM assignment WHERE member = $1 AND proposal = $2",
            self.members[name],
            self.proposals[proposal],
        )
        return int(found)

    async def sheet(self, name: str, proposal: str) -> str:
        """The address of a member's sheet."""
        return f"/assignments/{await self.assignment(name, proposal)}"


async def rating_call(votum: Votum, proposals: int = 3) -> RatingCall:
    """The call with so many proposals, all admitted and given out to the voting members."""
    now = clock.now()
    async with database.write_transaction():
        authority = await database.value("INSERT INTO authority (name) VALUES ('Landkreis Auental') RETURNING id")
        scheme = await rating_schemes.keep(Scheme.from_document(SCHEME), authority, by=None, at=clock.now())
    past = now - timedelta(days=5)
    call = await open_call.call(
        "rating", past, rating_from=past.date(), rating_until=(now + timedelta(days=5)).date(), rating_scheme=scheme
    )
    cleo = await votum.person("cleo@example.org")
    async with database.write_transaction():
        await database.rows(
            "INSERT INTO administration (person, authority, since) VALUES ($1, $2, $3)", cleo, authority, now
        )
        committee = await database.value("SELECT id FROM committee WHERE call = $1", call)
    found = RatingCall(call, "rating", committee, {}, {})
    for number, (name, role) in enumerate(
        {"Eve": "chair", "Ada": "voting", "Finn": "voting", "Gus": "advisory"}.items(), 1
    ):
        found.members[name] = await _seat(votum, committee, number, name, role)
    await open_call.organisation(await votum.person("bo@example.org"))
    async with database.write_transaction():
        for number in range(1, proposals + 1):
            await _proposal(found, number)
        await assignments.assign_all(call, now)
    return found


async def _seat(votum: Votum, committee: int, number: int, name: str, role: str) -> int:
    person = await votum.person(f"{name.lower()}@example.org", name)
    async with database.write_transaction():
        return int(
            await database.value(
                "INSERT INTO member (committee, person, key, role, since) VALUES ($1, $2, $3, $4, $5) RETURNING id",
                committee,
                person,
                f"M{number}",
                role,
                clock.now(),
            )
        )


async def _proposal(call: RatingCall, number: int) -> None:
    """A submitted and admitted proposal: P01 of Werkhof, the others of organisations of their own."""
    key, now = f"P{number:02}", clock.now()
    name = "Werkhof e. V." if number == 1 else f"Träger {number}"
    organisation = await database.value(
        "INSERT INTO organisation (name, created_at) VALUES ($1, $2)"
        " ON CONFLICT (name) DO UPDATE SET name = $1 RETURNING id",
        name,
        now,
    )
    columns = {column: value for column, value in open_call.entered().items() if column in TYPED and column != "sites"}
    columns |= {"title": f"Idee {number}", "key": key, "call": call.id, "organisation": organisation}
    columns |= {"created_at": now, "saved_at": now}
    marks = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
    proposal = await database.value(
        f"INSERT INTO proposal ({', '.join(columns)}) VALUES ({marks}) RETURNING id", *columns.values()
    )
    await database.rows(
        "INSERT INTO submission (proposal, receipt_number, at, content, sha256) VALUES ($1, $2, $3, '{}', '')",
        proposal,
        f"R-{key}",
        now,
    )
    await database.rows("INSERT INTO formal_decision (proposal, admitted, at) VALUES ($1, true, $2)", proposal, now)
    call.proposals[key] = int(proposal)


async def mark(browser, sheet: str, criterion: str, value, comment: str = "", version: int = 0):
    """Send one mark as htmx does."""
    return await browser.send_htmx(f"{sheet}/scores/{criterion}", value=value, comment=comment, version=version)


async def rate(votum: Votum, call: RatingCall, name: str, proposal: str, **changed):
    """Fill in a sheet and hand it in; the browser of the member."""
    browser, sheet = await votum.signed_in(f"{name.lower()}@example.org"), await call.sheet(name, proposal)
    for criterion, value in {**MARKS, **changed}.items():
        assert (await mark(browser, sheet, criterion, value, REASON)).status_code == 200
    answer = await browser.send_form(f"{sheet}/review")
    assert answer.status_code == 200
    return browser
