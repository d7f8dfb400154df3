"""Funding programmes and their public facts, read from what a competition file says of them.

A file may say much or little of a programme; what it does not say, or says in another shape, is simply not known.
"""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from app import database
from app.database import Row
from app.errors import NotFound
from app.i18n import later

PROGRAMME = "SELECT g.*, a.name AS authority_name FROM programme g JOIN authority a ON a.id = g.authority"
ROLES = {
    "initiators": later("Initiated by"),
    "owner": later("Owner"),
    "publisher": later("Published by"),
    "lead": later("Lead"),
    "coordinator": later("Coordination"),
    "close_partner": later("Close partner"),
    "cooperation": later("Cooperation"),
    "providers": later("Service providers"),
    "payer": later("Payer of benefits"),
    "self_advocates": later("Representatives of those concerned"),
    "funder": later("Funding body"),
}
INVOLVED = later("Also involved")
KINDS = ("absolute", "relative_change", "percentage_points", "level")


class Role(NamedTuple):
    """What somebody is to a programme (a message, see ROLES), and who."""

    name: str
    organisations: list[str]


class Amount(NamedTuple):
    """Public money in cents, as somebody stated it on some day."""

    cents: int
    about: bool
    source: str
    stated_on: date | None
    valid: bool


class Staffing(NamedTuple):
    """So many posts of a function, each with the same share of a full-time post before and after."""

    posts: int
    function: str
    before: Decimal | None
    after: Decimal
    sites: list[str]


class Target(NamedTuple):
    """What is to be reached until when, from where, in which parts, and how far it is. kind is one of KINDS."""

    label: str
    kind: str
    unit: str
    wanted: Decimal
    due: date | None
    baseline: Decimal | None
    baseline_on: date | None
    parts: list[Decimal]
    reached: Decimal | None
    reached_on: date | None

    @property
    def change(self) -> Decimal | None:
        """By how many percent the value has changed since the baseline; None where one of them is not known."""
        if self.reached is None or not self.baseline:
            return None
        return (self.reached - self.baseline) * 100 / self.baseline

    @property
    def aim(self) -> Decimal | None:
        """The value that a relative change leads to; None without a baseline."""
        return None if self.baseline is None else self.baseline * (100 + self.wanted) / 100

    @property
    def share(self) -> Decimal | None:
        """How much of the way is done, in percent of it; None where it cannot be said."""
        if self.kind == "relative_change":
            change = self.change
            return change * 100 / self.wanted if change is not None and self.wanted else None
        if self.kind != "absolute" or self.reached is None or not self.wanted:
            return None
        return self.reached * 100 / self.wanted


class Relation(NamedTuple):
    """Another programme that this one is easily taken for, how they differ, and since when there is the other."""

    key: str
    difference: str
    since: date | None


class Facts(NamedTuple):
    """Everything that is known of a programme, ready to be shown; texts as written in the file."""

    goal: str
    target_groups: list[str]
    open_to: list[str]
    regions: list[str]
    sites: list[str]
    model_regions: list[str]
    rollout: list[str]
    start: date | None
    end: date | None
    funding_sources: list[str]
    amounts: list[Amount]
    staffing: list[Staffing]
    steps: list[str]
    work_packages: list[str]
    targets: list[Target]
    roles: list[Role]
    constraint: str
    distinct_from: Relation | None

    @property
    def places(self) -> list[str]:
        """Where the programme is, each name once."""
        return list(dict.fromkeys([*self.regions, *self.model_regions, *self.sites]))


async def public(key: str) -> Row:
    """A programme by its key; raises NotFound."""
    found = await database.row(f"{PROGRAMME} WHERE g.key = $1", key)
    if found is None:
        raise NotFound
    return found


async def listed() -> list[Row]:
    """All programmes by title."""
    return await database.rows(f"{PROGRAMME} ORDER BY g.title_de, g.key")


async def related(programme: Row) -> list[Row]:
    """The programmes that this one is not to be confused with, whichever of the two says so; one statement."""
    own = facts(programme).distinct_from
    return await database.rows(
        f"{PROGRAMME} WHERE g.key = $1 OR g.facts -> 'not_to_confuse_with' ->> 'key' = $2 ORDER BY g.title_de, g.key",
        own.key if own else "",
        programme["key"],
    )


def facts(programme: Row) -> Facts:
    """The facts of a programme; empty where nothing is known."""
    known: Mapping[str, Any] = _mapping(json.loads(programme["facts"] or "{}"))
    period = _mapping(known.get("period"))
    return Facts(
        goal=_text(known.get("goal") or known.get("goal_de")),
        target_groups=_texts(known.get("target_groups")),
        open_to=_texts(known.get("open_to")),
        regions=_texts(known.get("regions")),
        sites=_texts(known.get("sites")),
        model_regions=_texts(known.get("model_regions")),
        rollout=_texts(_mapping(known.get("rollout")).get("to")),
        start=_day(period.get("start") or known.get("start")),
        end=_day(period.get("end")),
        funding_sources=_texts([*_list(known.get("funding_sources")), *_list(known.get("funding_source"))]),
        amounts=_amounts(known.get("grant")),
        staffing=_staffing(known.get("staffing")),
        steps=_steps(known.get("steps")),
        work_packages=_texts(known.get("work_packages")),
        targets=[target for one in _mappings(known.get("targets")) if (target := _target(one))],
        roles=_roles(known),
        constraint=_text(known.get("constraint_de")),
        distinct_from=_relation(known.get("not_to_confuse_with")),
    )


# ── reading: whatever stands there becomes what is meant, or nothing ────────────────────────────


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in _list(value) if isinstance(one, Mapping)]


def _text(value: Any) -> str:
    """A text, or of something that has a name its name."""
    if isinstance(value, Mapping):
        value = next((value[name] for name in ("label_de", "title_de", "name") if value.get(name)), "")
    return value.strip() if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return [text for one in _list(value) if (text := _text(one))]


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
    return number if number.is_finite() else None


def _amounts(value: Any) -> list[Amount]:
    """The amounts in the order in which they were stated; the valid one, if one is marked, first."""
    found = []
    for one in _mappings(value):
        euro = _number(one.get("amount"))
        if euro is not None and euro >= 0:
            about, valid = one.get("approx") is True, one.get("valid") is True
            found.append(Amount(int(euro * 100), about, _text(one.get("source")), _day(one.get("date")), valid))
    return sorted(found, key=lambda amount: not amount.valid)


def _staffing(value: Any) -> list[Staffing]:
    """Equal changes of the same function taken together, in the order of the file."""
    groups: dict[tuple[str, Decimal | None, Decimal], list[str]] = {}
    for one in _mappings(value):
        function, after = _text(one.get("function")), _number(one.get("fte_after"))
        if function and after is not None:
            same = groups.setdefault((function, _number(one.get("fte_before")), after), [])
            same.append(_text(one.get("site")))
    return [
        Staffing(len(sites), function, before, after, [site for site in sites if site])
        for (function, before, after), sites in groups.items()
    ]


def _steps(value: Any) -> list[str]:
    """The steps by their numbers, where they have some."""
    numbered = [
        (_number(one.get("no")) if isinstance(one, Mapping) else None, place, _text(one))
        for place, one in enumerate(_list(value))
    ]
    ordered = sorted(numbered, key=lambda step: (step[0] is None, step[0] or 0, step[1]))
    return [text for _no, _place, text in ordered if text]


def _target(one: Mapping[str, Any]) -> Target | None:
    label, kind = _text(one), one.get("kind", "absolute")
    wanted = _number(one.get("change") if kind in ("relative_change", "percentage_points") else one.get("target"))
    if not label or kind not in KINDS or wanted is None:
        return None
    based = one.get("baseline")
    baseline = _number(_mapping(based).get("value")) if isinstance(based, Mapping) else _number(based)
    reached_on, reached = _latest(one.get("reported"))
    return Target(
        label=label,
        kind=kind,
        unit=_text(one.get("unit")),
        wanted=wanted,
        due=_day(one.get("due")),
        baseline=baseline,
        baseline_on=_day(_mapping(based).get("as_of")),
        parts=[number for part in _list(one.get("parts")) if (number := _part(part)) is not None],
        reached=reached,
        reached_on=reached_on,
    )


def _part(value: Any) -> Decimal | None:
    return _number(value.get("target", value.get("value"))) if isinstance(value, Mapping) else _number(value)


def _latest(value: Any) -> tuple[date | None, Decimal | None]:
    """The newest dated actual value."""
    dated = [(_day(one.get("date")), _number(one.get("value"))) for one in _mappings(value)]
    known = [(day, number) for day, number in dated if day and number is not None]
    return max(known) if known else (None, None)


def _roles(known: Mapping[str, Any]) -> list[Role]:
    """Who is what, in the order of ROLES; parts without a name of their own together at the end."""
    given = {**_mapping(known.get("roles"))}
    given.setdefault("owner", known.get("owner"))
    named = [Role(word, _texts(given.pop(key))) for key, word in ROLES.items() if given.get(key)]
    rest = [text for value in given.values() for text in _texts(value)]
    return [role for role in [*named, Role(INVOLVED, rest)] if role.organisations]


def _relation(value: Any) -> Relation | None:
    other = _mapping(value)
    key, difference = _text(other.get("key")), _text(other.get("difference_de"))
    return Relation(key, difference, _day(other.get("start"))) if key and difference else None
