"""The form in which somebody answers what a call asks: typed texts, the answers they make, what is wrong with them."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, Self

from litestar.datastructures import UploadFile

from app import forms, i18n
from app.forms import Checked, Question, values
from app.forms.values import Call
from app.i18n import gettext as _
from app.web.answers import Request
from app.web.forms import Form, clean
from app.web.questions import hints, rules, sentences, sums, words
from app.web.questions.controls import NOTATION, Choice, Choices, Control, part
from app.web.questions.rows import MOVES, Files, FinancePlan, Rows, control, moved

SHOWN, MOVE = "shown", "row"
MOST_FIELDS = 20_000


class AnswersForm(Form):
    """What was typed to the questions of a form/1; a draft may be incomplete.

    values: what was typed by the names of fields; given: the answers it makes, blank rows in their places;
    errors: what cannot be read or, after `tell`, keeps it from being handed in; warnings: what is only told.
    """

    words: ClassVar = words
    hints: ClassVar = hints

    def __init__(
        self, form: forms.Form | None = None, values: Mapping[str, Any] | None = None, *, call: Call | None = None
    ) -> None:
        super().__init__(values)
        self.form, self.call = form, call or {}
        self.values.setdefault(NOTATION, i18n.locale.get())
        self.warnings: dict[str, str] = {}
        self.given: dict[str, Any] = {}
        self.uploads: dict[str, list[UploadFile]] = {}
        self.shown_before: frozenset[str] = frozenset()
        self.address = ""  # where /rows and /live are answered; empty: the form is only looked at
        self.focus = ""  # the id of what gets the focus after a row was moved

    @classmethod
    def of_answers(cls, form: forms.Form, answers: object, *, call: Call | None = None) -> Self:
        """Kept answers as somebody would have typed them in the reader's language."""
        found = cls(form, call=call)
        given = answers if isinstance(answers, Mapping) else {}
        for key, field in found.controls.items():
            found.values |= field.written(given.get(key))
        found.read()
        return found

    @classmethod
    async def sent(cls, request: Request, form: forms.Form, *, call: Call | None = None) -> Self:
        """What was sent, read; every name that no question has is ignored."""
        sent = await request.form()
        typed: dict[str, list[str]] = {}
        files: dict[str, list[UploadFile]] = {}
        for name, one in list(sent.multi_items())[:MOST_FIELDS]:
            if isinstance(one, UploadFile):
                files.setdefault(name, []).append(one)
            elif name.startswith("q-") or name in (NOTATION, SHOWN):
                typed.setdefault(name, []).append(clean(str(one)))
        return cls.of_typed(form, typed, call=call, files=files)

    @classmethod
    def of_typed(
        cls,
        form: forms.Form,
        typed: Mapping[str, list[str]],
        *,
        call: Call | None = None,
        files: Mapping[str, list[UploadFile]] | None = None,
    ) -> Self:
        """What a browser sends, by name; of several texts the last one where only one can be typed."""
        shown = typed.get(SHOWN, [])
        several = cls(form).names_of_several
        texts = {name: found if name in several else found[-1] for name, found in typed.items() if found}
        texts.pop(SHOWN, None)
        if texts.get(NOTATION) not in i18n.LOCALES:
            texts.pop(NOTATION, None)
        found = cls(form, texts, call=call)
        found.shown_before = frozenset(shown)
        for key, field in found.controls.items():
            if isinstance(field, Files) and (
                handed := [one for one in (files or {}).get(field.upload, []) if one.filename]
            ):
                found.uploads[key] = handed
        found.read()
        return found

    @cached_property
    def controls(self) -> dict[str, Control]:
        """The control of each question, by its key."""
        asked = self.form.questions if self.form else ()
        return {one.key: control(sentences.of_question(one), one.answer) for one in asked}

    @cached_property
    def names_of_several(self) -> frozenset[str]:
        """The names under which several texts may come."""
        return frozenset(
            field.name for key, field in self.controls.items() if self.form and self.form.by_key[key].type == "choices"
        )

    def read(self) -> None:
        """Turn what was typed into answers; what cannot be read keeps its text and gets a sentence."""
        self.errors, self.warnings, self.given = {}, {}, {}
        self.__dict__.pop("checked", None)
        for key, field in self.controls.items():
            said = field.read(self.values, self.errors)
            if said is not None:
                self.given[key] = said
        self.data = {"answers": self.answers}

    @property
    def answers(self) -> dict[str, Any]:
        """The answers as a draft keeps them: those of hidden questions too, without blank rows."""
        kept = {key: _pruned(self.controls[key], said) for key, said in self.given.items()}
        return {key: said for key, said in kept.items() if not values.blank(said)}

    @cached_property
    def checked(self) -> Checked:
        """Facts, faults and warnings of what was typed."""
        return forms.check(self.form, self.given, self.call) if self.form else Checked({}, [], [])

    @property
    def asked(self) -> frozenset[str]:
        """The keys of the questions that are asked by what was answered so far."""
        return frozenset(one.key for one in forms.asked(self.form, self.given)) if self.form else frozenset()

    def tell(self) -> None:
        """Say at each field what keeps the answers from being handed in, and what is only to be known."""
        unread = set(self.errors)
        if self.form is None:
            return
        for told, into in ((self.checked.faults, self.errors), (self.checked.warnings, self.warnings)):
            for name, sentence in sentences.found(self.form, self.checked, told):
                if name not in unread and sentence not in into.get(name, "").split("\n"):
                    into[name] = f"{into[name]}\n{sentence}" if name in into else sentence

    def move(self, move: str) -> str | None:
        """Do what a button of a row says, such as "q-partners 2 up", and read again; the key of its question."""
        name, number, verb = ([*move.split(" "), "", "", ""])[:3]
        question = self.question_of(name)
        rows = self._rows(name)
        if question is None or rows is None or verb not in MOVES or not re.fullmatch("[0-9]{1,3}", number, re.ASCII):
            return None
        self.values = moved(self.values, rows, verb, int(number))
        self.read()
        self.focus = self._next_focus(rows, verb, int(number))
        return question.key

    def _next_focus(self, rows: Rows | Files, verb: str, number: int) -> str:
        """Where somebody goes on: in the new row, at the row that was moved, or where a row can be added."""
        last = len(rows.numbers(self.values))
        if verb == "add" and isinstance(rows, Rows):
            return rows.cells(last)[0][1].name if last else ""
        to = number + {"up": -1, "down": 1}.get(verb, 0)
        return f"row-{rows.name}-{min(max(to, 1), last)}-{verb}" if verb in ("up", "down") else f"row-{rows.name}-add"

    def _rows(self, name: str) -> Rows | Files | None:
        """The rows of this name, those inside a row too."""
        question = self.question_of(name)
        here = self.controls[question.key] if question else None
        for number, key in re.findall(r"-([0-9]{1,3})-([^-]+)", name[len(here.name) :] if here else ""):
            cells = here.cells(int(number)) if isinstance(here, Rows) else []
            here = next((field for column, field in cells if part(column.key) == key), None)
        return here if isinstance(here, Rows | Files) and here.name == name else None

    def question_of(self, name: str) -> Question | None:
        """The question that a field belongs to."""
        key = [*name.split("-"), ""][1]
        return self._by_part.get(key) if name.startswith("q-") and self.form else None

    @cached_property
    def _by_part(self) -> dict[str, Question]:
        return {part(one.key): one for one in (self.form.questions if self.form else ())}

    def label(self, name: str) -> str:
        """What a field is called: its question, then row and column."""
        question = self.question_of(name)
        if question is None:
            return ""
        said = question.label(i18n.locale.get())
        return ", ".join((said, *self._inner(question, name))) if question.type != "note" else said

    def _inner(self, question: Question, name: str) -> list[str]:
        """What stands behind the question: row and column, side and line, first or last day."""
        rest, field = name.split("-")[2:], self.controls[question.key]
        if isinstance(field, FinancePlan) and len(rest) == 3:
            line = next((one for _side, lines in field.sides for one in lines if part(one.key) == rest[1]), None)
            return [*([line.label(i18n.locale.get())] if line else []), *([rest[2]] if rest[2] != "all" else [])]
        found, type = [], question.type
        while isinstance(field, Rows) and rest and rest[0].isdigit():
            found.append(words.row(type, int(rest[0])))
            inner = {part(column.key): (column, one) for column, one in field.cells(1)}.get("".join(rest[1:2]))
            if inner is None:
                return found
            found.append(words.column_name(inner[0], of_part=type == "parts"))
            field, type, rest = inner[1], "parts", rest[2:]
        ends = {"from": _("first day"), "to": _("last day"), "other": _("in your own words")}
        return [*found, *(ends[one] for one in rest[:1] if one in ends)]

    def named(self, name: str) -> str:
        return self.label(name) or re.sub(r"^q-", "", name).replace("-", " ").replace("_", " ")

    def told(self, typed: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
        """Without the fields that the page fills by itself."""
        return super().told({name: texts for name, texts in typed.items() if name not in (NOTATION, SHOWN, MOVE)})

    def autofocus(self, name: str) -> dict[str, str]:
        """What a field says where it gets the focus."""
        return {"autofocus": ""} if name == self.focus else {}

    def typed_under(self, key: str) -> list[tuple[str, str]]:
        """Everything that was typed to a question, field by field."""
        name = self.controls[key].name
        found = [(one, text) for one, text in self.values.items() if one == name or one.startswith(f"{name}-")]
        return [(one, each) for one, text in found for each in (text if isinstance(text, list) else [text])]

    @property
    def drawn(self) -> frozenset[str]:
        """The keys of the questions to be seen: those that are asked, and those in which something cannot be read."""
        refused = (self.question_of(name) for name in self.errors)
        return self.asked | {one.key for one in refused if one}

    @property
    def appearing(self) -> list[Question]:
        """The questions that come or go, or get new columns, by what was typed since the page was drawn."""
        return [one for one in (self.form.questions if self.form else ()) if self._is_out_of_date(one)]

    def _is_out_of_date(self, question: Question) -> bool:
        field = self.controls[question.key]
        if question.when and (question.key in self.drawn) != (question.key in self.shown_before):
            return True
        years = set(map(str, self.years)) if isinstance(field, FinancePlan) and field.answer.by_year else set()
        return isinstance(field, FinancePlan) and not years <= set(field.columns(self.values))

    @property
    def summed(self) -> list[Question]:
        """The questions that show sums."""
        return [
            one
            for one in (self.form.questions if self.form else ())
            if one.key in self.asked and (one.type == "finance_plan" or bool(getattr(one.answer, "sums", False)))
        ]

    def rows(self, question: Question) -> range:
        """The numbers of the rows to show: one to begin with where some are needed."""
        field = self.controls[question.key]
        sent = field.numbers(self.values) if isinstance(field, Rows | Files) else range(0)
        least = max(1 if question.required else 0, getattr(question.answer, "min_rows", None) or 0)
        return range(1, max(len(sent), min(least, 3) if isinstance(field, Rows) else 0) + 1)

    def options(self, field: Choice | Choices) -> list[tuple[str, str]]:
        """What can be chosen, with its words; what was chosen once and is not offered any more stays to be seen."""
        found = [(one.key, words.spoken(one.labels, one.key)) for one in field.answer.options]
        if isinstance(field, Choice) and field.answer.other:
            found.append((field.own, _("Something else, in your own words")))
        chosen = self.values.get(field.name) or []
        known = {key for key, _word in found}
        gone = [one for one in ([chosen] if isinstance(chosen, str) else chosen) if one not in known]
        return [*found, *((one, _("%(option)s (not offered any more)") % {"option": one}) for one in gone)]

    def day_type(self, name: str) -> str:
        """A picker where it can show what was typed, else a field of text."""
        text = self.values.get(name) or ""
        return "date" if not text or values.DAY.fullmatch(text) else "text"

    def sums(self, question: Question) -> sums.Sums | None:
        """What the entries of a question add up to."""
        return sums.of_question(self.form, question, self.checked, self.given.get(question.key)) if self.form else None

    @property
    def derived(self) -> list[tuple[str, str]]:
        """Derived numbers without a rule."""
        return rules.derived(self.form, self.checked) if self.form else []

    @property
    def rules(self) -> list[rules.Rule]:
        """The limits beside what was typed."""
        return rules.of_form(self.form, self.checked, self.call) if self.form else []

    @property
    def has_files(self) -> bool:
        """Whether files can be handed over."""
        return any(isinstance(field, Files) for field in self.controls.values())

    @property
    def years(self) -> range:
        """The years of the project's period, as far as it is known and of a length that people mean."""
        period = self.form.by_role.get("period") if self.form else None
        said = self.given.get(period.key) if period else None
        if not isinstance(said, Mapping) or len(said) < 2:
            return range(0)
        first, last = (date.fromisoformat(said[end]).year for end in ("from", "to"))
        return range(first, min(last, first + 14) + 1) if 1900 <= first <= last <= 2199 else range(0)


def _pruned(field: Control, said: Any) -> Any:
    """An answer without the rows in which nothing was said."""
    if not isinstance(field, Rows):
        return said
    rows = [
        {
            key: one
            for column, cell in field.cells(1)
            if (key := column.key) in row and (one := _pruned(cell, row[key])) is not None
        }
        for row in said
    ]
    return [row for row in rows if not field.answer.is_blank([row])] or None
