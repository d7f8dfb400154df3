"""A form as text: the canonical one that its fingerprint covers, and YAML for people."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

import yaml

from app.forms.parts import Form

ORDER = (
    *("schema", "key", "name", "type", "title", "label", "help", "text", "max", "min", "decimals", "unit", "required"),
    *("role", "criteria", "seen_by", "identifies", "when", "question", "is", "in", "answered"),
    *("de", "en", "fact", "sum", "of", "per", "sections", "questions", "facts", "limits", "examples"),
    *("answers", "call", "faults"),
)
PLACES = {key: place for place, key in enumerate(ORDER)}
BREAKS = set("\r\x85\u2028\u2029\ufeff")
"""What YAML may take for the end of a line, or leave out."""
SHORT = 100
FREE = ("answers", "call", "facts", "faults")


def canonical(form: Form) -> str:
    """The whole content as JSON with sorted keys and no spaces: the same content, the same bytes."""
    return json.dumps(form.document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(form: Form) -> str:
    """The SHA-256 of the canonical text."""
    return sha256(canonical(form).encode()).hexdigest()


def as_yaml(form: Form) -> str:
    """The form as a YAML file that people can change; read again it is the same form."""
    return written(form.document)


def written(document: Mapping[str, Any]) -> str:
    """The same of a document, even of one that is no sound form yet."""
    return yaml.dump(_ordered(document), Dumper=Writer, sort_keys=False, allow_unicode=True, width=110)


class Writer(yaml.SafeDumper):
    """Writes no aliases, numbers in plain digits, and text of several lines as such."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        node.flow_style = _is_short(part for pair in node.value for part in pair)
        return node

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:
        node = super().represent_sequence(tag, sequence, flow_style)
        node.flow_style = _is_short(node.value)
        return node

    def ignore_aliases(self, data: object) -> bool:
        return True


def _is_short(parts: Iterable[yaml.Node]) -> bool:
    """Whether single words and numbers fit on one line."""
    listed = list(parts)
    plain = all(isinstance(one, yaml.ScalarNode) and one.style != "|" for one in listed)
    return plain and sum(len(one.value) + 2 for one in listed) < SHORT


def _ordered(given: object, free: bool = False) -> object:
    """Keys in the order in which people read them; those of answers and facts as they stand."""
    if isinstance(given, Mapping):
        keys = list(given) if free else sorted(given, key=lambda key: PLACES.get(key, len(PLACES)))
        return {key: _ordered(given[key], free or (key in FREE and isinstance(given[key], Mapping))) for key in keys}
    return [_ordered(one, free) for one in given] if isinstance(given, list) else given


def _float(writer: Writer, given: float) -> yaml.Node:
    text = format(Decimal(repr(given)), "f")
    return writer.represent_scalar("tag:yaml.org,2002:float", text if "." in text else f"{text}.0")


def _text(writer: Writer, given: str) -> yaml.Node:
    style = '"' if BREAKS.intersection(given) else "|" if "\n" in given else None
    return writer.represent_scalar("tag:yaml.org,2002:str", given, style=style)


Writer.add_representer(float, _float)
Writer.add_representer(str, _text)
