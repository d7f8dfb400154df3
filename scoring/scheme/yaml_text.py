"""Reads YAML as plain data: no aliases, tags, repeated keys or surprises in numbers; bounded in size and depth."""

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from scoring.errors import Fault, SchemeError, fault

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"

LARGEST = 1_000_000
DEEPEST = 24
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})")
DECIMAL = re.compile(r"[-+]?[0-9]{1,9}\.[0-9]{1,6}")
WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

kind_of: Callable[..., str] = yaml.resolver.Resolver().resolve


def read_yaml(text: str | bytes, *, largest: int = LARGEST) -> Plain:
    """The plain data of one YAML document; keys become text, dates stay text.

    text: at most `largest` bytes. Whole numbers become int; decimals become float, whose shortest text is exactly
    what was written (at most 15 digits), so `Decimal(repr(x))` gives it back.
    Raises SchemeError with the line for broken YAML, aliases, tags, repeated keys, more than 24 levels, more than one
    document, infinities, exponents and numbers with leading zeros.
    """
    if not isinstance(text, str | bytes):
        raise SchemeError([fault("", "not_a_file", found=type(text).__name__)])
    size = len(text.encode(errors="replace")) if isinstance(text, str) else len(text)
    if size > largest:
        raise SchemeError([fault("", "size", size=size, most=largest)])
    try:
        return _document(yaml.parse(text, Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, UnicodeError) as error:
        raise SchemeError([_not_yaml(error)]) from error


def _not_yaml(error: Exception) -> Fault:
    """Why it cannot be read, in English, and where, as far as that is known."""
    mark = getattr(error, "problem_mark", None)
    at = {"line": mark.line + 1, "column": mark.column + 1} if mark else {}
    return fault("", "not_yaml", why=" ".join(str(error).split()), **at)


def _document(events: Iterator[Event]) -> Plain:
    opening = [next(events), next(events)]
    if type(opening[-1]).__name__ == "StreamEndEvent":
        raise SchemeError([fault("", "empty")])
    found = _value(next(events), events, 0)
    if not isinstance(next(events), DocumentEndEvent) or type(next(events)).__name__ != "StreamEndEvent":
        raise SchemeError([fault("", "documents")])
    return found


def _value(event: Event, events: Iterator[Event], depth: int) -> Plain:
    _refuse_tricks(event, depth)
    if isinstance(event, ScalarEvent):
        return _scalar(event)
    if isinstance(event, MappingStartEvent):
        return _mapping(events, depth)
    return _sequence(events, depth)


def _refuse_tricks(event: Event, depth: int) -> None:
    if isinstance(event, AliasEvent):
        raise SchemeError([fault(_line(event), "alias")])
    if depth > DEEPEST:
        raise SchemeError([fault(_line(event), "depth", most=DEEPEST)])
    if isinstance(event, NodeEvent) and getattr(event, "tag", None) is not None:
        raise SchemeError([fault(_line(event), "tag")])


def _mapping(events: Iterator[Event], depth: int) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    while not isinstance(event := next(events), MappingEndEvent):
        if not isinstance(event, ScalarEvent):
            raise SchemeError([fault(_line(event), "key")])
        _refuse_tricks(event, depth)
        if event.value in found:
            raise SchemeError([fault(_line(event), "key_twice", key=repr(event.value))])
        found[event.value] = _value(next(events), events, depth + 1)
    return found


def _sequence(events: Iterator[Event], depth: int) -> list[Plain]:
    found: list[Plain] = []
    while not isinstance(event := next(events), SequenceEndEvent):
        found.append(_value(event, events, depth + 1))
    return found


def _scalar(event: ScalarEvent) -> Plain:
    text: str = event.value
    kind = kind_of(yaml.ScalarNode, text, event.implicit).rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return WORDS[text.lower()]
    if kind in ("int", "float"):
        return _number(text, _line(event))
    return text


def _number(text: str, place: str) -> int | float:
    if INTEGER.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text):
        return float(text)
    raise SchemeError([fault(place, "digits", number=text[:40])])


def _line(event: Event) -> str:
    return f"line {event.start_mark.line + 1}" if event.start_mark else ""
