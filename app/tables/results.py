"""Meetings, recommendations, frozen rankings and the published result."""

from typing import Literal, get_args

from piccolo.columns import (
    JSONB,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from app.tables.calls import Call
from app.tables.committees import Member
from app.tables.people import Person
from app.tables.proposals import Proposal

Presence = Literal["present", "excused", "guest"]
Choice = Literal["", "recommended", "recommended_with_conditions", "reserve", "not_recommended"]


class Meeting(Table, tablename="meeting"):
    """The committee met about a call."""

    id: Serial
    call = ForeignKey(Call, null=False, on_delete=OnDelete.restrict, unique=True)
    at = Timestamptz()
    place = Varchar(length=200, default="")
    invited_on = Date(null=True, default=None)
    chair = ForeignKey(Member, null=True, on_delete=OnDelete.restrict)
    secretary = ForeignKey(Member, null=True, on_delete=OnDelete.restrict)


class Attendance(Table, tablename="attendance"):
    """How a member took part in a meeting."""

    id: Serial
    meeting = ForeignKey(Meeting, null=False, on_delete=OnDelete.restrict)
    member = ForeignKey(Member, null=False, on_delete=OnDelete.restrict)
    status = Varchar(length=10)

    attendance_once = Unique([meeting, member])
    attendance_status_is_known = Check(f"status IN {get_args(Presence)}")


class Resolution(Table, tablename="resolution"):
    """What the committee resolved, with its votes."""

    id: Serial
    meeting = ForeignKey(Meeting, null=False, on_delete=OnDelete.restrict)
    number = Integer()
    subject = Text()
    votes_yes = Integer()
    votes_no = Integer()
    votes_abstain = Integer()
    not_taking_part = JSONB(default="[]")
    acting_chair = ForeignKey(Member, null=True, on_delete=OnDelete.restrict)
    carried = Boolean()

    resolution_number_once = Unique([meeting, number])
    resolution_votes_are_not_negative = Check("least(votes_yes, votes_no, votes_abstain) >= 0")


class Recommendation(Table, tablename="recommendation"):
    """What the committee recommends for one proposal beside what the ranking says by itself.

    An empty status means: as the ranking says.
    """

    id: Serial
    proposal = ForeignKey(Proposal, null=False, on_delete=OnDelete.restrict, unique=True)
    status = Varchar(length=30, default="")
    start_date = Date(null=True, default=None)
    conditions = Text(default="")
    reasons = Text(default="")
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()
    version = Integer(default=1)

    recommendation_status_is_known = Check(f"status IN {get_args(Choice)}")


class FrozenRanking(Table, tablename="frozen_ranking"):
    """A ranking as it stood: everything needed to compute and to print it again. Never changed."""

    id: Serial
    call = ForeignKey(Call, null=False, on_delete=OnDelete.restrict)
    number = Integer()
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()
    why = Text(default="")
    content = Text()
    sha256 = Varchar(length=64)

    frozen_ranking_number_once = Unique([call, number])


class ResultPublication(Table, tablename="result_publication"):
    """The result of a call became public."""

    id: Serial
    call = ForeignKey(Call, null=False, on_delete=OnDelete.restrict, unique=True)
    ranking = ForeignKey(FrozenRanking, null=False, on_delete=OnDelete.restrict)
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()
