"""Small forms for the tests, and what they find."""

from typing import Any

from app import forms
from app.forms import Form, FormError
from scoring.errors import Fault

TITLE = {"key": "title", "type": "text", "role": "title", "label": {"de": "Titel", "en": "Title"}}


def document(*questions: dict[str, Any], **top: Any) -> dict[str, Any]:
    """A form with a title and these questions."""
    section = {"key": "idea", "title": {"de": "Die Idee"}, "questions": [TITLE, *questions]}
    return {"schema": "form/1", "key": "small", "title": {"de": "Klein", "en": "Small"}, "sections": [section]} | top


def asking(*questions: dict[str, Any], **top: Any) -> Form:
    """A form with a title and these questions, read and proved."""
    return forms.of_document(document(*questions, **top))


def question(type: str, key: str | int = "q", **own: Any) -> dict[str, Any]:
    return {"key": key, "type": type} | own


def faults(form: Form, answers: Any, **call: Any) -> list[tuple[str, str]]:
    """Place and code of every fault."""
    return [(fault.place, fault.code) for fault in forms.check(form, answers, call).faults]


def facts(form: Form, answers: Any, **call: Any) -> dict[str, Any]:
    return dict(forms.check(form, answers, call).facts)


def alone(type: str, given: Any, **own: Any) -> list[tuple[str, str]]:
    """The faults of one answer to one question."""
    return faults(asking(question(type, **own)), {"q": given})


def refused(given: Any) -> list[tuple[str, str]]:
    """Place and code of every fault of a document."""
    try:
        forms.of_document(given)
    except FormError as error:
        return [(fault.place, fault.code) for fault in error.faults]
    return []


def told(given: Any) -> Fault:
    """The only fault of a document."""
    try:
        forms.of_document(given)
    except FormError as error:
        (fault,) = error.faults
        return fault
    raise AssertionError("it was taken")
