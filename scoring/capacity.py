"""What there is to give: places, money, and how many of a kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field

COSTS = {"places": "places", "budget": "grant_requested_cents"}


@dataclass
class Row:
    """A proposal on its way through the list: rank 0 = not ranked; needs by name of a cost; groups by quota column."""

    proposal: str
    rank: int
    scope: str
    needs: Mapping[str, int | None] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    status: str = ""
    code: str = ""
    reason: str = ""


@dataclass
class Capacity:
    """What is left while the list is walked down: places and cents (None = no limit), and the quotas already taken."""

    left: dict[str, int | None]
    quotas: Mapping[str, int | Mapping[str, int]]
    taken: dict[tuple[str, str], int] = field(default_factory=dict)

    def misfit(self, rows: list[Row]) -> str:
        """What keeps these rows together from fitting: places, budget, quota:<column>=<value>, or nothing."""
        for name, left in self.left.items():
            if left is not None and sum(row.needs[name] or 0 for row in rows) > left:
                return name
        for column, most in self.quotas.items():
            for value in sorted({row.groups[column] for row in rows}):
                limit = most.get(value) if isinstance(most, Mapping) else most
                wanted = sum(row.groups[column] == value for row in rows)
                if limit is not None and self.taken.get((column, value), 0) + wanted > limit:
                    return f"quota:{column}={value}"
        return ""

    def take(self, rows: list[Row]) -> None:
        """Give these rows their share."""
        for row in rows:
            for name, left in self.left.items():
                self.left[name] = None if left is None else left - (row.needs[name] or 0)
            for column, value in row.groups.items():
                self.taken[column, value] = self.taken.get((column, value), 0) + 1
