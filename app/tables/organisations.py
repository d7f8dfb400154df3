"""Organisations that hand in proposals, authorities that award, and who belongs to them."""

from piccolo.columns import JSONB, Boolean, Bytea, ForeignKey, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from app.tables.people import Person


class Organisation(Table, tablename="organisation"):
    """An executing body (Träger) that may hand in proposals."""

    id: Serial
    name = Varchar(length=200, unique=True)
    legal_form = Varchar(length=40, default="other")
    email = Varchar(length=254, default="")
    seat = Varchar(length=200, default="")
    created_at = Timestamptz()

    organisation_name_is_given = Check("name <> ''")


class Membership(Table, tablename="membership"):
    """A person acts for an organisation."""

    id: Serial
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=True)
    since = Timestamptz()

    membership_once = Unique([person, organisation])


class Authority(Table, tablename="authority"):
    """The awarding authority: a district, a ministry; duties is what it says of itself on the duty pages."""

    id: Serial
    name = Varchar(length=200, unique=True)
    name_en = Varchar(length=200, default="")
    short_name = Varchar(length=40, default="")
    email = Varchar(length=254, default="")
    sender_name = Varchar(length=100, default="")
    reply_to = Varchar(length=254, default="")
    imprint = Text(default="")
    duties = JSONB(default="{}")
    colour = Varchar(length=7, default="")
    colour_dark = Varchar(length=7, default="")
    arms = Varchar(length=80, default="")
    two_eyes = Boolean(default=False)

    authority_name_is_given = Check("name <> ''")


class Arms(Table, tablename="arms"):
    """A picture of arms as it is shown, under its fingerprint and kind: another picture is another row."""

    name = Varchar(length=80, primary_key=True)
    content = Bytea()


class Retirement(Table, tablename="retirement"):
    """An authority makes no calls any more; what it published stays."""

    id: Serial
    authority = ForeignKey(Authority, null=False, on_delete=OnDelete.restrict, unique=True)
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()


class Administration(Table, tablename="administration"):
    """A person administers the calls of an authority; without an authority: the installation, and no call."""

    id: Serial
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    authority = ForeignKey(Authority, null=True, on_delete=OnDelete.restrict, index=True)
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    since = Timestamptz()

    administration_is_once = Unique([person, authority], nulls_distinct=False)


class Appointment(Table, tablename="appointment"):
    """Somebody was asked by mail to administer an authority, or the installation; open until accepted."""

    id: Serial
    authority = ForeignKey(Authority, null=True, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=200)
    email = Varchar(length=254)
    token_hash = Varchar(length=64, unique=True)
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()
    expires_at = Timestamptz()
    accepted_at = Timestamptz(null=True, default=None)
