"""What would change without one reviewer, or without one rating."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.marks.frames import in_order, label
from scoring.marks.numbering import codes
from scoring.marks.scores import COLUMNS, ratings
from scoring.ranking.rank import rank
from scoring.ranking.recommend import recommend
from scoring.scheme.scheme import Scheme

SHEET = ["proposal", "reviewer"]
STANDING = ["rank", "unranked", "failed"]


def leave_one_reviewer_out(
    scheme: Scheme, scores: pd.DataFrame, proposals: pd.DataFrame | None = None, **capacity: Any
) -> pd.DataFrame:
    """The recommendation once more without each reviewer in turn.

    scores, proposals: as for `rank`. capacity: places, budget, fill, quotas as for `recommend`.
    Result, by reviewer: reviewer, judged (proposals with a sheet), changes (how many recommendations differ), comes_in,
    drops_out (lists of proposals: recommended only without, only with this reviewer), largest_move (most ranks that a
    proposal moves, blank = none is ranked both times).

    The least number of ratings that the scheme asks for is lowered by one, else nobody could be left out; proposals
    that do not reach it with all reviewers stay out. Errors: as `rank` and `recommend`.
    """
    full, lenient = rank(scheme, scores, proposals), _asking_one_fewer(scheme)
    before, hopeless = _recommended(full, proposals, capacity), _hopeless(full)
    sheets, scores, rows = _sheets(scheme, scores, proposals), _plain(scores), []
    known, reviewers = codes(pd.concat([sheets["reviewer"], scores["reviewer"]]))
    judged, whose = np.bincount(known[: len(sheets)]), known[len(sheets) :]
    for number in np.flatnonzero(judged).tolist():
        without = _closed_up(rank(lenient, scores[whose != number], proposals), hopeless)
        ranks = full[["proposal", "rank"]].merge(without[["proposal", "rank"]], on="proposal")
        move = (ranks["rank_x"] - ranks["rank_y"]).abs().max()
        change = _change(before, _recommended(without, proposals, capacity))
        rows.append({"reviewer": reviewers[number], "judged": int(judged[number]), **change, "largest_move": move})
    columns = ["reviewer", "judged", "changes", "comes_in", "drops_out", "largest_move"]
    return pd.DataFrame(rows, columns=columns).astype({"largest_move": "Int64"})


def decisive_ratings(
    scheme: Scheme, scores: pd.DataFrame, proposals: pd.DataFrame | None = None, **capacity: Any
) -> pd.DataFrame:
    """The single ratings (all marks of one reviewer for one proposal) whose removal changes the recommendation.

    A decisive rating is a reason to ask for one more, not to take it away. scores, proposals, capacity and the least
    number of ratings: as for `leave_one_reviewer_out`.
    Result, by proposal and reviewer: proposal, reviewer, rank, rank_without (blank = not ranked), changes, comes_in,
    drops_out (recommended only without, only with this rating). Errors: as `rank` and `recommend`.
    """
    full = rank(scheme, scores, proposals)
    before = _recommended(full, proposals, capacity)
    sheets = _sheets(scheme, scores, proposals)
    sheets = sheets[~sheets["proposal"].isin(_hopeless(full))].reset_index(drop=True)
    base, copies = _every_removal(_asking_one_fewer(scheme), scores, proposals, full, sheets)
    line = _line(base, before)
    prefix = capacity.get("fill", "stop") == "stop" and not capacity.get("quotas")
    rows, row_of = [], {proposal: row for row, proposal in enumerate(base["proposal"])}
    for at, (proposal, reviewer) in enumerate(sheets.itertuples(index=False)):
        row = row_of[proposal]
        if line.stays(row, copies["rank"].iloc[at]) or (prefix and line.untouched(row, copies["rank"].iloc[at])):
            continue
        without = _in_place(base, row, copies.iloc[at])
        change = _change(before, _recommended(without, proposals, capacity))
        if change["changes"]:
            ranks = {"rank": _place(base, row), "rank_without": _place(without, row)}
            rows.append({"proposal": proposal, "reviewer": reviewer, **ranks, **change})
    columns = [*SHEET, "rank", "rank_without", "changes", "comes_in", "drops_out"]
    return pd.DataFrame(rows, columns=columns).astype({"rank": "Int64", "rank_without": "Int64"})


def _sheets(scheme: Scheme, scores: pd.DataFrame, proposals: pd.DataFrame | None) -> pd.DataFrame:
    """Who rated what, in order: at least one mark, and not recused."""
    found = ratings(scheme, scores, proposals)
    proposal, reviewer = found.sheet_proposal[found.valid], found.sheet_reviewer[found.valid]
    columns = {"proposal": found.proposals[proposal], "reviewer": found.reviewers[reviewer]}
    return pd.DataFrame(columns, dtype=object)


def _plain(scores: pd.DataFrame) -> pd.DataFrame:
    """What counts of the scores, with keys of any kind side by side."""
    used = [name for name in (*COLUMNS, "reason") if name in scores.columns]
    return scores[used].astype({"proposal": object, "reviewer": object}).reset_index(drop=True)


def _asking_one_fewer(scheme: Scheme) -> Scheme:
    least = max(scheme.aggregation.min_valid_ratings - 1, 1)
    return replace(scheme, aggregation=replace(scheme.aggregation, min_valid_ratings=least))


def _recommended(ranking: pd.DataFrame, proposals: pd.DataFrame | None, capacity: Mapping[str, Any]) -> set[Any]:
    listed = recommend(ranking, proposals, **capacity)
    return set(listed.loc[listed["status"] == "recommended", "proposal"])


def _change(before: set[Any], after: set[Any]) -> dict[str, Any]:
    comes_in, drops_out = in_order(after - before), in_order(before - after)
    return {"changes": len(comes_in) + len(drops_out), "comes_in": comes_in, "drops_out": drops_out}


def _hopeless(full: pd.DataFrame) -> set[Any]:
    return set(full.loc[full["unranked"] == "too_few_ratings", "proposal"])


def _closed_up(found: pd.DataFrame, hopeless: Collection[Any]) -> pd.DataFrame:
    """The ranking without those that have too few ratings anyway; the others close up."""
    ranks = found["rank"].mask(found["proposal"].isin(hopeless))
    closed = ranks.astype("Float64").groupby(_scope(found)).rank(method="min").astype("Int64")
    unranked = found["unranked"].mask(found["proposal"].isin(hopeless), "too_few_ratings")
    return found.assign(rank=closed, unranked=unranked)


def _every_removal(
    scheme: Scheme, scores: pd.DataFrame, proposals: pd.DataFrame | None, full: pd.DataFrame, sheets: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Where all proposals stand, and where the proposal of each sheet would stand without it, in one ranking.

    Every sheet gets a copy of its proposal with all the other sheets, ranked together with the originals.
    """
    scores, names = _plain(scores), in_order(full["proposal"])
    code = {name: f"{at:09}" for at, name in enumerate(names)}
    copy = pd.Series([f"{at:09}" for at in range(len(names), len(names) + len(sheets))], name="copy", dtype=object)
    others = scores.merge(sheets.assign(copy=copy), on="proposal", suffixes=("", "_left_out"))
    others = others[others["reviewer"] != others["reviewer_left_out"]]
    marks = [scores.assign(proposal=scores["proposal"].map(code)), others.assign(proposal=others["copy"])]
    facts = None
    if proposals is not None:
        place = pd.Index(proposals["proposal"], dtype=object).get_indexer(pd.Index(sheets["proposal"], dtype=object))
        originals = proposals.assign(proposal=[code[name] for name in proposals["proposal"]])
        facts = pd.concat([originals, proposals.take(place).assign(proposal=copy.to_numpy())])
    every = rank(scheme, pd.concat(marks)[scores.columns], facts).set_index("proposal")
    base = every.reindex(list(code.values())).assign(proposal=names)
    hopeless = base["proposal"].isin(_hopeless(full))
    base["rank"] = base["rank"].mask(hopeless)
    base["unranked"] = base["unranked"].mask(hopeless, "too_few_ratings")
    return base.reset_index(drop=True), every.reindex(copy)[STANDING].reset_index(drop=True)


class _Line(NamedTuple):
    """Ranks (infinite = none), scopes, and who is recommended, to see at a glance that a move cannot matter."""

    rank: npt.NDArray[np.float64]
    scope: npt.NDArray[Any]
    recommended: npt.NDArray[np.bool_]

    def stays(self, row: int, rank_without: Any) -> bool:
        """Whether the proposal stands where it stood: then nobody moves."""
        return bool(self.rank[row] == (np.inf if pd.isna(rank_without) else float(rank_without)))

    def untouched(self, row: int, rank_without: Any) -> bool:
        """Whether the list ends at the same proposal as before: then the same stand before it (fill="stop")."""
        new = np.inf if pd.isna(rank_without) else float(rank_without)
        others = (self.scope == self.scope[row]) & ~self.recommended
        others[row] = False
        end = self.rank[others].min(initial=np.inf)
        return bool(new < end if self.recommended[row] else min(new, self.rank[row]) > end)


def _line(base: pd.DataFrame, recommended: set[Any]) -> _Line:
    rank_or_none: npt.NDArray[np.float64] = np.asarray(base["rank"].astype("Float64").fillna(np.inf), dtype=np.float64)
    return _Line(rank_or_none, _scope(base).to_numpy(), base["proposal"].isin(recommended).to_numpy())


def _in_place(base: pd.DataFrame, row: int, standing: "pd.Series[Any]") -> pd.DataFrame:
    """The ranking with one proposal standing elsewhere; without any rating left it is not ranked."""
    without = base.copy()
    if pd.isna(standing["unranked"]):
        standing = pd.Series({"rank": pd.NA, "unranked": "no_rating", "failed": []})
    for column in STANDING:
        without[column] = [*base[column].iloc[:row], standing[column], *base[column].iloc[row + 1 :]]
    return without.astype({"rank": "Int64"})


def _place(found: pd.DataFrame, row: int) -> Any:
    """The rank among the proposals of a ranking that holds other rows too."""
    own = found["rank"].iloc[row]
    same = _scope(found) == _scope(found).iloc[row]
    return pd.NA if pd.isna(own) else 1 + int((found.loc[same, "rank"] < own).sum())


def _scope(found: pd.DataFrame) -> "pd.Series[Any]":
    return found["scope"].map(label) if "scope" in found else pd.Series("", index=found.index)
