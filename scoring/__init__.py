"""Numbers in, numbers out: rating schemes, totals, ranking, recommendation and what may be said about them.

Names are loaded when first used, so that a page that only reads a scheme never imports pandas.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring.check import check_file as check_file
    from scoring.criteria import Criterion as Criterion
    from scoring.errors import MarkError as MarkError
    from scoring.errors import SchemeError as SchemeError
    from scoring.errors import ScoresError as ScoresError
    from scoring.evaluate import Evaluation as Evaluation
    from scoring.evaluate import SheetTotal as SheetTotal
    from scoring.rank import criterion_means as criterion_means
    from scoring.rank import rank as rank
    from scoring.rank import review_totals as review_totals
    from scoring.recommend import recommend as recommend
    from scoring.scheme import Scheme as Scheme
    from scoring.yaml_text import read_yaml as read_yaml

HOMES = {
    "Scheme": "scheme",
    "Criterion": "criteria",
    "Evaluation": "evaluate",
    "SheetTotal": "evaluate",
    "SchemeError": "errors",
    "ScoresError": "errors",
    "MarkError": "errors",
    "read_yaml": "yaml_text",
    "check_file": "check",
    "rank": "rank",
    "criterion_means": "rank",
    "review_totals": "rank",
    "recommend": "recommend",
    "calibrate": "calibrate",
    "Calibration": "calibrate",
    "reml": "reml",
    "agreement": "agreement",
    "warnings": "warnings",
    "assign": "assign",
    "assign_fair": "assign",
    "assign_randomised": "assign",
    "Assignment": "assign",
    "Infeasible": "assign",
    "sensitivity": "sensitivity",
    "leave_one_reviewer_out": "sensitivity",
    "decisive_ratings": "sensitivity",
    "above_line": "sensitivity",
    "snsf_groups": "lottery",
    "linear_lottery": "lottery",
    "merit": "lottery",
    "draw": "lottery",
}

__all__ = sorted(HOMES)


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module 'scoring' has no attribute {name!r}")
    found = getattr(import_module(f"scoring.{HOMES[name]}"), name)
    globals()[name] = found
    return found


class _Package(ModuleType):
    """Keeps `scoring.rank` the function: importing the module scoring.rank must not hide it."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in HOMES):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
