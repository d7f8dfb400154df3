"""The worked examples of a form, and the line that `votum form check` prints for a file."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from app.forms import reading, values
from app.forms.answers import Checked, check, question_of
from app.forms.cells import Numbers
from app.forms.faults import FormError
from app.forms.parts import Example, Form
from scoring.scheme.criteria import exact


def check_file(path: str | Path) -> list[str]:
    """Read, prove and run one form file: ["ok KEY: N examples"], else one line for each thing that is wrong.

    A line that does not begin with "ok " is a fault; a file that cannot be read is one too.
    """
    try:
        form = reading.of_file(path)
    except OSError as error:
        return [f"{path}: {error.strerror}"]
    except FormError as error:
        return [f"{path}: {place}: {problem}" if place else f"{path}: {problem}" for place, problem in error.told]
    wrong = [f"{path}: example {name}: {problem}" for name, problem in wrong_examples(form)]
    return wrong or [f"ok {form.key}: {len(form.examples)} examples"]


def wrong_examples(form: Form) -> list[tuple[str, str]]:
    """What differs between the worked examples and what is computed: the example's name or number, and one sentence."""
    return [
        (example.name or str(number), problem)
        for number, example in enumerate(form.examples, 1)
        for problem in _different(form, example)
    ]


def _different(form: Form, example: Example) -> Iterator[str]:
    found = check(form, example.answers, example.call)
    for name, stated in example.facts.items():
        given = found.facts.get(name, Fraction(0) if _is_amount(form, name) else None)
        if given != _wanted(stated):
            shown = "missing" if name not in found.facts else values.shown(found.facts[name])
            yield f"the fact {name} is {shown}, expected {stated}"
    yield from _faults(example, found)


def _is_amount(form: Form, name: str) -> bool:
    """Whether a fact is an amount, which is 0 where it is missing: what was asked for as a number, or money."""
    return name in form.cents or any(isinstance(one.answer, Numbers) for one in form.givers.get(name, ()))


def _wanted(stated: object) -> Fraction | str:
    """A number as an example states it: 250, "250.00", true, or exactly such as "1000/3"; else no number at all."""
    if isinstance(stated, bool):
        return Fraction(stated)
    try:
        return Fraction(stated) if isinstance(stated, str) and "/" in stated else Fraction(exact(stated))
    except (ValueError, ZeroDivisionError):
        return str(stated)


def _faults(example: Example, found: Checked) -> Iterator[str]:
    codes: dict[str, list[str]] = {}
    for fault in found.faults:
        codes.setdefault(question_of(fault), []).append(fault.code)
    for key in sorted({*codes, *example.faults}):
        wanted, given = example.faults.get(key, []), codes.get(key, [])
        listed = wanted if isinstance(wanted, list) else [wanted]
        if set(listed) != set(given) and (wanted is listed or not {wanted} <= set(given)):
            yield f"{key} is {_said(given)}, expected {_said(listed)}"


def _said(codes: list[Any]) -> str:
    return ", ".join(dict.fromkeys(codes)) or "without fault"
