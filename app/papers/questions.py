"""What a call asks, for people who want to read it before they answer: on a page, as PDF, as a text document."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from markupsafe import Markup

from app import i18n
from app.domain.rating_schemes import Scheme
from app.forms import Form, Question
from app.forms.blocks import Amount, Choices, Declaration, Files, FinancePlan, Note, Period, Rows
from app.forms.cells import Answer, Choice, Day, Money, Numbers, Option, Words
from app.forms.parts import Section
from app.forms.values import Call, day_of, number_of
from app.i18n import gettext as _
from app.i18n import ngettext


class Asked(NamedTuple):
    """One question: its number, what it asks and helps with (Markdown), how it is answered, and under which condition.

    listed: what there is to choose from, or the rows and columns to fill in; criteria: what it is rated for.
    """

    number: str
    label: str | Markup
    required: bool
    help: str
    how: str
    listed: list[str | Markup]
    only_if: str
    criteria: list[str]


class Part(NamedTuple):
    """A section of the form."""

    title: str | Markup
    help: str
    asked: list[Asked]


def parts(form: Form, scheme: Scheme | None, call: Call) -> list[Part]:
    """All questions of a form in the reader's language, numbered; call: what it says where the form asks it."""
    language = i18n.locale.get()
    criteria = {one.key: one.label(language) for one in scheme.criteria} if scheme else {}
    return [_part(form, section, number, criteria, call) for number, section in enumerate(form.sections, 1)]


def _part(form: Form, section: Section, number: int, criteria: Mapping[str, str], call: Call) -> Part:
    language = i18n.locale.get()
    asked = [
        _asked(form, question, f"{number}.{place}", criteria, call)
        for place, question in enumerate(section.questions, 1)
    ]
    return Part(i18n.spoken(section.title(language), section.title("de")), section.help(language), asked)


def _asked(form: Form, question: Question, number: str, criteria: Mapping[str, str], call: Call) -> Asked:
    language = i18n.locale.get()
    return Asked(
        number,
        i18n.spoken(question.label(language), question.label("de")),
        question.required,
        question.help(language),
        how(question.answer, call),
        _listed(question.answer),
        _only_if(form, question),
        [criteria[key] for key in question.criteria if key in criteria],
    )


def how(answer: Answer, call: Call) -> str:
    """How a question is answered, in a few words."""
    match answer:
        case Words(max=most):
            return _("Text, at most %(most)s characters") % {"most": i18n.number(most)}
        case Money():
            return _("Amount in euro")
        case Numbers():
            return _number(answer)
        case Day():
            return _day(answer, call)
        case Period():
            return _period(answer, call)
        case Choices():
            return _("Several of these")
        case Choice(options=options, other=other):
            return (_("One of these, or in your own words") if other else _("One of these")) if options else _("Text")
        case Declaration():
            return _("To be confirmed")
        case Rows():
            return _rows(answer)
        case FinancePlan(by_year=by_year):
            return _("Costs and financing for each year") if by_year else _("Costs and financing")
        case Files():
            return _files(answer)
        case Note():
            return ""
    return _("Yes or no")


def _number(answer: Numbers) -> str:
    unit = answer.unit.get(i18n.locale.get()) or answer.unit.get("de") or ""
    kind = _("Number (%(unit)s)") % {"unit": unit} if unit else _("Number")
    bounds = {"least": i18n.number(answer.min), "most": i18n.number(answer.max)}
    if answer.min is not None and answer.max is not None:
        return kind + ", " + _("from %(least)s to %(most)s") % bounds
    if answer.min is not None:
        return kind + ", " + _("at least %(least)s") % bounds
    return kind + ", " + _("at most %(most)s") % bounds if answer.max is not None else kind


def _day(answer: Day, call: Call) -> str:
    first, last = day_of(answer.not_before, call), day_of(answer.not_after, call)
    found = [_("Day")]
    found += [_("not before %(day)s") % {"day": i18n.date(first)}] if first else []
    found += [_("not after %(day)s") % {"day": i18n.date(last)}] if last else []
    return ", ".join(found)


def _period(answer: Period, call: Call) -> str:
    most, first = number_of(answer.max_months, call), day_of(answer.not_before, call)
    found = [_("First and last day")]
    found += [_("at most %(most)s months") % {"most": i18n.number(int(most))}] if most is not None else []
    found += [_("not before %(day)s") % {"day": i18n.date(first)}] if first else []
    return ", ".join(found)


def _rows(answer: Rows) -> str:
    found = _("Rows, each with:")
    if answer.min_rows:
        least = ngettext("At least %(num)s row, each with:", "At least %(num)s rows, each with:", answer.min_rows)
        found = least % {"num": answer.min_rows}
    return found


def _files(answer: Files) -> str:
    said = {"types": ", ".join(answer.accept), "most": answer.max_files, "size": answer.max_mb}
    return _("Up to %(most)s files (%(types)s), each at most %(size)s MB") % said


def _listed(answer: Answer) -> list[str | Markup]:
    match answer:
        case Choice(options=options):
            return [_named(option) for option in options]
        case Rows(columns=columns):
            language = i18n.locale.get()
            return [
                i18n.spoken(
                    column.labels.get(language) or column.labels.get("de") or column.key,
                    column.labels.get("de") or column.key,
                )
                for column in columns
            ]
        case FinancePlan(costs=costs, sources=sources):
            return [_named(one) for one in (*costs, *sources)]
        case Note(text=text) | Declaration(text=text):
            said = text.get(i18n.locale.get()) or text.get("de") or ""
            return [i18n.spoken(said, text.get("de") or said)] if said else []
    return []


def _named(option: Option | Amount) -> str | Markup:
    return i18n.spoken(option.label(i18n.locale.get()), option.label("de"))


def _only_if(form: Form, question: Question) -> str:
    """Under which condition a question is asked, as a sentence; empty where it always is."""
    if question.when is None:
        return ""
    language, asked = i18n.locale.get(), form.by_key[question.when.question]
    said = {"question": asked.label(language)}
    if question.when.answered is not None:
        if question.when.answered:
            return _("Only if “%(question)s” is answered.") % said
        return _("Only if “%(question)s” is not answered.") % said
    options = {one.key: one.label(language) for one in getattr(asked.answer, "options", ())}
    said["answers"] = ", ".join(_answer(one, options) for one in question.when.values)
    return _("Only if the answer to “%(question)s” is: %(answers)s.") % said


def _answer(value: Any, options: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return options.get(str(value), str(value))


def printed(form: Form, scheme: Scheme | None, call: Call, title: str, authority: str, day: date) -> dict[str, Any]:
    """The questions as the template of the PDF takes them; day: since when they stand so."""
    return {
        "language": i18n.locale.get(),
        "title": _("What this call asks"),
        "call": title,
        "authority": authority,
        "date": [day.year, day.month, day.day],
        "draft": None,
        "stamp": f"{form.title(i18n.locale.get())} ({form.key})",
        "page": _("Page"),
        "of": _("of"),
        "lead": _("All questions of the form, to read and to prepare the answers. They are answered online."),
        "required": _("must be answered"),
        "criteria": _("Rated for:"),
        "parts": [
            {
                "title": str(part.title),
                "help": part.help,
                "asked": [{**one._asdict(), "label": str(one.label)} for one in part.asked],
            }
            for part in parts(form, scheme, call)
        ],
    }
