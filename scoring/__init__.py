"""Numbers in, numbers out: rating schemes, totals, ranking, recommendation and what may be said about them.

Names are loaded when first used, so that a page that only reads a scheme never imports pandas.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring.agreement import agreement as agreement
    from scoring.assign import Assignment as Assignment
    from scoring.assign import Infeasible as Infeasible
    from scoring.assign import assign as assign
    from scoring.assign import assign_fair as assign_fair
    from scoring.assign import assign_randomised as assign_randomised
    from scoring.calibrate import Calibration as Calibration
    from scoring.calibrate import calibrate as calibrate
    from scoring.check import check_file as check_file
    from scoring.criteria import Criterion as Criterion
    from scoring.errors import MarkError as MarkError
    from scoring.errors import SchemeError as SchemeError
    from scoring.errors import ScoresError as ScoresError
    from scoring.evaluate import Evaluation as Evaluation
    from scoring.evaluate import SheetTotal as SheetTotal
    from scoring.lottery import draw as draw
    from scoring.lottery import linear_lottery as linear_lottery
    from scoring.lottery import lottery_seed as lottery_seed
    from scoring.lottery import merit as merit
    from scoring.lottery import snsf_groups as snsf_groups
    from scoring.lottery import worst_case as worst_case
    from scoring.orders import borda as borda
    from scoring.orders import kemeny as kemeny
    from scoring.rank import criterion_means as criterion_means
    from scoring.rank import rank as rank
    from scoring.recommend import recommend as recommend
    from scoring.reml import reml as reml
    from scoring.scheme import Scheme as Scheme
    from scoring.select import Selection as Selection
    from scoring.select import knapsack as knapsack
    from scoring.select import select as select
    from scoring.sensitivity import above_line as above_line
    from scoring.sensitivity import decisive_ratings as decisive_ratings
    from scoring.sensitivity import expected_wrong as expected_wrong
    from scoring.sensitivity import leave_one_reviewer_out as leave_one_reviewer_out
    from scoring.sensitivity import sensitivity as sensitivity
    from scoring.sensitivity import weight_swaps as weight_swaps
    from scoring.sheets import review_totals as review_totals
    from scoring.warnings import warnings as warnings
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
    "review_totals": "sheets",
    "recommend": "recommend",
    "select": "select",
    "Selection": "select",
    "knapsack": "select",
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
    "weight_swaps": "sensitivity",
    "leave_one_reviewer_out": "sensitivity",
    "decisive_ratings": "sensitivity",
    "above_line": "sensitivity",
    "expected_wrong": "sensitivity",
    "snsf_groups": "lottery",
    "linear_lottery": "lottery",
    "merit": "lottery",
    "worst_case": "lottery",
    "draw": "lottery",
    "lottery_seed": "lottery",
    "borda": "orders",
    "kemeny": "orders",
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
