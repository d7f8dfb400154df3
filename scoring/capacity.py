"""What there is to give: places, money, and how many of a kind."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np

from scoring.errors import ScoresError

COSTS = {"places": "places", "budget": "grant_requested_cents"}

Kind = tuple[str, str]
"""A quota column and a value of it."""
Quotas = Mapping[str, int | Mapping[str, int | Mapping[str, int]]]


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
    """What is left while the list is walked down.

    left: places and cents (None = no limit). most: how many of a kind may still be recommended; least: how many of a
    kind must still be.
    """

    left: dict[str, int | None]
    most: dict[Kind, int]
    least: dict[Kind, int]

    @property
    def short(self) -> list[Kind]:
        """The kinds of which more must be recommended."""
        return [kind for kind, number in self.least.items() if number]

    def misfit(self, group: list[Row], behind: list[Row]) -> str:
        """What keeps these rows together from fitting: places, budget, quota:<kind>, kept_for:<kind>, or nothing."""
        for name, left in self.left.items():
            if left is not None and sum(row.needs[name] or 0 for row in group) > left:
                return name
        for kind in _kinds(group):
            if kind in self.most and sum(kind in row.kinds for row in group) > self.most[kind]:
                return f"quota:{shown(kind)}"
        if self.short:
            rest = deepcopy(self)
            rest.take(group)
            if not rest.can_keep(behind):
                return f"kept_for:{', '.join(shown(kind) for kind in rest.short)}"
        return ""

    def take(self, group: list[Row]) -> None:
        """Give these rows their share."""
        for row in group:
            for name, left in self.left.items():
                self.left[name] = None if left is None else left - (row.needs[name] or 0)
            for kind in row.kinds:
                if kind in self.most:
                    self.most[kind] -= 1
                self.least[kind] = max(self.least.get(kind, 0) - 1, 0)

    def wanted(self, group: list[Row]) -> bool:
        """Whether some of these rows belong to a kind of which more must be recommended."""
        return any(row.kinds.intersection(self.short) for row in group)

    def can_keep(self, behind: list[Row]) -> bool:
        """Whether what is left suffices for every minimum with some choice of the rows behind."""
        rows = [row for row in behind if row.kinds.intersection(self.short)]
        return _feasible(self, rows) if rows else not self.short


def _feasible(capacity: Capacity, rows: list[Row]) -> bool:
    """Whether a choice of rows meets every minimum within every limit: 0/1 programming, exact for whole numbers."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    lines, lower, upper = [], [], []
    for kind in _kinds(rows):
        lines.append([float(kind in row.kinds) for row in rows])
        lower.append(capacity.least.get(kind, 0))
        upper.append(capacity.most.get(kind, len(rows)))
    for name, left in capacity.left.items():
        if left is not None:
            lines.append([float(row.needs[name] or 0) for row in rows])
            lower.append(0)
            upper.append(left)
    limits = LinearConstraint(np.array(lines), np.array(lower, dtype=float), np.array(upper, dtype=float))
    whole = np.ones(len(rows), dtype=np.int64)
    return bool(milp(whole.astype(float), constraints=limits, integrality=whole, bounds=Bounds(0, 1)).success)


def capacity_of(left: dict[str, int | None], quotas: Quotas, rows: list[Row]) -> tuple[Capacity, list[str]]:
    """The capacity of one ranking and what is amiss with its minima: those that too few proposals could meet.

    Such a minimum is lowered to what there is. Raises ScoresError where places or money cannot meet the minima.
    """
    most, least, amiss = {}, {}, []
    for kind, low, high in _limits(quotas, rows):
        available = sum(kind in row.kinds for row in rows)
        if low > available:
            amiss.append(f"{shown(kind)}: at least {low} wanted, {available} can be recommended")
        if high is not None:
            most[kind] = high
        least[kind] = min(low, available)
    found = Capacity(left, most, least)
    if not found.can_keep(rows):
        raise ScoresError([("quotas", "places and money do not suffice for the minima of the quotas")])
    return found, amiss


def _limits(quotas: Quotas, rows: list[Row]) -> Iterable[tuple[Kind, int, int | None]]:
    """Every kind with its minimum and maximum."""
    for column, rule in quotas.items():
        values = {value for name, value in _kinds(rows) if name == column}
        by_value = rule if isinstance(rule, Mapping) else dict.fromkeys(sorted(values), rule)
        for value, limit in by_value.items():
            both = limit if isinstance(limit, Mapping) else {"max": limit}
            yield (column, value), both.get("min", 0), both.get("max")


def refuse_quotas(quotas: Quotas) -> None:
    """ScoresError for a quota that is no whole number from 0 on, an unknown word, or a minimum above its maximum."""
    for column, rule in quotas.items():
        for value, limit in (rule if isinstance(rule, Mapping) else {"": rule}).items():
            both = limit if isinstance(limit, Mapping) else {"max": limit}
            numbers = list(both.values())
            wrong = [one for one in numbers if isinstance(one, bool) or not isinstance(one, int) or one < 0]
            if (
                wrong
                or not both
                or set(both) - {"min", "max"}
                or both.get("min", 0) > both.get("max", both.get("min", 0))
            ):
                place = f"quotas, {column}" + (f"={value}" if value else "")
                raise ScoresError([(place, f"expected a maximum, or min and max from 0 on; found {limit!r}")])


def _kinds(rows: list[Row]) -> list[Kind]:
    return sorted({kind for row in rows for kind in row.kinds})


def shown(kind: Kind) -> str:
    """A kind in words: region=North."""
    return f"{kind[0]}={kind[1]}"
