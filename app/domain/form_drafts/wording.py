"""What people call the keys of a form and their values: label, help, the words of each choice, rules in sentences."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from app import i18n
from app.domain.form_drafts import fields
from app.domain.rating_schemes.editing import Entry
from app.forms.blocks import FinancePlan
from app.forms.kinds import Flagged
from app.forms.parts import Fact, Form, Limit
from app.forms.reading import LIMIT
from app.forms.values import OfCall
from app.i18n import gettext as _
from app.i18n import later
from scoring.errors import Fault
from scoring.scheme.grammar import Flag, OneOf, Place

KEY = later("Short name")
LABELS = {  # by the place in any row; where there is none, by its end
    "key": KEY,
    "title.de": later("Title (German)"),
    "title.en": later("Title (English)"),
    "label.de": later("Name (German)"),
    "label.en": later("Name (English)"),
    "help.de": later("Help (German)"),
    "help.en": later("Help (English)"),
    "questions[].label.de": later("Question (German)"),
    "questions[].label.en": later("Question (English)"),
    "questions[].type": later("Kind of answer"),
    "columns[].type": later("Kind of answer"),
    "text.de": later("Words to read (German)"),
    "text.en": later("Words to read (English)"),
    "required": later("Must be answered"),
    "columns[].required": later("Must be filled in"),
    "role": later("What the program uses the answer for"),
    "criteria": later("Criteria that this answer speaks to"),
    "seen_by": later("Who may read the answer"),
    "identifies": later("Tells who applies: hidden where the committee rates without names"),
    "when.question": later("Asked only if this question"),
    "when.is": later("has this answer"),
    "when.in": later("or one of these"),
    "when.answered": later("or is answered at all"),
    "max": later("At most"),
    "min": later("At least"),
    "unit.de": later("Unit (German)"),
    "unit.en": later("Unit (English)"),
    "decimals": later("Decimals"),
    "not_before": later("Not before"),
    "not_after": later("Not after"),
    "max_months": later("At most so many months"),
    "other": later("Own words are possible as well"),
    "min_rows": later("At least so many rows"),
    "max_rows": later("At most so many rows"),
    "sums": later("Columns that are added up"),
    "confirm": later("Each partner is asked to confirm"),
    "by_year": later("Year by year"),
    "overhead": later("Which of the costs is the overhead"),
    "grant": later("This is what is asked of the call"),
    "accept": later("Kinds of files"),
    "max_mb": later("Megabytes of a file"),
    "max_files": later("Number of files"),
    "sum": later("It is the sum of"),
    "facts[].of": later("or it is this number"),
    "per": later("divided by"),
    "facts[].label.de": later("What it is called (German)"),
    "facts[].label.en": later("What it is called (English)"),
    "fact": later("Number"),
    "limits[].of": later("measured by this number"),
    "at_most": later("is at most"),
    "at_least": later("is at least"),
    "at_most_percent": later("is at most so many percent"),
    "at_least_percent": later("is at least so many percent"),
    "at_most_times": later("is at most so many times"),
    "at_least_times": later("is at least so many times"),
    "kind": later("If it is broken"),
    "say.de": later("What is said then (German)"),
    "say.en": later("What is said then (English)"),
    "examples[].name": later("What it shows"),
    "answers": later("What is answered"),
    "call": later("What the call says"),
    "facts": later("Numbers that must come out"),
    "faults": later("What must be refused"),
}
LINES = later("One a line: the short name, a colon, the value.")
BOUND = later("A number, or call. and a name, such as call.min_places: then each call says it.")
DAY = later("A day such as 15.03.2018, or call.earliest_start: then each call says it.")
HINTS = {
    "key": later("Names it in files, numbers and rules; whoever answers never sees it."),
    "sections[].questions[].key": later("Names it in files, numbers and rules. Empty: made of the question."),
    "questions[].help.de": later("What helps to answer; lists and emphasis in Markdown."),
    "role": later("One question at most for each. Every form needs a title."),
    "questions[].criteria": later("The sheet of the committee shows the answer beside them."),
    "when.question": later("Empty: it is asked always."),
    "when.in": later("One a line."),
    "max_months": BOUND,
    "at_most": BOUND,
    "at_least": BOUND,
    "not_before": DAY,
    "not_after": DAY,
    "unit.de": later("For instance: places, hours a week."),
    "overhead": later("Its share can be limited by a rule."),
    "say.de": later("Empty: that a rule of this form is broken."),
    "answers": LINES,
    "call": LINES,
    "examples[].facts": LINES,
    "faults": later("One a line: the short name, a colon, what is wrong, such as missing or limit. Empty: nothing."),
    "options[].label.de": "",
}
WORDS: dict[str, Mapping[str, str]] = {
    "type": {
        "text": later("one line of text"),
        "long_text": later("longer text"),
        "integer": later("whole number"),
        "decimal": later("number with decimals"),
        "money": later("amount in euro"),
        "percent": later("percent"),
        "date": later("day"),
        "period": later("period from a day to a day"),
        "choice": later("one of several options"),
        "choices": later("several options"),
        "yes_no": later("yes or no"),
        "declaration": later("declaration to be confirmed"),
        "note": later("only words to read"),
        "table": later("table with columns of your own"),
        "sites": later("sites"),
        "partners": later("partners"),
        "staffing": later("staff before and after"),
        "targets": later("targets in numbers"),
        "work_packages": later("work packages"),
        "milestones": later("milestones"),
        "finance_plan": later("costs and financing"),
        "file": later("files"),
    },
    "role": {
        "title": later("title of the proposal"),
        "summary": later("summary"),
        "field": later("field of activity"),
        "places": later("places"),
        "period": later("period"),
        "lot": later("lot"),
        "finance_plan": later("costs and financing"),
        "grant": later("requested grant"),
    },
    "kind": {"refuse": later("it cannot be handed in"), "warn": later("everybody is told")},
    "seen_by": {"office": later("the office"), "committee": later("the committee"), "public": later("everybody")},
}
NOTHING = {
    "type": later("please choose"),
    "role": later("nothing special"),
}
SECTIONS = {
    "sections": later("Section %(number)s"),
    "questions": later("Question %(number)s"),
    "options": later("Option %(number)s"),
    "columns": later("Column %(number)s"),
    "costs": later("Cost %(number)s"),
    "sources": later("Source %(number)s"),
    "types": later("Kind %(number)s"),
    "kinds": later("Kind %(number)s"),
    "regions": later("Region %(number)s"),
    "roles": later("Role %(number)s"),
    "functions": later("Function %(number)s"),
    "units": later("Unit %(number)s"),
    "facts": later("Number %(number)s"),
    "limits": later("Rule %(number)s"),
    "examples": later("Worked example %(number)s"),
}
FACTS = {
    "months": later("months"),
    "sites": later("number of sites"),
    "partners": later("number of partners"),
    "targets": later("number of targets"),
    "places": later("places"),
    "fte_before": later("full-time posts before"),
    "fte_after": later("full-time posts after"),
    "costs_cents": later("all costs"),
    "sources_cents": later("all sources"),
    "grant_requested_cents": later("requested grant"),
    "direct_costs_cents": later("direct costs (without overhead)"),
}
COMPARED = {
    "at_most": later("%(fact)s: at most %(bound)s"),
    "at_least": later("%(fact)s: at least %(bound)s"),
    "at_most_percent": later("%(fact)s: at most %(bound)s percent of %(of)s"),
    "at_least_percent": later("%(fact)s: at least %(bound)s percent of %(of)s"),
    "at_most_times": later("%(fact)s: at most %(bound)s times %(of)s"),
    "at_least_times": later("%(fact)s: at least %(bound)s times %(of)s"),
}


def pattern(place: str) -> str:
    """The same place in any row: sections[].questions[].label.de."""
    return re.sub(r"\[\d+\]", "[]", place)


def label(place: str) -> str:
    """What people call the field at a place, in their language."""
    return _(str(_ending(LABELS, place) or place))


def hint(place: str) -> str:
    """The help for a field; nothing where it needs none."""
    found = _ending(HINTS, place)
    return _(str(found)) if found else ""


def row(noun: str, index: int) -> str:
    """What people call a row of a list: Option 2."""
    return _(SECTIONS[noun]) % {"number": index + 1}


def words(key: str) -> Mapping[str, str]:
    """The words of what can be chosen under a key: types, roles, who sees it."""
    return {one: _(said) for one, said in WORDS.get(key, {}).items()}


def options(entry: Entry) -> list[tuple[str, str]]:
    """The choices of a field with their words; one that stands in the draft and is not offered is among them."""
    if fields.is_threefold(entry.kind):
        return [("", "–"), ("true", _("yes")), ("false", _("no"))]
    assert isinstance(entry.kind, OneOf)
    said = words(str(entry.path[-1]))
    found = [(one, said.get(one, one)) for one in entry.kind.allowed]
    empty = NOTHING.get(str(entry.path[-1]))
    if empty and (entry.path[-1] == "role" or not entry.shown):
        found.insert(0, ("", _(empty)))
    return found if entry.shown in {one for one, _words in found} else [*found, (entry.shown, entry.shown)]


def value(entry: Entry, text: str) -> str:
    """What was typed or chosen as people saw it."""
    if fields.is_threefold(entry.kind):
        return {"true": _("yes"), "false": _("no")}.get(text, "–")
    if isinstance(entry.kind, Flag | Flagged):
        return _("yes") if text == "1" else _("no")
    if isinstance(entry.kind, OneOf):
        return dict(options(entry)).get(text, text)
    return text or "–"


def told(entry: Entry) -> str:
    """The label of a field with the row it stands in: Option 2: Name (German)."""
    return f"{where(entry.place)}: {label(entry.place)}" if where(entry.place) else label(entry.place)


def named(place: str) -> str:
    """The same of a place where there is no field any more."""
    return f"{where(place)}: {label(place)}" if where(place) else label(place)


def where(place: str) -> str:
    """The rows that a place lies in, but for sections and questions, which have names."""
    rows = re.findall(r"(\w+)\[(\d+)\]", place)
    inner = [(noun, number) for noun, number in rows if noun not in ("sections", "questions")]
    return ", ".join(row(noun, int(number)) for noun, number in inner)


def _ending(known: Mapping[str, Any], place: str) -> Any:
    """What is said of a place in any row, else of its end."""
    here = pattern(place)
    while here:
        if here in known:
            return known[here]
        here = here.partition(".")[2]
    return None


# ── numbers and rules in words ─────────────────────────────────────────────────────────────────


def fact_names(form: Form, language: str) -> dict[str, str]:
    """Every number that the form gives, in words."""
    found: dict[str, str] = {}
    for question in form.questions:
        for name in question.gives:
            found.setdefault(name, _fact_name(name, question.label(language), question.answer, language))
    return found | {fact.key: fact.label(language) for fact in form.facts}


def _fact_name(name: str, question: str, answer: Any, language: str) -> str:
    if name in FACTS:
        return _(FACTS[name])
    kind, dot, inside = name.partition(".")
    if isinstance(answer, FinancePlan) and dot:
        labels = {one.key: one.label(language) for one in (*answer.costs, *answer.sources)}
        return labels.get(inside.removesuffix("_cents"), inside)
    if dot and inside == "rows":
        return _("%(question)s: rows") % {"question": question}
    if dot:
        columns = {one.key: one.labels for one in getattr(answer, "columns", ())}
        texts = columns.get(inside.removesuffix("_cents"), {})
        return f"{question}: {texts.get(language) or texts.get('de') or inside}"
    return question or kind


def fact_sentence(fact: Fact, names: Mapping[str, str]) -> str:
    """What a derived number is: Grant per place and month = requested grant ÷ places ÷ months."""
    if fact.sum:
        return " + ".join(names.get(one, one) for one in fact.sum)
    return " ÷ ".join(names.get(one, one) for one in fact.rests_on)


def limit_of(given: Any, form: Form, names: Mapping[str, str]) -> list[str]:
    """What a rule of a draft asks; nothing where it cannot be read yet."""
    noted: list[Fault] = []
    limit = LIMIT.value(given, Place("", noted))
    return [] if noted or limit is None else limit_sentences(limit, form, names)


def limit_sentences(limit: Limit, form: Form, names: Mapping[str, str]) -> list[str]:
    """What a rule asks: Grant per place and month: at most 250."""
    cents = limit.fact in form.cents and limit.of is None
    return [
        _(COMPARED[comparison])
        % {
            "fact": names.get(limit.fact, limit.fact),
            "bound": _bound(bound, cents),
            "of": names.get(limit.of or "", limit.of or "–"),
        }
        for comparison, bound in limit.bounds.items()
    ]


def _bound(bound: Decimal | OfCall, cents: bool) -> str:
    if isinstance(bound, OfCall):
        return _("what the call says (%(name)s)") % {"name": bound.name}
    if cents:
        return _("%(amount)s euro") % {"amount": i18n.number(bound / 100)}
    return i18n.number(bound)


def of_call(names: Iterable[str]) -> list[str]:
    """What can be typed where the call sets a bound."""
    return sorted(f"call.{name}" for name in names)
