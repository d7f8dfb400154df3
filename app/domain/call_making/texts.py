"""What a call says: its fields by step, what is missing in them, and what may not be published."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app import clock
from app.domain import proposals, rating_schemes, wording, words
from app.domain.calls import Call
from app.errors import Invalid
from app.i18n import gettext as _

LIMITS = (
    "places_max",
    "budget_max_cents",
    "fill_rule",
    "min_places",
    "max_grant_per_place_month_cents",
    "months_max",
    "overhead_percent_max",
    "own_funds_percent_min",
)
FIXED_BY_PUBLICATION = (*LIMITS, "procedure_kind")
GERMAN = ("title_de", "text_de", "target_group_de")
ENGLISH = ("title_en", "text_en", "target_group_en")
CONTACT = ("contact_name", "contact_email", "contact_phone")
TEXTS = (*GERMAN, *ENGLISH, *CONTACT)
DATES = (
    *("opens_at", "information_event_at", "questions_until", "deadline", "formal_check_until", "cure_until"),
    *("rating_from", "rating_until", "meeting_at", "notices_on", "results_on", "application_until", "earliest_start"),
)
STEPS: dict[str, tuple[str, ...]] = {  # what is written on which page
    "text": ("procedure_kind", *GERMAN, *CONTACT),
    "dates": DATES,
    "limits": LIMITS,
    "english": ENGLISH,
    "committee": ("committee_name",),
}
COLUMNS = (*TEXTS, *FIXED_BY_PUBLICATION, *DATES)
WRITTEN = (*COLUMNS, "committee_name")
ORDER = (
    *("opens_at", "questions_until", "deadline", "formal_check_until", "cure_until"),
    *("rating_from", "rating_until", "meeting_at", "results_on"),
)


def step_of(field: str) -> str:
    """The step on which a field is written; the scheme and the form have pages of their own."""
    return next((step for step, fields in STEPS.items() if field in fields), field)


def missing(call: Call) -> dict[str, str]:
    """What a call lacks for its publication: field name -> sentence."""
    needed = {
        "title_de": _("The title is missing."),
        "text_de": _("The text is missing."),
        "contact_email": _("The contact's e-mail address is missing."),
        "deadline": _("The deadline is missing."),
        "rating_from": _("The beginning of the rating is missing."),
        "earliest_start": _("The earliest start is missing."),
        "rating_scheme": _("The rating scheme is missing."),
    }
    return {name: sentence for name, sentence in needed.items() if not getattr(call, name)}


def unfit(call: Call) -> dict[str, str]:
    """What was left in the texts of a call that nobody should read there: field name -> sentence."""
    faults = {}
    for name in (*GERMAN, *ENGLISH, "contact_name"):
        text = getattr(call, name)
        if found := wording.placeholder(text):
            faults[name] = _("A placeholder was left in the text: %(words)s.") % {"words": found}
        elif found := wording.relative_span(text):
            faults[name] = _(
                "“%(words)s” means another time for everybody who reads it later: please give the date."
            ) % {"words": found}
    return faults


async def faults(call: Call, *, at: datetime) -> list[tuple[str, str]]:
    """Everything in a text that keeps it from being published: the field and a sentence, in the order of the steps."""
    found = [*missing(call).items(), *unfit(call).items(), *misplaced(call).items()]
    if call.published_at is None and call.deadline and call.deadline <= at:
        found.append(("deadline", _("The deadline has already passed.")))
    if call.rating_scheme:
        scheme = (await rating_schemes.of(call.rating_scheme)).content
        found += [("rating_scheme", sentence) for sentence in proposals.not_asked(scheme)]
    steps = [*STEPS, "rating_scheme"]
    return sorted(found, key=lambda one: steps.index(step_of(one[0])))


# ── rules ──────────────────────────────────────────────────────────────────────────────────────


def check_dates(call: Call) -> None:
    """Refuse dates that stand in the wrong order; raises Invalid at the fields."""
    if faults := misplaced(call):
        raise Invalid(faults)


def misplaced(call: Call) -> dict[str, str]:
    """Dates that come before a step that comes earlier: field name -> sentence."""
    faults = {}
    last_name, last = "", None
    for name in ORDER:
        given = getattr(call, name)
        if given is None:
            continue
        day = given.astimezone(clock.BERLIN).date() if isinstance(given, datetime) else given
        if last is not None and day < last:
            faults[name] = _("This lies before the step that comes earlier (%(step)s).") % {"step": last_name}
        last_name, last = _(words.FIELDS[name]), day
    return faults


def check_fixed(call: Call, text: Mapping[str, Any], *, at: datetime) -> None:
    """Refuse what everybody already relies on; text: the changed fields of a published call. Raises Invalid."""
    faults = {
        name: _("This cannot be changed, since the call is published.")
        for name in FIXED_BY_PUBLICATION
        if text.get(name, getattr(call, name)) != getattr(call, name)
    }
    new = text.get("deadline", call.deadline)
    if call.deadline and new != call.deadline:
        if new is None or new < call.deadline:
            faults["deadline"] = _("A published deadline can be extended, never shortened.")
        elif call.deadline <= at:
            faults["deadline"] = _("The deadline has passed; it can no longer be extended.")
    for name, over in _in_effect(call, at).items():
        if over and text.get(name, getattr(call, name)) != getattr(call, name):
            faults[name] = _("This date has taken effect; it can no longer be changed.")
    if faults:
        raise Invalid(faults)


def _in_effect(call: Call, at: datetime) -> dict[str, bool]:
    """Which dates of a published call somebody already relies on: it is open, is rated, or its list may be frozen."""
    today = at.astimezone(clock.BERLIN).date()
    return {
        "opens_at": bool(call.opens_at and call.opens_at <= at),
        "rating_from": bool(call.rating_from and call.rating_from <= today),
        "earliest_start": bool(call.rating_closed_at),
    }


def worded(values: Mapping[str, Any]) -> dict[str, str]:
    """Fields of a call as people read them: label -> value."""
    return words.worded(values, words.FIELDS, {"fill_rule": words.FILL_RULES, "procedure_kind": words.PROCEDURES})
