"""The workbook calculates: its formulas give what scoring gives, for every scheme, and again after a change.

The formulas are worked out by tests/domain/spreadsheet.py, which knows nothing of schemes.
"""

import io
import random
from collections.abc import Iterator, Mapping
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app import competition_files
from app.domain import assignments, reasons
from app.domain.rankings.content import Mark, Ranking
from app.domain.rating_schemes import Scheme, read_yaml
from app.papers import lists
from app.papers.pdf import letters
from app.papers.xlsx import books
from tests.domain import listed
from tests.domain.spreadsheet import Book

EXAMPLES = competition_files.EXAMPLE.parent
POINTS, CALCULATION = 1, 2
RECUSED, FIRST_MARK = 3, 5
SHOWN = ("rank", "valid_reviews", "total", "failed_minima", "decided_by")


def document(name: str) -> dict[str, Any]:
    """A scheme file; a number that proposals of ours do not have is replaced by one that they have."""
    text = (EXAMPLES / "schemes" / f"{name}.yaml").read_text()
    return dict(read_yaml(text.replace("field: price", "field: grant_per_place_month").encode()))


def auental(**changed: Any) -> dict[str, Any]:
    found = deepcopy(dict(read_yaml(competition_files.EXAMPLE.read_bytes(), largest=1_000_000)["rating_scheme"]))
    for part, values in changed.items():
        found[part] = {**found[part], **values}
    return found


def turned() -> dict[str, Any]:
    """The scheme of Auental with a criterion where low is good, and one that may be left out."""
    found = auental()
    found["criteria"][0]["direction"] = "low"
    found["criteria"][2] |= {"optional": True, "direction": "low"}
    return found


def counted(**aggregation: Any) -> dict[str, Any]:
    """The scheme of Auental where criteria are counted, two of them with low marks as the good ones."""
    found = auental(aggregation={"total": "count", "min_valid_ratings": 1, **aggregation}, total={"max": 6})
    found["pass_rule"] = {"min_percent": 30}
    for one in found["criteria"]:
        one.pop("weight_percent", None)
    found["criteria"][0]["direction"] = "low"
    found["criteria"][1] |= {"direction": "low", "threshold": {"min": 3, "op": ">"}}
    return found


SCHEMES: Mapping[str, Any] = {
    **{path.stem: document(path.stem) for path in sorted(Path(EXAMPLES / "schemes").glob("*.yaml"))},
    "auental": auental(),
    "median": auental(aggregation={"across_raters": "median"}),
    "drop one": auental(aggregation={"across_raters": "drop_one", "min_valid_ratings": 2}),
    "sum": auental(aggregation={"across_raters": "sum", "min_valid_ratings": 1}, pass_rule={"min_total": 95}),
    "percent of a sum": auental(aggregation={"across_raters": "sum"}) | {"pass_rule": {"min_percent": 60, "op": ">"}},
    "whole sheets": auental(aggregation={"missing": "drop_sheet", "min_valid_ratings": 1}),
    "half to even": auental(aggregation={"rounding": {"decimals": 0, "mode": "half_even", "when": "rank"}}),
    "count": auental(
        aggregation={"total": "count", "min_valid_ratings": 1}, pass_rule={"min_total": 2}, total={"max": 6}
    ),
    "count, low is good": counted(),
    "count over all raters": counted(across_raters="sum"),
    "no order": auental(ranking={"order": "none"}),
    "weights for the order": auental(ranking={"weights_for_ranking": {"k1": 40, "k6": 1}}),
    "low is good": turned(),
}
if "weight_percent" in SCHEMES["count"]["criteria"][0]:
    for one in SCHEMES["count"]["criteria"]:
        one.pop("weight_percent")


def proposals(chance: random.Random) -> list[dict[str, Any]]:
    """Eight proposals of few sizes and prices, so that some are alike."""
    return [
        proposal(f"P{n:02}", chance.choice([5, 6, 8, 10]), chance.choice([150, 200, 240, 260])) for n in range(1, 9)
    ]


def proposal(key: str, places: int, price: int) -> dict[str, Any]:
    return {"key": key, "places": places, "requested_grant_cents": places * 36 * price * 100}


def marks(scheme: Scheme, chance: random.Random) -> list[Mark]:
    """Sheets of five members for eight proposals; some biased, some unfinished, some that cannot judge."""
    return [one for n in range(1, 9) for member in "ABCDE" for one in sheet(scheme, f"P{n:02}", f"M{member}", chance)]


def sheet(scheme: Scheme, proposal: str, member: str, chance: random.Random) -> Iterator[Mark]:
    counts, handed_in = chance.random() > 0.15, chance.random() > 0.15
    if not handed_in:
        return
    for one in assignments.asked(scheme).values():
        value = chance.choice(good(one) if chance.random() < 0.8 else assignments.marks_of(one))
        blank = chance.random()
        yield listed.mark(
            proposal,
            member,
            one.key,
            None if blank < 0.08 else value,
            not_assessable=blank < 0.04,
            counts=counts,
        )


def good(one: assignments.Asked) -> tuple[Decimal, ...]:
    """The better half of the marks, so that some proposals reach all minima."""
    marks = assignments.marks_of(one)
    if getattr(one, "low_is_good", False) or getattr(one, "kind", "") == "malus":
        return marks[: (len(marks) + 1) // 2]
    return marks[len(marks) // 2 :]


def workbook(found: Ranking) -> Book:
    source = listed.source(found)
    return Book(books.calculated(source, "Decision list", lists.decision_list(found)))


def shown(book: Book) -> dict[str, tuple[Any, ...]]:
    """rank, valid ratings, total, missed minima and tie rule of the list by proposal, as its formulas say."""
    heads, *rows = book.rows(book.names[0])
    columns = [lists.DECISION_LIST.index(name) for name in SHOWN]
    assert len(heads) == len(lists.DECISION_LIST)
    return {row[1]: tuple(row[column] or None for column in columns) for row in rows}


def said(found: Ranking) -> dict[str, tuple[Any, ...]]:
    """The same from scoring."""
    named = reasons.names(found, "de")
    short = reasons.short_names(named)
    return {
        line.proposal: (
            line.rank,
            line.valid_reviews or None,
            None if not line.total else float(line.total),
            "; ".join(short[key] for key in line.failed) or None,
            reasons.rule(line.decided_by, named) or None,
        )
        for line in found.lines
    }


@pytest.mark.parametrize("name", SCHEMES)
def test_formulas_give_what_scoring_gives_and_follow_a_change(name):
    scheme, ranked = Scheme.from_document(SCHEMES[name]), 0
    for seed in range(4):
        chance = random.Random(f"{name} {seed}")
        given, found = proposals(chance), marks(scheme, chance)
        ranking = listed.ranking(scheme, found, given)
        book = workbook(ranking)
        assert shown(book) == said(ranking)
        for _ in range(3):
            found = changed(book, scheme, found, chance)
        assert shown(book) == said(listed.ranking(scheme, found, given))
        ranked += sum(line.rank is not None for line in ranking.lines)
    assert bool(ranked) == scheme.ranking.ordered


def changed(book: Book, scheme: Scheme, found: list[Mark], chance: random.Random) -> list[Mark]:
    """Change one mark, and whether one member is biased, in the workbook and in the marks alike."""
    asked = list(assignments.asked(scheme))
    points = book.names[POINTS]
    rows = {(row[0], row[1]): number for number, row in enumerate(book.rows(points), 1)}
    one = chance.choice(found)
    value = chance.choice(assignments.marks_of(assignments.asked(scheme)[one.criterion]))
    biased = chance.choice(found)
    yes = "ja" if book.value(points, rows[biased.proposal, biased.member], RECUSED) in ("ja", "nein") else "yes"
    book.change(points, rows[one.proposal, one.member], FIRST_MARK + asked.index(one.criterion), float(value))
    book.change(points, rows[biased.proposal, biased.member], RECUSED, yes)
    after = []
    for mark in found:
        counts = mark.counts and (mark.proposal, mark.member) != (biased.proposal, biased.member)
        new = mark is one
        after.append(
            listed.mark(
                mark.proposal,
                mark.member,
                mark.criterion,
                Decimal(value) if new else mark.value,
                not_assessable=mark.not_assessable and not new,
                counts=counts,
            )
        )
    return after


def test_a_letter_says_what_a_low_mark_had_to_be():
    document = counted() | {"pass_rule": {}}
    document["criteria"][0]["threshold"] = {"min": 3}
    scheme = Scheme.from_document(document)
    given = [listed.mark("P01", "MA", key, 4) for key in ("k1", "k2", "k3", "k4", "k5")]
    ranking = listed.ranking(scheme, given, [proposal("P01", 5, 150)])
    writing = letters.Writing(listed.source(ranking), "")
    assert [writing.short(key, ranking.line("P01")).rpartition(": ")[2] for key in ("k1", "k2")] == [
        "4,00 Punkte, erlaubt sind höchstens 2.",
        "4,00 Punkte, erlaubt sind weniger als 2.",
    ]
    assert [writing.mark(one, ranking.line("P01"))[3] for one in scheme.criteria[:3]] == ["≤ 2", "< 2", "2,5"]


@pytest.mark.parametrize("name", SCHEMES)
def test_every_cell_is_stored_with_the_value_of_its_formula(name):
    """What programs show that do not calculate: a viewer, pandas, openpyxl."""
    scheme = Scheme.from_document(SCHEMES[name])
    chance = random.Random(name)
    ranking = listed.ranking(scheme, marks(scheme, chance), proposals(chance))
    content = books.calculated(listed.source(ranking), "Ranking", lists.ranking_list(ranking))
    stored, book = openpyxl.load_workbook(io.BytesIO(content), data_only=True), Book(content)
    for sheet in stored.sheetnames[:3]:
        for row, cells in enumerate(stored[sheet].iter_rows(values_only=True), 1):
            for column, value in enumerate(cells, 1):
                worked = book.value(sheet, row, column)
                assert same(value, worked), (sheet, row, column, value, worked)


def same(stored: Any, worked: Any) -> bool:
    """Whether a cell was stored as it is worked out; a text without letters is stored as nothing."""
    if isinstance(worked, float) and not isinstance(stored, bool):
        return stored is not None and abs(stored - worked) < 1e-9
    return bool((stored or "") == (worked or ""))


def test_the_formulas_of_auental_are_the_ones_a_person_would_write():
    scheme = Scheme.from_document(SCHEMES["auental"])
    chance = random.Random(1)
    book = workbook(listed.ranking(scheme, marks(scheme, chance), proposals(chance)))
    cells = {column: book.cells.get((book.names[CALCULATION], 5, column)) for column in range(1, 30)}
    single = f"'{book.names[POINTS]}'!"
    rows = max(row for sheet, row, _ in book.cells if sheet == book.names[POINTS])
    assert cells[7] == (
        f'=IFERROR(AVERAGEIFS({single}$E$2:$E${rows},{single}$A$2:$A${rows},A5,{single}$D$2:$D${rows},1),"")'
    )
    assert cells[12].startswith('=IF(OR(F5=0,D5=""),"",IF(ROUND(D5,10)<=190,5,IF(ROUND(D5,10)<=205,4,')
    assert cells[13] == '=IF(G5="","",G5/G$3*M$2)'
    assert cells[19].startswith("=IF(AND(F5=1,ISNUMBER(G5),ISNUMBER(H5)")
    assert cells[20] == '=IF(S5="","",ROUND(S5,2))'
    assert cells[21].startswith('=MID(IF(IF(ISNUMBER(H5),ROUND(H5,10)<H$4,FALSE),"; Arbeitsinhalt",""')
    assert cells[28] == (
        '=IF(W5="","",1+COUNTIFS($W$5:$W$12,">"&W5)+COUNTIFS($W$5:$W$12,W5,$X$5:$X$12,">"&X5)'
        '+COUNTIFS($W$5:$W$12,W5,$X$5:$X$12,X5,$Y$5:$Y$12,">"&Y5)'
        '+COUNTIFS($W$5:$W$12,W5,$X$5:$X$12,X5,$Y$5:$Y$12,Y5,$Z$5:$Z$12,">"&Z5)'
        '+COUNTIFS($W$5:$W$12,W5,$X$5:$X$12,X5,$Y$5:$Y$12,Y5,$Z$5:$Z$12,Z5,$AA$5:$AA$12,">"&AA5))'
    )
