"""Whether the parts of a competition fit together: names that are meant exist, dates lie in order, numbers agree."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import pairwise

from app import i18n
from app.clock import BERLIN
from app.competition_files.parts import Competition, Conflict, Proposal
from app.domain import proposals
from app.domain.rating_schemes import Scheme
from scoring.errors import Fault, fault


def faults(found: Competition) -> list[Fault]:
    """Everything that does not fit."""
    checks = (keys, people, conflicts, dates, known_numbers, meeting, call_of)
    return [one for check in checks for one in check(found)]


def keys(found: Competition) -> Iterator[Fault]:
    """Every key, name and number stands once."""
    yield from once("organisations", "key", (one.key for one in found.organisations))
    yield from once("organisations", "name", (one.name for one in found.organisations))
    yield from once("proposals", "key", (one.key for one in found.proposals))
    yield from once("committee.members", "key", (one.key for one in found.committee.seats))
    yield from once("committee.members", "email", (one.email for one in found.committee.seats))
    programmes = [*([found.programme] if found.programme else []), *found.showcases]
    yield from once("showcase_programmes", "key", (one.key for one in programmes))
    pairs = [f"{one.member} {one.proposal}" for one in found.committee.conflicts]
    yield from once("committee.conflicts", "pair", pairs)
    if found.meeting:
        yield from once("meeting.resolutions", "no", (str(one.number) for one in found.meeting.resolutions))


def once(place: str, what: str, given: Iterable[str]) -> Iterator[Fault]:
    """No two of them are the same."""
    for one, times in Counter(given).items():
        if times > 1:
            yield fault(place, "twice", what=what, value=one, times=times)


def people(found: Competition) -> Iterator[Fault]:
    """The committee has one chair."""
    chairs = sum(seat.role == "chair" for seat in found.committee.seats)
    if chairs != 1:
        yield fault("committee.members", "chairs", number=chairs)


def conflicts(found: Competition) -> Iterator[Fault]:
    """Conflicts are between members and proposals that there are."""
    seats = {seat.key for seat in found.committee.seats}
    known = {proposal.key for proposal in found.proposals}
    for index, one in enumerate(found.committee.conflicts):
        place = f"committee.conflicts[{index}]"
        yield from unknown("no_member", seats, {f"{place}.member": one.member})
        yield from unknown("no_proposal", known, {f"{place}.proposal": one.proposal})
        if one.decision == "not_excluded" and not one.vote:
            yield fault(f"{place}.vote", "no_decision")


def unknown(code: str, known: Container[str], named: Mapping[str, str]) -> Iterator[Fault]:
    """Every key that is named at a place is known; a blank names nobody."""
    yield from (fault(place, code, key=key) for place, key in named.items() if key and key not in known)


def dates(found: Competition) -> Iterator[Fault]:
    """What comes later in the procedure lies later."""
    columns = found.call.columns
    moments = {
        "published": found.call.published,
        "deadline": columns["deadline"],
        "rating_from": columns["rating_from"],
        "rating_until": columns["rating_until"],
        "meeting": columns["meeting_at"],
        "results_published": found.call.results_published,
    }
    given = [(name, day_of(moment)) for name, moment in moments.items() if moment]
    for (earlier, before), (later, after) in pairwise(given):
        if after < before:
            yield fault(f"call.dates.{later}", "before", day=after, what=earlier, other=before)
    if moments["deadline"] and moments["published"] and moments["deadline"] <= moments["published"]:
        yield fault("call.dates.deadline", "not_after_published")
    if columns["deadline"] is None and any(one.submitted_at for one in found.proposals):
        yield fault("call.dates.deadline", "no_deadline")


def known_numbers(found: Competition) -> Iterator[Fault]:
    """The scheme of a published call needs no number that proposals do not say."""
    if found.call.published:
        with i18n.speaking("en"):
            sentences = proposals.not_asked(found.scheme)
        yield from (fault("rating_scheme", "unranked", why=sentence) for sentence in sentences)


def meeting(found: Competition) -> Iterator[Fault]:
    """The meeting lies on its day, and those who take part have a seat."""
    held = found.meeting
    if held is None:
        return
    planned = found.call.columns["meeting_at"]
    if planned is None:
        yield fault("call.dates.meeting", "no_meeting")
    elif held.day and held.day != day_of(planned):
        yield fault("meeting.date", "another_day", day=held.day, other=day_of(planned))
    named = {"chair": held.chair, "secretary": held.secretary}
    for name, keys in (("present", held.present), ("excused", held.excused), ("guests", held.guests)):
        named |= {f"{name}[{index}]": key for index, key in enumerate(keys)}
    for number, one in enumerate(held.resolutions):
        named[f"resolutions[{number}].acting_chair"] = one.acting_chair
        named |= {f"resolutions[{number}].not_taking_part[{at}]": key for at, key in enumerate(one.not_taking_part)}
    seats = {seat.key for seat in found.committee.seats}
    yield from unknown("no_member", seats, {f"meeting.{place}": key for place, key in named.items()})
    yield from once("meeting", "member", [*held.present, *held.excused, *held.guests])


def call_of(found: Competition) -> Iterator[Fault]:
    """Every proposal fits the organisations, the scheme, the committee and the dates."""
    for index, proposal in enumerate(found.proposals):
        for one in of_proposal(found, proposal):
            yield one._replace(place=f"proposals[{index}].{one.place}")


def of_proposal(found: Competition, proposal: Proposal) -> Iterator[Fault]:
    """What is wrong with one proposal, with places inside it."""
    organisations = {one.key for one in found.organisations}
    yield from unknown("no_organisation", organisations, {"organisation": proposal.organisation})
    for index, one in enumerate(proposal.partners):
        yield from unknown("no_organisation", organisations, {f"partners[{index}].organisation": one.organisation})
        if not (one.organisation or one.name):
            yield fault(f"partners[{index}]", "nobody")
    yield from numbers(found.scheme, proposal)
    yield from course(found, proposal)
    yield from formal(found.scheme, proposal)
    yield from rated(found, proposal)


def numbers(scheme: Scheme, proposal: Proposal) -> Iterator[Fault]:
    """Stated numbers are those that follow from the others."""
    start, end = proposal.columns["starts_on"], proposal.columns["ends_on"]
    if start and end and end < start:
        yield fault("period.end", "before", day=end, what="the start", other=start)
    rate = proposals.grant_per_place_month(proposals.said(proposal.columns))
    if proposal.stated_rate is not None and proposal.stated_rate != rate:
        yield fault("finance.grant_per_place_month", "rate", stated=proposal.stated_rate, reached=rate)
    computed = scheme.computed_marks(proposals.facts(proposals.said(proposal.columns)))
    for key, stated in proposal.stated_marks.items():
        if key not in computed:
            yield fault(f"auto.{key}", "not_computed")
        elif len({computed[key], stated} - {None}) > 1:
            yield fault(f"auto.{key}", "computed", stated=stated, reached=computed[key])


def course(found: Competition, proposal: Proposal) -> Iterator[Fault]:
    """The proposal's own moments fit its status and the call's dates."""
    published = found.call.published
    if proposal.status != "draft" and proposal.submitted_at is None:
        yield fault("submitted_at", "no_submission", status=proposal.status)
    if proposal.submitted_at and published and proposal.submitted_at < published:
        yield fault("submitted_at", "before_call", day=day_of(published))
    if (proposal.status == "withdrawn") != (proposal.withdrawn_at is not None):
        yield fault("withdrawn_at", "withdrawn")
    if proposal.withdrawn_at and proposal.submitted_at and proposal.withdrawn_at < proposal.submitted_at:
        yield fault("withdrawn_at", "before_submission")


def formal(scheme: Scheme, proposal: Proposal) -> Iterator[Fault]:
    """A rejection names gates of the scheme and a reason; whatever is rated has passed."""
    gates = {gate.key for gate in scheme.gates}
    yield from unknown("no_gate", gates, {f"formal.failed[{index}]": key for index, key in enumerate(proposal.failed)})
    if proposal.rejected and not proposal.rejection:
        yield fault("formal.text_de", "no_reason")
    if proposal.failed and not proposal.rejected:
        yield fault("formal.failed", "other_status", status=proposal.status, expected="formally_rejected")
    cure = proposal.cure
    if cure and (cure.due < cure.sent or (cure.received and cure.received < cure.sent)):
        yield fault("formal.cure_request", "cure", day=cure.sent)


def rated(found: Competition, proposal: Proposal) -> Iterator[Fault]:
    """Marks come from voting members without a conflict, on an admitted proposal, within the time for it."""
    voting = {seat.key for seat in found.committee.voting}
    seats = {seat.key for seat in found.committee.seats}
    biased = {one.member: one for one in found.committee.conflicts if one.proposal == proposal.key}
    for member, marks in proposal.ratings.items():
        if member not in voting:
            yield fault(f"ratings.{member}", "no_vote" if member in seats else "stranger", key=member)
        elif excluded_before_rating(biased.get(member)):
            yield fault(f"ratings.{member}", "excluded", key=member)
        else:
            yield from worded(found, member, marks)
    if proposal.ratings and proposal.status != "rated":
        yield fault("ratings", "other_status", status=proposal.status, expected="rated")
    if proposal.ratings and not (found.call.columns["rating_from"] and found.call.columns["rating_until"]):
        yield fault("ratings", "no_rating_time")


def excluded_before_rating(conflict: Conflict | None) -> bool:
    """A conflict that kept the member from rating at all."""
    return conflict is not None and conflict.decision == "excluded" and not conflict.late


def worded(found: Competition, member: str, marks: Iterable[object]) -> Iterator[Fault]:
    """Where the scheme asks for a comment, the file has a wording for it."""
    for index, (criterion, mark) in enumerate(zip(found.scheme.rated_criteria, marks, strict=True)):
        if mark is not None and criterion.needs_comment(mark) and mark not in found.comments:
            yield fault(f"ratings.{member}[{index}]", "no_comment", key=criterion.key, mark=mark)


def day_of(moment: date) -> date:
    """The calendar day of a day or a moment, in Germany."""
    return moment.astimezone(BERLIN).date() if isinstance(moment, datetime) else moment
