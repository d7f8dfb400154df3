"""Programmes: the draft on which the office works, and what of it was published."""

from piccolo.columns import JSONB, Bytea, ForeignKey, Integer, OnDelete, Serial, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from app.tables.organisations import Authority
from app.tables.people import Person


class Programme(Table, tablename="programme"):
    """A funding programme; the draft is the typed document of `domain.programmes.facts`."""

    id: Serial
    key = Varchar(length=80, unique=True)
    authority = ForeignKey(Authority, null=False, on_delete=OnDelete.restrict)
    draft = JSONB(default="{}")


class ProgrammePublication(Table, tablename="programme_publication"):
    """The facts as they became public under a number; they never change, a correction is the next number."""

    id: Serial
    programme = ForeignKey(Programme, null=False, on_delete=OnDelete.restrict)
    number = Integer()
    facts = JSONB()
    by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    at = Timestamptz()

    programme_publication_number = Unique([programme, number])
    programme_publication_number_counts = Check("number > 0")


class ProgrammeImage(Table, tablename="programme_image"):
    """The file of a picture of a programme, by the SHA-256 of its content."""

    id: Serial
    programme = ForeignKey(Programme, null=False, on_delete=OnDelete.restrict)
    sha256 = Varchar(length=64)
    type = Varchar(length=20)
    content = Bytea()

    programme_image_once = Unique([programme, sha256])
