"""A scheme before it is used: a thousand made-up panels, and what it would do with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from scoring.errors import ScoresError
from scoring.marks.columns import Column, Flags
from scoring.scheme.criteria import Criterion
from scoring.scheme.scheme import Scheme
from scoring.scheme.steps import Mark, added, contribution, counted, reweighted, shortfalls

MOST_RATERS, MOST_PROPOSALS, MOST_PANELS = 30, 200, 10_000
CURVE = 12
"""The number of raters is looked at up to here, or up to the one that is asked about."""
FINE = 1_000_000  # what is not a mark of a grid is kept to a millionth of its range
STEPS = 40  # a finer scale is looked at in so many steps where it is only about its mean
SPREAD = 0.5  # a number that makes a mark lies up to so much above the lowest
AT_ONCE = 1_500_000  # marks

Floats: TypeAlias = npt.NDArray[np.float64]
Marks: TypeAlias = dict[str, Mark[Column]]


class Minimum(NamedTuple):
    """A minimum at work; key: of the criterion or group, or `total`.

    failed: the share of all proposals below it; bites: the share of panels in which it keeps somebody from a place.
    """

    key: str
    failed: float
    bites: float


class Deciding(NamedTuple):
    """How often a criterion decides.

    decides: the share of panels in which others would be recommended if every proposal had the mean mark of its panel.
    """

    key: str
    decides: float


class Sureness(NamedTuple):
    """How sure the line is: the share (0..1) of the recommended who truly belong there; None if nobody ever is."""

    raters: int
    right: float | None


@dataclass(frozen=True)
class DryRun:
    """What `dry_run` found.

    passed, recommended: proposals a panel, on average. minima, criteria: in the order of the scheme. sureness: by
    number of raters from 1. raters_needed: the fewest that make the line as sure as wanted, None if none of these do.
    """

    passed: float
    recommended: float
    minima: tuple[Minimum, ...]
    criteria: tuple[Deciding, ...]
    sureness: tuple[Sureness, ...]
    raters_needed: int | None


def dry_run(
    scheme: Scheme,
    *,
    proposals: int = 20,
    places: int = 10,
    raters: int = 3,
    panels: int = 1000,
    wanted: float = 0.9,
    mean: float = 0.7,
    between: float = 0.11,
    within: float = 0.17,
    common: float = 0.4,
    seed: int = 0,
) -> DryRun:
    """What a scheme would do with random panels, and how many raters make its line as sure as wanted.

    proposals, places, raters: of one panel; panels: how many. wanted: the share of the recommended who shall truly
    belong there. The panels are made up like this, in shares of each criterion's range: a proposal's quality in a
    criterion is normal around `mean` with standard deviation `between`, a rater sees it with an error of standard
    deviation `within`, of both variances the share `common` is the same in all criteria; the mark is the nearest one
    of the scale. The defaults are moments of 72 real proposals with three raters and five criteria each (American
    Institute of Biological Sciences 2014-2017, Gallo 2020, figshare 10.6084/m9.figshare.12728087: .70, .11, .17; .35 of
    the variance between and .40 of that within are common). Numbers that make marks lie evenly up to a half above the
    lowest, every band is as likely as the others. All marks are given, gates met, no bonus or malus; ties at the line
    follow the criteria and groups among the tie rules, then the lot.

    Marks, totals, minima and order are computed exactly, by the same steps as the ranking. Who truly belongs: whoever
    is recommended when every mark is the mean of infinitely many raters. For two proposals, one place and one fine
    scale, the share of right recommendations is 1/2 + arcsin(r)/pi with r^2 = between^2 / (between^2 + within^2 / k)
    (Sheppard 1899, Phil. Trans. A 192: 141). Where the scheme makes no order all that passed are recommended.

    No frames: the results are few rows, and whoever shows them needs no pandas. The same arguments give the same
    result. Shares have a standard error of at most 1 / (2 sqrt(panels)).
    Raises ScoresError for a number out of bounds.
    """
    _refuse(proposals, places, raters, panels, (wanted, mean, common), (between, within))
    most = max(CURVE, raters)
    world = _World(mean, between, within, common)
    size = max(1, AT_ONCE // (proposals * most * len(scheme.criteria)))
    draw = np.random.default_rng(seed)
    parts = []
    for start in range(0, panels, size):
        panel = _panels(scheme, world, min(size, panels - start), proposals, most, draw)
        parts.append(_counted(scheme, panel, places, raters, most))
    return _summed(scheme, parts, panels, proposals, wanted)


class _World(NamedTuple):
    mean: float
    between: float
    within: float
    common: float


class _Panels(NamedTuple):
    """Made-up panels, proposals one after the other: marks by criterion and rater, marks in truth, and the lot."""

    number: int
    proposals: int
    given: dict[str, tuple[npt.NDArray[np.int64], int]]
    truth: dict[str, Column]
    computed: dict[str, Column]
    lot: Floats


class _Found(NamedTuple):
    """What happened in some panels, as sums."""

    passed: int
    recommended: int
    failed: dict[str, int]
    bites: dict[str, int]
    decides: dict[str, int]
    hits: list[int]
    chosen: list[int]


# ── panels ─────────────────────────────────────────────────────────────────────────────────────


def _panels(
    scheme: Scheme, world: _World, number: int, proposals: int, raters: int, draw: np.random.Generator
) -> _Panels:
    rows = number * proposals
    quality = _shared(draw, (rows,), world.between, world.common)
    error = _shared(draw, (rows, raters), world.within, world.common)
    given, truth, computed = {}, {}, {}
    for one in scheme.rated_criteria:
        own = world.mean + quality + _own(draw, (rows,), world.between, world.common)
        seen = own[:, None] + error + _own(draw, (rows, raters), world.within, world.common)
        given[one.key] = _nearest(one, seen)
        truth[one.key] = _expected(one, own, world.within)
    numbers = {str(one.fact): 1 + SPREAD * draw.random(rows) for one in scheme.computed_criteria}
    for one in scheme.computed_criteria:
        computed[one.key] = _computed(one, numbers[str(one.fact)].reshape(number, proposals), draw)
    return _Panels(number, proposals, given, truth, computed, draw.random(rows))


def _shared(draw: np.random.Generator, shape: tuple[int, ...], sd: float, common: float) -> Floats:
    return np.asarray(draw.standard_normal(shape) * (sd * common**0.5))


def _own(draw: np.random.Generator, shape: tuple[int, ...], sd: float, common: float) -> Floats:
    return np.asarray(draw.standard_normal(shape) * (sd * (1 - common) ** 0.5))


def _grid(one: Criterion) -> tuple[Floats, npt.NDArray[np.int64], int]:
    """The marks of a criterion as shares of its range, and as whole numbers over a unit; lowest first."""
    marks = [Fraction(mark) for mark in one.marks]
    unit = int(np.lcm.reduce([mark.denominator for mark in marks]))
    span = marks[-1] - marks[0]
    shares = np.array([float((mark - marks[0]) / span) for mark in marks])
    return shares, np.array([int(mark * unit) for mark in marks], dtype=np.int64), unit


def _turned(one: Criterion, quality: Floats) -> Floats:
    return 1 - quality if one.low_is_good else quality


def _nearest(one: Criterion, seen: Floats) -> tuple[npt.NDArray[np.int64], int]:
    """The nearest mark to each quality, as whole numbers over a unit."""
    shares, marks, unit = _grid(one)
    return marks[np.searchsorted((shares[1:] + shares[:-1]) / 2, _turned(one, seen))], unit


def _expected(one: Criterion, own: Floats, within: float) -> Column:
    """The mean of infinitely many raters' marks: each step of the scale times the chance to be seen above it."""
    from scipy.special import ndtr

    shares, marks, unit = _grid(one)
    if len(shares) > STEPS:
        shares = np.linspace(0, 1, STEPS + 1)
    middles, steps = (shares[1:] + shares[:-1]) / 2, np.diff(shares)
    quality, reached = _turned(one, own), np.zeros(len(own))
    for middle, step in zip(middles, steps, strict=True):
        reached += step * (ndtr((quality - middle) / within) if within else quality > middle)
    low, span = int(marks[0]), int(marks[-1] - marks[0])
    return Column(low * FINE + np.rint(reached * FINE).astype(np.int64) * span, unit * FINE)


def _computed(one: Criterion, own: Floats, draw: np.random.Generator) -> Column:
    """The mark that follows from a number: by its band, or by the formula and the lowest of the panel."""
    if one.type == "bands":
        points = [Fraction(band.points) for band in one.bands]
        unit = int(np.lcm.reduce([point.denominator for point in points]))
        whole = np.array([int(point * unit) for point in points], dtype=np.int64)
        return Column(whole[draw.integers(len(whole), size=own.size)], unit)
    lowest = own.min(axis=1, keepdims=True)
    share = lowest / own if one.formula == "ratio" else np.maximum(0, 2 - own / lowest)
    most = Fraction(one.maximum)
    return Column(np.rint(share.ravel() * FINE).astype(np.int64) * most.numerator, FINE * most.denominator)


# ── what the scheme makes of them ──────────────────────────────────────────────────────────────


def _counted(scheme: Scheme, panel: _Panels, places: int, raters: int, most: int) -> _Found:
    marks = _marks(scheme, panel, raters)
    points, below = _judged(scheme, marks)
    passed = ~_any(below, panel)
    chosen = _chosen(scheme, marks, points, passed, panel, places)
    true = _truly(scheme, panel, places)
    curve = [
        chosen if k == raters else _recommended(scheme, _marks(scheme, panel, k), panel, places) for k in _upto(most)
    ]
    return _Found(
        passed=int(passed.sum()),
        recommended=int(chosen.sum()),
        failed={key: int(short.sum()) for key, short in below.items()},
        bites={
            key: _differing(
                chosen, _chosen(scheme, marks, points, ~_any(_without(below, key), panel), panel, places), panel
            )
            for key in below
        },
        decides={
            one.key: _differing(chosen, _recommended(scheme, _levelled(marks, one.key, panel), panel, places), panel)
            for one in scheme.criteria
        },
        hits=[int((true & found).sum()) for found in curve],
        chosen=[int(found.sum()) for found in curve],
    )


def _upto(most: int) -> range:
    return range(1, most + 1)


def _marks(scheme: Scheme, panel: _Panels, raters: int) -> Marks:
    """The mark of each criterion over the first so many raters, as the scheme makes one of them."""
    found = {key: _averaged(scheme, values[:, :raters], unit) for key, (values, unit) in panel.given.items()}
    return _all_given(scheme, found | panel.computed, panel, raters)


def _all_given(scheme: Scheme, values: Mapping[str, Column], panel: _Panels, raters: int) -> Marks:
    given = np.ones(panel.number * panel.proposals, dtype=bool)
    return {
        one.key: Mark(values[one.key], given, given.astype(np.int64) * (raters if one.is_rated else 1))
        for one in scheme.criteria
    }


def _averaged(scheme: Scheme, marks: npt.NDArray[np.int64], unit: int) -> Column:
    """See Aggregation.average: the mean of what is left without the ends."""
    raters, how = marks.shape[1], scheme.aggregation
    ends = how.ends(raters)
    left = np.sort(marks, axis=1)[:, ends : raters - ends] if ends else marks
    return Column(left.sum(axis=1), unit * left.shape[1])


def _judged(scheme: Scheme, marks: Marks) -> tuple[dict[str, Column], dict[str, Flags]]:
    points = {one.key: contribution(scheme, one, marks[one.key]) for one in scheme.criteria}
    whole = next(iter(marks.values())).given
    return points, shortfalls(scheme, marks, points, added(points.values()), whole)


def _any(below: Mapping[str, Flags], panel: _Panels) -> Flags:
    found = np.zeros(panel.number * panel.proposals, dtype=bool)
    for short in below.values():
        found |= short
    return found


def _without(below: Mapping[str, Flags], key: str) -> dict[str, Flags]:
    return {name: short for name, short in below.items() if name != key}


def _recommended(scheme: Scheme, marks: Marks, panel: _Panels, places: int) -> Flags:
    points, below = _judged(scheme, marks)
    return _chosen(scheme, marks, points, ~_any(below, panel), panel, places)


def _truly(scheme: Scheme, panel: _Panels, places: int) -> Flags:
    """Who is recommended when every mark is the mean of infinitely many raters."""
    return _recommended(scheme, _all_given(scheme, panel.truth | panel.computed, panel, 1), panel, places)


def _chosen(
    scheme: Scheme, marks: Marks, points: dict[str, Column], passed: Flags, panel: _Panels, places: int
) -> Flags:
    """The first of each panel among those that passed."""
    if not scheme.ranking.ordered:
        return passed
    keys = [-column.places() for column in _order(scheme, marks, points)]
    panels = np.repeat(np.arange(panel.number), panel.proposals)
    order = np.lexsort((panel.lot, *reversed(keys), ~passed, panels))
    first = np.zeros(len(passed), dtype=bool)
    first[order] = np.tile(np.arange(panel.proposals) < places, panel.number)
    return first & passed


def _order(scheme: Scheme, marks: Marks, points: dict[str, Column]) -> Iterator[Column]:
    """What the order follows, then the tie rules that the marks can answer, up to the first that asks somebody."""
    none = next(iter(points.values())) * Fraction(0)
    order = reweighted(scheme, points, none)
    rounding = scheme.aggregation.rounding
    yield order.rounded(rounding) if rounding.when == "rank" else order
    groups = {group.key: [one.key for one in scheme.criteria if one.group == group.key] for group in scheme.groups}
    for rule in scheme.ranking.tie_breakers:
        if rule in ("committee", "lot"):
            return
        if rule in marks:
            yield counted(scheme.criterion(rule), marks[rule].value)
        elif rule in groups:
            yield added(points[key] for key in groups[rule])


def _levelled(marks: Marks, key: str, panel: _Panels) -> Marks:
    """The same marks, but in one criterion every proposal has the mean of its panel."""
    column = marks[key].value
    sums = column.values.reshape(panel.number, panel.proposals).sum(axis=1)
    level = Column(np.repeat(sums, panel.proposals), column.unit * panel.proposals)
    return marks | {key: Mark(level, marks[key].given, marks[key].count)}


def _differing(one: Flags, other: Flags, panel: _Panels) -> int:
    """In how many panels two recommendations differ."""
    return int((one != other).reshape(panel.number, panel.proposals).any(axis=1).sum())


# ── together ───────────────────────────────────────────────────────────────────────────────────


def _summed(scheme: Scheme, parts: list[_Found], panels: int, proposals: int, wanted: float) -> DryRun:
    def over(name: str, key: str) -> int:
        return sum(getattr(part, name)[key] for part in parts)

    every = panels * proposals
    right = [_right(parts, index) for index in range(len(parts[0].hits))]
    sure = [number for number, share in enumerate(right, 1) if share is not None and share >= wanted]
    return DryRun(
        passed=sum(part.passed for part in parts) / panels,
        recommended=sum(part.recommended for part in parts) / panels,
        minima=tuple(Minimum(key, over("failed", key) / every, over("bites", key) / panels) for key in parts[0].failed),
        criteria=tuple(Deciding(one.key, over("decides", one.key) / panels) for one in scheme.criteria),
        sureness=tuple(Sureness(number, share) for number, share in enumerate(right, 1)),
        raters_needed=sure[0] if sure else None,
    )


def _right(parts: list[_Found], index: int) -> float | None:
    chosen = sum(part.chosen[index] for part in parts)
    return sum(part.hits[index] for part in parts) / chosen if chosen else None


def _refuse(
    proposals: int, places: int, raters: int, panels: int, shares: tuple[float, ...], spreads: tuple[float, ...]
) -> None:
    bounds = (("proposals", proposals, MOST_PROPOSALS), ("places", places, MOST_PROPOSALS))
    for name, given, most in (*bounds, ("raters", raters, MOST_RATERS), ("panels", panels, MOST_PANELS)):
        if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= most:
            raise ScoresError(f"{name} must be a whole number from 1 to {most}, got {given!r}")
    for name, share in zip(("wanted", "mean", "common", "between", "within"), (*shares, *spreads), strict=True):
        if not 0 <= share <= 1:
            raise ScoresError(f"{name} must be a share from 0 to 1, got {share!r}")
