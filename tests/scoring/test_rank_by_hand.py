"""The ranking once more in plain Python, slowly: every sheet and every mark with fractions, nothing shared."""

from collections import defaultdict
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import Scheme, ScoresError, rank, review_totals
from tests.scoring.worlds import column, scale, small

WEIGHTS = {"a": Fraction(2), "b": Fraction(1), "c": Fraction(3, 2)}
MALUS = Fraction(-2)
ID = st.one_of(st.integers(-3, 3), st.just(2**62), st.just(-(2**63)), st.sampled_from(["7", "P", "é"]))


class World(NamedTuple):
    """One call: how marks become totals, the rows, and proposals that are listed beside those rated."""

    across: str
    missing: str
    least: int
    rows: list[tuple[Any, Any, str, Any, str | None]]
    listed: list[Any]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    proposals, reviewers = (draw(st.lists(ID, min_size=1, max_size=4, unique=True)) for _ in range(2))
    pairs = list(product(proposals, reviewers))
    recused = draw(st.sets(st.sampled_from(pairs), max_size=2))
    rows: list[tuple[Any, Any, str, Any, str | None]] = []
    for (proposal, reviewer), key in draw(st.permutations(list(product(pairs, "abcm")))):
        kind = draw(st.sampled_from(["mark", "mark", "mark", "absent", "blank", "unjudged"]))
        if kind == "absent":
            continue
        mark = None if kind != "mark" else draw(st.sampled_from([0, 2])) if key == "m" else draw(st.integers(0, 5))
        dress = draw(st.sampled_from([int, float, str])) if mark is not None else None
        reason = "recused" if (proposal, reviewer) in recused else "not_assessable" if kind == "unjudged" else None
        rows.append((proposal, reviewer, key, dress(mark) if dress else draw(st.sampled_from([None, "", " "])), reason))
    return World(
        across=draw(st.sampled_from(["mean", "median", "drop_one", "consensus", "sum"])),
        missing=draw(st.sampled_from(["use_given", "drop_sheet", "refuse"])),
        least=draw(st.integers(1, 2)),
        rows=rows,
        listed=[*proposals, *draw(st.lists(st.integers(20, 22), max_size=2, unique=True))],
    )


def scheme_of(world: World) -> Scheme:
    return small(
        scale("a", weight=2, threshold={"min": 2, "op": ">"}),
        scale("b", direction="low"),
        scale("c", weight=1.5, optional=True),
        adjustments=[{"key": "m", "kind": "malus", "allowed": [0, 2]}],
        pass_rule={"min_total": 6},
        aggregation={"across_raters": world.across, "missing": world.missing, "min_valid_ratings": world.least},
    )


def table_of(world: World) -> pd.DataFrame:
    names = ["proposal", "reviewer", "criterion", "value", "reason"]
    return pd.DataFrame(
        {name: pd.Series(list(cells), dtype=object) for name, cells in zip(names, columns_of(world), strict=True)}
    )


def columns_of(world: World) -> list[tuple[Any, ...]]:
    return list(zip(*world.rows, strict=True)) or [()] * 5


def sheets_of(world: World) -> dict[tuple[Any, Any], dict[str, Fraction]]:
    """The marks of every sheet that is not recused, blanks left out; adjustments too."""
    out = {(proposal, reviewer) for proposal, reviewer, _, _, reason in world.rows if reason == "recused"}
    sheets: dict[tuple[Any, Any], dict[str, Fraction]] = defaultdict(dict)
    for proposal, reviewer, key, value, _ in world.rows:
        if (proposal, reviewer) not in out and value is not None and str(value).strip():
            sheets[proposal, reviewer][key] = Fraction(int(float(value)))
    return sheets


def rated(world: World) -> dict[tuple[Any, Any], dict[str, Fraction]]:
    """The sheets with a mark of a criterion, after the rule for unfinished ones."""
    sheets = {
        pair: {key: mark for key, mark in marks.items() if key != "m"} for pair, marks in sheets_of(world).items()
    }
    finished = {pair for pair, marks in sheets.items() if {"a", "b"} <= set(marks)}
    return {
        pair: marks for pair, marks in sheets.items() if marks and (world.missing == "use_given" or pair in finished)
    }


def unfinished(world: World) -> bool:
    sheets = [set(marks) - {"m"} for marks in sheets_of(world).values()]
    return any(marks and not {"a", "b"} <= marks for marks in sheets)


def one_mark(given: list[Fraction], across: str) -> Fraction:
    given = sorted(given)
    if across == "median":
        given = given[(len(given) - 1) // 2 : len(given) // 2 + 1]
    elif across == "drop_one" and len(given) >= 5:
        given = given[1:-1]
    return sum(given, Fraction(0)) / len(given)


def total_of(world: World, proposal: Any, sheets: list[dict[str, Fraction]]) -> tuple[Fraction | None, list[str]]:
    """The exact total (None without an obligatory mark) and the keys below their minimum."""
    marks = {key: [sheet[key] for sheet in sheets if key in sheet] for key in WEIGHTS}
    times = {key: len(given) if world.across == "sum" else 1 for key, given in marks.items()}
    mean = {key: one_mark(given, world.across) for key, given in marks.items() if given}
    if "b" in mean:
        mean["b"] = 5 - mean["b"]
    office = [one["m"] for (whose, _), one in sheets_of(world).items() if whose == proposal and "m" in one]
    adjusted = -sum(office, Fraction(0)) / len(office) if office else Fraction(0)
    failed = ["a"] if "a" in mean and mean["a"] <= 2 else []
    if not {"a", "b"} <= set(mean):
        return None, failed
    total = adjusted + sum((WEIGHTS[key] * times[key] * one for key, one in mean.items()), Fraction(0))
    return total, failed + (["total"] if total < 6 else [])


def near(world: World, proposal: Any, sheets: list[dict[str, Fraction]]) -> bool:
    """Whether some single mark, one step up or down, turns the pass."""
    total, failed = total_of(world, proposal, sheets)
    if total is None:
        return False
    for at, sheet in enumerate(sheets):
        for key, step in product(sheet, (-1, 1)):
            if 0 <= sheet[key] + step <= 5:
                moved = [*sheets[:at], {**sheet, key: sheet[key] + step}, *sheets[at + 1 :]]
                if bool(total_of(world, proposal, moved)[1]) != bool(failed):
                    return True
    return False


def notes_of(world: World, proposal: Any, sheets: list[dict[str, Fraction]]) -> list[str]:
    marks = {key: [sheet[key] for sheet in sheets if key in sheet] for key in WEIGHTS}
    said = []
    for key in "ab":
        said += [f"no_mark:{key}"] * (bool(sheets) and not marks[key])
        said += [f"few_marks:{key}"] * (len(sheets) >= world.least and 0 < len(marks[key]) < world.least)
    unjudged = {row[:3] for row in world.rows if row[4] == "not_assessable"}
    blank = [
        (*pair, key)
        for pair, marks in sheets_of(world).items()
        for key in "ab"
        if pair[0] == proposal and set(marks) - {"m"} and key not in marks
    ]
    counts = {"open_marks": len(set(blank) - unjudged), "not_assessable": sum(one[0] == proposal for one in unjudged)}
    said += [f"{name}:{count}" for name, count in counts.items() if count]
    if world.across == "consensus":
        said += [f"no_consensus:{key}" for key in WEIGHTS if len(set(marks[key])) > 1]
    return said


@settings(max_examples=200)
@given(worlds())
def test_the_ranking_is_what_a_patient_person_would_compute(world: World) -> None:
    table, listed = table_of(world), pd.DataFrame({"proposal": pd.Series(world.listed, dtype=object)})
    if world.missing == "refuse" and unfinished(world):
        with pytest.raises(ScoresError, match="a sheet is unfinished"):
            rank(scheme_of(world), table, listed)
        return
    found = rank(scheme_of(world), table, listed)
    sheets = {key: [one for (whose, _), one in rated(world).items() if whose == key] for key in world.listed}
    by_hand = {key: total_of(world, key, sheets[key]) for key in world.listed}
    assert column(found, "total_exact") == {key: total for key, (total, _) in by_hand.items()}
    assert column(found, "failed") == {key: failed for key, (_, failed) in by_hand.items()}
    assert column(found, "valid_reviews") == {key: len(own) for key, own in sheets.items()}
    assert column(found, "near_threshold") == {key: near(world, key, sheets[key]) for key in world.listed}
    assert column(found, "notes") == {key: notes_of(world, key, sheets[key]) for key in world.listed}
    ranked = [
        total
        for key, (total, failed) in by_hand.items()
        if total is not None and not failed and len(sheets[key]) >= world.least
    ]
    for key, place in column(found, "rank").items():
        total, failed = by_hand[key]
        out = total is None or failed or len(sheets[key]) < world.least
        assert place == (None if out else 1 + sum(other > total for other in ranked))


def test_an_open_mark_is_not_hidden_by_one_of_another_sheet_that_cannot_be_judged() -> None:
    """Ada left b open; that bo cannot judge the optional c, and cy nothing at all, does not fill it."""
    rows = [("P", "ada", "a", 3, None), ("P", "bo", "a", 3, None), ("P", "bo", "b", 3, None)]
    rows += [("P", who, key, None, "not_assessable") for who, key in (("bo", "c"), ("cy", "a"), ("cy", "b"))]
    found = rank(scheme_of(World("mean", "use_given", 1, [], [])), table_of(World("mean", "use_given", 1, rows, [])))
    assert found["notes"].tolist() == [["open_marks:1", "not_assessable:3"]]


@pytest.mark.parametrize("across", ["mean", "median", "drop_one", "consensus", "sum"])
@pytest.mark.parametrize("marks", [[0, 0.1234567890123456, 1000000.5], [0, 1e-15, 3e-19], [0.1, 123456789.12345678]])
def test_marks_that_64_bits_cannot_hold_over_one_unit_stay_exact(across: str, marks: list[float]) -> None:
    levels = [{"points": one, "label_de": "x"} for one in marks]
    scheme = small({"key": "a", "type": "levels", "levels": levels}, aggregation={"across_raters": across})
    rows = [
        (key, who, "a", marks[(row + at) % len(marks)]) for row, key in enumerate("PQ") for at, who in enumerate("xyz")
    ]
    table = pd.DataFrame(rows, columns=["proposal", "reviewer", "criterion", "value"])
    found = column(rank(scheme, table), "total_exact")
    for key in "PQ":
        exact = [Fraction(repr(one)) for one in table.loc[table["proposal"] == key, "value"].tolist()]
        assert found[key] == one_mark(exact, across) * (3 if across == "sum" else 1)


@settings(max_examples=150)
@given(worlds())
def test_a_sheet_comes_to_what_a_patient_person_would_compute(world: World) -> None:
    """Marks that are missing are replaced in proportion; a sheet of optional marks alone comes to nothing."""
    world = world._replace(missing="use_given")
    found = review_totals(scheme_of(world), table_of(world))
    office: dict[Any, list[Fraction]] = defaultdict(list)
    for (proposal, _), sheet in sheets_of(world).items():
        office[proposal] += [sheet["m"]] if "m" in sheet else []
    totals = {}
    for (proposal, reviewer), sheet in rated(world).items():
        points = {"a": 2 * sheet["a"]} if "a" in sheet else {}
        points |= {"b": 5 - sheet["b"]} if "b" in sheet else {}
        reach = sum({"a": 10, "b": 5}[key] for key in points)
        more = Fraction(3, 2) * sheet.get("c", Fraction(0)) - sum(office[proposal]) / max(len(office[proposal]), 1)
        total = float(sum(points.values()) * Fraction(15, reach) + more) if points else None
        totals[proposal, reviewer] = (total, len(points) == 2)
    rows = {
        (one.proposal, one.reviewer): (None if pd.isna(one.total) else pytest.approx(one.total), one.complete)
        for one in found.itertuples()
    }
    assert totals == rows
