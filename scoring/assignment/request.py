"""What an assignment is asked for: the frames of the caller, checked and laid out as arrays in order of the keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.errors import ScoresError
from scoring.marks.frames import finite, floats, in_order, is_blank, label, refuse_no_keys, refuse_no_table
from scoring.marks.numbering import codes

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Pairs = tuple[Ints, Ints]  # numbers of the proposals, numbers of the reviewers
Cover = Mapping[str, Mapping[Any, int]]
MOST = 10**9  # proposals of a reviewer, reviewers of a proposal
LARGEST = 1e300  # affinity: above it sums are no numbers


@dataclass(frozen=True)
class Request:
    """One assignment problem; rows are proposals, columns reviewers, both in the order of their keys."""

    proposals: list[Any]
    reviewers: list[Any]
    needed: Ints  # reviewers for each proposal, fixed ones included
    low: Ints  # proposals for each reviewer, fixed ones included
    high: Ints
    organisation: Ints  # number of the reviewer's organisation, -1 if blank
    classes: dict[tuple[str, Any], tuple[Bools, int]]  # (column, value) -> its reviewers, fewest for each proposal
    allowed: Bools  # no conflict
    fixed: Bools
    affinity: Floats
    stated: Bools  # affinity was given, not assumed
    unknown: float  # the affinity assumed where none was given


def read_request(
    proposals: pd.DataFrame,
    reviewers: pd.DataFrame,
    conflicts: pd.DataFrame | None,
    *,
    per_proposal: int | Mapping[Any, int],
    load: tuple[int, int],
    affinity: pd.DataFrame | None,
    fixed: pd.DataFrame | None,
    cover: Cover | None,
    unknown: float | None,
) -> Request:
    """Checks the frames of `assign` and lays them out; see there for their columns and errors."""
    rows, people = _keys(proposals, "proposal"), _keys(reviewers, "reviewer")
    by_key = reviewers.set_axis(pd.Index(reviewers["reviewer"], dtype=object)).loc[people]
    low, high = _loads(by_key, load)
    forbidden = _marked(conflicts, rows, people, "conflicts")
    value, stated, default = _affinities(affinity, rows, people, unknown)
    request = Request(
        proposals=rows,
        reviewers=people,
        needed=_needed(per_proposal, rows),
        low=low,
        high=high,
        organisation=_organisations(by_key),
        classes=_classes(by_key, {} if cover is None else cover),
        allowed=~forbidden,
        fixed=_marked(fixed, rows, people, "fixed"),
        affinity=value,
        stated=stated,
        unknown=default,
    )
    _refuse_contradictions(request)
    return request


def refuse_seed(seed: object) -> None:
    """ScoresError unless a seed is a whole number from 0 on."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ScoresError(f"seed: must be a whole number from 0 on, not {seed!r}")


def same_organisation(request: Request) -> Iterable[Bools]:
    """For every organisation with at least two reviewers the mask of its reviewers."""
    for number in range(int(request.organisation.max(initial=-1)) + 1):
        members = request.organisation == number
        if members.sum() > 1:
            yield members


def _keys(frame: pd.DataFrame, column: str) -> list[Any]:
    _need_columns(frame, [column], f"{column}s")
    keys = frame[column]
    refuse_no_keys(frame, [column], f"{column}s: ")
    if keys.duplicated().any():
        raise ScoresError(f"{column}s: {keys[keys.duplicated()].iloc[0]} is listed twice")
    if keys.empty:
        raise ScoresError(f"{column}s: the list is empty, nothing can be assigned")
    if len({isinstance(key, str) for key in keys}) > 1:
        raise ScoresError(f"{column}s: text and numbers are mixed among the keys")
    return in_order(keys)


def _need_columns(frame: pd.DataFrame, columns: list[str], name: str, perhaps: Iterable[str] = ()) -> None:
    refuse_no_table(frame, name, [*columns, *perhaps])
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ScoresError(f"{name}: the column {missing[0]} is missing")


def _needed(per_proposal: int | Mapping[Any, int], proposals: list[Any]) -> Ints:
    if not isinstance(per_proposal, Mapping):
        per_proposal = dict.fromkeys(proposals, per_proposal)
    for proposal in proposals:
        if proposal not in per_proposal:
            raise ScoresError(f"per_proposal: says nothing for proposal {proposal}")
        _need_count(per_proposal[proposal], f"per_proposal of {proposal}")
    return np.array([int(per_proposal[proposal]) for proposal in proposals], dtype=np.int64)


def _need_count(value: Any, name: str) -> None:
    if not 0 <= finite(value) <= MOST or not finite(value).is_integer():
        raise ScoresError(f"{name}: must be a whole number of at least 0, not {value}")


def _loads(reviewers: pd.DataFrame, load: tuple[int, int]) -> tuple[Ints, Ints]:
    if not isinstance(load, tuple | list) or len(load) != 2:
        raise ScoresError(f"load: expected (fewest, most) proposals of a reviewer, not {load!r}")
    limits = []
    for column, default in zip(("load_min", "load_max"), load, strict=True):
        _need_count(default, "load")
        _need_columns(reviewers, [], "reviewers", [column])
        own: list[Any] = reviewers[column].tolist() if column in reviewers.columns else [None] * len(reviewers)
        for reviewer, value in zip(reviewers.index, own, strict=True):
            if not is_blank(value):
                _need_count(value, f"reviewers: {column} of {reviewer}")
        limits.append(np.array([int(default if is_blank(value) else value) for value in own], dtype=np.int64))
    low, high = limits
    if (low > high).any():
        at = int(np.argmax(low > high))
        raise ScoresError(f"load: {reviewers.index[at]} shall take at least {low[at]} and at most {high[at]} proposals")
    return low, high


def _organisations(reviewers: pd.DataFrame) -> Ints:
    if "organisation" not in reviewers.columns:
        return np.full(len(reviewers), -1, dtype=np.int64)
    _need_columns(reviewers, ["organisation"], "reviewers")
    names = [None if is_blank(one) else label(one) for one in reviewers["organisation"].tolist()]
    return codes(pd.Series(names, dtype=object))[0]


def _classes(reviewers: pd.DataFrame, cover: Cover) -> dict[tuple[str, Any], tuple[Bools, int]]:
    wrong = not isinstance(cover, Mapping) or not all(isinstance(one, Mapping) for one in cover.values())
    if wrong or not all(isinstance(column, str) for column in cover):
        raise ScoresError("cover: expected {column of reviewers: {value: fewest of them}}")
    classes = {}
    for column in sorted(cover):
        _need_columns(reviewers, [column], "reviewers")
        labels = np.array([label(one) for one in reviewers[column].tolist()], dtype=object)
        for value in sorted(cover[column], key=label):
            _need_count(cover[column][value], f"cover: {column} {value}")
            classes[column, value] = (labels == label(value), int(cover[column][value]))
    return classes


def _marked(pairs: pd.DataFrame | None, proposals: list[Any], reviewers: list[Any], name: str) -> Bools:
    mask = np.zeros((len(proposals), len(reviewers)), dtype=bool)
    if pairs is not None:
        mask[_places(pairs, proposals, reviewers, name)] = True
    return mask


def _places(pairs: pd.DataFrame, proposals: list[Any], reviewers: list[Any], name: str) -> Pairs:
    _need_columns(pairs, ["proposal", "reviewer"], name)
    found = []
    refuse_no_keys(pairs, ["proposal", "reviewer"], f"{name}: ")
    for column, keys in (("proposal", proposals), ("reviewer", reviewers)):
        places = pd.Index(keys, dtype=object).get_indexer(pd.Index(pairs[column], dtype=object))
        if (places < 0).any():
            raise ScoresError(f"{name}: {column} {pairs[column].iloc[int(np.argmax(places < 0))]} is unknown")
        found.append(places.astype(np.int64))
    return found[0], found[1]


def _affinities(
    affinity: pd.DataFrame | None, proposals: list[Any], reviewers: list[Any], unknown: float | None
) -> tuple[Floats, Bools, float]:
    shape = (len(proposals), len(reviewers))
    if affinity is None:
        return np.zeros(shape), np.zeros(shape, dtype=bool), 0.0
    _need_columns(affinity, ["affinity"], "affinity")
    places = _places(affinity, proposals, reviewers, "affinity")
    twice = affinity.duplicated(["proposal", "reviewer"])
    if twice.any():
        row = affinity[twice].iloc[0]
        raise ScoresError(f"affinity: {row['proposal']} and {row['reviewer']} are listed twice")
    value = np.full(shape, np.nan)
    value[places] = _numbers(affinity["affinity"])
    stated = ~np.isnan(value)
    if unknown is None:
        unknown = float(np.median(value[stated])) if stated.any() else 0.0
    elif not abs(finite(unknown)) <= LARGEST:
        raise ScoresError(f"unknown: must be a finite number, not {unknown!r}")
    unknown = float(unknown)
    return np.where(stated, value, unknown), stated, unknown


def _numbers(given: "pd.Series[Any]") -> Floats:
    numbers, wrong = floats(given)
    wrong = wrong | (np.abs(numbers) > LARGEST)
    if wrong.any():
        raise ScoresError(f"affinity: must be a finite number or blank, not {given.iloc[int(np.argmax(wrong))]}")
    return numbers


def _refuse_contradictions(request: Request) -> None:
    for row, column in np.argwhere(request.fixed & ~request.allowed):
        pair = f"{request.proposals[row]} and {request.reviewers[column]}"
        raise ScoresError(f"fixed: {pair} have a conflict of interest")
    _refuse_too_many(request.fixed.sum(axis=1), request.needed, request.proposals, "reviewers")
    _refuse_too_many(request.fixed.sum(axis=0), request.high, request.reviewers, "proposals")
    for members in same_organisation(request):
        shared = request.fixed[:, members].sum(axis=1)
        if (shared > 1).any():
            proposal = request.proposals[int(np.argmax(shared > 1))]
            raise ScoresError(f"fixed: {proposal} has two reviewers of one organisation")


def _refuse_too_many(count: Ints, most: Ints, keys: list[Any], what: str) -> None:
    for at in np.flatnonzero(count > most):
        raise ScoresError(f"fixed: {keys[at]} has {count[at]} fixed {what}, at most {most[at]} are wanted")
