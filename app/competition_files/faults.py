"""What is wrong with a competition file; only the command line reads these sentences, in English."""

from collections.abc import Mapping
from typing import ClassVar

from scoring.errors import SENTENCES, DocumentError

OURS = {
    # what stands at one place
    "not_a_day": "expected a day from 1990 to 2100 such as 2017-10-27, found %(found)s",
    "not_a_moment": "expected a moment with its zone such as 2017-10-27T12:00:00+02:00, found %(found)s",
    "not_an_amount": "expected an amount in euro, at least 0, found %(found)s",
    "not_a_slug": "expected small letters, digits and hyphens, found %(found)s",
    "not_an_address": "expected an e-mail address, found %(found)s",
    "not_a_mark": "is no mark",
    "marks": "expected %(most)s marks, found %(number)s",
    "off_scale": "%(found)s is not a mark of %(key)s: %(allowed)s",
    "guest_votes": "a guest does not vote",
    "parts_differ": "is %(stated)s, the parts add up to %(reached)s",
    "unbalanced": "the costs are %(costs)s, the financing is %(financing)s: they must be equal",
    # whether the parts fit together
    "twice": "the %(what)s %(value)s is used %(times)s times",
    "chairs": "expected one chair, found %(number)s",
    "no_member": "there is no member %(key)s",
    "no_proposal": "there is no proposal %(key)s",
    "no_organisation": "there is no organisation %(key)s",
    "nobody": "needs an organisation or a name",
    "before": "%(day)s lies before %(what)s, %(other)s",
    "not_after_published": "does not lie after published",
    "no_deadline": "missing, there are submitted proposals",
    "no_meeting": "missing, there is a meeting",
    "another_day": "%(day)s is not the day of call.dates.meeting, %(other)s",
    "no_phase": "missing, the phase %(phase)s needs it",
    "rate": "is %(stated)s, the plan makes %(reached)s",
    "not_computed": "the scheme computes no such criterion",
    "computed": "is %(stated)s, the scheme computes %(reached)s",
    "unranked": "%(why)s",
    "no_submission": "missing, the status is %(status)s",
    "before_call": "lies before the call was published, %(day)s",
    "withdrawn": "goes with the status withdrawn, one without the other is given",
    "before_submission": "lies before submitted_at",
    "no_gate": "the scheme has no gate %(key)s",
    "no_reason": "missing, a formal rejection needs its reason",
    "other_status": "the status is %(status)s, not %(expected)s",
    "cure": "due or received lies before it was sent, %(day)s",
    "stranger": "%(key)s is no member of the committee",
    "no_decision": "missing, without a vote of the committee a conflict excludes",
    "no_vote": "%(key)s does not vote",
    "excluded": "%(key)s was excluded before the rating",
    "no_rating_time": "there are marks, but call.dates has no rating_from and rating_until",
    "no_comment": "%(key)s needs a comment for %(mark)s, see sample_comments_de",
    # whether it can be loaded
    "refused": "%(why)s",
    "known": "there is already a call %(key)s; it is not loaded twice",
}


class CompetitionError(DocumentError):
    """A competition that cannot be loaded."""

    sentences: ClassVar[Mapping[str, str]] = SENTENCES | OURS
