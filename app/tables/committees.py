"""The committee of a call, its members, their conflicts of interest, assignments and reviews."""

from typing import Literal, get_args

from piccolo.columns import (
    JSONB,
    Boolean,
    ForeignKey,
    Integer,
    Numeric,
    OnDelete,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from app.tables.calls import Call
from app.tables.people import Person
from app.tables.proposals import Proposal

Role = Literal["chair", "voting", "advisory"]
Decision = Literal["excluded", "not_excluded"]


class Committee(Table, tablename="committee"):
    """The body that rates the proposals of one call and recommends."""

    id: Serial
    call = ForeignKey(Call, null=False, on_delete=OnDelete.restrict, unique=True)
    name = Varchar(length=200)
    quorum = Text(default="")
    majority = Text(default="")
    interest_group_percent_max = Integer(null=True, default=None)


class Member(Table, tablename="member"):
    """A seat of a committee: chair, voting or advisory."""

    id: Serial
    committee = ForeignKey(Committee, null=False, on_delete=OnDelete.restrict, index=True)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    key = Varchar(length=20)
    role = Varchar(length=10)
    seat = Varchar(length=200, default="")
    interest_group = Varchar(length=60, default="")
    since = Timestamptz()

    member_once = Unique([committee, person])
    member_key_once = Unique([committee, key])
    member_role_is_known = Check(f"role IN {get_args(Role)}")


class Invitation(Table, tablename="invitation"):
    """A person was asked by e-mail to take a seat."""

    id: Serial
    committee = ForeignKey(Committee, null=False, on_delete=OnDelete.restrict, index=True)
    email = Varchar(length=254)
    name = Varchar(length=200)
    role = Varchar(length=10)
    seat = Varchar(length=200, default="")
    interest_group = Varchar(length=60, default="")
    token_hash = Varchar(length=64, unique=True)
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()
    expires_at = Timestamptz()
    accepted_at = Timestamptz(null=True, default=None)

    invitation_once = Unique([committee, email])
    invitation_role_is_known = Check(f"role IN {get_args(Role)}")


class Conflict(Table, tablename="conflict"):
    """A member is biased towards a proposal. Closed from the declaration on, unless decided otherwise."""

    id: Serial
    member = ForeignKey(Member, null=False, on_delete=OnDelete.restrict)
    proposal = ForeignKey(Proposal, null=False, on_delete=OnDelete.restrict, index=True)
    ground = Varchar(length=60)
    note = Text(default="")
    declared_at = Timestamptz()
    decision = Varchar(length=20, default="excluded")
    decided_by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    decided_at = Timestamptz(null=True, default=None)
    vote = JSONB(null=True, default=None)

    conflict_once = Unique([member, proposal])
    conflict_decision_is_known = Check(f"decision IN {get_args(Decision)}")


class Assignment(Table, tablename="assignment"):
    """A member is to rate a proposal."""

    id: Serial
    member = ForeignKey(Member, null=False, on_delete=OnDelete.restrict, index=True)
    proposal = ForeignKey(Proposal, null=False, on_delete=OnDelete.restrict, index=True)
    at = Timestamptz()

    assignment_once = Unique([member, proposal])


class Score(Table, tablename="score"):
    """One mark for one criterion, or the word that it cannot be judged."""

    id: Serial
    assignment = ForeignKey(Assignment, null=False, on_delete=OnDelete.restrict)
    criterion = Varchar(length=80)
    value = Numeric(null=True, default=None)
    not_assessable = Boolean(default=False)
    comment = Text(default="")
    version = Integer(default=1)
    saved_at = Timestamptz()

    score_once = Unique([assignment, criterion])
    score_is_a_mark_or_none = Check("NOT (not_assessable AND value IS NOT NULL)")
    score_is_a_number = Check("value IS NULL OR value NOT IN ('NaN', 'Infinity', '-Infinity')")


class Review(Table, tablename="review"):
    """A sheet was handed in; a reopened one no longer counts until it is handed in again."""

    id: Serial
    assignment = ForeignKey(Assignment, null=False, on_delete=OnDelete.restrict, index=True)
    handed_in_at = Timestamptz()
    reopened_at = Timestamptz(null=True, default=None)
    reopen_reason = Text(default="")
