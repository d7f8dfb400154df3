"""What is wrong with answers, as sentences at the field that each belongs to."""

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from app import i18n
from app.forms import ANSWERS, Checked, Fault, Form, Question, blocks, cells, question_of
from app.i18n import gettext as _
from app.i18n import later, ngettext
from app.web.questions import rules
from app.web.questions.controls import Choices, Control, Period, joined
from app.web.questions.rows import Files, FinancePlan, Rows, control

STEP = re.compile(r"\.([^.\[\]]+)|\[([0-9]+)\]")
UNREAD = {
    cells.Day: later("Please enter a date such as 31.12.2026."),
    cells.YesNo: later("Please choose yes or no."),
    blocks.Files: later("This format is not among those that are accepted: %(accept)s."),
}


def of_question(question: Question) -> str:
    """The name of the field of a question."""
    return joined("q", question.key)


def found(form: Form, checked: Checked, told: list[Fault]) -> Iterator[tuple[str, str]]:
    """Each fault as the name of its field and a sentence."""
    for fault in told:
        question = form.by_key.get(question_of(fault))
        if question is None:
            yield f"rule-{fault.values.get('limit', 0)}", _limit(form, fault, checked)
        else:
            name, answer = _field(question, fault.place)
            yield name, sentence(form, question, answer, fault, checked)


def _field(question: Question, place: str) -> tuple[str, Any]:
    """The name of the field at which a fault stands, and how it is answered."""
    here: Control = control(of_question(question), question.answer)
    steps = [one[1] or int(one[2]) for one in STEP.finditer(place[len(question.key) :])]
    while steps:
        step = steps.pop(0)
        if isinstance(here, FinancePlan):
            return _amount(here, [str(step), *map(str, steps)])
        if isinstance(here, Period):
            here = dict(here.ends()).get(str(step), here)
        elif isinstance(here, Rows) and isinstance(step, int) and steps:
            cell = {column.key: field for column, field in here.cells(step + 1)}.get(str(steps.pop(0)))
            if cell is None:
                break
            here = cell
        elif isinstance(here, Files | Choices):
            break
    return here.name, here.answer


def _amount(plan: FinancePlan, steps: list[str]) -> tuple[str, Any]:
    """The field of an amount; the whole plan where the place names something that has none."""
    if len(steps) < 3:
        return plan.name, plan.answer
    side, line, column = steps[:3]
    known = any(side == name and line in {one.key for one in lines} for name, lines in plan.sides)
    return (plan.field(side, line, column), blocks.MONEY) if known else (plan.name, plan.answer)


def sentence(form: Form, question: Question, answer: Any, fault: Fault, checked: Checked) -> str:
    """What is wrong, in the reader's language, with numbers and days as they are written there."""
    if fault.code == "limit":
        return _limit(form, fault, checked)
    if fault.code == "unbalanced":
        return _unbalanced(fault)
    if fault.code in ("too_few", "too_many", "size"):
        return _counted(answer, fault)
    if fault.code in ("too_small", "too_large") and isinstance(answer, blocks.Period):
        return ngettext(
            "At most %(num)s month is possible.", "At most %(num)s months are possible.", _int(fault, "most")
        ) % {"num": _int(fault, "most")}
    unread = next((text for kind, text in UNREAD.items() if isinstance(answer, kind)), "")
    if fault.code == "type" and unread:
        return _(unread) % {"accept": ", ".join(getattr(answer, "accept", ()))}
    return _(ANSWERS[fault.code]) % {name: _value(answer, one) for name, one in fault.values.items()}


def _int(fault: Fault, name: str) -> int:
    return int(Fraction(str(fault.values[name])))


def _value(answer: Any, said: object) -> str:
    """A value of a fault as the reader writes it: days, amounts, numbers with their unit."""
    if isinstance(said, date) or (isinstance(said, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", said)):
        return i18n.date(said if isinstance(said, date) else date.fromisoformat(said))
    try:
        number = Fraction(str(said))
    except ValueError:
        return str(said)
    if isinstance(answer, cells.Money):
        return rules.shown(number / 100, fixed=True) + " " + _("euro")
    return rules.shown(number)


def _counted(answer: Any, fault: Fault) -> str:
    """Too few or too many of something, or a file that is too large."""
    if fault.code == "size":
        return _("This file is larger than %(most)s MB.") % {"most": _int(fault, "most") // blocks.MEGABYTE}
    number, few = _int(fault, "least" if fault.code == "too_few" else "most"), fault.code == "too_few"
    values = {"num": number, "number": _int(fault, "number")}
    if isinstance(answer, blocks.Choices):
        told = (
            ngettext("Please choose at least %(num)s.", "Please choose at least %(num)s.", number)
            if few
            else ngettext("Please choose at most %(num)s.", "Please choose at most %(num)s.", number)
        )
    elif isinstance(answer, blocks.Files):
        told = ngettext("At most %(num)s file fits.", "At most %(num)s files fit.", number)
    elif few:
        told = ngettext("Please fill in at least %(num)s entry.", "Please fill in at least %(num)s entries.", number)
    else:
        told = ngettext(
            "At most %(num)s entry fits, there are %(number)s.",
            "At most %(num)s entries fit, there are %(number)s.",
            number,
        )
    return told % values


def _unbalanced(fault: Fault) -> str:
    costs, sources, year = (fault.values.get(name) for name in ("costs", "sources", "year"))
    values = {name: _euro(Fraction(str(cents))) for name, cents in (("costs", costs), ("sources", sources))}
    if year:
        return _("In %(year)s costs are %(costs)s and financing %(sources)s. Both must be equal to the cent.") % {
            "year": year,
            **values,
        }
    return _("Costs are %(costs)s and financing %(sources)s. Both must be equal to the cent.") % values


def _euro(cents: Fraction) -> str:
    return rules.shown(cents / 100, fixed=True) + " " + _("euro")


def _limit(form: Form, fault: Fault, checked: Checked) -> str:
    """A broken rule: in the form's own words, then with its numbers."""
    rule = rules.broken(form, fault, checked)
    return f"{rule.say} {rule.told}".strip()
