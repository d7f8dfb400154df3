"""What must hold for every ranking, whatever the marks."""

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import Scheme, rank, recommend, review_totals
from tests.scoring.worlds import SCHEMES, auental, auental_proposals, auental_scores, column, scale, small

SCHEME = small(
    scale("a", weight=2, threshold={"min": 1.5, "op": ">="}),
    scale("b"),
    scale("c", weight=1.5),
    pass_rule={"min_total": 6},
    ranking={"tie_breakers": ["a", "lower:cost"]},
)
PUBLISHED = [Scheme.from_file(path) for path in SCHEMES]
MARK = st.one_of(st.none(), st.integers(0, 5))
CELL = st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2))


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Up to six proposals, four reviewers, three criteria, with blanks and recusals."""
    cells = draw(st.dictionaries(CELL, MARK, min_size=1, max_size=60))
    recused = draw(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=3))
    rows = [
        (f"P{p}", f"R{r}", "abc"[c], mark, "recused" if (p, r) in recused else None)
        for (p, r, c), mark in cells.items()
    ]
    return pd.DataFrame(rows, columns=["proposal", "reviewer", "criterion", "value", "reason"]).astype(
        {"reason": object}
    )


def facts(table: pd.DataFrame) -> pd.DataFrame:
    keys = sorted(table["proposal"].unique())
    return pd.DataFrame({"proposal": keys, "cost": [int(key[1:]) // 2 for key in keys], "places": [3] * len(keys)})


def ranked(table: pd.DataFrame) -> pd.DataFrame:
    return rank(SCHEME, table, facts(table))


@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_names_of_reviewers_change_nothing(table: pd.DataFrame, random: Any) -> None:
    shuffled = table.sample(frac=1, random_state=random.randrange(2**31)).reset_index(drop=True)
    renamed = shuffled.replace({"reviewer": {"R0": "zoe", "R1": "adam"}})
    pd.testing.assert_frame_equal(ranked(table), rank(SCHEME, shuffled, facts(table).sample(frac=1, random_state=1)))
    pd.testing.assert_frame_equal(ranked(table).drop(columns="spread"), ranked(renamed).drop(columns="spread"))


@given(tables())
def test_no_argument_is_changed(table: pd.DataFrame) -> None:
    before, proposals = table.copy(deep=True), facts(table)
    ranking = rank(SCHEME, table, proposals)
    kept = ranking.copy(deep=True)
    recommend(ranking, proposals, places=5)
    pd.testing.assert_frame_equal(table, before)
    pd.testing.assert_frame_equal(proposals, facts(table))
    pd.testing.assert_frame_equal(ranking, kept)


@given(tables())
def test_a_recused_sheet_counts_as_if_it_had_never_been(table: pd.DataFrame) -> None:
    out = set(map(tuple, table.loc[table["reason"] == "recused", ["proposal", "reviewer"]].to_numpy()))
    kept = table[[(p, r) not in out for p, r in zip(table["proposal"], table["reviewer"], strict=True)]]
    pd.testing.assert_frame_equal(ranked(table), rank(SCHEME, kept, facts(table)))


@given(tables())
def test_totals_are_those_of_exact_fractions(table: pd.DataFrame) -> None:
    weights = {"a": Fraction(2), "b": Fraction(1), "c": Fraction(3, 2)}
    for key, total in column(ranked(table), "total_exact").items():
        own = table[(table["proposal"] == key)]
        out = set(own.loc[own["reason"] == "recused", "reviewer"])
        own = own[~own["reviewer"].isin(out) & own["value"].notna()]
        means = {name: [Fraction(int(one)) for one in own.loc[own["criterion"] == name, "value"]] for name in weights}
        by_hand = (
            sum(weights[name] * sum(given) / len(given) for name, given in means.items())
            if all(means.values())
            else None
        )
        assert total == by_hand


@given(tables())
def test_ranks_follow_total_and_tie_chain_and_nothing_else(table: pd.DataFrame) -> None:
    found = ranked(table)
    listed = found[found["rank"].notna()]
    costs = facts(table).set_index("proposal")["cost"]
    keys = [
        (-row["total_exact"], -Fraction(row["mean_a"]).limit_denominator(100), costs[row["proposal"]])
        for row in listed.to_dict("records")
    ]
    assert list(listed["rank"]) == [1 + sum(other < key for other in keys) for key in keys]
    assert list(listed["rank_max"]) == [sum(other <= key for other in keys) for key in keys]
    assert list(listed["tie_group"].notna()) == [keys.count(key) > 1 for key in keys]
    same_total = [sum(other[0] == key[0] for other in keys) > 1 for key in keys]
    assert all(tied or not rule for tied, rule in zip(same_total, listed["decided_by"], strict=True))


@given(tables())
def test_a_rating_equal_to_the_mean_keeps_the_mean(table: pd.DataFrame) -> None:
    found = ranked(table)
    whole = {
        (key, name): mean
        for name in "abc"
        for key, mean in column(found, f"mean_{name}").items()
        if mean is not None and mean == int(mean)
    }
    more = pd.DataFrame(
        [(key, "extra", name, int(mean), None) for (key, name), mean in whole.items()], columns=table.columns
    ).astype({"reason": object})
    after = ranked(pd.concat([table, more]))
    for key, name in whole:
        assert column(after, f"mean_{name}")[key] == whole[key, name]


@given(tables(), st.integers(0, 59))
def test_raising_a_mark_never_worsens_the_proposal(table: pd.DataFrame, at: int) -> None:
    raisable = table.index[table["value"].notna() & (table["value"] < 5) & table["reason"].isna()]
    if len(raisable) == 0:
        return
    row = raisable[at % len(raisable)]
    raised = table.copy()
    raised.loc[row, "value"] += 1
    key, before, after = table.loc[row, "proposal"], column(ranked(table), "rank"), column(ranked(raised), "rank")
    assert before[key] is None or (after[key] is not None and after[key] <= before[key])


@given(tables(), st.integers(0, 20), st.integers(0, 20), st.sampled_from(["stop", "skip"]))
def test_what_is_recommended_passes_and_fits(table: pd.DataFrame, places: int, budget: int, fill: str) -> None:
    proposals = facts(table).assign(grant_requested_cents=facts(table)["cost"] + 1)
    found = recommend(rank(SCHEME, table, proposals), proposals, places=places, budget=budget, fill=fill)
    chosen = found[found["status"] == "recommended"]
    costs = proposals.set_index("proposal").loc[chosen["proposal"]]
    assert costs["places"].sum() <= places
    assert costs["grant_requested_cents"].sum() <= budget
    assert chosen["passed"].all()
    assert set(found["status"]) <= {"recommended", "reserve", "not_recommended"}
    if fill == "stop" and len(chosen):
        assert (found.loc[found["rank"] <= chosen["rank"].max(), "status"] == "recommended").all()


@settings(max_examples=20)
@given(st.integers(0, 2**31))
def test_one_rater_alone_gives_what_the_sheet_gives(seed: int) -> None:
    random = np.random.default_rng(seed)
    for scheme in PUBLISHED:
        marks = {one.key: one.marks[int(random.integers(len(one.marks)))] for one in scheme.rated_criteria}
        fields = {str(one.fact): int(random.integers(1, 1000)) for one in scheme.computed_criteria}
        table = pd.DataFrame(
            [("P", "ada", key, mark) for key, mark in marks.items()],
            columns=["proposal", "reviewer", "criterion", "value"],
        )
        row = rank(scheme, table, pd.DataFrame([{"proposal": "P", **fields}])).iloc[0]
        sheet = scheme.evaluate({**marks, **fields})
        assert (row["total"], row["passed"], row["failed"], row["total_exact"]) == (
            sheet.total,
            sheet.passed,
            sheet.failed,
            sheet.exact,
        )


WEIGHTS: dict[str, list[dict[str, float]]] = {
    "weighted_sum": [{"weight": 1}, {"weight": 2.5}, {}],
    "weighted_percent": [{"weight_percent": 20}, {"weight_percent": 30}, {"weight_percent": 50}],
    "count": [{}, {}, {}],
}
REACHED = {"weighted_sum": [5, 12.5, 5], "weighted_percent": [20, 30, 50], "count": [1, 1, 1]}
OPS = st.sampled_from([">=", ">"])
HALVES = st.integers(0, 9).map(lambda half: half / 2)
QUARTERS = st.integers(0, 3).map(lambda quarter: quarter / 4)


@st.composite
def criteria(draw: st.DrawFn, key: str, **more: Any) -> dict[str, Any]:
    """A scale to 5 in whole or half steps, either way round, with or without a minimum."""
    grid = {"min": draw(st.sampled_from([0, 1])), "max": 5, "step": draw(st.sampled_from([1, 0.5]))}
    least = draw(st.none() | st.fixed_dictionaries({"min": HALVES, "op": OPS}))
    given = {"direction": draw(st.sampled_from(["high", "low"])), **({"threshold": least} if least else {}), **more}
    return scale(key, **given) | {"scale": grid}


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    """Any total over any raters, with minima of criteria, of a group and of the whole."""
    total = draw(st.sampled_from(sorted(WEIGHTS)))
    first, second, third = WEIGHTS[total]
    across = draw(st.sampled_from(["mean", "median", "consensus", "sum", "drop_one", "unspecified"]))
    optional = draw(st.booleans())
    reached = REACHED[total]
    return small(
        draw(criteria("a", group="g", **first)),
        draw(criteria("b", group="g", optional=optional, **second)),
        draw(criteria("c", optional=optional, **third)),
        groups=[{"key": "g", "min_points": sum(reached[:2]) * draw(QUARTERS)}],
        adjustments=[{"key": "extra", "kind": draw(st.sampled_from(["bonus", "malus"])), "allowed": [0, 0.5]}],
        aggregation={"total": total, "across_raters": across, "rounding": {"decimals": draw(st.integers(0, 2))}},
        pass_rule={"min_total": sum(reached) * draw(QUARTERS), "min_percent": 100 * draw(QUARTERS), "op": draw(OPS)},
    )


@settings(max_examples=150)
@given(schemes(), st.data())
def test_a_sheet_and_the_ranking_of_that_sheet_alone_say_the_same(scheme: Scheme, data: st.DataObject) -> None:
    marks = {one.key: data.draw(st.sampled_from(one.marks)) for one in scheme.criteria}
    marks = {key: mark for key, mark in marks.items() if key == "a" or data.draw(st.integers(0, 4))}
    extra = data.draw(st.sampled_from([0, 0.5]))
    table = pd.DataFrame(
        [("P", "ada", key, mark) for key, mark in marks.items()],
        columns=["proposal", "reviewer", "criterion", "value"],
    )
    proposals = pd.DataFrame([{"proposal": "P", "extra": extra}])
    row, sheet = rank(scheme, table, proposals).iloc[0], scheme.evaluate({**marks, "extra": extra})
    assert (row["total"], row["total_exact"], row["failed"]) == (sheet.total, sheet.exact, sheet.failed)
    assert pd.isna(row["passed"]) if sheet.missing else row["passed"] == sheet.passed
    if sheet.exact is not None:
        without_extra = sum((point for point in sheet.points.values() if point), Fraction(0))
        assert scheme.sheet_total(marks).total == scheme.aggregation.rounding(without_extra)
        assert review_totals(scheme, table, proposals)["total"].iloc[0] == pytest.approx(float(sheet.exact))


def test_a_thousand_shuffles_give_one_ranking() -> None:
    table, proposals, scheme = auental_scores(), auental_proposals(), auental()
    first = rank(scheme, table, proposals)
    for seed in range(50):
        again = rank(scheme, table.sample(frac=1, random_state=seed), proposals.sample(frac=1, random_state=seed))
        pd.testing.assert_frame_equal(first, again)


def test_sheets_come_in_the_same_order_whatever_the_rows() -> None:
    table, proposals, scheme = auental_scores(), auental_proposals(), auental()
    first = review_totals(scheme, table, proposals)
    pd.testing.assert_frame_equal(first, review_totals(scheme, table.sample(frac=1, random_state=3), proposals))


@pytest.mark.parametrize("dtype", ["category", "object", "string"])
def test_the_type_of_the_key_columns_changes_nothing(dtype: str) -> None:
    table, proposals, scheme = auental_scores(), auental_proposals(), auental()
    typed = table.astype({"proposal": dtype, "reviewer": dtype, "criterion": dtype})
    pd.testing.assert_frame_equal(rank(scheme, table, proposals), rank(scheme, typed, proposals))
