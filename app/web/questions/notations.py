"""How people in Germany and elsewhere type a number, an amount, a day, a yes; and how they read it again."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from app.forms import values
from app.i18n import gettext as _
from app.i18n import grouped, ngettext
from app.web import fields

FINEST = 20
SIGNS = str.maketrans({"−": "-", "–": "-"})
SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")
MARKS = {"de": ((".", ","), (",", ".")), "en": ((",", "."), (".", ","))}
"""Thousands and decimals: first as the page was written, then as the other language writes them."""


def number(typed: str, decimals: int | None, notation: str) -> int | str:
    """A number as it is kept; refused where it is none, or finer than it may be."""
    plain = _plain(SPACES.sub("", typed).removesuffix("%"), FINEST, notation)
    if plain is None or len(plain.partition(".")[0]) > 40:
        raise ValueError(_no_number(decimals))
    if decimals is not None and len(plain.partition(".")[2].rstrip("0")) > decimals:
        raise ValueError(_no_number(decimals))
    return values.plain(Decimal(plain))


def _no_number(decimals: int | None) -> str:
    if decimals == 0:
        return _("Please enter a whole number, such as 12.")
    if decimals is None:
        return _("Please enter a number, such as %(number)s.") % {"number": grouped("2.5")}
    return ngettext(
        "Please enter a number with at most %(num)s decimal place, such as %(number)s.",
        "Please enter a number with at most %(num)s decimal places, such as %(number)s.",
        decimals,
    ) % {"num": decimals, "number": grouped("2.5")}


def _plain(typed: str, most: int, notation: str) -> str | None:
    """A number with a point and nothing else; None where neither notation reads it."""
    found = typed.translate(SIGNS)
    sign, digits = ("-" if found.startswith("-") else ""), found.removeprefix("-")
    for thousands, decimal in MARKS.get(notation, MARKS["de"]):
        read = re.fullmatch(rf"{fields.grouped_by(thousands)}(?:\{decimal}(\d{{1,{most}}}))?", digits, re.ASCII)
        if read:
            return f"{sign}{read[1].replace(thousands, '')}{'.' + read[2] if read[2] else ''}"
    return None


def typed_number(said: Any) -> str:
    """A kept number as the reader would type it; what is none stays as it is."""
    plain = format(Decimal(repr(said)), "f") if isinstance(said, float) else str(said)
    return grouped(plain) if values.NUMBER.fullmatch(plain) else plain


def cents(typed: str, notation: str) -> int:
    """An amount in euro as integer cents."""
    bare = re.sub(r"(?i)€|euro|eur", "", SPACES.sub("", typed))
    plain = _plain(bare, 2, notation)
    if plain is None or len(plain) > 40:
        raise ValueError(_("Please enter an amount in euro such as 1250 or 1.250,50."))
    euro, _point, rest = plain.partition(".")
    return int(euro + rest.ljust(2, "0"))


def typed_cents(said: Any) -> str:
    """A kept amount as the reader would type it; cents only where there are any."""
    if not isinstance(said, int) or isinstance(said, bool):
        return typed_number(said)
    euro, rest = divmod(abs(said), 100)
    return grouped(f"{'-' if said < 0 else ''}{euro}{f'.{rest:02}' if rest else ''}")


def day(typed: str) -> str:
    """A day as YYYY-MM-DD."""
    found: date = fields.day().parse(typed)
    return found.isoformat()
