"""What an assignment is asked for: the frames of the caller, checked and laid out as arrays in order of the keys."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.errors import ScoresError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Pairs = tuple[Ints, Ints]  # numbers of the proposals, numbers of the reviewers
Cover = Mapping[str, Mapping[Any, int]]


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
    by_key = reviewers.set_index("reviewer").loc[people]
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
        classes=_classes(by_key, cover or {}),
        allowed=~forbidden,
        fixed=_marked(fixed, rows, people, "fixed"),
        affinity=value,
        stated=stated,
        unknown=default,
    )
    _refuse_contradictions(request)
    return request


def same_organisation(request: Request) -> Iterable[Bools]:
    """For every organisation with at least two reviewers the mask of its reviewers."""
    for number in range(int(request.organisation.max(initial=-1)) + 1):
        members = request.organisation == number
        if members.sum() > 1:
            yield members


def _keys(frame: pd.DataFrame, column: str) -> list[Any]:
    _need_columns(frame, [column], f"{column}s")
    keys = frame[column]
    if keys.isna().any():
        raise ScoresError(f"{column}s: a row has no {column}")
    if keys.duplicated().any():
        raise ScoresError(f"{column}s: {keys[keys.duplicated()].iloc[0]} is listed twice")
    if keys.empty:
        raise ScoresError(f"{column}s: the list is empty, nothing can be assigned")
    if len({isinstance(key, str) for key in keys}) > 1:
        raise ScoresError(f"{column}s: text and numbers are mixed among the keys")
    return sorted(keys.tolist())


def _need_columns(frame: pd.DataFrame, columns: list[str], name: str) -> None:
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
    if isinstance(value, bool) or not isinstance(value, Real) or value < 0 or not float(value).is_integer():
        raise ScoresError(f"{name}: must be a whole number of at least 0, not {value}")


def _loads(reviewers: pd.DataFrame, load: tuple[int, int]) -> tuple[Ints, Ints]:
    limits = []
    for column, default in zip(("load_min", "load_max"), load, strict=True):
        _need_count(default, "load")
        own = reviewers[column] if column in reviewers.columns else pd.Series(index=reviewers.index, dtype=float)
        for reviewer, value in own.dropna().items():
            _need_count(value, f"reviewers: {column} of {reviewer}")
        limits.append(own.astype(float).fillna(default).to_numpy().astype(np.int64))
    low, high = limits
    if (low > high).any():
        at = int(np.argmax(low > high))
        raise ScoresError(f"load: {reviewers.index[at]} shall take at least {low[at]} and at most {high[at]} proposals")
    return low, high


def _organisations(reviewers: pd.DataFrame) -> Ints:
    if "organisation" not in reviewers.columns:
        return np.full(len(reviewers), -1, dtype=np.int64)
    return pd.factorize(reviewers["organisation"], sort=True)[0].astype(np.int64)


def _classes(reviewers: pd.DataFrame, cover: Cover) -> dict[tuple[str, Any], tuple[Bools, int]]:
    classes = {}
    for column in sorted(cover):
        _need_columns(reviewers, [column], "reviewers")
        for value in sorted(cover[column]):
            _need_count(cover[column][value], f"cover: {column} {value}")
            members = (reviewers[column] == value).to_numpy(dtype=bool)
            classes[column, value] = (members, int(cover[column][value]))
    return classes


def _marked(pairs: pd.DataFrame | None, proposals: list[Any], reviewers: list[Any], name: str) -> Bools:
    mask = np.zeros((len(proposals), len(reviewers)), dtype=bool)
    if pairs is not None:
        mask[_places(pairs, proposals, reviewers, name)] = True
    return mask


def _places(pairs: pd.DataFrame, proposals: list[Any], reviewers: list[Any], name: str) -> Pairs:
    _need_columns(pairs, ["proposal", "reviewer"], name)
    found = []
    for column, keys in (("proposal", proposals), ("reviewer", reviewers)):
        places = pd.Index(keys).get_indexer(pd.Index(pairs[column]))
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
    if unknown is not None and not math.isfinite(unknown):
        raise ScoresError(f"unknown: must be a finite number, not {unknown}")
    if unknown is None:
        unknown = float(np.median(value[stated])) if stated.any() else 0.0
    return np.where(stated, value, unknown), stated, unknown


def _numbers(given: "pd.Series[Any]") -> Floats:
    numbers = pd.to_numeric(given, errors="coerce").to_numpy(dtype=np.float64)
    wrong = (np.isnan(numbers) & given.notna().to_numpy()) | np.isinf(numbers)
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
