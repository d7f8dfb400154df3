"""Records as a test needs them: what it names, and blanks for the rest."""

from datetime import UTC, datetime
from typing import Any, Literal, TypeVar, get_args, get_origin

from msgspec.structs import fields

from app.database import Record

Kind = TypeVar("Kind", bound=Record)
BLANKS: dict[Any, Any] = {
    str: "",
    int: 0,
    bool: False,
    Any: [],
    list[str]: [],
    datetime: datetime(2000, 1, 1, tzinfo=UTC),
}


def filled(kind: type[Kind], **known: Any) -> Kind:
    """A record of a kind with these values; what may be None is None, everything else blank."""
    unknown = [field for field in fields(kind) if field.name not in known]
    blank = {field.name: None if type(None) in get_args(field.type) else blank_of(field.type) for field in unknown}
    names = {field.name for field in fields(kind)}
    return kind(**blank, **{name: value for name, value in known.items() if name in names})


def blank_of(kind: Any) -> Any:
    """The blank of a type; the first of the words that are allowed."""
    return get_args(kind)[0] if get_origin(kind) is Literal else BLANKS[kind]
