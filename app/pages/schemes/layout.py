"""The editor's pages: which fields of a scheme stand on which step, in which order, as what kind of field."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from app import i18n
from app.domain import reasons
from app.domain.rating_schemes import wording
from app.domain.rating_schemes.drafts import Draft, Problem
from app.domain.rating_schemes.editing import FOR_ORDER, Entry, pattern
from app.i18n import gettext as _
from app.i18n import later
from app.web.nodes import Field, Folded, Item, Listed, Node, Titled, flat, laid

OF_TYPE = {"number": ("min", "max", "field"), "choose_min": ("min", "options")}  # of a gate
NEEDED = ("title_de", "criteria[].label_de", "gates[].label_de", "groups[].label_de", "adjustments[].label_de")
LONG = ("description_de", "description_en")
BY_HAND = "rule_by_hand"
PARTS = ("scale", "levels", "yes_points", "options", "max", "formula", "field", "bands")  # what the types have


class Step(NamedTuple):
    """A step of the editor."""

    key: str
    title: str
    lead: str
    nodes: Callable[["Editor"], list[Node]]
    owns: tuple[str, ...]  # where what is wrong here may lie


class Editor:
    """The fields of one draft, to be picked by their places."""

    def __init__(self, draft: Draft) -> None:
        self.draft, self.entries, self.rows = draft, draft.outline.entries, draft.outline.rows

    def fields(self, *places: str) -> list[Node]:
        """The fields at these places, as far as they are there."""
        return [self.field(self.entries[place]) for place in places if place in self.entries]

    def below(self, part: str, *but: str) -> list[Node]:
        """Every field and list inside a part, but for these."""
        lists = {place for place in self.rows if place.startswith(f"{part}.")}
        held = [
            one
            for one in [*self.entries, *lists]
            if one.startswith(f"{part}.") and not any(_inside(one, f"{part}.{left}") for left in but)
        ]
        own = [one for one in held if one in lists or not any(_inside(one, rows) for rows in lists)]
        own.sort(key=lambda place: (place in lists, 0))
        return [self.listed(one) if one in lists else self.field(self.entries[one]) for one in own]

    def listed(self, place: str, nodes: Callable[[str], list[Node]] | None = None) -> Listed:
        """A list with all its rows."""
        rows, noun = self.rows[place], str(self.rows[place].path[-1])
        inside = nodes or (self.below if rows.holds_parts else self.fields)
        items = [
            Item(here, wording.row(noun, index), inside(here))
            for index, here in enumerate(f"{place}[{index}]" for index in range(rows.number))
        ]
        return Listed(place, wording.list_of(noun), _(ADD[noun]), items)

    def field(self, entry: Entry) -> Field:
        """One field as the template draws it."""
        place, options = entry.place, self.choices(entry)
        widget = "select" if options else "lines" if entry.path[-1] in LONG else entry.widget
        return Field(
            place,
            widget,
            f"{wording.label(place)}: {self.named(str(entry.path[-1]))}" if _for_order(place) else wording.label(place),
            "" if _for_order(place) else wording.hint(place),
            options,
            list(reasons.FIELDS) if entry.path[-1] == "field" else [],
            entry.path[-1] == "type",
            entry.kind.required or pattern(place) in NEEDED,
        )

    def choices(self, entry: Entry) -> list[tuple[str, str]]:
        """What can be chosen in a field; nothing where it is typed."""
        place = pattern(entry.place)
        if entry.widget == "select":
            return wording.options(entry)
        if place == "criteria[].group":
            groups = [(key, name) for key, name in self.names("groups")]
            return _with(entry.shown, [("", _("none")), *groups]) if groups or entry.shown else []
        if place == "ranking.tie_breakers[]":
            return _with(entry.shown, self.rules())
        return []

    def rules(self) -> list[tuple[str, str]]:
        """The rules that can decide a tie, in words."""
        facts = {str(self.entries[place].shown) for place in self.entries if place.endswith("field")} - {""}
        figures = [f"{which}:{fact}" for fact in dict.fromkeys([*reasons.FIELDS, *sorted(facts)]) for which in HIGHER]
        named = dict([*self.names("criteria"), *self.names("groups")])
        found = [("", _("please choose"))]
        found += [(key, _("more points: %(name)s") % {"name": name}) for key, name in named.items()]
        return found + [(rule, reasons.rule(rule, named)) for rule in [*figures, "committee", "lot"]]

    def names(self, noun: str) -> list[tuple[str, str]]:
        """Keys and names of the rows of a list."""
        at = range(self.rows[noun].number)
        shown = [(self.entries[f"{noun}[{i}].key"].shown, self.entries[f"{noun}[{i}].label_de"].shown) for i in at]
        return [(key, name or key) for key, name in shown if key]

    def named(self, key: str) -> str:
        """The name of a criterion."""
        return dict(self.names("criteria")).get(key, key)

    def folded(self, title: str, nodes: list[Node]) -> Folded:
        """Fields that few need, open where one of them says something."""
        said = any(
            self.entries[one.name].shown for one in flat(nodes) if one.name in self.entries and one.kind != "select"
        )
        return Folded(title, nodes, said)


def _with(shown: str, options: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return options if shown in {key for key, _words in options} else [*options, (shown, shown)]


def _inside(place: str, part: str) -> bool:
    return place == part or place.startswith((f"{part}.", f"{part}["))


def _for_order(place: str) -> bool:
    return place.startswith(FOR_ORDER)


HIGHER = ("lower", "higher")
ADD = {
    "groups": later("Add a group"),
    "gates": later("Add a condition"),
    "adjustments": later("Add a bonus or malus"),
    "examples": later("Add a worked example"),
    "levels": later("Add a level"),
    "options": later("Add an item"),
    "bands": later("Add a band"),
    "tie_breakers": later("Add a rule"),
}


# ── the steps ──────────────────────────────────────────────────────────────────────────────────


def _name(editor: Editor) -> list[Node]:
    more = editor.fields("key", "jurisdiction", "context")
    return [*editor.fields("title_de", "title_en"), Folded(_("More about the scheme"), more, False)]


def _criteria(editor: Editor) -> list[Node]:
    return [*editor.fields("aggregation.total"), editor.folded(_("Check of the sum"), editor.fields("total.max"))]


def _groups(editor: Editor) -> list[Node]:
    return [editor.listed("groups", lambda place: _with_key(editor, place))]


def _with_key(editor: Editor, place: str, *but: str) -> list[Node]:
    """What stands in a row; its short name, which few need, folded at the end."""
    return [
        *editor.below(place, "key", *but),
        Folded(wording.label(f"{place}.key"), editor.fields(f"{place}.key"), False),
    ]


def _scale(editor: Editor) -> list[Node]:
    return editor.fields("scale_labels_de", "scale_labels_en", "comment_required.values")


def _minima(editor: Editor) -> list[Node]:
    found: list[Node] = [
        Titled(_("In all"), editor.fields("pass_rule.min_total", "pass_rule.min_percent", "pass_rule.op")),
    ]
    for noun, ends in (("groups", ("min_points",)), ("criteria", ("threshold.min", "threshold.op"))):
        for index in range(editor.rows[noun].number):
            name = name_of(editor.entries, noun, index)
            found.append(Titled(name, editor.fields(*(f"{noun}[{index}].{end}" for end in ends))))
    if editor.rows["groups"].number:
        found.append(editor.folded(_("More about minima"), editor.fields("pass_rule.blocks")))
    return found


def _gates(editor: Editor) -> list[Node]:
    def inside(place: str) -> list[Node]:
        own = OF_TYPE.get(editor.entries[f"{place}.type"].shown, ())
        given = [one for one in ("min", "max", "field") if editor.entries[f"{place}.{one}"].shown]
        given += ["options"] if editor.rows[f"{place}.options"].number else []
        return _with_key(editor, place, *(one for one in _all_of(OF_TYPE) if one not in (*own, *given)))

    return [editor.listed("gates", inside)]


def _all_of(of_type: Mapping[str, tuple[str, ...]]) -> set[str]:
    return {one for own in of_type.values() for one in own}


def _raters(editor: Editor) -> list[Node]:
    rounding = [f"aggregation.rounding.{one}" for one in ("decimals", "mode", "when")]
    return [
        *editor.fields("aggregation.across_raters", "aggregation.min_valid_ratings", "aggregation.missing"),
        Titled(_("Rounding"), editor.fields(*rounding)),
    ]


def _adjustments(editor: Editor) -> list[Node]:
    return [editor.listed("adjustments", lambda place: _with_key(editor, place))]


def _ranking(editor: Editor) -> list[Node]:
    weights = [place for place in editor.entries if _for_order(place)]
    by_hand = Field(
        BY_HAND, "text", _("Another criterion, decided by hand"), _("Type it, then add the rule."), [], [], False, False
    )
    return [
        *editor.fields("ranking.order", "ranking.scope"),
        editor.listed("ranking.tie_breakers"),
        Folded(_("A rule of your own"), [by_hand], False),
        *editor.fields("ranking.reserve_list"),
        editor.folded(_("Other weights for the order"), editor.fields(*weights)),
    ]


def _examples(editor: Editor) -> list[Node]:
    return [editor.listed("examples")]


STEPS = {
    step.key: step
    for step in (
        Step("name", later("Name"), later("What the scheme is called."), _name, ("title", "key", "schema", "context")),
        Step(
            "criteria",
            later("Criteria and weights"),
            later("What is rated, and how much each criterion weighs."),
            _criteria,
            ("criteria", "aggregation.total", "total"),
        ),
        Step(
            "groups",
            later("Groups"),
            later("Blocks of criteria with a minimum of their own. Many schemes have none."),
            _groups,
            ("groups",),
        ),
        Step(
            "scale",
            later("Scale"),
            later("What the marks mean, and which of them need a written reason."),
            _scale,
            ("scale_labels_de", "scale_labels_en", "comment_required"),
        ),
        Step(
            "minima",
            later("Minima"),
            later("What a proposal must reach at least: in all, in each group, in each criterion."),
            _minima,
            ("pass_rule",),
        ),
        Step(
            "gates",
            later("Formal conditions"),
            later("The office checks them before the committee rates."),
            _gates,
            ("gates",),
        ),
        Step(
            "raters",
            later("Members and rounding"),
            later("How the marks of several members become one total."),
            _raters,
            ("aggregation",),
        ),
        Step(
            "adjustments",
            later("Bonus and malus"),
            later("Points that are added or taken off after the sum. Many schemes have none."),
            _adjustments,
            ("adjustments",),
        ),
        Step(
            "ranking",
            later("Order and ties"),
            later("How the list is ordered, who goes first at equal points, and the reserve list."),
            _ranking,
            ("ranking",),
        ),
        Step(
            "examples",
            later("Worked examples"),
            later("Marks and the total that must come out: they prove the scheme before it is used."),
            _examples,
            ("examples",),
        ),
    )
}


def criterion(editor: Editor, index: int) -> list[Node]:
    """The page of one criterion: everything that it can say."""
    here = f"criteria[{index}]"
    shares = [f"{here}.{one}" for one in ("weight_percent", "weight")]
    grouped = [f"{here}.group"] if editor.choices(editor.entries[f"{here}.group"]) else []
    total = editor.entries["aggregation.total"].shown
    right = {"weighted_percent": shares[:1], "weighted_sum": shares[1:], "count": []}.get(total, shares)
    given = [one for one in shares if one in right or editor.entries[one].shown]
    own = [node for node in editor.below(here) if node_place(node).removeprefix(f"{here}.").startswith(PARTS)]
    more = ("comment_required.values", "direction", "effect", "weight_band.min", "weight_band.max", "key")
    return [
        *editor.fields(f"{here}.label_de", f"{here}.label_en", *grouped),
        *editor.fields(f"{here}.description_de", f"{here}.description_en"),
        *editor.fields(f"{here}.type"),
        Titled(_("Its marks"), own),
        Titled(_("Weight and minimum"), editor.fields(*given, f"{here}.threshold.min", f"{here}.threshold.op")),
        *editor.fields(f"{here}.optional", f"{here}.reason_required"),
        Folded(_("More about this criterion"), editor.fields(*(f"{here}.{one}" for one in more)), False),
    ]


def rows_of_criteria(editor: Editor) -> list[Item]:
    """The criteria as the step of the weights shows them: name and weight."""
    total = editor.entries["aggregation.total"].shown
    right = {"weighted_percent": ("weight_percent",), "weighted_sum": ("weight",), "count": ()}
    found = []
    for index in range(editor.rows["criteria"].number):
        here = f"criteria[{index}]"
        shares = [one for one in ("weight_percent", "weight") if editor.entries[f"{here}.{one}"].shown]
        wanted = right.get(total, ("weight_percent",))
        places = [f"{here}.{one}" for one in ("label_de", *dict.fromkeys([*wanted, *shares]))]
        found.append(Item(here, name_of(editor.entries, "criteria", index), laid(editor.fields(*places))))
    return found


def name_of(entries: Mapping[str, Entry], noun: str, index: int) -> str:
    """The name of a row in the reader's language, else the German one and marked as such, else its number."""
    own = entries[f"{noun}[{index}].label_{i18n.locale.get()}"].shown
    return own or i18n.german(entries[f"{noun}[{index}].label_de"].shown) or wording.row(noun, index)


def node_place(node: Node) -> str:
    """The place of a field or a list."""
    return node.name if isinstance(node, Field) else node.place if isinstance(node, Listed) else ""


def of_step(problems: Iterable[Problem], key: str) -> list[Problem]:
    """What is wrong on a step."""
    return [one for one in problems if step_of(one.place) == key]


def step_of(place: str) -> str:
    """The step on which a fault can be mended."""
    if place.startswith(("aggregation.total", "total")):
        return "criteria"
    if ".threshold" in place:
        return "minima"
    return next((key for key, step in STEPS.items() if place and place.startswith(step.owns)), "name")


def address(draft: int, place: str) -> str:
    """Where a place of a draft can be mended."""
    if place.startswith("criteria["):
        return f"/schemes/{draft}/criteria/{int(place[9 : place.index(']')]) + 1}#{place}"
    return f"/schemes/{draft}/steps/{step_of(place)}#{place}"


def by_step(draft: Draft) -> dict[str, list[Problem]]:
    """What is wrong, by step."""
    found: dict[str, list[Problem]] = {key: [] for key in STEPS}
    for one in draft.problems:
        found[step_of(one.place)].append(one)
    return found


def values(editor: Editor) -> dict[str, Any]:
    """What every field shows."""
    return {place: entry.shown for place, entry in editor.entries.items()}
