"""The office writes a programme: section by section as a draft, then published as a version that stays."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from app import database
from app.database import write_transaction
from app.domain import authorities, wording
from app.domain.programmes import Programme
from app.domain.programmes.checking import faults, unequal
from app.domain.programmes.facts import SECTIONS, Facts, Image, Target, read, written
from app.errors import Conflict, Invalid, NotAllowed, NotFound
from app.i18n import gettext as _
from app.records import events

RESERVED = ("new", "ours")  # addresses beside /programmes/{key}
IMAGES = {rb"\xff\xd8\xff": "image/jpeg", rb"\x89PNG\r\n\x1a\n": "image/png", rb"(?s)RIFF....WEBP": "image/webp"}
WORDED = Callable[[Mapping[str, Any]], Mapping[str, str]]


async def create(authority: int, title: str, *, by: int, at: datetime) -> str:
    """A new programme as a draft; returns its key. Raises NotFound for an authority of others."""
    if authority not in {one.id for one in await authorities.worked_for_by(by)}:
        raise NotFound
    async with write_transaction():
        key = await _free_key(title)
        await keep(key, authority, Facts(title_de=title), "programme.created", by=by, at=at)
    return key


async def keep(key: str, authority: int, facts: Facts, action: str, *, by: int | str, at: datetime) -> int:
    """Inside a transaction: a programme that is new here; returns its number."""
    new = int(
        await database.value(
            "INSERT INTO programme (key, authority, draft) VALUES ($1, $2, $3) RETURNING id",
            *(key, authority, written(facts)),
        )
    )
    detail = {"key": key, "as_of": facts.as_of}
    await events.happened(by, action, f"programme:{new}", authority=authority, detail=detail, at=at)
    return new


def seen(facts: Facts, section: str) -> str:
    """What a section says, as a short text that is another one once somebody has changed it."""
    said = {name: getattr(facts, name) for name in SECTIONS[section]}
    return sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()[:16]


async def edit(
    programme: Programme,
    section: str,
    entered: Mapping[str, Any],
    seen_before: str,
    worded: WORDED,
    *,
    by: int,
    at: datetime,
) -> None:
    """Keep what was entered in one section of the draft; entered has the names of SECTIONS.

    seen_before is what `seen` said of the section when it was read. Raises Invalid at the fields, and Conflict where
    somebody else has changed this section since; worded says what is told of both.
    """
    if faulty := dict(_broken(programme, section, entered)):
        raise Invalid(faulty)
    async with write_transaction():
        stored = await database.value("SELECT draft FROM programme WHERE id = $1 FOR UPDATE", programme.id)
        before = read(stored)
        after = _settled(msgspec.structs.replace(before, **entered))
        if seen(before, section) != seen_before:
            theirs = {name: getattr(before, name) for name in SECTIONS[section]}
            raise Conflict(
                _("Somebody else changed this section while you were writing."),
                mine=worded(entered),
                theirs=worded(theirs),
            )
        if before == after:
            return
        await database.rows("UPDATE programme SET draft = $2 WHERE id = $1", programme.id, written(after))
        changes = {
            name: [msgspec.to_builtins(getattr(facts, name)) for facts in (before, after)]
            for name in Facts.__struct_fields__
            if getattr(before, name) != getattr(after, name)
        }
        await _happened(programme, "programme.edited", changes, by=by, at=at)


async def add_image(programme: Programme, content: bytes, alt: str, credit: str, *, by: int, at: datetime) -> None:
    """Keep a picture for the news of a programme; raises Invalid where the file is none."""
    kind = next((kind for begins, kind in IMAGES.items() if re.match(begins, content)), None)
    if kind is None:
        raise Invalid(image=_("Please choose a picture of the kind JPEG, PNG or WebP."))
    image = Image(sha256=sha256(content).hexdigest(), alt=alt, credit=credit)
    async with write_transaction():
        await database.rows(
            "INSERT INTO programme_image (programme, sha256, type, content) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT DO NOTHING",
            *(programme.id, image.sha256, kind, content),
        )
        before = read(await database.value("SELECT draft FROM programme WHERE id = $1 FOR UPDATE", programme.id))
        others = tuple(one for one in before.images if one.sha256 != image.sha256)
        after = msgspec.structs.replace(before, images=(*others, image))
        await database.rows("UPDATE programme SET draft = $2 WHERE id = $1", programme.id, written(after))
        await _happened(programme, "programme.image_added", {"image": msgspec.to_builtins(image)}, by=by, at=at)


async def publish(programme: Programme, *, by: int, at: datetime) -> int:
    """Make the draft public as a new version; returns its number. Raises NotAllowed with every reason."""
    if why := why_not_published(programme):
        raise NotAllowed(" ".join(why))
    async with write_transaction():
        # what was checked is what becomes public, though somebody may go on writing meanwhile
        return await keep_published(programme.id, programme.authority, programme.facts, by=by, at=at)


def why_not_published(programme: Programme) -> list[str]:
    """Everything that keeps the draft from being published; empty when it can be."""
    if not programme.changed:
        return [_("Nothing has been changed since it was published.")]
    return [fault.sentence for fault in faults(programme.facts)]


async def keep_published(programme: int, authority: int, facts: Facts, *, by: int | None, at: datetime) -> int:
    """Inside a transaction: these facts are public from this moment on; returns the number of this version."""
    await database.rows("SELECT FROM programme WHERE id = $1 FOR UPDATE", programme)
    number = int(
        await database.value(
            "INSERT INTO programme_publication (programme, number, facts, by, at)"
            " SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4 FROM programme_publication WHERE programme = $1"
            " RETURNING number",
            *(programme, written(facts), by, at),
        )
    )
    detail = {"number": number, "sha256": sha256(written(facts).encode()).hexdigest()}
    subject = f"programme:{programme}"
    await events.happened(by, "programme.published", subject, authority=authority, detail=detail, at=at)
    return number


async def _happened(programme: Programme, action: str, detail: Mapping[str, Any], *, by: int, at: datetime) -> None:
    subject = f"programme:{programme.id}"
    await events.happened(by, action, subject, authority=programme.authority, detail=detail, at=at)


async def _free_key(title: str) -> str:
    """A short name for addresses, made from the title, that no other programme has."""
    await database.rows("SELECT pg_advisory_xact_lock(hashtext('programme.key'))")  # the same title twice at once
    stem = wording.slug(title, "programme")
    rows = await database.rows("SELECT key FROM programme WHERE key LIKE $1", f"{stem}%")
    taken = {*RESERVED, *(row["key"] for row in rows)}
    return next(key for key in (stem, *(f"{stem}-{number}" for number in range(2, 1000))) if key not in taken)


def _settled(facts: Facts) -> Facts:
    """Every target has a key of its own; what rests on a target or a picture that is gone goes with it."""
    taken, targets = {one.key for one in facts.targets}, list[Target]()
    free = (key for number in range(1, 1000) if (key := f"t{number}") not in taken)
    for one in facts.targets:
        again = not one.key or one.key in {known.key for known in targets}
        targets.append(msgspec.structs.replace(one, key=next(free)) if again else one)
    known, images = {one.key for one in targets}, {one.sha256 for one in facts.images}
    news = tuple(one if one.image in images else msgspec.structs.replace(one, image="") for one in facts.news)
    return msgspec.structs.replace(
        facts,
        news=news,
        targets=tuple(targets),
        parts=tuple(one for one in facts.parts if one.target in known),
        actuals=tuple(one for one in facts.actuals if one.target in known),
    )


# ── rules of one section ───────────────────────────────────────────────────────────────────────


def _broken(programme: Programme, section: str, entered: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What cannot be kept as it was entered: the field and a sentence."""
    rules = {
        "dates": _dates,
        "relations": _relations,
        "funding": _funding,
        "targets": _targets,
        "parts": _parts,
        "rollout": _regions,
        "images": _images,
    }
    if section in rules:
        yield from rules[section](programme, entered)


def _dates(_programme: Programme, entered: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if entered["start"] and entered["end"] and entered["end"] < entered["start"]:
        yield "end", _("The end lies before the beginning.")


def _relations(programme: Programme, entered: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for row, one in enumerate(entered["relations"]):
        if one.key == programme.key:
            yield f"key-{row}", _("This is the programme itself.")
        if not one.key and not one.name:
            yield f"key-{row}", _("Please choose the other programme, or write its name.")


def _funding(_programme: Programme, entered: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for row, one in enumerate(entered["funding"]):
        if one.cents == 0:
            yield f"cents-{row}", _("Please leave the amount empty where it is not known.")
        elif one.cents is None and not one.source:
            yield f"source-{row}", _("Please write where the money comes from, or an amount.")


def _targets(_programme: Programme, entered: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for row, one in enumerate(entered["targets"]):
        if one.kind == "level" and one.wanted < 0:
            yield f"wanted-{row}", _("A level is not below zero. For a change, choose another kind of target.")
        elif one.kind == "absolute" and one.wanted <= 0:
            yield f"wanted-{row}", _("Please enter a number above zero.")
        elif one.wanted == 0 and one.kind != "level":
            yield f"wanted-{row}", _("Please enter by how much it is to change, for example −10 or 10.")
        if one.kind == "relative_change" and one.baseline is not None and one.baseline <= 0:
            yield f"baseline-{row}", _("A change in percent needs a baseline above zero.")


def _parts(programme: Programme, entered: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The parts of a target make the whole of it."""
    sums: Counter[str] = Counter()
    last = {}
    for row, one in enumerate(entered["parts"]):
        sums[one.target] += one.wanted
        last[one.target] = row
    for target in programme.facts.targets:
        if target.key in last and sums[target.key] != target.wanted:
            yield f"wanted-{last[target.key]}", unequal(Decimal(sums[target.key]), target.wanted)


def _regions(_programme: Programme, entered: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    known = set()
    for row, one in enumerate(entered["regions"]):
        if one.name.casefold() in known:
            yield f"name-{row}", _("This region stands here already.")
        known.add(one.name.casefold())


def _images(programme: Programme, entered: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    known = {one.sha256 for one in programme.facts.images}
    for row, one in enumerate(entered["images"]):
        if one.sha256 not in known:
            yield f"alt-{row}", _("This picture is not there any more.")
