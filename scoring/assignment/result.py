"""What an assignment comes back as."""

from dataclasses import dataclass

import pandas as pd

from scoring.assignment.request import Bools, Floats, Request


@dataclass(frozen=True)
class Assignment:
    """Who reviews what. Nothing in it is blank.

    pairs: proposal, reviewer, affinity (as used, in the unit of the input; 0 where none was asked for), stated (False
        where the affinity was not given but assumed), fixed (whether the caller had fixed the pair); sorted by
        proposal, then reviewer. A randomised assignment adds chance, the probability of the pair (0..1).
    objective: sum of the affinities of the pairs (a randomised assignment: its expected value).
    loads: one row for every reviewer, by key: reviewer, load (proposals, fixed ones included), load_min, load_max.
    unknown: the affinity assumed where none was given; 0 if none was given at all.
    chances: of a randomised assignment, every pair that could be drawn, columns as in pairs; else None.
    """

    pairs: pd.DataFrame
    objective: float
    loads: pd.DataFrame
    unknown: float
    chances: pd.DataFrame | None = None


def assignment(request: Request, pairs: Bools) -> Assignment:
    """The result of the pairs marked in a mask of proposals x reviewers."""
    frame = pair_frame(request, pairs)
    loads = pd.DataFrame(
        {"reviewer": request.reviewers, "load": pairs.sum(axis=0), "load_min": request.low, "load_max": request.high}
    )
    return Assignment(frame, float(request.affinity[pairs].sum()), loads, request.unknown)


def pair_frame(request: Request, pairs: Bools, **more: Floats) -> pd.DataFrame:
    """The marked pairs as a frame; `more` adds columns from masks of the same shape."""
    row, column = pairs.nonzero()
    frame = pd.DataFrame(
        {
            "proposal": [request.proposals[at] for at in row],
            "reviewer": [request.reviewers[at] for at in column],
            "affinity": request.affinity[row, column],
            "stated": request.stated[row, column],
            "fixed": request.fixed[row, column],
        }
    )
    return frame.assign(**{name: values[row, column] for name, values in more.items()})
