"""Organisations that hand in proposals, authorities that award, and who belongs to them."""

from piccolo.columns import JSONB, ForeignKey, OnDelete, Serial, Text, Timestamptz, Varchar
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
    email = Varchar(length=254, default="")
    imprint = Text(default="")
    duties = JSONB(default="{}")

    authority_name_is_given = Check("name <> ''")


class Administration(Table, tablename="administration"):
    """A person administers the calls of an authority."""

    id: Serial
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    authority = ForeignKey(Authority, null=False, on_delete=OnDelete.restrict, index=True)
    since = Timestamptz()

    administration_once = Unique([person, authority])
