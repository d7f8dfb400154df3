"""Days, moments, money and whole numbers of a competition file, each fault with its place."""

from datetime import date, datetime, time
from decimal import Decimal

from app.clock import BERLIN
from app.domain.competitions.grammar import Reader

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)


def day(read: Reader, key: str, *, required: bool = False) -> date | None:
    """A calendar day such as 2017-10-27."""
    text = words(read, key, required=required)
    if not text:
        return None
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        found = None
    if found is None or not EARLIEST <= found <= LATEST:
        read.fault(key, f"expected a day from 1990 to 2100 such as 2017-10-27, found {text[:40]!r}")
        return None
    return found


def moment(read: Reader, key: str) -> datetime | None:
    """A moment with its zone such as 2017-10-27T12:00:00+02:00."""
    text = words(read, key)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not EARLIEST <= found.date() <= LATEST:
        read.fault(key, f"expected a moment with its zone such as 2017-10-27T12:00:00+02:00, found {text[:40]!r}")
        return None
    return found


def words(read: Reader, key: str, *, required: bool = False, most: int = 300) -> str:
    """Text of a bounded length."""
    text = read.text(key, required=required)
    if len(text) > most:
        read.fault(key, f"has {len(text)} characters, at most {most} fit")
        return ""
    if "\x00" in text:
        read.fault(key, "holds a character that cannot be stored")
        return ""
    return text


def cents(read: Reader, key: str) -> int | None:
    """An amount in euro, as cents."""
    euro = read.number(key)
    if euro is None:
        return None
    amount = euro * 100
    if amount < 0 or amount != amount.to_integral_value():
        read.fault(key, f"expected an amount in euro, at least 0, found {euro}")
        return None
    return int(amount)


def count(read: Reader, key: str, least: int = 0, most: int = 1_000_000) -> int | None:
    """A whole number, or None where it is not given."""
    return read.whole(key, least, least, most) if read.has(key) else None


def on(calendar_day: date, hour: int, minute: int = 0) -> datetime:
    """A time of day in Germany."""
    return datetime.combine(calendar_day, time(hour, minute), BERLIN)


def mark(given: object) -> Decimal | None:
    """A mark as a number, for looking up its wording; None for anything else."""
    try:
        return Decimal(str(given))
    except ArithmeticError:
        return None
