"""The kinds of fields: how people in Germany type a text, a number, an amount, a day, a moment."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from app import addresses, clock
from app.i18n import gettext as _
from app.i18n import grouped
from app.web.forms import Field


def text(most: int, *, required: bool = False, lines: bool = False) -> Field:
    """A text of at most so many characters; on one line unless `lines`."""

    def parse(typed: str) -> str:
        if len(typed) > most:
            raise ValueError(
                _("Please shorten this to %(most)s characters; it has %(now)s.")
                % {"most": grouped(str(most)), "now": grouped(str(len(typed)))}
            )
        return typed if lines else " ".join(typed.split())

    return Field(parse, required=required, empty="")


def email(*, required: bool = True) -> Field:
    """One e-mail address, in lower case."""
    return Field(addresses.of, required=required, empty="")


def integer(least: int = 0, most: int = 1_000_000, *, required: bool = False) -> Field:
    """A whole number between two bounds; thousands may be separated."""

    def parse(typed: str) -> int:
        plain = typed.replace(" ", "").replace("\u00a0", "")
        whole = len(plain) < 20 and re.fullmatch(grouped_by("."), plain, re.ASCII)
        if not whole or not least <= int(plain.replace(".", "")) <= most:
            raise ValueError(
                _("Please enter a whole number from %(least)s to %(most)s.")
                % {"least": grouped(str(least)), "most": grouped(str(most))}
            )
        return int(plain.replace(".", ""))

    return Field(parse, required=required)


def money(*, required: bool = False, most: int = 10**12) -> Field:
    """An amount in euro, in German or English notation, as integer cents."""

    def parse(typed: str) -> int:
        cents = euro_to_cents(typed)
        if cents is None or not 0 <= cents <= most:
            raise ValueError(_("Please enter an amount in euro such as 1250 or 1.250,50."))
        return cents

    return Field(parse, required=required)


def euro_to_cents(typed: str) -> int | None:
    """Cents of an amount written 1250, 1.250,50 or 1,250.50; None where it is none, such as 0,005 or 1.25.0."""
    plain = typed.replace("€", "").replace(" ", "").replace("\u00a0", "")
    for thousands, decimal in (".,", ",."):
        read = re.fullmatch(rf"{grouped_by(thousands)}(?:\{decimal}(\d{{1,2}}))?", plain, re.ASCII)
        if read and len(plain) < 20:
            return int(read[1].replace(thousands, "")) * 100 + int((read[2] or "").ljust(2, "0"))
    return None


def grouped_by(thousands: str) -> str:
    """A pattern of whole numbers, plain or with every three digits set apart; a 1.5 is none."""
    return rf"(\d+|[1-9]\d{{0,2}}(?:\{thousands}\d{{3}})+)"


def number(*, required: bool = False, least: Decimal | None = None) -> Field:
    """A number of at most two decimals in German or English notation, with a sign before it where it may have one."""

    def parse(typed: str) -> Decimal:
        sign, plain = (-1, typed[1:]) if typed[0] in "-−" else (1, typed.removeprefix("+"))
        hundredths = euro_to_cents(plain)
        if "€" in typed or hundredths is None or hundredths > 10**14:
            raise ValueError(_("Please enter a number such as 10 or 0,5."))
        value = Decimal(sign * hundredths) / 100
        if least is not None and value < least:
            raise ValueError(_("Please enter a number of at least %(least)s.") % {"least": least})
        return value

    return Field(parse, required=required)


def lines(most: int) -> Field:
    """Several short texts, one a line; of at most so many characters in all."""

    def parse(typed: str) -> tuple[str, ...]:
        whole = text(most, lines=True).parse(typed)
        return tuple(line for one in whole.split("\n") if (line := " ".join(one.split())))

    return Field(parse, empty=())


def day(*, required: bool = False) -> Field:
    """A calendar day, as the browser's picker sends it or as 31.12.2026."""

    def parse(typed: str) -> date:
        for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
            try:
                return datetime.strptime(typed, pattern).date()
            except ValueError:
                continue
        raise ValueError(_("Please enter a date such as 31.12.2026."))

    return Field(parse, required=required)


def moment(*, required: bool = False) -> Field:
    """A day and time in Germany, as an aware moment in UTC."""

    def parse(typed: str) -> datetime:
        for pattern in ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M"):
            try:
                naive = datetime.strptime(typed, pattern)
            except ValueError:
                continue
            return in_germany(naive)
        raise ValueError(_("Please enter a date and time such as 31.12.2026 12:00."))

    return Field(parse, required=required)


def in_germany(naive: datetime) -> datetime:
    """The moment at which German clocks show this; refuses the hour that summer time skips and the one it repeats."""
    there = naive.replace(tzinfo=clock.BERLIN)
    at = there.astimezone(UTC)
    if at.astimezone(clock.BERLIN).replace(tzinfo=None) != naive:
        raise ValueError(_("This time does not exist: clocks are put forward in this night."))
    if there.utcoffset() != there.replace(fold=1).utcoffset():
        raise ValueError(_("This time comes twice: clocks are put back in this night. Please choose another hour."))
    return at


def choice(options: Mapping[str, str], *, required: bool = True) -> Field:
    """One of some options, by its key; each has its words."""

    def parse(typed: str) -> str:
        if typed not in options:
            raise ValueError(_("Please choose one of the options."))
        return typed

    return Field(parse, required=required, empty="", words=options)


def checked() -> Field:
    """A box: True when it is checked."""
    return Field(lambda typed: typed in ("1", "on", "true", "yes"), empty=False)


def password() -> Field:
    """A password as typed; never stripped, never shown again."""
    return Field(lambda typed: typed, required=True)
