"""Partial lotteries for proposals that cannot be told apart; off unless the call's published rules say so.

A rule gives every proposal a chance (`snsf_groups`, `linear_lottery`, `merit`), `draw` draws by these chances from a
published text, so that anyone can repeat it.
"""

from scoring.advice.lottery.chances import linear_lottery, snsf_groups
from scoring.advice.lottery.drawing import draw, lottery_seed
from scoring.advice.lottery.maximin import merit, worst_case

__all__ = ["draw", "linear_lottery", "lottery_seed", "merit", "snsf_groups", "worst_case"]
