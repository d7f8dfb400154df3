"""The plain content of a document, as it is stored and read again: text, numbers, lists, keys and values."""

from collections.abc import Mapping
from decimal import Decimal

from scoring.scheme.grammar import KEPT
from scoring.scheme.yaml_text import Plain


def plain_copy(given: Mapping[str, object]) -> dict[str, Plain]:
    """A copy whose decimals are int or float, whose keys are text, and whose notes are whole.

    In `{note: first this, then that}` YAML makes a key of the words behind the comma; they are put back into the note,
    because the order of keys, which tells them, is lost in a database.
    """
    found: dict[str, Plain] = {}
    note = ""
    for key, value in given.items():
        before = found.get(note)
        if isinstance(before, str) and value is None and " " in str(key):
            found[note] = f"{before}, {key}"
        else:
            found[str(key)] = _plain(value)
            note = str(key) if key in KEPT else ""
    return found


def _plain(given: object) -> Plain:
    if isinstance(given, Mapping):
        return plain_copy(given)
    if isinstance(given, list | tuple):
        return [_plain(one) for one in given]
    if isinstance(given, Decimal):
        return _number(given)
    return given if isinstance(given, bool | int | float | str) or given is None else str(given)


def _number(given: Decimal) -> Plain:
    if not given.is_finite():
        return str(given)
    if given == given.to_integral_value():
        return int(given) if given.adjusted() < 20 else str(given)
    return float(given) if Decimal(repr(float(given))) == given else str(given)
