"""The long table of scores, checked row by row and turned into whole numbers."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scoring.criteria import Criterion
from scoring.errors import Fault, MarkError, ScoresError
from scoring.exact import Flags, Ints, Values
from scoring.parts import Adjustment

if TYPE_CHECKING:
    from scoring.scheme import Scheme

COLUMNS = ("proposal", "reviewer", "criterion", "value")
REASONS = ("", "not_assessable", "recused")
NO_MARK = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Ratings:
    """The marks that count, as codes: reviewer[i] gave criterion[i] of proposal[i] the mark mark[i] / unit.

    proposals, reviewers: all keys, sorted. criterion: place in scheme.rated_criteria, behind them scheme.adjustments.
    open_marks, not_assessable: of each proposal, marks that its sheets leave blank or say cannot be judged.
    """

    proposals: Values
    reviewers: Values
    proposal: Ints
    reviewer: Ints
    criterion: Ints
    mark: Ints
    unit: int
    open_marks: Ints
    not_assessable: Ints

    def rows(self, which: Flags) -> "Ratings":
        """Only these marks."""
        return replace(
            self,
            proposal=self.proposal[which],
            reviewer=self.reviewer[which],
            criterion=self.criterion[which],
            mark=self.mark[which],
        )

    def sheets(self) -> tuple[Ints, Ints]:
        """The sheet of each mark, numbered from 0, and the proposal of each sheet."""
        width = max(len(self.reviewers), 1)
        sheet, which = pd.factorize(self.proposal * width + self.reviewer)
        return sheet.astype(np.int64), np.asarray(which) // width


def ratings(scheme: "Scheme", scores: pd.DataFrame, proposals: pd.DataFrame | None = None) -> Ratings:
    """The marks that count.

    scores: columns proposal, reviewer, criterion, value and perhaps reason; a blank value is not given, reason
    not_assessable says that it cannot be judged, recused takes the whole sheet of that reviewer out.
    proposals: if given, every proposal of the scores must be in its column proposal, and all of its are kept.
    Raises ScoresError naming the rows: unknown proposal, criterion or reason, a mark off the scale, a mark beside a
    reason, the same mark twice, blank keys.
    """
    if absent := [name for name in COLUMNS if name not in scores.columns]:
        raise ScoresError([(name, "the scores have no such column") for name in absent])
    keys, proposal = proposal_codes(scores, proposals)
    reviewer, reviewers = coded(scores, "reviewer")
    criterion = criterion_codes(scheme, scores)
    sheet = proposal * max(len(reviewers), 1) + reviewer
    refuse_duplicates(scores, sheet * (len(inputs(scheme)) + 1) + criterion)
    mark, unit = marks(scheme, scores, criterion)
    reason = reasons(scores, mark)
    counts = np.ones(len(scores), dtype=bool)
    if (reason == 2).any():
        counts = ~np.isin(sheet, np.unique(sheet[reason == 2]))
    unjudged = np.bincount(proposal[counts & (reason == 1)], minlength=len(keys))
    found = Ratings(keys, reviewers, proposal, reviewer, criterion, mark, unit, unjudged * 0, unjudged)
    return unfinished(scheme, found.rows(counts & (mark != NO_MARK)))


def inputs(scheme: "Scheme") -> list[Criterion | Adjustment]:
    return [*scheme.rated_criteria, *scheme.adjustments]


def coded(scores: pd.DataFrame, name: str) -> tuple[Ints, Values]:
    codes, keys = pd.factorize(scores[name], sort=True)
    blank = codes < 0
    if len(keys) and (empty := np.flatnonzero(np.asarray(keys) == "")).size:
        blank |= codes == empty[0]
    refuse(scores, blank, f"no {name}")
    return codes.astype(np.int64), np.asarray(keys, dtype=object)


def proposal_codes(scores: pd.DataFrame, proposals: pd.DataFrame | None) -> tuple[Values, Ints]:
    codes, found = coded(scores, "proposal")
    if proposals is None:
        return found, codes
    keys = np.asarray(sorted(proposal_keys(proposals)), dtype=object)
    known = pd.Index(keys).get_indexer(pd.Index(found)).astype(np.int64)
    refuse(scores, (known < 0)[codes], "this proposal is not among the proposals")
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


def criterion_codes(scheme: "Scheme", scores: pd.DataFrame) -> Ints:
    codes, found = coded(scores, "criterion")
    known = {part.key: index for index, part in enumerate(inputs(scheme))}
    places = np.array([known.get(key, -1) for key in found], dtype=np.int64)
    computed = {criterion.key for criterion in scheme.computed_criteria}
    refuse(scores, np.array([key in computed for key in found], dtype=bool)[codes], "this criterion is computed, not rated")
    refuse(scores, (places < 0)[codes], "the scheme has no such criterion")
    return places[codes]


def refuse_duplicates(scores: pd.DataFrame, cell: Ints) -> None:
    repeated = pd.Series(cell).duplicated(keep="first").to_numpy()
    refuse(scores, repeated, "this reviewer already has a row for this criterion of this proposal")


def marks(scheme: "Scheme", scores: pd.DataFrame, criterion: Ints) -> tuple[Ints, int]:
    """The mark of each row as a whole number of 1/unit, NO_MARK where the value is blank."""
    codes, values = pd.factorize(scores["value"])
    width = len(values) + 1
    pairs = criterion * width + codes + 1
    used = np.flatnonzero(np.bincount(pairs, minlength=1))
    parts = inputs(scheme)
    read: dict[int, Fraction] = {}
    wrong: dict[int, str] = {}
    for pair in used.tolist():
        part, value = divmod(pair, width)
        given = values[value - 1] if value else None
        if given is not None and str(given).strip() != "":
            try:
                read[pair] = points(parts[part], given)
            except ValueError as error:
                wrong[pair] = str(error)
    refuse_marks(scores, pairs, wrong)
    unit = math.lcm(*(number.denominator for number in read.values())) if read else 1
    table = np.full(int(pairs.max(initial=0)) + 1, NO_MARK, dtype=np.int64)
    for pair, number in read.items():
        table[pair] = int(number * unit)
    return table[pairs], unit


def points(part: Criterion | Adjustment, given: object) -> Fraction:
    if isinstance(part, Adjustment):
        return part.signed(given)
    return Fraction(part.points(given.item() if isinstance(given, np.generic) else given))


def refuse_marks(scores: pd.DataFrame, pairs: Ints, wrong: dict[int, str]) -> None:
    if wrong:
        rows = np.flatnonzero(np.isin(pairs, list(wrong)))
        raise ScoresError([(place(scores, row), wrong[int(pairs[row])]) for row in rows.tolist()])


def reasons(scores: pd.DataFrame, mark: Ints) -> Ints:
    """0 none, 1 not_assessable, 2 recused."""
    if "reason" not in scores.columns:
        return np.zeros(len(scores), dtype=np.int64)
    codes, found = pd.factorize(scores["reason"])
    known = np.array([REASONS.index(one) if one in REASONS else -1 for one in found] + [0], dtype=np.int64)
    reason = known[codes]
    refuse(scores, reason < 0, "unknown reason, expected not_assessable or recused")
    refuse(scores, (reason == 1) & (mark != NO_MARK), "not_assessable, yet there is a mark")
    return reason


def unfinished(scheme: "Scheme", found: Ratings) -> Ratings:
    """Count the open marks of each proposal, and do with unfinished sheets what the scheme says."""
    rated = found.criterion < len(scheme.rated_criteria)
    sheet, of_proposal = found.rows(rated).sheets()
    wanted = np.array([not criterion.optional for criterion in scheme.rated_criteria], dtype=bool)
    given = np.bincount(sheet[wanted[found.criterion[rated]]], minlength=len(of_proposal))
    lacking = wanted.sum() - given
    open_marks = np.bincount(of_proposal, weights=lacking, minlength=len(found.proposals)).astype(np.int64)
    found = replace(found, open_marks=np.maximum(open_marks - found.not_assessable, 0))
    policy = scheme.aggregation.missing
    if policy == "use_given" or not lacking.any():
        return found
    if policy == "refuse":
        bad = sorted({str(found.proposals[one]) for one in of_proposal[lacking > 0]})
        raise ScoresError([(key, "a sheet is not complete, and the scheme refuses unfinished sheets") for key in bad])
    keep = ~rated
    keep[rated] = (lacking == 0)[sheet]
    return found.rows(keep)


def refuse(scores: pd.DataFrame, wrong: Flags, problem: str) -> None:
    if wrong.any():
        raise ScoresError([(place(scores, row), problem) for row in np.flatnonzero(wrong).tolist()])


def place(scores: pd.DataFrame, row: int) -> str:
    """row 5 (P01, M2, k3)"""
    cells = ", ".join(str(scores[name].iloc[row]) for name in COLUMNS[:3])
    return f"row {row + 1} ({cells})"


__all__ = ["Fault", "Ratings", "ratings", "Callable", "Iterator", "Decimal", "MarkError"]
