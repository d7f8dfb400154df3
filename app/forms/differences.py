"""What differs between two forms, one sentence each: before a file is taken over, and between two versions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from app.forms.parts import Form
from scoring.errors import later

SENTENCES = {
    "form_changed": later("The form is described differently."),
    "section_added": later("The section “%(name)s” is new."),
    "section_removed": later("The section “%(name)s” is gone."),
    "section_moved": later("The section “%(name)s” stands elsewhere."),
    "section_changed": later("The section “%(name)s” reads differently."),
    "question_added": later("The question “%(name)s” is new."),
    "question_removed": later("The question “%(name)s” is gone."),
    "question_moved": later("The question “%(name)s” stands elsewhere."),
    "question_changed": later("The question “%(name)s” is changed."),
    "fact_added": later("The derived number “%(name)s” is new."),
    "fact_removed": later("The derived number “%(name)s” is gone."),
    "fact_changed": later("The derived number “%(name)s” is changed."),
    "limit_added": later("There is a new rule for “%(name)s”."),
    "limit_removed": later("A rule for “%(name)s” is gone."),
    "example_changed": later("The worked examples are changed."),
}
WORDING = re.compile(r"(^|[.\]])(label|help|title|text|say|note|source)(\.|$)")


class Detail(NamedTuple):
    """One thing that is said differently, such as label.de or options[A].label.en; "" where nothing was said."""

    part: str
    before: str
    after: str


class Difference(NamedTuple):
    """What differs: a code of SENTENCES, the key of the section, question or fact, its name, and the details."""

    code: str
    key: str
    name: str
    details: tuple[Detail, ...] = ()

    @property
    def is_wording(self) -> bool:
        """Whether it only reads differently: the same is asked, and the same answers fit."""
        changed = self.code.endswith("_changed")
        return self.code == "example_changed" or (changed and all(WORDING.search(one.part) for one in self.details))


def between(before: Form, after: Form, language: str = "de") -> list[Difference]:
    """Everything that differs, in the order of the form; names are in this language."""
    return list(_all(before, after, language))


def _all(before: Form, after: Form, language: str) -> Iterator[Difference]:
    details = _details(_without(before.document, *LISTS), _without(after.document, *LISTS))
    if details:
        yield Difference("form_changed", after.key, after.title(language), details)
    sections = ({one.key: one for one in form.sections} for form in (before, after))
    names = [{key: one.title(language) for key, one in found.items()} for found in sections]
    yield from _listed("section", *names, *(_sections(form) for form in (before, after)))
    yield from _questions(before, after, language)
    labels = ({key: fact.label(language) for key, fact in form.derived.items()} for form in (before, after))
    facts = ({one["key"]: one for one in _list(form, "facts")} for form in (before, after))
    yield from (one for one in _listed("fact", *labels, *facts) if one.code != "fact_moved")
    yield from _limits(before, after)
    if _list(before, "examples") != _list(after, "examples"):
        yield Difference("example_changed", "", "")


def _questions(before: Form, after: Form, language: str) -> Iterator[Difference]:
    names = ({one.key: one.label(language) for one in form.questions} for form in (before, after))
    homes = [
        {one.key: section.key for section in form.sections for one in section.questions} for form in (before, after)
    ]
    found = list(_listed("question", *names, *(_document(form) for form in (before, after))))
    moved = {one.key for one in found if one.code == "question_moved"}
    for key, home in homes[1].items():
        if homes[0].get(key, home) != home and key not in moved:
            found.append(Difference("question_moved", key, after.by_key[key].label(language)))
    order = {key: place for place, key in enumerate([*homes[1], *homes[0]])}
    yield from sorted(found, key=lambda one: order[one.key])


def _listed(
    what: str, was: Mapping[str, str], now: Mapping[str, str], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    """Things with keys: those that are new, gone, moved among those that stayed, or say something else.

    was, now: their names; before, after: what they say; all in their order.
    """
    stayed = _stayed([key for key in was if key in now], [key for key in now if key in was])
    for key, name in now.items():
        if key not in was:
            yield Difference(f"{what}_added", key, name)
            continue
        if key not in stayed:
            yield Difference(f"{what}_moved", key, name)
        if details := _details(before[key], after[key]):
            yield Difference(f"{what}_changed", key, name, details)
    for key, name in was.items():
        if key not in now:
            yield Difference(f"{what}_removed", key, name)


def _stayed(was: Sequence[str], now: Sequence[str]) -> set[str]:
    """The keys that keep their order among each other."""
    blocks = SequenceMatcher(None, was, now, autojunk=False).get_matching_blocks()
    return {key for block in blocks for key in was[block.a : block.a + block.size]}


def _limits(before: Form, after: Form) -> Iterator[Difference]:
    """Rules have no keys: one that says something else is another."""
    was, now = _list(before, "limits"), _list(after, "limits")
    for code, found, others in (("limit_added", now, was), ("limit_removed", was, now)):
        for one in found:
            if one not in others:
                yield Difference(code, one["fact"], one["fact"], _details({}, one))


def _details(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Detail, ...]:
    was, now = dict(_flat(before)), dict(_flat(after))
    parts = [*now, *(part for part in was if part not in now)]
    return tuple(
        Detail(part, was.get(part, ""), now.get(part, "")) for part in parts if was.get(part, "") != now.get(part, "")
    )


def _flat(given: Any, part: str = "") -> Iterator[tuple[str, str]]:
    """Everything that is said, by where it is said."""
    if isinstance(given, Mapping):
        for key, one in given.items():
            yield from _flat(one, f"{part}.{key}" if part else key)
    elif isinstance(given, list) and given and all(isinstance(one, Mapping) and "key" in one for one in given):
        yield part, ", ".join(str(one["key"]) for one in given)
        for one in given:
            yield from _flat(_without(one, "key"), f"{part}[{one['key']}]")
    elif isinstance(given, list):
        yield part, ", ".join(str(one) for one in given)
    else:
        yield part, "" if given is None else str(given)


LISTS = ("sections", "facts", "limits", "examples")


def _without(given: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: one for key, one in given.items() if key not in keys}


def _list(form: Form, key: str) -> list[Any]:
    return list(form.document.get(key) or [])  # type: ignore[arg-type]


def _sections(form: Form) -> dict[str, Any]:
    return {one["key"]: _without(one, "questions") for one in _list(form, "sections")}


def _document(form: Form) -> dict[str, Any]:
    """What each question says, by key; a key that is a whole number in the file is read as text."""
    return {
        str(one["key"]): _without(one, "key") for section in _list(form, "sections") for one in section["questions"]
    }
