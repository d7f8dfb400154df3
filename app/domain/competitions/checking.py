"""Whether the parts of a competition fit together: names that are meant exist, dates lie in order, numbers agree."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextvars import copy_context
from datetime import date, datetime
from itertools import pairwise

from app import i18n
from app.clock import BERLIN
from app.domain import proposals
from app.domain.competitions.parts import Competition, Conflict, Proposal
from app.domain.rating_schemes import Scheme

Fault = tuple[str, str]
ORDER = ("published", "deadline", "rating_from", "rating_until", "meeting", "results_published")


def faults(found: Competition) -> list[Fault]:
    """Everything that does not fit, as (place, what is wrong)."""
    checks = (keys, people, conflicts, dates, known_numbers, meeting, call_of)
    return [fault for check in checks for fault in check(found)]


def keys(found: Competition) -> Iterator[Fault]:
    """Every key, name and number stands once."""
    yield from once("organisations", "key", (one.key for one in found.organisations))
    yield from once("organisations", "name", (one.name for one in found.organisations))
    yield from once("proposals", "key", (one.key for one in found.proposals))
    yield from once("committee.members", "key", (one.key for one in found.committee.seats))
    yield from once("committee.members", "email", (one.email for one in found.committee.seats))
    programmes = [*([found.programme] if found.programme else []), *found.showcases]
    yield from once("showcase_programmes", "key", (one.key for one in programmes))
    yield from once(
        "committee.conflicts", "pair", (f"{one.member} {one.proposal}" for one in found.committee.conflicts)
    )
    if found.meeting:
        yield from once("meeting.resolutions", "no", (str(one.number) for one in found.meeting.resolutions))


def once(place: str, what: str, given: Iterable[str]) -> Iterator[Fault]:
    """No two of them are the same."""
    for one, times in Counter(given).items():
        if times > 1:
            yield place, f"the {what} {one} is used {times} times"


def people(found: Competition) -> Iterator[Fault]:
    """The committee has one chair."""
    chairs = sum(seat.role == "chair" for seat in found.committee.seats)
    if chairs != 1:
        yield "committee.members", f"expected one chair, found {chairs}"


def conflicts(found: Competition) -> Iterator[Fault]:
    """Conflicts are between members and proposals that there are."""
    seats = {seat.key for seat in found.committee.seats}
    known = {proposal.key for proposal in found.proposals}
    for index, one in enumerate(found.committee.conflicts):
        place = f"committee.conflicts[{index}]"
        if one.member not in seats:
            yield f"{place}.member", f"there is no member {one.member}"
        if one.proposal not in known:
            yield f"{place}.proposal", f"there is no proposal {one.proposal}"


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
    given = [(name, day_of(moments[name])) for name in ORDER if moments[name]]
    for (earlier, before), (later, after) in pairwise(given):
        if after < before:
            yield f"call.dates.{later}", f"{after} lies before {earlier}, {before}"
    if moments["deadline"] and moments["published"] and moments["deadline"] <= moments["published"]:
        yield "call.dates.deadline", "does not lie after published"
    if found.call.columns["deadline"] is None and any(one.submitted_at for one in found.proposals):
        yield "call.dates.deadline", "missing, there are submitted proposals"


def known_numbers(found: Competition) -> Iterator[Fault]:
    """The scheme of a published call needs no number that proposals do not say."""
    if found.call.published:
        english = copy_context()
        english.run(i18n.locale.set, "en")
        yield from (("rating_scheme", sentence) for sentence in english.run(proposals.not_asked, found.scheme))


def meeting(found: Competition) -> Iterator[Fault]:
    """The meeting lies on its day, and those who take part have a seat."""
    held = found.meeting
    if held is None:
        return
    planned = found.call.columns["meeting_at"]
    if planned is None:
        yield "call.dates.meeting", "missing, there is a meeting"
    elif held.day and held.day != day_of(planned):
        yield "meeting.date", f"{held.day} is not the day of call.dates.meeting, {day_of(planned)}"
    named = [
        *(("chair", held.chair), ("secretary", held.secretary)),
        *((f"present[{index}]", one) for index, one in enumerate(held.present)),
        *((f"excused[{index}]", one) for index, one in enumerate(held.excused)),
        *((f"guests[{index}]", one) for index, one in enumerate(held.guests)),
    ]
    for number, one in enumerate(held.resolutions):
        named.append((f"resolutions[{number}].acting_chair", one.acting_chair))
        named += [(f"resolutions[{number}].not_taking_part[{at}]", key) for at, key in enumerate(one.not_taking_part)]
    seats = {seat.key for seat in found.committee.seats}
    yield from ((f"meeting.{place}", f"there is no member {key}") for place, key in named if key and key not in seats)
    yield from once("meeting", "member", [*held.present, *held.excused, *held.guests])


def call_of(found: Competition) -> Iterator[Fault]:
    """Every proposal fits the organisations, the scheme, the committee and the dates."""
    for index, proposal in enumerate(found.proposals):
        for place, problem in of_proposal(found, proposal):
            yield f"proposals[{index}].{place}", problem


def of_proposal(found: Competition, proposal: Proposal) -> Iterator[Fault]:
    """What is wrong with one proposal, with places inside it."""
    organisations = {one.key for one in found.organisations}
    if proposal.organisation not in organisations:
        yield "organisation", f"there is no organisation {proposal.organisation}"
    for index, partner in enumerate(proposal.partners):
        if partner.organisation and partner.organisation not in organisations:
            yield f"partners[{index}].organisation", f"there is no organisation {partner.organisation}"
        elif not (partner.organisation or partner.name):
            yield f"partners[{index}]", "needs an organisation or a name"
    yield from numbers(found.scheme, proposal)
    yield from course(found, proposal)
    yield from formal(found.scheme, proposal)
    yield from rated(found, proposal)


def numbers(scheme: Scheme, proposal: Proposal) -> Iterator[Fault]:
    """Stated numbers are those that follow from the others."""
    start, end = proposal.columns["starts_on"], proposal.columns["ends_on"]
    if start and end and end < start:
        yield "period.end", f"{end} lies before the start, {start}"
    rate = proposals.grant_per_place_month(proposal.columns)
    if proposal.stated_rate is not None and proposal.stated_rate != rate:
        yield "finance.grant_per_place_month", f"is {proposal.stated_rate}, the plan makes {rate}"
    computed = scheme.computed_marks(proposals.facts(proposal.columns))
    for key, stated in proposal.stated_marks.items():
        if key not in computed:
            yield f"auto.{key}", "the scheme computes no such criterion"
        elif computed[key] not in (None, stated):
            yield f"auto.{key}", f"is {stated}, the scheme computes {computed[key]}"


def course(found: Competition, proposal: Proposal) -> Iterator[Fault]:
    """The proposal's own moments fit its status and the call's dates."""
    published = found.call.published
    if proposal.status != "draft" and proposal.submitted_at is None:
        yield "submitted_at", f"missing, the status is {proposal.status}"
    if proposal.submitted_at and published and proposal.submitted_at < published:
        yield "submitted_at", f"lies before the call was published, {day_of(published)}"
    if (proposal.status == "withdrawn") != (proposal.withdrawn_at is not None):
        yield "withdrawn_at", "goes with the status withdrawn, one without the other is given"
    if proposal.withdrawn_at and proposal.submitted_at and proposal.withdrawn_at < proposal.submitted_at:
        yield "withdrawn_at", "lies before submitted_at"


def formal(scheme: Scheme, proposal: Proposal) -> Iterator[Fault]:
    """A rejection names gates of the scheme and a reason; whatever is rated has passed."""
    gates = {gate.key for gate in scheme.gates}
    for index, key in enumerate(proposal.failed):
        if key not in gates:
            yield f"formal.failed[{index}]", f"the scheme has no gate {key}"
    if proposal.rejected and not proposal.rejection:
        yield "formal.text_de", "missing, a formal rejection needs its reason"
    if proposal.failed and not proposal.rejected:
        yield "formal.failed", f"the status is {proposal.status}, not formally_rejected"
    cure = proposal.cure
    if cure and (cure.due < cure.sent or (cure.received and cure.received < cure.sent)):
        yield "formal.cure_request", f"due or received lies before it was sent, {cure.sent}"


def rated(found: Competition, proposal: Proposal) -> Iterator[Fault]:
    """Marks come from voting members without a conflict, on an admitted proposal, within the time for it."""
    voting = {seat.key for seat in found.committee.voting}
    seats = {seat.key for seat in found.committee.seats}
    biased = {one.member: one for one in found.committee.conflicts if one.proposal == proposal.key}
    for member, marks in proposal.ratings.items():
        if member not in voting:
            why = "does not vote" if member in seats else "is no member of the committee"
            yield f"ratings.{member}", f"{member} {why}"
        elif excluded_before_rating(biased.get(member)):
            yield f"ratings.{member}", f"{member} was excluded before the rating"
        else:
            yield from worded(found, member, marks)
    if proposal.ratings and proposal.status != "rated":
        yield "ratings", f"the status is {proposal.status}, not rated"
    if proposal.ratings and not (found.call.columns["rating_from"] and found.call.columns["rating_until"]):
        yield "ratings", "there are marks, but call.dates has no rating_from and rating_until"


def excluded_before_rating(conflict: Conflict | None) -> bool:
    """A conflict that kept the member from rating at all."""
    return conflict is not None and conflict.decision == "excluded" and not conflict.late


def worded(found: Competition, member: str, marks: Iterable[object]) -> Iterator[Fault]:
    """Where the scheme asks for a comment, the file has a wording for it."""
    for index, (criterion, mark) in enumerate(zip(found.scheme.rated_criteria, marks, strict=True)):
        if mark is not None and criterion.needs_comment(mark) and mark not in found.comments:
            yield f"ratings.{member}[{index}]", f"{criterion.key} needs a comment for {mark}, see sample_comments_de"


def day_of(moment: date) -> date:
    """The calendar day of a day or a moment, in Germany."""
    return moment.astimezone(BERLIN).date() if isinstance(moment, datetime) else moment
