"""Whether a form fits together: every key once, every name known, nothing in a circle."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.forms import blocks, cells
from app.forms.faults import ANSWERS, FormError
from app.forms.kinds import MOST_LISTED
from app.forms.parts import Form, Question
from app.forms.values import storable
from scoring.errors import Fault, fault
from scoring.scheme.grammar import Place
from scoring.scheme.yaml_text import DEEPEST

ROLE_TYPES = {
    "title": ("text",),
    "summary": ("text", "long_text"),
    "field": ("choice", "choices", "text"),
    "places": ("integer",),
    "period": ("period",),
    "lot": ("choice",),
    "finance_plan": ("finance_plan",),
    "grant": ("money",),
}
ADDED_UP = {"sites", "partners", "targets", "fte_before", "fte_after"}
"""Facts that several questions may give together."""


def refuse_tricks(document: object) -> None:
    """Raise FormError for what YAML cannot say but JSON can: too deep, not to be stored, without an end."""
    waiting: list[tuple[object, int]] = [(document, 0)]
    while waiting:
        one, depth = waiting.pop()
        if depth > DEEPEST:
            raise FormError([fault("", "depth", most=DEEPEST)])
        if isinstance(one, str) and not storable(one):
            raise FormError([fault("", "unstorable")])
        if isinstance(one, float) and not math.isfinite(one):
            raise FormError([fault("", "digits", number=str(one))])
        if isinstance(one, Mapping):
            waiting += [(inner, depth + 1) for pair in one.items() for inner in pair]
        elif isinstance(one, list | tuple):
            waiting += [(inner, depth + 1) for inner in one]


def note_doubles(keys: Iterable[str], at: Place) -> None:
    """Note every key that is listed more than once."""
    for key, times in Counter(keys).items():
        if times > 1:
            at.fault("option_twice", key=key, times=times)


def prove(form: Form) -> Iterator[Fault]:
    """Every fault, in the order of the file; none for a sound form."""
    if len(form.questions) > MOST_LISTED:
        yield fault("sections", "too_many_listed", number=len(form.questions), most=MOST_LISTED)
        return
    yield from _keys(form)
    yield from _roles(form)
    yield from _conditions(form)
    yield from _facts(form)
    yield from _limits(form)
    yield from _examples(form)


def _placed(form: Form) -> Iterator[tuple[str, Question]]:
    for number, section in enumerate(form.sections):
        for index, question in enumerate(section.questions):
            yield f"sections[{number}].questions[{index}]", question


def _keys(form: Form) -> Iterator[Fault]:
    keys = [*(section.key for section in form.sections)], [*(question.key for question in form.questions)]
    for listed in keys:
        for key, times in Counter(listed).items():
            if times > 1:
                yield fault("sections", "question_twice", key=key, times=times)


def _roles(form: Form) -> Iterator[Fault]:
    given = Counter(question.role for question in form.questions if question.role)
    if "title" not in given:
        yield fault("sections", "no_title")
    for role, times in given.items():
        if times > 1:
            yield fault("sections", "role_twice", role=role, times=times)
    for place, question in _placed(form):
        types = ROLE_TYPES.get(question.role or "", (question.type,))
        if question.type not in types:
            yield fault(f"{place}.role", "role_type", role=question.role, types=", ".join(types))


def _conditions(form: Form) -> Iterator[Fault]:
    before: dict[str, Question] = {}
    for place, question in _placed(form):
        if question.when:
            other = before.get(question.when.question)
            if other is None or not other.is_asked:
                yield fault(f"{place}.when.question", "no_question", question=question.when.question)
            else:
                yield from _compared(other, question.when.values, f"{place}.when")
        before[question.key] = question


def _compared(other: Question, values: tuple[Any, ...], place: str) -> Iterator[Fault]:
    for value in values:
        if isinstance(other.answer, cells.Choice):
            known = str(value) in other.answer.offered or (value == cells.OTHER and other.answer.other)
            if isinstance(value, bool) or not known:
                yield fault(place, "no_option", option=value, question=other.key)
        elif not isinstance(value, _comparable(other.answer)):
            yield fault(place, "no_answer_there", type=other.type)


def _comparable(answer: cells.Answer) -> Any:
    """What an answer may be compared with."""
    if isinstance(answer, cells.YesNo | blocks.Declaration):
        return bool
    if isinstance(answer, cells.Numbers):
        return Decimal
    return str if isinstance(answer, cells.Words | cells.Day) else ()


def _facts(form: Form) -> Iterator[Fault]:
    given = Counter({name: 1 if name in ADDED_UP else len(one) for name, one in form.givers.items()})
    given.update(fact.key for fact in form.facts)
    for name, times in given.items():
        if times > 1:
            yield fault("facts", "fact_twice", fact=name, times=times)
    known = {fact.key for fact in form.in_order}
    for index, fact in enumerate(form.facts):
        unknown = [name for name in fact.rests_on if name not in form.fact_names]
        for name in unknown:
            yield fault(f"facts[{index}]", "no_fact", fact=name)
        if fact.key not in known and not unknown:
            yield fault(f"facts[{index}]", "circle", fact=fact.key)


def _limits(form: Form) -> Iterator[Fault]:
    for index, limit in enumerate(form.limits):
        for key, name in (("fact", limit.fact), ("of", limit.of)):
            if name is not None and name not in form.fact_names:
                yield fault(f"limits[{index}].{key}", "no_fact", fact=name)


def _examples(form: Form) -> Iterator[Fault]:
    places = {*form.by_key, *form.derived}
    for index, example in enumerate(form.examples):
        at = f"examples[{index}]"
        for key in example.answers:
            if key not in form.by_key:
                yield fault(f"{at}.answers.{key}", "not_asked_for")
        for key in example.facts:
            if key not in form.fact_names:
                yield fault(f"{at}.facts.{key}", "no_fact", fact=key)
        for key, codes in example.faults.items():
            if key not in places:
                yield fault(f"{at}.faults.{key}", "no_place")
            for code in codes if isinstance(codes, list) else [codes]:
                if not isinstance(code, str) or code not in ANSWERS:
                    yield fault(f"{at}.faults.{key}", "no_code", code=str(code)[:60])
