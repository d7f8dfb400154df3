"""What forms ask again and again: blocks of questions, numbers and rules that are ready to be taken into a draft."""

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app import forms
from app.domain.rating_schemes.editing import Document
from app.forms import Form, unfinished
from app.forms.parts import Fact, Limit

FILE = Path(forms.__file__).parent / "standard_blocks.yaml"


@cache
def blocks() -> Form:
    """All blocks: a form whose sections they are; the file is read once."""
    return forms.of_file(FILE)


def chosen(keys: Collection[str]) -> list[Document]:
    """The sections of these questions, each with what is taken of it; conditions on others are dropped."""
    found = []
    for section in unfinished.listed(blocks().document, "sections"):
        questions = [_freed(one, keys) for one in section["questions"] if one["key"] in keys]
        if questions:
            found.append({**section, "questions": questions})
    return found


def _freed(question: Mapping[str, Any], keys: Collection[str]) -> Document:
    left = "when" in question and question["when"]["question"] not in keys
    return {key: one for key, one in question.items() if not (left and key == "when")}


def ready_facts(form: Form) -> list[Fact]:
    """Derived numbers that this form could give and does not give yet."""
    return [
        one for one in blocks().facts if one.key not in form.fact_names and form.fact_names.issuperset(one.rests_on)
    ]


def ready_limits(form: Form) -> list[tuple[int, Limit]]:
    """Rules over numbers that this form gives and has no rule for yet, each with its number among all."""
    ruled = {(one.fact, one.of) for one in form.limits}
    listed = enumerate(blocks().limits)
    return [
        (number, one)
        for number, one in listed
        if (one.fact, one.of) not in ruled and form.fact_names.issuperset(filter(None, (one.fact, one.of)))
    ]


def ready(noun: str, key: str) -> Document | None:
    """The derived number of this key, or the rule of this number, as it stands in the file."""
    listed = unfinished.listed(blocks().document, noun)
    if noun == "facts":
        return next((one for one in listed if one["key"] == key), None)
    return listed[int(key)] if noun == "limits" and key.isascii() and key.isdigit() and int(key) < len(listed) else None
