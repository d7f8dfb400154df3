"""Words, dates and money in the reader's language. English stands in the source, German in the catalogue."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date as Date
from datetime import datetime as DateTime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from markupsafe import Markup

from app.clock import BERLIN

LOCALES = ("de", "en")
CATALOGUE = Path(__file__).parent / "locale"

locale: ContextVar[str] = ContextVar("locale", default="de")


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language, compiled from its .po file once a process."""
    source = CATALOGUE / language / "LC_MESSAGES" / "votum.po"
    if not source.exists():
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Words, dates and money in this language for the length of a block, whoever asked for the work."""
    before = locale.set(language)
    try:
        yield
    finally:
        locale.reset(before)


def gettext(message: str) -> str:
    """The message in the reader's language."""
    return translations(locale.get()).gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The message for a number of things, in the reader's language."""
    return translations(locale.get()).ngettext(singular, plural, n)


def later(message: str) -> str:
    """Mark a message for the catalogue that is translated where it is shown."""
    return message


def preferred(header: str) -> str:
    """The language that an Accept-Language header asks for; German where it asks for neither."""
    wishes = []
    for position, part in enumerate(header.split(",")[:20]):
        name, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), position, name[:2].lower()))
        except ValueError:
            continue
    return next((name for _, _, name in sorted(wishes) if name in LOCALES), "de")


def in_language(row: Any, name: str) -> str:
    """The text of a record in the reader's language, or in German where there is no other."""
    return str((_text(row, f"{name}_en") if locale.get() == "en" else "") or _text(row, f"{name}_de") or "")


def _text(row: Any, name: str) -> Any:
    return row[name] if hasattr(row, "keys") else getattr(row, name)


def marked(row: Any, name: str) -> str | Markup:
    """The same for a page: where the reader gets German instead of their own language, the text says that it is."""
    text = in_language(row, name)
    return text if has(row, name) else german(text)


def has(row: Any, name: str) -> bool:
    """Whether a record has a text in the reader's own language."""
    return bool(_text(row, f"{name}_{locale.get()}"))


def german(text: str | None) -> str | Markup:
    """A German text on a page, marked as such for readers of another language, whose screen reader else misreads it."""
    if not text or locale.get() == "de":
        return text or ""
    return Markup('<span lang="de">{}</span>').format(text)


def spoken(text: str, in_german: str) -> str | Markup:
    """A text in the reader's language, marked where it is the German one for want of another."""
    return german(text) if text == in_german else text


def with_german(text: str, phrases: Iterable[str]) -> str | Markup:
    """A sentence in the reader's language in which these phrases are German wherever they stand."""
    found = sorted({phrase for phrase in phrases if phrase in text}, key=len, reverse=True)
    if locale.get() == "de" or not found:
        return text
    pieces = re.split("(" + "|".join(re.escape(phrase) for phrase in found) + ")", text)
    return Markup("").join(german(piece) if piece in found else piece for piece in pieces)


def grouped(text: str) -> str:
    """A plain decimal number with the reader's separators."""
    whole, _, rest = text.partition(".")
    sign, digits = ("−", whole[1:]) if whole.startswith("-") else ("", whole)
    marks = ",." if locale.get() == "en" else ".,"
    shown = f"{int(digits or 0):,}".replace(",", marks[0])
    return f"{sign}{shown}{marks[1] + rest if rest else ''}"


def number(value: int | Decimal | None) -> str:
    """A number as the reader writes it, without decimals that say nothing; a dash for none."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return grouped(text.rstrip("0").rstrip(".") if "." in text else text)
    return "–" if value is None else grouped(str(value))


def points(value: Decimal | None, decimals: int = 2) -> str:
    """Points with a fixed number of decimals, half up; a dash for none."""
    if value is None:
        return "–"
    return grouped(str(value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)))


def bound(asked: tuple[str, Decimal] | None) -> str:
    """What a minimum asks of a mark, such as ≥ 2,5; nothing where there is none."""
    return f"{asked[0]} {number(asked[1])}" if asked else ""


def money(cents: int | None) -> str:
    """An amount in euro; with cents only where there are any."""
    if cents is None:
        return "–"
    euro, rest = divmod(abs(cents), 100)
    text = grouped(f"{'-' if cents < 0 else ''}{euro}{f'.{rest:02}' if rest else ''}")
    return f"€{text}" if locale.get() == "en" else f"{text} €"


SOON = (later("today"), later("tomorrow"))
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def date(value: Date | None) -> str:
    """A calendar day; a dash for none."""
    if value is None:
        return "–"
    if locale.get() == "en":
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    return f"{value.day:02}.{value.month:02}.{value.year}"


def datetime(value: DateTime | None) -> str:
    """A moment in German time with the zone named; a dash for none."""
    if value is None:
        return "–"
    there = value.astimezone(BERLIN)
    summer = bool(there.dst())
    if locale.get() == "en":
        return f"{date(there)}, {there:%H:%M} {'CEST' if summer else 'CET'}"
    return f"{date(there)}, {there:%H:%M} Uhr {'MESZ' if summer else 'MEZ'}"


def when(value: Date | DateTime | tuple[Date, Date] | None) -> str:
    """A day, a moment, or a span from one day to another; nothing for none."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return f"{date(value[0])} – {date(value[1])}"
    return datetime(value) if isinstance(value, DateTime) else date(value)


def left(until: Date, now: DateTime) -> str:
    """How long it is until a day or a moment, counted in German days; nothing once it is over."""
    moment = until if isinstance(until, DateTime) else None
    days = ((moment.astimezone(BERLIN).date() if moment else until) - now.astimezone(BERLIN).date()).days
    if days < 0 or (moment and moment <= now):
        return ""
    if days < len(SOON):
        return gettext(SOON[days])
    return ngettext("%(num)s day left", "%(num)s days left", days) % {"num": days}


def clock_time(value: DateTime) -> str:
    """The time of day in Germany with seconds, for 'saved at'."""
    return f"{value.astimezone(BERLIN):%H:%M:%S}"


def sort_key(text: str) -> str:
    """The order of German words after DIN 5007-1: ä like a, ß like ss, capitals like small letters."""
    return text.casefold().translate(_BASE_LETTERS)


_BASE_LETTERS = str.maketrans("äöüàáâèéêëìíîïòóôùúûçñ", "aouaaaeeeeiiiiooouuucn")
