"""Reads the proposals of a `competition/1` document: content, money, formal check, marks."""

import json
from datetime import date
from decimal import Decimal

from app.domain.competitions.grammar import Reader
from app.domain.competitions.parts import Cure, Partner, Proposal
from app.domain.competitions.values import cents, count, day, moment, words
from app.domain.rating_schemes import Criterion, Scheme

COSTS = ("personnel_instruction", "material", "work_clothes", "travel", "other_direct", "overhead")
FINANCING = ("requested_grant", "jobcenter_share", "own_funds", "third_party")
PROPOSAL = (
    *("key", "organisation", "title", "summary", "field_of_activity", "region", "places", "individual_months_max"),
    *("sites", "period", "finance", "submitted_at", "withdrawn_at", "attachments", "status", "formal", "partners"),
    *("targets", "ratings", "auto"),
)
CURE = ("sent", "due", "missing", "received")
TARGET = ("key", "label_de", "label_en", "unit", "kind", "baseline", "target", "due")
STATUSES = ("draft", "submitted", "rated", "formally_rejected", "withdrawn")


def proposal(read: Reader, rules: Scheme | None) -> Proposal:
    """A proposal with its money, its formal check and its marks."""
    formal = read.inner("formal", ("failed", "text_de", "cure_request"))
    finance = read.inner("finance", ("costs", "financing", "grant_per_place_month"))
    return Proposal(
        key=words(read, "key", required=True, most=20),
        organisation=words(read, "organisation", required=True),
        columns=columns(read) | money(finance),
        stated_rate=finance.number("grant_per_place_month"),
        submitted_at=moment(read, "submitted_at"),
        withdrawn_at=moment(read, "withdrawn_at"),
        status=read.choice("status", STATUSES, "rated" if read.has("ratings") else "submitted"),
        failed=formal.words("failed"),
        rejection=words(formal, "text_de", most=2000),
        cure=cure(formal.inner("cure_request", CURE)) if formal.has("cure_request") else None,
        partners=read.each("partners", ("organisation", "name", "role", "task"), partner),
        ratings=ratings(read, rules) if rules else {},
        stated_marks=stated_marks(read),
    )


def columns(read: Reader) -> dict[str, object]:
    """What stands in the proposal's own row, beside its money."""
    period = read.inner("period", ("start", "end"))
    return {
        "title": words(read, "title", required=True, most=200),
        "summary": words(read, "summary", most=20_000),
        "field": words(read, "field_of_activity", most=80),
        "region": words(read, "region", most=120),
        "sites": json.dumps(read.words("sites"), ensure_ascii=False),
        "places": count(read, "places", 0, 100_000),
        "individual_months": count(read, "individual_months_max", 1, 600),
        "starts_on": day(period, "start"),
        "ends_on": day(period, "end"),
        "targets": read.each("targets", TARGET, target),
        "attachments": json.dumps(read.words("attachments"), ensure_ascii=False),
    }


def money(read: Reader) -> dict[str, int]:
    """Costs and financing in cents, which must add up and balance."""
    costs = amounts(read.inner("costs", (*COSTS, "total")), COSTS)
    financing = amounts(read.inner("financing", (*FINANCING, "total")), FINANCING)
    if sum(costs.values()) != sum(financing.values()):
        read.fault("", f"the costs are {euro(costs)}, the financing is {euro(financing)}: they must be equal")
    return costs | financing


def amounts(read: Reader, names: tuple[str, ...]) -> dict[str, int]:
    """The amounts of one side of a finance plan by column; their stated total must be their sum."""
    found = {f"{name.removesuffix('_instruction')}_cents": cents(read, name) or 0 for name in names}
    total = cents(read, "total")
    if total is not None and total != sum(found.values()):
        read.fault("total", f"is {total / 100:.2f}, the parts add up to {euro(found)}")
    return found


def euro(found: dict[str, int]) -> str:
    """A sum in euro for a message."""
    return f"{sum(found.values()) / 100:.2f}"


def target(read: Reader) -> dict[str, object]:
    """What the proposal wants to reach; the day stays a day until it is stored."""
    return {
        "key": words(read, "key", most=60),
        "label_de": words(read, "label_de", required=True),
        **{key: words(read, key, most=60) for key in ("label_en", "unit", "kind") if read.has(key)},
        **{key: read.raw[key] for key in ("baseline", "target") if read.number(key) is not None},
        "due": day(read, "due"),
    }


def cure(read: Reader) -> Cure:
    """What was asked for, when, and when it came."""
    return Cure(
        sent=day(read, "sent", required=True) or date.min,
        due=day(read, "due", required=True) or date.min,
        missing=read.words("missing"),
        received=day(read, "received"),
    )


def partner(read: Reader) -> Partner:
    """Another body that takes part."""
    return Partner(
        organisation=words(read, "organisation", most=20),
        name=words(read, "name", most=200),
        role=words(read, "role", most=60) or "cooperation_partner",
        task=words(read, "task", most=2000),
    )


def ratings(read: Reader, rules: Scheme) -> dict[str, tuple[Decimal | None, ...]]:
    """Each member's marks in the order of the criteria that people rate; a blank means: cannot be judged."""
    given = read.free("ratings")
    inner = Reader(given, read.at("ratings"), read.faults, given)
    asked = rules.rated_criteria
    found: dict[str, tuple[Decimal | None, ...]] = {}
    for key in given:
        marks = inner.items(key)
        if len(marks) == len(asked):
            found[key] = tuple(
                points(inner, f"{key}[{index}]", criterion, one)
                for index, (criterion, one) in enumerate(zip(asked, marks, strict=True))
            )
        else:
            inner.fault(key, f"expected {len(asked)} marks, found {len(marks)}")
    return found


def points(read: Reader, place: str, criterion: Criterion, given: object) -> Decimal | None:
    """A mark in points."""
    try:
        return None if given is None else criterion.points(given)
    except ValueError as error:
        read.fault(place, str(error))
        return None


def stated_marks(read: Reader) -> dict[str, Decimal]:
    """The marks that the file says are computed; they are compared with what the scheme computes."""
    given = read.free("auto")
    inner = Reader(given, read.at("auto"), read.faults, given)
    return {key: number for key in given if (number := inner.number(key)) is not None}
