"""What letters and lists tell of a line: true after every departure, and the same from one place."""

import re
from datetime import date
from typing import Any

import pytest

from app import i18n
from app.domain import reasons
from app.domain.rankings.content import Placed, Ranking
from app.domain.rating_schemes import Scheme
from app.domain.reasons import Telling
from app.papers import lists
from app.papers.pdf import minutes
from app.papers.pdf.letters import Writing, reserve_places
from tests.domain import listed
from tests.domain.test_exports_calculation import auental

WANT = "do not suffice"
DEPARTED = "In this the committee has departed from the ranking. By the ranking alone the result would have been: "


@pytest.fixture(autouse=True)
def _english() -> None:
    i18n.locale.set("en")


def a_list(*proposals: dict[str, Any], marks: tuple[int, ...] = (5, 4, 4), **call: Any) -> Ranking:
    """Proposals P1, P2, ... of ten places each; P1 is the best, all of equal marks share a rank."""
    scheme = Scheme.from_document(auental(ranking={"tie_breakers": []}))
    given = [
        listed.mark(f"P{n}", f"M{member}", one.key, mark)
        for n, mark in enumerate(marks, 1)
        for member in range(4)
        for one in scheme.rated_criteria
    ]
    rows = [{"key": f"P{n}", **(proposals[n - 1] if n <= len(proposals) else {})} for n in range(1, len(marks) + 1)]
    return listed.ranking(scheme, given, rows, **{"places_max": 20, **call})


def letter(ranking: Ranking, key: str, body: str = "Förderbank", **call: Any) -> str:
    """The words of the letter about one proposal."""
    writing = Writing(listed.source(ranking, **call), body)
    organisation = {"name": "Träger", "seat": "", "email": ""}
    [part] = writing.letter([(organisation, ranking.line(key))])["parts"]  # type: ignore[list-item]
    return " ".join([*(f"{label} {text}" for label, text in part["facts"]), *part["texts"], *part["next"]])


def departed(status: str, **more: Any) -> dict[str, Any]:
    return {"status": status, "reasons": "The skilled worker left.", **more}


# ── letters ─────────────────────────────────────────────────────────────────────────────────────


def test_reserve_by_departure_while_places_suffice():
    said = letter(a_list(departed("reserve"), marks=(5, 4)), "P1")
    assert "The committee has put your proposal on the reserve list." in said
    assert "place 1 on the reserve list" in said
    assert f"{DEPARTED}recommended. The committee's reason: The skilled worker left." in said
    assert WANT not in said
    assert "become free" not in said


def test_refused_by_departure_although_it_passed():
    said = letter(a_list(departed("not_recommended"), marks=(5, 4)), "P1")
    assert "The committee has not recommended your proposal" in said
    assert f"{DEPARTED}recommended. The committee's reason: The skilled worker left." in said
    assert "Your proposal reaches all minima." in said
    assert WANT not in said


def test_refused_for_a_minimum():
    said = letter(a_list(marks=(5, 2)), "P2")
    assert "The committee has not recommended your proposal" in said
    assert "Reason: Below the minimum: " in said
    assert "2.00 points, at least 2.5 are needed" in said
    assert "departed" not in said
    assert WANT not in said
    assert "reaches all minima" not in said


def test_recommended_by_departure():
    said = letter(a_list({}, {}, departed("recommended", conditions="A second worker."), marks=(5, 4, 3)), "P3")
    assert "The committee has recommended your proposal" in said
    assert f"{DEPARTED}reserve list. The committee's reason: The skilled worker left." in said
    assert "It recommends it under these conditions: A second worker." in said
    assert "Result recommended with conditions" in said


def test_reserve_for_want_of_places():
    said = letter(a_list(places_max=15, marks=(5, 4)), "P2")
    assert f"worth funding, but places and money of this call {WANT} for all" in said
    assert "Reason: The places left over do not suffice for its 10 places." in said
    assert "departed" not in said


def test_reserve_for_want_of_money():
    said = letter(a_list(places_max=None, budget_max_cents=10_000_000, marks=(5, 4)), "P2")
    assert f"places and money of this call {WANT} for all" in said
    assert "Reason: The money left over does not suffice for its €72,000." in said


def test_reserve_behind_the_end_of_the_recommendations():
    ranking = a_list({}, {"places": 15}, {"places": 5, "requested_grant_cents": 3_600_000}, marks=(5, 4, 3))
    said = letter(ranking, "P3")
    assert "The recommendations end before this place: for a better-rated proposal, places or funds" in said
    assert "did not fit" not in said
    i18n.locale.set("de")
    assert (
        "Die Empfehlungen enden vor diesem Platz: Für einen besser bewerteten Vorschlag reichten Plätze oder Mittel"
        " nicht." in letter(ranking, "P3")
    )


def test_reserve_for_a_tie_at_the_line():
    ranking = a_list(marks=(5, 4, 4))
    assert ranking.line("P2").reason_code == "tie_at_line"
    for key in ("P2", "P3"):
        said = letter(ranking, key)
        assert "shares place 1 on the reserve list" in said
        assert "the committee or the lot decides" in said
    assert reserve_places(ranking) == {"P2": 1, "P3": 1}


def test_a_tie_that_the_committee_decides_is_told_to_both():
    ranking = a_list({}, departed("recommended"), marks=(5, 4, 4))
    assert f"{DEPARTED}reserve list." in letter(ranking, "P2")
    said = letter(ranking, "P3")
    assert "has place 1 on the reserve list" in said
    assert f"places and money of this call {WANT} for all" in said


def test_what_becomes_free_by_a_departure_is_not_called_missing():
    """P1 takes twenty places; when it is refused, P2 is still on reserve, though its ten places are there."""
    ranking = a_list(departed("not_recommended", places=20), marks=(5, 4))
    said = letter(ranking, "P2")
    assert "The committee considers your proposal worth funding. Your proposal has place 1" in said
    assert f"places and money of this call {WANT}" not in said
    assert "Reason: By the ranking alone: The places left over do not suffice for its 10 places." in said


def test_the_waiting_stay_behind_a_departure_that_frees_nothing_for_them():
    ranking = a_list({}, departed("reserve", places=5), {"places": 16}, marks=(5, 4, 3))
    assert f"places and money of this call {WANT} for all" in letter(ranking, "P3")


@pytest.mark.parametrize("until", [None, date(2027, 1, 31)])
def test_without_a_programme_nobody_is_sent_to_a_body_without_a_name(until):
    ranking = a_list(marks=(5, 2))
    said = letter(ranking, "P1", body="", application_until=until)
    assert "to the granting body" not in said
    assert "please make your formal application" in said
    assert ("by 31 January 2027" in said) == bool(until)
    assert "Amt tells you where to send it." in said
    assert "the granting body decides on your application" in said
    refused = letter(ranking, "P2", body="")
    assert "to the granting body" not in refused
    assert "the granting body decides on its own. Amt tells you where to send it." in refused
    assert "please send your formal application to Förderbank" in letter(ranking, "P1")


def test_nothing_is_sent_to_the_granting_body_in_german_either():
    i18n.locale.set("de")
    said = letter(a_list(marks=(5, 2)), "P1", body="")
    assert "an: die Bewilligungsbehörde" not in said
    assert "Wohin Sie ihn senden, erfahren Sie von uns: Amt." in said


# ── the one place ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("entered", "status", "departure", "reason"),
    [
        ({}, "recommended", "", "Places and funds are sufficient."),
        ({"conditions": "A second worker."}, "recommended_with_conditions", "", "Places and funds are sufficient."),
        (departed("reserve"), "reserve", "recommended", "The skilled worker left."),
        (departed("not_recommended"), "not_recommended", "recommended", "The skilled worker left."),
        (departed("recommended"), "recommended", "", "Places and funds are sufficient."),
    ],
)
def test_conditions_are_no_departure(entered, status, departure, reason):
    ranking = a_list(entered, marks=(5, 4))
    line = ranking.line("P1")
    assert (line.status, line.departure) == (status, departure)
    told = Telling(ranking).of(line)
    assert (told.reason, told.departure) == (reason, departure.replace("_", " "))
    assert told.conditions == entered.get("conditions", "")
    row = dict(zip(lists.DECISION_LIST, lists.decision_list(ranking).rows[0], strict=True))
    assert (row["status"], row["departure"], row["conditions"], row["reason"]) == (
        status,
        departure,
        told.conditions,
        reason,
    )


def test_conditions_on_a_departure_are_both():
    ranking = a_list({}, {}, departed("recommended", conditions="A second worker."))
    line = ranking.line("P3")
    assert (line.status, line.departure) == ("recommended_with_conditions", "reserve")
    assert Telling(ranking).of(line).remarks == [
        "by ranking: reserve list",
        "Reason: The skilled worker left.",
        "Conditions: A second worker.",
    ]


def test_what_was_not_rated_sufficiently_departs_from_not_ranked():
    ranking = a_list(departed("recommended"), marks=(5, 4))
    marks = [mark for mark in ranking.marks if mark.proposal != "P1"]
    scheme = Scheme.from_document(ranking.scheme)
    ranking = listed.ranking(scheme, marks, [{"key": "P1", **departed("recommended")}, {"key": "P2"}], places_max=20)
    assert Telling(ranking).of(ranking.line("P1")).by_ranking == "by ranking: not ranked"
    assert ranking.line("P1").departure == "not_recommended"


def test_a_departure_whose_reason_was_never_given_gets_no_other():
    ranking = a_list({"status": "reserve"}, marks=(5, 4))
    assert Telling(ranking).of(ranking.line("P1")).reason == "The committee gave no reason."


def test_short_names_are_whole_where_their_heads_are_alike():
    named = {"a": "Quality: content", "b": "Quality: staff", "c": "Need: in the town", "d": "x" * 90, "total": "total"}
    assert reasons.short_names(named) == {
        "a": "Quality: content",
        "b": "Quality: staff",
        "c": "Need",
        "d": "x" * 59 + "…",
        "total": "total",
    }


# ── minutes ─────────────────────────────────────────────────────────────────────────────────────


def test_suggested_resolutions_tell_departures_reasons_and_conditions():
    ranking = a_list(
        departed("not_recommended"),
        departed("reserve"),
        {"conditions": "A second worker."},
        marks=(5, 4, 3, 3),
        places_max=40,
    )
    suggested = {re.sub(r"^\d+\. ", "", one["subject"]): one["notes"][:-1] for one in minutes._suggested(ranking)}
    assert suggested == {
        "Recommend P3, Träger": ["Conditions: A second worker."],
        "Recommend P4, Träger": [],
        "Do not recommend P1, Träger": ["by ranking: recommended", "Reason: The skilled worker left."],
        "Reserve list in this order: P2": ["P2 by ranking: recommended", "P2 Reason: The skilled worker left."],
    }
    assert minutes._before(ranking) == "Suggested by the ranking, and by what is recommended in departure from it:"
    assert minutes._before(a_list()) == "Suggested by the ranking:"


# ── the start ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "earliest", "start"),
    [
        (date(2026, 9, 2), date(2026, 9, 1), date(2026, 9, 2)),
        (date(2026, 9, 1), date(2026, 9, 1), date(2026, 9, 1)),
        (date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 1)),
        (date(2026, 8, 31), None, date(2026, 8, 31)),
    ],
)
def test_a_project_starts_as_asked_for_and_never_before_the_earliest_start(asked, earliest, start):
    line: Placed = a_list({"starts_on": asked}, marks=(5, 4), earliest_start=earliest).line("P1")
    assert line.start_date == start


def test_what_the_committee_sets_stands_before_what_was_asked_for():
    entered = {"starts_on": date(2027, 3, 1), "start_date": date(2026, 10, 1)}
    assert a_list(entered, marks=(5, 4)).line("P1").start_date == date(2026, 10, 1)
