"""What a reader of the ranking should know about a proposal, as short codes; nothing here changes a number."""

import numpy as np

from scoring.marks.columns import Ints, Values
from scoring.ranking.totals import Standing


def notes(found: Standing, tied: Ints, unrecorded: list[str]) -> Values:
    """For each proposal a list: gate:KEY, no_mark:KEY, few_marks:KEY, open_marks:N, not_assessable:N, no_consensus:KEY,
    and for those left tied (places in `tied`) unrecorded:RULE for each tie rule that nothing is recorded for.
    """
    said = np.empty(len(found.keys), dtype=object)
    said[:] = [[] for _ in range(len(said))]
    for key, failed in found.barred.items():
        _say(said, np.flatnonzero(failed), f"gate:{key}")
    for key, rows in _thin_criteria(found):
        _say(said, rows, key)
    for name, counts in (("open_marks", found.ratings.open_marks), ("not_assessable", found.ratings.not_assessable)):
        for row in np.flatnonzero(counts).tolist():
            said[row].append(f"{name}:{counts[row]}")
    for key, rows in _disagreements(found):
        _say(said, rows, key)
    for rule in unrecorded:
        _say(said, tied, f"unrecorded:{rule}")
    return said


def _say(said: Values, rows: Ints, note: str) -> None:
    for row in rows.tolist():
        said[row].append(note)


def _thin_criteria(found: Standing) -> list[tuple[str, Ints]]:
    """Criteria of rated proposals without any mark, or with fewer marks than the scheme wants ratings."""
    least, thin = found.scheme.aggregation.min_valid_ratings, []
    enough = found.valid_reviews >= least
    for one in found.scheme.rated_criteria:
        if not one.optional:
            count = found.marks[one.key].count
            thin.append((f"no_mark:{one.key}", np.flatnonzero((found.valid_reviews > 0) & (count == 0))))
            thin.append((f"few_marks:{one.key}", np.flatnonzero(enough & (count > 0) & (count < least))))
    return thin


def _disagreements(found: Standing) -> list[tuple[str, Ints]]:
    """Where the scheme wants a consensus and the marks differ; the mean stands in for it."""
    if found.scheme.aggregation.across_raters != "consensus":
        return []
    said, points = [], found.ratings.entries.units.values
    for index, one in enumerate(found.scheme.rated_criteria):
        here, entry = found.ratings.of(index)
        mark = points[entry]
        some = np.zeros(len(found.keys), dtype=points.dtype)
        some[here] = mark
        said.append((f"no_consensus:{one.key}", np.unique(here[mark != some[here]])))
    return said
