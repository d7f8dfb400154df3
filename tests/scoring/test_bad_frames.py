"""Every public function, with tables that cannot be used and tables kept in another way: refused in words, or alike."""

import warnings as python_warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

import scoring
from scoring import ScoresError
from scoring.marks.frames import label
from tests.scoring.panels import mock_panel
from tests.scoring.worlds import scale, scores, small

SCHEME = small(scale("a", weight=2), scale("b"), ranking={"tie_breakers": ["lot"]})
SCORES = scores(P1={"ada": (4, 5), "bo": (3, 4)}, P2={"ada": (1, 2), "bo": (4, 4)}, P3={"ada": (1, 3)})
FACTS = pd.DataFrame({"proposal": ["P1", "P2", "P3"], "places": [1, 1, 1], "region": [1, 2, 1]})
RANKING = scoring.rank(SCHEME, SCORES, FACTS)
PANEL = mock_panel()
CALIBRATION = scoring.calibrate(PANEL, scale=(1, 6), top=5)
FIVE = list("abcde")
INTERVALS = pd.DataFrame({"proposal": FIVE, "low": [5.0, 4, 3, 2, 1], "high": [6.0, 5, 5, 4, 4]})
ORDERS = pd.DataFrame(
    [(one, key, place) for one in "xyz" for place, key in enumerate("abcd", 1)],
    columns=["reviewer", "proposal", "position"],
)
REVIEWERS = pd.DataFrame({"reviewer": ["x", "y", "z"], "organisation": ["o", "o", "p"], "load_max": [4, 4, 4]})
AFFINITY = pd.DataFrame([(p, r, 1.5) for p in FIVE for r in "xyz"], columns=["proposal", "reviewer", "affinity"])


class Call(NamedTuple):
    """A function of one table, the table, and which of its columns hold keys and numbers."""

    table: pd.DataFrame
    run: Callable[[pd.DataFrame], Any]
    keys: list[str]
    numbers: list[str]


def assigned(run: Callable[..., Any], **more: Any) -> Callable[[pd.DataFrame], Any]:
    return lambda given: (
        run(INTERVALS[["proposal"]], REVIEWERS, None, per_proposal=1, load=(0, 4), affinity=given, **more).pairs
    )


BOTH = ["proposal", "reviewer"]
CALLS = {
    "rank": Call(SCORES, lambda given: scoring.rank(SCHEME, given, FACTS, seed="x"), BOTH, ["value"]),
    "review_totals": Call(SCORES, lambda given: scoring.review_totals(SCHEME, given), BOTH, ["value"]),
    "explain": Call(SCORES, lambda given: scoring.explain(SCHEME, given), BOTH, ["value"]),
    "leave_one": Call(
        SCORES, lambda given: scoring.leave_one_reviewer_out(SCHEME, given, FACTS, places=1), BOTH, ["value"]
    ),
    "decisive": Call(SCORES, lambda given: scoring.decisive_ratings(SCHEME, given, FACTS, places=1), BOTH, ["value"]),
    "sensitivity": Call(SCORES, lambda given: scoring.sensitivity(SCHEME, given, draws=5), BOTH, ["value"]),
    "weight_swaps": Call(SCORES, lambda given: scoring.weight_swaps(SCHEME, given), BOTH, ["value"]),
    "facts": Call(FACTS, lambda given: scoring.rank(SCHEME, SCORES, given, seed="x"), ["proposal"], []),
    "recommend": Call(FACTS, lambda given: scoring.recommend(RANKING, given, places=2), ["proposal"], ["places"]),
    "ranking": Call(
        RANKING, lambda given: scoring.recommend(given, FACTS, places=2)["reason"].to_frame(), ["proposal"], ["rank"]
    ),
    "select": Call(
        FACTS,
        lambda given: scoring.select(RANKING, given, places=2, quotas={"region": {2: (1, None)}}).proposals,
        ["proposal"],
        ["places"],
    ),
    "knapsack": Call(
        INTERVALS.rename(columns={"low": "value", "high": "cost"}),
        lambda given: scoring.knapsack(given, 9)[["proposal", "funded"]],
        ["proposal"],
        ["value", "cost"],
    ),
    "calibrate": Call(PANEL, lambda given: scoring.calibrate(given, scale=(1, 6)).proposals, BOTH, ["total"]),
    "reml": Call(PANEL, lambda given: scoring.reml(given).proposals, BOTH, ["total"]),
    "agreement": Call(PANEL, lambda given: scoring.agreement(given, level="ordinal", scale=(1, 6)), BOTH, ["total"]),
    "warnings": Call(PANEL, lambda given: scoring.warnings(given, scale=(1, 6)).checks, BOTH, ["total"]),
    "single": Call(
        SCORES, lambda given: scoring.warnings(PANEL, scale=(1, 6), scores=given).checks, [*BOTH, "criterion"], []
    ),
    "expected_wrong": Call(
        scoring.above_line(CALIBRATION), lambda given: scoring.expected_wrong(given, ["#1"]), ["proposal"], ["chance"]
    ),
    "snsf_groups": Call(
        CALIBRATION.proposals, lambda given: scoring.snsf_groups(given, 5), ["proposal"], ["expected_rank", "rank_q25"]
    ),
    "linear_lottery": Call(
        INTERVALS.rename(columns={"low": "total"}),
        lambda given: scoring.linear_lottery(given, 2, slope=0.3)[["proposal", "chance"]],
        ["proposal"],
        ["total"],
    ),
    "merit": Call(INTERVALS, lambda given: scoring.merit(given, 2)[["proposal", "chance"]], ["proposal"], ["low"]),
    "worst_case": Call(
        INTERVALS.assign(chance=0.4), lambda given: scoring.worst_case(given, 2), ["proposal"], ["low", "chance"]
    ),
    "draw": Call(
        INTERVALS.assign(chance=0.4),
        lambda given: scoring.draw(given, commitment="x")[["proposal", "drawn"]],
        ["proposal"],
        ["chance"],
    ),
    "borda": Call(ORDERS, scoring.borda, BOTH, ["position"]),
    "kemeny": Call(ORDERS, lambda given: scoring.kemeny(given).ranking, BOTH, ["position"]),
    "assign": Call(AFFINITY, assigned(scoring.assign), BOTH, ["affinity"]),
    "assign_fair": Call(AFFINITY, assigned(scoring.assign_fair), BOTH, ["affinity"]),
    "assign_randomised": Call(AFFINITY, assigned(scoring.assign_randomised, limit=0.5), BOTH, ["affinity"]),
}
ALL = pytest.mark.parametrize("name", CALLS)


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    """What numpy or pandas only warn of is a fault here."""
    with python_warnings.catch_warnings():
        python_warnings.simplefilter("error")
        yield


def changed(table: pd.DataFrame, column: str, row: int, value: object) -> pd.DataFrame:
    """The table with one cell changed, of whatever kind."""
    cells = np.empty(len(table), dtype=object)
    cells[:] = table[column].tolist()
    cells[row] = value
    return table.assign(**{column: pd.Series(cells, index=table.index, dtype=object)})


def same(left: object, right: object) -> None:
    if isinstance(left, pd.DataFrame) and isinstance(right, pd.DataFrame):
        pd.testing.assert_frame_equal(left.astype(object), right.astype(object), check_column_type=False)
    else:
        assert left == right


@ALL
@pytest.mark.parametrize("given", [[], {}, "text", 5, pd.Series([1])])
def test_what_is_no_table_is_refused(name: str, given: Any) -> None:
    with pytest.raises(ScoresError, match=r"expected a (table|frame)"):
        CALLS[name].run(given)


@ALL
def test_a_column_that_stands_twice_is_refused(name: str) -> None:
    table = CALLS[name].table
    for column in CALLS[name].keys + CALLS[name].numbers:
        with pytest.raises(ScoresError, match=f"{column}: this column stands twice"):
            CALLS[name].run(pd.concat([table, table[[column]]], axis=1))


@ALL
@pytest.mark.parametrize("key", [None, np.nan, pd.NA, pd.NaT, "", [1], {"a": 1}, {1}, np.array([1, 2])])
def test_a_blank_or_a_list_is_no_key(name: str, key: object) -> None:
    for column in CALLS[name].keys:
        with pytest.raises(ScoresError, match=f"{column}|chance"):
            CALLS[name].run(changed(CALLS[name].table, column, 1, key))


@ALL
@pytest.mark.parametrize(
    "number", ["four", True, np.inf, -np.inf, 10**400, 1 + 2j, [1], pd.Timestamp("2026-01-01"), b"1"]
)
def test_what_is_no_number_is_refused(name: str, number: object) -> None:
    for column in CALLS[name].numbers:
        with pytest.raises(ScoresError):
            CALLS[name].run(changed(CALLS[name].table, column, 1, number))


@ALL
@pytest.mark.parametrize("kind", ["object", "Float64", "string", "category", "decimal"])
def test_how_numbers_are_kept_changes_nothing(name: str, kind: str) -> None:
    found = CALLS[name].run(CALLS[name].table)
    for column in CALLS[name].numbers:
        kept = CALLS[name].table[column]
        kept = kept.map(lambda one: Decimal(repr(one))) if kind == "decimal" else kept.astype(kind)
        if kind == "string" and name in ("recommend", "ranking", "select"):
            continue
        with python_warnings.catch_warnings():
            same(found, CALLS[name].run(CALLS[name].table.assign(**{column: kept})))


@ALL
def test_how_keys_are_kept_changes_nothing(name: str) -> None:
    table = CALLS[name].table
    found = CALLS[name].run(table)
    for column in CALLS[name].keys:
        backwards = pd.CategoricalDtype(["unused", *sorted(set(table[column]), reverse=True)])
        for kind in ("object", "string", backwards):
            same(found, CALLS[name].run(table.astype({column: kind})))


@ALL
def test_neither_rows_columns_nor_index_change_anything_and_nothing_is_changed(name: str) -> None:
    table = CALLS[name].table
    found, before = CALLS[name].run(table), table.copy(deep=True)
    for other in (
        table.set_index("proposal", drop=False),
        table.set_axis([0] * len(table)),
        table[table.columns[::-1]].assign(copy="x", extra=[[1]] * len(table)),
        table.sample(frac=1, random_state=1),
    ):
        if name != "ranking":  # what is added to a ranking keeps its rows and columns
            same(found, CALLS[name].run(other))
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("name", sorted(set(CALLS).difference(["facts", "recommend", "ranking", "select"])))
def test_ids_may_be_mixed(name: str) -> None:
    """Numbers beside text, as far as no other table has them otherwise."""
    table, column = CALLS[name].table, CALLS[name].keys[-1]
    mixed = table.assign(**{column: [7 if one == table[column].iloc[-1] else one for one in table[column]]})
    if name.startswith("assign"):
        with pytest.raises(ScoresError, match="reviewer 7 is unknown"):
            CALLS[name].run(mixed)
    elif name != "single":
        CALLS[name].run(mixed)


def test_a_reviewer_named_by_a_tuple_is_left_out_whole() -> None:
    """A tuple as long as the table was compared with its rows one by one."""
    who = {"ada": tuple(range(len(SCORES))), "bo": "bo"}
    named = SCORES.assign(reviewer=[who[one] for one in SCORES["reviewer"]])
    found = scoring.leave_one_reviewer_out(SCHEME, named, FACTS, places=1).set_index("reviewer")
    wanted = scoring.leave_one_reviewer_out(SCHEME, SCORES, FACTS, places=1).set_index("reviewer")
    for plain, other in who.items():
        at = found.index.tolist().index(other)
        assert found["changes"].iloc[at] == wanted.loc[plain, "changes"]


@pytest.mark.parametrize("key", [2, 2.0, np.float32(2), np.int8(2), Decimal("2.00"), "2"])
def test_a_whole_number_has_one_label(key: object) -> None:
    assert label(key) == "2"


@pytest.mark.parametrize("kind", ["int64", "float64", "Int64", "object", "string", "category"])
@pytest.mark.parametrize("value", [1, 1.0, "1"])
def test_a_quota_holds_however_its_value_is_written(kind: str, value: object) -> None:
    """A quota on region 1 was passed over in silence where the column held numbers."""
    facts = FACTS.assign(region=pd.Series([1, 1, 1]).astype(kind))
    found = scoring.recommend(RANKING, facts, places=2, quotas={"region": {value: 1}})
    assert (found["status"] == "recommended").sum() == 1
    chosen = scoring.select(RANKING, facts, places=2, quotas={"region": {value: (0, 1)}})
    assert (chosen.proposals["status"] == "recommended").sum() == 1


@pytest.mark.parametrize("kind", ["int64", "float64", "Int64", "object"])
def test_a_lot_falls_alike_however_the_ids_are_kept(kind: str) -> None:
    keys = list(range(8))
    table = pd.DataFrame({"proposal": keys, "reviewer": "ada", "criterion": "a", "value": 3})
    wanted = scoring.rank(small(scale("a"), ranking={"tie_breakers": ["lot"]}), table, seed="x")["proposal"].tolist()
    typed = table.astype({"proposal": kind})
    found = scoring.rank(small(scale("a"), ranking={"tie_breakers": ["lot"]}), typed, seed="x")
    assert found["proposal"].tolist() == wanted
    chances = pd.DataFrame({"proposal": pd.Series(keys).astype(kind), "chance": 0.5})
    drawn = scoring.draw(chances, commitment="x")
    assert (
        drawn["drawn"].tolist() == scoring.draw(chances.astype({"proposal": "int64"}), commitment="x")["drawn"].tolist()
    )


@pytest.mark.parametrize("rows", [[True, 1], [1, True], [0.0, False], [False, 0], [True, Decimal(1)]])
def test_true_is_no_one_beside_numbers(rows: list[object]) -> None:
    """To a hash table True is 1: one mark would have been read as the other, whichever came first."""
    table = pd.DataFrame({"proposal": ["P1", "P2"], "reviewer": "ada", "criterion": "a"})
    table["value"] = pd.Series(rows, dtype=object)
    with pytest.raises(ScoresError, match=r"row . \(P., ada, a\)") as caught:
        scoring.rank(small(scale("a")), table)
    assert len(caught.value.told) == 1
    price = {"key": "price", "type": "computed", "max": 10, "formula": {"kind": "ratio", "field": "cost"}}
    facts = pd.DataFrame({"proposal": ["P1", "P2"], "cost": pd.Series(rows, dtype=object)})
    with pytest.raises(ScoresError, match="cost"):
        scoring.rank(small(scale("a"), price), table.assign(value=1), facts)
