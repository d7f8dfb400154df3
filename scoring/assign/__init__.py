"""Who reviews what: the best assignment within all limits, a fair one, and a randomised one."""

from scoring.assign.assigned import assign, assign_fair
from scoring.assign.randomised import assign_randomised
from scoring.assign.result import Assignment
from scoring.assign.shortage import Infeasible

__all__ = ["Assignment", "Infeasible", "assign", "assign_fair", "assign_randomised"]
