"""What the entries of a question add up to: columns of a table, both sides of a finance plan."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from app.forms import Checked, Form, Question, blocks, cells
from app.i18n import gettext as _
from app.web.questions import rules, words


class Sums(NamedTuple):
    """Figures (label, number), a state (kind, words), and lines that say more."""

    figures: list[tuple[str, str]]
    state: tuple[str, str] | None
    lines: list[str]


def of_question(form: Form, question: Question, checked: Checked, given: object) -> Sums | None:
    """The sums of a question; None where it has none."""
    if isinstance(question.answer, blocks.Table) and question.answer.sums:
        return Sums([*_columns(form, question, question.answer, checked)], None, [])
    if isinstance(question.answer, blocks.FinancePlan):
        return _plan(question.answer, checked, given if isinstance(given, Mapping) else {})
    return None


def _columns(form: Form, question: Question, table: blocks.Table, checked: Checked) -> Iterator[tuple[str, str]]:
    for column in table.columns:
        if column.key in table.sums:
            found = checked.facts.get(f"{question.key}.{column.key}", Fraction(0))
            unit = words.plain(getattr(column.cell, "unit", {}))
            shown = euro(found) if isinstance(column.cell, cells.Money) else f"{rules.shown(found)} {unit}".strip()
            yield _("Sum: %(column)s") % {"column": words.column_name(column)}, shown


def _plan(plan: blocks.FinancePlan, checked: Checked, given: Mapping[str, Any]) -> Sums:
    costs, sources = (checked.facts.get(f"{side}_cents", Fraction(0)) for side in ("costs", "sources"))
    return Sums(
        [(_("Costs"), euro(costs)), (_("Financing"), euro(sources))],
        _state(costs, sources),
        [*_years(plan, given), *_overhead(plan, checked)],
    )


def _state(costs: Fraction, sources: Fraction) -> tuple[str, str]:
    if not costs and not sources:
        return "neutral", _("No numbers yet")
    if costs == sources:
        return "success", _("Costs and financing balance")
    apart = euro(abs(costs - sources))
    if costs > sources:
        return "danger", _("%(amount)s are missing") % {"amount": apart}
    return "danger", _("%(amount)s too much") % {"amount": apart}


def _years(plan: blocks.FinancePlan, given: Mapping[str, Any]) -> Iterator[str]:
    """Each year whose sides differ; nothing where they are all equal."""
    sides = [list(given.get(side, {}).values()) for side in ("costs", "sources")]
    years = sorted({year for amounts in (*sides[0], *sides[1]) for year in amounts}) if plan.by_year else []
    for year in years:
        costs, sources = (sum(amounts.get(year, 0) for amounts in side) for side in sides)
        if costs != sources:
            values = {"year": year, "costs": euro(Fraction(costs)), "sources": euro(Fraction(sources))}
            yield _("%(year)s: costs %(costs)s, financing %(sources)s") % values


def _overhead(plan: blocks.FinancePlan, checked: Checked) -> Iterator[str]:
    overhead = checked.facts.get(f"cost.{plan.overhead}_cents")
    direct = checked.facts.get("direct_costs_cents")
    line = next((one for one in plan.costs if one.key == plan.overhead), None)
    if overhead and direct and line:
        values = {"label": words.plain(line.labels) or line.key, "percent": rules.shown(100 * overhead / direct)}
        yield _("%(label)s: %(percent)s %% of the direct costs") % values


def euro(cents: Fraction) -> str:
    """An amount with cents only where there are any."""
    return rules.shown(cents / 100, fixed=cents % 100 != 0) + " " + _("euro")
