"""The long table of scores, checked row by row and turned into whole numbers."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scoring.criteria import Criterion
from scoring.errors import ScoresError
from scoring.exact import Column, Flags, Ints, Values, column
from scoring.parts import Adjustment

if TYPE_CHECKING:
    from scoring.scheme import Scheme

COLUMNS = ("proposal", "reviewer", "criterion", "value")
REASONS = ("", "not_assessable", "recused")
NOT_ASSESSABLE, RECUSED = 1, 2


@dataclass(frozen=True)
class Entries:
    """The different marks that occur.

    part: of which part of the scheme, counted through the rated criteria, then the adjustments. points: unweighted, an
    adjustment's with their sign.
    """

    part: Ints
    points: list[Fraction]

    @property
    def units(self) -> Column:
        """The points as whole numbers over one unit."""
        return column(self.points)


@dataclass(frozen=True)
class Ratings:
    """The marks that count, as codes: mark i is entries[entry[i]] on the sheet sheet[i].

    proposals, reviewers: all keys, sorted. sheet_proposal, sheet_reviewer: whose each sheet is, sorted by both; a sheet
    may be left without marks. open_marks, not_assessable: of each proposal, marks that its sheets leave blank or say
    cannot be judged.
    """

    proposals: Values
    reviewers: Values
    entries: Entries
    sheet_proposal: Ints
    sheet_reviewer: Ints
    sheet: Ints
    entry: Ints
    open_marks: Ints
    not_assessable: Ints

    @cached_property
    def proposal(self) -> Ints:
        """The proposal of each mark."""
        return self.sheet_proposal[self.sheet]

    @cached_property
    def part(self) -> Ints:
        """The part of the scheme that each mark is of."""
        return self.entries.part[self.entry]

    @cached_property
    def valid(self) -> Flags:
        """Which sheets have a mark."""
        return np.bincount(self.sheet, minlength=len(self.sheet_proposal)) > 0

    def rows(self, which: Flags) -> "Ratings":
        """Only these marks."""
        return self if which.all() else replace(self, sheet=self.sheet[which], entry=self.entry[which])


def ratings(scheme: "Scheme", scores: pd.DataFrame, proposals: pd.DataFrame | None = None) -> Ratings:
    """The marks that count.

    scores: columns proposal, reviewer, criterion, value and perhaps reason; a blank value is not given, reason
    not_assessable says that it cannot be judged, recused takes the whole sheet of that reviewer out.
    proposals: if given, every proposal of the scores must be in its column proposal, and all of its are kept.
    Raises ScoresError naming the rows: unknown proposal, criterion or reason, a mark off the scale, a mark beside
    not_assessable, the same mark twice, blank keys.
    """
    if absent := [name for name in COLUMNS if name not in scores.columns]:
        raise ScoresError([(name, "the scores have no such column") for name in absent])
    keys, proposal = _proposal_codes(scores, proposals)
    reviewer, reviewers = _codes(scores, "reviewer")
    part = _part_codes(scheme, scores)
    width = max(len(reviewers), 1)
    sheet, whose = pd.factorize(proposal * width + reviewer, sort=True)
    _refuse_duplicates(scores, sheet * len(_parts(scheme)) + part, len(whose) * len(_parts(scheme)))
    entries, entry = _entries(scheme, scores, part)
    reason = _reasons(scores, entry >= 0)
    recused = np.bincount(sheet[reason == RECUSED], minlength=len(whose)) > 0
    counts = ~recused[sheet]
    unjudged = np.bincount(proposal[counts & (reason == NOT_ASSESSABLE)], minlength=len(keys))
    of_sheets = (np.asarray(whose) // width, np.asarray(whose) % width)
    found = Ratings(keys, reviewers, entries, *of_sheets, sheet, entry, unjudged * 0, unjudged)
    return found.rows(counts & (entry >= 0))


def rated(scheme: "Scheme", found: Ratings) -> Ratings:
    """The marks of criteria alone, after the scheme's rule for unfinished sheets; their open marks are counted.

    Raises ScoresError where the scheme refuses unfinished sheets.
    """
    found = found.rows(found.part < len(scheme.rated_criteria))
    wanted = np.array([not criterion.optional for criterion in scheme.rated_criteria], dtype=bool)
    given = np.bincount(found.sheet[wanted[found.part]], minlength=len(found.sheet_proposal))
    lacking = np.where(found.valid, int(wanted.sum()) - given, 0)
    short = np.bincount(found.sheet_proposal, weights=lacking, minlength=len(found.proposals)).astype(np.int64)
    found = replace(found, open_marks=np.maximum(short - found.not_assessable, 0))
    policy = scheme.aggregation.missing
    if policy == "refuse" and lacking.any():
        keys = sorted({str(found.proposals[one]) for one in found.sheet_proposal[lacking > 0]})
        raise ScoresError([(key, "a sheet is unfinished, and the scheme refuses those") for key in keys])
    return found.rows((lacking == 0)[found.sheet]) if policy == "drop_sheet" else found


def _parts(scheme: "Scheme") -> list[Criterion | Adjustment]:
    return [*scheme.rated_criteria, *scheme.adjustments]


def _codes(scores: pd.DataFrame, name: str) -> tuple[Ints, Values]:
    codes, keys = pd.factorize(scores[name], sort=True)
    found = np.asarray(keys, dtype=object)
    blank = np.append(found == "", True)
    _refuse(scores, blank[codes], f"no {name}")
    return codes.astype(np.int64), found


def _proposal_codes(scores: pd.DataFrame, proposals: pd.DataFrame | None) -> tuple[Values, Ints]:
    codes, found = _codes(scores, "proposal")
    if proposals is None:
        return found, codes
    keys = np.asarray(sorted(proposal_keys(proposals)), dtype=object)
    known = pd.Index(keys).get_indexer(pd.Index(found)).astype(np.int64)
    _refuse(scores, (known < 0)[codes], "this proposal is not among the proposals")
    return keys, known[codes]


def proposal_keys(proposals: pd.DataFrame) -> list[Any]:
    """The keys of a table of proposals; ScoresError for a missing column, a blank or a repeated key."""
    if "proposal" not in proposals.columns:
        raise ScoresError([("proposal", "the proposals have no such column")])
    keys = proposals["proposal"]
    wrong = keys[keys.isna() | keys.duplicated() | (keys == "")]
    if len(wrong):
        raise ScoresError([("proposal", f"the proposal {key!r} is blank or listed twice") for key in wrong])
    return list(keys)


def _part_codes(scheme: "Scheme", scores: pd.DataFrame) -> Ints:
    codes, found = _codes(scores, "criterion")
    known = {part.key: index for index, part in enumerate(_parts(scheme))}
    places = np.array([known.get(key, -1) for key in found], dtype=np.int64)
    computed = {criterion.key for criterion in scheme.computed_criteria}
    unrated = np.array([key in computed for key in found], dtype=bool)
    _refuse(scores, unrated[codes], "this criterion is computed, not rated")
    _refuse(scores, (places < 0)[codes], "the scheme has no such criterion")
    return places[codes]


def _refuse_duplicates(scores: pd.DataFrame, cell: Ints, cells: int) -> None:
    taken = np.zeros(cells, dtype=bool)
    taken[cell] = True
    if taken.sum() < len(cell):
        repeated = pd.Series(cell).duplicated().to_numpy()
        _refuse(scores, repeated, "this reviewer already has a row for this criterion of this proposal")


def _entries(scheme: "Scheme", scores: pd.DataFrame, part: Ints) -> tuple[Entries, Ints]:
    """The different marks, and which of them each row gives; -1 where the value is blank."""
    codes, values = _different_values(scores)
    given = [None if str(value).strip() == "" else value for value in np.asarray(values, dtype=object)]
    width = len(given)
    pairs = np.where(codes < 0, -1, part * width + codes)
    used = np.flatnonzero(np.bincount(pairs[pairs >= 0])) if width else np.zeros(0, dtype=np.int64)
    parts = _parts(scheme)
    points: dict[int, Fraction] = {}
    wrong: dict[int, str] = {}
    for pair in used.tolist():
        try:
            if (value := given[pair % width]) is not None:
                points[pair] = _points(parts[pair // width], value)
        except ValueError as error:
            wrong[pair] = str(error)
    _refuse_entries(scores, pairs, wrong)
    places = np.full(int(pairs.max(initial=0)) + 2, -1, dtype=np.int64)
    places[list(points)] = np.arange(len(points))
    return Entries(np.array(list(points), dtype=np.int64) // max(width, 1), list(points.values())), places[pairs]


def _different_values(scores: pd.DataFrame) -> tuple[Ints, Any]:
    try:
        return pd.factorize(scores["value"])
    except TypeError as error:
        lists = [isinstance(one, list | dict | set) for one in scores["value"]]
        row = lists.index(True) if True in lists else 0
        raise ScoresError([(_place(scores, row), f"{scores['value'].iloc[row]!r} is no number")]) from error


def _points(part: Criterion | Adjustment, given: object) -> Fraction:
    return part.signed(given) if isinstance(part, Adjustment) else Fraction(part.points(given))


def _refuse_entries(scores: pd.DataFrame, pairs: Ints, wrong: dict[int, str]) -> None:
    if wrong:
        rows = np.flatnonzero(np.isin(pairs, list(wrong)))
        raise ScoresError([(_place(scores, row), wrong[int(pairs[row])]) for row in rows.tolist()])


def _reasons(scores: pd.DataFrame, given: Flags) -> Ints:
    """Places in REASONS."""
    if "reason" not in scores.columns:
        return np.zeros(len(scores), dtype=np.int64)
    codes, found = pd.factorize(scores["reason"])
    known = [REASONS.index(one) if one in REASONS else -1 for one in np.asarray(found, dtype=object)]
    reason = np.array([*known, 0], dtype=np.int64)[codes]
    _refuse(scores, reason < 0, "unknown reason, expected not_assessable or recused")
    _refuse(scores, (reason == NOT_ASSESSABLE) & given, "not_assessable, yet there is a mark")
    return reason


def _refuse(scores: pd.DataFrame, wrong: Flags, problem: str) -> None:
    if wrong.any():
        raise ScoresError([(_place(scores, row), problem) for row in np.flatnonzero(wrong).tolist()])


def _place(scores: pd.DataFrame, row: int) -> str:
    """Such as: row 5 (P01, M2, k3)."""
    cells = ", ".join(str(scores[name].iloc[row]) for name in COLUMNS[:3])
    return f"row {row + 1} ({cells})"
