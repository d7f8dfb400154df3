"""What is wrong with a document, in the reader's language: its places stay as they are, its codes become sentences."""

from collections.abc import Iterator, Mapping

from app import i18n
from app.i18n import gettext as _
from scoring.errors import SHOWN, DocumentError, Fault, Word


def listed(error: DocumentError) -> str:
    """Every fault with its place on a line of its own, at most so many."""
    return "\n".join(_lines(error))


def sentence(error: type[DocumentError], fault: Fault) -> str:
    """What is wrong, without its place, in the reader's language; `error` has the sentences of such documents."""
    return _(error.sentences[fault.code]) % {name: _quoted(name, fault.values) for name in fault.values}


def _lines(error: DocumentError) -> Iterator[str]:
    for one in error.faults[:SHOWN]:
        said = sentence(type(error), one)
        yield f"{_place(one.place)}: {said}" if one.place else said
    if len(error.faults) > SHOWN:
        yield _("and %(number)s more") % {"number": len(error.faults) - SHOWN}


def _quoted(name: str, values: Mapping[str, object]) -> object:
    """A value for a sentence; the reader of YAML gives its reasons in English only, elsewhere it is told where."""
    if name == "why" and i18n.locale.get() != "en":
        known = "line" in values
        return _("line %(line)s, column %(column)s") % values if known else _("the text cannot be read")
    value = values[name]
    return _(value) if isinstance(value, Word) else value


def _place(place: str) -> str:
    """A place in the file; its keys are the same in every language."""
    number = place.removeprefix("line ")
    return place if number == place else _("line %(number)s") % {"number": number}
