"""What a ranking says: its lines, the marks behind them, and the seal under it."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from app.database import Record
from app.domain.proposals import Facts
from app.errors import NotFound
from app.i18n import later

STATUSES = {
    "recommended": later("recommended"),
    "recommended_with_conditions": later("recommended with conditions"),
    "reserve": later("reserve list"),
    "not_recommended": later("not recommended"),
    "rejected_formally": later("formally rejected"),
    "withdrawn": later("withdrawn"),
    "": later("formal check not finished"),
}
RECOMMENDED = ("recommended", "recommended_with_conditions")
UNRANKED = ("no_rating", "too_few_ratings", "no_mark")


class Placed(msgspec.Struct, frozen=True, gc=False):
    """One proposal's line: what it asks for, how it was rated, where it stands and what follows. Money in cents.

    facts: its numbers as `proposals.facts` gives them, from which the list was computed.
    """

    id: int
    proposal: str
    organisation: str
    title: str
    field: str
    region: str
    places: int
    grant_cents: int
    grant_per_place_month: Decimal | None
    status: str
    automatic: str
    reason_code: str = ""
    reason: str = ""
    rank: int | None = None
    tied: bool = False
    total: Decimal | None = None
    means: dict[str, Decimal | None] = {}
    spread: Decimal | None = None
    valid_reviews: int = 0
    passed: bool | None = None
    failed: list[str] = []
    decided_by: str = ""
    near_threshold: bool = False
    notes: list[str] = []
    cumulative_places: int | None = None
    cumulative_cents: int | None = None
    start_date: date | None = None
    conditions: str = ""
    reasons: str = ""
    version: int = 0
    facts: Facts = {}

    @property
    def departure(self) -> str:
        """The status that the ranking alone gave, where the committee recommends another; conditions are no other."""
        followed = self.status == self.automatic or (self.status in RECOMMENDED and self.automatic in RECOMMENDED)
        return "" if followed else self.automatic

    @property
    def numbers(self) -> Facts:
        """The facts; of a list that was sealed before it held them, those that it was computed from."""
        return self.facts or {
            "places": self.places,
            "grant_requested_cents": self.grant_cents,
            "grant_per_place_month": self.grant_per_place_month,
        }


class Mark(Record, omit_defaults=True):
    """One mark as it was given; `counts` is False for a member who was biased.

    after_seeing: it was changed after the others' marks could be seen.
    """

    proposal: str
    member: str
    criterion: str
    value: Decimal | None
    not_assessable: bool
    comment: str
    counts: bool
    after_seeing: bool = False


class Ranking(msgspec.Struct, frozen=True):
    """The list of a call with everything that is needed to compute it again."""

    call: str
    title: str
    scheme: dict[str, Any]
    scheme_sha256: str
    places_max: int | None
    budget_max_cents: int | None
    fill_rule: str
    earliest_start: date | None
    lines: list[Placed]
    marks: list[Mark]
    seed: str = ""
    version: int = 0
    sha256: str = ""

    @property
    def recommended(self) -> list[Placed]:
        """The recommended lines in the order of their ranks."""
        return [line for line in self.lines if line.status in RECOMMENDED]

    @property
    def last_recommended(self) -> Placed | None:
        """The line behind which the recommendation ends; None where departures leave no one place at which it does."""
        chosen = self.recommended
        return chosen[-1] if chosen and self.lines[: len(chosen)] == chosen else None

    def line(self, proposal: str) -> Placed:
        """The line of a proposal by its key; raises NotFound."""
        for line in self.lines:
            if line.proposal == proposal:
                return line
        raise NotFound


class Seal(Record):
    """That a ranking was frozen: its number in the call, when, by whom and why, and its fingerprint."""

    id: int
    number: int
    at: datetime
    by: str
    why: str
    sha256: str


class Frozen(msgspec.Struct, frozen=True):
    """A frozen ranking: its seal and the list itself."""

    seal: Seal
    ranking: Ranking


def packed(ranking: Ranking) -> tuple[str, str]:
    """The list as text that is the same for the same list, and its SHA-256."""
    long = {name: _in_pieces(getattr(ranking, name)) for name in ("lines", "marks")}
    text = _JSON.encode(msgspec.structs.replace(ranking, version=0, sha256="", **long))
    return text.decode(), sha256(text).hexdigest()


def _in_pieces(items: Iterable[Any]) -> msgspec.Raw:
    """A long list as JSON; between two pieces, the event loop beside this thread gets its turn."""
    return msgspec.Raw(b"[" + b",".join(map(_JSON.encode, items)) + b"]")


_JSON = msgspec.json.Encoder(order="deterministic")
