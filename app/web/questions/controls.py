"""One question, or one cell of a row, between a browser and what is kept: typed texts become an answer, and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from app.forms import blocks, cells
from app.forms.cells import Answer
from app.i18n import gettext as _
from app.web.questions import notations

Typed: TypeAlias = dict[str, Any]
"""What was typed by the names of fields: a text, or a list of texts where several can be chosen."""
YES_NO = {"yes": True, "no": False}
MOST_TYPED = 100_000
NOTATION = "notation"


def part(text: object) -> str:
    """A key as a part of a field's name: no part holds the hyphen that parts are joined by."""
    return str(text).replace("-", ".")


def joined(name: str, *parts: object) -> str:
    """The name of a field inside another: q-partners-1-role."""
    return "-".join((name, *map(part, parts)))


@dataclass(frozen=True)
class Control:
    """One value under one name; by itself it takes nothing, as a note."""

    kind: ClassVar[str] = "note"
    """Which template draws it."""
    name: str
    answer: Answer

    def read(self, typed: Typed, wrong: dict[str, str]) -> Any:
        """The answer that was typed, None for none; what cannot be read leaves a sentence in `wrong`."""
        return None

    def written(self, said: Any) -> Typed:
        """A kept answer as somebody would have typed it."""
        return {}


@dataclass(frozen=True)
class One(Control):
    """One text that becomes one value."""

    def read(self, typed: Typed, wrong: dict[str, str]) -> Any:
        given = _text(typed, self.name)
        try:
            return self.parse(given, typed.get(NOTATION) or "de") if given.strip() else None
        except ValueError as error:
            wrong[self.name] = str(error)
        return None

    def parse(self, typed: str, notation: str) -> Any:
        """What a text that is not blank says; raises ValueError with a sentence."""
        return typed

    def written(self, said: Any) -> Typed:
        return {self.name: "" if said is None else self.shown(said)}

    def shown(self, said: Any) -> str:
        """An answer as text."""
        return str(said)


class Words(One):
    """A text: its length is a matter of the rules, not of typing, up to what anything holds."""

    kind = "text"
    answer: cells.Words

    def parse(self, typed: str, notation: str) -> str:
        if len(typed) > MOST_TYPED:
            raise ValueError(_("This is too long to be kept."))
        return typed.strip() if self.answer.lines else " ".join(typed.split())


class Number(One):
    """A number in German or English notation."""

    kind = "number"
    answer: cells.Numbers

    def parse(self, typed: str, notation: str) -> int | str:
        return notations.number(typed, self.answer.decimals, notation)

    def shown(self, said: Any) -> str:
        return notations.typed_number(said)


class Money(One):
    """An amount in euro, kept as cents."""

    kind = "money"

    def parse(self, typed: str, notation: str) -> int:
        return notations.cents(typed, notation)

    def shown(self, said: Any) -> str:
        return notations.typed_cents(said)


class Day(One):
    """A day as a browser's picker sends it, or as 31.12.2026."""

    kind = "day"

    def parse(self, typed: str, notation: str) -> str:
        return notations.day(typed.strip())


class YesNo(One):
    """Yes or no."""

    kind = "yes_no"

    def parse(self, typed: str, notation: str) -> bool:
        if typed not in YES_NO:
            raise ValueError(_("Please choose one of the options."))
        return YES_NO[typed]

    def shown(self, said: Any) -> str:
        return next((word for word, value in YES_NO.items() if said is value), str(said))


class Declaration(One):
    """A box; ticked it is agreed to."""

    kind = "declaration"

    def parse(self, typed: str, notation: str) -> bool | None:
        return True

    def shown(self, said: Any) -> str:
        return "1" if said is True else ""


class Choice(Control):
    """One of the options, or words of one's own."""

    kind = "choice"
    answer: cells.Choice

    @property
    def own(self) -> str:
        """What the field sends for words of one's own: no option's key."""
        found = cells.OTHER
        while found in self.answer.offered:
            found += "_"
        return found

    @property
    def words(self) -> str:
        """The name of the field for words of one's own."""
        return joined(self.name, cells.OTHER)

    def read(self, typed: Typed, wrong: dict[str, str]) -> Any:
        chosen, words = _text(typed, self.name).strip(), " ".join(_text(typed, self.words).split())
        if self.answer.other and (chosen == self.own or (words and not chosen)):
            return {cells.OTHER: words}
        if chosen and chosen not in self.answer.offered:
            wrong[self.name] = _("Please choose one of the options.")
            return None
        if words and self.answer.other:
            wrong[self.words] = _("You chose an option and wrote words of your own. Please do one of both.")
        return chosen or None

    def written(self, said: Any) -> Typed:
        own = isinstance(said, Mapping)
        chosen = self.own if own else "" if said is None else str(said)
        words = said.get(cells.OTHER) if own else None
        return {self.name: chosen} | ({self.words: str(words or "")} if self.answer.other else {})


class Choices(Control):
    """Several of the options."""

    kind = "choices"
    answer: blocks.Choices

    def read(self, typed: Typed, wrong: dict[str, str]) -> Any:
        chosen = _texts(typed, self.name)
        if not set(chosen) <= self.answer.offered.keys():
            wrong[self.name] = _("Please choose among what is offered.")
        return [one.key for one in self.answer.options if one.key in chosen] or None

    def written(self, said: Any) -> Typed:
        return {self.name: [str(one) for one in said] if isinstance(said, list | tuple) else []}


class Period(Control):
    """From a first to a last day."""

    kind = "period"

    def ends(self) -> list[tuple[str, Day]]:
        """Both ends with their fields."""
        return [(end, Day(joined(self.name, end), self.answer)) for end in ("from", "to")]

    def read(self, typed: Typed, wrong: dict[str, str]) -> Any:
        found = {end: field.read(typed, wrong) for end, field in self.ends()}
        return {end: day for end, day in found.items() if day} or None

    def written(self, said: Any) -> Typed:
        given = said if isinstance(said, Mapping) else {}
        return {name: text for end, field in self.ends() for name, text in field.written(given.get(end)).items()}


def _text(typed: Typed, name: str) -> str:
    given = typed.get(name, "")
    return given if isinstance(given, str) else given[-1] if given else ""


def _texts(typed: Typed, name: str) -> list[str]:
    given = typed.get(name, [])
    return [given] if isinstance(given, str) and given else list(given)


SINGLE: list[tuple[type[Answer], Callable[[str, Any], Control]]] = [
    (cells.Money, Money),
    (cells.Numbers, Number),
    (cells.Words, Words),
    (cells.Day, Day),
    (cells.YesNo, YesNo),
    (blocks.Declaration, Declaration),
    (blocks.Choices, Choices),
    (cells.Choice, Choice),
    (blocks.Period, Period),
]
"""Which control a type of answer has; a kind of its own stands before the one that it is a kind of."""
