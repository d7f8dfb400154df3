"""Reads a `competition/1` document; every fault is noted with its place."""

from decimal import Decimal

from app.domain.competitions.call_part import CALL, PROGRAMME, call, programme, showcases
from app.domain.competitions.committee_part import COMMITTEE, MEETING, ORGANISATION, committee, meeting, organisation
from app.domain.competitions.grammar import Reader
from app.domain.competitions.parts import Competition
from app.domain.competitions.proposal_part import PROPOSAL, proposal
from app.domain.competitions.values import mark, words
from app.domain.rating_schemes import Scheme, SchemeError

TOP = (
    *("schema", "county", "programme", "call", "rating_scheme", "committee", "meeting", "sample_comments_de"),
    *("showcase_programmes", "organisations", "proposals", "expected", "after_decision"),
)
REQUIRED = ("call", "rating_scheme", "committee", "organisations", "proposals")


def competition(document: object, faults: list[tuple[str, str]]) -> Competition | None:
    """The parts of a whole competition; None where the scheme is unusable. Faults go to the list."""
    read = Reader(document, "", faults, TOP)
    read.choice("schema", ("competition/1",), "")
    for key in REQUIRED:
        if not read.has(key):
            read.fault(key, "missing")
    rules = scheme(read) if read.has("rating_scheme") else None
    county = read.inner("county", ("name", "towns", "timezone"))
    county.choice("timezone", ("Europe/Berlin",), "Europe/Berlin")
    county.words("towns")
    body = committee(read.inner("committee", COMMITTEE))
    authority = words(county, "name", required=read.has("county"), most=200) or body.name
    own = programme(read.inner("programme", PROGRAMME)) if read.has("programme") else None
    others = showcases(read)
    its_call = call(read.inner("call", CALL))
    bodies = read.each("organisations", ORGANISATION, organisation)
    ideas = read.each("proposals", PROPOSAL, lambda one: proposal(one, rules))
    met = meeting(read.inner("meeting", MEETING)) if read.has("meeting") else None
    wording, expected = comments(read), read.free("expected")
    if rules is None:
        return None
    return Competition(authority, own, others, its_call, rules, body, bodies, ideas, met, wording, expected)


def scheme(read: Reader) -> Scheme | None:
    """The rating scheme inside the file; its faults are placed under it."""
    try:
        return Scheme.from_document(read.raw["rating_scheme"])
    except SchemeError as error:
        for place, problem in error.told:
            read.fault(".".join(part for part in ("rating_scheme", place) if part), problem)
    return None


def comments(read: Reader) -> dict[Decimal, str]:
    """The wording that sheets carry where the scheme asks for a comment, by mark."""
    given = read.free("sample_comments_de")
    inner = Reader(given, "sample_comments_de", read.faults, given)
    found = {}
    for key in given:
        number = mark(key)
        if number is None:
            inner.fault(key, "is no mark")
        else:
            found[number] = words(inner, key, most=2000)
    return found
