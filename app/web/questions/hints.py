"""What is said under a question before anybody answers: its help, then the bounds that hold for the answer."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from app import i18n
from app.forms import Question, blocks, cells, values
from app.forms.parts import Condition, Form
from app.forms.values import Call
from app.i18n import gettext as _
from app.i18n import ngettext
from app.web import markdown
from app.web.questions import rules, words


def of_question(question: Question, call: Call) -> Markup:
    """The help of a question and its bounds; empty where there is nothing to say."""
    help = prose(question.helps)
    said = " ".join(_bounds(question.answer, call))
    if help and said:
        return (
            help.removesuffix("</p>") + Markup(" {}</p>").format(said)
            if help.endswith("</p>")
            else (help + Markup("<p>{}</p>").format(said))
        )
    return inline(help) or Markup("{}").format(said)


def prose(texts: Any) -> Markup:
    """Markdown of the form in the reader's language; marked where it is in another."""
    text = words.plain(texts)
    html = Markup(markdown.to_html(text).strip()) if text else Markup("")
    other = next(iter(texts), "") if i18n.locale.get() not in texts else ""
    return Markup('<div lang="{}">{}</div>').format(other, html) if html and other else html


def inline(html: Markup) -> Markup:
    """One paragraph without its tag; several stay as they are."""
    single = html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1
    return Markup(html[3:-4]) if single else html


def of_cell(answer: Any) -> str:
    """The bounds of one cell."""
    return " ".join(_bounds(answer, {}))


def _bounds(answer: Any, call: Call) -> Iterator[str]:
    if isinstance(answer, cells.Numbers):
        yield from _range(answer)
    if isinstance(answer, cells.Day | blocks.Period):
        yield from _days(answer, call)
    if isinstance(answer, blocks.Choices) and (answer.min or answer.max):
        yield _choices(answer)
    if isinstance(answer, blocks.Files):
        yield _("%(accept)s; at most %(number)s files of at most %(size)s MB.") % {
            "accept": ", ".join(answer.accept).upper(),
            "number": answer.max_files,
            "size": answer.max_mb,
        }
    most = getattr(answer, "max_rows", None)
    if most is not None:
        yield ngettext("At most %(num)s entry.", "At most %(num)s entries.", most) % {"num": most}


def _range(answer: cells.Numbers) -> Iterator[str]:
    money = isinstance(answer, cells.Money)
    least, most = (
        None
        if bound is None
        else rules.shown(Fraction(bound) / (100 if money else 1), fixed=money and bool(bound % 100))
        for bound in (answer.min, answer.max)
    )
    if answer.max == 100 and "%" in answer.unit.values():  # what percent are needs no words
        most = None
    natural = answer.min == 0 and money
    if least is not None and most is not None and not natural:
        yield _("From %(least)s to %(most)s.") % {"least": least, "most": most}
    elif most is not None:
        yield _("At most %(most)s.") % {"most": most}
    elif least is not None and not natural and answer.min != 0:
        yield _("At least %(least)s.") % {"least": least}


def _days(answer: Any, call: Call) -> Iterator[str]:
    for name, sentence in (("not_before", _("Not before %(day)s.")), ("not_after", _("Not after %(day)s."))):
        day: date | None = values.day_of(getattr(answer, name, None), call)
        if day:
            yield sentence % {"day": i18n.date(day)}
    months = values.number_of(getattr(answer, "max_months", None), call)
    if months is not None:
        yield ngettext("At most %(num)s month.", "At most %(num)s months.", int(months)) % {"num": int(months)}


def _choices(answer: blocks.Choices) -> str:
    if answer.min and answer.max:
        return _("Choose %(least)s to %(most)s.") % {"least": answer.min, "most": answer.max}
    if answer.max:
        return _("Choose at most %(most)s.") % {"most": answer.max}
    return _("Choose at least %(least)s.") % {"least": answer.min}


def condition(form: Form, when: Condition) -> str:
    """When a question is asked, as a sentence."""
    on = form.by_key[when.question]
    label = on.label(i18n.locale.get())
    if when.answered is not None:
        sentence = (
            _("Asked only if “%(question)s” is answered.")
            if when.answered
            else (_("Asked only if “%(question)s” is not answered."))
        )
        return sentence % {"question": label}
    known = {one.key: words.plain(one.labels) or one.key for one in getattr(on.answer, "options", ())}
    said = [
        _("Yes") if one is True else _("No") if one is False else known.get(str(one), str(one)) for one in when.values
    ]
    return _("Asked only if the answer to “%(question)s” is: %(answers)s.") % {
        "question": label,
        "answers": " ".join(("", _("or"), "")).join(said),
    }
