"""What a form says, part by part: sections, questions, conditions, facts, limits, worked examples."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from app.forms.blocks import Note
from app.forms.cells import Answer
from app.forms.values import OfCall
from scoring.scheme.criteria import worded
from scoring.scheme.yaml_text import Plain

PUBLIC, OFFICE, COMMITTEE = "public", "office", "committee"
ALIASES = {"places": "places", "grant": "grant_requested_cents"}
"""The fact that a question gives by its role, beside that of its key."""
FIXED = {"sites", "partners", "targets", "places", "months"}
"""Facts whose name is not that of their question's key."""
EURO = {"EUR", "Euro", "euro", "€"}


@dataclass(frozen=True)
class Condition:
    """When a question is asked: an earlier one is answered, or has one of these answers."""

    question: str
    values: tuple[str | bool | Decimal, ...]
    answered: bool | None

    @cached_property
    def words(self) -> frozenset[str]:
        """The answers as text; yes and no are none."""
        return frozenset(str(one) for one in self.values if not isinstance(one, bool))

    @cached_property
    def numbers(self) -> frozenset[Decimal]:
        return frozenset(one for one in self.values if isinstance(one, Decimal))


@dataclass(frozen=True)
class Question:
    """What is asked; `answer` says how its type is answered."""

    key: str
    type: str
    answer: Answer
    labels: Mapping[str, str]
    helps: Mapping[str, str]
    required: bool
    role: str | None
    criteria: tuple[str, ...]
    seen_by: tuple[str, ...]
    identifies: bool
    when: Condition | None

    def label(self, language: str = "de") -> str:
        """Its wording in this language, else in any, else its key."""
        return worded(self.labels, language) or self.key

    def help(self, language: str = "de") -> str:
        """What helps to answer it (Markdown), in this language, else in any, else empty."""
        return worded(self.helps, language)

    @property
    def is_asked(self) -> bool:
        """Whether it takes an answer at all; a note does not."""
        return not isinstance(self.answer, Note)

    @cached_property
    def gives(self) -> dict[str, bool]:
        """The facts that it gives, and whether each counts cents."""
        alias = ALIASES.get(self.role or "")
        given = self.answer.gives(self.key)
        return given | ({alias: any(given.values())} if alias else {})

    def is_seen(self, by: str) -> bool:
        """Whether the answer may be read by the public, the office, or the committee; the office reads all."""
        return by == OFFICE or PUBLIC in self.seen_by or by in self.seen_by


@dataclass(frozen=True)
class Section:
    """Questions under one heading."""

    key: str
    titles: Mapping[str, str]
    helps: Mapping[str, str]
    questions: tuple[Question, ...]

    def title(self, language: str = "de") -> str:
        """Its heading in this language, else in any, else its key."""
        return worded(self.titles, language) or self.key

    def help(self, language: str = "de") -> str:
        """What is said under the heading (Markdown), in this language, else in any, else empty."""
        return worded(self.helps, language)


@dataclass(frozen=True)
class Fact:
    """A derived number: a sum of facts, or one divided by others; amounts in cents are divided as euro."""

    key: str
    labels: Mapping[str, str]
    unit: Mapping[str, str]
    sum: tuple[str, ...]
    of: str | None
    per: tuple[str, ...]

    @property
    def rests_on(self) -> tuple[str, ...]:
        """The facts that it is computed from."""
        return self.sum or ((self.of, *self.per) if self.of else self.per)

    @property
    def in_euro(self) -> bool:
        """Whether its unit says euro."""
        return not EURO.isdisjoint(self.unit.values())

    def label(self, language: str = "de") -> str:
        """Its name in this language, else in any, else its key."""
        return worded(self.labels, language) or self.key


@dataclass(frozen=True)
class Limit:
    """A rule over a number; `bounds` are its comparisons, such as at_most_percent, with their numbers."""

    fact: str
    bounds: Mapping[str, Decimal | OfCall]
    of: str | None
    say: Mapping[str, str]
    refuses: bool


@dataclass(frozen=True)
class Example:
    """A worked example: answers, what the call says, and the facts and faults that must come out."""

    name: str
    answers: Mapping[str, object]
    call: Mapping[str, object]
    facts: Mapping[str, object]
    faults: Mapping[str, object]


@dataclass(frozen=True)
class Form:
    """A whole form, proved; `document` is the plain content it was read from, to be stored as JSON."""

    key: str
    titles: Mapping[str, str]
    sections: tuple[Section, ...]
    facts: tuple[Fact, ...]
    limits: tuple[Limit, ...]
    examples: tuple[Example, ...]
    document: dict[str, Plain]

    def title(self, language: str = "de") -> str:
        """Its title in this language, else in any, else its key."""
        return worded(self.titles, language) or self.key

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions in their order."""
        return tuple(question for section in self.sections for question in section.questions)

    @cached_property
    def by_key(self) -> dict[str, Question]:
        return {question.key: question for question in self.questions}

    @cached_property
    def by_role(self) -> dict[str, Question]:
        """The question of each role that is given."""
        return {question.role: question for question in self.questions if question.role}

    @cached_property
    def givers(self) -> dict[str, tuple[Question, ...]]:
        """The questions that give each fact by themselves."""
        found: dict[str, tuple[Question, ...]] = {}
        for question in self.questions:
            for name in question.gives:
                found[name] = (*found.get(name, ()), question)
        return {name: _foremost(name, given) for name, given in found.items()}

    @cached_property
    def derived(self) -> dict[str, Fact]:
        """The derived facts by key."""
        return {fact.key: fact for fact in self.facts}

    @cached_property
    def fact_names(self) -> frozenset[str]:
        """Every fact that an answered form can give."""
        return frozenset((*self.givers, *self.derived))

    @cached_property
    def cents(self) -> frozenset[str]:
        """The facts that count cents."""
        found = {name for name, given in self.givers.items() if given[0].gives[name]}
        for fact in self.in_order:
            if fact.key.endswith("_cents") or (fact.sum and found.issuperset(fact.sum) and not fact.in_euro):
                found.add(fact.key)
        return frozenset(found)

    @cached_property
    def in_order(self) -> tuple[Fact, ...]:
        """The derived facts, each after those that it rests on; what rests on itself is left out."""
        known, waiting, found = set(self.givers), list(self.facts), list[Fact]()
        while ready := [fact for fact in waiting if known.issuperset(fact.rests_on)]:
            found += ready
            known |= {fact.key for fact in ready}
            waiting = [fact for fact in waiting if fact not in ready]
        return tuple(found)

    @cached_property
    def asks_of_call(self) -> frozenset[str]:
        """The names that the call has to say something for: each call.NAME."""
        bounds = [bound for limit in self.limits for bound in limit.bounds.values()]
        bounds += [bound for question in self.questions for bound in vars(question.answer).values()]
        return frozenset(bound.name for bound in bounds if isinstance(bound, OfCall))


def _foremost(name: str, given: tuple[Question, ...]) -> tuple[Question, ...]:
    """Of several questions that give a fact of a fixed name the one of this key or role, else all."""
    own = [one for one in given if one.key == name or (one.role == "period" and name == "months")]
    return (tuple(own[:1]) if name in FIXED else ()) or given
