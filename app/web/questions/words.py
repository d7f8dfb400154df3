"""What the parts of questions are called where the form leaves it to us, and whose language a text is in."""

from collections.abc import Mapping

from markupsafe import Markup

from app import i18n
from app.forms import Form, Question
from app.forms.blocks import Column
from app.i18n import gettext as _
from app.i18n import later

COLUMNS = {
    "name": later("Name"),
    "address": later("Address"),
    "type": later("Kind"),
    "region": later("Region"),
    "organisation": later("Organisation"),
    "role": later("Role"),
    "task": later("Task in the project"),
    "function": later("Function"),
    "qualification": later("Qualification"),
    "site": later("Site"),
    "fte_before": later("Full-time equivalents before"),
    "fte_after": later("Full-time equivalents afterwards"),
    "from": later("From"),
    "to": later("To"),
    "label": later("What shall be reached"),
    "kind": later("Kind"),
    "unit": later("Unit"),
    "baseline": later("Starting value"),
    "baseline_on": later("Starting value measured on"),
    "target": later("Target"),
    "due": later("Until"),
    "parts": later("Of these"),
    "title": later("Title"),
    "text": later("Description"),
}
PART = {"label": later("Which part"), "target": later("Target")}
ROWS = {
    "sites": (later("Site %(number)s"), later("Add a site")),
    "partners": (later("Partner %(number)s"), later("Add a partner")),
    "staffing": (later("Position %(number)s"), later("Add a position")),
    "targets": (later("Target %(number)s"), later("Add a target")),
    "parts": (later("Part %(number)s"), later("Add a part")),
    "work_packages": (later("Work package %(number)s"), later("Add a work package")),
    "milestones": (later("Milestone %(number)s"), later("Add a milestone")),
    "file": (later("File %(number)s"), ""),
    "table": (later("Entry %(number)s"), later("Add an entry")),
}
FACTS = {
    "months": later("Months"),
    "costs_cents": later("Costs"),
    "sources_cents": later("Financing"),
    "direct_costs_cents": later("Direct costs"),
    "grant_requested_cents": later("Requested grant"),
    "fte_before": later("Full-time equivalents before"),
    "fte_after": later("Full-time equivalents afterwards"),
    "sites": later("Sites"),
    "partners": later("Partners"),
    "targets": later("Targets"),
    "places": later("Places"),
}


def plain(texts: Mapping[str, str]) -> str:
    """A text in the reader's language, else in any."""
    return texts.get(i18n.locale.get()) or next(iter(texts.values()), "")


def spoken(texts: Mapping[str, str], otherwise: str = "") -> str | Markup:
    """The same for a page: in another language than the reader's it says so."""
    locale = i18n.locale.get()
    if locale in texts or not texts:
        return plain(texts) or otherwise
    other = next(iter(texts))
    return Markup('<span lang="{}">{}</span>').format(other, texts[other])


def column(found: Column, *, of_part: bool = False) -> str | Markup:
    """What a column is called."""
    known = (PART if of_part else COLUMNS).get(found.key, "")
    return spoken(found.labels, _(known) if known else found.key)


def column_name(found: Column, *, of_part: bool = False) -> str:
    """The same as plain text."""
    known = (PART if of_part else COLUMNS).get(found.key, "")
    return plain(found.labels) or (_(known) if known else found.key)


def row(type: str, number: int) -> str:
    """What a row is called, such as Partner 2."""
    return _(ROWS.get(type, ROWS["table"])[0]) % {"number": number}


def size(bytes: object) -> str:
    """The size of a file as people say it."""
    if not isinstance(bytes, int):
        return ""
    return f"{max(1, round(bytes / 1000))} kB" if bytes < 1_000_000 else f"{i18n.grouped(f'{bytes / 1e6:.1f}')} MB"


def add(type: str) -> str:
    """What the button says that adds a row."""
    return _(ROWS.get(type, ROWS["table"])[1])


def fact(form: Form, name: str) -> str:
    """What a number is called, by the form's own words where it has any."""
    if name in form.derived:
        return form.derived[name].label(i18n.locale.get())
    given = form.givers.get(name, ())
    own = _own(given[0], name) if given else ""
    return own or (_(FACTS[name]) if name in FACTS else given[0].label(i18n.locale.get()) if given else name)


def _own(question: Question, name: str) -> str:
    """What the question that gives a fact calls it."""
    language = i18n.locale.get()
    bare = name.removesuffix("_cents")
    side, _dot, key = bare.partition(".")
    lines = {"cost": "costs", "source": "sources"}
    for line in getattr(question.answer, lines.get(side, ""), ()):
        if line.key == key:
            return str(line.label(language))
    for found in getattr(question.answer, "columns", ()) if key else ():
        if found.key == key:
            return f"{question.label(language)}: {plain(found.labels) or found.key}"
    granted = [one.label(language) for one in getattr(question.answer, "sources", ()) if one.grant]
    if name == "grant_requested_cents" and granted:
        return ", ".join(granted)
    return question.label(language) if name in (question.key, f"{question.key}_cents", f"{question.key}.rows") else ""
