"""Organisations, the committee and its meeting of a `competition/1` document."""

from dataclasses import replace
from typing import Any

from app.competition_files.parts import Committee, Conflict, Meeting, Organisation, Resolution, Seat
from app.competition_files.values import DAY, KEY, LINE, MAIL, NAMED, PARAGRAPH, SHORT, VOTES
from scoring.scheme.grammar import NAME, UNUSED, Each, Flag, Kind, OneOf, Part, Place, Text, Values, Whole

NEEDED = replace(NAMED, required=True)
ORGANISATION = Part(
    Organisation,
    {"key": KEY, "name": NEEDED, "seat": NAMED, "contact": replace(MAIL, name="email")}
    | {"legal_form": Text(40, default="other")},
)


def _seat(chair: bool, voting: bool, **seat: str) -> Seat:
    return Seat(role=("chair" if chair else "voting") if voting else "advisory", **seat)


def _guest(found: Seat, at: Place) -> Seat:
    if found.role != "advisory":
        at.fault("guest_votes", "voting")
    return found


def _committee(members: tuple[Seat, ...], guests: tuple[Seat, ...], **committee: Any) -> Committee:
    return Committee(seats=members + guests, **committee)


SEAT = {
    **{"key": KEY, "organisation": replace(NAMED, name="body"), "role": replace(SHORT, name="duty")},
    **{"interest_group": SHORT, "email": MAIL, "chair": Flag()},
}
MEMBER = Part(_seat, SEAT | {"name": NEEDED, "voting": Flag(default=True)})
GUEST = Part(_seat, SEAT | {"name": NAMED, "voting": Flag()}, _guest)
CONFLICT = Part(
    Conflict,
    dict.fromkeys(("member", "proposal"), replace(LINE, required=True))
    | {"ground": replace(SHORT, required=True), "note": PARAGRAPH, "declared": replace(DAY, required=True)}
    | {"decision": OneOf(("excluded", "not_excluded"), default="excluded"), "late": Flag()}
    | {"vote": Values(VOTES, only=("for_exclusion", "against", "abstain"), default=None)},
)
COMMITTEE = Part(
    _committee,
    {"key": Kind(name=UNUSED), "name_de": replace(NEEDED, name="name"), "quorum": PARAGRAPH, "majority": PARAGRAPH}
    | {"interest_groups_max_share_percent": Whole(1, 100, null=True, name="group_percent_max")}
    | {"members": Each(MEMBER), "guests": Each(GUEST), "conflicts": Each(CONFLICT)},
    required=True,
)
RESOLUTION = Part(
    Resolution,
    {"no": Whole(1, 10_000, default=0, name="number"), "subject": replace(PARAGRAPH, required=True)}
    | {"yes": VOTES, "no_votes": replace(VOTES, name="no"), "abstain": VOTES, "carried": Flag()}
    | {"not_taking_part": Each(NAME), "acting_chair": LINE},
)
MEETING = Part(
    Meeting,
    {"date": replace(DAY, name="day"), "invited_on": DAY, "place": NAMED, "chair": LINE, "secretary": LINE}
    | dict.fromkeys(("present", "excused", "guests"), Each(NAME))
    | {"resolutions": Each(RESOLUTION)},
    default=None,
)
