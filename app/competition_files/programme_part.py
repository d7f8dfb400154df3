"""What a competition file says of a programme, as the product's own facts.

A file may say much or little of a programme; what it does not say, or says in another shape, is simply not known.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from app.competition_files.parts import Programme
from app.domain.programmes.facts import (
    KINDS,
    ROLES,
    SITES,
    STATUSES,
    TARGETS,
    Actual,
    Amount,
    Experience,
    Facts,
    News,
    Region,
    Relation,
    Role,
    Site,
    Staffing,
    Step,
    Target,
    TargetGroup,
    TargetPart,
)

CODE = re.compile(r"[a-z0-9_]*[_<>=][a-z0-9_<>=]*")  # long_term_benefit, age>35: no words for people
SAID = (  # all that is read of a programme beside its titles
    *("kind", "purpose_de", "purpose_en", "goal", "goal_de", "period", "start", "target_groups", "open_to"),
    *(
        "constraint_de",
        "not_to_confuse_with",
        "owner",
        "roles",
        "contact",
        "regions",
        "sites",
        "steps",
        "work_packages",
    ),
    *("funding_sources", "funding_source", "grant", "staffing", "targets", "model_regions", "rollout", "experience"),
    "news",
)
LARGEST = Decimal(10**12)
One = TypeVar("One")


def facts(given: Programme) -> Facts:
    """The facts of a programme; empty where the file says nothing that can be read."""
    said = given.facts
    period, contact = _mapping(said.get("period")), _mapping(said.get("contact"))
    targets = enumerate(_mappings(said.get("targets")), 1)
    known = [(made, one) for number, one in targets if (made := _target(f"t{number}", one))]
    return Facts(
        title_de=given.title_de,
        title_en=given.title_en,
        kind=_one_of(KINDS, said.get("kind")),
        purpose_de=_text(said.get("purpose_de") or said.get("goal") or said.get("goal_de")),
        purpose_en=_text(said.get("purpose_en")),
        as_of=given.as_of,
        start=_day(period.get("start") or said.get("start")),
        end=_day(period.get("end")),
        target_groups=_each(said.get("target_groups"), _target_group),
        open_to=_texts(said.get("open_to")),
        constraint=_text(said.get("constraint_de")),
        relations=_each(said.get("not_to_confuse_with"), _relation),
        roles=_roles(said),
        granting_body=given.granting_body,
        contact_name=_text(contact.get("name")),
        contact_address=_text(contact.get("address")),
        contact_phone=_text(contact.get("phone")),
        contact_fax=_text(contact.get("fax")),
        contact_email=_text(contact.get("email")),
        sites=(*_each(said.get("regions"), _region_site), *_each(said.get("sites"), _site)),
        steps=_steps(said.get("steps")),
        work_packages=_texts(said.get("work_packages")),
        funding=_funding(said),
        staffing=_each(said.get("staffing"), _staffing),
        targets=tuple(target for target, _one in known),
        parts=tuple(part for target, one in known for part in _parts(target.key, one)),
        actuals=tuple(actual for target, one in known for actual in _actuals(target.key, one)),
        rollout_goal=_text(_mapping(said.get("rollout")).get("to")),
        regions=_regions(said),
        experience=_each(said.get("experience"), _experience),
        news=_each(said.get("news"), _news),
    )


# ── one part each: what it says, or None ───────────────────────────────────────────────────────


def _target_group(value: Any) -> TargetGroup | None:
    label, one = _text(value), _mapping(value)
    return (
        TargetGroup(label=label, includes=_rules(one, "includes"), excludes=_rules(one, "excludes")) if label else None
    )


def _rules(one: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Rules in words; codes, which say nothing to people, are left out."""
    return tuple(text for text in _texts(one.get(f"{name}_de") or one.get(name)) if not CODE.fullmatch(text))


def _relation(value: Any) -> Relation | None:
    one = _mapping(value)
    key, difference = _text(one.get("key")), _text(one.get("difference_de"))
    if not key or not difference:
        return None
    return Relation(
        key=key,
        name=_text(one.get("name")),
        difference=difference,
        own=_text(one.get("own_de")),
        since=_day(one.get("start")),
    )


def _roles(said: Mapping[str, Any]) -> tuple[Role, ...]:
    """Who is what, in the order of ROLES; parts without a name of their own together at the end."""
    given = {**_mapping(said.get("roles"))}
    given.setdefault("owner", said.get("owner"))
    order = [
        *(name for name in ROLES if name != "involved"),
        *(name for name in given if name not in ROLES),
        "involved",
    ]
    return tuple(
        Role(role=name if name in ROLES else "involved", organisation=text, part_of=_text(_mapping(one).get("part_of")))
        for name in order
        for one in _list(given.get(name))
        if (text := _text(one))
    )


def _region_site(value: Any) -> Site | None:
    name = _text(value)
    return Site(name=name, type="region") if name else None


def _site(value: Any) -> Site | None:
    name, one = _text(value), _mapping(value)
    if not name:
        return None
    region, address = _text(one.get("region")), _text(one.get("address"))
    return Site(name=name, type=_one_of(SITES, one.get("type")), region=region, address=address)


def _steps(value: Any) -> tuple[Step, ...]:
    """The steps by their numbers, where they have some; several numbers share one text."""
    found = []
    for place, one in enumerate(_list(value)):
        numbers = [number for no in _list(_mapping(one).get("no")) if (number := _number(no)) is not None]
        if text := _text(one):
            found.append((not numbers, min(numbers, default=0), place, Step(text=text, covers=max(1, len(numbers)))))
    return tuple(step for *_order, step in sorted(found, key=lambda one: one[:3]))


def _funding(said: Mapping[str, Any]) -> tuple[Amount, ...]:
    """The amounts in the order in which they were stated, the valid one first; then sources without any."""
    amounts = [amount for one in _mappings(said.get("grant")) if (amount := _amount(one))]
    named = _texts([*_list(said.get("funding_sources")), *_list(said.get("funding_source"))])
    known = {amount.source for amount in amounts}
    return (
        *sorted(amounts, key=lambda amount: not amount.valid),
        *(Amount(source=name) for name in named if name not in known),
    )


def _amount(one: Mapping[str, Any]) -> Amount | None:
    euro = _number(one.get("amount"))
    if euro is None or euro <= 0:
        return None
    return Amount(
        source=_text(one.get("from")),
        cents=int(euro * 100),
        about=one.get("approx") is True,
        stated_by=_text(one.get("source")),
        stated_on=_day(one.get("date")),
        valid=one.get("valid") is True,
    )


def _staffing(value: Any) -> Staffing | None:
    one = _mapping(value)
    function, after = _text(one.get("function")), _number(one.get("fte_after"))
    if not function or after is None:
        return None
    return Staffing(
        function=function,
        functions=_text(one.get("functions")),
        site=_text(one.get("site")),
        before=_number(one.get("fte_before")),
        after=after,
        since=_day(one.get("since")),
    )


def _target(key: str, one: Mapping[str, Any]) -> Target | None:
    label, kind = _text(one), one.get("kind", "absolute")
    wanted = _number(one.get("change") if kind in ("relative_change", "percentage_points") else one.get("target"))
    if not label or kind not in TARGETS or wanted is None:
        return None
    based = one.get("baseline")
    unit = _text(one.get("unit"))
    return Target(
        key=key,
        label=label,
        scope=_text(one.get("scope")),
        kind=kind,
        unit="" if kind != "absolute" and unit == "percent" else unit,
        wanted=wanted,
        due=_day(one.get("due")),
        baseline=_number(_mapping(based).get("value")) if isinstance(based, Mapping) else _number(based),
        baseline_on=_day(_mapping(based).get("as_of")),
    )


def _parts(target: str, one: Mapping[str, Any]) -> list[TargetPart]:
    given = [(_text(part), _mapping(part), part) for part in _list(one.get("parts"))]
    return [
        TargetPart(target=target, label=label if named else "", wanted=number)
        for label, named, part in given
        if (number := _number(named.get("target", named.get("value")) if named else part)) is not None
    ]


def _actuals(target: str, one: Mapping[str, Any]) -> list[Actual]:
    return [
        Actual(target=target, day=day, value=value)
        for report in _mappings(one.get("reported"))
        if (day := _day(report.get("date"))) and (value := _number(report.get("value"))) is not None
    ]


def _regions(said: Mapping[str, Any]) -> tuple[Region, ...]:
    """The pilot regions, and further ones of the roll-out; each once."""
    pilots = [Region(name=name, status="pilot") for name in _texts(said.get("model_regions"))]
    others = [
        Region(name=name, status=_one_of(STATUSES, one.get("status")) or "planned", since=_day(one.get("since")))
        for one in _mappings(_mapping(said.get("rollout")).get("regions"))
        if (name := _text(one))
    ]
    return tuple({one.name: one for one in [*reversed(others), *reversed(pilots)]}.values())[::-1]


def _experience(value: Any) -> Experience | None:
    one = _mapping(value)
    region, text = _text(one.get("region")), _text(one.get("text_de"))
    if not region or not text:
        return None
    return Experience(region=region, text=text, told_by=_text(one.get("told_by")), told_on=_day(one.get("date")))


def _news(value: Any) -> News | None:
    one = _mapping(value)
    day, title = _day(one.get("date")), _text(one)
    if not day or not title:
        return None
    return News(day=day, title=title, text=_text(one.get("text_de")), source=_text(one.get("source")))


# ── reading: whatever stands there becomes what is meant, or nothing ────────────────────────────


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in _list(value) if isinstance(one, Mapping)]


def _each(value: Any, part: Callable[[Any], One | None]) -> tuple[One, ...]:
    return tuple(made for one in _list(value) if (made := part(one)) is not None)


def _text(value: Any) -> str:
    """A text, or of something that has a name its name."""
    if isinstance(value, Mapping):
        value = next((value[name] for name in ("label_de", "title_de", "name") if value.get(name)), "")
    return value.strip() if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for one in _list(value) if (text := _text(one)))


def _one_of(codes: Mapping[str, str], value: Any) -> str:
    return value if isinstance(value, str) and value in codes else ""


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < LARGEST else None
