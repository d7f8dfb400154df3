"""What keeps a programme from being published, and what should be looked at again."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from app import i18n
from app.domain import wording
from app.domain.programmes.facts import SECTIONS, Facts, texts
from app.i18n import gettext as _


class Fault(NamedTuple):
    """What is wrong: in which section, at which field, as a sentence."""

    section: str
    field: str
    sentence: str


def faults(facts: Facts) -> list[Fault]:
    """Everything that keeps a programme from being published; empty when it can be."""
    return [*_missing(facts), *_placeholders(facts), *_amounts(facts), *_parts(facts)]


def hints(facts: Facts) -> list[Fault]:
    """What may be published and should be looked at: words that mean another day tomorrow."""
    sentence = _("“%(words)s” means another time for every reader. Please write the date.")
    return [
        Fault(section, field, sentence % {"words": words})
        for section in SECTIONS
        for field, text in texts(facts, section)
        if (words := wording.relative_day(text))
    ]


def _missing(facts: Facts) -> Iterator[Fault]:
    if not facts.title_de:
        yield Fault("name", "title_de", _("The title is missing."))
    if not facts.purpose_de:
        yield Fault("name", "purpose_de", _("The summary is missing: what the programme is for."))
    if not facts.as_of:
        yield Fault("dates", "as_of", _("The day on which all of this is so is missing."))


def _placeholders(facts: Facts) -> Iterator[Fault]:
    for section in SECTIONS:
        for field, text in texts(facts, section):
            if words := wording.placeholder(text):
                sentence = _("A placeholder was left in the text: %(words)s.") % {"words": words}
                yield Fault(section, field, sentence)


def _amounts(facts: Facts) -> Iterator[Fault]:
    """Where several amounts are stated for the same money, exactly one of them is valid."""
    stated: dict[str, list[int]] = {}
    for row, one in enumerate(facts.funding):
        if one.cents is not None:
            stated.setdefault(one.source.casefold(), []).append(row)
    for rows in stated.values():
        valid = [row for row in rows if facts.funding[row].valid]
        if len(rows) > 1 and len(valid) != 1:
            sentence = _("Several amounts are stated for this. Please mark one of them as valid.")
            yield Fault("funding", f"cents-{(valid or rows)[-1]}", sentence)


def _parts(facts: Facts) -> Iterator[Fault]:
    for row, target in enumerate(facts.targets):
        parts = [part.wanted for part in facts.parts if part.target == target.key]
        if parts and (total := sum(parts, Decimal(0))) != target.wanted:
            yield Fault("targets", f"wanted-{row}", unequal(total, target.wanted))


def unequal(total: Decimal, wanted: Decimal) -> str:
    """That the parts of a target do not make the whole of it."""
    words = {"total": i18n.number(total), "wanted": i18n.number(wanted)}
    return _("The parts make %(total)s, the target is %(wanted)s.") % words
