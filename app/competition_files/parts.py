"""What a competition file says, as plain values: money in cents, days as dates, moments with their zone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.domain.rating_schemes import Scheme
from app.tables.committees import Decision

Columns = Mapping[str, Any]


@dataclass(frozen=True)
class Programme:
    """A funding programme; `facts` are whatever the file says of it beyond its titles, true on the day `as_of`."""

    key: str
    title_de: str
    title_en: str
    granting_body: str
    as_of: date | None
    facts: Columns


@dataclass(frozen=True)
class Call:
    """The call; `columns` are those of its table."""

    key: str
    columns: Columns
    published: datetime | None
    results_published: datetime | None


@dataclass(frozen=True)
class Organisation:
    """A body that hands in proposals, with the address of its contact."""

    key: str
    name: str
    legal_form: str
    email: str
    seat: str


@dataclass(frozen=True)
class Seat:
    """A member or guest of the committee; `duty` is what a guest is there for."""

    key: str
    name: str
    body: str
    interest_group: str
    email: str
    role: str
    duty: str = ""


@dataclass(frozen=True)
class Conflict:
    """A member is biased towards a proposal, from a day on."""

    member: str
    proposal: str
    ground: str
    note: str
    declared: date
    decision: Decision
    late: bool
    vote: Columns | None


@dataclass(frozen=True)
class Committee:
    """The body that rates, with guests."""

    name: str
    quorum: str
    majority: str
    group_percent_max: int | None
    seats: tuple[Seat, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def voting(self) -> tuple[Seat, ...]:
        """Those who rate."""
        return tuple(seat for seat in self.seats if seat.role != "advisory")

    @property
    def chair(self) -> Seat:
        """Who leads."""
        return next(seat for seat in self.seats if seat.role == "chair")


@dataclass(frozen=True)
class Cure:
    """The office asked for what was missing."""

    sent: date
    due: date
    missing: tuple[str, ...]
    received: date | None


@dataclass(frozen=True)
class Partner:
    """Another body in a proposal: the key of an organisation of the file, or just a name."""

    organisation: str
    name: str
    role: str
    task: str


@dataclass(frozen=True)
class Proposal:
    """A proposal; `columns` are those of its table, `ratings` the marks of each member in the scheme's order.

    `rated_at` is when each of them handed in, which no file says.
    """

    key: str
    organisation: str
    columns: Columns
    submitted_at: datetime | None
    withdrawn_at: datetime | None
    status: str
    failed: tuple[str, ...]
    rejection: str
    cure: Cure | None
    partners: tuple[Partner, ...]
    ratings: Mapping[str, tuple[Decimal | None, ...]]
    stated_rate: Decimal | None
    stated_marks: Mapping[str, Decimal]
    rated_at: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def rejected(self) -> bool:
        """The formal check ended with a refusal."""
        return self.status == "formally_rejected"


@dataclass(frozen=True)
class Resolution:
    """What was resolved, with its votes."""

    number: int
    subject: str
    yes: int
    no: int
    abstain: int
    not_taking_part: tuple[str, ...]
    acting_chair: str
    carried: bool


@dataclass(frozen=True)
class Meeting:
    """The committee's meeting; people by their keys."""

    day: date | None
    place: str
    invited_on: date | None
    chair: str
    secretary: str
    present: tuple[str, ...]
    excused: tuple[str, ...]
    guests: tuple[str, ...]
    resolutions: tuple[Resolution, ...]


@dataclass(frozen=True)
class Competition:
    """A whole competition. Nothing in it is known to the database yet."""

    authority: str
    programme: Programme | None
    showcases: tuple[Programme, ...]
    call: Call
    scheme: Scheme
    committee: Committee
    organisations: tuple[Organisation, ...]
    proposals: tuple[Proposal, ...]
    meeting: Meeting | None
    comments: Mapping[Decimal, str] = field(default_factory=dict)
    expected: Columns = field(default_factory=dict)
