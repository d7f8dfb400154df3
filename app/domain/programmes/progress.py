"""How far a target is: what was reported last, how much that has changed, which part of the way is done."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from app.domain.programmes.facts import STATUSES, Facts, Region, Target, TargetPart


class Progress(NamedTuple):
    """A target with its parts and the newest report.

    aim is the value that is to be reached, change how much was changed since the baseline (in percent, or in points),
    share how much of the way is done in percent of it; None where it cannot be said. baseline_missing: nothing can be
    said of the way without one.
    """

    target: Target
    parts: list[TargetPart]
    reached: Decimal | None
    reached_on: date | None
    aim: Decimal | None
    change: Decimal | None
    share: Decimal | None

    @property
    def baseline_missing(self) -> bool:
        """Whether it takes a baseline that nobody has stated."""
        return self.target.kind != "absolute" and self.target.baseline is None


def of(facts: Facts) -> list[Progress]:
    """Every target of a programme with how far it is."""
    return [_progress(facts, target) for target in facts.targets]


def _progress(facts: Facts, target: Target) -> Progress:
    reports = [(one.day, place, one.value) for place, one in enumerate(facts.actuals) if one.target == target.key]
    reached_on, _place, reached = max(reports) if reports else (None, 0, None)
    aim, change = _aim(target), _change(target, reached)
    return Progress(
        target,
        [part for part in facts.parts if part.target == target.key],
        reached,
        reached_on,
        aim,
        change,
        _share(target, reached, aim, change),
    )


def _aim(target: Target) -> Decimal | None:
    if target.kind in ("absolute", "level"):
        return target.wanted
    if target.baseline is None:
        return None
    if target.kind == "percentage_points":
        return target.baseline + target.wanted
    return target.baseline * (100 + target.wanted) / 100


def _change(target: Target, reached: Decimal | None) -> Decimal | None:
    """By how much the value has changed since the baseline: in percent of it where a change in percent is wanted."""
    if reached is None or target.baseline is None or target.kind == "absolute":
        return None
    if target.kind == "relative_change":
        return (reached - target.baseline) * 100 / target.baseline if target.baseline else None
    return reached - target.baseline


def _share(target: Target, reached: Decimal | None, aim: Decimal | None, change: Decimal | None) -> Decimal | None:
    if target.kind == "absolute":
        return reached * 100 / target.wanted if reached is not None and target.wanted else None
    if change is None or aim is None or target.baseline is None:
        return None
    way = target.wanted if target.kind != "level" else aim - target.baseline
    return change * 100 / way if way else None


def board(facts: Facts) -> dict[str, list[Region]]:
    """The regions of a roll-out by how far they are, in the order of STATUSES; every status is there."""
    return {status: [one for one in facts.regions if one.status == status] for status in STATUSES}
