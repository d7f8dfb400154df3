"""The forms of the steps in which a call is written."""

from datetime import date, datetime
from typing import Any, ClassVar

from app import clock, i18n, web
from app.domain import words
from app.domain.call_making import STEPS, Work
from app.domain.call_making.release import LONGEST_REASON


class NewForm(web.Form):
    """What a call needs to begin: everything else has its step."""

    labels = words.FIELDS
    untyped: ClassVar = ("authority",)
    authority = web.integer(1, 2**31 - 1)
    title_de = web.text(300, required=True)
    procedure_kind = web.choice(words.PROCEDURES)
    committee_name = web.text(200, required=True)


class StepForm(web.Form):
    """One step: its fields, the version of the text that was read, and where to go then."""

    labels = words.FIELDS
    untyped: ClassVar = ("version", "then")
    version = web.integer(0, 2**31 - 1)
    then = web.text(10)


class TextForm(StepForm):
    procedure_kind = web.choice(words.PROCEDURES)
    title_de = web.text(300, required=True)
    text_de = web.text(20_000, lines=True)
    target_group_de = web.text(4000, lines=True)
    contact_name = web.text(200)
    contact_email = web.email(required=False)
    contact_phone = web.text(60)


class DatesForm(StepForm):
    opens_at = web.moment()
    information_event_at = web.moment()
    questions_until = web.day()
    deadline = web.moment()
    formal_check_until = web.day()
    cure_until = web.day()
    rating_from = web.day()
    rating_until = web.day()
    meeting_at = web.moment()
    notices_on = web.day()
    results_on = web.day()
    application_until = web.day()
    earliest_start = web.day()


class LimitsForm(StepForm):
    places_max = web.integer()
    budget_max_cents = web.money()
    fill_rule = web.choice(words.FILL_RULES)
    min_places = web.integer()
    max_grant_per_place_month_cents = web.money()
    months_max = web.integer(1, 240)
    overhead_percent_max = web.integer(0, 100)
    own_funds_percent_min = web.integer(0, 100)


class EnglishForm(StepForm):
    title_en = web.text(300)
    text_en = web.text(20_000, lines=True)
    target_group_en = web.text(4000, lines=True)


class CommitteeForm(StepForm):
    committee_name = web.text(200, required=True)


class AnyStepForm(TextForm, DatesForm, LimitsForm, EnglishForm, CommitteeForm):
    """All steps: what is shown again where a session ended before any of them was saved."""


class ReasonForm(web.Form):
    """The version of the text that was read, and a reason."""

    labels = words.FIELDS
    untyped: ClassVar = ("version",)
    version = web.integer(0, 2**31 - 1)
    why = web.text(LONGEST_REASON, lines=True)


FORMS: dict[str, type[StepForm]] = {
    "text": TextForm,
    "dates": DatesForm,
    "limits": LimitsForm,
    "english": EnglishForm,
    "committee": CommitteeForm,
}


def as_kept(step: str, work: Work) -> StepForm:
    """The form of a step with the text as it is stored, written as people write it."""
    values = {name: _typed(name, getattr(work.text, name)) for name in STEPS[step]}
    return FORMS[step]({**values, "version": work.state.version})


def _typed(name: str, kept: Any) -> Any:
    if kept is None:
        return ""
    if name.endswith("_cents"):
        return i18n.grouped(f"{kept // 100}.{kept % 100:02}").removesuffix(",00")
    if isinstance(kept, datetime):
        return f"{kept.astimezone(clock.BERLIN):%Y-%m-%dT%H:%M}"
    return kept.isoformat() if isinstance(kept, date) else kept
