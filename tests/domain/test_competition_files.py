"""Competition files: what is refused and where, what a load writes, and how a competition is moved in time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from app import competition_files
from app.competition_files import CompetitionError

TEXT = competition_files.EXAMPLE.read_text()
NOW = datetime(2026, 5, 6, 15, 30, tzinfo=UTC)
Change = Callable[[dict[str, Any]], object]


def plain() -> dict[str, Any]:
    return yaml.safe_load(TEXT)


def written(document: dict[str, Any]) -> bytes:
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode()


def faults_of(content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(CompetitionError) as refused:
        competition_files.read(content)
    return refused.value.told


def faults_after(change: Change) -> list[tuple[str, str]]:
    document = plain()
    change(document)
    return faults_of(written(document))


def put(path: str, value: object) -> Change:
    """A change that sets what stands at a path of keys and numbers, such as proposals.0.title."""

    def change(document: dict[str, Any]) -> None:
        at: Any = document
        *way, last = (int(part) if part.isdecimal() else part for part in path.split("."))
        for part in way:
            at = at[part]
        at[last] = value

    return change


def without(path: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        at: Any = document
        *way, last = (int(part) if part.isdecimal() else part for part in path.split("."))
        for part in way:
            at = at[part]
        del at[last]

    return change


# Reading


def test_the_example_is_read() -> None:
    found = competition_files.read(TEXT.encode())
    assert len(found.proposals) == 14
    assert found.proposals[0].columns["requested_grant_cents"] == 12_312_000
    assert found.call.columns["budget_max_cents"] == 37_800_000
    assert found.call.columns["deadline"] == datetime(2017, 10, 27, 10, tzinfo=UTC)


@pytest.mark.parametrize("optional", ["county", "programme", "meeting", "showcase_programmes", "expected", "note"])
def test_what_is_not_required_may_be_missing(optional: str) -> None:
    document = plain()
    del document[optional]
    assert competition_files.read(written(document)).call.key == "aufruf-2017"


@pytest.mark.parametrize("required", ["call", "rating_scheme", "committee", "organisations", "proposals"])
def test_what_is_required_must_be_there(required: str) -> None:
    assert (required, "missing") in faults_after(without(required))


BAD = {
    "unknown key": (put("colour", "red"), "colour", "unknown key"),
    "unknown key inside": (put("proposals.3.colour", "red"), "proposals[3].colour", "unknown key"),
    "another schema": (put("schema", "competition/2"), "schema", "expected competition/1"),
    "text for a number": (put("proposals.0.places", "many"), "proposals[0].places", "expected a whole number"),
    "number for text": (put("call.title_de", 7), "call.title_de", "expected text"),
    "list for a mapping": (put("call", []), "call", "expected keys and values, found a list"),
    "text for a list": (put("proposals.0.sites", "Auenburg"), "proposals[0].sites", "expected a list"),
    "negative money": (
        put("proposals.2.finance.costs.material", -1),
        "proposals[2].finance.costs.material",
        "expected an amount in euro",
    ),
    "a third of a cent": (
        put("call.capacity.budget_max", 1.001),
        "call.capacity.budget_max",
        "expected an amount in euro",
    ),
    "mark off the scale": (put("proposals.3.ratings.M2.1", 7), "proposals[3].ratings.M2[1]", "7 is not a mark of k2"),
    "mark between two": (put("proposals.3.ratings.M2.1", 4.5), "proposals[3].ratings.M2[1]", "4.5 is not a mark of k2"),
    "mark that is no number": (put("proposals.3.ratings.M2.1", "good"), "proposals[3].ratings.M2[1]", "not a mark"),
    "a mark too few": (put("proposals.3.ratings.M2", [4, 4]), "proposals[3].ratings.M2", "expected 5 marks, found 2"),
    "unknown rater": (put("proposals.3.ratings.M9", [4] * 5), "proposals[3].ratings.M9", "no member of the committee"),
    "a guest rates": (put("proposals.3.ratings.G1", [4] * 5), "proposals[3].ratings.G1", "G1 does not vote"),
    "an excluded member rates": (
        put("proposals.0.ratings.M7", [4] * 5),
        "proposals[0].ratings.M7",
        "M7 was excluded before the rating",
    ),
    "a comment without wording": (
        without("sample_comments_de.5"),
        "proposals[0].ratings.M1[0]",
        "k1 needs a comment for 5",
    ),
    "unknown member in a conflict": (
        put("committee.conflicts.0.member", "M9"),
        "committee.conflicts[0].member",
        "there is no member M9",
    ),
    "unknown proposal in a conflict": (
        put("committee.conflicts.0.proposal", "P99"),
        "committee.conflicts[0].proposal",
        "there is no proposal P99",
    ),
    "two chairs": (put("committee.members.1.chair", True), "committee.members", "expected one chair, found 2"),
    "one address twice": (put("committee.members.1.email", "m1@example.org"), "committee.members", "is used 2 times"),
    "no address": (put("organisations.0.contact", "nobody"), "organisations[0].contact", "expected an e-mail address"),
    "two proposals with one key": (put("proposals.1.key", "P01"), "proposals", "the key P01 is used 2 times"),
    "two organisations with one name": (
        put("organisations.1.name", "Sozialwerk Auental e. V. (fiktiv)"),
        "organisations",
        "is used 2 times",
    ),
    "unknown organisation": (
        put("proposals.5.organisation", "O99"),
        "proposals[5].organisation",
        "no organisation O99",
    ),
    "unknown partner": (
        put("proposals.1.partners.0.organisation", "O99"),
        "proposals[1].partners[0].organisation",
        "there is no organisation O99",
    ),
    "costs that do not add up": (
        put("proposals.0.finance.costs.total", 213_970),
        "proposals[0].finance.costs.total",
        "is 213970.00, the parts add up to 213969.00",
    ),
    "a plan that does not balance": (
        put("proposals.0.finance.financing", {"requested_grant": 123_120}),
        "proposals[0].finance",
        "the costs are 213969.00, the financing is 123120.00",
    ),
    "a wrong rate": (
        put("proposals.0.finance.grant_per_place_month", 229),
        "proposals[0].finance.grant_per_place_month",
        "is 229, the plan makes 228",
    ),
    "a wrong computed mark": (put("proposals.0.auto.k6", 3), "proposals[0].auto.k6", "is 3, the scheme computes 2"),
    "a computed mark of nothing": (put("proposals.0.auto", {"k1": 3}), "proposals[0].auto.k1", "computes no such"),
    "no such day": (put("call.dates.rating_from", "2017-11-31"), "call.dates.rating_from", "expected a day"),
    "a day of another age": (put("call.dates.rating_from", "1017-11-13"), "call.dates.rating_from", "expected a day"),
    "a moment without its zone": (
        put("call.dates.deadline", "2017-10-27T12:00:00"),
        "call.dates.deadline",
        "expected a moment with its zone",
    ),
    "rating before the deadline": (
        put("call.dates.rating_from", "2017-10-01"),
        "call.dates.rating_from",
        "lies before deadline",
    ),
    "results before the meeting": (
        put("call.dates.results_published", "2017-11-30"),
        "call.dates.results_published",
        "lies before meeting",
    ),
    "a meeting on another day": (put("meeting.date", "2017-12-07"), "meeting.date", "is not the day of call.dates"),
    "an end before the start": (put("proposals.0.period.end", "2018-03-14"), "proposals[0].period.end", "lies before"),
    "submitted before there was a call": (
        put("proposals.0.submitted_at", "2017-09-01T10:00:00+02:00"),
        "proposals[0].submitted_at",
        "lies before the call was published",
    ),
    "rated and never submitted": (without("proposals.0.submitted_at"), "proposals[0].submitted_at", "missing"),
    "rejected and rated": (
        put("proposals.0.status", "formally_rejected"),
        "proposals[0].ratings",
        "the status is formally_rejected, not rated",
    ),
    "rejected without a reason": (without("proposals.10.formal.text_de"), "proposals[10].formal.text_de", "missing"),
    "rejected by an unknown gate": (
        put("proposals.10.formal.failed", ["beauty"]),
        "proposals[10].formal.failed[0]",
        "the scheme has no gate beauty",
    ),
    "an unknown fill rule": (put("call.capacity.fill_rule", "best"), "call.capacity.fill_rule", "expected one of"),
    "a key that is no address": (put("call.key", "Aufruf 2017"), "call.key", "expected small letters"),
    "an unknown acting chair": (
        put("meeting.resolutions.2.acting_chair", "M9"),
        "meeting.resolutions[2].acting_chair",
        "there is no member M9",
    ),
    "present and excused": (put("meeting.excused", ["M1"]), "meeting", "the member M1 is used 2 times"),
    "a scheme that does not add up": (
        put("rating_scheme.criteria.0.weight_percent", 16),
        "rating_scheme.criteria",
        "the weights add up to 101 percent, not 100",
    ),
    "a text that never ends": (put("call.text_de", "x" * 20_001), "call.text_de", "at most 20000 fit"),
    "a text that cannot be stored": (put("call.title_de", "a\0b"), "call.title_de", "cannot be stored"),
    "a guest with a vote": (put("committee.guests.0.voting", True), "committee.guests[0].voting", "does not vote"),
    "marks that are no list": (put("proposals.3.ratings.M2", 4), "proposals[3].ratings.M2", "expected a list, found 4"),
    "wording for no mark": (put("sample_comments_de.good", "Gut."), "sample_comments_de.good", "is no mark"),
    "another programme that is none": (
        put("showcase_programmes.0", "x"),
        "showcase_programmes[0]",
        "expected keys and values, found 'x'",
    ),
    "a deadline as the call is published": (
        put("call.dates.deadline", f"{plain()['call']['dates']['published']}T08:00:00+02:00"),
        "call.dates.deadline",
        "does not lie after published",
    ),
    "submitted without a deadline": (
        without("call.dates.deadline"),
        "call.dates.deadline",
        "missing, there are submitted proposals",
    ),
    "a meeting without its day": (without("call.dates.meeting"), "call.dates.meeting", "missing, there is a meeting"),
    "a partner that is nobody": (
        put("proposals.0.partners", [{"task": "Helps"}]),
        "proposals[0].partners[0]",
        "needs an organisation or a name",
    ),
    "withdrawn at no time": (put("proposals.0.status", "withdrawn"), "proposals[0].withdrawn_at", "goes with"),
    "withdrawn before it was submitted": (
        put("proposals.0.withdrawn_at", "2017-09-01T10:00:00+02:00"),
        "proposals[0].withdrawn_at",
        "lies before submitted_at",
    ),
    "failed and not rejected": (
        put("proposals.10.status", "submitted"),
        "proposals[10].formal.failed",
        "the status is submitted, not formally_rejected",
    ),
    "papers awaited before they were asked for": (
        put("proposals.11.formal.cure_request.due", "2017-11-01"),
        "proposals[11].formal.cure_request",
        "due or received lies before it was sent, 2017-11-02",
    ),
    "marks without a time for them": (
        without("call.dates.rating_from"),
        "proposals[0].ratings",
        "there are marks, but call.dates has no rating_from",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_place(name: str) -> None:
    change, place, problem = BAD[name]
    faults = faults_after(change)
    assert [found for found in faults if found[0] == place and problem in found[1]], faults


def test_all_faults_are_named_at_once() -> None:
    def change(document: dict[str, Any]) -> None:
        put("proposals.0.places", "many")(document)
        put("proposals.3.ratings.M2.1", 7)(document)
        put("call.colour", "red")(document)

    assert {place for place, _ in faults_after(change)} == {
        "call.colour",
        "proposals[0].places",
        "proposals[3].ratings.M2[1]",
    }


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the file is empty"),
        (b"a: [1, 2", "this is not YAML"),
        (b"\xff\xfe\x00broken", "this is not YAML"),
        (b"schema: competition/1\nschema: competition/1\n", "is given twice"),
        (b"a: &x [1]\nb: *x\n", "aliases"),
        (b"a: !!python/object/apply:os.system [ls]\n", "tags"),
        (b"[" * 100, "levels deep"),
        (b"- a list\n", "expected keys and values"),
        (b"just words\n", "expected keys and values"),
        (b"a: 1\n---\nb: 2\n", "more than one document"),
    ],
)
def test_what_is_not_such_a_file_at_all_is_refused(content: bytes, problem: str) -> None:
    assert problem in " ".join(said for _, said in faults_of(content))


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    levels = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 12)]
    begun = time.perf_counter()
    assert "aliases" in faults_of(("a0: &a0 lol\n" + "\n".join(levels)).encode())[0][1]
    assert time.perf_counter() - begun < 1


def test_fifty_megabytes_are_refused_at_once() -> None:
    content = b"schema: competition/1\nnote: " + b"x" * 50_000_000
    begun = time.perf_counter()
    assert "at most 4000000 are read" in faults_of(content)[0][1]
    assert time.perf_counter() - begun < 1
