"""JSON Schemas made from what the readers say of themselves: they take what the readers take."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import islice
from typing import Any, NamedTuple

import pytest

from app import competition_files, forms
from app.commands import PROJECT
from app.competition_files import reading
from app.domain.rating_schemes import GRAMMAR, Scheme, SchemeError, read_yaml
from scoring.scheme.grammar import Place
from tests import json_schema

FORMS = sorted((PROJECT / "app" / "forms" / "shipped").glob("*.yaml"))
SCHEMES = sorted((PROJECT / "app" / "examples" / "schemes").glob("*.yaml"))
FORM = {
    "schema": "form/1",
    "key": "small",
    "title": {"de": "Klein"},
    "sections": [
        {
            "key": "idea",
            "questions": [
                {"key": "title", "type": "text", "role": "title", "max": 120, "required": True},
                {"key": "lot", "type": "choice", "options": [{"key": "A"}, {"key": 2}], "other": {"de": "Anderes"}},
                {"key": "n", "type": "integer", "unit": "h", "min": 1, "seen_by": "office", "identifies": True},
                {"key": "q", "type": "period", "not_before": "call.start", "max_months": 36, "criteria": ["k1"]},
                {"key": "t", "type": "table", "columns": [{"key": "a", "type": "money"}], "sums": ["a"]},
                {"key": "s", "type": "sites", "types": ["office", {"key": "shop", "label": {"en": "shop"}}]},
                {"key": "d", "type": "date", "when": {"question": "lot", "in": ["A", 2]}, "help": {"de": "Bald."}},
            ],
        }
    ],
    "facts": [{"key": "each", "of": "t.a", "per": "n", "unit": {"de": "Euro"}}],
    "limits": [{"fact": "n", "at_most": "call.most", "at_least": 0.5, "say": {"de": "Mehr."}, "kind": "warn"}],
    "examples": [{"answers": {"title": "x"}, "faults": {"n": "limit"}}],
    "note": "ours",
}


class Kind(NamedTuple):
    """A kind of document: its JSON Schema, and whether its reader takes one."""

    told: Any
    is_read: Callable[[Any], bool]


def is_form(document: Any) -> bool:
    try:
        forms.of_document(document)
    except forms.FormError:
        return False
    return True


def is_scheme(document: Any) -> bool:
    try:
        Scheme.from_document(document)
    except SchemeError:
        return False
    return True


def is_competition(document: Any) -> bool:
    """Only whether parts are made of it, not whether they fit together."""
    faults: list[Any] = []
    reading.competition(document, Place("", faults))
    return not faults


def kind(told: Any, is_read: Callable[[Any], bool]) -> Kind:
    """As it is served: as JSON."""
    return Kind(json.loads(json.dumps(told)), is_read)


FORM_1 = kind(forms.GRAMMAR.told(), is_form)
SCHEME_1 = kind(GRAMMAR.told(), is_scheme)
COMPETITION_1 = kind(reading.told(), is_competition)
AUENTAL: Any = read_yaml(competition_files.EXAMPLE.read_bytes(), largest=competition_files.LARGEST)


def test_every_document_of_the_tree_is_taken() -> None:
    found: list[tuple[Kind, Any, str]] = [(SCHEME_1, read_yaml(path.read_bytes()), path.name) for path in SCHEMES]
    found += [(FORM_1, read_yaml(path.read_bytes()), path.name) for path in FORMS]
    found += [(FORM_1, FORM, "the form above"), (COMPETITION_1, AUENTAL, "auental.yaml")]
    assert len(found) >= 20
    refused = [(name, list(json_schema.faults(kind.told, document))) for kind, document, name in found]
    assert [one for one in refused if one[1]] == []


def test_a_comma_in_a_note_is_no_key() -> None:
    text = "schema: form/1\nkey: a\ntitle: {de: A, note: first this, then that}\nsections: [{key: b, questions: [Q]}]"
    document: Any = read_yaml(text.replace("Q", "{key: title, type: text, role: title}"))
    assert "then that" in document["title"]
    assert (is_form(document), list(json_schema.faults(FORM_1.told, document))) == (True, [])
    document["title"]["then that"] = "x"
    assert any(json_schema.faults(FORM_1.told, document))


STRANGE: tuple[Any, ...] = (None, True, -1, 0.5, "", "x" * 30_000, [], {}, ["x"], {"x": 1})


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place inside a document, few of each list; a scheme inside a competition is not looked through again."""
    listed = list(document.items() if isinstance(document, dict) else enumerate(document[:2]))
    for key, inner in listed:
        yield (*path, key)
        if isinstance(inner, dict | list) and key != "rating_scheme":
            yield from places(inner, (*path, key))


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy in which something else stands at a place; ... for nothing, and a new key beside it for "beside"."""
    copy = deepcopy(document)
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    if value is ... and isinstance(inner, dict):
        del inner[path[-1]]
    elif value == "beside" and isinstance(inner, dict):
        inner["colour"] = "red"
    elif value is not ... and value != "beside":
        inner[path[-1]] = value
    return copy


def shortened() -> Any:
    """The competition with one proposal and one member: each of its places is tried with many things."""
    short = AUENTAL | {key: AUENTAL[key][:1] for key in ("proposals", "organisations")}
    short["committee"] = AUENTAL["committee"] | {"members": AUENTAL["committee"]["members"][:1], "guests": []}
    return {key: one for key, one in short.items() if key != "expected"}


SMALL: list[tuple[Kind, Any, int]] = [
    (FORM_1, FORM, 1),
    (SCHEME_1, min((read_yaml(path.read_bytes()) for path in SCHEMES), key=lambda one: len(str(one))), 1),
    (COMPETITION_1, shortened(), 4),
]


@pytest.mark.parametrize(("kind", "document", "step"), SMALL, ids=["form-1", "rating-scheme-1", "competition-1"])
def test_what_a_schema_refuses_its_reader_refuses(kind: Kind, document: Any, step: int) -> None:
    """At every place some strange things, nothing, or an unknown key; the schemas refuse most of what is strange."""
    refused = taken = 0
    assert kind.is_read(document)
    for place, path in enumerate(islice(places(document), 0, None, step)):
        for value in (*(STRANGE[(place + more) % len(STRANGE)] for more in (0, 3, 6)), ..., "beside"):
            wrong = changed(document, path, value)
            if any(json_schema.faults(kind.told, wrong)):
                refused += 1
                assert not kind.is_read(wrong), (path, value)
            elif not kind.is_read(wrong):
                taken += 1
    assert refused > 2 * taken
