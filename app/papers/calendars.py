"""The dates of a call as a calendar (RFC 5545), in the reader's language."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from app import i18n
from app.domain.calls import Call
from app.i18n import gettext as _
from app.i18n import later
from app.settings import SETTINGS

DATES = {
    "opens_at": later("Open for proposals"),
    "information_event_at": later("Information event"),
    "questions_until": later("Questions possible until"),
    "deadline": later("Deadline for proposals"),
    "formal_check_until": later("Formal check until"),
    "cure_until": later("Cure period until"),
    "rating_from": later("Rating by the committee"),
    "meeting_at": later("Meeting of the committee"),
    "notices_on": later("Letters sent"),
    "results_on": later("Result published"),
    "application_until": later("Formal application until"),
    "earliest_start": later("Earliest start"),
}
LONGEST = 75  # octets of a line, without its end


def of_call(call: Call, *, changed_at: datetime, number: int) -> bytes:
    """All dates of a call, one event each. number: which version of the call says so, since when."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Votum//Calls//DE",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(i18n.in_language(call, 'title'))}",
    ]
    for name, label in DATES.items():
        if when := getattr(call, name):
            lines += _event(call, name, _(label), when, changed_at, number)
    return "".join(f"{piece}\r\n" for line in [*lines, "END:VCALENDAR"] for piece in _folded(line)).encode()


def _event(call: Call, name: str, label: str, when: date, changed_at: datetime, number: int) -> Iterator[str]:
    address = f"{SETTINGS.base_url}/calls/{call.key}"
    summary, about = f"{label}: {i18n.in_language(call, 'title')}", "\n".join((call.authority_name, address))
    yield "BEGIN:VEVENT"
    yield f"UID:{call.key}-{name}@{urlsplit(SETTINGS.base_url).hostname or 'localhost'}"
    yield f"DTSTAMP:{_moment(changed_at)}"
    yield f"SEQUENCE:{number - 1}"
    yield from _times(name, when, call.rating_until)
    yield f"SUMMARY:{_escaped(summary)}"
    yield f"DESCRIPTION:{_escaped(about)}"
    yield f"URL:{address}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _times(name: str, when: date, rating_until: date | None) -> Iterator[str]:
    """When an event is: a moment, a whole day, or for the rating all days up to its last one."""
    if isinstance(when, datetime):
        yield f"DTSTART:{_moment(when)}"
        return
    last = rating_until if name == "rating_from" and rating_until else when
    yield f"DTSTART;VALUE=DATE:{when:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{max(when, last) + timedelta(days=1):%Y%m%d}"  # the first day after it


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def _folded(line: str) -> Iterator[str]:
    """A line in pieces that are short enough; each but the first begins with a space. No letter is cut apart."""
    piece, room = "", LONGEST
    for letter in line:
        size = len(letter.encode())
        if size > room:
            yield piece
            piece, room = " ", LONGEST - 1
        piece, room = piece + letter, room - size
    yield piece
