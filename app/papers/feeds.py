"""Calls as an Atom feed (RFC 4287): one entry a call, renewed with each of its versions and with its result."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from app import i18n
from app.domain import calls
from app.domain.calls import Call
from app.i18n import gettext as _
from app.settings import SETTINGS

ATOM = "http://www.w3.org/2005/Atom"
LONGEST = 50


def of_calls(found: Sequence[Call], newest: Mapping[int, datetime], now: datetime) -> bytes:
    """The calls that changed last, the newest first. newest: when each got its newest version."""
    changed = {call.id: _changed(call, newest) for call in found}
    ordered = sorted(found, key=lambda call: (changed[call.id], call.id), reverse=True)[:LONGEST]
    address = f"{SETTINGS.base_url}/calls"
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": i18n.locale.get()})
    _text(feed, "id", address)
    _text(feed, "title", _("Calls of public authorities"))
    _text(feed, "updated", _moment(changed[ordered[0].id] if ordered else now))
    SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{address}.atom"})
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": address})
    _text(SubElement(feed, "author"), "name", "Votum")
    for call in ordered:
        _entry(feed, call, changed[call.id], now)
    body: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _entry(feed: Element, call: Call, changed: datetime, now: datetime) -> None:
    address = f"{SETTINGS.base_url}/calls/{call.key}"
    entry = SubElement(feed, "entry")
    _text(entry, "id", address)
    _text(entry, "title", i18n.in_language(call, "title"))
    _text(entry, "published", _moment(call.published_at or changed))
    _text(entry, "updated", _moment(changed))
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": address})
    _text(SubElement(entry, "author"), "name", call.authority_name)
    state = _(calls.PHASES[calls.phase(call, now)])
    until = _("Deadline %(deadline)s") % {"deadline": i18n.datetime(call.deadline)}
    _text(entry, "summary", f"{state} · {until}")


def _changed(call: Call, newest: Mapping[int, datetime]) -> datetime:
    moments = (call.published_at or call.created_at, newest.get(call.id), call.result_at)
    return max(at for at in moments if at)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
