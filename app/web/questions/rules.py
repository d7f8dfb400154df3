"""The limits of a form beside the numbers answered: how much it is now, what the rule says, whether it is kept."""

from fractions import Fraction
from typing import NamedTuple

from app import i18n
from app.forms import Checked, Fault, Form, numbers, values
from app.forms.parts import Limit
from app.forms.values import Call
from app.i18n import gettext as _
from app.i18n import later
from app.web.questions import words

RULES = {
    "at_most": later("at most %(bound)s"),
    "at_least": later("at least %(bound)s"),
    "at_most_percent": later("at most %(bound)s %% of: %(of)s"),
    "at_least_percent": later("at least %(bound)s %% of: %(of)s"),
    "at_most_times": later("at most %(bound)s times: %(of)s"),
    "at_least_times": later("at least %(bound)s times: %(of)s"),
}
DECIMALS = range(2, 7)


class Rule(NamedTuple):
    """A comparison of a limit; now is empty and kept is None where a number is still missing."""

    limit: int
    label: str
    now: str
    bound: str
    kept: bool | None
    refuses: bool
    say: str

    @property
    def id(self) -> str:
        """Where it stands on the page."""
        return f"rule-{self.limit}"

    @property
    def told(self) -> str:
        """The rule as one sentence with the number of now."""
        return f"{self.label}: {self.now}, {self.bound}." if self.now else f"{self.label}: {self.bound}."


def of_form(form: Form, checked: Checked, call: Call) -> list[Rule]:
    """Every limit that binds in this call, in the order of the form."""
    failed = {
        (fault.values["limit"], fault.values["comparison"])
        for fault in (*checked.faults, *checked.warnings)
        if fault.code == "limit"
    }
    return [
        _rule(form, index, comparison, number, checked, broken=(index, comparison) in failed)
        for index, limit in enumerate(form.limits)
        for comparison, bound in limit.bounds.items()
        if (number := values.number_of(bound, call)) is not None
    ]


def broken(form: Form, fault: Fault, checked: Checked) -> Rule:
    """The rule that a fault says is broken."""
    index, comparison = int(str(fault.values["limit"])), str(fault.values["comparison"])
    return _rule(form, index, comparison, Fraction(str(fault.values["bound"])), checked, broken=True)


def derived(form: Form, checked: Checked) -> list[tuple[str, str]]:
    """Derived numbers over which there is no limit, as far as they can be computed."""
    ruled = {limit.fact for limit in form.limits}
    return [
        (fact.label(i18n.locale.get()), amount(form, fact.key, checked.facts[fact.key]))
        for fact in form.facts
        if fact.key in checked.facts and fact.key not in ruled
    ]


def _rule(form: Form, index: int, comparison: str, number: Fraction, checked: Checked, *, broken: bool) -> Rule:
    limit = form.limits[index]
    now = _now(form, limit, comparison, checked, number)
    of = words.fact(form, limit.of) if limit.of else ""
    bound = shown(number) if limit.of else amount(form, limit.fact, number)
    return Rule(
        index,
        words.fact(form, limit.fact),
        now,
        _(RULES[comparison]) % {"bound": bound, "of": of},
        not broken if now or broken else None,
        limit.refuses,
        words.plain(limit.say),
    )


def _now(form: Form, limit: Limit, comparison: str, checked: Checked, bound: Fraction) -> str:
    found, whole = checked.facts.get(limit.fact), checked.facts.get(limit.of or "")
    if found is None or (limit.of and whole is None):
        return ""
    if not limit.of:
        return amount(form, limit.fact, found, bound)
    shown_now = amount(form, limit.fact, found)
    if not whole:
        return shown_now
    share = numbers.counted(form, limit.fact, found) / numbers.counted(form, limit.of, whole)
    if comparison.endswith("_percent"):
        return f"{shown_now} ({shown(share * 100, bound)} %)"
    return _("%(number)s (%(times)s times)") % {"number": shown_now, "times": shown(share, bound)}


def amount(form: Form, name: str, found: Fraction, beside: Fraction | None = None) -> str:
    """A fact with its unit, cents as euro."""
    given = form.givers.get(name, ())
    if given and given[0].type == "yes_no":
        return _("Yes") if found else _("No")
    if name in form.cents:
        return shown(found / 100, None if beside is None else beside / 100, fixed=True) + " " + _("euro")
    unit = unit_of(form, name)
    return f"{shown(found, beside, fixed=_is_euro(form, name))}{' ' if unit else ''}{unit}"


def unit_of(form: Form, name: str) -> str:
    """What a fact counts, in the reader's language; empty where nothing says so."""
    if name == "months":
        return _("months")
    if _is_euro(form, name):
        return _("euro")
    if name in form.derived:
        return words.plain(form.derived[name].unit)
    given = form.givers.get(name, ())
    return words.plain(getattr(given[0].answer, "unit", {})) if given else ""


def _is_euro(form: Form, name: str) -> bool:
    return name in form.derived and form.derived[name].in_euro


def shown(found: Fraction, beside: Fraction | None = None, *, fixed: bool = False) -> str:
    """A number with as many decimals as tell it from the one beside it, two at least where it is not whole."""
    if found.denominator == 1 and not fixed:
        return i18n.grouped(str(found.numerator))
    texts = [_rounded(found, decimals) for decimals in DECIMALS]
    enough = next((text for text in texts if beside is None or found == beside or Fraction(text) != beside), texts[-1])
    return i18n.grouped(enough if fixed else enough.rstrip("0").rstrip("."))


def _rounded(found: Fraction, decimals: int) -> str:
    """Half away from zero, exactly."""
    scaled = abs(found) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    digits = str(whole).rjust(decimals + 1, "0")
    return f"{'-' * (found < 0)}{digits[:-decimals]}.{digits[-decimals:]}"
