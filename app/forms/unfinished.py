"""What can be said of a form while it is still being written: what is wrong with it, and the form as far as it goes."""

from collections.abc import Mapping
from typing import Any

from app.forms import reading
from app.forms.cells import Answer
from app.forms.faults import FormError
from app.forms.parts import COMMITTEE, OFFICE, Form, Question, Section
from scoring.errors import Fault
from scoring.scheme.grammar import Kind, Part, Place
from scoring.scheme.stored import plain_copy
from scoring.scheme.yaml_text import Plain


def _own(types: Mapping[str, Part]) -> frozenset[str]:
    return frozenset(key for part in types.values() for key in part.known)


def proposed(document: Mapping[str, object]) -> dict[str, Plain]:
    """The draft as a form: without what its questions and columns keep of types that they have no longer."""
    found: dict[str, Any] = plain_copy(document)
    for section in listed(found, "sections"):
        if isinstance(section.get("questions"), list):
            section["questions"] = [_question_of_its_type(one) for one in section["questions"]]
    return found


def _question_of_its_type(given: Any) -> Any:
    found = _of_its_type(given, reading.TYPES)
    if isinstance(found, dict) and isinstance(found.get("columns"), list):
        found["columns"] = [_of_its_type(one, reading.CELLS) for one in found["columns"]]
    return found


def _of_its_type(given: Any, types: Mapping[str, Part]) -> Any:
    if not isinstance(given, dict) or not isinstance(given.get("type"), str) or given["type"] not in types:
        return given
    left = _own(types) - types[given["type"]].known
    return {key: value for key, value in given.items() if key not in left}


def faults(document: Mapping[str, object]) -> list[Fault]:
    """Everything that keeps a draft from being a form, each with its place; none for a sound one."""
    try:
        reading.of_document(proposed(document))
    except FormError as error:
        return list(error.faults)
    return []


def form(document: Mapping[str, object]) -> Form:
    """The form of a draft as far as it can be read: what is wrong with a question leaves its wording."""
    plain = proposed(document)
    try:
        return reading.of_document(plain)
    except FormError:
        return _as_far_as_it_goes(plain)


def question(given: object) -> Question:
    """A question of a draft as far as it can be read."""
    plain = _question_of_its_type(plain_copy(given) if isinstance(given, Mapping) else {})
    return _question(plain, 1)


def listed(given: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The mappings of a list that may be missing, or anything else."""
    found = given.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _as_far_as_it_goes(plain: dict[str, Any]) -> Form:
    sections = tuple(_section(one, f"#{number}") for number, one in enumerate(listed(plain, "sections"), 1))
    rest = {key: _readable(kind, listed(plain, key)) for key, kind in _LISTS.items()}
    return Form(
        _text(plain.get("key")) or "-",
        _worded(plain.get("title")),
        sections,
        tuple(one for one, _given in rest["facts"]),
        tuple(one for one, _given in rest["limits"]),
        tuple(one for one, _given in rest["examples"]),
        _told(plain) | {key: [given for _one, given in found] for key, found in rest.items()},
    )


_LISTS = {"facts": reading.DERIVED, "limits": reading.LIMIT, "examples": reading.EXAMPLE}


def _readable(kind: Part, given: list[dict[str, Any]]) -> list[tuple[Any, dict[str, Any]]]:
    read = ((_read(kind, one), one) for one in given)
    return [(found, one) for found, one in read if found is not None]


def _read(kind: Kind, given: object) -> Any:
    """What is sound; None for whatever has a fault."""
    noted: list[Fault] = []
    found = kind.value(given, Place("", noted))
    return None if noted else found


def _section(given: dict[str, Any], otherwise: str) -> Section:
    questions = tuple(_question(one, number) for number, one in enumerate(listed(given, "questions"), 1))
    return Section(
        _text(given.get("key")) or otherwise, _worded(given.get("title")), _worded(given.get("help")), questions
    )


def _question(given: dict[str, Any], number: int) -> Question:
    found: Question | None = _read(reading.QUESTION, given)
    return found or Question(
        _text(given.get("key")) or f"#{number}",
        _text(given.get("type")),
        Answer(),
        _worded(given.get("label")),
        _worded(given.get("help")),
        given.get("required") is True,
        role=None,
        criteria=(),
        seen_by=(OFFICE, COMMITTEE),
        identifies=given.get("identifies") is True,
        when=None,
    )


def _told(plain: dict[str, Any]) -> dict[str, Any]:
    """The document with a key for every section and question, so that it can be compared."""
    sections = [
        {"key": f"#{number}", **one, "questions": _keyed(listed(one, "questions"))}
        for number, one in enumerate(listed(plain, "sections"), 1)
    ]
    return plain | {"sections": sections}


def _keyed(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"key": f"#{number}", **one} for number, one in enumerate(questions, 1)]


def _worded(given: object) -> dict[str, str]:
    return {key: one for key, one in given.items() if isinstance(one, str)} if isinstance(given, dict) else {}


def _text(given: object) -> str:
    return str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
