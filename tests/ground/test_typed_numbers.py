"""Numbers as people type them: what is read, and what is refused rather than guessed."""

import pytest

from app.web import euro_to_cents, integer, moment


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("1250", 125_000),
        ("1.250,50", 125_050),
        ("1,250.50", 125_050),
        ("1250.5", 125_050),
        ("1 250,5 €", 125_050),
        ("1.250.000", 125_000_000),
        ("0,05", 5),
        ("0,005", None),
        ("1.25.0", None),
        ("1.2,3.4", None),
        ("-5", None),
        ("٣", None),
        ("9" * 30, None),
    ],
)
def test_an_amount_is_read_in_both_notations_or_refused(typed: str, cents: int | None) -> None:
    assert euro_to_cents(typed) == cents


@pytest.mark.parametrize("typed", ["6.5", "1.5", "6,5", "12.34", "-1", "１２"])
def test_half_a_place_is_not_sixty_five(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        integer().parse(typed)


def test_thousands_may_be_set_apart() -> None:
    assert [integer().parse(typed) for typed in ("1.250", "1 250", "1250")] == [1250] * 3


def test_an_hour_that_clocks_skip_is_named() -> None:
    with pytest.raises(ValueError, match="gibt es nicht"):
        moment().parse("2027-03-28T02:30")


@pytest.mark.parametrize(
    ("typed", "utc"),
    [
        ("2026-10-25T01:59", "2026-10-24T23:59"),
        ("2026-10-25T02:00", None),
        ("25.10.2026 02:30", None),
        ("2026-10-25T02:59", None),
        ("2026-10-25T03:00", "2026-10-25T02:00"),
        ("2027-03-28T01:59", "2027-03-28T00:59"),
        ("2027-03-28T03:00", "2027-03-28T01:00"),
    ],
)
def test_an_hour_that_comes_twice_is_refused_rather_than_guessed(typed: str, utc: str | None) -> None:
    if utc is not None:
        assert moment().parse(typed).isoformat().startswith(utc)
        return
    with pytest.raises(ValueError, match="gibt es zweimal"):
        moment().parse(typed)
