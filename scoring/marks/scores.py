"""The long table of scores, checked row by row and turned into whole numbers."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
import pandas as pd

from scoring.errors import ScoresError
from scoring.marks.columns import Column, Flags, Ints, Values, column
from scoring.marks.frames import is_key, no_key_row, refuse_no_table
from scoring.marks.numbering import codes, told_apart
from scoring.scheme.criteria import Criterion
from scoring.scheme.parts import Adjustment
from scoring.scheme.scheme import Scheme

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

    @cached_property
    def units(self) -> Column:
        """The points as whole numbers over one unit."""
        return column(self.points)


@dataclass(frozen=True)
class Ratings:
    """The marks that count.

    proposals, reviewers: all keys, sorted. sheet_proposal, sheet_reviewer: whose each sheet is, sorted by both; a sheet
    may be left without marks. marks: one row a part of the scheme, one column a sheet: the number of the entry, -1 = no
    mark. open_marks, not_assessable: of each proposal, marks that its sheets leave blank or say cannot be judged;
    unjudged: the places of the latter in the flat grid.
    """

    proposals: Values
    reviewers: Values
    entries: Entries
    sheet_proposal: Ints
    sheet_reviewer: Ints
    marks: Ints
    open_marks: Ints
    not_assessable: Ints
    unjudged: Ints

    @cached_property
    def valid(self) -> Flags:
        """Which sheets have a mark."""
        return np.asarray((self.marks >= 0).any(axis=0))

    def of(self, part: int) -> tuple[Ints, Ints]:
        """The proposal and the entry of every mark of one part, by sheet."""
        given = np.flatnonzero(self.marks[part] >= 0)
        return self.sheet_proposal[given], self.marks[part][given]


def ratings(scheme: Scheme, scores: pd.DataFrame, proposals: pd.DataFrame | None = None) -> Ratings:
    """The marks that count.

    scores: columns proposal, reviewer, criterion, value and perhaps reason; a blank value is not given, reason
    not_assessable says that it cannot be judged, recused takes the whole sheet of that reviewer out.
    proposals: if given, every proposal of the scores must be in its column proposal, and all of its are kept.
    Raises ScoresError naming the rows: unknown proposal, criterion or reason, a mark off the scale, a mark beside
    not_assessable, the same mark twice, blank keys.
    """
    refuse_no_table(scores, "scores", (*COLUMNS, "reason"))
    if absent := [name for name in COLUMNS if name not in scores.columns]:
        raise ScoresError([(name, "the scores have no such column") for name in absent])
    keys, proposal = _proposal_codes(scores, proposals)
    reviewers, reviewer = _codes(scores, "reviewer")
    part = _part_codes(scheme, scores)
    width = max(len(reviewers), 1)
    sheet, whose = codes(proposal * width + reviewer)
    shape = (len(_parts(scheme)), len(whose))
    cell = part * shape[1] + sheet
    _refuse_duplicates(scores, cell, shape[0] * shape[1])
    entries, entry = _entries(scheme, scores, part)
    reason = _reasons(scores, entry)
    marks = np.full(shape, -1, dtype=np.int64)
    marks.reshape(-1)[cell] = entry
    recused = np.bincount(sheet[reason == RECUSED], minlength=shape[1]) > 0
    marks[:, recused] = -1
    rows = np.flatnonzero(reason == NOT_ASSESSABLE)
    rows = rows[~recused[sheet[rows]]]
    unjudged = np.bincount(proposal[rows], minlength=len(keys))
    return Ratings(keys, reviewers, entries, whose // width, whose % width, marks, unjudged * 0, unjudged, cell[rows])


def rated(scheme: Scheme, found: Ratings) -> Ratings:
    """The marks of criteria alone, after the scheme's rule for unfinished sheets; their open marks are counted.

    Raises ScoresError where the scheme refuses unfinished sheets.
    """
    found = replace(found, marks=found.marks[: len(scheme.rated_criteria)])
    wanted = np.array([not criterion.optional for criterion in scheme.rated_criteria], dtype=bool)
    lacking = np.where(found.valid, (found.marks[wanted] < 0).sum(axis=0), 0)
    short = np.bincount(found.sheet_proposal, weights=lacking, minlength=len(found.proposals)).astype(np.int64)
    found = replace(found, open_marks=short - _explained(found, wanted))
    policy = scheme.aggregation.missing
    if policy == "refuse" and lacking.any():
        keys = sorted({str(found.proposals[one]) for one in found.sheet_proposal[lacking > 0]})
        raise ScoresError([(key, "a sheet is unfinished, and the scheme refuses those") for key in keys])
    return replace(found, marks=np.where(lacking > 0, -1, found.marks)) if policy == "drop_sheet" else found


def _explained(found: Ratings, wanted: Flags) -> Ints:
    """Of each proposal, the obligatory marks that a sheet with other marks says cannot be judged."""
    part, sheet = np.divmod(found.unjudged, max(found.marks.shape[1], 1))
    sheet = sheet[np.append(wanted, False)[np.minimum(part, len(wanted))]]
    return np.bincount(found.sheet_proposal[sheet[found.valid[sheet]]], minlength=len(found.proposals))


def _parts(scheme: Scheme) -> list[Criterion | Adjustment]:
    return [*scheme.rated_criteria, *scheme.adjustments]


def _codes(scores: pd.DataFrame, name: str) -> tuple[Values, Ints]:
    keys, code = _numbered(scores, name)
    _refuse_keys(scores, np.append(keys == "", code.min(initial=0) < 0), code, f"no {name}")
    return keys, code


def _numbered(scores: pd.DataFrame, name: str) -> tuple[Values, Ints]:
    """As `codes`, the different values in front; ScoresError names the first row that holds a list or the like."""
    try:
        code, different = codes(told_apart(scores[name]))
    except TypeError:
        row = no_key_row(scores[name])
        problem = "is no number" if name == "value" else f"is no {name}, expected text or a number"
        raise ScoresError([(_place(scores, row), f"{scores[name].iloc[row]!r} {problem}")]) from None
    return np.asarray(different, dtype=object), code


def _proposal_codes(scores: pd.DataFrame, proposals: pd.DataFrame | None) -> tuple[Values, Ints]:
    found, code = _codes(scores, "proposal")
    if proposals is None:
        return found, code
    keys = proposal_keys(proposals)
    known = pd.Index(keys, dtype=object).get_indexer(pd.Index(found, dtype=object)).astype(np.int64)
    _refuse_keys(scores, known < 0, code, "this proposal is not among the proposals")
    return keys, known[code]


def proposal_keys(proposals: pd.DataFrame) -> Values:
    """The keys of a table of proposals, sorted; ScoresError for a missing column, a blank or a repeated key."""
    refuse_no_table(proposals, "proposals", ["proposal"])
    if "proposal" not in proposals.columns:
        raise ScoresError([("proposal", "the proposals have no such column")])
    keys = proposals["proposal"]
    if odd := [key for key in keys if not is_key(key)]:
        raise ScoresError([("proposal", f"{key!r} is no proposal, expected text or a number") for key in odd])
    wrong = keys[keys.isna() | keys.duplicated() | (keys == "")]
    if len(wrong):
        raise ScoresError([("proposal", f"the proposal {key!r} is blank or listed twice") for key in wrong])
    return np.asarray(codes(keys)[1], dtype=object)


def _part_codes(scheme: Scheme, scores: pd.DataFrame) -> Ints:
    found, code = _codes(scores, "criterion")
    known = {part.key: index for index, part in enumerate(_parts(scheme))}
    places = np.array([known.get(key, -1) for key in found], dtype=np.int64)
    computed = {criterion.key for criterion in scheme.computed_criteria}
    unrated = np.array([key in computed for key in found], dtype=bool)
    _refuse_keys(scores, unrated, code, "this criterion is computed, not rated")
    _refuse_keys(scores, places < 0, code, "the scheme has no such criterion")
    return places[code]


def _refuse_duplicates(scores: pd.DataFrame, cell: Ints, cells: int) -> None:
    taken = np.zeros(cells, dtype=bool)
    taken[cell] = True
    if taken.sum() < len(cell):
        repeated = pd.Series(cell).duplicated().to_numpy()
        _refuse(scores, repeated, "this reviewer already has a row for this criterion of this proposal")


def _entries(scheme: Scheme, scores: pd.DataFrame, part: Ints) -> tuple[Entries, Ints]:
    """The different marks, and which of them each row gives; -1 where the value is blank."""
    values, code = _numbered(scores, "value")
    given = [None if str(value).strip() == "" else value for value in values]
    parts, width = _parts(scheme), len(given)
    blank = len(parts) * width
    pair = part * width
    pair += code
    pair[code < 0] = blank
    points: dict[int, Fraction] = {}
    wrong: dict[int, str] = {}
    for one in np.flatnonzero(np.bincount(pair, minlength=blank)[:blank]).tolist():
        try:
            if (value := given[one % width]) is not None:
                points[one] = _points(parts[one // width], value)
        except ValueError as error:
            wrong[one] = str(error)
    _refuse_entries(scores, pair, wrong)
    places = np.full(blank + 1, -1, dtype=np.int64)
    places[list(points)] = np.arange(len(points))
    return Entries(np.array(list(points), dtype=np.int64) // max(width, 1), list(points.values())), places[pair]


def _points(part: Criterion | Adjustment, given: object) -> Fraction:
    return part.signed(given) if isinstance(part, Adjustment) else Fraction(part.points(given))


def _refuse_entries(scores: pd.DataFrame, pairs: Ints, wrong: dict[int, str]) -> None:
    if wrong:
        rows = np.flatnonzero(np.isin(pairs, list(wrong)))
        raise ScoresError([(_place(scores, row), wrong[int(pairs[row])]) for row in rows.tolist()])


def _reasons(scores: pd.DataFrame, entry: Ints) -> Ints:
    """Places in REASONS."""
    if "reason" not in scores.columns:
        return np.zeros(len(scores), dtype=np.int64)
    found, code = _numbered(scores, "reason")
    known = [REASONS.index(one) if one in REASONS else -1 for one in found]
    reason = np.array([*known, 0], dtype=np.int64)[code]
    _refuse(scores, reason < 0, "unknown reason, expected not_assessable or recused")
    _refuse(scores, (reason == NOT_ASSESSABLE) & (entry >= 0), "not_assessable, yet there is a mark")
    return reason


def _refuse_keys(scores: pd.DataFrame, wrong: Flags, code: Ints, problem: str) -> None:
    """`wrong`: which of the different keys are."""
    if wrong.any():
        _refuse(scores, wrong[code], problem)


def _refuse(scores: pd.DataFrame, wrong: Flags, problem: str) -> None:
    if wrong.any():
        raise ScoresError([(_place(scores, row), problem) for row in np.flatnonzero(wrong).tolist()])


def _place(scores: pd.DataFrame, row: int) -> str:
    """Such as: row 5 (P01, M2, k3)."""
    cells = ", ".join(str(scores[name].iloc[row]) for name in COLUMNS[:3])
    return f"row {row + 1} ({cells})"
