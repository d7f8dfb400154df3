"""The facts of a programme as data: JSON for programs, CSV for spreadsheets, with what follows from them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from app.domain.programmes import SECTIONS, Programme, progress
from app.papers import csv_text
from app.papers.lists import Table

COLUMNS = ("section", "fact", "row", "name", "value")


def as_json(programme: Programme) -> bytes:
    """Everything that is published of a programme; sums of posts, progress and counts of the roll-out beside it."""
    facts = msgspec.to_builtins(programme.facts, order="deterministic")
    return msgspec.json.format(msgspec.json.encode({**_head(programme), "facts": facts, **_derived(programme)}))


def as_csv(programme: Programme) -> bytes:
    """The same, a line a value."""
    return csv_text.text(Table(COLUMNS, [list(line) for line in _lines(programme)]))


def _head(programme: Programme) -> dict[str, Any]:
    return {
        "key": programme.key,
        "authority": programme.authority_name,
        "version": programme.number,
        "published_at": programme.published_at,
        "as_of": programme.facts.as_of,
    }


def _derived(programme: Programme) -> dict[str, Any]:
    facts = programme.facts
    return {
        "fte": {"before": _posts(facts.fte_before), "after": _posts(facts.fte_after)},
        "progress": [
            {
                "target": one.target.key,
                "reached": one.reached,
                "reached_on": one.reached_on,
                "change": _rounded(one.change),
                "percent_of_the_way": _rounded(one.share),
                "baseline_missing": one.baseline_missing,
            }
            for one in progress.of(facts)
        ],
        "rollout": {status: len(regions) for status, regions in progress.board(facts).items()},
    }


def _posts(sum_of_posts: Decimal) -> Decimal:
    """A sum of posts with at least one decimal: 2.0, 0.75."""
    short = sum_of_posts.normalize()
    return short if int(short.as_tuple().exponent) < 0 else short.quantize(Decimal("0.1"))


def _rounded(number: Decimal | None) -> Decimal | None:
    return None if number is None else round(number, 4).normalize() + 0


def _lines(programme: Programme) -> Iterator[tuple[Any, ...]]:
    for name, value in _head(programme).items():
        yield "programme", name, "", "", value
    facts = msgspec.to_builtins(programme.facts)
    for section, names in SECTIONS.items():
        for name in names:
            yield from _values(section, name, facts.get(name))
    for name, value in msgspec.to_builtins(_derived(programme)).items():
        yield from _values("derived", name, value)


def _values(section: str, fact: str, value: Any) -> Iterator[tuple[Any, ...]]:
    """One line for each value, a list row by row."""
    rows = value if isinstance(value, list) else [value]
    for number, row in enumerate(rows, 1):
        place = number if isinstance(value, list) else ""
        for name, one in row.items() if isinstance(row, dict) else [("", row)]:
            for text in one if isinstance(one, list) else [one]:
                if text is not None:
                    yield section, fact, place, name, text
