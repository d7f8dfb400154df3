"""Panels to calibrate: one as published, others drawn from a seed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

# Mock panel 1 of the R package ERforResearch (Swiss National Science Foundation), vignette v4.0.0, (c) 2021 R. Heyard,
# MIT: 15 proposals, grades 1 to 6 by v_1 ... v_5.
MOCK_PANEL = {
    "#1": "66652", "#2": "66551", "#3": "65642", "#4": "64562", "#5": "65542",
    "#6": "64632", "#7": "65432", "#8": "62552", "#9": "64342", "#10": "63522",
    "#11": "54332", "#12": "53422", "#13": "52331", "#14": "54311", "#15": "52231",
}  # fmt: skip


def mock_panel() -> pd.DataFrame:
    rows = [(one, f"v_{j}", float(mark)) for one, marks in MOCK_PANEL.items() for j, mark in enumerate(marks, start=1)]
    return totals(rows)


def totals(rows: Sequence[tuple[object, object, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["proposal", "reviewer", "total"])


def table(*marks: Sequence[float | None]) -> pd.DataFrame:
    """A row of marks per proposal P0, P1, ..., a column per reviewer A, B, ...; None = not given."""
    return totals(
        [
            (f"P{i}", chr(ord("A") + j), float(mark))
            for i, row in enumerate(marks)
            for j, mark in enumerate(row)
            if mark is not None
        ]
    )


def drawn(
    random: np.random.Generator,
    proposals: int,
    reviewers: int,
    each: int,
    sd: tuple[float, float, float] = (0.8, 0.5, 0.8),
    whole: bool = True,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Totals around 4 on 1 to 7 with loads as even as chance allows, and the true quality of each proposal.

    `sd`: of proposals, reviewers and chance. Ids are P0000, R000.
    """
    quality, leniency = random.normal(0, sd[0], proposals), random.normal(0, sd[1], reviewers)
    row = np.repeat(np.arange(proposals), each)
    column = np.concatenate([even_loads(random, reviewers, each) for _ in range(proposals)])
    value = 4 + quality[row] + leniency[column] + random.normal(0, sd[2], len(row))
    value = np.clip(np.round(value), 1, 7) if whole else value
    frame = pd.DataFrame({"proposal": [f"P{i:04}" for i in row], "reviewer": [f"R{j:03}" for j in column]})
    return frame.assign(total=value), quality


def even_loads(random: np.random.Generator, reviewers: int, each: int) -> np.ndarray:
    return random.choice(reviewers, each, replace=False)
