"""Small schemes and score tables for the tests, and the demo competition as frames."""

from pathlib import Path
from typing import Any

import pandas as pd

from scoring import Scheme, read_yaml

EXAMPLES = Path(__file__).parents[2] / "app" / "examples"
SCHEMES = sorted((EXAMPLES / "schemes").glob("*.yaml"))


def competition() -> dict[str, Any]:
    """The demo competition as written."""
    found = read_yaml((EXAMPLES / "auental.yaml").read_bytes())
    assert isinstance(found, dict)
    return found


def auental() -> Scheme:
    return Scheme.from_document(competition()["rating_scheme"])


def auental_scores(*, late_conflicts: bool = True) -> pd.DataFrame:
    """Every mark of the file; sheets of excluded members carry the reason recused, late ones only if asked for."""
    file = competition()
    excluded = {
        (conflict["proposal"], conflict["member"])
        for conflict in file["committee"]["conflicts"]
        if conflict["decision"] == "excluded" and (late_conflicts or not conflict.get("late"))
    }
    rows = [
        (proposal["key"], member, f"k{place}", mark, "recused" if (proposal["key"], member) in excluded else None)
        for proposal in file["proposals"]
        for member, marks in proposal.get("ratings", {}).items()
        for place, mark in enumerate(marks, start=1)
    ]
    return pd.DataFrame(rows, columns=["proposal", "reviewer", "criterion", "value", "reason"])


def auental_proposals() -> pd.DataFrame:
    """The facts of all fourteen proposals."""
    rows = [
        {
            "proposal": proposal["key"],
            "places": proposal["places"],
            "grant_requested_cents": proposal["finance"]["financing"]["requested_grant"] * 100,
            "grant_per_place_month": proposal["finance"]["grant_per_place_month"],
            "status": proposal["status"],
        }
        for proposal in competition()["proposals"]
    ]
    return pd.DataFrame(rows)


def document(*criteria: dict[str, Any], **rules: Any) -> dict[str, Any]:
    """A small scheme; without criteria two scales from 0 to 5."""
    return {
        "schema": "rating-scheme/1",
        "key": "small",
        "title_de": "Kleines Schema",
        "criteria": list(criteria) or [scale("a"), scale("b")],
        **rules,
    }


def small(*criteria: dict[str, Any], **rules: Any) -> Scheme:
    return Scheme.from_document(document(*criteria, **rules))


def scale(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "type": "scale", "scale": {"min": 0, "max": 5, "step": 1}, **more}


def points(key: str, most: float = 10, **more: Any) -> dict[str, Any]:
    return {"key": key, "type": "points", "max": most, **more}


def scores(**sheets: dict[str, Any]) -> pd.DataFrame:
    """scores(P1={"ada": (4, 5), "bo": (3, None)}): marks for the criteria a, b, ... in turn."""
    rows = [
        (proposal, reviewer, "abcdefgh"[place], mark)
        for proposal, by_reviewer in sheets.items()
        for reviewer, marks in by_reviewer.items()
        for place, mark in enumerate(marks if isinstance(marks, tuple) else (marks,))
    ]
    return pd.DataFrame(rows, columns=["proposal", "reviewer", "criterion", "value"])


def column(frame: pd.DataFrame, name: str) -> dict[str, Any]:
    """A column by proposal, blanks as None."""
    values = [None if not isinstance(one, list) and pd.isna(one) else one for one in frame[name].tolist()]
    return dict(zip(frame["proposal"], values, strict=True))


def reasons(given: list[str | None]) -> pd.Series:
    """A column of reasons with blanks."""
    return pd.Series(given, dtype=object)
