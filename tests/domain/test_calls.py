"""Where in its life a call is: on, just before and just after each bound."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.domain import calls
from tests.records import filled

OPENS = datetime(2026, 3, 2, 8, tzinfo=UTC)
DEADLINE = datetime(2026, 4, 1, 10, tzinfo=UTC)
DATES: dict[str, Any] = {
    "published_at": datetime(2026, 3, 1, 8, tzinfo=UTC),
    "result_at": None,
    "rating_closed_at": None,
    "opens_at": OPENS,
    "deadline": DEADLINE,
    "rating_from": date(2026, 4, 20),
    "rating_until": date(2026, 5, 4),
}
CALL = filled(calls.Call, **DATES)
MIDNIGHT = datetime(2026, 4, 19, 22, tzinfo=UTC)  # the 20th begins in Berlin
LEAST = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("bound", "before", "after"),
    [
        (DATES["published_at"], "draft", "announced"),
        (OPENS, "announced", "open"),
        (DEADLINE, "open", "checking"),
        (MIDNIGHT, "checking", "rating"),
    ],
)
def test_a_phase_begins_at_its_bound_and_not_before(bound: datetime, before: str, after: str) -> None:
    moments = (bound - LEAST, bound, bound + LEAST)
    assert [calls.phase(CALL, moment) for moment in moments] == [before, after, after]
