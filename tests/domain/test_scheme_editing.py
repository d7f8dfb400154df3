"""The fields of the editor follow from the format: whatever a scheme can say can be made in it, and nothing is lost."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import clock, i18n
from app.domain.rating_schemes import drafts, editing, rows, shipped, wording
from app.domain.rating_schemes.editing import Outline
from app.pages.schemes import layout
from app.web.nodes import Listed, flat
from scoring.scheme.grammar import NOTES, ByType, Each, Kind, Number, Part, Schema, Texts, Values
from scoring.scheme.reading import TOP, TYPES
from scoring.scheme.scheme import Scheme

EVERYTHING: dict[str, Any] = {
    "schema": "rating-scheme/1",
    "key": "alles",
    "title_de": "Alles",
    "title_en": "Everything",
    "jurisdiction": "DE",
    "context": "grant",
    "gates": [
        {"key": "f1", "label_de": "A", "label_en": "A", "type": "number", "ko": True, "curable": True,
         "field": "places", "min": 5, "max": 20.5},
        {"key": "f2", "label_de": "B", "type": "choose_min", "min": 1,
         "options": [{"key": "a1", "label_de": "x", "label_en": "y", "points": 1}, {"key": "a2", "label_de": "z"}]},
    ],
    "groups": [{"key": "g1", "label_de": "G", "label_en": "G", "min_points": 1, "max_points": 7, "weight_percent": 20}],
    "criteria": [
        {"key": "k1", "label_de": "S", "label_en": "S", "description_de": "lang\nund breit", "description_en": "long",
         "group": "g1", "type": "scale", "scale": {"min": 0, "max": 5, "step": 0.5}, "weight": 1.4,
         "weight_band": {"min": 1, "max": 2}, "threshold": {"min": 2.5, "op": ">"}, "optional": True,
         "direction": "low", "effect": {"at_points": 5, "rate": "plus ten", "only": [1, 2]}, "reason_required": True,
         "comment_required": {"values": [0, 5]}},
        {"key": "k2", "label_de": "L", "type": "levels",
         "levels": [{"points": 0, "label_de": "nein", "label_en": "no"}, {"points": 3, "label_de": "ganz"}]},
        {"key": "k3", "label_de": "J", "type": "yesno", "yes_points": 2},
        {"key": "k4", "label_de": "C", "type": "checklist", "max": 2,
         "options": [{"key": "a3", "label_de": "i", "label_en": "j", "points": 1}, {"key": "a4", "points": 1.5}]},
        {"key": "k5", "label_de": "P", "type": "points", "max": 11},
        {"key": "k6", "label_de": "F", "type": "computed", "max": 5,
         "formula": {"kind": "one_sided", "expr": "5 * ...", "field": "price"}},
        {"key": "k7", "label_de": "B", "type": "bands", "field": "grant_per_place_month", "max": 5,
         "bands": [{"up_to": 190.5, "points": 5}, {"up_to": 205, "points": 4}]},
    ],
    "adjustments": [{"key": "z1", "label_de": "M", "label_en": "M", "kind": "malus", "allowed": [0, 2.5]}],
    "comment_required": {"values": [0]},
    "aggregation": {"across_raters": "median", "total": "weighted_sum", "min_valid_ratings": 2, "missing": "refuse",
                    "rounding": {"decimals": 1, "mode": "half_even", "when": "rank"}},
    "scale_labels_de": {"0": "nichts", "4.5-5": "viel"},
    "scale_labels_en": {"0": "nothing"},
    "total": {"max": 35},
    "pass_rule": {"min_total": 10, "min_percent": 30, "op": ">", "blocks": "all"},
    "ranking": {"order": "none", "scope": "lot", "tie_breakers": ["k1", "lower:price", "lot"],
                "weights_for_ranking": {"k2": 1.5}, "reserve_list": 3},
    "examples": [{"name": "leer", "input": {"k4": ["a3"], "k3": True, "price": 12.5}, "expect": {"passed": False}}],
}  # fmt: skip


def keys_of(kind: Kind, key: str, place: str) -> set[str]:
    """Every place that the format declares below a key, in any row."""
    here = f"{place}.{key}" if place else key
    if isinstance(kind, Schema):
        return set()
    if isinstance(kind, Texts):
        return {f"{place}.{one}" if place else one for one in kind.keys(key)}
    if isinstance(kind, ByType):
        return {here}.union(*(part_of(own, place) for own in kind.of.values()))
    if isinstance(kind, Part):
        return part_of(kind, here)
    if isinstance(kind, Each) and isinstance(kind.of, Part):
        return part_of(kind.of, f"{here}[]")
    if isinstance(kind, Each) and not isinstance(kind.of, Number):
        return {f"{here}[]"}
    return {f"{here}.*"} if isinstance(kind, Values) and isinstance(kind.of, Number) else {here}


def part_of(part: Part, place: str) -> set[str]:
    return set().union(*(keys_of(kind, key, place) for key, kind in part.fields.items()))


DECLARED = part_of(TOP, "")


def on_pages(document: dict[str, Any]) -> set[str]:
    """The fields that the pages of the editor show, in any row."""
    editor = layout.Editor(drafts.Draft(_kept(document)))
    nodes = [node for step in layout.STEPS.values() for node in step.nodes(editor)]
    nodes += [node for index in range(len(document["criteria"])) for node in layout.criterion(editor, index)]
    return {editing.pattern(one.name) for one in flat(nodes)} - {layout.BY_HAND}


def _kept(document: dict[str, Any]) -> drafts.Kept:
    empty = dict.fromkeys(("call", "call_key", "call_title_de", "call_title_en", "published_at", "saved_by"))
    return drafts.Kept(
        id=1, authority=1, authority_name="", version=1, saved_at=NOW, document=json.dumps(document), **empty
    )  # type: ignore[arg-type]


NOW = clock.now()


def test_the_document_of_this_test_is_a_scheme_that_says_everything() -> None:
    Scheme.from_document(EVERYTHING)
    said = {editing.pattern(place) for place, entry in Outline(EVERYTHING).entries.items() if entry.shown}
    assert said == DECLARED - {"criteria[].weight_percent"}  # which no scheme of factors says


def test_every_key_of_the_format_has_a_field_a_label_and_a_page() -> None:
    assert {editing.pattern(place) for place in Outline(EVERYTHING).entries} == DECLARED
    in_percent = {**EVERYTHING, "aggregation": {"total": "weighted_percent"}}
    assert on_pages(EVERYTHING) | on_pages(in_percent) == DECLARED
    assert [place for place in DECLARED if wording.label(place) == place] == []
    i18n.locale.set("de")
    assert [place for place in DECLARED if wording.label(place) == place] == []


def test_every_choice_of_the_format_has_its_words() -> None:
    for kind in TYPES:
        document = {**EVERYTHING, "criteria": [{"key": "k1", "type": kind}]}
        for entry in Outline(document).entries.values():
            if entry.widget == "select":
                words = dict(wording.options(entry))
                assert set(entry.kind.allowed) <= set(words)  # type: ignore[attr-defined]
                assert [one for one, word in words.items() if one and word == one and one not in ("lot",)] == []


def made(wanted: dict[str, Any]) -> dict[str, Any]:
    """The same scheme made in the editor from nothing: rows added by buttons, then every field typed as it is shown."""
    document: dict[str, Any] = {"schema": "rating-scheme/1"}
    target = Outline(wanted)
    for _turn in range(4):  # a row shows the fields and lists of its type once that is chosen
        for place, listed in target.rows.items():
            while place in (now := Outline(document).rows) and now[place].number < listed.number:
                document = rows.rearranged(document, f"add {place}").document  # type: ignore[union-attr]
        document = editing.applied(document, {place: entry.shown for place, entry in target.entries.items()})
    return document


def said(document: dict[str, Any]) -> dict[str, Any]:
    """What a scheme says, without its document and its notes."""
    return {name: value for name, value in vars(Scheme.from_document(document)).items() if name != "document"}


def without_notes(given: Any) -> Any:
    if isinstance(given, dict):
        return {key: without_notes(value) for key, value in given.items() if key not in NOTES}
    return [without_notes(one) for one in given] if isinstance(given, list) else given


@pytest.mark.parametrize("language", ["de", "en"])
async def test_whatever_a_scheme_says_can_be_made_from_nothing(language: str) -> None:
    i18n.locale.set(language)
    everything = [EVERYTHING, *(without_notes(one.document) for one in await shipped.schemes())]
    for wanted in everything:
        assert said(drafts.unfinished.proposed(made(wanted))) == said(wanted)


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_field_that_is_not_touched_leaves_the_document_as_it_is(language: str) -> None:
    i18n.locale.set(language)
    typed = {place: entry.shown for place, entry in Outline(EVERYTHING).entries.items()}
    assert editing.changes(EVERYTHING, typed) == []
    assert editing.applied(EVERYTHING, typed) == EVERYTHING


@settings(max_examples=150, deadline=None)
@given(place=st.sampled_from(sorted(Outline(EVERYTHING).entries)), text=st.text(max_size=40))
def test_what_is_typed_into_any_field_is_shown_again_and_breaks_nothing(place: str, text: str) -> None:
    i18n.locale.set("de")
    document = editing.applied(EVERYTHING, {place: text})
    drafts.unfinished.faults(document)
    drafts.unfinished.shares(document)
    again = Outline(document).entries.get(place)
    if again is not None and again.widget == "text" and not place.endswith("key"):
        assert again.shown == editing.folded(text)
    assert editing.applied(document, {one: entry.shown for one, entry in Outline(document).entries.items()}) == document


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("de", "2,5", 2.5),
        ("de", "2.5", 2.5),
        ("de", "1.500", 1500),
        ("de", "1.500,25", 1500.25),
        ("en", "1,500", 1500),
        ("en", "1.500", 1.5),
        ("en", "2,5", 2.5),
        ("de", "−3", -3),
        ("de", "5,0", 5),
        ("de", "1e3", "1e3"),
        ("de", "viel", "viel"),
        ("de", "1.2.3", "1.2.3"),
        ("de", "0,00000001", "0,00000001"),
    ],
)
def test_numbers_are_read_as_their_readers_write_them(language: str, text: str, value: object) -> None:
    i18n.locale.set(language)
    assert editing.read_number(text) == value


def test_the_lists_of_the_format_can_all_be_added_to() -> None:
    editor = layout.Editor(drafts.Draft(_kept(EVERYTHING)))
    nodes = [node for step in layout.STEPS.values() for node in step.nodes(editor)]
    nodes += [node for index in range(7) for node in layout.criterion(editor, index)]
    found: set[str] = {"criteria"}

    def look(given: list[Any]) -> None:
        for node in given:
            if isinstance(node, Listed):
                found.add(editing.pattern(node.place))
            look([one for item in getattr(node, "entries", []) for one in item.nodes])
            look(getattr(node, "nodes", []))

    look(nodes)
    assert found == {editing.pattern(place) for place in Outline(EVERYTHING).rows}
