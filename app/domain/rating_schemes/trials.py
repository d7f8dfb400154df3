"""A draft tried out before it is used: one sheet by hand, or a thousand made-up panels."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from app.domain.rating_schemes.drafts import Draft
from app.errors import Invalid
from app.i18n import gettext as _
from app.i18n import number
from app.records.memory import Memory
from scoring.errors import ScoresError
from scoring.scheme.criteria import exact
from scoring.scheme.evaluate import Evaluation
from scoring.scheme.scheme import Scheme

if TYPE_CHECKING:
    from scoring.advice.dry_run import DryRun

FACT, LOWEST, MARK = "fact.", "lowest.", "mark."
NONE, NOTHING = ("none", ""), "nothing"
MOST_PROPOSALS, MOST_RATERS = 100, 12
MANY = 40  # proposals: with more of them half as many panels take as long, under two seconds
ONE_AFTER_THE_OTHER = asyncio.Semaphore(1)
_kept: Memory[tuple[Any, ...], "DryRun"] = Memory(most=200)


class Sheet(NamedTuple):
    """A sheet that was filled in by hand: what it comes to, and what went in, as a worked example would say it."""

    found: Evaluation
    given: dict[str, object]


def facts(scheme: Scheme) -> list[str]:
    """The numbers of a proposal from which marks follow."""
    return list(dict.fromkeys(str(one.fact) for one in scheme.computed_criteria))


def by_hand(scheme: Scheme, typed: Mapping[str, list[str]]) -> Sheet:
    """What a sheet comes to: marks by `mark.<key>`, numbers by `fact.<name>`, the lowest of all by `lowest.<name>`.

    Raises Invalid at the fields that cannot be read.
    """
    given: dict[str, object] = {}
    wrong: dict[str, str] = {}
    for name, texts in typed.items():
        try:
            kind, _dot, key = name.partition(".")
            value = _read(scheme, f"{kind}.", key, [text.strip() for text in texts if text.strip() not in NONE])
            if value is not None:
                given[f"min_{key}" if f"{kind}." == LOWEST else key] = value
        except ValueError as error:
            wrong[name] = str(error)
    if wrong:
        raise Invalid(wrong)
    try:
        return Sheet(scheme.evaluate(given), given)
    except ScoresError as error:
        said = _("The lowest number of all proposals is above 0 and not above the own one.")
        raise Invalid({f"{FACT}{error.place}": said}) from error


def _read(scheme: Scheme, kind: str, key: str, texts: list[str]) -> object:
    if texts == [NOTHING]:
        return [] if getattr(scheme.by_key.get(key), "type", "") == "checklist" else None
    if not texts:
        return None
    if kind in (FACT, LOWEST):
        return _number(texts[-1])
    if any(one.key == key for one in scheme.adjustments):
        return _number(texts[-1])
    return _mark(scheme, key, texts)


def _number(text: str) -> object:
    try:
        found = exact(text)
    except ValueError as error:
        raise ValueError(_("Please enter a number such as 12 or 2,5.")) from error
    return _plain(found)


def _mark(scheme: Scheme, key: str, texts: list[str]) -> object:
    criterion = scheme.by_key.get(key)
    if criterion is None:
        return None
    try:
        mark = criterion.parse(texts if criterion.type == "checklist" else texts[-1])
    except ValueError as error:
        bounds = {"least": number(criterion.minimum), "most": number(criterion.maximum)}
        raise ValueError(_("Please enter a mark from %(least)s to %(most)s.") % bounds) from error
    return list(mark) if isinstance(mark, tuple) else _plain(mark)


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


async def panels(draft: Draft, *, proposals: int, places: int, raters: int, wanted: float) -> "DryRun":
    """What the scheme of a draft would do with made-up panels, computed beside the event loop."""
    asked = {"proposals": proposals, "places": places, "raters": raters, "wanted": wanted}
    asked["panels"] = how_many(proposals)
    key = (sha256(draft.kept.document.encode()).digest(), *asked.values())
    if found := _kept.get(key):
        return found
    async with ONE_AFTER_THE_OTHER:
        return _kept.keep(key, await asyncio.to_thread(_computed, draft.scheme, asked))


def how_many(proposals: int) -> int:
    """How many panels are made up for so many proposals."""
    return 1000 if proposals <= MANY else 500


def _computed(scheme: Scheme, asked: Mapping[str, Any]) -> "DryRun":
    from scoring.advice.dry_run import dry_run  # slow to load, and only for who tries a scheme

    return dry_run(scheme, **asked)


def rounded(value: Fraction | float, decimals: int = 2) -> Decimal:
    """A number with at most so many decimals."""
    return Decimal(round(Fraction(value) * 10**decimals)).scaleb(-decimals)


def example(scheme: Scheme, name: str, sheet: Sheet) -> dict[str, Any]:
    """The sheet as a worked example of the scheme."""
    found = sheet.found
    expected: dict[str, Any] = {"passed": found.passed} if found.passed is not None else {}
    if found.total is not None:
        expected["total"] = _plain(found.total)
    if found.failed:
        expected["failed"] = found.failed
    return {"name": name, "input": sheet.given, "expect": expected}
