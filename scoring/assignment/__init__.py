"""Who reviews what: the best assignment within all limits, a fair one, and a randomised one."""

from scoring.assignment.assigned import assign, assign_fair
from scoring.assignment.randomised import assign_randomised
from scoring.assignment.result import Assignment
from scoring.assignment.shortage import Infeasible

__all__ = ["Assignment", "Infeasible", "assign", "assign_fair", "assign_randomised"]
