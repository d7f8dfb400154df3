"""Persons, their sessions and the tokens that were sent to them."""

from piccolo.columns import (
    Boolean,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check
from piccolo.table import Table


class Person(Table, tablename="person"):
    """Somebody who can sign in. What they may do follows from relations, never from a flag here."""

    id: Serial
    email = Varchar(length=254, unique=True)
    name = Varchar(length=200)
    password_hash = Varchar(length=200, default="")
    language = Varchar(length=2, default="de")
    email_confirmed_at = Timestamptz(null=True, default=None)
    active = Boolean(default=True)
    created_at = Timestamptz()

    person_email_is_lower_case = Check("email = lower(email) AND email LIKE '%_@_%'")
    person_language_is_known = Check("language IN ('de', 'en')")


class Session(Table, tablename="session"):
    """One signed-in browser. Only the SHA-256 of its secret is kept."""

    id: Serial
    token_hash = Varchar(length=64, unique=True)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    flashes = Text(default="")
    created_at = Timestamptz()
    last_seen = Timestamptz()
    expires_at = Timestamptz()


class EmailToken(Table, tablename="email_token"):
    """A link that was mailed to a person: to confirm an address or to choose a new password."""

    id: Serial
    purpose = Varchar(length=20)
    token_hash = Varchar(length=64, unique=True)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)

    email_token_purpose_is_known = Check("purpose IN ('confirmation', 'password')")


class Attempt(Table, tablename="attempt"):
    """A sign-in or another act that is counted to slow down guessing. Names are kept as hashes."""

    id: Serial
    kind = Varchar(length=20)
    subject = Varchar(length=64, index=True)
    times = Integer(default=1)
    at = Timestamptz(index=True)
