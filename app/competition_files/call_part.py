"""Programmes and the call of a `competition/1` document."""

from dataclasses import replace
from datetime import date
from functools import partial

from app.competition_files.parts import Call, Programme
from app.competition_files.programme_part import SAID
from app.competition_files.values import COUNT, DAY, LINE, LONG, MOMENT, NAMED, SLUG, Cents, WithFacts, on
from scoring.scheme.grammar import FLAT, UNUSED, Kind, OneOf, Part, Whole

PERCENT = Whole(0, 100, null=True)
TITLES: dict[str, Kind] = {"key": SLUG, "title_de": replace(LINE, required=True), "title_en": LINE}
SHOWCASE = WithFacts(partial(Programme, facts={}), TITLES | {"granting_body": NAMED, "as_of": DAY})
PROGRAMME = replace(SHOWCASE, only=SAID, default=None)
FILL_RULES = {"strict_order_stop_at_first_misfit": "stop", "strict_order_skip_misfits": "skip"}
CAPACITY = {
    "places_max": COUNT,
    "budget_max": Cents(name="budget_max_cents"),
    "fill_rule": OneOf(FILL_RULES | {"stop": "stop", "skip": "skip"}, default="stop"),
}
LIMITS = {
    "min_places": COUNT,
    "max_grant_per_place_month": Cents(name="max_grant_per_place_month_cents"),
    "months": Whole(1, 600, null=True, name="months_max"),
    "overhead_percent_of_direct_max": replace(PERCENT, name="overhead_percent_max"),
    "own_funds_percent_min": PERCENT,
}
UNCHANGED = ("published", "questions_until", "formal_check_until", "cure_until", "rating_from", "rating_until")
DATES = {
    **dict.fromkeys((*UNCHANGED, "earliest_start"), DAY),
    "information_event": replace(MOMENT, name="information_event_at"),
    "deadline": MOMENT,
    "deadline_kind": OneOf(("cut_off",), name=UNUSED),
    "meeting": replace(MOMENT, name="meeting_at"),
    "notices_sent": replace(DAY, name="notices_on"),
    "results_published": replace(DAY, name="results_on"),
    "application_to_granting_body_until": replace(DAY, name="application_until"),
}


def _call(key: str, published: date | None, results_on: date | None, **columns: object) -> Call:
    opens = on(published, 8) if published else None
    columns |= {"opens_at": opens, "results_on": results_on}
    return Call(key, columns, opens, on(results_on, 10) if results_on else None)


CALL = Part(
    _call,
    TITLES
    | dict.fromkeys(("text_de", "text_en", "target_group_de", "target_group_en"), LONG)
    | {
        "procedure": OneOf(("competition_with_recommendation",), name=UNUSED),
        "capacity": Part(dict, CAPACITY, name=FLAT),
        "limits": Part(dict, LIMITS, name=FLAT),
        "dates": Part(dict, DATES, name=FLAT),
    },
    required=True,
)
