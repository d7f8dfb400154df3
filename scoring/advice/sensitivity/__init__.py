"""How much a recommendation hangs on a weight, a reviewer, a rating, or chance: advice, never a change of points."""

from scoring.advice.sensitivity.line import above_line, expected_wrong
from scoring.advice.sensitivity.removal import decisive_ratings, leave_one_reviewer_out
from scoring.advice.sensitivity.weights import sensitivity, weight_swaps

__all__ = [
    "above_line",
    "decisive_ratings",
    "expected_wrong",
    "leave_one_reviewer_out",
    "sensitivity",
    "weight_swaps",
]
