"""The keys of form/1, part by part, and the form that a document makes."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.forms import proof
from app.forms.blocks import (
    FORMATS,
    MOST_FILES,
    MOST_ROWS,
    Amount,
    Choices,
    Column,
    Declaration,
    Files,
    FinancePlan,
    Note,
    Partners,
    Period,
    Rows,
    Staffing,
    Table,
    Targets,
)
from app.forms.cells import Answer, Choice, Day, Money, Numbers, Option, Words, YesNo
from app.forms.faults import FormError
from app.forms.kinds import (
    CODE,
    DAY_BOUND,
    FACT,
    FORM_KEY,
    KEY,
    LONG,
    MONTHS,
    QUANTITY,
    WORDS,
    Compared,
    Flagged,
    Listed,
    NameOr,
    Unit,
)
from app.forms.parts import COMMITTEE, OFFICE, PUBLIC, Condition, Example, Fact, Form, Limit, Question, Section
from scoring.errors import Fault, SchemeError
from scoring.scheme.grammar import (
    LANGUAGES,
    ByType,
    Flag,
    Kind,
    Number,
    OneOf,
    Part,
    Place,
    Schema,
    Text,
    Values,
    Whole,
)
from scoring.scheme.stored import plain_copy
from scoring.scheme.yaml_text import read_yaml

MOST_TEXT, MOST_LONG_TEXT = 2000, 100_000
MOST_SUMMED, MOST_EXAMPLES = 50, 100
ROLES = ("title", "summary", "field", "places", "period", "lot", "finance_plan", "grant")
COMPARISONS = ("at_most", "at_least", "at_most_percent", "at_least_percent", "at_most_times", "at_least_times")
PERCENT = dict.fromkeys(LANGUAGES, "%")
LINE, PARAGRAPH = Words(500), Words(20_000, lines=True)
DAY, NUMBER = Day(), Numbers()
FULL_TIME = Numbers(min=Decimal(0))


def of_file(path: str | Path) -> Form:
    """The form of a YAML file of at most 1 MB; FormError lists every fault with its place."""
    return of_text(Path(path).read_bytes())


def of_text(text: str | bytes) -> Form:
    """The form of a YAML text of at most 1 MB; FormError lists every fault with its place."""
    return of_document(plain_of_text(text))


def plain_of_text(text: str | bytes) -> object:
    """What a YAML text of at most 1 MB says, whether or not it is a form; FormError where it cannot be read."""
    try:
        return read_yaml(text)
    except SchemeError as error:
        raise FormError(error.faults) from error


def of_document(document: object) -> Form:
    """The form of parsed YAML or JSON; FormError lists every fault with its place."""
    proof.refuse_tricks(document)
    plain = plain_copy(document) if isinstance(document, Mapping) else document
    faults: list[Fault] = []
    found = GRAMMAR.value(plain, Place("", faults))
    if isinstance(plain, dict) and not faults:
        form = Form(**found, document=plain)
        faults = list(proof.prove(form))
    if faults:
        raise FormError(faults)
    return form


def _bounded(found: Any, at: Place) -> Any:
    """Least and most of an answer in their order."""
    for low, high in (("min", "max"), ("min_rows", "max_rows")):
        least, most = getattr(found, low, None), getattr(found, high, None)
        if least is not None and most is not None and least > most:
            at.fault("min_above_max", low, least=least, most=most)
    return found


def _options(found: Any, at: Place) -> Any:
    for name in ("options", "columns", "costs", "sources"):
        proof.note_doubles((one.key for one in getattr(found, name, ())), at.key(name))
    return _bounded(found, at)


def _answer(make: Any, fields: Mapping[str, Kind], **fixed: Any) -> Part:
    """What a type has of its own: it becomes the answer of its question."""
    return Part(lambda **own: {"answer": make(**own, **fixed)}, fields, _proved)


def _proved(found: dict[str, Any], at: Place) -> dict[str, Any]:
    _options(found["answer"], at)
    return found


def _chosen(options: tuple[Option, ...]) -> Answer:
    """A cell for one of these; any words where nothing is offered."""
    return Choice(options) if options else LINE


def _sites(types: tuple[Option, ...], regions: tuple[Option, ...], min_rows: int | None) -> Answer:
    columns = _columns(name=LINE, address=LINE, type=_chosen(types), region=_chosen(regions))
    return Rows(columns, min_rows, counted="sites")


def _partners(roles: tuple[Option, ...], min_rows: int | None, confirm: bool) -> Answer:
    columns = _columns(organisation=LINE, role=_chosen(roles), task=PARAGRAPH)
    return Partners(columns, min_rows, counted="partners", confirm=confirm)


def _staffing(functions: tuple[Option, ...]) -> Answer:
    half = {"qualification": LINE, "site": LINE, "fte_before": FULL_TIME, "fte_after": FULL_TIME, "from": DAY}
    return Staffing(_columns(function=_chosen(functions), **half))


def _targets(kinds: tuple[Option, ...], units: tuple[Option, ...]) -> Answer:
    parts = Rows(_columns("target", label=LINE, target=NUMBER))
    of = {"baseline": NUMBER, "baseline_on": DAY, "target": NUMBER, "due": DAY, "parts": parts}
    return Targets(_columns("target", label=LINE, kind=_chosen(kinds), unit=_chosen(units), **of), counted="targets")


def _work_packages(max_rows: int | None) -> Answer:
    return Rows(_columns(title=LINE, text=PARAGRAPH, **{"from": DAY, "to": DAY}), None, max_rows)


def _milestones(max_rows: int | None) -> Answer:
    return Rows(_columns(title=LINE, due=DAY), None, max_rows)


def _columns(*needed: str, **cells: Answer) -> tuple[Column, ...]:
    """Columns that every form knows; the first names the row and is needed."""
    first = next(iter(cells))
    return tuple(Column(key, {}, cell, key in (first, *needed)) for key, cell in cells.items())


def _table(found: dict[str, Any], at: Place) -> dict[str, Any]:
    answer = found["answer"]
    numbers = {one.key for one in answer.columns if isinstance(one.cell, Numbers)}
    for index, name in enumerate(answer.sums):
        if name not in numbers:
            at.fault("no_column", f"sums[{index}]")
    return _proved(found, at)


def _plan(found: dict[str, Any], at: Place) -> dict[str, Any]:
    answer = found["answer"]
    if answer.overhead and answer.overhead not in {one.key for one in answer.costs}:
        at.fault("no_cost", "overhead", key=answer.overhead)
    return _proved(found, at)


def _condition(found: dict[str, Any], at: Place) -> Any:
    given = [name for name in ("is", "in", "answered") if found[name] is not None]
    if len(given) != 1:
        return at.fault("one_condition")
    values = found["in"] or (() if found["is"] is None else (found["is"],))
    return Condition(found["question"], values, found["answered"])


def _fact(found: Fact, at: Place) -> Fact:
    if bool(found.sum) == bool(found.of) or (found.per and not found.of):
        at.fault("one_sum")
    return found


def _limit(found: dict[str, Any], at: Place) -> Any:
    bounds = {name: found.pop(name) for name in COMPARISONS}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    if not given:
        at.fault("no_comparison")
    parted = [name for name in given if name not in ("at_most", "at_least")]
    if parted and found["of"] is None:
        at.fault("needs_of", comparison=parted[0])
    if given and not parted and found["of"] is not None:
        at.fault("of_without", "of")
    return Limit(bounds=given, **found)


OPTION = Part(Option, {"key": CODE, "label": replace(WORDS, name="labels")})
OPTIONS = Listed(OPTION, filled=True, required=True)
LISTED = Listed(NameOr(OPTION))
AMOUNT = Part(Amount, {"key": KEY, "label": replace(WORDS, name="labels")})
SOURCE = Part(Amount, {"key": KEY, "label": replace(WORDS, name="labels"), "grant": Flag()})
COUNT = Whole(0, MOST_ROWS, default=None, null=True)
DECIMALS = Whole(0, 9, default=None, null=True)
UNIT = Unit()
BOUNDS: dict[str, Kind] = {"min": Number(), "max": Number()}
COUNTED: dict[str, Kind] = {"options": OPTIONS, "other": Flagged()}
CELLS = {
    "text": _answer(Words, {"max": Whole(1, MOST_LONG_TEXT, default=MOST_TEXT)}),
    "long_text": _answer(Words, {"max": Whole(1, MOST_LONG_TEXT, default=MOST_LONG_TEXT)}, lines=True),
    "integer": _answer(Numbers, BOUNDS | {"unit": UNIT, "decimals": Whole(0, 0, default=0)}),
    "decimal": _answer(Numbers, BOUNDS | {"unit": UNIT, "decimals": DECIMALS}),
    "money": _answer(Money, {"min": Number(default=Decimal(0)), "max": Number()}),
    "percent": _answer(Numbers, BOUNDS | {"decimals": DECIMALS}, unit=PERCENT),
    "date": _answer(Day, {"not_before": DAY_BOUND, "not_after": DAY_BOUND}),
    "choice": _answer(Choice, COUNTED),
    "yes_no": _answer(YesNo, {}),
}
COLUMN = Part(
    lambda type, answer, **column: Column(cell=answer, **column),
    {"key": KEY, "label": replace(WORDS, name="labels"), "type": ByType(CELLS), "required": Flag()},
)
COLUMNS: dict[str, Kind] = {"columns": Listed(COLUMN, filled=True, required=True)}
COLUMNS |= {"min_rows": COUNT, "max_rows": COUNT, "sums": Listed(KEY)}
COSTS: dict[str, Kind] = {"costs": Listed(AMOUNT, filled=True, required=True)}
COSTS |= {
    "sources": Listed(SOURCE, filled=True, required=True),
    "by_year": Flag(),
    "overhead": replace(KEY, required=False),
}
TYPES = CELLS | {
    "choices": _answer(Choices, {"options": OPTIONS, "min": COUNT, "max": COUNT}),
    "period": _answer(Period, {"max_months": MONTHS, "not_before": DAY_BOUND}),
    "declaration": _answer(Declaration, {"text": LONG}),
    "note": _answer(Note, {"text": LONG}),
    "table": replace(_answer(Table, COLUMNS), then=_table),
    "sites": _answer(_sites, {"min_rows": COUNT, "types": LISTED, "regions": LISTED}),
    "partners": _answer(_partners, {"min_rows": COUNT, "roles": LISTED, "confirm": Flag()}),
    "staffing": _answer(_staffing, {"functions": LISTED}),
    "targets": _answer(_targets, {"kinds": LISTED, "units": LISTED}),
    "work_packages": _answer(_work_packages, {"max_rows": COUNT}),
    "milestones": _answer(_milestones, {"max_rows": COUNT}),
    "finance_plan": replace(_answer(FinancePlan, COSTS), then=_plan),
    "file": _answer(
        Files,
        {"accept": Listed(OneOf(FORMATS), filled=True, default=FORMATS)}
        | {"max_mb": Whole(1, MOST_FILES, default=MOST_FILES), "max_files": Whole(1, MOST_FILES, default=MOST_FILES)},
    ),
}
WHEN = Part(
    dict,
    {"question": KEY, "is": Compared(), "in": Listed(Compared(), filled=True, default=None)}
    | {"answered": Flag(default=None)},
    _condition,
    default=None,
)
SEEN_BY = Listed(OneOf((PUBLIC, OFFICE, COMMITTEE)), filled=True, single=True, default=(OFFICE, COMMITTEE))
QUESTION = Part(
    Question,
    {"key": KEY, "type": ByType(TYPES), "required": Flag(), "role": OneOf(ROLES, null=True)}
    | {"label": replace(WORDS, name="labels"), "help": replace(LONG, name="helps")}
    | {"criteria": Listed(CODE), "seen_by": SEEN_BY, "identifies": Flag(), "when": WHEN},
)
SECTION = Part(
    Section,
    {"key": KEY, "title": replace(WORDS, name="titles"), "help": replace(LONG, name="helps")}
    | {"questions": Listed(QUESTION, required=True, filled=True)},
)
DERIVED = Part(
    Fact,
    {"key": KEY, "label": replace(WORDS, name="labels"), "unit": UNIT, "sum": Listed(FACT, longest=MOST_SUMMED)}
    | {"of": replace(FACT, required=False), "per": Listed(FACT, single=True, longest=MOST_SUMMED)},
    _fact,
)
LIMIT = Part(
    dict,
    {"fact": FACT, "of": replace(FACT, required=False), "say": WORDS}
    | dict.fromkeys(COMPARISONS, QUANTITY)
    | {"kind": OneOf({"refuse": True, "warn": False}, default=True, name="refuses")},
    _limit,
)
EXAMPLE = Part(
    Example,
    {"name": Text(200), "answers": Values(required=True)} | dict.fromkeys(("call", "facts", "faults"), Values()),
)
GRAMMAR = Part(
    dict,
    {"schema": Schema("form/1"), "key": FORM_KEY, "title": replace(WORDS, required=True, name="titles")}
    | {"sections": Listed(SECTION, filled=True, required=True), "facts": Listed(DERIVED), "limits": Listed(LIMIT)}
    | {"examples": Listed(EXAMPLE, longest=MOST_EXAMPLES)},
)
