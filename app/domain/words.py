"""What the fields of a call are called, in summaries of mistakes and where two versions stand side by side."""

from collections.abc import Mapping
from datetime import date

from app import i18n
from app.i18n import gettext as _
from app.i18n import later

FIELDS = {
    "authority": later("Authority"),
    "title_de": later("Title (German)"),
    "title_en": later("Title (English)"),
    "text_de": later("Text (German)"),
    "text_en": later("Text (English)"),
    "target_group_de": later("Target group (German)"),
    "target_group_en": later("Target group (English)"),
    "contact_name": later("Name"),
    "contact_email": later("E-mail address"),
    "contact_phone": later("Telephone"),
    "opens_at": later("Open from"),
    "information_event_at": later("Information event"),
    "questions_until": later("Questions until"),
    "deadline": later("Deadline (cut-off)"),
    "formal_check_until": later("Formal check until"),
    "cure_until": later("Cure period until"),
    "rating_from": later("Rating from"),
    "rating_until": later("Rating until"),
    "meeting_at": later("Meeting of the committee"),
    "notices_on": later("Letters sent"),
    "results_on": later("Result published"),
    "application_until": later("Formal application until"),
    "earliest_start": later("Earliest start"),
    "places_max": later("Total places"),
    "budget_max_cents": later("Total funds"),
    "min_places": later("Minimum places per proposal"),
    "max_grant_per_place_month_cents": later("Maximum grant per place and month"),
    "months_max": later("Maximum duration (months)"),
    "overhead_percent_max": later("Overhead at most, percent of direct costs"),
    "own_funds_percent_min": later("Own funds at least, percent of the requested grant"),
    "fill_rule": later("How the capacity is filled"),
    "committee": later("Name of the committee"),
    "committee_name": later("Name of the committee"),
    "procedure_kind": later("Kind of procedure"),
    "why": later("Reason"),
}
PROCEDURES = {
    "competition": later("Competition of ideas with a recommendation by a committee"),
    "interest": later("Expression of interest"),
    "two_stage": later("Two stages: a short sketch first, then an application"),
}
NOTES = {  # what the law says of every procedure of a kind, fixed: nobody has to think of it, nobody can leave it out
    "competition": (
        later(
            "There is no entitlement to funding. Whoever is recommended has no grant yet: the granting body "
            "decides on a formal application."
        ),
        later("Costs of taking part are not refunded."),
        later("The proposals go to the members of the committee and to the office, who keep them confidential."),
    ),
    "interest": (
        later(
            "An expression of interest binds neither side: it is no tender, no contract is awarded by it, "
            "and there is no entitlement to funding or to a later procedure."
        ),
        later("Costs of taking part are not refunded."),
        later(
            "The expressions of interest go to the members of the committee and to the office, who keep them "
            "confidential."
        ),
    ),
    "two_stage": (
        later(
            "Sketches are rated first. An application can only be made by those who are asked for it; being "
            "asked is no entitlement to funding."
        ),
        later("Costs of a sketch or of an application are not refunded."),
        later(
            "Sketches and applications go to the members of the committee and to the office, who keep them "
            "confidential."
        ),
    ),
}
FILL_RULES = {
    "stop": later("in rank order; the list ends at the first proposal that does not fit"),
    "skip": later("in rank order; a later proposal that fits may move up"),
}
RECOMMENDATION = {
    "status": later("Recommendation"),
    "start_date": later("Start"),
    "conditions": later("Conditions"),
    "reasons": later("Reasons"),
}


FREEZING = {"why": later("Reason")}


def worded(
    values: Mapping[str, object], names: Mapping[str, str], codes: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """Each field's name in the reader's language with what stands in it; those without a name are left out.

    codes: for the fields that hold one, the words of each code.
    """
    return {_(names[name]): _read(name, value, codes.get(name, {})) for name, value in values.items() if name in names}


def _read(name: str, value: object, words: Mapping[str, str]) -> str:
    """A value as people read it: codes in words, dates, money and numbers in the reader's notation."""
    if isinstance(value, str):
        return _(words[value]) if value in words else value or "–"
    if isinstance(value, date):  # a moment is one as well
        return i18n.when(value)
    if isinstance(value, int):
        return i18n.money(value) if name.endswith("_cents") else i18n.number(value)
    return "–" if value is None else str(value)
