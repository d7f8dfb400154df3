"""What is kept about the work itself: the audit trail and the mails that went out."""

from piccolo.columns import BigInt, Boolean, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from app.tables.calls import Call
from app.tables.organisations import Authority
from app.tables.people import Person


class AuditHead(Table, tablename="audit_head"):
    """The end of a chain of the audit trail, locked by every append to it: the first is of no authority.

    A chain without an entry has the number 0 and the hash from which it goes on.
    """

    id: Serial
    seq = BigInt(default=0)
    hash = Varchar(length=64, default="")
    authority = ForeignKey(Authority, null=True, unique=True, on_delete=OnDelete.restrict)


class Touched(Table, tablename="touched"):
    """How often something changed that kept lists rest on: `call:9`, or every `organisation`."""

    what = Varchar(length=40, primary_key=True)
    number = BigInt(default=0)


class AuditEntry(Table, tablename="audit_entry"):
    """One change of state. Its hash covers everything but the detail, which is covered by its own hash."""

    seq = BigInt(primary_key=True)
    at = Varchar(length=40)
    actor = Varchar(length=40)
    action = Varchar(length=60, index=True)
    object = Varchar(length=80, index=True)
    call = ForeignKey(Call, null=True, on_delete=OnDelete.restrict, index=True)
    detail = Text(null=True, default=None)
    detail_hash = Varchar(length=64)
    previous = Varchar(length=64)
    hash = Varchar(length=64)
    chain = Integer(default=1)


class Mail(Table, tablename="mail"):
    """A mail to one person: written with the change it tells of, sent afterwards."""

    id: Serial
    recipient = Varchar(length=254)
    subject = Varchar(length=300)
    body = Text()
    message_id = Varchar(length=120, unique=True)
    call = ForeignKey(Call, null=True, on_delete=OnDelete.restrict)
    authority = ForeignKey(Authority, null=True, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()
    due_at = Timestamptz()
    sent_at = Timestamptz(null=True, default=None)
    attempts = BigInt(default=0)
    last_error = Text(default="")
    held = Boolean(default=False)
    refusals = BigInt(default=0)
    given_up_at = Timestamptz(null=True, default=None)
