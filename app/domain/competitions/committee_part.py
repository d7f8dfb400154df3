"""Reads organisations, the committee and its meeting of a `competition/1` document."""

from datetime import date

from app import addresses
from app.domain.competitions.grammar import Reader
from app.domain.competitions.parts import Committee, Conflict, Meeting, Organisation, Resolution, Seat
from app.domain.competitions.values import count, day, words

SEAT = ("key", "name", "organisation", "interest_group", "email", "chair", "voting", "role")
GROUND = ("member", "proposal", "ground", "declared", "decision", "late", "vote")
RESOLUTION = ("no", "subject", "yes", "no_votes", "abstain", "not_taking_part", "acting_chair", "carried")
ORGANISATION = ("key", "name", "legal_form", "contact", "seat")
COMMITTEE = (
    *("key", "name_de", "quorum", "majority", "interest_groups_max_share_percent"),
    *("members", "guests", "conflicts"),
)
MEETING = ("date", "place", "invited_on", "chair", "secretary", "present", "excused", "guests", "resolutions")


def organisation(read: Reader) -> Organisation:
    """A body that hands in proposals."""
    return Organisation(
        key=words(read, "key", required=True, most=20),
        name=words(read, "name", required=True, most=200),
        legal_form=words(read, "legal_form", most=40) or "other",
        email=mail_address(read, "contact"),
        seat=words(read, "seat", most=200),
    )


def committee(read: Reader) -> Committee:
    """The committee with members, guests and conflicts."""
    return Committee(
        name=words(read, "name_de", required=True, most=200),
        quorum=words(read, "quorum", most=2000),
        majority=words(read, "majority", most=2000),
        group_percent_max=count(read, "interest_groups_max_share_percent", 1, 100),
        seats=read.each("members", SEAT, member) + read.each("guests", SEAT, guest),
        conflicts=read.each("conflicts", GROUND, conflict),
    )


def member(read: Reader) -> Seat:
    """A seat with a vote, unless the file says otherwise."""
    role = "chair" if read.flag("chair") else "voting"
    return seat(read, role if read.flag("voting", True) else "advisory", name_required=True)


def guest(read: Reader) -> Seat:
    """A seat without a vote."""
    if read.flag("voting"):
        read.fault("voting", "a guest does not vote")
    return seat(read, "advisory", name_required=False)


def seat(read: Reader, role: str, *, name_required: bool) -> Seat:
    """Who sits there and for whom."""
    return Seat(
        key=words(read, "key", required=True, most=20),
        name=words(read, "name", required=name_required, most=200),
        body=words(read, "organisation", most=200),
        interest_group=words(read, "interest_group", most=60),
        email=mail_address(read, "email"),
        role=role,
        duty=words(read, "role", most=60),
    )


def conflict(read: Reader) -> Conflict:
    """A conflict of interest, and what was decided about it."""
    vote = read.inner("vote", ("for_exclusion", "against", "abstain"))
    return Conflict(
        member=words(read, "member", required=True),
        proposal=words(read, "proposal", required=True),
        ground=words(read, "ground", required=True, most=60),
        note=words(read, "note", most=2000),
        declared=day(read, "declared", required=True) or date.min,
        decision=read.choice("decision", ("excluded", "not_excluded"), "excluded"),
        late=read.flag("late"),
        vote={key: vote.whole(key, 0, 0, 1000) for key in vote.raw} if read.has("vote") else None,
    )


def meeting(read: Reader) -> Meeting:
    """The meeting; the moment itself is a date of the call."""
    return Meeting(
        day=day(read, "date"),
        place=words(read, "place", most=200),
        invited_on=day(read, "invited_on"),
        chair=words(read, "chair"),
        secretary=words(read, "secretary"),
        present=read.words("present"),
        excused=read.words("excused"),
        guests=read.words("guests"),
        resolutions=read.each("resolutions", RESOLUTION, resolution),
    )


def resolution(read: Reader) -> Resolution:
    """One resolution with its votes."""
    return Resolution(
        number=read.whole("no", 0, 1, 10_000),
        subject=words(read, "subject", required=True, most=2000),
        yes=read.whole("yes", 0, 0, 1000),
        no=read.whole("no_votes", 0, 0, 1000),
        abstain=read.whole("abstain", 0, 0, 1000),
        not_taking_part=read.words("not_taking_part"),
        acting_chair=words(read, "acting_chair"),
        carried=read.flag("carried"),
    )


def mail_address(read: Reader, key: str) -> str:
    """One e-mail address in small letters."""
    text = words(read, key, required=True, most=254)
    try:
        return addresses.of(text) if text else ""
    except ValueError:
        read.fault(key, f"expected an e-mail address, found {text!r}")
        return ""
