"""The reader of documents: what a part says of its keys is all that it needs to know."""

from decimal import Decimal
from typing import Any

import pytest

from scoring.errors import Fault
from scoring.scheme.grammar import (
    FLAT,
    NAME,
    UNUSED,
    ByType,
    Each,
    Flag,
    Kind,
    Number,
    OneOf,
    Part,
    Place,
    Text,
    Texts,
    Values,
    Whole,
)

TYPES = {
    "text": Part(dict, {"max": Whole(1, 20, default=10)}),
    "choice": Part(dict, {"options": Each(NAME, required=True, filled=True)}),
}
QUESTION = Part(
    dict,
    {"key": Text(5, required=True), "label": Texts(required=True), "type": ByType(TYPES), "asked": Flag(default=True)},
)
FORM = Part(
    dict,
    {
        "questions": Each(QUESTION),
        "facts": Values(Number(positive=True), name="numbers"),
        "seen_by": OneOf({"office": 1, "committee": 2}, default=2),
        "when": Part(dict, {"from": Text(), "at_most": Number(name="limit")}, name=FLAT),
        "about": Kind(name=UNUSED),
    },
)


def read(document: object) -> tuple[Any, list[Fault]]:
    faults: list[Fault] = []
    return FORM.value(document, Place("", faults)), faults


def question(**changed: object) -> dict[str, object]:
    return {"key": "title", "label_de": "Titel", "type": "text"} | changed


def test_a_sound_document_becomes_its_parts() -> None:
    document = {
        "questions": [question(label_en="Title"), question(type="choice", options=["a"], asked=False)],
        "facts": {"places": 2.5},
        "seen_by": "office",
        "when": {"from": "2018", "at_most": 3},
        "about": ["anything"],
        "note": "kept for people",
    }
    assert read(document) == (
        {
            "questions": (
                {"key": "title", "label": {"de": "Titel", "en": "Title"}, "type": "text", "max": 10, "asked": True},
                {"key": "title", "label": {"de": "Titel"}, "type": "choice", "options": ("a",), "asked": False},
            ),
            "numbers": {"places": Decimal("2.5")},
            "seen_by": 1,
            "from": "2018",
            "limit": Decimal(3),
        },
        [],
    )


def test_a_missing_part_is_an_empty_one() -> None:
    assert read({}) == ({"questions": (), "numbers": {}, "seen_by": 2, "from": "", "limit": None}, [])


FAULTY = [
    (question(key="12345"), []),
    (question(key="123456"), [Fault("questions[0].key", "too_long", {"size": 6, "most": 5})]),
    (question(key="a\0"), [Fault("questions[0].key", "unstorable", {})]),
    (question(max=1), []),
    (question(max=20), []),
    (question(max=0), [Fault("questions[0].max", "not_whole", {"least": 1, "most": 20, "found": "0"})]),
    (question(max=21), [Fault("questions[0].max", "not_whole", {"least": 1, "most": 20, "found": "21"})]),
    (question(max=True), [Fault("questions[0].max", "not_whole", {"least": 1, "most": 20, "found": "True"})]),
    (question(label_de=None), [Fault("questions[0].label_de", "missing", {})]),
    (question(asked=None), [Fault("questions[0].asked", "not_a_flag", {"found": "nothing"})]),
    (question(options=["a"]), [Fault("questions[0].options", "not_of_type", {"type": "text"})]),
    (question(type="choice"), [Fault("questions[0].options", "missing", {})]),
    (question(type="choice", options=[]), [Fault("questions[0].options", "missing", {})]),
    (
        question(type="choice", options=["a", 1]),
        [Fault("questions[0].options[1]", "not_a_name", {"found": "1"})],
    ),
    (
        question(type="photo"),
        [Fault("questions[0].type", "not_offered", {"allowed": "text, choice", "found": "'photo'"})],
    ),
]


@pytest.mark.parametrize(("given", "faults"), FAULTY)
def test_a_fault_is_a_place_a_code_and_values(given: dict[str, object], faults: list[Fault]) -> None:
    found, told = read({"questions": [given]})
    assert told == faults
    assert (found is None) == bool(faults)


def test_everything_that_is_wrong_comes_at_once_and_nothing_that_follows_from_it() -> None:
    found, told = read({"questions": [{"key": 1, "type": "text", "colour": "red"}, 5], "facts": {"a": 0}, "when": []})
    assert found is None
    assert [(one.place, one.code) for one in told] == [
        ("questions[0].colour", "unknown_key"),
        ("questions[0].key", "not_text"),
        ("questions[0].label_de", "missing"),
        ("questions[1]", "not_keys"),
        ("facts.a", "not_positive"),
        ("when", "not_keys"),
    ]
