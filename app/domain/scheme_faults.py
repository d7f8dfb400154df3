"""What is wrong with an uploaded rating scheme, in the reader's language: scoring says it in English only.

Each message here is a sentence of scoring, word for word; what stands between %( and )s is quoted from the file.
"""

import re
from collections.abc import Iterator, Sequence

from app import i18n
from app.i18n import gettext as _
from app.i18n import later

FILE = (
    later("the file has %(size)s bytes, at most %(most)s are read"),
    later("this is not YAML: %(why)s"),
    later("the file is empty"),
    later("expected the text of a file, found %(found)s"),
    later("the file holds more than one document"),
    later("aliases (*name) are not allowed, write it out"),
    later("tags (!name) are not allowed"),
    later("nested more than %(most)s levels deep"),
    later("a key must be a word or a number"),
    later("the key %(key)s is given twice"),
    later("write the number %(number)s in plain digits, such as 12 or 0.5"),
)
SHAPE = (
    later("expected rating-scheme/1"),
    later("expected keys and values"),
    later("expected keys and values, found %(found)s"),
    later("unknown key"),
    later("missing"),
    later("expected text, found %(found)s"),
    later("expected one of %(allowed)s; found %(found)s"),
    later("expected one of %(allowed)s; it is missing"),
    later("expected true or false, found %(found)s"),
    later("expected a number, found %(found)s"),
    later("expected a whole number from %(least)s to %(most)s, found %(found)s"),
    later("expected a name, found %(found)s"),
    later("expected a list, found %(found)s"),
    later("is larger than a billion"),
)
PARTS = (
    later("a gate of type number needs min or max"),
    later("asks for %(least)s of %(number)s options"),
    later("does not belong to the type %(type)s"),
    later("%(least)s is above max %(most)s"),
    later("%(most)s must be greater than min %(least)s"),
    later("is below 0"),
    later("%(value)s must be greater than 0"),
    later("%(step)s does not divide %(least)s to %(most)s"),
    later("makes more than %(most)s marks"),
    later("needs at least two levels"),
    later("two levels have the same points"),
    later("points below 0"),
    later("expected tenths above 0, at most 1000"),
    later("expected tenths, at most %(most)s"),
    later("needs 1 to 100 items with different keys"),
    later("%(most)s cannot be reached, the items make %(reached)s"),
    later("up_to must rise from band to band"),
    later("is %(stated)s, but the best band gives %(reached)s"),
    later("expected amounts of at least 0"),
)
WHOLE = (
    later("the key %(key)s is used %(times)s times among criteria, groups, gates and adjustments"),
    later("total is no key, it names the sum"),
    later("there is no group %(group)s"),
    later("no criterion belongs to the group %(group)s"),
    later("there is no such criterion"),
    later("the total is a %(total)s, give %(key)s"),
    later("has no meaning where criteria are counted"),
    later("the weights add up to %(reached)s percent, not 100"),
    later("the weight %(weight)s is not within %(least)s to %(most)s"),
    later("is %(stated)s, the criteria reach %(reached)s"),
    later("is %(stated)s, the criteria add up to %(reached)s"),
    later("more than %(least)s cannot be reached, at most %(reached)s"),
    later("%(least)s cannot be reached, at most %(reached)s"),
    later("%(value)s is not a possible mark"),
    later("expected a mark or a span of marks, such as 2 or 2-3"),
    later("%(rule)s is named twice"),
    later("%(rule)s: expected lower:<field> or higher:<field>"),
)
FOUND = {"nothing": later("nothing"), "keys and values": later("keys and values"), "a list": later("a list")}
SHOWN = 20


def _pattern(sentence: str) -> re.Pattern[str]:
    """The sentence with anything in its gaps."""
    parts = re.split(r"%\((\w+)\)s", sentence)
    gaps = [f"(?P<{part}>.*)" if place % 2 else re.escape(part) for place, part in enumerate(parts)]
    return re.compile("".join(gaps), re.DOTALL)


SENTENCES = [(_pattern(sentence), sentence) for sentence in (*FILE, *SHAPE, *PARTS, *WHOLE)]


def listed(faults: Sequence[tuple[str, str]]) -> str:
    """Every (place, what is wrong) on a line of its own, at most so many."""
    return "\n".join(_lines(faults))


def _lines(faults: Sequence[tuple[str, str]]) -> Iterator[str]:
    for place, problem in faults[:SHOWN]:
        yield f"{_place(place)}: {worded(problem)}" if place else worded(problem)
    if len(faults) > SHOWN:
        yield _("and %(number)s more") % {"number": len(faults) - SHOWN}


def worded(problem: str) -> str:
    """One sentence of scoring in the reader's language; what is not known here is not shown in a foreign one."""
    for pattern, sentence in SENTENCES:
        if found := pattern.fullmatch(problem):
            return _(sentence) % {name: _quoted(name, text) for name, text in found.groupdict().items()}
    return problem if i18n.locale.get() == "en" else _("this does not follow rating-scheme/1")


def _quoted(name: str, text: str) -> str:
    if name == "why":
        return _spot(text)
    return _(FOUND[text]) if name == "found" and text in FOUND else text


def _spot(why: str) -> str:
    """Where the YAML breaks; the reader of YAML gives its reasons in English only."""
    if i18n.locale.get() == "en":
        return why
    spots = re.findall(r"line (\d+), column (\d+)", why)
    if not spots:
        return _("the text cannot be read")
    return _("line %(line)s, column %(column)s") % {"line": spots[-1][0], "column": spots[-1][1]}


def _place(place: str) -> str:
    """A place in the file; its keys are the same in every language."""
    line = re.fullmatch(r"line (\d+)", place)
    return _("line %(number)s") % {"number": line[1]} if line else place
