"""A rating scheme as the sheet shows it: one line a criterion, and what was entered there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from app.domain import assignments, proposals, reviews
from app.domain.assignments import Adjustment, Asked
from app.domain.rating_schemes import Kept, Scheme
from app.i18n import gettext as _
from app.i18n import number, points, spoken

IN_A_LIST = 11


@dataclass(frozen=True)
class Line:
    """What the sheet asks of one criterion, in one language; marks are (value, number, wording).

    kind: marks (one of them), items (a checklist) or points (a number to type).
    """

    key: str
    label: str
    help: str
    weight: str
    kind: str
    marks: tuple[tuple[str, str, str], ...]
    asked: Asked
    optional: bool

    def word_of(self, value: str) -> str:
        """A mark as it is read: its number and its wording."""
        for mark, shown, word in self.marks:
            if mark == value:
                return Markup("{} · {}").format(shown, word) if word else shown
        return number(Decimal(value))


_lines: dict[tuple[str, str], tuple[Line, ...]] = {}


@dataclass(frozen=True)
class Computed:
    """A criterion that nobody rates: its points (blank until the ranking) and the sentence why."""

    label: str
    weight: str
    points: Decimal | None
    why: str


@dataclass
class Entry:
    """One line with what is stored there, or with what was typed and refused."""

    line: Line
    value: str = ""
    items: set[str] = field(default_factory=set)
    comment: str = ""
    version: int = 0
    saved_at: datetime | None = None
    needs_comment: bool = False
    fresh: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] | None = None

    @property
    def number(self) -> str:
        """The mark for a field to type into, with the reader's decimal mark; what was refused as it was typed."""
        plain = self.value.replace(".", "", 1)
        return number(Decimal(self.value)) if plain.isdecimal() and plain.isascii() and not self.errors else self.value

    @property
    def nothing(self) -> bool:
        """Whether no item of a checklist applies, by the member's own word."""
        return self.value in ("0", reviews.NOTHING) and not self.items - {reviews.NOTHING}

    @property
    def lacks_comment(self) -> bool:
        """Whether the mark stands, but cannot be handed in without a reason."""
        return self.needs_comment and not self.comment

    @property
    def shown(self) -> str:
        """What was given, in words."""
        if self.line.kind == "items" and self.value not in ("", reviews.NOT_ASSESSABLE):
            ticked = [word for key, _shown, word in self.line.marks if key in self.items]
            points_given = number(Decimal(self.value))
            return Markup("{} · {}").format(points_given, Markup(", ").join(ticked)) if ticked else points_given
        return {"": _("no mark"), reviews.NOT_ASSESSABLE: _("cannot be judged")}.get(self.value) or self.line.word_of(
            self.value
        )


def lines(kept: Kept[Scheme], language: str) -> tuple[Line, ...]:
    """Every line that a member fills in; made once for each scheme and language."""
    key = (kept.sha256, language)
    if key not in _lines:
        _lines[key] = lines_of(kept.content, language)
    return _lines[key]


def lines_of(scheme: Scheme, language: str) -> tuple[Line, ...]:
    """The same of a scheme that is not kept."""
    return tuple(_line(scheme, one, language) for one in assignments.asked(scheme).values())


def entry(line: Line, scores: reviews.Scores, *, fresh: bool = False) -> Entry:
    """A line with what is stored."""
    score = scores.get(line.key)
    if score is None:
        return Entry(line)
    value = reviews.NOT_ASSESSABLE if score.not_assessable else _text(score.value)
    return Entry(
        line,
        value,
        reviews.chosen(scores, line.key),
        score.comment,
        score.version,
        score.saved_at,
        needs_comment=not reviews.lacks_mark(score) and assignments.needs_comment(line.asked, score.value),
        fresh=fresh,
    )


def typed(line: Line, values: Mapping[str, Any], errors: Mapping[str, str], theirs: Mapping[str, str] | None) -> Entry:
    """A line with what was typed and not taken; what was stored meanwhile (theirs) gives the version to go on from."""
    marks: Sequence[str] = [mark for mark in values["value"] if mark]
    version = theirs["version"] if theirs else values["version"]
    return Entry(
        line,
        marks[-1] if marks else "",
        set(marks),
        values["comment"],
        int(version) if str(version).isdecimal() else 0,
        errors=errors,
        theirs=theirs,
    )


def computed(scheme: Scheme, proposal: assignments.Held, language: str) -> list[Computed]:
    """The criteria that follow from the numbers of the proposal."""
    numbers = proposals.facts(proposal)
    marks = scheme.computed_marks(numbers)
    return [
        Computed(
            spoken(one.label(language), one.label("de")),
            _weight(one.percent),
            marks[one.key],
            _why(one.fact or "", numbers.get(one.fact or ""), one.type == "bands"),
        )
        for one in scheme.computed_criteria
    ]


def _why(fact: str, value: Decimal | int | None, banded: bool) -> str:
    name = _(proposals.FACTS[fact]) if fact in proposals.FACTS else fact
    if value is None:
        return _("Follows from: %(fact)s; the proposal does not say.") % {"fact": name}
    shown = {"fact": name, "value": points(value) if isinstance(value, Decimal) else number(value)}
    if banded:
        return _("Follows from: %(fact)s, here %(value)s.") % shown
    return _("Follows from: %(fact)s, here %(value)s, compared with the lowest of all; the ranking counts it.") % shown


def _line(scheme: Scheme, one: Asked, language: str) -> Line:
    kind, marks = _marks(scheme, one, language)
    optional, label = assignments.is_optional(one), spoken(one.label(language), one.label("de"))
    if isinstance(one, Adjustment):
        weight = _("bonus") if one.kind == "bonus" else _("malus")
        return Line(one.key, label, "", weight, kind, marks, one, optional)
    help_text = spoken(one.description(language), one.description("de"))
    return Line(one.key, label, help_text, _weight(one.percent), kind, marks, one, optional)


def _marks(scheme: Scheme, one: Asked, language: str) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    """The kind of a line and its marks."""
    every = assignments.marks_of(one)
    if isinstance(one, Adjustment):
        return "marks", tuple((_text(mark), number(mark), "") for mark in every)
    if one.type == "checklist":
        return "items", tuple(
            (item.key, number(item.points), spoken(item.label(language), item.label("de")) or item.key)
            for item in one.options
        )
    if one.type == "yesno":
        return "marks", (("0", _("No"), ""), (_text(every[-1]), _("Yes"), ""))
    if one.type == "points" or (one.type != "levels" and len(every) > IN_A_LIST):
        return "points", tuple((_text(mark), number(mark), "") for mark in (every[0], every[-1]))
    words, german = (assignments.wordings(scheme, one, spoken_in) for spoken_in in (language, "de"))
    return "marks", tuple(
        (_text(mark), number(mark), spoken(words.get(mark, ""), german.get(mark, ""))) for mark in every
    )


def _weight(percent: Decimal) -> str:
    return _("Weight %(percent)s %%") % {"percent": number(percent.normalize())}


def _text(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"
