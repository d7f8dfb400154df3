"""Where a proposal stands: computed here, once, from what has happened; whatever shows it asks here."""

from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

from app import clock
from app.domain import calls
from app.domain.proposals.reading import Own
from app.i18n import gettext as _
from app.i18n import later

State = Literal[
    "draft",
    "late",
    "submitted",
    "curing",
    "cure_over",
    "cured",
    "admitted",
    "in_rating",
    "rejected_formally",
    "withdrawn",
    "recommended",
    "recommended_with_conditions",
    "reserve",
    "not_recommended",
    "not_ranked",
]
STATES: dict[State, str] = {
    "draft": later("Draft"),
    "late": later("Not handed in"),
    "submitted": later("Handed in"),
    "curing": later("Something is missing"),
    "cure_over": later("Something was missing"),
    "cured": later("Answer received"),
    "admitted": later("Admitted to the rating"),
    "in_rating": later("In rating"),
    "rejected_formally": later("Formally rejected"),
    "withdrawn": later("Withdrawn"),
    "recommended": later("Recommended"),
    "recommended_with_conditions": later("Recommended with conditions"),
    "reserve": later("Reserve list"),
    "not_recommended": later("Not recommended"),
    "not_ranked": later("Not ranked"),
}
KINDS: dict[State, str] = {
    "curing": "warning",
    "cure_over": "warning",
    "admitted": "success",
    "rejected_formally": "danger",
    "recommended": "success",
    "recommended_with_conditions": "success",
    "late": "neutral",
    "withdrawn": "neutral",
    "not_recommended": "neutral",
    "not_ranked": "neutral",
}
"""Which tone a state has; info where nothing is said."""


class Checked(Protocol):
    """Whatever carries how far the formal check of a submitted proposal is."""

    @property
    def withdrawn_at(self) -> datetime | None: ...
    @property
    def cure_due(self) -> date | None: ...
    @property
    def answered_at(self) -> datetime | None: ...
    @property
    def admitted(self) -> bool | None: ...


class Standing(Checked, Protocol):
    """Whatever carries where a proposal stands."""

    @property
    def submitted_at(self) -> datetime | None: ...


class Step(NamedTuple):
    """A step of the procedure: when it was, or is expected; done, current or todo."""

    label: str
    when: date | datetime | tuple[date, date] | None
    state: str


def state(row: Standing, call: calls.Dated, outcome: State | None = None, at: datetime | None = None) -> State:
    """One of STATES, from the proposal's facts and the dates of its call.

    outcome: what the published result says of it, None before the publication: until then nothing of a ranking shows.
    """
    now = at or clock.now()
    if not row.submitted_at:
        return "late" if call.deadline and now >= call.deadline else "draft"
    checked = formal_state(row, now)
    if checked != "admitted":
        return checked
    return outcome or ("in_rating" if calls.phase(call, now) in ("rating", "deciding", "result") else "admitted")


def formal_state(row: Checked, at: datetime | None = None) -> State:
    """How far the formal check of a submitted proposal is: withdrawn, admitted, rejected_formally, submitted
    (nobody has looked at it), curing, cure_over or cured.
    """
    if row.withdrawn_at:
        return "withdrawn"
    if row.admitted is not None:
        return "admitted" if row.admitted else "rejected_formally"
    if row.answered_at:
        return "cured"
    if row.cure_due:
        return "curing" if may_cure(row, at) else "cure_over"
    return "submitted"


def may_cure(row: Checked, at: datetime | None = None) -> bool:
    """Whether something was asked for, has not arrived, and its last day is not over."""
    today = (at or clock.now()).astimezone(clock.BERLIN).date()
    return row.cure_due is not None and not row.answered_at and today <= row.cure_due


def course(row: Own, at: datetime | None = None) -> list[Step]:
    """The way of a submitted proposal: received, formally checked, in rating, result. A rejection ends it."""
    received = Step(_("Received"), row.submitted_at, "done")
    if row.admitted is None:
        check = Step(_("Formal check"), row.formal_check_until, "current")
    elif row.admitted:
        check = Step(_("Formally checked: admitted"), row.decided_at, "done")
    else:
        return [received, Step(_("Formally rejected"), row.decided_at, "done")]
    return [received, check, _rating(row, at), _result(row)]


def _rating(row: Own, at: datetime | None) -> Step:
    if closed := row.rating_closed_at or row.result_at:
        return Step(_("Rating by the committee"), closed, "done")
    began = row.admitted and calls.phase(row, at) == "rating"
    window = (row.rating_from, row.rating_until) if row.rating_from and row.rating_until else None
    return Step(_("Rating by the committee"), window, "current" if began else "todo")


def _result(row: Own) -> Step:
    if row.result_at:
        return Step(_("Result published"), row.result_at, "done")
    return Step(_("Result"), row.results_on, "current" if row.admitted and row.rating_closed_at else "todo")
