"""What there is to give: places, money, and how many of a kind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scoring.errors import ScoresError
from scoring.marks.frames import label

COSTS = {"places": "places", "budget": "grant_requested_cents"}

Kind = tuple[str, str]
"""A quota column and a value of it."""
Quotas = Mapping[str, int | Mapping[str, int]]


@dataclass
class Row:
    """A proposal on its way through the list: rank 0 = not ranked; needs by name of a cost; kinds it belongs to."""

    proposal: str
    rank: int
    scope: str
    needs: Mapping[str, int | None] = field(default_factory=dict)
    kinds: frozenset[Kind] = frozenset()
    status: str = ""
    code: str = ""
    reason: str = ""


@dataclass
class Capacity:
    """What is left while the list is walked down: places and cents (None = no limit), and of each kind with a quota."""

    left: dict[str, int | None]
    most: dict[Kind, int]

    def misfit(self, group: list[Row]) -> str:
        """What keeps these rows together from fitting: places, budget, quota:<column>=<value>, or nothing."""
        for name, left in self.left.items():
            if left is not None and sum(row.needs[name] or 0 for row in group) > left:
                return name
        for kind in _kinds(group):
            if kind in self.most and sum(kind in row.kinds for row in group) > self.most[kind]:
                return f"quota:{kind[0]}={kind[1]}"
        return ""

    def take(self, group: list[Row]) -> None:
        """Give these rows their share."""
        for row in group:
            for name, left in self.left.items():
                self.left[name] = None if left is None else left - (row.needs[name] or 0)
            for kind in row.kinds.intersection(self.most):
                self.most[kind] -= 1


def capacity_of(left: dict[str, int | None], quotas: Quotas, rows: list[Row]) -> Capacity:
    """The capacity of one ranking before anything is given."""
    most: dict[Kind, int] = {}
    for column, rule in quotas.items():
        values = [value for name, value in _kinds(rows) if name == column]
        by_value = rule if isinstance(rule, Mapping) else dict.fromkeys(values, rule)
        most |= {(column, label(value)): limit for value, limit in by_value.items()}
    return Capacity(left, most)


def is_limit(given: object) -> bool:
    """Whether it is a whole number from 0 on that 64 bits can hold."""
    return isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 2**63


def refuse_quotas(quotas: Quotas) -> None:
    """ScoresError for a quota that is no whole number from 0 on."""
    if not isinstance(quotas, Mapping):
        raise ScoresError([("quotas", f"expected limits by column, found {quotas!r}")])
    for column, rule in quotas.items():
        if not isinstance(column, str):
            raise ScoresError([("quotas", f"{column!r} is no name of a column")])
        limits: Iterable[tuple[str, object]] = rule.items() if isinstance(rule, Mapping) else [("", rule)]
        for value, limit in limits:
            if not is_limit(limit):
                place = f"quotas, {column}" + (f"={value}" if isinstance(rule, Mapping) else "")
                problem = f"expected the most that may be recommended, found {limit!r}; for minima there is select"
                raise ScoresError([(place, problem)])


def _kinds(rows: list[Row]) -> list[Kind]:
    return sorted({kind for row in rows for kind in row.kinds})
