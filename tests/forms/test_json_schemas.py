"""JSON Schemas made from what the readers say of themselves: they take what the readers take."""

import json
from collections.abc import Iterator
from copy import deepcopy
from itertools import islice
from typing import Any

import pytest

from app import competition_files, forms
from app.commands import PROJECT
from app.competition_files import reading
from app.domain.rating_schemes import GRAMMAR, Scheme, SchemeError, read_yaml
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


def documents() -> Iterator[tuple[dict[str, Any], Any, str]]:
    """Every document in the tree with its schema and where it is from."""
    form, scheme, competition = (json.loads(json.dumps(one)) for one in told())
    yield form, FORM, "the form above"
    for path, its in [(path, form) for path in FORMS] + [(path, scheme) for path in SCHEMES]:
        yield its, read_yaml(path.read_bytes()), path.name
    yield competition, read_yaml(competition_files.EXAMPLE.read_bytes(), largest=4_000_000), "auental.yaml"


def told() -> tuple[Any, Any, Any]:
    return forms.GRAMMAR.told(), GRAMMAR.told(), reading.told()


def test_every_document_of_the_tree_is_taken() -> None:
    found = [(name, list(json_schema.faults(its, document))) for its, document, name in documents()]
    assert len(found) >= 15
    assert [one for one in found if one[1]] == []


def is_read(document: Any, name: str) -> bool:
    """Whether the reader takes it; of a competition only where parts are made of it, not whether they fit together."""
    try:
        if str(document.get("schema")).startswith("form"):
            forms.of_document(document)
        elif "proposals" in document:
            from scoring.scheme.grammar import Place

            faults: list[Any] = []
            reading.competition(document, Place("", faults))
            return not faults
        else:
            Scheme.from_document(document)
    except (SchemeError, forms.FormError):
        return False
    return True


STRANGE: tuple[Any, ...] = (None, True, -1, 0.5, "", "x" * 30_000, [], {}, ["x"], {"x": 1})


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place inside a document, few of each list."""
    listed = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, inner in list(listed)[: 40 if isinstance(document, dict) else 2]:
        yield (*path, key)
        yield from places(inner, (*path, key))


def own(document: Any) -> Iterator[tuple[Any, ...]]:
    """The places that no other document of the three has: a scheme inside a competition is not looked through again."""
    return (path for path in places(document) if "rating_scheme" not in path[:-1])


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


@pytest.mark.parametrize(("number", "step"), [(0, 1), (1, 1), (2, 4)])
def test_what_a_schema_refuses_its_reader_refuses(number: int, step: int) -> None:
    """At every place some strange things, nothing, or an unknown key; the schemas refuse most of what is strange."""
    its, document, name = smallest()[number]
    refused = taken = 0
    assert is_read(document, name)
    for place, path in enumerate(islice(own(document), 0, None, step)):
        for value in (*(STRANGE[(place + more) % len(STRANGE)] for more in (0, 3, 6)), ..., "beside"):
            wrong = changed(document, path, value)
            if any(json_schema.faults(its, wrong)):
                refused += 1
                assert not is_read(wrong, name), (name, path, value)
            elif not is_read(wrong, name):
                taken += 1
    assert refused > 2 * taken


def smallest() -> list[tuple[Any, Any, str]]:
    """One document of each kind, the competition with few proposals."""
    found = list(documents())
    schemes = [one for one in found if one[0] == found[1][0]] or found[1:-1]
    return [found[0], min(schemes, key=lambda one: len(str(one[1]))), shortened(found[-1])]


def shortened(found: tuple[Any, Any, str]) -> tuple[Any, Any, str]:
    its, document, name = found
    short = {**document, "proposals": document["proposals"][:1], "organisations": document["organisations"][:1]}
    short["committee"] = {**document["committee"], "members": document["committee"]["members"][:1], "guests": []}
    return its, {key: one for key, one in short.items() if key != "expected"}, name
