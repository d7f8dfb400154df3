"""Reads a `competition/1` document; every fault is noted with its place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from app.competition_files.call_part import CALL, PROGRAMME, SHOWCASE
from app.competition_files.committee_part import COMMITTEE, MEETING, ORGANISATION
from app.competition_files.parts import Committee, Competition
from app.competition_files.proposal_part import proposal
from app.competition_files.values import NAMED, PARAGRAPH
from app.domain.rating_schemes import GRAMMAR, Scheme, SchemeError, exact
from scoring.scheme.grammar import NAME, UNUSED, Each, Kind, OneOf, Part, Place, Schema, Told, Values

COUNTY = {
    "name": replace(NAMED, required=True),
    "towns": Each(NAME, name=UNUSED),
    "timezone": OneOf(("Europe/Berlin",), name=UNUSED),
}


@dataclass(frozen=True)
class Comments(Values):
    """The wording that sheets carry where the scheme asks for a comment, by mark."""

    def value(self, given: object, at: Place) -> Any:
        wordings, found = super().value(given, at) or {}, {}
        for key, wording in wordings.items():
            try:
                found[exact(key)] = wording
            except ValueError:
                at.fault("not_a_mark", key)
        return found


@dataclass(frozen=True)
class Inside(Kind):
    """The rating scheme inside the file, which is read by its own grammar."""

    def told(self) -> Told:
        return GRAMMAR.told()


def competition(document: object, at: Place) -> Competition | None:
    """The parts of a whole competition; None and faults where they cannot be read. The scheme is read first."""
    given = document.get("rating_scheme") if isinstance(document, Mapping) else None
    rules = None if given is None else _scheme(given, at.key("rating_scheme"))
    found: Competition | None = _top(rules).value(document, at)
    return found


def told() -> Told:
    """What a competition file may say, as JSON Schema."""
    return _top(None).told()


def _scheme(given: object, at: Place) -> Scheme | None:
    """The rating scheme inside the file; its faults are placed under it."""
    try:
        return Scheme.from_document(given)
    except SchemeError as error:
        at.faults.extend(one._replace(place=at.key(one.place).path) for one in error.faults)
    return None


def _top(rules: Scheme | None) -> Part:
    return Part(
        partial(_competition, rules),
        {"schema": Schema("competition/1"), "county": Part(dict, COUNTY, default=None), "programme": PROGRAMME}
        | {
            "call": CALL,
            "rating_scheme": Inside(required=True, name=UNUSED),
            "committee": COMMITTEE,
            "meeting": MEETING,
        }
        | {"sample_comments_de": Comments(PARAGRAPH, name="comments"), "expected": Values()}
        | {"showcase_programmes": Each(SHOWCASE, name="showcases"), "after_decision": Kind(name=UNUSED)}
        | {"organisations": Each(ORGANISATION, required=True), "proposals": Each(proposal(rules), required=True)},
    )


def _competition(
    rules: Scheme | None, county: Mapping[str, str] | None, committee: Committee, **parts: Any
) -> Competition | None:
    authority = county["name"] if county else committee.name
    return Competition(authority=authority, scheme=rules, committee=committee, **parts) if rules else None
