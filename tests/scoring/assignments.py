"""Small frames to assign: proposals P00, P01, ..., reviewers R00, R01, ..."""

from typing import Any

import numpy as np
import pandas as pd

from scoring.assignment import Assignment


def proposals(number: int) -> pd.DataFrame:
    return pd.DataFrame({"proposal": [f"P{n:02}" for n in range(number)]})


def reviewers(number: int, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"reviewer": [f"R{n:02}" for n in range(number)], **columns})


def pairs(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["proposal", "reviewer"])


def long(matrix: np.ndarray) -> pd.DataFrame:
    row, column = np.indices(matrix.shape)
    return pd.DataFrame(
        {
            "proposal": [f"P{n:02}" for n in row.ravel()],
            "reviewer": [f"R{n:02}" for n in column.ravel()],
            "affinity": matrix.ravel(),
        }
    )


def chosen(result: Assignment) -> list[tuple[str, str]]:
    return list(zip(result.pairs["proposal"], result.pairs["reviewer"], strict=True))
