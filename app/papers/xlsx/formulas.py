"""The calculation as spreadsheet formulas: from the single points through weights and minima to total and rank.

Every column is one step and knows its formula and the value it has now. `{r}` in a formula is the number of its row.
Totals and marks are compared after rounding to ten decimals, because a spreadsheet calculates in binary fractions;
the marks of committees never differ by less.
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from xlsxwriter.utility import xl_col_to_name

from app.domain import reasons
from app.domain.proposals import FACTS
from app.domain.rating_schemes import LEAST_TO_DROP, Criterion, Scheme
from app.i18n import gettext as _
from app.papers.xlsx.book import LONGEST
from app.papers.xlsx.columns import EXACT, Calculation, Column, Points, Row, number, quoted, rounded


def columns(scheme: Scheme, points: Points, last: int, language: str) -> Calculation:
    """All steps in their order; `last` is the last row of the sheet."""
    at = Calculation(last)
    at.add(
        Column("proposal", _("Proposal"), lambda one: one.line.proposal, form="text"),
        Column("organisation", _("Organisation"), lambda one: one.line.organisation, form="text"),
        Column(
            "gate", _("Condition not met"), lambda one: "x" if one.line.reason_code == "gate" else None, form="text"
        ),
    )
    at.add(*(_fact(name) for name in facts(scheme)))
    at.add(_raters(points, at))
    at.add(_competing(at))
    for one in scheme.criteria:
        at.add(_mark(scheme, one, points, at, language))
    for one in scheme.criteria:
        at.add(_points(scheme, one, points, at))
    for adjustment in scheme.adjustments:
        at.add(_adjusted(adjustment.key, adjustment.label(language), adjustment.kind, points, at))
    at.add(_exact_total(scheme, at))
    at.add(_total(scheme, at))
    at.add(_failed(scheme, at, points, language))
    at.add(_passed(scheme, at))
    at.add(_order(scheme, at))
    at.add(*(_tie(scheme, rule, at, language) for rule in rules(scheme)))
    at.add(_rank(scheme, at))
    at.add(_decided_by(scheme, at, language))
    return at


def facts(scheme: Scheme) -> list[str]:
    """The numbers of a proposal that the scheme asks for, in their order."""
    computed = [str(one.fact) for one in scheme.computed_criteria]
    return list(dict.fromkeys([*computed, *(fact for rule in rules(scheme) if (fact := fact_of(rule)))]))


def rules(scheme: Scheme) -> list[str]:
    """The tie rules that something is recorded for; the others wait for the committee."""
    known = {one.key for one in scheme.criteria} | {one.key for one in scheme.groups} | {"lot"}
    return [rule for rule in scheme.ranking.tie_breakers if rule in known or fact_of(rule)]


def fact_of(rule: str) -> str:
    """The number of the proposal that a tie rule compares, or nothing."""
    name = rule.partition(":")[2] or rule
    return name if name in FACTS else ""


# ── what is given ───────────────────────────────────────────────────────────────────────────────


def _fact(name: str) -> Column:
    label = _(FACTS[name]) if name in FACTS else name
    heading = label[:1].upper() + label[1:]
    return Column(f"fact:{name}", heading, lambda one: rounded(one.line.numbers.get(name)))


def _raters(points: Points, at: Calculation) -> Column:
    formula = f"SUMIFS({points.span('counts')},{points.span('proposal')},{at.cell('proposal')})"
    return Column("raters", _("Valid ratings"), lambda one: one.steps.valid_reviews, formula, "whole")


def _competing(at: Calculation) -> Column:
    formula = f'IF(AND({at.cell("gate")}="",{at.cell("raters")}>0),1,0)'
    return Column("competing", _("Rated (1) or not (0)"), lambda one: int(one.steps.competing), formula, "whole")


# ── marks and points ────────────────────────────────────────────────────────────────────────────


def _mark(scheme: Scheme, one: Criterion, points: Points, at: Calculation, language: str) -> Column:
    head = {"maximum": one.maximum, "minimum": one.threshold.minimum if one.threshold else None}
    formula = _average(scheme, one, points, at) if one.is_rated else _computed(one, at)
    label = f"{one.key} {one.label(language)}"
    array = one.is_rated and scheme.aggregation.across_raters == "median"
    return Column(f"mark:{one.key}", label, lambda row: rounded(row.steps.marks[one.key]), formula, "mark", array, head)


def _average(scheme: Scheme, one: Criterion, points: Points, at: Calculation) -> str:
    """The mark over the members whose sheets count; text (cannot be judged) and empty cells are left out."""
    where = f"{points.span('proposal')},{at.cell('proposal')},{points.span('counts')},1"
    values, method = points.span(one.key), scheme.aggregation.across_raters
    mean = f"AVERAGEIFS({values},{where})"
    if method == "median":
        mean = f"MEDIAN(IF({_counted_marks(one.key, points, at)},{values}))"
    if method == "drop_one":
        count = f"SUMPRODUCT(--({_counted_marks(one.key, points, at)}))"
        ends = f"_xlfn.MAXIFS({values},{where})-_xlfn.MINIFS({values},{where})"
        mean = f"IF({count}<{LEAST_TO_DROP},{mean},(SUMIFS({values},{where})-{ends})/({count}-2))"
    return f'IFERROR({mean},"")'


def _counted_marks(key: str, points: Points, at: Calculation) -> str:
    """Which cells hold a mark of this proposal that counts, as 1 and 0."""
    mine = f"({points.span('proposal')}={at.cell('proposal')})"
    return f"{mine}*({points.span('counts')}=1)*ISNUMBER({points.span(key)})"


def _computed(one: Criterion, at: Calculation) -> str:
    own = at.cell(f"fact:{one.fact}")
    if one.type == "bands":
        mark = "0"
        for band in reversed(one.bands):
            mark = f"IF(ROUND({own},{EXACT})<={number(band.up_to)},{number(band.points)},{mark})"
    else:
        lowest = f"_xlfn.MINIFS({at.span(f'fact:{one.fact}')},{at.span('competing')},1)"
        share = f"{lowest}/{own}" if one.formula == "ratio" else f"MAX(0,2-{own}/{lowest})"
        mark = f"{number(one.maximum)}*{share}"
    return f'IF(OR({at.cell("competing")}=0,{own}=""),"",{mark})'


def _mirrored(one: Criterion, cell: str) -> str:
    """The mark as it counts: turned round on its scale where low is good."""
    return f"({number(one.minimum + one.maximum)}-{cell})" if one.low_is_good else cell


def _points(scheme: Scheme, one: Criterion, points: Points, at: Calculation) -> Column:
    mark = at.cell(f"mark:{one.key}")
    key = f"points:{one.key}"
    counted = _mirrored(one, mark)
    weight = one.weight_percent if scheme.aggregation.total == "weighted_percent" else one.weight
    if scheme.aggregation.total == "count":
        least = (">" if one.to_be_met.strict else ">=") + number(one.to_be_met.minimum)
        value, weight = f"IF(ROUND({counted},{EXACT}){least},1,0)", None
    else:
        value = f"{counted}*{xl_col_to_name(len(at.columns))}$2"
        if scheme.aggregation.total == "weighted_percent":
            value = f"{counted}/{at.head(f'mark:{one.key}', 'maximum')}*{xl_col_to_name(len(at.columns))}$2"
        weight = Decimal(1) if weight is None else weight
    if scheme.aggregation.adds_up(one):
        value += f"*SUMPRODUCT({_counted_marks(one.key, points, at)})"
    label, formula = _("Points %(key)s") % {"key": one.key}, f'IF({mark}="","",{value})'
    return Column(key, label, lambda row: rounded(row.steps.points[one.key]), formula, "mark", head={"weight": weight})


def _adjusted(key: str, label: str, kind: str, points: Points, at: Calculation) -> Column:
    no = quoted(_("no"))
    where = f"{points.span('proposal')},{at.cell('proposal')},{points.span('recused')},{no}"
    sign = "" if kind == "bonus" else "-"
    formula = f"IFERROR({sign}AVERAGEIFS({points.span(key)},{where}),0)"
    return Column(f"adjusted:{key}", label, lambda row: rounded(row.steps.adjusted[key]), formula, "mark")


# ── total, minima ───────────────────────────────────────────────────────────────────────────────


def _sum(scheme: Scheme, at: Calculation) -> str:
    parts = [at.cell(f"points:{one.key}") for one in scheme.criteria]
    parts += [at.cell(f"adjusted:{one.key}") for one in scheme.adjustments]
    return f"SUM({','.join(parts)})"


def _all_given(scheme: Scheme, at: Calculation) -> list[str]:
    return [f"ISNUMBER({at.cell(f'mark:{one.key}')})" for one in scheme.criteria if not one.optional]


def _exact_total(scheme: Scheme, at: Calculation) -> Column:
    given = ",".join([f"{at.cell('competing')}=1", *_all_given(scheme, at)])
    formula = f'IF(AND({given}),ROUND({_sum(scheme, at)},{EXACT}),"")'
    return Column("exact", _("Total, unrounded"), lambda row: rounded(row.steps.total), formula, "exact")


def _published(scheme: Scheme, value: str) -> str:
    """A number rounded as the scheme publishes it."""
    rounding = scheme.aggregation.rounding
    if rounding.mode == "half_up":
        return f"ROUND({value},{rounding.decimals})"
    scale = 10**rounding.decimals
    half = f"ABS(ABS({value}*{scale}-TRUNC({value}*{scale}))-0.5)<0.0000001"
    return f"IF({half},2*ROUND({value}*{scale}/2,0)/{scale},ROUND({value},{rounding.decimals}))"


def _total(scheme: Scheme, at: Calculation) -> Column:
    exact = at.cell("exact")
    formula = f'IF({exact}="","",{_published(scheme, exact)})'
    rule = scheme.pass_rule.total
    head = {"maximum": scheme.maximum, "minimum": rule.minimum if rule else None}
    return Column("total", _("Total"), lambda row: _float(row.line.total), formula, "total", head=head)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _failed(scheme: Scheme, at: Calculation, points: Points, language: str) -> Column:
    """The short names of the minima that are not reached, one after the other."""
    named = reasons.short_names({"total": _("total"), **_names(scheme, language)})
    texts = [
        f"IF({condition},{quoted('; ' + named[key])},{quoted('')})"
        for key, condition in _shortfalls(scheme, at, points)
    ]
    formula = f"MID({'&'.join(texts)},3,{LONGEST})" if texts else '""'

    def said(row: Row) -> str:
        return "; ".join(named[key] for key in row.line.failed)

    return Column("failed", _("Minima not reached"), said, formula, "text")


def _shortfalls(scheme: Scheme, at: Calculation, points: Points) -> Iterator[tuple[str, str]]:
    for one in scheme.criteria:
        if one.threshold:
            mark = at.cell(f"mark:{one.key}")
            short = _below(_mirrored(one, mark), at.head(f"mark:{one.key}", "minimum"), one.threshold.strict)
            yield one.key, f"IF(ISNUMBER({mark}),{short},FALSE)"
    for group in scheme.groups:
        if group.minimum is not None:
            members = [one for one in scheme.criteria if one.group == group.key]
            given = [f"ISNUMBER({at.cell(f'mark:{one.key}')})" for one in members if not one.optional]
            short = _below(_group_sum(scheme, group.key, at), number(group.minimum), strict=False)
            yield group.key, f"AND({','.join([*given, short])})"
    if scheme.pass_rule.total or scheme.pass_rule.percent:
        yield "total", f'IF({at.cell("exact")}="",FALSE,OR({",".join(_total_short(scheme, at, points))}))'


def _total_short(scheme: Scheme, at: Calculation, points: Points) -> Iterator[str]:
    rule = scheme.pass_rule
    if rule.total:
        yield _below(at.cell("exact"), at.head("total", "minimum"), rule.total.strict)
    if rule.percent:
        reach = number(Fraction(scheme.maximum))
        if scheme.aggregation.sums_marks:
            most = {one.key: number(Fraction(one.maximum) * one.coefficient) for one in scheme.criteria}
            each = [f"{most[one.key]}*{_times(one, points, at)}" for one in scheme.criteria]
            reach = f"({'+'.join(each)})"
        yield _below(f"{at.cell('exact')}*100/{reach}", number(rule.percent.minimum), rule.percent.strict)


def _times(one: Criterion, points: Points, at: Calculation) -> str:
    """How many marks of a criterion a proposal has."""
    if not one.is_rated:
        return f"--ISNUMBER({at.cell(f'mark:{one.key}')})"
    return f"SUMPRODUCT({_counted_marks(one.key, points, at)})"


def _below(value: str, least: str, strict: bool) -> str:
    return f"ROUND({value},{EXACT}){'<=' if strict else '<'}{least}"


def _group_sum(scheme: Scheme, group: str, at: Calculation) -> str:
    return f"SUM({','.join(at.cell(f'points:{one.key}') for one in scheme.criteria if one.group == group)})"


def _passed(scheme: Scheme, at: Calculation) -> Column:
    few = f'OR({at.cell("raters")}<{max(1, scheme.aggregation.min_valid_ratings)},{at.cell("exact")}="")'
    formula = f'IF({at.cell("gate")}<>"",FALSE,IF({few},"",{at.cell("failed")}=""))'
    return Column("passed", _("Minima reached"), lambda row: row.line.passed, formula, "text")


# ── order ───────────────────────────────────────────────────────────────────────────────────────


def _order(scheme: Scheme, at: Calculation) -> Column:
    """What the order follows, for those that are ranked."""
    value = at.cell("exact")
    if scheme.ranking.weights:
        factors = {one.key: number(scheme.reweighting(one)) for one in scheme.criteria}
        parts = [f"N({at.cell(f'points:{key}')})*{factor}" for key, factor in factors.items()]
        parts += [at.cell(f"adjusted:{one.key}") for one in scheme.adjustments]
        value = f"ROUND({'+'.join(parts)},{EXACT})"
    if scheme.aggregation.rounding.when == "rank":
        value = _published(scheme, value)
    ranked = f"{at.cell('passed')}=TRUE" if scheme.ranking.ordered else "FALSE"
    return Column(
        "order", _("Order follows"), lambda row: rounded(row.steps.order), f'IF({ranked},{value},"")', "exact"
    )


def _tie(scheme: Scheme, rule: str, at: Calculation, language: str) -> Column:
    """What a tie rule compares, turned so that the higher goes first."""
    label = _("Tie: %(rule)s") % {"rule": reasons.rule(rule, _names(scheme, language))}
    formula = ""
    if f"mark:{rule}" in at.letters:
        mark = at.cell(f"mark:{rule}")
        formula = f"IF(ISNUMBER({mark}),ROUND({_mirrored(scheme.criterion(rule), mark)},{EXACT}),-1E+15)"
    elif any(group.key == rule for group in scheme.groups):
        formula = f"ROUND({_group_sum(scheme, rule, at)},{EXACT})"
    elif rule != "lot":
        own, sign = at.cell(f"fact:{fact_of(rule)}"), "" if rule.startswith("higher:") else "-"
        formula = f"IF(ISNUMBER({own}),ROUND({sign}{own},{EXACT}),-1E+15)"
    return Column(f"tie:{rule}", label, lambda row: rounded(row.steps.ties[rule]), formula, "exact")


def _names(scheme: Scheme, language: str) -> dict[str, str]:
    groups = {one.key: one.label(language) for one in scheme.groups}
    return groups | {one.key: one.label(language) for one in scheme.criteria}


def _rank(scheme: Scheme, at: Calculation) -> Column:
    """1 and one for each that goes before: by what the order follows, among equals by each tie rule in turn."""
    chain = ["order", *(f"tie:{rule}" for rule in rules(scheme))]
    before = []
    for place, key in enumerate(chain):
        equal = [f"{at.span(earlier)},{at.cell(earlier)}" for earlier in chain[:place]]
        before.append(f"COUNTIFS({','.join([*equal, at.span(key) + ',' + quoted('>') + '&' + at.cell(key)])})")
    formula = f'IF({at.cell("order")}="","",1+{"+".join(before)})'
    return Column("rank", _("Rank"), lambda row: row.line.rank, formula, "whole")


def _decided_by(scheme: Scheme, at: Calculation, language: str) -> Column:
    """The last tie rule that separated a proposal from others with the same number."""
    chain, named = rules(scheme), _names(scheme, language)
    formula = quoted("")
    for place, rule in enumerate(chain):
        separated = f"{_level(chain[:place], at)}>{_level(chain[: place + 1], at)}"
        formula = f"IF({separated},{quoted(reasons.rule(rule, named))},{formula})"
    shown = f'IF({at.cell("order")}="","",{formula})'

    def said(row: Row) -> str:
        return reasons.rule(row.line.decided_by, named)

    return Column("decided_by", _("Tie decided by"), said, shown, "text")


def _level(chain: list[str], at: Calculation) -> str:
    """How many are still equal after these rules."""
    equal = [f"{at.span(key)},{at.cell(key)}" for key in ("order", *(f"tie:{rule}" for rule in chain))]
    return f"COUNTIFS({','.join(equal)})"
