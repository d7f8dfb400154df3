"""What people call the keys of a rating scheme and their values: label, help, and the words of each choice."""

import re
from collections.abc import Mapping
from typing import Any

from app.domain.rating_schemes.editing import Entry, pattern
from app.i18n import gettext as _
from app.i18n import later
from scoring.scheme.grammar import Flag, OneOf

GERMAN, ENGLISH = later("Name (German)"), later("Name (English)")
KEY = later("Short name")
LABELS = {  # by the place in any row; where there is none, by its end
    "key": KEY,
    "label_de": GERMAN,
    "label_en": ENGLISH,
    "title_de": later("Title (German)"),
    "title_en": later("Title (English)"),
    "jurisdiction": later("Where it applies"),
    "context": later("What it is used for"),
    "gates[].label_de": later("Condition (German)"),
    "gates[].label_en": later("Condition (English)"),
    "gates[].type": later("How it is checked"),
    "gates[].ko": later("Who does not meet it is not rated"),
    "gates[].curable": later("Can be supplied later"),
    "gates[].field": later("Number of the proposal"),
    "gates[].min": later("At least"),
    "gates[].max": later("At most"),
    "gates[].options[].label_de": later("Item (German)"),
    "gates[].options[].label_en": later("Item (English)"),
    "gates[].options[].points": later("Points (without effect here)"),
    "groups[].min_points": later("Minimum points"),
    "groups[].max_points": later("Maximum points (to check)"),
    "groups[].weight_percent": later("Share of the total in percent (to check)"),
    "criteria[].label_de": later("Criterion (German)"),
    "criteria[].label_en": later("Criterion (English)"),
    "criteria[].description_de": later("Help beside the mark (German)"),
    "criteria[].description_en": later("Help beside the mark (English)"),
    "criteria[].group": later("Group"),
    "criteria[].type": later("How it is rated"),
    "criteria[].scale.min": later("Lowest mark"),
    "criteria[].scale.max": later("Highest mark"),
    "criteria[].scale.step": later("Step"),
    "criteria[].levels[].points": later("Points"),
    "criteria[].levels[].label_de": later("Wording (German)"),
    "criteria[].levels[].label_en": later("Wording (English)"),
    "criteria[].yes_points": later("Points for yes"),
    "criteria[].options[].label_de": later("Item (German)"),
    "criteria[].options[].label_en": later("Item (English)"),
    "criteria[].options[].points": later("Points"),
    "criteria[].max": later("Most points"),
    "criteria[].formula.kind": later("Formula"),
    "criteria[].formula.expr": later("Formula as it was published"),
    "criteria[].formula.field": later("Number of the proposal"),
    "criteria[].field": later("Number of the proposal"),
    "criteria[].bands[].up_to": later("Up to"),
    "criteria[].bands[].points": later("Points"),
    "criteria[].weight": later("Weight (factor)"),
    "criteria[].weight_percent": later("Weight in percent"),
    "criteria[].weight_band.min": later("The weight may be from"),
    "criteria[].weight_band.max": later("to"),
    "criteria[].threshold.min": later("Minimum mark"),
    "criteria[].threshold.op": later("The minimum is met"),
    "criteria[].optional": later("May be left out"),
    "criteria[].direction": later("Which marks are good"),
    "criteria[].effect": later("What the points change beyond the rank"),
    "criteria[].reason_required": later("Every mark needs a written reason"),
    "criteria[].comment_required.values": later("Marks that need a written reason"),
    "adjustments[].kind": later("Kind"),
    "adjustments[].allowed": later("Amounts that may be given"),
    "aggregation.across_raters": later("The marks of several members become one by"),
    "aggregation.total": later("How the total is made"),
    "aggregation.min_valid_ratings": later("Valid ratings needed for each proposal"),
    "aggregation.missing": later("A sheet with missing marks"),
    "aggregation.rounding.decimals": later("Decimals of the total"),
    "aggregation.rounding.mode": later("A five at the end is rounded"),
    "aggregation.rounding.when": later("The order follows"),
    "comment_required.values": later("Marks that need a written reason, of any criterion"),
    "scale_labels_de": later("Wording of the marks (German)"),
    "scale_labels_en": later("Wording of the marks (English)"),
    "total.max": later("Maximum points (to check)"),
    "pass_rule.min_total": later("Minimum of the total in points"),
    "pass_rule.min_percent": later("Minimum of the total in percent"),
    "pass_rule.op": later("The minimum is met"),
    "pass_rule.blocks": later("Minima of groups"),
    "ranking.order": later("Order"),
    "ranking.scope": later("One ranking for each"),
    "ranking.tie_breakers[]": later("Rule"),
    "ranking.weights_for_ranking.*": later("Weight for the order only"),
    "ranking.reserve_list": later("Places on the reserve list"),
    "examples[].name": later("What it shows"),
    "examples[].input": later("What is entered"),
    "examples[].expect": later("What must come out"),
}
LINES = later("One a line: the short name, a colon, the value.")
HINTS = {
    "key": later("Names it in files and worked examples; nobody else needs it."),
    "context": later("For instance: grant, procurement."),
    "jurisdiction": later("For instance: DE-SH."),
    "gates[].field": later("As the proposal form calls it, such as places. Empty: the short name of the condition."),
    "groups[].max_points": later("Leave it empty, or the check compares it with what its criteria reach."),
    "groups[].weight_percent": later("Leave it empty, or the check compares it with what its criteria weigh."),
    "total.max": later("Leave it empty, or the check compares it with what the criteria reach."),
    "criteria[].max": later("Empty: what can be reached."),
    "criteria[].formula.field": later("As the proposal form calls it, such as grant_per_place_month."),
    "criteria[].field": later("As the proposal form calls it, such as grant_per_place_month."),
    "criteria[].formula.expr": later("Only for reading; the formula chosen above is what counts."),
    "criteria[].threshold.min": later("Of the mark before it is weighted, in the mean over the members."),
    "criteria[].weight": later("The mark times this factor is added to the total. Empty: 1."),
    "criteria[].effect": later("One a line, such as: at_points: 5. It is shown beside the result."),
    "criteria[].comment_required.values": later("Separate them by a semicolon: 0; 5."),
    "comment_required.values": later("Separate them by a semicolon: 0; 1; 5."),
    "adjustments[].allowed": later("Separate them by a semicolon: 0; 10; 20."),
    "scale_labels_de": later("One a line: the mark, a colon, its wording. 2-3 stands for all marks from 2 to 3."),
    "scale_labels_en": later("As in German."),
    "ranking.scope": later("Each lot or topic has its own ranking and its own line."),
    "ranking.reserve_list": later("Empty: all that passed and found no place. 0: no reserve list."),
    "ranking.weights_for_ranking.*": later("Empty: its usual weight. It never acts on minima."),
    "examples[].input": LINES,
    "examples[].expect": later("One a line: total, passed (yes or no), failed, not_rated or error."),
}
ENOUGH, MORE = later("when it is reached"), later("only when it is exceeded")
WORDS = {
    "type": {
        "scale": later("marks of a scale"),
        "levels": later("fixed levels, each with its wording"),
        "yesno": later("yes or no"),
        "checklist": later("list of items that are ticked"),
        "points": later("points, given directly"),
        "computed": later("computed by a formula from a number of the proposal"),
        "bands": later("computed by bands of a number of the proposal"),
    },
    "gates[].type": {
        "yesno": later("by a person: yes or no"),
        "number": later("by a number of the proposal"),
        "choose_min": later("by a list of which so many must apply"),
    },
    "kind": {"bonus": later("bonus"), "malus": later("malus")},
    "formula.kind": {
        "ratio": later("most points x lowest number / own number"),
        "one_sided": later("most points x (2 - own number / lowest number), never below 0"),
    },
    "op": {">=": ENOUGH, ">": MORE},
    "direction": {"high": later("high marks"), "low": later("low marks")},
    "across_raters": {
        "mean": later("their mean"),
        "median": later("their median"),
        "consensus": later("agreement in the meeting"),
        "sum": later("their sum"),
        "drop_one": later("their mean without the highest and the lowest (from five on)"),
        "unspecified": later("not said: their mean"),
    },
    "total": {
        "weighted_sum": later("points: each mark times its factor, added up"),
        "weighted_percent": later("percent: each mark as a share of its maximum, times its weight in percent"),
        "count": later("count: how many criteria are met"),
    },
    "missing": {
        "use_given": later("counts with the marks that are given"),
        "drop_sheet": later("does not count"),
        "refuse": later("stops the ranking until it is complete"),
    },
    "mode": {"half_up": later("up"), "half_even": later("to the even number")},
    "when": {"display": later("the exact totals"), "rank": later("the rounded totals")},
    "order": {"desc": later("the most points first"), "none": later("no order: only passed or not")},
    "scope": {"lot": later("lot"), "core_topic": later("core topic")},
    "blocks": {"all": later("every group must reach its minimum")},
}
NOTHING = {
    "criteria[].type": later("please choose"),
    "criteria[].formula.kind": later("please choose"),
    "adjustments[].kind": later("please choose"),
    "aggregation.total": later("as the weights are given"),
    "ranking.scope": later("no: one ranking for all"),
    "pass_rule.blocks": later("not said (a minimum that is stated always binds)"),
}
LISTS = {
    "criteria": later("Criteria"),
    "groups": later("Groups"),
    "gates": later("Conditions"),
    "adjustments": later("Bonus and malus"),
    "examples": later("Worked examples"),
    "levels": later("Levels"),
    "options": later("Items"),
    "bands": later("Bands"),
    "tie_breakers": later("Ties are decided by, in this order"),
}
SECTIONS = {
    "criteria": later("Criterion %(number)s"),
    "groups": later("Group %(number)s"),
    "gates": later("Condition %(number)s"),
    "adjustments": later("Bonus or malus %(number)s"),
    "examples": later("Worked example %(number)s"),
    "levels": later("Level %(number)s"),
    "options": later("Item %(number)s"),
    "bands": later("Band %(number)s"),
    "tie_breakers": later("Rule %(number)s"),
}


def label(place: str) -> str:
    """What people call the field at a place, in their language."""
    return _(str(_ending(LABELS, place) or place))


def hint(place: str) -> str:
    """The help for a field; nothing where it needs none."""
    found = _ending(HINTS, place)
    return _(str(found)) if found else ""


def row(noun: str, index: int) -> str:
    """What people call a row of a list: Level 2."""
    return _(SECTIONS[noun]) % {"number": index + 1}


def list_of(noun: str) -> str:
    """What people call a list: Levels."""
    return _(LISTS[noun])


def options(entry: Entry) -> list[tuple[str, str]]:
    """The choices of a field with their words; one that stands in the draft and is not offered is among them."""
    assert isinstance(entry.kind, OneOf)
    said: Mapping[str, str] = _ending(WORDS, entry.place) or {}
    found = [(one, _(said[one])) for one in entry.kind.allowed]
    empty = _ending(NOTHING, entry.place)
    if empty:
        found.insert(0, ("", _(str(empty))))
    known = {one for one, _words in found}
    return found if entry.shown in known else [*found, (entry.shown, entry.shown)]


def value(entry: Entry, text: str) -> str:
    """What was typed or chosen as people saw it."""
    if isinstance(entry.kind, Flag):
        return _("yes") if text == "1" else _("no")
    if isinstance(entry.kind, OneOf):
        return dict(options(entry)).get(text, text)
    return text or "–"


def told(entry: Entry) -> str:
    """The label of a field with the rows it stands in: Criterion 2, Level 1: Points."""
    pairs = zip(entry.path, entry.path[1:], strict=False)
    rows = [row(str(noun), index) for noun, index in pairs if isinstance(index, int)]
    named = label(entry.place)
    if entry.place.startswith("ranking.weights_for_ranking."):
        named = f"{named} ({entry.path[-1]})"
    return f"{', '.join(rows)}: {named}" if rows else named


def whole(place: str) -> str:
    """What people call a place that is no field: a row, a list, or the whole scheme."""
    named = re.fullmatch(r"(?:.*\.)?(\w+)\[(\d+)\]", place)
    if named and named[1] in SECTIONS:
        return row(named[1], int(named[2]))
    return {"criteria": _("Criteria"), "": _("Scheme")}.get(place, place)


def _ending(words: Mapping[str, Any], place: str) -> Any:
    """What is said of a place in any row, else of its end."""
    known = pattern(place)
    while known:
        if known in words:
            return words[known]
        known = known.partition(".")[2]
    return None
