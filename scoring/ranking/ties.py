"""Who stands where: order by exact values, then the declared tie rules, then equal ranks."""

import hashlib
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from scoring.marks.columns import Column, Flags, Ints, Values, column, constant
from scoring.marks.frames import label
from scoring.ranking.totals import Standing
from scoring.scheme.steps import added, counted

LAST = Fraction(-(10**15))
"""Stands for a blank in a tie rule: behind every number."""


@dataclass(frozen=True)
class Places:
    """rank and rank_max of each row, the group of rows left equal (0 none), and the tie rule that placed it ("")."""

    rank: Ints
    rank_max: Ints
    tie_group: Ints
    decided_by: Values


def placed(scope: Ints, value: Ints, rules: dict[str, Ints]) -> Places:
    """Ranks from 1 within each scope: higher value first, ties by each rule in turn, higher first.

    All codes are whole numbers, one a row. Rows that every rule leaves equal share the best rank; rank_max is the worst
    of them. decided_by is the last rule that separated a row from others of its value.
    """
    codes = [scope, -value, *(-code for code in rules.values())]
    order = np.lexsort(codes[::-1])
    starts = np.logical_or.accumulate([_begins(code[order]) for code in codes], axis=0)
    sizes = [_group_sizes(one) for one in starts]
    decided = np.full(len(order), "", dtype=object)
    for name, before, after in zip(rules, sizes[1:], sizes[2:], strict=False):
        decided[after < before] = name
    rank = _first_of(starts[-1]) - _first_of(starts[0]) + 1
    open_group = sizes[-1] > 1
    back = np.argsort(order)
    return Places(
        rank=rank[back],
        rank_max=(rank + sizes[-1] - 1)[back],
        tie_group=np.where(open_group, np.cumsum(starts[-1] & open_group), 0)[back],
        decided_by=decided[back],
    )


def _begins(sorted_codes: Ints) -> Flags:
    """Where a new value begins in sorted codes."""
    return np.concatenate(([True], sorted_codes[1:] != sorted_codes[:-1]))[: len(sorted_codes)]


def _first_of(starts: Flags) -> Ints:
    """For each row the position at which its group begins."""
    return np.maximum.accumulate(np.where(starts, np.arange(len(starts)), 0))


def _group_sizes(starts: Flags) -> Ints:
    group = np.cumsum(starts) - 1
    return np.bincount(group, minlength=1)[group] if len(group) else group


def rule_values(found: Standing, seed: str | None) -> tuple[dict[str, Column], list[str]]:
    """What the tie rules compare, higher first, and the names of those that nothing is recorded for.

    A criterion's or group's key: its mark or points. lower:, higher:<field>: a number of the proposal. lot: the order
    of SHA-256 of "<seed>:<proposal>", if a seed is published. committee and any other name: the place among the tied
    that was decided by hand (1 first), from the proposals' column of that name. A blank comes last.
    """
    values, unrecorded = {}, []
    for rule in found.scheme.ranking.tie_breakers:
        value = _by_key(found, rule) or _by_lot(found, rule, seed) or _by_field(found, rule)
        if value is None:
            unrecorded.append(rule)
        else:
            values[rule] = value
    return values, unrecorded


def _by_key(found: Standing, rule: str) -> Column | None:
    scheme = found.scheme
    if rule in found.marks:
        mark = found.marks[rule]
        value, blank = counted(scheme.criterion(rule), mark.value), ~np.asarray(mark.given)
        return value * ~blank + constant(LAST, len(blank)) * blank if blank.any() else value
    if any(group.key == rule for group in scheme.groups):
        return added(found.points[one.key] for one in scheme.criteria if one.group == rule)
    return None


def _by_lot(found: Standing, rule: str, seed: str | None) -> Column | None:
    if rule != "lot" or seed is None:
        return None
    drawn = sorted(found.keys, key=lambda key: hashlib.sha256(f"{seed}:{label(key)}".encode()).digest(), reverse=True)
    turn = {key: Fraction(place) for place, key in enumerate(drawn)}
    return column(turn[key] for key in found.keys)


def _by_field(found: Standing, rule: str) -> Column | None:
    direction, colon, name = rule.partition(":")
    field = name if colon else rule
    if not found.facts.has(field):
        return None
    sign = 1 if colon and direction == "higher" else -1
    code, numbers = found.facts.numbers(field)
    return column([*(sign * number for number in numbers), LAST]).take(code)
