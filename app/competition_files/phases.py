"""Moves a competition in time, so that today lies in one of its phases."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from app.clock import BERLIN
from app.competition_files.checking import day_of
from app.competition_files.faults import CompetitionError
from app.competition_files.parts import Competition
from scoring.errors import fault

PHASES = ("open", "rating", "meeting", "published")
NEEDED = {
    "open": ("deadline",),
    "rating": ("rating_from", "rating_until"),
    "meeting": ("meeting_at",),
    "published": ("results_on",),
}
UNTIL_DEADLINE = timedelta(days=8)


def living(found: Competition, phase: str, now: datetime) -> tuple[Competition, datetime]:
    """The competition with all dates moved so that now lies in the phase, and the moment up to which it has happened.

    Its key gets the phase as ending. Raises CompetitionError where the file lacks the dates for it.
    """
    for name in NEEDED[phase]:
        if found.call.columns[name] is None:
            raise CompetitionError([fault(f"call.dates.{name}", "no_phase", phase=phase)])
    today = now.astimezone(BERLIN).date()
    moved: Competition = shifted(found, (today - anchor(found, phase)).days)
    moved = replace(moved, call=replace(moved.call, key=f"{found.call.key}-{phase}"))
    return moved, datetime.combine(today, datetime.min.time(), BERLIN) if phase == "meeting" else now


def anchor(found: Competition, phase: str) -> date:
    """The day of the file that becomes today."""
    day = day_of(found.call.columns[NEEDED[phase][0]])
    if phase == "open":
        return open_day(day, found.call.published)
    if phase == "rating":
        length: timedelta = found.call.columns["rating_until"] - day
        return day + length // 2
    return day if phase == "meeting" else day + timedelta(days=1)


def open_day(deadline: date, published: datetime | None) -> date:
    """Some days before the deadline, so that some have handed in and others still may."""
    day = deadline - UNTIL_DEADLINE
    return max(day, day_of(published) + (deadline - day_of(published)) // 2) if published else day


def shifted(value: Any, days: int) -> Any:
    """The same with every day and moment moved; the time of day in Germany stays."""
    changed = value
    if isinstance(value, datetime):
        changed = value.astimezone(BERLIN) + timedelta(days=days)
    elif isinstance(value, date):
        changed = value + timedelta(days=days)
    elif isinstance(value, Mapping):
        changed = {key: shifted(one, days) for key, one in value.items()}
    elif isinstance(value, tuple | list):
        changed = type(value)(shifted(one, days) for one in value)
    elif is_dataclass(value) and not isinstance(value, type) and type(value).__module__ == Competition.__module__:
        changed = replace(value, **{one.name: shifted(getattr(value, one.name), days) for one in fields(value)})
    return changed
