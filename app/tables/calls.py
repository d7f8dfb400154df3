"""Rating schemes and the calls that are made under them."""

from typing import Literal, get_args

from piccolo.columns import (
    JSONB,
    BigInt,
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

from app.tables.organisations import Authority
from app.tables.people import Person
from app.tables.programmes import Programme

Fill = Literal["stop", "skip"]
Procedure = Literal["competition", "interest", "two_stage"]


class RatingScheme(Table, tablename="rating_scheme"):
    """A rating scheme as a document. It never changes: another text is another scheme."""

    id: Serial
    key = Varchar(length=80, index=True)
    title_de = Varchar(length=300)
    title_en = Varchar(length=300, default="")
    document = Text()
    sha256 = Varchar(length=64)
    authority = ForeignKey(Authority, null=False, on_delete=OnDelete.restrict)
    added_by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    added_at = Timestamptz()


class Form(Table, tablename="form"):
    """A form (what a call asks) as a document. It never changes: another text is another form."""

    id: Serial
    key = Varchar(length=80, index=True)
    title_de = Varchar(length=300)
    title_en = Varchar(length=300, default="")
    document = Text()
    sha256 = Varchar(length=64)
    authority = ForeignKey(Authority, null=False, on_delete=OnDelete.restrict)
    added_by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    added_at = Timestamptz()


class Call(Table, tablename="call"):
    """A public invitation with rules and dates. Money in integer cents, moments in UTC."""

    id: Serial
    key = Varchar(length=80, unique=True)
    authority = ForeignKey(Authority, null=False, on_delete=OnDelete.restrict, index=True)
    programme = ForeignKey(Programme, null=True, on_delete=OnDelete.restrict)
    rating_scheme = ForeignKey(RatingScheme, null=True, on_delete=OnDelete.restrict)
    form = ForeignKey(Form, null=True, on_delete=OnDelete.restrict)
    procedure_kind = Varchar(length=20, default="competition")
    title_de = Varchar(length=300)
    title_en = Varchar(length=300, default="")
    text_de = Text(default="")
    text_en = Text(default="")
    target_group_de = Text(default="")
    target_group_en = Text(default="")
    contact_name = Varchar(length=200, default="")
    contact_email = Varchar(length=254, default="")
    contact_phone = Varchar(length=60, default="")

    places_max = Integer(null=True, default=None)
    budget_max_cents = BigInt(null=True, default=None)
    fill_rule = Varchar(length=4, default="stop")
    min_places = Integer(null=True, default=None)
    max_grant_per_place_month_cents = BigInt(null=True, default=None)
    months_max = Integer(null=True, default=None)
    overhead_percent_max = Integer(null=True, default=None)
    own_funds_percent_min = Integer(null=True, default=None)

    opens_at = Timestamptz(null=True, default=None)
    information_event_at = Timestamptz(null=True, default=None)
    questions_until = Date(null=True, default=None)
    deadline = Timestamptz(null=True, default=None)
    formal_check_until = Date(null=True, default=None)
    cure_until = Date(null=True, default=None)
    rating_from = Date(null=True, default=None)
    rating_until = Date(null=True, default=None)
    meeting_at = Timestamptz(null=True, default=None)
    notices_on = Date(null=True, default=None)
    results_on = Date(null=True, default=None)
    application_until = Date(null=True, default=None)
    earliest_start = Date(null=True, default=None)

    version = Integer(default=1)
    created_at = Timestamptz()
    written_by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)

    call_fill_rule_is_known = Check(f"fill_rule IN {get_args(Fill)}")
    call_procedure_kind_is_known = Check(f"procedure_kind IN {get_args(Procedure)}")
    call_capacity_is_not_negative = Check("coalesce(places_max, 0) >= 0 AND coalesce(budget_max_cents, 0) >= 0")


class SchemeDraft(Table, tablename="scheme_draft"):
    """A rating scheme while it is being written, for a call or by itself; it may be incomplete and wrong."""

    id: Serial
    authority = ForeignKey(Authority, null=False, on_delete=OnDelete.restrict, index=True)
    call = ForeignKey(Call, null=True, on_delete=OnDelete.restrict, index=True)
    document = Text()
    version = Integer(default=1)
    saved_by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    saved_at = Timestamptz()


class FormDraft(Table, tablename="form_draft"):
    """A form while it is being written, for a call or by itself; `offered` is a file that may take its place."""

    id: Serial
    authority = ForeignKey(Authority, null=False, on_delete=OnDelete.restrict, index=True)
    call = ForeignKey(Call, null=True, on_delete=OnDelete.restrict, index=True)
    document = Text()
    offered = Text(null=True, default=None)
    version = Integer(default=1)
    saved_by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    saved_at = Timestamptz()


class CallPublication(Table, tablename="call_publication"):
    """The call became public; from here on its rating scheme stands."""

    id: Serial
    call = ForeignKey(Call, null=False, on_delete=OnDelete.restrict, unique=True)
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()


class CallVersion(Table, tablename="call_version"):
    """What was public of a call from a moment on, who wrote it and who released it. It never changes.

    released_by is empty where nobody here did it: in a file that was loaded, and before there were versions.
    """

    id: Serial
    call = ForeignKey(Call, null=False, on_delete=OnDelete.restrict, index=True)
    number = Integer()
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    released_by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()
    why = Text(default="")
    content = JSONB()
    sha256 = Varchar(length=64)

    call_version_once = Unique([call, number])


class CallChange(Table, tablename="call_change"):
    """A change of a published call that nobody outside of its office sees yet; gone once it is released."""

    id: Serial
    call = ForeignKey(Call, null=False, on_delete=OnDelete.restrict, unique=True)
    version = Integer()
    by = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    at = Timestamptz()
    content = JSONB()


class CallHandover(Table, tablename="call_handover"):
    """A version of a draft or of a change waits for its release, or was sent back; gone once it is released."""

    id: Serial
    call = ForeignKey(Call, null=False, on_delete=OnDelete.restrict, unique=True)
    version = Integer()
    by = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    at = Timestamptz()
    why = Text(default="")
    returned_by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    returned_at = Timestamptz(null=True, default=None)
    returned_why = Text(default="")


class RatingClosure(Table, tablename="rating_closure"):
    """The chair closed the rating; no mark of this call changes after it."""

    id: Serial
    call = ForeignKey(Call, null=False, on_delete=OnDelete.restrict, unique=True)
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()
