"""What was answered to a form: what is asked, which facts follow, and what keeps it from being handed in."""

import json
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from app.forms import blocks, cells, numbers, values
from app.forms.parts import ALIASES, Condition, Form, Question
from app.forms.values import Call
from scoring.errors import Fault
from scoring.scheme.criteria import exact
from scoring.scheme.grammar import Place

UNREAD = ("type", "not_a_number", "not_offered", "missing")
"""Faults that say: something of the answer would be lost if it were kept as it was read."""


class Checked(NamedTuple):
    """The exact facts of answers, the faults that keep them from being handed in, and what is only told.

    Each fault stands at the key of its question or of a derived fact; `question_of` takes rows and cells off.
    """

    facts: dict[str, Fraction]
    faults: list[Fault]
    warnings: list[Fault]


def check(form: Form, answers: object, call: Call | None = None) -> Checked:
    """Facts and faults of answers, however incomplete they are or of whatever shape; never an exception.

    call: what the call says, by the names of call.NAME (days as date or text, numbers exact); what is missing binds
    nobody. Questions that are not asked neither count nor fail.
    """
    given, found = _given(answers), Checked({}, [], [])
    questions = asked(form, given)
    for question in questions:
        said = _read(question, given.get(question.key), Place(question.key, found.faults), call or {})
        for name, fact in _facts(form, question, said).items():
            found.facts[name] = found.facts.get(name, Fraction(0)) + fact
    numbers.derive(form, found.facts)
    for limit, told in numbers.broken(form, found.facts, call or {}, _counting(questions, found.faults)):
        (found.faults if limit.refuses else found.warnings).append(told)
    return found


def asked(form: Form, answers: object) -> tuple[Question, ...]:
    """The questions that are asked by what was answered so far, in their order."""
    given = _given(answers)
    shown: dict[str, Question] = {}
    for question in form.questions:
        if question.when is None or _met(question.when, given if question.when.question in shown else {}):
            shown[question.key] = question
    return tuple(shown.values())


def handed_in(form: Form, answers: object) -> dict[str, Any]:
    """The answers to the questions that are asked, each as it is kept; what cannot be read stays as it is."""
    given = _given(answers)
    return {
        question.key: _kept(question, given[question.key])
        for question in asked(form, given)
        if question.is_asked and not question.answer.is_blank(given.get(question.key))
    }


def canonical_answers(form: Form, answers: object) -> str:
    """What is handed in as JSON with sorted keys and no spaces: the same answers, the same bytes."""
    return json.dumps(handed_in(form, answers), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def seen(form: Form, answers: object, by: str, *, blind: bool = False) -> dict[str, Any]:
    """What the public, the office or the committee reads of answers; blind: without what tells who hands in."""
    hidden = {one.key for one in form.questions if not one.is_seen(by) or (blind and one.identifies)}
    return {key: said for key, said in handed_in(form, answers).items() if key not in hidden}


def question_of(fault: Fault) -> str:
    """The key of the question or derived fact at which a fault stands."""
    return re.split(r"[.\[]", fault.place, maxsplit=1)[0]


def _given(answers: object) -> Mapping[str, Any]:
    return answers if isinstance(answers, Mapping) else {}


def _read(question: Question, given: object, at: Place, call: Call) -> Any:
    unsaid = isinstance(question.answer, blocks.Note | blocks.Declaration)  # the one is never missing, the other always
    if unsaid or not question.answer.is_blank(given):
        return question.answer.read(given, at, call)
    return at.fault("missing") if question.required else None


def _facts(form: Form, question: Question, said: Any) -> dict[str, Fraction]:
    """The facts of one question, as far as the form takes them from it."""
    found = question.answer.facts(question.key, said)
    alias = ALIASES.get(question.role or "")
    if found and alias:
        found[alias] = next(iter(found.values()))
    return {name: fact for name, fact in found.items() if question in form.givers[name]}


def _counting(questions: Iterable[Question], faults: list[Fault]) -> frozenset[str]:
    """The facts of numbers that were asked for and left out without a fault: where two are compared, they are 0."""
    failed = {question_of(fault) for fault in faults}
    left_out = (one for one in questions if one.key not in failed and isinstance(one.answer, cells.Numbers))
    return frozenset(name for one in left_out for name in one.gives)


def _kept(question: Question, given: Any) -> Any:
    faults: list[Fault] = []
    said = question.answer.read(given, Place("", faults), {})
    return given if said is None or any(fault.code in UNREAD for fault in faults) else said


def _met(when: Condition, given: Mapping[str, Any]) -> bool:
    said = given.get(when.question)
    if when.answered is not None:
        return when.answered is not values.blank(said)
    spoken = said if isinstance(said, list) else [cells.OTHER if _own_words(said) else said]
    return any(_is_one_of(when, one) for one in spoken)


def _own_words(said: object) -> bool:
    return isinstance(said, Mapping) and not values.blank(said.get(cells.OTHER))


def _is_one_of(when: Condition, said: object) -> bool:
    """Whether an answer is one of those that a condition names: numbers by value, yes and no as such."""
    if isinstance(said, bool):
        return any(said is one for one in when.values)
    if not isinstance(said, str | int | float):
        return False
    try:
        return str(said) in when.words or exact(said) in when.numbers
    except ValueError:
        return False
