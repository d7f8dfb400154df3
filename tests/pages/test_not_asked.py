"""A scheme that needs what Votum asks nobody for: the office reads it before publishing, and cannot publish."""

from datetime import timedelta

import pytest

from app import clock, competition_files, database
from tests.office import handed_over, published
from tests.pages.test_call_making import PLAIN, office, upload
from tests.world import Votum, words

SCHEMES = competition_files.EXAMPLE.parent / "schemes"
BASE = "/calls/neuer-aufruf"


def ready() -> dict[str, str]:
    """Everything else that a call needs to be published."""
    today = clock.today()
    return {
        **PLAIN,
        "text_de": "Ein Text.",
        "contact_email": "amt@example.org",
        "deadline": f"{today + timedelta(days=30)}T12:00",
        "rating_from": f"{today + timedelta(days=40)}",
        "earliest_start": f"{today + timedelta(days=200)}",
    }


@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        (
            "bern-gef-2019",
            (
                "The scheme makes a ranking of its own for each lot, but Votum asks no proposal for its lot.",
                "“Preis” is computed from “price”, but Votum asks no proposal for it.",
                "Votum knows these numbers of a proposal: places (places), grant_requested_cents",
            ),
        ),
        ("dithmarschen-leader", ("The scheme makes a ranking of its own for each core topic",)),
        ("horizon-europe-ria", ("The tie rule “call_coverage” is decided by hand, but “excellence” comes after it",)),
    ],
)
async def test_what_a_scheme_needs_and_nobody_is_asked_for_keeps_a_call_from_being_published(
    votum: Votum, name: str, sentences: tuple[str, ...]
) -> None:
    browser = await office(votum, **ready())
    await upload(browser, (SCHEMES / f"{name}.yaml").read_bytes())
    page = words(await browser.get(f"{BASE}/check"))
    assert "still to be done before the call can be published" in page
    assert "Hand over" not in page
    refused = await handed_over(browser, "neuer-aufruf")
    assert refused.status_code == 403
    for sentence in sentences:
        assert sentence in page
        assert sentence in words(refused)
    assert await database.value("SELECT count(*) FROM call_publication") == 1  # that of the call in rating


async def test_a_scheme_of_numbers_that_votum_knows_is_published_and_what_is_left_to_people_is_told(
    votum: Votum,
) -> None:
    browser = await office(votum, **ready())
    text = (SCHEMES / "bern-gef-2019.yaml").read_text().replace("field: price", "field: grant_per_place_month")
    text = text.replace("scope: lot, ", "").replace("tie_breakers: []", "tie_breakers: ['lower:months', committee]")
    examples = text.index("examples:")
    answer = await upload(browser, text[:examples].encode())
    assert answer.status_code == 200, words(answer)
    page = words(await browser.get(f"{BASE}/check"))
    assert "stays tied until the committee decides: committee." in page
    assert "Hand over" in page
    assert "The call is public now." in words(await published(votum, browser, "neuer-aufruf"))


async def test_the_sentences_are_german_for_germans(votum: Votum) -> None:
    browser = await office(votum, **ready())
    await upload(browser, (SCHEMES / "bern-gef-2019.yaml").read_bytes())
    german = await votum.signed_in("cleo@example.org", "de")
    page = words(await german.get(f"{BASE}/check"))
    assert "Das Bewertungsschema bildet für jedes Los eine eigene Rangfolge" in page
    assert "„Preis“ wird aus „price“ berechnet" in page
