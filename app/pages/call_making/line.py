"""The time line of a call, drawn from its dates: one row a step, a bar from when to when or a point."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from app import clock, i18n
from app.i18n import gettext as _
from app.i18n import later

ROWS: tuple[tuple[str, str, str], ...] = (  # what, from when, until when; a point where both are one
    (later("Open for proposals"), "opens_at", "deadline"),
    (later("Information event"), "information_event_at", "information_event_at"),
    (later("Questions possible until"), "questions_until", "questions_until"),
    (later("Formal check"), "deadline", "formal_check_until"),
    (later("Cure period until"), "cure_until", "cure_until"),
    (later("Rating by the committee"), "rating_from", "rating_until"),
    (later("Meeting of the committee"), "meeting_at", "meeting_at"),
    (later("Letters sent"), "notices_on", "notices_on"),
    (later("Result published"), "results_on", "results_on"),
    (later("Formal application until"), "application_until", "application_until"),
    (later("Earliest start"), "earliest_start", "earliest_start"),
)
LEAST = 1.5  # percent of the width: what is shorter is still seen


class Drawn(NamedTuple):
    """One row: what, when, and where its bar begins and how wide it is, in percent of the whole."""

    label: str
    when: str
    x: float
    width: float


class Line(NamedTuple):
    """The rows, the first and the last day, and where today is in percent; None where it lies outside."""

    rows: list[Drawn]
    first: date
    last: date
    today: float | None


def drawn(dates: Mapping[str, Any]) -> Line | None:
    """The time line of these dates; None where there are fewer than two."""
    spans = [(label, start, end) for label, *names in ROWS if (span := _span(dates, *names)) for start, end in [span]]
    days = sorted({_day(one) for _label, start, end in spans for one in (start, end)})
    if len(days) < 2:
        return None
    first, whole = days[0], (days[-1] - days[0]).days
    rows = [_row(label, start, end, first, whole) for label, start, end in spans]
    today = 100 * (clock.today() - first).days / whole
    return Line(rows, first, days[-1], round(today, 1) if 0 <= today <= 100 else None)


def _span(dates: Mapping[str, Any], start: str, end: str) -> tuple[date, date] | None:
    """From when to when; where only one of both is known, that one."""
    first, last = dates.get(start), dates.get(end)
    if last is None and (first is None or start == "deadline"):
        return None
    first, last = first or last, last or first
    return (first, last) if first and last and _day(first) <= _day(last) else None


def _row(label: str, start: date, end: date, first: date, whole: int) -> Drawn:
    x = 100 * (_day(start) - first).days / whole
    width = max(100 * (_day(end) - _day(start)).days / whole, LEAST)
    when = i18n.when(end) if start == end else i18n.when((_day(start), _day(end)))
    return Drawn(_(label), when, round(min(x, 100 - width), 1), round(width, 1))


def _day(when: date) -> date:
    return when.astimezone(clock.BERLIN).date() if isinstance(when, datetime) else when
