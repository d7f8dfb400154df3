"""What is wrong with a document, a mark or a table of scores, and where."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, NamedTuple

later = str
"""Marks an English sentence that whoever shows it may translate."""

SENTENCES = {
    # the text of a file
    "size": later("the file has %(size)s bytes, at most %(most)s are read"),
    "not_yaml": later("this is not YAML: %(why)s"),
    "empty": later("the file is empty"),
    "not_a_file": later("expected the text of a file, found %(found)s"),
    "documents": later("the file holds more than one document"),
    "alias": later("aliases (*name) are not allowed, write it out"),
    "tag": later("tags (!name) are not allowed"),
    "depth": later("nested more than %(most)s levels deep"),
    "key": later("a key must be a word or a number"),
    "key_twice": later("the key %(key)s is given twice"),
    "digits": later("write the number %(number)s in plain digits, such as 12 or 0.5"),
    # what stands at one place of a document
    "schema": later("expected %(schema)s"),
    "not_keys": later("expected keys and values, found %(found)s"),
    "unknown_key": later("unknown key"),
    "missing": later("missing"),
    "not_text": later("expected text, found %(found)s"),
    "too_long": later("has %(size)s characters, at most %(most)s fit"),
    "unstorable": later("holds a character that cannot be stored"),
    "not_offered": later("expected one of %(allowed)s; found %(found)s"),
    "not_chosen": later("expected one of %(allowed)s; it is missing"),
    "not_a_flag": later("expected true or false, found %(found)s"),
    "not_a_number": later("expected a number, found %(found)s"),
    "not_whole": later("expected a whole number from %(least)s to %(most)s, found %(found)s"),
    "not_a_name": later("expected a name, found %(found)s"),
    "not_a_list": later("expected a list, found %(found)s"),
    "too_large": later("is larger than a billion"),
    "not_positive": later("%(value)s must be greater than 0"),
    # the parts of a rating scheme
    "no_limit": later("a gate of type number needs min or max"),
    "too_few_options": later("asks for %(least)s of %(number)s options"),
    "not_of_type": later("does not belong to the type %(type)s"),
    "min_above_max": later("%(least)s is above max %(most)s"),
    "max_not_above_min": later("%(most)s must be greater than min %(least)s"),
    "below_zero": later("is below 0"),
    "step": later("%(step)s does not divide %(least)s to %(most)s"),
    "too_many_marks": later("makes more than %(most)s marks"),
    "too_few_levels": later("needs at least two levels"),
    "same_points": later("two levels have the same points"),
    "points_below_zero": later("points below 0"),
    "tenths_above_zero": later("expected tenths above 0, at most 1000"),
    "tenths": later("expected tenths, at most %(most)s"),
    "items": later("needs 1 to 100 items with different keys"),
    "items_differ": later("%(most)s cannot be reached, the items make %(reached)s"),
    "not_rising": later("up_to must rise from band to band"),
    "best_band": later("is %(stated)s, but the best band gives %(reached)s"),
    "amounts": later("expected amounts of at least 0"),
    # whether a rating scheme adds up
    "same_key": later("the key %(key)s is used %(times)s times among criteria, groups, gates and adjustments"),
    "key_total": later("total is no key, it names the sum"),
    "no_group": later("there is no group %(group)s"),
    "empty_group": later("no criterion belongs to the group %(group)s"),
    "no_criterion": later("there is no such criterion"),
    "wrong_weight": later("the total is a %(total)s, give %(key)s"),
    "weight_of_count": later("has no meaning where criteria are counted"),
    "not_a_hundred": later("the weights add up to %(reached)s percent, not 100"),
    "weight_band": later("the weight %(weight)s is not within %(least)s to %(most)s"),
    "reached": later("is %(stated)s, the criteria reach %(reached)s"),
    "adds_up": later("is %(stated)s, the criteria add up to %(reached)s"),
    "strict_out_of_reach": later("more than %(least)s cannot be reached, at most %(reached)s"),
    "out_of_reach": later("%(least)s cannot be reached, at most %(reached)s"),
    "no_mark": later("%(value)s is not a possible mark"),
    "no_span": later("expected a mark or a span of marks, such as 2 or 2-3"),
    "rule_twice": later("%(rule)s is named twice"),
    "no_rule": later("%(rule)s: expected lower:<field> or higher:<field>"),
}
SHOWN = 20


class Word(str):
    """A value of a fault that is a word of ours, not one of the file: whoever translates the sentence translates it."""


class Fault(NamedTuple):
    """What is wrong at a place of a document, such as ("criteria[2].scale.step", "step", {"step": 2, ...})."""

    place: str
    code: str
    values: Mapping[str, object]


def fault(place: str, code: str, /, **values: object) -> Fault:
    """A fault with its values by name."""
    return Fault(place, code, values)


class Faulty(ValueError):
    """Something handed in cannot be used; `told` lists every (place, what is wrong), one sentence has no place."""

    def __init__(self, told: str | Iterable[tuple[str, str]]) -> None:
        self.told: list[tuple[str, str]] = [("", told)] if isinstance(told, str) else list(told)
        lines = [f"{place}: {problem}" if place else problem for place, problem in self.told[:SHOWN]]
        if len(self.told) > SHOWN:
            lines.append(f"and {len(self.told) - SHOWN} more")
        super().__init__("\n".join(lines))

    @property
    def place(self) -> str:
        """Where the first fault lies."""
        return self.told[0][0] if self.told else ""


class DocumentError(Faulty):
    """A document that cannot be used; `faults` lists them all, `sentences` has the English sentence of each code."""

    sentences: ClassVar[Mapping[str, str]] = SENTENCES

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__((one.place, self.sentences[one.code] % one.values) for one in self.faults)


class SchemeError(DocumentError):
    """A rating scheme that cannot be used."""


class ScoresError(Faulty):
    """Scores, facts or options that cannot be computed with; the place is a row, a column or a key."""


class MarkError(ValueError):
    """A mark that this criterion does not know.

    `code` is not_a_number, off_scale or unknown_option; `allowed` says in few words what would do.
    """

    def __init__(self, code: str, message: str, allowed: str) -> None:
        self.code = code
        self.allowed = allowed
        super().__init__(message)
