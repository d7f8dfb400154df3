"""Documents that never change: another text is another document. Kept for an authority, read once a process."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Generic, NamedTuple, TypeVar

from app import database
from app.database import Record
from app.errors import NotFound
from app.records import events
from app.records.memory import Memory

Document = TypeVar("Document")
STORED = "SELECT document, sha256 FROM {} WHERE id = $1"
USED = "SELECT id, key, title_de, title_en, added_at FROM {} WHERE authority = $1 ORDER BY id DESC"
KNOWN = "SELECT id FROM {} WHERE authority = $1 AND sha256 = $2"
KEEP = """
INSERT INTO {} (key, title_de, title_en, document, sha256, authority, added_by, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id
"""


class Kept(NamedTuple, Generic[Document]):
    """A document as it is kept: its row's id, its fingerprint, and the document itself."""

    id: int
    sha256: str
    content: Document


class Written(NamedTuple):
    """A document as it is to be kept: its text is what the fingerprint covers."""

    key: str
    title_de: str
    title_en: str
    text: str


class Used(Record):
    """A document that an authority has used."""

    id: int
    key: str
    title_de: str
    title_en: str
    added_at: datetime


class Documents(Generic[Document]):
    """The documents of one table; `read` makes what is worked with out of a stored text."""

    def __init__(self, table: str, read: Callable[[str], Document]) -> None:
        self.table, self.read = table, read
        self.memory: Memory[int, Kept[Document]] = Memory(most=1000)

    async def of(self, number: int | None) -> Kept[Document]:
        """The document of this id; raises NotFound where there is none yet. No query once it was read."""
        if number is None:
            raise NotFound
        if kept := self.memory.get(number):
            return kept
        found = await database.row(STORED.format(self.table), number)
        if found is None:
            raise NotFound
        return self.memory.keep(number, Kept(number, found["sha256"], self.read(found["document"])))

    def known(self, number: int | None) -> Kept[Document]:
        """A document that `of` has read before."""
        return self.memory[number or 0]

    async def used_by(self, authority: int) -> list[Used]:
        """The documents that an authority has used, the newest first."""
        return await database.all_of(Used, USED.format(self.table), authority)

    async def keep(self, new: Written, authority: int, *, by: int | None, at: datetime) -> int:
        """Inside a transaction: keep a document for an authority; the same text again is the same row. Its id."""
        fingerprint = sha256(new.text.encode()).hexdigest()
        if found := await database.value(KNOWN.format(self.table), authority, fingerprint):
            return int(found)
        kept = await database.value(KEEP.format(self.table), *new, fingerprint, authority, by, at)
        number, detail = int(kept), {"sha256": fingerprint}
        await events.happened(
            by, f"{self.table}.kept", f"{self.table}:{number}", authority=authority, detail=detail, at=at
        )
        return number
