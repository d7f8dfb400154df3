"""Reads programmes and the call of a `competition/1` document."""

import re
from collections.abc import Mapping

from app.domain.competitions.grammar import Reader
from app.domain.competitions.parts import Call, Programme
from app.domain.competitions.values import cents, count, day, moment, on, words

FILL_RULES = {
    "strict_order_stop_at_first_misfit": "stop",
    "strict_order_skip_misfits": "skip",
    "stop": "stop",
    "skip": "skip",
}
LIMITS = (
    "min_places",
    "max_grant_per_place_month",
    "months",
    "overhead_percent_of_direct_max",
    "own_funds_percent_min",
)
DATES = (
    *("published", "information_event", "questions_until", "deadline", "deadline_kind", "formal_check_until"),
    *("cure_until", "rating_from", "rating_until", "meeting", "notices_sent", "results_published"),
    *("application_to_granting_body_until", "earliest_start"),
)
COLUMNS = ("key", "title_de", "title_en", "granting_body", "as_of")
PROGRAMME = (*COLUMNS, "owner", "funding_sources", "target_groups")
CALL = (
    *("key", "title_de", "title_en", "text_de", "text_en", "target_group_de", "target_group_en"),
    *("procedure", "capacity", "limits", "dates"),
)


def programme(read: Reader) -> Programme:
    """A programme; what has no column of its own is a fact."""
    return Programme(
        key=slug(read),
        title_de=words(read, "title_de", required=True),
        title_en=words(read, "title_en"),
        granting_body=words(read, "granting_body", most=200),
        as_of=day(read, "as_of"),
        facts={key: value for key, value in read.raw.items() if key not in COLUMNS},
    )


def showcases(read: Reader) -> tuple[Programme, ...]:
    """Programmes of other shapes, whose own keys are free."""
    found = []
    for index, raw in enumerate(read.items("showcase_programmes")):
        known = raw if isinstance(raw, Mapping) else ()
        found.append(programme(Reader(raw, f"showcase_programmes[{index}]", read.faults, known)))
    return tuple(found)


def call(read: Reader) -> Call:
    """The call with its limits and dates."""
    read.choice("procedure", ("competition_with_recommendation",), "competition_with_recommendation")
    dates = read.inner("dates", DATES)
    dates.choice("deadline_kind", ("cut_off",), "cut_off")
    published, results = day(dates, "published"), day(dates, "results_published")
    opens = on(published, 8) if published else None
    columns = {
        "title_de": words(read, "title_de", required=True),
        "title_en": words(read, "title_en"),
        **{key: words(read, key, most=20_000) for key in ("text_de", "text_en", "target_group_de", "target_group_en")},
        **capacity(read.inner("capacity", ("places_max", "budget_max", "fill_rule"))),
        **limits(read.inner("limits", LIMITS)),
        "opens_at": opens,
        "information_event_at": moment(dates, "information_event"),
        "deadline": moment(dates, "deadline"),
        "meeting_at": moment(dates, "meeting"),
        **{name: day(dates, key) for name, key in DAYS.items()},
        "results_on": results,
    }
    return Call(slug(read), columns, opens, on(results, 10) if results else None)


DAYS = {
    "questions_until": "questions_until",
    "formal_check_until": "formal_check_until",
    "cure_until": "cure_until",
    "rating_from": "rating_from",
    "rating_until": "rating_until",
    "notices_on": "notices_sent",
    "application_until": "application_to_granting_body_until",
    "earliest_start": "earliest_start",
}


def capacity(read: Reader) -> dict[str, object]:
    """How many places and how much money there are."""
    rule = read.choice("fill_rule", tuple(FILL_RULES), "stop")
    return {
        "places_max": count(read, "places_max"),
        "budget_max_cents": cents(read, "budget_max"),
        "fill_rule": FILL_RULES[rule],
    }


def limits(read: Reader) -> dict[str, object]:
    """What a proposal may ask for."""
    return {
        "min_places": count(read, "min_places"),
        "max_grant_per_place_month_cents": cents(read, "max_grant_per_place_month"),
        "months_max": count(read, "months", 1, 600),
        "overhead_percent_max": count(read, "overhead_percent_of_direct_max", 0, 100),
        "own_funds_percent_min": count(read, "own_funds_percent_min", 0, 100),
    }


def slug(read: Reader) -> str:
    """A key that can stand in an address."""
    key = words(read, "key", required=True, most=60)
    if key and not re.fullmatch(r"[a-z0-9][a-z0-9-]*", key):
        read.fault("key", f"expected small letters, digits and hyphens, found {key!r}")
    return key
