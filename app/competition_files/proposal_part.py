"""The proposals of a `competition/1` document: content, money, formal check, marks."""

import json
from dataclasses import dataclass, field, fields, replace
from typing import Any

from app.competition_files.parts import Cure, Partner, Proposal
from app.competition_files.values import DAY, KEY, LINE, LONG, MOMENT, NAMED, PARAGRAPH, SHORT, Cents, Unchanged
from app.domain.rating_schemes import Criterion, Scheme
from scoring.scheme.grammar import (
    FLAT,
    NAME,
    Each,
    Kind,
    Number,
    OneOf,
    Part,
    Place,
    Text,
    Told,
    Values,
    Whole,
    described,
)

COSTS = ("personnel_instruction", "material", "work_clothes", "travel", "other_direct", "overhead")
FINANCING = ("requested_grant", "jobcenter_share", "own_funds", "third_party")
STATUSES = ("draft", "submitted", "rated", "formally_rejected", "withdrawn")


@dataclass(frozen=True)
class Marks(Kind):
    """A member's marks in the order of the criteria that people rate; a blank means: cannot be judged."""

    rules: Scheme | None
    null: bool = field(default=False, kw_only=True)

    def value(self, given: object, at: Place) -> Any:
        if not isinstance(given, list):
            return at.fault("not_a_list", found=described(given))
        asked = self.rules.rated_criteria if self.rules else ()
        if self.rules and len(given) != len(asked):
            return at.fault("marks", most=len(asked), number=len(given))
        pairs = zip(asked, given, strict=bool(self.rules))
        return tuple(_points(criterion, one, at.item(index)) for index, (criterion, one) in enumerate(pairs))

    def told(self) -> Told:
        return {"type": "array"}


def _points(criterion: Criterion, given: object, at: Place) -> Any:
    try:
        return None if given is None else criterion.points(given)
    except ValueError:
        return at.fault("off_scale", found=described(given), key=criterion.key, allowed=criterion.allowed)


def _sum(found: dict[str, Any], at: Place) -> dict[str, Any]:
    total, reached = found.pop("total"), sum(found.values())
    if total not in (None, reached):
        at.fault("parts_differ", "total", stated=_euro(total), reached=_euro(reached))
    return found


def _balance(found: dict[str, Any], at: Place) -> Any:
    costs, financing = found.pop("costs"), found.pop("financing")
    if sum(costs.values()) != sum(financing.values()):
        at.fault("unbalanced", costs=_euro(sum(costs.values())), financing=_euro(sum(financing.values())))
    return found | costs | financing


def _euro(cents: int) -> str:
    return f"{cents / 100:.2f}"


def _amounts(names: tuple[str, ...]) -> Part:
    """One side of a finance plan by column; its stated total must be its sum."""
    each = {name: Cents(default=0, name=f"{name.removesuffix('_instruction')}_cents") for name in names}
    return Part(dict, each | {"total": Cents()}, _sum)


def _target(**found: object) -> dict[str, object]:
    """The day stays a day until it is stored."""
    return {key: value for key, value in found.items() if value is not None or key == "due"}


def _proposal(status: str | None, ratings: dict[str, Any] | None, **found: Any) -> Proposal:
    own = {one.name: found.pop(one.name) for one in fields(Proposal) if one.name in found}
    found |= {key: json.dumps(found[key], ensure_ascii=False) for key in ("sites", "attachments")}
    status = status or ("submitted" if ratings is None else "rated")
    return Proposal(columns=found, status=status, ratings=ratings or {}, **own)


FINANCE = {
    **{"costs": _amounts(COSTS), "financing": _amounts(FINANCING)},
    "grant_per_place_month": Number(name="stated_rate"),
}
NEEDED = replace(DAY, required=True)
CURE = Part(Cure, {"sent": NEEDED, "due": NEEDED, "missing": Each(NAME), "received": DAY}, default=None, name="cure")
FORMAL = {"failed": Each(NAME), "text_de": replace(PARAGRAPH, name="rejection"), "cure_request": CURE}
PERIOD = {"start": replace(DAY, name="starts_on"), "end": replace(DAY, name="ends_on")}
TARGET = {
    **{"key": SHORT, "label_de": replace(LINE, required=True)},
    **dict.fromkeys(("label_en", "unit", "kind"), replace(SHORT, default=None)),
    **{"baseline": Unchanged(), "target": Unchanged(), "due": DAY},
}
PARTNER = {
    **{"organisation": Text(20), "name": NAMED, "task": PARAGRAPH},
    "role": Text(60, default="cooperation_partner"),
}
CONTENT = {
    **{"title": replace(NAMED, required=True), "summary": LONG, "field_of_activity": Text(80, name="field")},
    **{"region": Text(120), "sites": Each(NAME), "places": Whole(0, 100_000, null=True)},
    "individual_months_max": Whole(1, 600, null=True, name="individual_months"),
    **{"period": Part(dict, PERIOD, name=FLAT), "targets": Each(Part(_target, TARGET)), "attachments": Each(NAME)},
    "finance": Part(dict, FINANCE, _balance, name=FLAT),
}
COURSE = {
    **{"submitted_at": MOMENT, "withdrawn_at": MOMENT, "status": OneOf(STATUSES)},
    **{"formal": Part(dict, FORMAL, name=FLAT), "partners": Each(Part(Partner, PARTNER))},
    "auto": Values(Number(), name="stated_marks"),
}


def proposal(rules: Scheme | None) -> Part:
    """A proposal that is rated by this scheme; without one its marks are not looked at."""
    own = {"key": KEY, "organisation": replace(LINE, required=True), "ratings": Values(Marks(rules), default=None)}
    return Part(_proposal, own | CONTENT | COURSE)
