"""How long it is until a day or a moment: counted in German days, nothing once it is over."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app import i18n

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("until", "english", "german"),
    [
        (NOW - MINUTE, "", ""),
        (NOW, "", ""),
        (NOW + MINUTE, "today", "heute"),
        (datetime(2026, 11, 24, 22, 59, tzinfo=UTC), "today", "heute"),
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), "tomorrow", "morgen"),  # midnight in Berlin
        (NOW + 2 * DAY, "2 days left", "noch 2 Tage"),
        (date(2026, 11, 23), "", ""),
        (date(2026, 11, 24), "today", "heute"),
        (date(2026, 11, 25), "tomorrow", "morgen"),
        (date(2026, 12, 2), "8 days left", "noch 8 Tage"),
    ],
)
def test_how_long_it_is(until: date, english: str, german: str) -> None:
    for language, said in (("en", english), ("de", german)):
        with i18n.speaking(language):
            assert i18n.left(until, NOW) == said
