"""Numbers that follow from others, and the rules over them: exact, never rounded."""

from collections.abc import Collection, Iterator, Mapping, MutableMapping
from fractions import Fraction

from app.forms import values
from app.forms.parts import Fact, Form, Limit
from app.forms.values import Call
from scoring.errors import Fault, fault

MOST_BITS = 2048


def derive(form: Form, facts: MutableMapping[str, Fraction]) -> None:
    """Add the derived facts, as far as what they rest on is given; nothing is divided by 0."""
    for fact in form.in_order:
        found = _sum(form, fact, facts) if fact.sum else _quotient(form, fact, facts)
        if found is not None and _is_usable(found):
            facts[fact.key] = found


def _sum(form: Form, fact: Fact, facts: MutableMapping[str, Fraction]) -> Fraction | None:
    given = [facts[name] for name in fact.sum if name in facts]
    in_euro = form.cents.issuperset(fact.sum) and fact.key not in form.cents and fact.in_euro
    return sum(given, Fraction(0)) / (100 if in_euro else 1) if given else None


def _quotient(form: Form, fact: Fact, facts: MutableMapping[str, Fraction]) -> Fraction | None:
    found = facts.get(fact.of or "")
    if found is None or not all(facts.get(name) for name in fact.per):
        return None
    found = counted(form, fact.of or "", found)
    for name in fact.per:
        found /= counted(form, name, facts[name])
        if not _is_usable(found):
            return None
    return found * 100 if fact.key in form.cents else found


def _is_usable(found: Fraction) -> bool:
    """Whether a number is one that people mean: powers of powers would never end."""
    return max(found.numerator.bit_length(), found.denominator.bit_length()) <= MOST_BITS


def counted(form: Form, name: str, found: Fraction) -> Fraction:
    """A fact as it is counted beside others: amounts in euro."""
    return found / 100 if name in form.cents else found


def broken(
    form: Form, facts: Mapping[str, Fraction], call: Call, zeros: Collection[str]
) -> Iterator[tuple[Limit, Fault]]:
    """The limits that do not hold, each with its fault; a number that is not there is not compared.

    zeros: facts that are 0 where one is compared with another and they are missing.
    """
    for index, limit in enumerate(form.limits):
        pair = _compared(form, limit, {**dict.fromkeys(zeros, Fraction(0)), **facts} if limit.of else facts)
        for comparison, bound in limit.bounds.items() if pair else ():
            number = values.number_of(bound, call)
            if pair and number is not None and not _holds(comparison, *pair, number):
                yield limit, _told(form, limit, index, comparison, pair[0], number)


def _compared(form: Form, limit: Limit, facts: Mapping[str, Fraction]) -> tuple[Fraction, Fraction] | None:
    """The number that a limit looks at, and what it is a part or a multiple of (1 where nothing is said)."""
    found, whole = facts.get(limit.fact), facts.get(limit.of or "", Fraction(1) if limit.of is None else None)
    if found is None or whole is None:
        return None
    if limit.of is None:
        return found, whole
    return counted(form, limit.fact, found), counted(form, limit.of, whole)


def _holds(comparison: str, found: Fraction, whole: Fraction, number: Fraction) -> bool:
    bound = number * whole / (100 if comparison.endswith("_percent") else 1)
    return found <= bound if comparison.startswith("at_most") else found >= bound


def _told(form: Form, limit: Limit, index: int, comparison: str, found: Fraction, number: Fraction) -> Fault:
    """A broken limit, at the question that gives its fact or under the derived fact's own key."""
    place = limit.fact if limit.fact in form.derived else form.givers[limit.fact][0].key
    said = {"found": values.shown(found), "bound": values.shown(number)}
    return fault(place, "limit", limit=index, comparison=comparison, **said)
