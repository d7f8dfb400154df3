"""Single answers, read exactly: text, numbers, days, months between days; and bounds that a call sets."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from scoring.scheme.criteria import exact
from scoring.scheme.grammar import Place

Call: TypeAlias = Mapping[str, object]
"""What a call says, by the names that a form may use as call.NAME; what it does not say binds nobody."""

LARGEST = 10**15
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,20})?")
DEEPEST = 6


class OfCall(NamedTuple):
    """A bound that the call sets: call.NAME."""

    name: str


def blank(given: object, depth: int = 0) -> bool:
    """Whether nothing was said: nothing, spaces, or a list or mapping of nothing else; 0 and false are answers."""
    if isinstance(given, str):
        return not given.strip()
    if isinstance(given, Mapping | list | tuple) and depth < DEEPEST:
        return all(blank(one, depth + 1) for one in (given.values() if isinstance(given, Mapping) else given))
    return given is None


def storable(text: str) -> bool:
    """Whether every character can be kept: no NUL, no half of a pair."""
    return "\x00" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def text(given: object, most: int, at: Place) -> Any:
    """Text whose line ends count one character each, whatever the browser sends."""
    if not isinstance(given, str) or not storable(given):
        return at.fault("type")
    found = given.replace("\r\n", "\n").replace("\r", "\n")
    return at.fault("too_long", size=len(found), most=most) if len(found) > most else found


def number(given: object, decimals: int | None, at: Place) -> Any:
    """A number with at most so many decimals, written with a point; None and a fault for anything else."""
    found = _decimal(given)
    if found is None or (decimals is not None and Fraction(found) * 10**decimals % 1):
        return at.fault("not_a_number")
    if found > LARGEST:
        return at.fault("too_large", found=plain(found), most=LARGEST)
    return at.fault("too_small", found=plain(found), least=-LARGEST) if found < -LARGEST else found


def _decimal(given: object) -> Decimal | None:
    if isinstance(given, float):
        given = format(Decimal(repr(given)), "f")
    elif isinstance(given, int) and not isinstance(given, bool):
        return Decimal(given) if abs(given) < 10**60 else None
    return Decimal(given) if isinstance(given, str) and NUMBER.fullmatch(given) else None


def plain(found: Decimal) -> int | str:
    """A number as it is kept: whole ones as such, others as text without zeros at its end."""
    return int(found) if found == found.to_integral_value() else format(found, "f").rstrip("0")


def shown(found: Fraction) -> int | str:
    """A number exactly, as it can be read again: 12, "0.5", or "1000/3" where no decimals end it."""
    denominator = found.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if found.denominator == 1 or denominator > 1:
        return found.numerator if found.denominator == 1 else str(found)
    digits = found.denominator.bit_length()
    whole, rest = divmod(abs(found.numerator) * 10**digits // found.denominator, 10**digits)
    return f"{'-' * (found < 0)}{whole}.{rest:0{digits}d}".rstrip("0")


def between(found: Any, least: Any, most: Any, at: Place) -> None:
    """Note where a number lies outside its bounds."""
    if found is not None and least is not None and found < least:
        at.fault("too_small", found=plain(Decimal(found)), least=least)
    if found is not None and most is not None and found > most:
        at.fault("too_large", found=plain(Decimal(found)), most=most)


def day(given: object, at: Place) -> Any:
    """A day as YYYY-MM-DD."""
    try:
        found = date.fromisoformat(given) if isinstance(given, str) and DAY.fullmatch(given) else None
    except ValueError:
        found = None
    if found is None:
        return at.fault("type")
    within(found, EARLIEST, LATEST, at)
    return found if EARLIEST <= found <= LATEST else None


def within(found: date | None, first: date | None, last: date | None, at: Place) -> None:
    """Note where a day lies outside its bounds."""
    if found is not None and first is not None and found < first:
        at.fault("before", day=first)
    if found is not None and last is not None and found > last:
        at.fault("after", day=last)


def months(start: date, end: date) -> int:
    """Whole months from the first to the last day, both included: 2026-01-01 to 2028-12-31 are 36."""
    after = end + timedelta(days=1)
    return max(12 * (after.year - start.year) + after.month - start.month - (after.day < start.day), 0)


def day_of(bound: "date | OfCall | None", call: Call) -> date | None:
    """The day of a bound; None where there is none, or the call says none."""
    found = call.get(bound.name) if isinstance(bound, OfCall) else bound
    if isinstance(found, str):
        return day(found, Place("", []))  # type: ignore[no-any-return]
    return found.date() if isinstance(found, datetime) else found if isinstance(found, date) else None


def number_of(bound: "Decimal | int | OfCall | None", call: Call) -> Fraction | None:
    """The number of a bound; None where there is none, or the call says none."""
    found = call.get(bound.name) if isinstance(bound, OfCall) else bound
    try:
        return found if isinstance(found, Fraction) else Fraction(exact(found))
    except ValueError:
        return None
