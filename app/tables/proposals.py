"""Proposals, their submission, and the office's formal check."""

from piccolo.columns import (
    JSONB,
    BigInt,
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
from app.tables.organisations import Organisation
from app.tables.people import Person


class Proposal(Table, tablename="proposal"):
    """One organisation's answer to a call: a draft until it is submitted. Money in integer cents."""

    id: Serial
    call = ForeignKey(Call, null=False, on_delete=OnDelete.restrict, index=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=True)
    key = Varchar(length=20, null=True, default=None)
    title = Varchar(length=200, default="")
    summary = Text(default="")
    field = Varchar(length=80, default="")
    region = Varchar(length=120, default="")
    sites = JSONB(default="[]")
    places = Integer(null=True, default=None)
    individual_months = Integer(null=True, default=None)
    starts_on = Date(null=True, default=None)
    ends_on = Date(null=True, default=None)

    personnel_cents = BigInt(default=0)
    material_cents = BigInt(default=0)
    work_clothes_cents = BigInt(default=0)
    travel_cents = BigInt(default=0)
    other_direct_cents = BigInt(default=0)
    overhead_cents = BigInt(default=0)
    requested_grant_cents = BigInt(default=0)
    jobcenter_share_cents = BigInt(default=0)
    own_funds_cents = BigInt(default=0)
    third_party_cents = BigInt(default=0)

    targets = JSONB(default="[]")
    attachments = JSONB(default="[]")
    version = Integer(default=1)
    created_by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    created_at = Timestamptz()
    saved_at = Timestamptz()

    proposal_key_once_in_its_call = Unique([call, key])
    proposal_money_is_not_negative = Check(
        "least(personnel_cents, material_cents, work_clothes_cents, travel_cents, other_direct_cents,"
        " overhead_cents, requested_grant_cents, jobcenter_share_cents, own_funds_cents, third_party_cents) >= 0"
    )
    proposal_places_are_not_negative = Check("coalesce(places, 0) >= 0")


class Partner(Table, tablename="partner"):
    """Another body that takes part in a proposal; its people are biased as well."""

    id: Serial
    proposal = ForeignKey(Proposal, null=False, on_delete=OnDelete.restrict, index=True)
    organisation = ForeignKey(Organisation, null=True, on_delete=OnDelete.restrict)
    name = Varchar(length=200)
    role = Varchar(length=60, default="cooperation_partner")
    task = Text(default="")


class Submission(Table, tablename="submission"):
    """The proposal was handed in: what was handed in, when, and its fingerprint."""

    id: Serial
    proposal = ForeignKey(Proposal, null=False, on_delete=OnDelete.restrict, unique=True)
    receipt_number = Varchar(length=30, unique=True)
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()
    content = Text()
    sha256 = Varchar(length=64)


class Withdrawal(Table, tablename="withdrawal"):
    """The organisation took its proposal back."""

    id: Serial
    proposal = ForeignKey(Proposal, null=False, on_delete=OnDelete.restrict, unique=True)
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()
    reason = Text(default="")


class GateResult(Table, tablename="gate_result"):
    """The office's answer to one gate of the scheme for one proposal."""

    id: Serial
    proposal = ForeignKey(Proposal, null=False, on_delete=OnDelete.restrict)
    gate = Varchar(length=80)
    passed = Boolean()
    reason = Text(default="")
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()

    gate_result_once = Unique([proposal, gate])


class CureRequest(Table, tablename="cure_request"):
    """The office asked for something missing, until a day."""

    id: Serial
    proposal = ForeignKey(Proposal, null=False, on_delete=OnDelete.restrict, unique=True)
    missing = Text()
    due = Date()
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()
    answer = Text(default="")
    answered_at = Timestamptz(null=True, default=None)


class FormalDecision(Table, tablename="formal_decision"):
    """The formal check ended: admitted to the rating, or rejected with a reason."""

    id: Serial
    proposal = ForeignKey(Proposal, null=False, on_delete=OnDelete.restrict, unique=True)
    admitted = Boolean()
    reason = Text(default="")
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()

    formal_decision_rejection_has_a_reason = Check("admitted OR reason <> ''")
