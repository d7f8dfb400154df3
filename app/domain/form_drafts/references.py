"""Keys and whoever names them: a question that gets another key is followed by conditions, facts and limits."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.rating_schemes.editing import Document, Path
from app.forms.unfinished import listed


def questions(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All questions of a draft in their order."""
    for section in listed(document, "sections"):
        yield from listed(section, "questions")


def types(document: Mapping[str, Any]) -> dict[str, str]:
    """The type of each question by its key."""
    return {str(one["key"]): str(one.get("type")) for one in questions(document) if "key" in one}


def keys_beside(document: Mapping[str, Any], path: Path) -> set[str]:
    """The keys that are taken where something at a path gets its own."""
    if len(path) == 1:
        return set()
    if path[-3] in ("questions", "facts"):
        return {str(one.get("key")) for one in [*questions(document), *listed(document, "facts")]}
    held: Any = document
    for key in path[:-2]:
        held = held[key]
    return {str(one.get("key") if isinstance(one, dict) else one) for one in held}


def free(base: str, taken: set[str], path: Path = ("", 0, "key")) -> str:
    """A key that is not taken yet; only that of the whole form has hyphens."""
    plain = base if len(path) == 1 else base.replace("-", "_")
    numbered = (plain if number == 1 else f"{plain}_{number}" for number in range(1, 10_000))
    return next(key for key in numbered if key not in taken)


def follow(document: Document, path: Path, before: str, after: str) -> None:
    """Whatever names this question, option, cost, source or fact by its key names it by the new one."""
    noun = path[-3] if len(path) > 2 else ""
    if noun == "questions":
        _conditions(document, before, after)
        _facts(document, re.compile(rf"{re.escape(before)}(?=$|_cents$|\.)"), after)
        _examples(document, before, after)
    elif noun == "facts":
        _facts(document, re.compile(rf"{re.escape(before)}$"), after)
    elif noun in ("costs", "sources"):
        name = "cost" if noun == "costs" else "source"
        _facts(document, re.compile(rf"{name}\.{re.escape(before)}(?=_cents$)"), f"{name}.{after}")
    if noun in ("costs", "columns", "options"):
        _inside(document, path, str(noun), before, after)


def _conditions(document: Document, before: str, after: str) -> None:
    for one in questions(document):
        when = one.get("when")
        if isinstance(when, dict) and str(when.get("question")) == before:
            when["question"] = after


def _facts(document: Document, before: re.Pattern[str], after: str) -> None:
    def renamed(name: Any) -> Any:
        return before.sub(after, name, count=1) if isinstance(name, str) and before.match(name) else name

    for one in [*listed(document, "facts"), *listed(document, "limits")]:
        for key in ("fact", "of", "sum", "per"):
            if key in one:
                given = one[key]
                one[key] = [renamed(name) for name in given] if isinstance(given, list) else renamed(given)
    for example in listed(document, "examples"):
        for part in ("facts", "faults"):
            if isinstance(example.get(part), dict):
                example[part] = {renamed(name): value for name, value in example[part].items()}


def _examples(document: Document, before: str, after: str) -> None:
    for example in listed(document, "examples"):
        if isinstance(example.get("answers"), dict):
            example["answers"] = {after if key == before else key: one for key, one in example["answers"].items()}


def _inside(document: Document, path: Path, noun: str, before: str, after: str) -> None:
    """What the same question, or a condition that looks at it, says of an option, a column or a cost."""
    question: Any = document
    for key in path[:-3]:
        question = question[key]
    if noun == "costs" and question.get("overhead") == before:
        question["overhead"] = after
    if noun == "columns" and isinstance(question.get("sums"), list):
        question["sums"] = [after if one == before else one for one in question["sums"]]
    if noun == "options":
        for one in questions(document):
            when = one.get("when")
            if isinstance(when, dict) and when.get("question") == question.get("key"):
                _compared(when, before, after)


def _compared(when: Document, before: str, after: str) -> None:
    if str(when.get("is")) == before:
        when["is"] = after
    if isinstance(when.get("in"), list):
        when["in"] = [after if str(one) == before else one for one in when["in"]]
