"""Numbers in, numbers out: rating schemes, totals, ranking, recommendation and what may be said about them.

Five rooms, each of which knows only those before it: scheme (what a scheme is, and one sheet by it), marks (what was
given), ranking (what follows, with its steps), advice (what may be said about it); and assignment (who rates what).
Names are loaded when first used, so that a page that only reads a scheme never imports pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring.advice.agreement import agreement as agreement
    from scoring.advice.calibrate import Calibration as Calibration
    from scoring.advice.calibrate import calibrate as calibrate
    from scoring.advice.dry_run import DryRun as DryRun
    from scoring.advice.dry_run import dry_run as dry_run
    from scoring.advice.lottery import draw as draw
    from scoring.advice.lottery import linear_lottery as linear_lottery
    from scoring.advice.lottery import lottery_seed as lottery_seed
    from scoring.advice.lottery import merit as merit
    from scoring.advice.lottery import snsf_groups as snsf_groups
    from scoring.advice.lottery import worst_case as worst_case
    from scoring.advice.orders import borda as borda
    from scoring.advice.orders import kemeny as kemeny
    from scoring.advice.reml import reml as reml
    from scoring.advice.sensitivity import above_line as above_line
    from scoring.advice.sensitivity import decisive_ratings as decisive_ratings
    from scoring.advice.sensitivity import expected_wrong as expected_wrong
    from scoring.advice.sensitivity import leave_one_reviewer_out as leave_one_reviewer_out
    from scoring.advice.sensitivity import sensitivity as sensitivity
    from scoring.advice.sensitivity import weight_swaps as weight_swaps
    from scoring.advice.warnings import warnings as warnings
    from scoring.assignment import Assignment as Assignment
    from scoring.assignment import Infeasible as Infeasible
    from scoring.assignment import assign as assign
    from scoring.assignment import assign_fair as assign_fair
    from scoring.assignment import assign_randomised as assign_randomised
    from scoring.errors import MarkError as MarkError
    from scoring.errors import SchemeError as SchemeError
    from scoring.errors import ScoresError as ScoresError
    from scoring.ranking.explain import Explanation as Explanation
    from scoring.ranking.explain import explain as explain
    from scoring.ranking.rank import rank as rank
    from scoring.ranking.recommend import recommend as recommend
    from scoring.ranking.select import Selection as Selection
    from scoring.ranking.select import knapsack as knapsack
    from scoring.ranking.select import select as select
    from scoring.ranking.sheets import review_totals as review_totals
    from scoring.scheme.check import check_file as check_file
    from scoring.scheme.criteria import Criterion as Criterion
    from scoring.scheme.evaluate import Evaluation as Evaluation
    from scoring.scheme.evaluate import SheetTotal as SheetTotal
    from scoring.scheme.scheme import Scheme as Scheme
    from scoring.scheme.steps import Steps as Steps
    from scoring.scheme.yaml_text import read_yaml as read_yaml

NAMES = {
    "errors": "MarkError SchemeError ScoresError",
    "scheme.check": "check_file",
    "scheme.criteria": "Criterion",
    "scheme.evaluate": "Evaluation SheetTotal",
    "scheme.scheme": "Scheme",
    "scheme.steps": "Steps",
    "scheme.yaml_text": "read_yaml",
    "ranking.explain": "Explanation explain",
    "ranking.rank": "rank",
    "ranking.recommend": "recommend",
    "ranking.select": "Selection knapsack select",
    "ranking.sheets": "review_totals",
    "advice.agreement": "agreement",
    "advice.calibrate": "Calibration calibrate",
    "advice.dry_run": "DryRun dry_run",
    "advice.lottery": "draw linear_lottery lottery_seed merit snsf_groups worst_case",
    "advice.orders": "borda kemeny",
    "advice.reml": "reml",
    "advice.sensitivity": "above_line decisive_ratings expected_wrong leave_one_reviewer_out sensitivity weight_swaps",
    "advice.warnings": "warnings",
    "assignment": "Assignment Infeasible assign assign_fair assign_randomised",
}
HOMES = {name: home for home, names in NAMES.items() for name in names.split()}

__all__ = sorted(HOMES)


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module 'scoring' has no attribute {name!r}")
    found = getattr(import_module(f"scoring.{HOMES[name]}"), name)
    globals()[name] = found
    return found
