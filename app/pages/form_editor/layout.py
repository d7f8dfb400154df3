"""The editor's pages: which fields of a form stand on which page, in which order, as what kind of field."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from app import i18n
from app.domain.form_drafts import fields, references, rows, standard, wording
from app.domain.form_drafts.drafts import Draft, Problem
from app.domain.form_drafts.fields import LANGUAGES, Outline
from app.domain.rating_schemes.editing import Entry, Path, place_of
from app.forms.kinds import OrOfCall
from app.forms.parts import COMMITTEE, OFFICE, PUBLIC
from app.i18n import gettext as _
from app.i18n import later
from app.web.nodes import Field, Folded, Item, Node, Titled, flat
from app.web.nodes import Listed as Rows

OF_EVERY_QUESTION = ("key", "type", "label", "help", "required", "role", "criteria", "seen_by", "identifies", "when")
LISTS = {
    "options": (later("Options"), later("Add an option")),
    "columns": (later("Columns"), later("Add a column")),
    "costs": (later("Costs"), later("Add a cost")),
    "sources": (later("Sources of money"), later("Add a source")),
    "types": (later("Kinds of sites"), later("Add a kind")),
    "regions": (later("Regions"), later("Add a region")),
    "roles": (later("Roles of partners"), later("Add a role")),
    "functions": (later("Functions"), later("Add a function")),
    "kinds": (later("Kinds of targets"), later("Add a kind")),
    "units": (later("Units"), later("Add a unit")),
    "facts": (later("Derived numbers"), later("Add a derived number")),
    "limits": (later("Rules"), later("Add a rule")),
    "examples": (later("Worked examples"), later("Add a worked example")),
}
UNNAMED = ("facts", "limits", "examples")
CHOSEN = ("choice", "choices")
SURE = ("yes_no", "declaration")
NUMBERS = ("integer", "decimal", "money", "percent")
OF_CALL = wording.of_call(
    ("deadline", "earliest_start", "max_grant_per_place_month", "min_places", "months_max", "overhead_percent_max")
)


class Editor:
    """The fields of one part of a draft, to be picked by their places."""

    def __init__(self, draft: Draft, *parts: str, criteria: Mapping[str, str] | None = None) -> None:
        self.draft, self.part, self.criteria = draft, parts[0], criteria or {}
        outlines = [Outline(draft.document, rows.path_of(part)) for part in parts]
        self.entries = {place: entry for one in outlines for place, entry in one.entries.items()}
        self.rows = {place: listed for one in outlines for place, listed in one.rows.items()}

    def fields(self, *places: str) -> list[Node]:
        """The fields at these places, as far as they are there; a text by language is one in each."""
        each = [one for place in places for one in (place, *(f"{place}.{language}" for language in LANGUAGES))]
        return [self.field(self.entries[one]) for one in each if one in self.entries]

    def below(self, part: str, *but: str) -> list[Node]:
        """Every field and list inside a part, but for these; lists come last."""
        inside = [one for one in (*self.entries, *self.rows) if one.startswith(f"{part}.")]
        inside = [one for one in inside if not any(_lies(one, f"{part}.{left}") for left in but)]
        lists = [one for one in inside if one in self.rows]
        own = [one for one in inside if not any(_lies(one, each) for each in lists)]
        outer = [one for one in lists if not any(one != each and _lies(one, each) for each in lists)]
        return [*(self.field(self.entries[one]) for one in own), *(self.listed(one) for one in outer)]

    def listed(self, place: str, inside: Callable[[str], list[Node]] | None = None) -> Rows:
        """A list with all its rows."""
        noun, number = str(self.rows[place].path[-1]), self.rows[place].number
        places = [f"{place}[{index}]" for index in range(number)]
        items = [
            Item(here, self.named(here, noun, index), (inside or self.row)(here)) for index, here in enumerate(places)
        ]
        names = "" if noun in UNNAMED else _("Several at once")
        return Rows(
            place, _(LISTS[noun][0]), _(LISTS[noun][1]), items, names, noun in ("columns", "limits", "examples")
        )

    def row(self, place: str) -> list[Node]:
        """What stands in a row; its short name, which few need, folded at the end."""
        key = self.fields(f"{place}.key")
        return [*self.below(place, "key"), *([Folded(_("Short name"), key, False)] if key else [])]

    def named(self, place: str, noun: str, index: int) -> str:
        """What a row is called: Option 2 (Construction)."""
        texts = (self.entries.get(f"{place}.label.{language}") for language in (i18n.locale.get(), *LANGUAGES))
        name = next((one.shown for one in texts if one and one.shown), "")
        return f"{wording.row(noun, index)} ({name})" if name else wording.row(noun, index)

    def field(self, entry: Entry) -> Field:
        """One field as the template draws it."""
        place, options = entry.place, self.choices(entry)
        return Field(
            place,
            self.widget(entry, options),
            wording.label(place),
            wording.hint(place),
            options,
            OF_CALL if isinstance(entry.kind, OrOfCall) else [],
            entry.path[-1] == "type" or entry.path[-2:] == ("when", "question"),
            False,
        )

    def widget(self, entry: Entry, options: list[tuple[str, str]]) -> str:
        """How people fill a field in."""
        found = fields.widget(entry)
        if found == "several":
            return "checks" if options else "lines"
        return "select" if options else found

    def choices(self, entry: Entry) -> list[tuple[str, str]]:
        """What can be chosen in a field; nothing where it is typed."""
        if fields.widget(entry) == "select":
            return wording.options(entry)
        offered = self._offered(entry)
        known = {one for one, _words in offered}
        missing = [one for one in entry.shown.splitlines() if one not in known]
        if not offered:
            return []
        empty = [] if fields.widget(entry) == "several" else [("", "–")]
        return [*empty, *offered, *((one, one) for one in missing)]

    def _offered(self, entry: Entry) -> list[tuple[str, str]]:
        key, inside = str(entry.path[-1]), entry.path[-2:-1]
        if key == "seen_by":
            return [(one, wording.words("seen_by")[one]) for one in (OFFICE, COMMITTEE, PUBLIC)]
        if key == "accept":
            return [(one, one.upper()) for one in entry.kind.default]
        if key == "criteria":
            return list(self.criteria.items())
        if key == "question" and inside == ("when",):
            return self._earlier()
        if key in ("is", "in") and inside == ("when",):
            return self._answers()
        if key in ("overhead", "sums"):
            return self._beside(entry, "costs" if key == "overhead" else "columns")
        return list(self.facts.items()) if key in ("fact", "of", "sum", "per") else []

    @cached_property
    def facts(self) -> dict[str, str]:
        """Every number of the form in words."""
        return wording.fact_names(self.draft.form, i18n.locale.get())

    def _earlier(self) -> list[tuple[str, str]]:
        """The questions before this one, which its condition can look at."""
        found: list[tuple[str, str]] = []
        for path in rows.paths(self.draft.document):
            if place_of(path) == self.part:
                break
            one = self.draft.part(path)
            if isinstance(one, dict) and one.get("key") and one.get("type") != "note":
                found.append((str(one["key"]), name_of(one)))
        return found

    def _answers(self) -> list[tuple[str, str]]:
        """The answers that a condition can compare with, where they can be chosen."""
        when = self.draft.part(rows.path_of(self.part)).get("when")
        asked = str(when.get("question")) if isinstance(when, dict) else ""
        other = next((one for one in references.questions(self.draft.document) if str(one.get("key")) == asked), {})
        if other.get("type") in SURE:
            return [("true", _("yes")), ("false", _("no"))]
        if other.get("type") not in CHOSEN:
            return []
        return _named(other.get("options")) + ([("other", _("own words"))] if other.get("other") else [])

    def _beside(self, entry: Entry, noun: str) -> list[tuple[str, str]]:
        holder = self.draft.part(entry.path[:-1])
        listed = holder.get(noun) or []
        if noun == "columns":
            listed = [one for one in listed if isinstance(one, dict) and one.get("type") in NUMBERS]
        return _named(listed)

    def folded(self, title: str, nodes: list[Node]) -> Folded:
        """Fields that few need, open where one of them says something."""
        said = any(self.entries[one.name].shown for one in flat(nodes) if one.name in self.entries)
        return Folded(title, nodes, said)

    def values(self, nodes: Iterable[Node]) -> dict[str, Any]:
        """What every field shows."""
        listed = list(flat(nodes))
        shown = {one.name: self.entries[one.name].shown for one in listed if one.name in self.entries}
        several = {one.name for one in listed if one.kind == "checks"}
        return {name: text.splitlines() if name in several else text for name, text in shown.items()}


def _lies(place: str, part: str) -> bool:
    return place == part or place.startswith((f"{part}.", f"{part}["))


def name_of(given: Any) -> str:
    """The wording of a section, a question or an option in the reader's language, else in any, else its key."""
    if not isinstance(given, dict):
        return str(given)
    texts = given.get("label") or given.get("title")
    texts = texts if isinstance(texts, dict) else {}
    found = [texts.get(language) for language in (i18n.locale.get(), *LANGUAGES)]
    return next((str(one) for one in found if one), str(given.get("key") or ""))


def _named(given: Any) -> list[tuple[str, str]]:
    listed = given if isinstance(given, list) else []
    keys = [(str(one.get("key") or "") if isinstance(one, dict) else str(one), name_of(one)) for one in listed]
    return [(key, name) for key, name in keys if key]


# ── the pages ──────────────────────────────────────────────────────────────────────────────────


def question(editor: Editor) -> list[Node]:
    """Everything that a question can say."""
    here = editor.part
    is_note = editor.entries[f"{here}.type"].shown == "note"
    own = editor.below(here, *OF_EVERY_QUESTION)
    more = editor.fields(f"{here}.criteria", f"{here}.seen_by", f"{here}.identifies", f"{here}.role")
    when = editor.fields(*(f"{here}.when.{one}" for one in ("question", "is", "in", "answered")))
    needed = [] if is_note and not editor.entries[f"{here}.required"].shown else editor.fields(f"{here}.required")
    asked = bool(editor.entries[f"{here}.when.question"].shown)
    return [
        *editor.fields(f"{here}.label", f"{here}.type", f"{here}.help"),
        *needed,
        Titled(_("The answer"), own),
        Folded(_("Asked only under a condition"), when, asked),
        Folded(_("Committee, who sees it, and what it is used for"), more, False),
        Folded(_("Short name"), editor.fields(f"{here}.key"), False),
    ]


def section(editor: Editor) -> list[Node]:
    """The words of a section."""
    here = editor.part
    return [
        *editor.fields(f"{here}.title", f"{here}.help"),
        Folded(_("Short name"), editor.fields(f"{here}.key"), False),
    ]


def title(editor: Editor) -> list[Node]:
    """What the form is called."""
    return [*editor.fields("title"), Folded(_("Short name"), editor.fields("key"), False)]


def numbers(editor: Editor) -> list[Node]:
    """Derived numbers and rules, each with its sentence."""

    def fact(place: str) -> list[Node]:
        made = editor.fields(*(f"{place}.{one}" for one in ("sum", "of", "per")))
        key = Folded(_("Short name"), editor.fields(f"{place}.key"), False)
        known = bool(sentence(editor, place))
        return [
            *editor.fields(f"{place}.label", f"{place}.unit"),
            Folded(_("How it is computed"), made, not known),
            key,
        ]

    def limit(place: str) -> list[Node]:
        parted = [one for one in wording.COMPARED if one.count("_") > 1]
        return [
            *editor.fields(f"{place}.fact", f"{place}.at_most", f"{place}.at_least"),
            editor.folded(
                _("Measured by another number"), editor.fields(*(f"{place}.{one}" for one in ("of", *parted)))
            ),
            Folded(_("If it is broken"), editor.fields(f"{place}.kind", f"{place}.say"), False),
        ]

    return [
        _with_sentences(editor, editor.listed("facts", fact)),
        _with_sentences(editor, editor.listed("limits", limit)),
    ]


def _with_sentences(editor: Editor, listed: Rows) -> Rows:
    """The list whose rows are called by what they say."""
    said = [sentence(editor, one.place) for one in listed.entries]
    entries = [
        one._replace(title=f"{wording.row(listed.place, index)}: {text}") if text else one
        for index, (one, text) in enumerate(zip(listed.entries, said, strict=True))
    ]
    return listed._replace(entries=entries)


def sentence(editor: Editor, place: str) -> str:
    """What a derived number is, or what a rule asks; nothing where that cannot be said yet."""
    form = editor.draft.form
    if place.startswith("limits"):
        return "; ".join(wording.limit_of(editor.draft.part(rows.path_of(place)), form, editor.facts))
    found = form.derived.get(editor.entries[f"{place}.key"].shown)
    return f"{editor.facts[found.key]} = {wording.fact_sentence(found, editor.facts)}" if found else ""


def ready(editor: Editor) -> list[tuple[str, str]]:
    """Numbers and rules that this form could have, each with what takes it and its sentence."""
    form, language = editor.draft.form, i18n.locale.get()
    names = wording.fact_names(standard.blocks(), language) | editor.facts
    found = [
        (f"ready facts {one.key}", f"{one.label(language)} = {wording.fact_sentence(one, names)}")
        for one in standard.ready_facts(form)
    ]
    return found + [
        (f"ready limits {number}", "; ".join(wording.limit_sentences(one, form, names)))
        for number, one in standard.ready_limits(form)
    ]


def examples(editor: Editor) -> list[Node]:
    """Worked examples."""
    return [editor.listed("examples")]


# ── what is wrong where ────────────────────────────────────────────────────────────────────────


def field_of(place: str, entries: Mapping[str, Any]) -> str:
    """The field at a place, or the one that holds it; empty where there is none."""
    while place:
        for one in (place, f"{place}.de"):
            if one in entries:
                return one
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return ""


def address(draft: Draft, place: str) -> str:
    """Where a place of a draft can be mended."""
    base, path = f"/forms/{draft.kept.id}", rows.path_of(place)
    if path[:1] == ("sections",) and path[2:3] == ("questions",) and len(path) > 3:
        at = rows.paths(draft.document)
        number = at.index(path[:4]) + 1 if path[:4] in at else 0
        return f"{base}/questions/{number}#{place}" if number else base
    if path[:1] == ("sections",) and len(path) > 1 and path[2:3] != ("questions",):
        return f"{base}/sections/{int(path[1]) + 1}#{place}"
    pages = {"facts": "numbers", "limits": "numbers", "examples": "examples", "title": "title", "key": "title"}
    return f"{base}/parts/{pages[str(path[0])]}#{place}" if path and path[0] in pages else base


def inside(problems: Iterable[Problem], *parts: str) -> list[Problem]:
    """The problems inside these parts."""
    return [one for one in problems if any(_lies(one.place, part) for part in parts)]


def where(draft: Draft, place: str) -> str:
    """Where a fault lies, as people read it."""
    path = rows.path_of(place)
    names = []
    if path[:1] == ("sections",) and len(path) > 1:
        depth = 4 if path[2:3] == ("questions",) and len(path) > 3 else 2
        names.append(_name_at(draft, path[:depth]))
    names += [wording.where(place)] if wording.where(place) else []
    known = wording.label(place)
    if known != place and not place.endswith("]"):
        names.append(known)
    return ": ".join(names) or _("Form")


def _name_at(draft: Draft, path: Path) -> str:
    return name_of(draft.part(path)) or wording.row(str(path[-2]), int(path[-1]))
