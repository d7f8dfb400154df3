"""What a criterion takes as a mark, and what it says to anything else."""

from decimal import Decimal

import pytest

from scoring import MarkError
from tests.scoring.worlds import auental, points, scale, small

HALVES = small(scale("a") | {"scale": {"min": 0, "max": 5, "step": 0.5}}).criterion("a")
LEVELS = small({"key": "a", "type": "levels", "levels": [{"points": 5}, {"points": 1, "label_de": "wenig"}]}).criterion(
    "a"
)
YESNO = small({"key": "a", "type": "yesno", "yes_points": 3}).criterion("a")
TENTHS = small(points("a", 7.5)).criterion("a")
CHECKLIST = small(
    {
        "key": "a",
        "type": "checklist",
        "max": 3,
        "options": [{"key": "x", "points": 1}, {"key": "y", "points": 2}, {"key": "z", "points": 0.5}],
    }
).criterion("a")


@pytest.mark.parametrize(
    ("given", "mark"),
    [("4", 4), (" 4,5 ", 4.5), ("4.50", 4.5), (4, 4), (4.5, 4.5), (Decimal("0.5"), 0.5), ("0", 0), (-0.0, 0)],
)
def test_a_mark_is_read_exactly(given: object, mark: float) -> None:
    assert HALVES.parse(given) == Decimal(str(mark))


@pytest.mark.parametrize("given", ["4.25", "5.5", "-0.5", 6, 0.1 + 0.2, "1e1"])
def test_a_mark_off_the_scale_is_refused(given: object) -> None:
    with pytest.raises(MarkError, match=r"is not a mark of a: 0 to 5 in steps of 0\.5") as caught:
        HALVES.parse(given)
    assert (caught.value.code, caught.value.allowed) == ("off_scale", "0 to 5 in steps of 0.5")


@pytest.mark.parametrize(
    "given", ["", "four", None, True, "1,000.5", "nan", "inf", float("nan"), "1e999999999", [4], "4 5"]
)
def test_what_is_no_number_is_refused(given: object) -> None:
    with pytest.raises(MarkError) as caught:
        HALVES.parse(given)
    assert caught.value.code == "not_a_number"


def test_levels_know_no_value_between() -> None:
    assert LEVELS.parse("5") == 5
    assert [level.label() for level in LEVELS.levels] == ["", "wenig"]
    with pytest.raises(MarkError, match=r"3 is not a mark of a: 1, 5"):
        LEVELS.parse("3")


@pytest.mark.parametrize(
    ("given", "mark"), [(True, 3), (False, 0), ("ja", 3), ("Yes", 3), ("nein", 0), ("3", 3), (0, 0)]
)
def test_yes_and_no_are_points(given: object, mark: int) -> None:
    assert YESNO.parse(given) == mark


def test_a_yes_worth_three_is_no_one() -> None:
    with pytest.raises(MarkError, match="1 is not a mark of a: yes or no"):
        YESNO.parse(1)


def test_points_are_given_in_tenths_up_to_the_maximum() -> None:
    assert TENTHS.parse("7,3") == Decimal("7.3")
    assert len(TENTHS.marks) == 76
    for wrong in ("7.55", "7.6"):
        with pytest.raises(MarkError):
            TENTHS.parse(wrong)


def test_a_checklist_adds_the_chosen_up_to_its_maximum() -> None:
    assert CHECKLIST.parse("z, x") == ("x", "z")
    assert CHECKLIST.parse([]) == ()
    assert CHECKLIST.points(["x", "z"]) == Decimal("1.5")
    assert CHECKLIST.points({"x", "y", "z"}) == 3
    assert CHECKLIST.marks == tuple(Decimal(mark) for mark in ("0", "0.5", "1", "1.5", "2", "2.5", "3"))
    assert CHECKLIST.points("2.5") == Decimal("2.5")


def test_a_checklist_refuses_what_is_not_on_it() -> None:
    with pytest.raises(MarkError, match="w is not in a: any of x, y, z") as caught:
        CHECKLIST.parse("w, x")
    assert caught.value.code == "unknown_option"
    with pytest.raises(MarkError):
        CHECKLIST.points(1.7)
    with pytest.raises(MarkError):
        CHECKLIST.parse(None)


def test_low_and_high_marks_need_a_comment_where_the_scheme_says_so() -> None:
    assert [int(mark) for mark in auental().criterion("k1").marks if auental().criterion("k1").needs_comment(mark)] == [
        0,
        1,
        5,
    ]
    always = small(scale("a", reason_required=True)).criterion("a")
    assert always.needs_comment(3)
    own = small(scale("a", comment_required={"values": [2]}), scale("b"))
    assert (own.criterion("a").needs_comment("2"), own.criterion("b").needs_comment("2")) == (True, False)


def test_labels_fall_back_to_the_other_language_and_the_key() -> None:
    scheme = small(scale("a", label_en="Need", description_de="Hilfe"), scale("b"))
    assert (scheme.criterion("a").label("de"), scheme.criterion("b").label("de")) == ("Need", "b")
    assert (scheme.criterion("a").description("en"), scheme.criterion("b").description()) == ("Hilfe", "")
    assert scheme.title("en") == "Kleines Schema"


def test_gates_groups_and_adjustments_have_labels_too() -> None:
    scheme = small(
        scale("a", group="g"),
        groups=[{"key": "g", "label_de": "Block"}],
        gates=[{"key": "k", "label_de": "Frist"}],
        adjustments=[{"key": "m", "kind": "malus", "allowed": [0, 1]}],
    )
    assert [scheme.groups[0].label(), scheme.gates[0].label(), scheme.adjustments[0].label()] == ["Block", "Frist", "m"]
    assert scheme.decimals == 2


def test_a_computed_criterion_has_no_marks() -> None:
    assert auental().criterion("k6").marks == ()


def test_the_next_marks_lie_one_step_away() -> None:
    assert LEVELS.neighbours == {Decimal(1): (Decimal(0), Decimal(4)), Decimal(5): (Decimal(4), Decimal(0))}
    assert HALVES.neighbours[Decimal("2.5")] == (Decimal("0.5"), Decimal("0.5"))
