"""The part of JSON Schema (2020-12) that ours use, to hold documents against them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

KNOWN = {
    *("type", "const", "enum", "anyOf", "allOf", "if", "then", "properties", "patternProperties", "required", "title"),
    *("additionalProperties", "minProperties", "items", "minItems", "maxItems", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "$schema"),
}
TYPES: dict[str, Any] = {
    **{"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool},
    "null": type(None),
}


def faults(schema: Any, given: Any, at: str = "") -> Iterator[str]:
    """Where a document is refused, and by what."""
    if isinstance(schema, bool):
        yield from [] if schema else [f"{at}: false"]
        return
    assert KNOWN.issuperset(schema), set(schema) - KNOWN
    for word, check in CHECKS.items():
        if word in schema and not check(schema[word], given):
            yield f"{at}: {word}"
    if "anyOf" in schema and all(any(faults(one, given)) for one in schema["anyOf"]):
        yield f"{at}: anyOf"
    for one in schema.get("allOf", ()):
        yield from faults(one, given, at)
    if "if" in schema and not any(faults(schema["if"], given)):
        yield from faults(schema["then"], given, at)
    yield from _inside(schema, given, at)


def _inside(schema: Mapping[str, Any], given: Any, at: str) -> Iterator[str]:
    if isinstance(given, list) and "items" in schema:
        for index, one in enumerate(given):
            yield from faults(schema["items"], one, f"{at}[{index}]")
    if isinstance(given, dict):
        for key, one in given.items():
            for each in _of_key(schema, key):
                yield from faults(each, one, f"{at}.{key}")


def _of_key(schema: Mapping[str, Any], key: str) -> list[Any]:
    found = [schema["properties"][key]] if key in schema.get("properties", {}) else []
    found += [one for pattern, one in schema.get("patternProperties", {}).items() if re.search(pattern, key)]
    return found or [schema.get("additionalProperties", True)]


def _is(kind: str | list[str], given: Any) -> bool:
    kinds = [kind] if isinstance(kind, str) else kind
    if isinstance(given, bool):
        return "boolean" in kinds
    whole = isinstance(given, float) and given.is_integer() and "integer" in kinds
    return whole or any(isinstance(given, TYPES[one]) for one in kinds)


def _number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


CHECKS: dict[str, Any] = {
    "type": _is,
    "const": _same,
    "enum": lambda allowed, given: any(_same(one, given) for one in allowed),
    "pattern": lambda pattern, given: not isinstance(given, str) or bool(re.search(pattern, given)),
    "minLength": lambda least, given: not isinstance(given, str) or len(given) >= least,
    "maxLength": lambda most, given: not isinstance(given, str) or len(given) <= most,
    "minimum": lambda least, given: not _number(given) or given >= least,
    "maximum": lambda most, given: not _number(given) or given <= most,
    "exclusiveMinimum": lambda least, given: not _number(given) or given > least,
    "minItems": lambda least, given: not isinstance(given, list) or len(given) >= least,
    "maxItems": lambda most, given: not isinstance(given, list) or len(given) <= most,
    "minProperties": lambda least, given: not isinstance(given, dict) or len(given) >= least,
    "required": lambda keys, given: not isinstance(given, dict) or all(key in given for key in keys),
}
